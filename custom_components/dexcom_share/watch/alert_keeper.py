"""Watches over one person: keeps the alerts going across restarts, and tells whoever listens."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Self

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect, async_dispatcher_send
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType

from ..const import CONF_ALERTS, DOMAIN
from ..glucose.alerts.engine import (
    AlertEvent,
    Outcome,
    acknowledge,
    evaluate,
    next_deadline,
    rehearse,
    snooze,
    unsnooze,
)
from ..glucose.alerts.facts import NO_ALERTS, AlertFacts, GlucoseRange, limits_at, range_of
from ..glucose.alerts.settings import AlertKind, AlertSettings
from ..glucose.alerts.state import Alerts
from ..glucose.forecast import Forecast, forecast
from ..glucose.history import History
from ..share import GlucoseReading

LOOK_BACK: Final = timedelta(hours=5)
"""So far back the alerts look at readings: their longest delay and a gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertNews:
    """An alert has something to tell."""

    entry_id: str
    event: AlertEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingNews:
    """Glucose is known anew, and still tells the glucose of now.

    `before` are the reading told last and what was read since then and before `newest`; late ones are among them, so
    nothing that happened in a gap or a restart is lost. The ranges are by the limits of the time each was told.
    """

    entry_id: str
    newest: GlucoseReading
    before: tuple[GlucoseReading, ...]
    range: GlucoseRange
    ranges_before: tuple[GlucoseRange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceNews:
    """Since when nothing was heard of a person, and what the time is, both on the clock that counts for them."""

    entry_id: str
    heard_at: datetime
    now: datetime


type News = AlertNews | ReadingNews | SilenceNews

SIGNAL_NEWS: Final = SignalType["News"](f"{DOMAIN}_news")
"""News of everybody; what listens stays connected when an entry is loaded anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastTold:
    """The reading that was told last: the stamp it had and where it was."""

    time: datetime
    range: GlucoseRange


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMemory:
    """What must outlive a restart."""

    alerts: Alerts = field(default_factory=Alerts)
    is_muted: bool = False
    told: LastTold | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the memory as plain JSON."""
        told = self.told
        return {
            "alerts": self.alerts.to_dict(),
            "is_muted": self.is_muted,
            "told": {"time": told.time.isoformat(), "range": told.range} if told else None,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, object]) -> Self:
        """Return the memory from JSON; a ValueError, TypeError or KeyError where it is damaged."""
        told = stored["told"]
        return cls(
            alerts=Alerts.from_dict(stored["alerts"]),
            is_muted=stored["is_muted"] is True,
            told=_told_from_dict(told) if isinstance(told, Mapping) else None,
        )


def alert_signal(entry: ConfigEntry) -> SignalType[AlertEvent]:
    """Return the signal of all that the alerts of one person tell; who fails to hear keeps nobody else from it."""
    return SignalType(f"{DOMAIN}_alerts_{entry.entry_id}")


class AlertKeeper:
    """The alerts of one person: judged at every look at the glucose, told in order."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, look: Callable[[], None]) -> None:
        """Prepare for one person; `look` has the glucose looked at again, and what follows from it published."""
        self._hass = hass
        self._entry = entry
        self._look = look
        self._options: object = None
        self._settings = AlertSettings()
        self.memory = AlertMemory()
        """What whoever made this keeper has to store and to give back."""
        self._readings: tuple[GlucoseReading, ...] = ()
        self._news: list[News] = []
        self._told_heard_at: datetime | None = None
        self._is_watching = False
        self.facts: AlertFacts = NO_ALERTS
        self.forecast: Forecast | None = None
        self.range: GlucoseRange | None = None

    @property
    def settings(self) -> AlertSettings:
        """Return what the person has set, also when it was set a moment ago."""
        if self._options is not self._entry.options:
            self._options = self._entry.options
            stored = self._entry.options.get(CONF_ALERTS)
            self._settings = AlertSettings.from_dict(stored if isinstance(stored, Mapping) else {})
        return self._settings

    def silence(self, now: datetime) -> SilenceNews | None:
        """Return since when nothing was heard, None before the watch has begun."""
        if not self._is_watching or (heard_at := self.memory.alerts.heard_at) is None:
            return None
        return SilenceNews(entry_id=self._entry.entry_id, heard_at=heard_at, now=now)

    @callback
    def async_start(self) -> None:
        """Begin to watch once Home Assistant has started and automations listen; until then nothing is told."""
        self._entry.async_on_unload(async_at_started(self._hass, self._begin))
        self._entry.async_on_unload(
            async_dispatcher_connect(self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._handle_entry_change)
        )

    @callback
    def judge(self, history: History, current: GlucoseReading | None, now: datetime) -> None:
        """Derive what is known now, and note what there is to tell; doing so again tells nothing.

        `current` is the newest reading of the history while it tells the glucose of now.
        """
        self._readings = history.recent(now - LOOK_BACK)
        self.forecast = forecast(self._readings, now)
        if self._is_watching:
            state, events = evaluate(
                self.memory.alerts,
                readings=self._readings,
                forecast=self.forecast,
                now=now,
                tz=dt_util.get_default_time_zone(),
                settings=self.settings,
                muted=self.memory.is_muted,
            )
            self._note_outcome((state, events))
            self._note_silence(now)
        limits = limits_at(self.settings, now, dt_util.get_default_time_zone())
        self.facts = AlertFacts(state=self.memory.alerts, limits=limits, is_muted=self.memory.is_muted)
        self.range = range_of(current, limits) if current else None
        if self._is_watching and current and self.range:
            self._note_reading(history, current, self.range)

    @callback
    def publish(self) -> None:
        """Tell the news, oldest first; whoever hears them finds the entities up to date."""
        while self._news:
            news = self._news.pop(0)
            if isinstance(news, AlertNews):
                async_dispatcher_send(self._hass, alert_signal(self._entry), news.event)
            async_dispatcher_send(self._hass, SIGNAL_NEWS, news)

    def next_deadline(self, now: datetime) -> datetime | None:
        """Return the next moment at which to judge even if no reading comes."""
        if not self._is_watching:
            return None
        return next_deadline(self.memory.alerts, settings=self.settings, now=now, tz=dt_util.get_default_time_zone())

    @callback
    def async_snooze(self, kinds: Iterable[AlertKind] | None, duration: timedelta | None, now: datetime) -> bool:
        """Keep kinds quiet, by default those raised, each as long as it is set to; return whether any is quiet now."""
        quiet = False
        for kind in self._raised_or(kinds):
            length = duration or self.settings.effective(kind, now, dt_util.get_default_time_zone()).snooze
            state, events = snooze(self.memory.alerts, [kind], length, now)
            quiet |= bool(events)
            self._note_outcome((state, events))
        self._look()
        return quiet

    @callback
    def async_unsnooze(self, kinds: Iterable[AlertKind] | None, now: datetime) -> None:
        """End the snooze of kinds, by default of all."""
        self._note_outcome(unsnooze(self.memory.alerts, AlertKind if kinds is None else kinds, now))
        self._look()

    @callback
    def async_acknowledge(self, kinds: Iterable[AlertKind] | None, now: datetime) -> None:
        """Note that a person knows of raised alerts, by default of all."""
        self._note_outcome(acknowledge(self.memory.alerts, self._raised_or(kinds), now))
        self._look()

    @callback
    def async_mute(self, *, muted: bool) -> None:
        """Keep every kind but urgent low quiet, or not any longer."""
        self.memory = replace(self.memory, is_muted=muted)
        self._look()

    @callback
    def async_rehearse(self, kind: AlertKind, now: datetime) -> None:
        """Tell of an alert as if it were raised, marked as a test."""
        event = rehearse(
            kind,
            readings=self._readings,
            settings=self.settings,
            now=now,
            tz=dt_util.get_default_time_zone(),
        )
        self._news.append(AlertNews(entry_id=self._entry.entry_id, event=event))
        self._look()

    def _raised_or(self, kinds: Iterable[AlertKind] | None) -> Iterable[AlertKind]:
        """Return the kinds named, those raised where none are."""
        return self.memory.alerts.raised if kinds is None else kinds

    @callback
    def _begin(self, _hass: HomeAssistant) -> None:
        """Watch from now on."""
        self._is_watching = True
        self._look()

    @callback
    def _handle_entry_change(self, change: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Let new settings count at once; the polling goes on as it was."""
        if entry is self._entry and change is ConfigEntryChange.UPDATED and self._options is not entry.options:
            self._look()

    def _note_outcome(self, outcome: Outcome) -> None:
        """Remember where the alerts stand, and what is to be told of it."""
        state, events = outcome
        self._news.extend(AlertNews(entry_id=self._entry.entry_id, event=event) for event in events)
        self.memory = replace(self.memory, alerts=state)

    def _note_silence(self, now: datetime) -> None:
        """Have told from when on data are missed, at the start of the watch and whenever it has changed."""
        silence = self.silence(now)
        if silence and silence.heard_at != self._told_heard_at:
            self._told_heard_at = silence.heard_at
            self._news.append(silence)

    def _note_reading(self, history: History, newest: GlucoseReading, where: GlucoseRange) -> None:
        """Remember the reading that is current, and have it told if it is new."""
        told = self.memory.told
        if told and newest.time == told.time:
            return
        before = history.recent(told.time)[:-1] if told else ()
        self._news.append(
            ReadingNews(
                entry_id=self._entry.entry_id,
                newest=newest,
                before=before,
                range=where,
                ranges_before=(
                    *((told.range,) if told else ()),
                    *(range_of(reading, self.facts.limits) for reading in before if told and reading.time > told.time),
                ),
            )
        )
        self.memory = replace(self.memory, told=LastTold(time=newest.time, range=where))


def _told_from_dict(stored: Mapping[str, object]) -> LastTold:
    """Return the reading told last from JSON."""
    time = datetime.fromisoformat(str(stored["time"]))
    if time.tzinfo is None:
        raise ValueError("a time without a zone")
    return LastTold(time=time, range=GlucoseRange(str(stored["range"])))
