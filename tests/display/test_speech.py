"""A person's glucose in a sentence: English texts, made of snapshots; and the sensor that shows it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest

from custom_components.dexcom_share.display import speech as module
from custom_components.dexcom_share.display.speech import spoken
from custom_components.dexcom_share.display.units import MGDL, MMOL
from custom_components.dexcom_share.glucose.alerts.facts import AlertFacts
from custom_components.dexcom_share.glucose.alerts.kinds import AlertKind
from custom_components.dexcom_share.glucose.alerts.state import Alert, Alerts
from custom_components.dexcom_share.glucose.freshness import HeardReading
from custom_components.dexcom_share.glucose.snapshot import Snapshot, take_snapshot
from custom_components.dexcom_share.share import GlucoseReading, Trend

from ..common import MINUTE
from ..watching import PREFIX, Watch

COMMON = json.loads((Path(module.__file__).parent.parent / "translations" / "en.json").read_text())["common"]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SUMMARY = f"sensor.{PREFIX}_summary"


@pytest.fixture(autouse=True)
async def _utc(hass: HomeAssistant) -> None:
    await hass.config.async_set_time_zone("UTC")


def say(key: str, **placeholders: str) -> str:
    """Return the English text."""
    return str(COMMON[key].format(**placeholders))


def snapshot(value: int, trend: Trend = Trend.NONE, age: timedelta = MINUTE) -> Snapshot:
    """Return what a reading of noon tells some time later."""
    reading = HeardReading.of(GlucoseReading(time=NOON, value=value, trend=trend), NOON)
    return take_snapshot(reading, None, NOON + age)


def with_alerts(known: Snapshot, *kinds: AlertKind) -> Snapshot:
    """Return a snapshot with alerts that are raised."""
    alerts = Alerts()
    for kind in kinds:
        alerts = alerts.with_alert(kind, Alert(is_raised=True, since=NOON))
    return replace(known, alerts=AlertFacts(state=alerts))


@pytest.mark.parametrize(
    ("known", "unit", "sentence"),
    [
        (snapshot(104), MGDL, "The glucose of Anna is 104 mg/dL."),
        (snapshot(104, Trend.FLAT), MMOL, "The glucose of Anna is 5.8 mmol/L, steady."),
        (snapshot(104, Trend.NOT_COMPUTABLE), MGDL, "The glucose of Anna is 104 mg/dL."),
        (snapshot(39), MGDL, "The glucose of Anna is below 40 mg/dL."),
        (snapshot(401), MGDL, "The glucose of Anna is above 400 mg/dL."),
        (snapshot(104, age=15 * MINUTE), MGDL, "The glucose of Anna has not been known since 12:00."),
        (snapshot(104, age=13 * 60 * MINUTE), MGDL, "The glucose of Anna has not been known since 2026-11-22 12:00."),
        (Snapshot(), MGDL, "The glucose of Anna is not known."),
        (replace(snapshot(104), is_time_known=False, age=None), MGDL, "The glucose of Anna is not known."),
    ],
)
def test_tells_what_is_known(known: Snapshot, unit: str, sentence: str) -> None:
    """The value of now, or that there is none: never an old one."""
    assert spoken(known, "Anna", unit, say) == sentence


def test_tells_the_gravest_alert() -> None:
    """One, also where the glucose is not known."""
    known = with_alerts(snapshot(50), AlertKind.LOW, AlertKind.URGENT_LOW)
    assert spoken(known, "Anna", MGDL, say) == "The glucose of Anna is 50 mg/dL. Alert: urgent low."
    known = with_alerts(snapshot(50, age=20 * MINUTE), AlertKind.NO_DATA)
    assert spoken(known, "Anna", MGDL, say) == "The glucose of Anna has not been known since 12:00. Alert: no data."


@pytest.mark.parametrize("kind", AlertKind)
def test_each_alert_can_be_spoken(kind: AlertKind) -> None:
    """There is a text for each."""
    assert "speech_alert" not in spoken(with_alerts(snapshot(104), kind), "Anna", MGDL, say)


@pytest.mark.parametrize("trend", Trend)
def test_each_trend_can_be_spoken(trend: Trend) -> None:
    """Those of which there is something to say have a text."""
    assert "speech_trend" not in spoken(snapshot(104, trend), "Anna", MGDL, say)


async def test_the_sensor_shows_it(hass: HomeAssistant, watch: Watch, freezer: FrozenDateTimeFactory) -> None:
    """With the name that the user gave the person; it changes with what is known, not with every minute."""
    await watch.set_up(118, 104)
    assert watch.state(SUMMARY) == "The glucose of anna@example.com is 104 mg/dL, steady."
    dr.async_get(hass).async_update_device(watch.device_id, name_by_user="Anna")
    await watch.wait(5 * MINUTE)
    await watch.read(52, after=MINUTE)
    assert watch.state(SUMMARY) == "The glucose of Anna is 52 mg/dL, steady. Alert: urgent low."
    await watch.wait(16 * MINUTE)
    assert watch.state(SUMMARY).startswith("The glucose of Anna has not been known since 12:05.")
