"""What an automation gets to know of a reading or an alert: the payloads of triggers and events, side by side."""

from datetime import timedelta

from ..glucose.alerts.kinds import AlertEvent
from ..share import GlucoseReading
from .units import as_shown, chance_as_shown, limit_as_shown
from .words import TREND_STATES

type EventData = dict[str, str | float | bool | None]


def alert_data(event: AlertEvent, unit: str) -> EventData:
    """Return the data of an alert; values and limits are in `unit`, of a fast change in `unit` per minute."""
    age = event.reading_age
    return {
        "kind": event.kind,
        "value": None if event.value_mgdl is None else as_shown(event.value_mgdl, unit),
        "unit": unit,
        "limit": limit_as_shown(event.kind, event.limit, unit),
        "since": event.since.isoformat() if event.since else None,
        "trend": TREND_STATES.get(event.trend) if event.trend else None,
        "chance": chance_as_shown(event.chance),
        "measurement_timestamp": event.reading_time.isoformat() if event.reading_time else None,
        "reading_age_minutes": None if age is None else age // timedelta(minutes=1),
        "last_known": event.last_known,
        "until": event.until.isoformat() if event.until else None,
        "answered_by": event.answered_by,
        "note": event.note,
        "overshadowed_by": event.overshadowed_by,
        "test": event.test,
    }


def reading_data(reading: GlucoseReading, unit: str) -> EventData:
    """Return the data that a trigger gives of a reading; the value is in `unit`."""
    return {
        "value": as_shown(reading.value, unit),
        "unit": unit,
        "trend": TREND_STATES.get(reading.trend),
        "measurement_timestamp": reading.time.isoformat(),
    }


def reading_event_data(
    reading: GlucoseReading, *, change_mgdl: int | None, delay: timedelta, backfilled: bool
) -> EventData:
    """Return the data of the event of a new reading: in mg/dL, whatever unit this person's glucose is shown in.

    `delay` is the time between taking and receiving it; `backfilled` whether it is older than one known before.
    """
    return {
        "value_mg_dl": reading.value,
        "change_mg_dl": change_mgdl,
        "trend": TREND_STATES.get(reading.trend),
        "measurement_timestamp": reading.time.isoformat(),
        "upload_delay_seconds": round(delay.total_seconds()),
        "backfilled": backfilled,
    }
