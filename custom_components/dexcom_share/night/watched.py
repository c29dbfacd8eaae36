"""What a chain needs to know of the person it wakes the house for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..display.sentences import alert_sentence, trend_word
from ..display.texts import say_at_once
from ..display.units import as_shown, glucose_unit
from ..display.words import TREND_STATES
from ..glucose.alerts.kinds import AlertEvent, AlertEventType, AlertKind
from ..glucose.snapshot import Snapshot
from ..watch.alert_keeper import AlertKeeper


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The person as a chain sees them.

    `now` is the account's clock, `uptime` a monotonic one in seconds. `problems` are keys of texts.
    """

    hass: HomeAssistant
    entry: ConfigEntry
    alerts: AlertKeeper
    now: Callable[[], datetime]
    uptime: Callable[[], float]
    snapshot: Callable[[], Snapshot]
    problems: Callable[[], list[str]]

    def announced(self) -> dict[AlertKind, datetime]:
        """Return the alerts that are announced and unanswered, with the time of the last announcement."""
        return {
            kind: alert.announced_at
            for kind, alert in self.alerts.memory.alerts.alerts.items()
            if alert.announced_at and (alert.is_raised or alert.is_told) and not alert.is_answered
        }

    def variables(self, kind: AlertKind | None, *, is_test: bool) -> dict[str, object]:
        """Return what the actions of a step can use; without a kind it is a test."""
        snapshot, unit = self.snapshot(), glucose_unit(self.hass, self.entry)
        say = say_at_once(self.hass)
        message = self._message(kind, snapshot) if kind else say("chain_test")
        current = snapshot.current
        since = snapshot.alerts.state.alerts[kind].since if kind else None
        return {
            "person": self.entry.title,
            "kind": kind.value if kind else "test",
            "title": say("chain_test_title" if is_test else "chain_title", person=self.entry.title),
            "message": message,
            "value": as_shown(current.value, unit) if current else None,
            "unit": unit,
            "trend": TREND_STATES.get(current.trend) if current else None,
            "since": since.isoformat() if since else None,
            "is_test": is_test,
        }

    def _message(self, kind: AlertKind, snapshot: Snapshot) -> str:
        """Return what an alert is about as one sentence, with the newest reading as it is now."""
        newest, is_current = snapshot.newest, snapshot.is_current
        minutes = snapshot.age_minutes
        event = AlertEvent(
            type=AlertEventType.RAISED,
            kind=kind,
            time=self.now(),
            reading_age=None if minutes is None else timedelta(minutes=minutes),
            value_mgdl=newest.value if newest and kind is not AlertKind.NO_DATA else None,
            last_known=not is_current,
        )
        sentence = alert_sentence(self.hass, self.entry, event)
        trend = trend_word(self.hass, newest.trend) if newest and is_current else None
        return self.say("chain_message_trend", sentence=sentence, trend=trend) if trend else sentence

    def over_message(self, event: AlertEvent) -> str:
        """Return the sentence that replaces a notification when an alert is over."""
        return alert_sentence(self.hass, self.entry, event)

    def say(self, key: str, **placeholders: str) -> str:
        """Return a text under `common`."""
        return say_at_once(self.hass)(key, **placeholders)


class SteadyClock:
    """The account's time when it was set, and from then on what a monotonic clock adds."""

    def __init__(self, now: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        """Begin with the time of now."""
        self._now = now
        self._monotonic = monotonic
        self.set()

    def set(self) -> None:
        """Take over the account's time as it is now."""
        self._zero = self._now() - timedelta(seconds=self._monotonic())

    def __call__(self) -> datetime:
        """Return the time (aware UTC)."""
        return self._zero + timedelta(seconds=self._monotonic())
