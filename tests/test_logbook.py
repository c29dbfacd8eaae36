"""The logbook reads as sentences, in Home Assistant's own logbook."""

from datetime import datetime
from functools import partial
from typing import Any

from homeassistant.components.logbook.processor import EventProcessor
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.core import Context, HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser, mock_component
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.dexcom_share.const import DOMAIN, EVENT_ALERT

from .common import MINUTE
from .watching import ALERT_EVENT, Watch


async def set_up_logbook(hass: HomeAssistant) -> None:
    """Set the logbook up without the frontend, whose files are not there."""
    mock_component(hass, "frontend")
    assert await async_setup_component(hass, "logbook", {})
    await hass.async_block_till_done()


async def rows(hass: HomeAssistant, begin: datetime, **of: Any) -> list[dict[str, Any]]:
    """Return what the logbook says of our events since a time."""
    await async_wait_recording_done(hass)
    processor = EventProcessor(hass, (EVENT_ALERT,), **of)
    read = partial(processor.get_events, begin, dt_util.utcnow() + MINUTE)
    found = await get_instance(hass).async_add_executor_job(read)
    return [row for row in found if "message" in row]


@pytest.mark.usefixtures("recorder_mock")
async def test_what_was_told_and_who_answered(hass: HomeAssistant, recorder_mock: Recorder, watch: Watch) -> None:
    """One sentence a thing, under the name of the person, of the person's device and the event entity."""
    await set_up_logbook(hass)
    user = MockUser(name="Anna", is_owner=True).add_to_hass(hass)
    begin = dt_util.utcnow() - MINUTE
    await watch.set_up(110, 65)
    watch.freezer.tick(2 * MINUTE)
    await hass.services.async_call(
        DOMAIN, "acknowledge", {"device_id": watch.device_id}, blocking=True, context=Context(user_id=user.id)
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    await watch.read(108)
    for of in ({}, {"device_ids": [watch.device_id]}, {"entity_ids": [ALERT_EVENT]}):
        found = await rows(hass, begin, **of)
        assert [row["message"] for row in found] == [
            "Low: 65 mg/dL",
            "Low acknowledged by Anna after 2 min",
            "Low has recovered: 108 mg/dL",
            "Glucose is back in range: 108 mg/dL",
        ]
        assert {row["name"] for row in found} == {"anna@example.com"}
        assert {row["entity_id"] for row in found} == {ALERT_EVENT}


@pytest.mark.usefixtures("recorder_mock")
@pytest.mark.parametrize("data", [{}, {"message": "Low"}])
async def test_an_event_of_another_time(hass: HomeAssistant, data: dict[str, str]) -> None:
    """What somebody else has fired under this name breaks nothing."""
    await set_up_logbook(hass)
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done()
    begin = dt_util.utcnow()
    hass.bus.async_fire(EVENT_ALERT, data)
    assert [row["message"] for row in await rows(hass, begin)] == [data.get("message")]
