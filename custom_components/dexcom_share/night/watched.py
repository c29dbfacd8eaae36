"""What a chain needs to know of the person it wakes the house for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..display.alert_message import alert_message, cached_say, reading_phrase
from ..display.units import as_shown, glucose_unit
from ..display.words import TREND_STATES
from ..glucose.alerts.kinds import AlertKind
from ..glucose.snapshot import Snapshot
from ..watch.alert_keeper import AlertKeeper


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The person as a chain sees them: `now` runs by a monotonic clock; `problems` are keys of texts."""

    hass: HomeAssistant
    entry: ConfigEntry
    alerts: AlertKeeper
    now: Callable[[], datetime]
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
        message = alert_message(self.hass, kind, snapshot, unit)
        say = cached_say(self.hass)
        current = snapshot.current
        since = snapshot.alerts.state.alerts[kind].since if kind else None
        return {
            "person": self.entry.title,
            "kind": kind.value if kind else "test",
            "title": say("chain_test_title" if is_test else "chain_title", person=self.entry.title),
            "message": say("chain_test_message", message=message) if is_test else message,
            "value": as_shown(current.value, unit) if current else None,
            "unit": unit,
            "trend": TREND_STATES.get(current.trend) if current else None,
            "since": since.isoformat() if since else None,
            "is_test": is_test,
        }

    def over_message(self) -> str:
        """Return the sentence that replaces a notification when glucose is back."""
        snapshot = self.snapshot()
        reading = reading_phrase(self.hass, snapshot, glucose_unit(self.hass, self.entry))
        key = "chain_back_in_range" if snapshot.range == "in_range" else "chain_over"
        return cached_say(self.hass)(key, reading=reading)

    def say(self, key: str, **placeholders: str) -> str:
        """Return a text under `common`."""
        return cached_say(self.hass)(key, **placeholders)


class SteadyClock:
    """The account's time at the start, and from then on what a monotonic clock adds: no step of any clock moves it."""

    def __init__(self, now: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        """Begin with the time of now."""
        self._monotonic = monotonic
        self._zero = now() - timedelta(seconds=monotonic())

    def __call__(self) -> datetime:
        """Return the time (aware UTC)."""
        return self._zero + timedelta(seconds=self._monotonic())
