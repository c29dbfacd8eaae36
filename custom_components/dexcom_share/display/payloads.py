"""What an automation gets to know of a reading or an alert, as this person's glucose is shown."""

from ..glucose.alerts.kinds import AlertEvent
from ..share import GlucoseReading
from .units import as_shown, limit_as_shown
from .words import TREND_STATES

type EventData = dict[str, str | float | bool | None]


def alert_data(event: AlertEvent, unit: str) -> EventData:
    """Return the data of an alert; values and limits are in `unit`, of a fast change in `unit` per minute."""
    return {
        "kind": event.kind,
        "value": None if event.value_mgdl is None else as_shown(event.value_mgdl, unit),
        "unit": unit,
        "limit": limit_as_shown(event.kind, event.limit, unit),
        "since": event.since.isoformat() if event.since else None,
        "trend": TREND_STATES.get(event.trend) if event.trend else None,
        "measurement_timestamp": event.reading_time.isoformat() if event.reading_time else None,
        "until": event.until.isoformat() if event.until else None,
        "overshadowed_by": event.overshadowed_by,
        "test": event.test,
    }


def reading_data(reading: GlucoseReading, unit: str) -> EventData:
    """Return the data of a reading; the value is in `unit`."""
    return {
        "value": as_shown(reading.value, unit),
        "unit": unit,
        "trend": TREND_STATES.get(reading.trend),
        "measurement_timestamp": reading.time.isoformat(),
    }
