"""The figures of the last day to the last 90 days of one person, kept up with the history.

They are counted once from what is kept, in another thread, when somebody first asks to see them; from then on each
reading is counted as it comes.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant, callback

from ..const import LOGGER
from ..glucose.history import History
from ..glucose.reading_columns import EPOCH, ReadingColumns
from ..glucose.statistics.report import Statistics
from ..glucose.statistics.windows import GlucoseWindows
from ..share import GlucoseReading

HOLD_FOR: Final = timedelta(minutes=1)
"""Figures without news hold so long: many entities ask for them at once."""

type _Change = Callable[[GlucoseWindows], None]


class WindowsKeeper:
    """Knows the statistics of windows that end now, once they are counted; before that, none."""

    def __init__(self, hass: HomeAssistant, history: History) -> None:
        """Count nothing before `async_load`."""
        self._hass = hass
        self._history = history
        self._windows: GlucoseWindows | None = None
        self._missed: list[_Change] | None = None
        self._lock = asyncio.Lock()
        self._held: dict[int, tuple[datetime, Statistics]] = {}

    async def async_load(self) -> None:
        """Count what is kept, unless that is done; the event loop goes on meanwhile, and no change is lost."""
        async with self._lock:
            if self._windows is None:
                self._missed = []
                windows = await self._hass.async_add_executor_job(_counted, self._history.copy_since(EPOCH))
                for change in self._missed:
                    change(windows)
                self._windows, self._missed = windows, None

    @callback
    def add(self, readings: Iterable[GlucoseReading]) -> None:
        """Take in readings that the history took in."""
        self._change(lambda windows: windows.add(readings))

    @callback
    def drop_future(self, now: datetime) -> bool:
        """Have the history and the windows forget readings of the future; return whether there were any."""
        dropped = self._history.drop_future(now)
        self._change(lambda windows: windows.discard(dropped))
        return bool(dropped)

    @callback
    def prune(self, now: datetime, *, is_confirmed: bool) -> None:
        """Have the history and the windows forget what is too old."""
        if since := self._history.prune(now, is_confirmed=is_confirmed):
            self._change(lambda windows: windows.forget_before(since))

    @callback
    def statistics(self, days: int, now: datetime) -> Statistics | None:
        """Return the figures of the last so many days (of `WINDOW_DAYS`), None before they are counted."""
        if self._windows is None:
            return None
        held = self._held.get(days)
        if held is None or abs(now - held[0]) >= HOLD_FOR:
            held = self._held[days] = (now, self._windows.statistics(days, now))
        return held[1]

    def _change(self, change: _Change) -> None:
        """Change the windows, or have them changed once they are counted."""
        self._held.clear()
        if self._windows is not None:
            try:
                change(self._windows)
            except Exception:  # noqa: BLE001  (whatever it is, it keeps no alert from being told: alert rule N1)
                LOGGER.exception("The statistics could not be kept up; they are unknown until the next start")
                self._windows = None
        elif self._missed is not None:
            self._missed.append(change)


def _counted(columns: ReadingColumns) -> GlucoseWindows:
    """Return the windows of readings as they are kept."""
    return GlucoseWindows(map(columns.reading, range(len(columns))))
