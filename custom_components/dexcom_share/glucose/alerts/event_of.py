"""What an event tells of the newest reading."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from ...share.models import GlucoseReading
from ..forecast import urgent_low_chance
from ..freshness import is_current
from .kinds import AlertEvent, AlertEventType, AlertKind
from .measures import MEASURES, newest_rate

_LASTING: Final = (AlertEventType.RAISED, AlertEventType.REPEATED, AlertEventType.BACK_IN_RANGE)


def event_of(
    type_: AlertEventType,
    kind: AlertKind,
    readings: Sequence[GlucoseReading],
    now: datetime,
    limit: float | None,
    *,
    is_time_known: bool = True,
) -> AlertEvent:
    """Return an event with what the newest of the readings tells; no data rests on none but names the last one."""
    event = AlertEvent(type=type_, kind=kind, time=now, limit=limit)
    if not readings:
        return event
    newest = readings[-1]
    event = replace(
        event, reading_time=newest.time, reading_age=max(now - newest.time, timedelta(0)) if is_time_known else None
    )
    is_now = is_time_known and is_current(newest.time, now)
    if kind is AlertKind.NO_DATA or (not is_now and type_ not in _LASTING):
        return event
    rate = newest_rate(readings) if kind in MEASURES else None
    is_chance_told = kind is AlertKind.URGENT_LOW_SOON and is_now
    return replace(
        event,
        value_mgdl=newest.value,
        trend=newest.trend,
        rate_mgdl_per_minute=None if rate is None else round(rate, 2),
        chance=urgent_low_chance(readings) if is_chance_told else None,
        last_known=not is_now,
    )
