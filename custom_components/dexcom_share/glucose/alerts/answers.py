"""What a person answers: snooze, acknowledge, treated, or a rehearsal of an alert; `by` names who it was."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from ...share.models import GlucoseReading
from .announcing import Outcome
from .event_of import event_of
from .kinds import LOW_KINDS, AlertEvent, AlertEventType, AlertKind
from .settings import BOUNDS, AlertSettings
from .state import Alert, Alerts
from .treatment import TREATED_MINUTES, longest_quiet

_MINUTE: Final = timedelta(minutes=1)


def snooze(
    alerts: Alerts, kinds: Iterable[AlertKind], duration: timedelta, now: datetime, *, by: str | None = None
) -> Outcome:
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
                alert.unanswered(),
                snoozed_until=until,
                snoozed_reading=alerts.reading_time,
                is_snoozed_while_raised=alert.is_raised,
                answered_by=by,
            )
            alerts = alerts.with_alert(kind, alert)
            events.append(_event(AlertEventType.SNOOZED, kind, alert, now, until=until, by=by))
    return alerts, tuple(events)


def unsnooze(alerts: Alerts, kinds: Iterable[AlertKind], now: datetime, *, by: str | None = None) -> Outcome:
    """Return the state with some snoozes, or the quiet after treating, ended; evaluate it, as a repeat may be due.

    An acknowledgement stays.
    """
    events = []
    for kind in kinds:
        alert = alerts.alerts[kind]
        if alert.snoozed_until or alert.treated_until:
            alert = alert.unanswered()
            alerts = alerts.with_alert(kind, alert)
            events.append(_event(AlertEventType.UNSNOOZED, kind, alert, now, by=by))
    return alerts, tuple(events)


def acknowledge(alerts: Alerts, kinds: Iterable[AlertKind], now: datetime, *, by: str | None = None) -> Outcome:
    """Return the state with some raised alerts known to a person.

    They aren't repeated before they have recovered, except urgent low, which comes again after its repeat.
    """
    events = []
    for kind in kinds:
        alert = alerts.alerts[kind]
        if (alert.is_raised or alert.is_told) and not alert.acknowledged_at:
            is_announced = alert.announced_at is not None
            alert = replace(
                alert.unanswered(),
                announced_at=alert.announced_at or now,
                announced_reading=alert.announced_reading if is_announced else alerts.reading_time,
                acknowledged_at=now,
                acknowledged_reading=alerts.reading_time,
                answered_by=by,
            )
            alerts = alerts.with_alert(kind, alert)
            events.append(_event(AlertEventType.ACKNOWLEDGED, kind, alert, now, by=by))
    return alerts, tuple(events)


def treat(
    alerts: Alerts, duration: timedelta, now: datetime, *, by: str | None = None, note: str | None = None
) -> Outcome:
    """Return the state with the low kinds quiet for a while after treating, 10 to 30 min, to be looked at again then.

    Low and urgent low soon are quiet also before they are raised: glucose often falls on for some minutes. Urgent low
    is quiet only if it is raised, and 15 min at the longest, however often somebody says so before it was told again;
    nor is it quiet for longer after its last announcement than a snooze can keep it.
    """
    length = TREATED_MINUTES.clamp(duration / _MINUTE) * _MINUTE
    events = []
    for kind in LOW_KINDS:
        alert = alerts.alerts[kind]
        is_raised = alert.is_raised or alert.is_told
        until = now + length
        if kind is AlertKind.URGENT_LOW:
            if not is_raised:
                continue
            longest = BOUNDS[kind].snooze_minutes.maximum * _MINUTE
            spoken_by = alert.treated_until or (alert.announced_at or now) + longest
            until = min(now + min(length, longest_quiet(kind)), spoken_by)
        alert = replace(
            alert.unanswered(),
            treated_until=until,
            treated_reading=alerts.reading_time,
            is_treated_while_raised=is_raised,
            answered_by=by,
        )
        alerts = alerts.with_alert(kind, alert)
        if is_raised:
            events.append(_event(AlertEventType.TREATED, kind, alert, now, until=until, by=by, note=note))
    if not events:
        low = alerts.alerts[AlertKind.LOW]
        events.append(_event(AlertEventType.TREATED, AlertKind.LOW, low, now, until=now + length, by=by, note=note))
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


def _event(
    type_: AlertEventType,
    kind: AlertKind,
    alert: Alert,
    now: datetime,
    *,
    until: datetime | None = None,
    by: str | None = None,
    note: str | None = None,
) -> AlertEvent:
    """Return the event of an answer."""
    return AlertEvent(type=type_, kind=kind, time=now, since=alert.since, until=until, answered_by=by, note=note)
