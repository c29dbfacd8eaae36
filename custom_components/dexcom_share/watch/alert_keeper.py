"""The alerts of one person: judged with every reading and whenever time alone changes something."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util

from ..const import CONF_ALERTS, LOGGER
from ..glucose.alerts.announcing import Outcome, evaluate, next_deadline
from ..glucose.alerts.answers import acknowledge, rehearse, snooze, treat, unsnooze
from ..glucose.alerts.facts import NO_ALERTS, AlertFacts
from ..glucose.alerts.kinds import AlertKind
from ..glucose.alerts.moment import Moment
from ..glucose.alerts.muting import LONGEST, Mute, until_morning
from ..glucose.alerts.sequence import JudgedSequence
from ..glucose.alerts.settings import AlertSettings
from ..glucose.alerts.treatment import TREATED_FOR
from ..glucose.forecast import Forecast, forecast
from ..glucose.freshness import ANSWER_TIME, HeardReading, is_current
from ..glucose.history import History
from ..glucose.ranges import GlucoseRange
from .memory import AlertMemory, LastTold
from .news import AlertNews, Announcer, ReadingNews, SilenceNews

SHORTEST_BEFORE_CHANCE: Final = timedelta(seconds=1)
"""What came so shortly before is as good as the last chance itself."""
CLOCK_SET: Final = timedelta(seconds=5)
"""The clock was set, or the machine slept, where it has moved by so much against the loop's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the alerts and the forecast tell at one moment."""

    facts: AlertFacts = NO_ALERTS
    forecast: Forecast | None = None
    range: GlucoseRange | None = None


class AlertKeeper:
    """Keeps the alerts of one person going, also across restarts, and hands on what there is to tell."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        memory: AlertMemory,
        announcer: Announcer,
        *,
        now: Callable[[], datetime],
        refresh: Callable[[], None],
    ) -> None:
        """Begin with what is remembered; `refresh` has everything derived anew and shown."""
        self._hass = hass
        self._entry = entry
        self.memory = memory
        """What must outlive a restart."""
        self._announcer = announcer
        self._now = now
        self._refresh = refresh
        self._sequence = JudgedSequence(memory.alerts.base)
        self._options: object = None
        self._settings = AlertSettings()
        self._moment: Moment | None = None
        self._has_failed = False
        self._watched_since: datetime | None = None
        self._told_silence: tuple[datetime, datetime] | None = None
        """Since when nothing was heard, and what the clock showed at zero of the loop's, as it was told last."""

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
        heard_at = self.memory.alerts.reading_time
        if self._watched_since is None or heard_at is None:
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
    def judge(
        self, history: History, now: datetime, *, may_be_current: bool = True, is_silence_known: bool = True
    ) -> Judgement:
        """Return what is known now, and hand on what there is to tell; doing so again tells nothing.

        `may_be_current` is False while no clock tells whether a reading is current (alert rule T2),
        `is_silence_known` while it is being found out which clock is right. Never raises: a value must grow old and
        end also where the alerts fail.
        """
        try:
            judgement = self._judge(history, now, may_be_current=may_be_current, is_silence_known=is_silence_known)
        except Exception:  # noqa: BLE001  (whatever it is, it keeps nobody from the glucose)
            if not self._has_failed:
                LOGGER.exception("The alerts could not be judged; readings go on without them")
            self._has_failed = True
            self._moment = None
            return Judgement(facts=AlertFacts(state=self.memory.alerts, mute=self.memory.mute))
        self._has_failed = False
        return judgement

    def _judge(self, history: History, now: datetime, *, may_be_current: bool, is_silence_known: bool) -> Judgement:
        """Return what is known now, and hand on what there is to tell."""
        tz = dt_util.get_default_time_zone()
        if self._watched_since:
            # A clock that ran fast at the start of the watch has been corrected since.
            self._watched_since = min(self._watched_since, now)
        self._settle_mute(now)
        moment = self._moment = self._sequence.moment(
            history,
            now,
            tz=tz,
            settings=self.settings,
            watched_since=self._watched_since or now,
            is_muted=self.memory.is_muted,
            is_time_known=may_be_current,
            is_silence_known=is_silence_known,
        )
        if self._watched_since:
            self._note(evaluate(self.memory.alerts, moment))
            if is_silence_known and (silence := self.silence(now)):
                self._note_silence(silence)
        kinds = self.settings.in_force(is_night=self.settings.is_night(now, tz))
        facts = AlertFacts(state=self.memory.alerts, kinds=kinds, mute=self.memory.mute)
        newest = history.newest
        if newest is None or not may_be_current or not is_current(newest.time, now):
            return Judgement(facts=facts)
        where = facts.range_of(newest)
        if self._watched_since:
            self._note_reading(history, newest, facts)
        return Judgement(facts=facts, forecast=forecast(moment.readings, now), range=where)

    def next_deadline(self) -> datetime | None:
        """Return the next moment at which to judge even if no reading comes."""
        if self._watched_since is None or self._moment is None:
            return None
        mute = self.memory.mute
        times = (next_deadline(self.memory.alerts, self._moment), mute.until if mute else None)
        return min((time for time in times if time), default=None)

    def last_chance(self, now: datetime) -> datetime | None:
        """Return when to ask Share once more before an alert ends because its readings seem to have stopped (A2)."""
        newest = self._moment.newest if self._moment else None
        if newest is None or not self.memory.alerts.raised:
            return None
        chance = newest.gap_known_at - ANSWER_TIME
        return chance if chance > now + SHORTEST_BEFORE_CHANCE else None

    @callback
    def async_snooze(
        self, kinds: Iterable[AlertKind] | None, duration: timedelta | None, *, by: str | None = None
    ) -> bool:
        """Keep kinds quiet, by default those raised, each as long as it is set to; return whether any is quiet now."""
        now = self._now()
        quiet = False
        for kind in self._raised_or(kinds):
            length = duration or self.settings.effective(kind, now, dt_util.get_default_time_zone()).snooze
            alerts, events = snooze(self.memory.alerts, [kind], length, now, by=by)
            quiet |= bool(events)
            self._note((alerts, events))
        self._refresh()
        return quiet

    @callback
    def async_unsnooze(self, kinds: Iterable[AlertKind] | None, *, by: str | None = None) -> None:
        """End the snooze of kinds, by default of all."""
        self._note(unsnooze(self.memory.alerts, AlertKind if kinds is None else kinds, self._now(), by=by))
        self._refresh()

    @callback
    def async_acknowledge(self, kinds: Iterable[AlertKind] | None, *, by: str | None = None) -> None:
        """Note that a person knows of raised alerts, by default of all."""
        self._note(acknowledge(self.memory.alerts, self._raised_or(kinds), self._now(), by=by))
        self._refresh()

    @callback
    def async_treat(self, duration: timedelta = TREATED_FOR, *, by: str | None = None, note: str | None = None) -> None:
        """Note that something was done against a low, and look again after a while."""
        self._note(treat(self.memory.alerts, duration, self._now(), by=by, note=note))
        self._refresh()

    @callback
    def async_mute(self, duration: timedelta | None, *, by: str | None = None) -> None:
        """Keep every kind but urgent low quiet for a while, by default until the night ends next."""
        now = self._now()
        mute = until_morning(now, self.settings, dt_util.get_default_time_zone(), by=by)
        if duration:
            mute = Mute(since=now, until=now + min(duration, LONGEST), by=by)
        self.memory = replace(self.memory, is_muted=True, mute=mute)
        self._refresh()

    @callback
    def async_unmute(self) -> None:
        """Tell everything again."""
        self.memory = replace(self.memory, is_muted=False, mute=None)
        self._refresh()

    @callback
    def async_rehearse(self, kind: AlertKind) -> None:
        """Tell of an alert as if it were raised, marked as a test."""
        now = self._now()
        readings = self._moment.readings if self._moment else ()
        tz = dt_util.get_default_time_zone()
        event = rehearse(kind, readings=readings, settings=self.settings, now=now, tz=tz)
        self._announcer.add(AlertNews(entry_id=self._entry.entry_id, event=event))
        self._refresh()

    def _settle_mute(self, now: datetime) -> None:
        """End muting when its time is over, and give an end to one that has none."""
        if self.memory.is_muted:
            mute = self.memory.mute or until_morning(now, self.settings, dt_util.get_default_time_zone())
            holds = mute.at(now)
            self.memory = replace(self.memory, is_muted=holds is not None, mute=holds)

    def _raised_or(self, kinds: Iterable[AlertKind] | None) -> Iterable[AlertKind]:
        """Return the kinds named; where none are, those raised or told."""
        if kinds is not None:
            return kinds
        return [kind for kind, alert in self.memory.alerts.alerts.items() if alert.is_raised or alert.is_told]

    @callback
    def _begin(self, _hass: HomeAssistant) -> None:
        """Watch from now on."""
        self._watched_since = self._now()
        self._refresh()

    @callback
    def _handle_entry_change(self, change: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Let new settings count at once; the polling goes on as it was."""
        if entry is self._entry and change is ConfigEntryChange.UPDATED and self._options is not entry.options:
            self._refresh()

    def _note(self, outcome: Outcome) -> None:
        """Remember where the alerts stand, and hand on what is to be told of it."""
        alerts, events = outcome
        for event in events:
            self._announcer.add(AlertNews(entry_id=self._entry.entry_id, event=event))
        self.memory = replace(self.memory, alerts=alerts)

    def _note_silence(self, silence: SilenceNews) -> None:
        """Have it told since when nothing was heard: at first, when that has changed, and when the clock was set."""
        zero = silence.now - timedelta(seconds=self._hass.loop.time())
        if self._told_silence:
            heard_at, told_zero = self._told_silence
            if silence.heard_at == heard_at and abs(zero - told_zero) < CLOCK_SET:
                return
        self._told_silence = silence.heard_at, zero
        self._announcer.add(silence)

    def _note_reading(self, history: History, newest: HeardReading, facts: AlertFacts) -> None:
        """Remember the reading that is current, and have it told if it is new."""
        told = self.memory.last_told
        if told and newest.time == told.time:
            return
        before = history.recent(told.time)[:-1] if told else ()
        since = [facts.range_of(reading) for reading in before if told and reading.time > told.time]
        where = facts.range_of(newest)
        self._announcer.add(
            ReadingNews(
                entry_id=self._entry.entry_id,
                newest=newest,
                before=before,
                range=where,
                ranges_before=(*((told.range,) if told else ()), *since),
            )
        )
        self.memory = replace(self.memory, last_told=LastTold(time=newest.time, range=where))
