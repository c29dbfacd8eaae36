"""What a card gets to know of a person: times in milliseconds since 1970, concentrations in mg/dL.

The card counts the age up by itself, so it is told the moments at which a reading fades, is stale and ends: it keeps to
them also when the line to Home Assistant is lost.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from homeassistant.util.json import JsonObjectType, JsonValueType

from ..glucose.alerts.facts import AlertFacts
from ..glucose.alerts.kinds import PRIORITY, AlertEvent, AlertEventType, AlertKind
from ..glucose.alerts.state import Alert
from ..glucose.freshness import CURRENT_FOR, STALE_AFTER
from ..glucose.reading_columns import milliseconds
from ..glucose.snapshot import LARGEST_STEP, Snapshot
from .units import chance_as_shown
from .words import TREND_STATES

FORECAST_MINUTES: Final = 20

LIMITS: Final = (AlertKind.URGENT_LOW, AlertKind.LOW, AlertKind.HIGH, AlertKind.URGENT_HIGH)
MARKED: Final = frozenset(
    {
        AlertEventType.RAISED,
        AlertEventType.RECOVERED,
        AlertEventType.ENDED,
        AlertEventType.SNOOZED,
        AlertEventType.ACKNOWLEDGED,
    }
)
"""What is marked on a curve; repeats would cover it."""


def person_data(snapshot: Snapshot, now: datetime, unit: str) -> JsonObjectType:
    """Return what is known of a person at `now`; `unit` is the one in which the card is to show it.

    A reading comes with its value only while it is current.
    """
    newest, current = snapshot.newest, snapshot.current
    forecast = snapshot.forecast if current else None
    return {
        "now": milliseconds(now),
        "unit": unit,
        "limits": _limits(snapshot.alerts),
        "reading": {
            "time": milliseconds(newest.time),
            "value": current.value if current else None,
            "change": snapshot.current_change_mgdl,
            "trend": TREND_STATES.get(current.trend) if current else None,
            "fades_at": milliseconds(newest.time + LARGEST_STEP),
            "stale_at": milliseconds(newest.time + STALE_AFTER),
            "ends_at": milliseconds(newest.time + CURRENT_FOR),
        }
        if newest
        else None,
        "is_current": snapshot.is_current,
        "is_stale": snapshot.is_stale,
        "status": snapshot.status,
        "range": snapshot.range if current else None,
        "forecast": {
            "value": forecast.value_mgdl,
            "minutes": FORECAST_MINUTES,
            "urgent_low_chance": chance_as_shown(forecast.urgent_low_chance),
        }
        if forecast
        else None,
        "alerts": _alerts(snapshot.alerts),
        "is_muted": snapshot.alerts.is_muted,
    }


def marks_data(events: Iterable[AlertEvent]) -> list[JsonValueType]:
    """Return what of some events is marked on a curve: time, what happened, and the kind of alert."""
    return [[milliseconds(event.time), event.type, event.kind] for event in events if event.type in MARKED]


def _limits(alerts: AlertFacts) -> JsonObjectType:
    """Return the limits in force, None for an urgent high that is switched off."""
    is_off = {AlertKind.URGENT_HIGH} if not alerts.kinds[AlertKind.URGENT_HIGH].enabled else set()
    return {kind.value: None if kind in is_off else alerts.kinds[kind].limit for kind in LIMITS}


def _alerts(alerts: AlertFacts) -> list[JsonValueType]:
    """Return the alerts that are raised, and those that somebody keeps quiet; the gravest first."""
    shown = ((kind, alerts.state.alerts[kind]) for kind in PRIORITY)
    return [_alert(kind, alert) for kind, alert in shown if alert.is_raised or alert.snoozed_until]


def _alert(kind: AlertKind, alert: Alert) -> JsonObjectType:
    """Return where an alert stands."""
    return {
        "kind": kind.value,
        "status": alert.stage.value,
        "is_raised": alert.is_raised,
        "since": _ms(alert.since),
        "acknowledged_at": _ms(alert.acknowledged_at),
        "snoozed_until": _ms(alert.snoozed_until),
        "treated_until": _ms(alert.treated_until),
        "answered_by": alert.answered_by,
    }


def _ms(time: datetime | None) -> int | None:
    """Return a time in milliseconds, None where there is none."""
    return None if time is None else milliseconds(time)
