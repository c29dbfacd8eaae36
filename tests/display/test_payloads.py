"""What an automation gets to know of an alert or a reading."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.dexcom_share.display.payloads import alert_data, reading_data, reading_event_data
from custom_components.dexcom_share.display.units import MGDL, MMOL
from custom_components.dexcom_share.glucose.alerts.kinds import AlertEvent, AlertEventType, AlertKind
from custom_components.dexcom_share.share import GlucoseReading, Trend

TIME = datetime(2026, 11, 22, 12, tzinfo=UTC)
READING = GlucoseReading(time=TIME, value=100, trend=Trend.FORTY_FIVE_DOWN)


LOW = AlertEvent(
    type=AlertEventType.RAISED,
    kind=AlertKind.LOW,
    time=TIME,
    since=TIME,
    reading_time=TIME,
    reading_age=timedelta(minutes=16, seconds=50),
    value_mgdl=63,
    trend=Trend.FLAT,
    limit=70,
    last_known=True,
)


def test_an_alert_tells_how_old_its_reading_is_and_whether_it_is_current() -> None:
    """An automation that reads a value aloud can say its age in whole minutes."""
    data = alert_data(LOW, MGDL)
    assert (data["value"], data["last_known"], data["reading_age_minutes"]) == (63, True, 16)


@pytest.mark.parametrize("name", ["value", "since", "trend", "measurement_timestamp", "reading_age_minutes", "until"])
def test_what_an_alert_does_not_rest_on_is_none(name: str) -> None:
    """Each fact is always there, so that templates need not ask."""
    event = AlertEvent(type=AlertEventType.ENDED, kind=AlertKind.LOW, time=TIME)
    data = alert_data(event, MGDL)
    assert data[name] is None
    assert data["last_known"] is False


def test_a_trigger_tells_a_reading_in_the_unit_shown_and_the_event_in_mg_dl() -> None:
    """The names of the attributes say which is which."""
    assert reading_data(READING, MMOL) == {
        "value": 5.6,
        "unit": "mmol/L",
        "trend": "falling_slightly",
        "measurement_timestamp": "2026-11-22T12:00:00+00:00",
    }
    assert reading_event_data(READING, change_mgdl=-4, delay=timedelta(seconds=20.4), backfilled=False) == {
        "value_mg_dl": 100,
        "change_mg_dl": -4,
        "trend": "falling_slightly",
        "measurement_timestamp": "2026-11-22T12:00:00+00:00",
        "upload_delay_seconds": 20,
        "backfilled": False,
    }
