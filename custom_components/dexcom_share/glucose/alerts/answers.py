"""What a person answers: snooze, acknowledge, or a rehearsal of an alert."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from ...share.models import GlucoseReading
from .announcing import Outcome
from .event_of import event_of
from .kinds import AlertEvent, AlertEventType, AlertKind
from .settings import BOUNDS, AlertSettings
from .state import Alerts

_MINUTE: Final = timedelta(minutes=1)


def snooze(alerts: Alerts, kinds: Iterable[AlertKind], duration: timedelta, now: datetime) -> Outcome:
    """Return the state with some kinds quiet for a while, at most as long as their bounds allow.

    A kind may be snoozed before it is raised, but for urgent low, whose snooze counts from its last announcement.
    """
    events = []
    for kind in kinds:
        alert = alerts.alerts[kind]
        longest = BOUNDS[kind].snooze_minutes.maximum * _MINUTE
        until = now + min(duration, longest)
        if kind is AlertKind.URGENT_LOW:
            until = min(until, (alert.announced_at or now) + longest) if alert.is_raised else now
        if until > now:
            alert = replace(
                alert,
                snoozed_until=until,
                snoozed_reading=alerts.reading_time,
                is_snoozed_while_raised=alert.is_raised,
                acknowledged_at=None,
                acknowledged_reading=None,
            )
            alerts = alerts.with_alert(kind, alert)
            events.append(AlertEvent(type=AlertEventType.SNOOZED, kind=kind, time=now, since=alert.since, until=until))
    return alerts, tuple(events)


def unsnooze(alerts: Alerts, kinds: Iterable[AlertKind], now: datetime) -> Outcome:
    """Return the state with some snoozes ended early; evaluate it, as a repeat may be due."""
    events = []
    for kind in kinds:
        alert = alerts.alerts[kind]
        if alert.snoozed_until:
            alert = replace(alert, snoozed_until=None, snoozed_reading=None, is_snoozed_while_raised=False)
            alerts = alerts.with_alert(kind, alert)
            events.append(AlertEvent(type=AlertEventType.UNSNOOZED, kind=kind, time=now, since=alert.since))
    return alerts, tuple(events)


def acknowledge(alerts: Alerts, kinds: Iterable[AlertKind], now: datetime) -> Outcome:
    """Return the state with some raised alerts known to a person.

    They aren't repeated before they have recovered, except urgent low, which comes again after its repeat.
    """
    events = []
    for kind in kinds:
        alert = alerts.alerts[kind]
        if (alert.is_raised or alert.is_told) and not alert.acknowledged_at:
            is_announced = alert.announced_at is not None
            alert = replace(
                alert,
                announced_at=alert.announced_at or now,
                announced_reading=alert.announced_reading if is_announced else alerts.reading_time,
                acknowledged_at=now,
                acknowledged_reading=alerts.reading_time,
                snoozed_until=None,
                snoozed_reading=None,
                is_snoozed_while_raised=False,
            )
            alerts = alerts.with_alert(kind, alert)
            events.append(AlertEvent(type=AlertEventType.ACKNOWLEDGED, kind=kind, time=now, since=alert.since))
    return alerts, tuple(events)


def rehearse(
    kind: AlertKind, *, readings: Sequence[GlucoseReading], settings: AlertSettings, now: datetime, tz: tzinfo
) -> AlertEvent:
    """Return the event of a kind being raised, marked as a test; it touches no state."""
    limit = settings.effective(kind, now, tz).limit
    event = event_of(AlertEventType.RAISED, kind, readings, now, limit)
    if event.last_known:
        event = event_of(AlertEventType.RAISED, kind, (), now, limit)
    return replace(event, since=now, test=True)
