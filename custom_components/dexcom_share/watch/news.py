"""The news of a person: what is told of alerts, readings and silence, and how it reaches the listeners.

Home Assistant's dispatcher guards each listener: what one of them raises is logged, and the others hear the news.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util.signal_type import SignalType

from ..const import DOMAIN, LOGGER
from ..glucose.alerts.kinds import AlertEvent
from ..glucose.freshness import HeardReading
from ..glucose.history import TWINS_WITHIN, History
from ..glucose.ranges import GlucoseRange
from ..glucose.snapshot import change_mgdl


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReading:
    """A reading that was not known before, as it arrived."""

    reading: HeardReading
    change_mgdl: int | None
    delay: timedelta
    backfilled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertNews:
    """An alert has something to tell."""

    entry_id: str
    event: AlertEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingNews:
    """There is a new newest reading, and it is current.

    `before` are the reading told last and what was read since then and before `newest`; late ones are among them, so
    nothing that happened in a gap or a restart is lost. The ranges are by the limits of the time each was told.
    """

    entry_id: str
    newest: HeardReading
    before: tuple[HeardReading, ...]
    range: GlucoseRange
    ranges_before: tuple[GlucoseRange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceNews:
    """Since when nothing was heard of a person, and what the time is, both by the account's clock."""

    entry_id: str
    heard_at: datetime
    now: datetime


type News = AlertNews | ReadingNews | SilenceNews

SIGNAL_NEWS: Final = SignalType["News"](f"{DOMAIN}_news")
"""News of everybody; what listens stays connected when an entry is loaded anew."""


def alert_signal(entry: ConfigEntry) -> SignalType[AlertEvent]:
    """Return the signal of all that the alerts of one person tell."""
    return SignalType(f"{DOMAIN}_alerts_{entry.entry_id}")


def reading_signal(entry: ConfigEntry) -> SignalType[NewReading]:
    """Return the signal of each new reading of one person, oldest first."""
    return SignalType(f"{DOMAIN}_readings_{entry.entry_id}")


def age_signal(entry: ConfigEntry) -> SignalType[()]:
    """Return the signal of each minute by which the newest reading of one person has grown older."""
    return SignalType(f"{DOMAIN}_age_{entry.entry_id}")


class Announcer:
    """Collects the news of one person, and tells them in order once somebody can listen."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Begin without news; nothing is told before `async_start`."""
        self._hass = hass
        self._entry = entry
        self._readings: list[NewReading] = []
        self._news: list[News] = []
        self._has_listeners = False
        self._failed: set[Callable[[], None]] = set()

    def add_readings(self, history: History, added: Iterable[HeardReading], now: datetime) -> None:
        """Have readings told that have just been added to the history, oldest first."""
        for reading in added:
            previous = history.previous(reading, at_least=TWINS_WITHIN)
            self._readings.append(
                NewReading(
                    reading=reading,
                    change_mgdl=change_mgdl(previous, reading) if previous else None,
                    delay=now - reading.time,
                    backfilled=reading != history.newest,
                )
            )

    def add(self, news: News) -> None:
        """Have news told."""
        self._news.append(news)

    @callback
    def async_call(self, updates: Iterable[Callable[[], None]]) -> None:
        """Call each of these, whatever another one raises; each failure is logged once."""
        for update in updates:
            try:
                update()
            except Exception:  # noqa: BLE001  (whatever it is, it keeps nobody else from the news)
                if update not in self._failed:
                    self._failed.add(update)
                    LOGGER.exception("An entity or listener failed to take in the news; the others go on")

    @callback
    def async_start(self) -> None:
        """Tell from now on, first what has come so far."""
        self._has_listeners = True
        self.async_tell()

    @callback
    def async_tell(self) -> None:
        """Tell what there is: alerts and silence first, then each reading."""
        if not self._has_listeners:
            return
        news, self._news = self._news, []
        readings, self._readings = self._readings, []
        for each in news:
            if isinstance(each, AlertNews):
                async_dispatcher_send(self._hass, alert_signal(self._entry), each.event)
            async_dispatcher_send(self._hass, SIGNAL_NEWS, each)
        for reading in readings:
            async_dispatcher_send(self._hass, reading_signal(self._entry), reading)
