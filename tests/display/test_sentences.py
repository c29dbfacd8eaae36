"""Sentences about alerts: what is told, in the unit of the person, who answered, and why there are no data."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_load_integrations
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.display import sentences
from custom_components.dexcom_share.display.sentences import alert_sentence
from custom_components.dexcom_share.glucose.alerts.kinds import AlertEvent, AlertEventType, AlertKind
from custom_components.dexcom_share.glucose.data_status import DataStatus

NOW = datetime(2026, 3, 1, 11, 22, tzinfo=UTC)
AGE = timedelta(minutes=23, seconds=50)
EARLIER = NOW - timedelta(minutes=3)


@pytest.fixture(autouse=True)
async def _texts(hass: HomeAssistant) -> None:
    """Load the texts as Home Assistant does with the integration; the clocks at home show UTC."""
    await hass.config.async_set_time_zone("UTC")
    await async_load_integrations(hass, {DOMAIN})


def event(type_: str, kind: str = "low", **data: Any) -> AlertEvent:
    """Return an event."""
    return AlertEvent(type=AlertEventType(type_), kind=AlertKind(kind), time=NOW, **data)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (event("raised", value_mgdl=65), "Low: 65 mg/dL"),
        (event("raised", "urgent_low", value_mgdl=39), "Urgent low: LOW"),
        (event("repeated", "high", value_mgdl=401), "High, still: HIGH"),
        (event("raised"), "Low"),
        (event("raised", value_mgdl=65, test=True), "Test: Low: 65 mg/dL"),
        (event("repeated", value_mgdl=50, last_known=True, reading_age=AGE), "Low: 50 mg/dL, 23 min ago"),
        (event("recovered", value_mgdl=82), "Low has recovered: 82 mg/dL"),
        (event("recovered"), "Low has recovered"),
        (event("recovered", "no_data"), "Data are back"),
        (event("ended"), "Low ended"),
        (event("back_in_range", value_mgdl=101), "Glucose is back in range: 101 mg/dL"),
        (event("back_in_range"), "Glucose is back in range"),
        (event("acknowledged", since=EARLIER), "Low acknowledged after 3 min"),
        (event("acknowledged", since=EARLIER, answered_by="Anna"), "Low acknowledged by Anna after 3 min"),
        (event("snoozed", until=NOW), "Low snoozed until 11:22"),
        (event("snoozed", until=NOW, answered_by="Demo"), "Low snoozed until 11:22 by Demo"),
        (event("unsnoozed"), "Low is not quiet any more"),
        (event("unsnoozed", answered_by="Demo"), "Low is not quiet any more, ended by Demo"),
        (event("treated", until=NOW), "Low treated, next look at 11:22"),
        (event("treated", until=NOW, answered_by="Demo"), "Low treated by Demo, next look at 11:22"),
        (event("treated", until=NOW, note="Juice {1}"), "Low treated, next look at 11:22 (Juice {1})"),
        (event("raised", "no_data"), "No data"),
        (event("repeated", "no_data", reading_age=AGE), "No data for 23 min"),
    ],
)
async def test_a_sentence(hass: HomeAssistant, told: AlertEvent, sentence: str) -> None:
    """It says what was told, and by whom."""
    assert alert_sentence(hass, MockConfigEntry(domain=DOMAIN), told) == sentence


@pytest.mark.parametrize("type_", list(AlertEventType))
@pytest.mark.parametrize("kind", list(AlertKind))
@pytest.mark.parametrize("by", [None, "Demo"])
async def test_there_is_a_sentence_for_everything(
    hass: HomeAssistant, type_: AlertEventType, kind: AlertKind, by: str | None
) -> None:
    """No key and no placeholder is left over."""
    sentence = alert_sentence(hass, MockConfigEntry(domain=DOMAIN), event(type_, kind, answered_by=by))
    assert sentence
    assert not {"_", "{", "}"} & set(sentence)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (event("raised", "no_data", reading_age=AGE), "No data for 23 min: Phone does not upload"),
        (event("raised", "no_data"), "No data: Phone does not upload"),
        (event("raised", value_mgdl=65), "Low: 65 mg/dL"),
    ],
)
async def test_no_data_has_a_cause(hass: HomeAssistant, told: AlertEvent, sentence: str) -> None:
    """It is the one that the sensor shows; an alert on glucose has none."""
    entry = MockConfigEntry(domain=DOMAIN)
    data = SimpleNamespace(status=DataStatus.NOT_UPLOADING)
    entry.runtime_data = SimpleNamespace(glucose=SimpleNamespace(data=data))
    assert alert_sentence(hass, entry, told) == sentence


async def test_a_text_that_is_missing_keeps_nothing_from_being_told(hass: HomeAssistant) -> None:
    """Whoever waits for the alert hears it, if only as a key."""
    with patch(f"{sentences.__name__}.async_get_cached_translations", return_value={}):
        assert alert_sentence(hass, MockConfigEntry(domain=DOMAIN), event("raised", value_mgdl=65)) == "sentence_raised"
