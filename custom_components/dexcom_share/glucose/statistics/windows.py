"""Windows of 1 to 90 days that end now, kept up reading by reading.

Each window holds how often each value occurs. What enters it is added, what leaves it is taken away, whole numbers
both, so nothing adds up over the months. After a late reading, or when readings are removed, the windows are counted
anew.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ...share.models import GlucoseReading
from ..reading_columns import milliseconds
from .counted import Counted, Readings
from .distribution import Distribution
from .goals import STANDARD, TargetSet
from .report import Statistics, statistics_of
from .sufficiency import CADENCE
from .windowed import Window

WINDOW_DAYS: Final = (1, 7, 14, 30, 90)


@dataclass(slots=True)
class _Kept:
    """The places of the readings of one window, and how often each value in mg/dL occurs among those that count."""

    start: int = 0
    end: int = 0
    counts: Counter[int] = field(default_factory=Counter)


class GlucoseWindows:
    """Statistics of one person, whenever asked for; readings are added as they come."""

    __slots__ = ("_counted", "_windows")

    def __init__(self, readings: Iterable[GlucoseReading] = ()) -> None:
        """Start with some readings, in any order."""
        self._counted = Counted()
        self._counted.add(readings)
        self._windows = {days: _Kept() for days in WINDOW_DAYS}

    def add(self, readings: Iterable[GlucoseReading]) -> None:
        """Take in readings, in any order; those that are known already change nothing."""
        if not self._counted.add(readings):
            self._count_anew()

    def discard(self, readings: Iterable[GlucoseReading]) -> None:
        """Remove readings; those that are not known are passed over."""
        if self._counted.discard(readings):
            self._count_anew()

    def forget_before(self, time: datetime) -> None:
        """Remove what no window that ends now or later needs, where `time` is 90 days ago: whole UTC days before it."""
        count = self._counted.forget_before(time)
        for days, window in self._windows.items():
            if window.start < count:
                self._windows[days] = _Kept()
            else:
                window.start -= count
                window.end -= count

    def statistics(self, days: int, now: datetime, targets: TargetSet = STANDARD) -> Statistics:
        """Return the figures of the last 1, 7, 14, 30 or 90 days up to `now`; ValueError for other numbers of days."""
        if days not in self._windows:
            raise ValueError(f"windows are of {', '.join(map(str, WINDOW_DAYS))} days, not of {days}")
        window = Window(start=now - timedelta(days=days), end=now)
        counts = self._slide(self._windows[days], window)
        return statistics_of(Distribution.from_counts(counts), timedelta(days=days) // CADENCE, window, targets)

    def readings(self) -> Readings:
        """Return all readings that count, as a copy that another thread may use."""
        return Readings(*self._counted.columns(0, len(self._counted)))

    def _slide(self, kept: _Kept, window: Window) -> Counter[int]:
        """Let a window end and begin where it is to, and return its counts."""
        start = self._counted.place_after(milliseconds(window.start))
        end = self._counted.place_after(milliseconds(window.end))
        values, counts = self._counted.values, kept.counts
        if not kept.start <= start < kept.end:
            kept.start = kept.end = start
            counts.clear()
        counts.update(values(kept.end, end))
        counts.subtract(values(end, kept.end))
        counts.subtract(values(kept.start, start))
        kept.start, kept.end = start, end
        return counts

    def _count_anew(self) -> None:
        """Forget what the windows hold, because places have changed."""
        self._windows = {days: _Kept() for days in WINDOW_DAYS}
