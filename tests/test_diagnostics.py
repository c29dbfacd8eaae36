"""Diagnostics: all that support needs, nothing that identifies."""

from datetime import timedelta
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.json import ExtendedJSONEncoder
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion

from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.diagnostics import async_get_config_entry_diagnostics, async_get_device_diagnostics

from .common import PASSWORD, USERNAME, VALUE, Share, pass_time
from .following import GRANDMA, act, settle, without_followers


@pytest.fixture(autouse=True)
def evening(freezer: FrozenDateTimeFactory) -> None:
    """Begin at a known time."""
    freezer.move_to("2026-11-22T18:00:00+00:00")


@pytest.fixture
def readings(share: Share) -> None:
    """Begin with readings of unmistakable values, and no follower."""
    without_followers(share.account)
    share.add_readings(251, 253, 257, 263)


def as_json(data: dict[str, Any]) -> Any:
    """Return the data as they are downloaded."""
    return json.loads(json.dumps(data, cls=ExtendedJSONEncoder))


def device(hass: HomeAssistant, entry: MockConfigEntry) -> dr.DeviceEntry:
    """Return the device of a person."""
    (found,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return found


async def test_what_support_needs(
    hass: HomeAssistant, share: Share, readings: None, entry: MockConfigEntry, snapshot: SnapshotAssertion
) -> None:
    """The state of every part, by counts and timings."""
    share.account.followers.add("Grandma", share.simulator.now())
    await share.set_up(hass, entry)
    await act(hass, "invite_follower", {"name": "Nurse", "email": "n@s.org", "display_name": "A", "duration": "03:00"})
    data = as_json(await async_get_config_entry_diagnostics(hass, entry))
    assert data["glucose"].pop("seconds_to_next_poll") > 0
    assert data.pop("calls_since") <= dt_util.utcnow().isoformat()
    assert data == snapshot


async def test_upload_delays_are_told_by_hour(
    hass: HomeAssistant, share: Share, readings: None, entry: MockConfigEntry
) -> None:
    """In which time the readings of an hour came, of all days together."""
    await share.set_up(hass, entry)
    histogram = entry.runtime_data.glucose.schedule.histogram
    for _ in range(3):
        histogram.add(18, 9.0, 14.0)
    histogram.add(2, -285.0, 14.0)
    told = as_json(await async_get_config_entry_diagnostics(hass, entry))["glucose"]["upload_delay_seconds_by_hour"]
    assert told == {"02": {"0-15": 1}, "18": {"5-15": 3}}


async def test_the_next_poll_is_told_by_the_time_left(
    hass: HomeAssistant, share: Share, readings: None, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Not by the pause that was set when the last one ended."""
    await share.set_up(hass, entry)
    before = (await async_get_config_entry_diagnostics(hass, entry))["glucose"]["seconds_to_next_poll"]
    freezer.tick(timedelta(seconds=5))
    after = (await async_get_config_entry_diagnostics(hass, entry))["glucose"]["seconds_to_next_poll"]
    assert round(before - after) == 5


async def test_the_device_adds_its_entities(
    hass: HomeAssistant, share: Share, readings: None, entry: MockConfigEntry
) -> None:
    """By what they are and how they are shown, as their ids would name the person."""
    await share.set_up(hass, entry)
    er.async_get(hass).async_update_entity_options(VALUE, "sensor", {"unit_of_measurement": "mmol/L"})
    data = as_json(await async_get_device_diagnostics(hass, entry, device(hass, entry)))
    assert data["entry"] == as_json(await async_get_config_entry_diagnostics(hass, entry))["entry"]
    found = {entity["kind"]: entity for entity in data["entities"]}
    assert found["sensor.glucose_value"] == {
        "kind": "sensor.glucose_value",
        "disabled_by": None,
        "hidden_by": None,
        "options": {"unit_of_measurement": "mmol/L"},
        "is_available": True,
    }


async def test_failures_are_told_by_their_kind(
    hass: HomeAssistant, share: Share, readings: None, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What went wrong last, and how often what went wrong; also before any reading."""
    await share.set_up(hass, entry)
    share.simulator.faults.html_status = 503
    await pass_time(hass, freezer, timedelta(minutes=5))
    data = as_json(await async_get_config_entry_diagnostics(hass, entry))
    assert data["glucose"]["last_error"] == "ShareServerError"
    assert any(one["outcome"] == "ShareServerError" and one["code"] == "HTTP 503" for one in data["calls_24h"])


async def test_a_person_without_readings(hass: HomeAssistant, share: Share, entry: MockConfigEntry) -> None:
    """Nothing is there, and nothing fails."""
    await share.set_up(hass, entry)
    data = as_json(await async_get_config_entry_diagnostics(hass, entry))
    assert data["glucose"]["readings_kept"] == 0
    assert data["glucose"]["age_seconds"] is None
    assert data["glucose"]["utc_offset_minutes"] is None


async def test_nothing_identifies(hass: HomeAssistant, share: Share, readings: None, entry: MockConfigEntry) -> None:
    """No name, address, id, token or value, in either of the two."""
    await share.set_up(hass, entry)
    invited = await act(hass, "invite_follower", {**GRANDMA, "duration": "03:00:00"})
    await settle(hass)
    (one,) = share.account.followers.subscriptions.values()
    data = json.dumps(
        [
            await async_get_config_entry_diagnostics(hass, entry),
            await async_get_device_diagnostics(hass, entry, device(hass, entry)),
        ],
        cls=ExtendedJSONEncoder,
    ).lower()
    for secret in (
        USERNAME,
        PASSWORD,
        "anna",
        "grandma",
        "example",
        "127.0.0.1",
        entry.entry_id.lower(),
        share.account.account_id,
        *share.account.sessions,
        invited["contact_id"],
        one.subscription_id,
        device(hass, entry).id,
        *(str(value) for value in (251, 253, 257, 263)),
    ):
        assert secret not in data, secret
    assert DOMAIN not in data


async def test_an_entry_that_is_not_loaded_tells_what_is_known(
    hass: HomeAssistant, share: Share, readings: None, entry: MockConfigEntry
) -> None:
    """Support is asked for most when nothing works; before set-up and after unloading nothing is raised."""
    await share.set_up(hass, entry)
    found = device(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    data = await async_get_device_diagnostics(hass, entry, found)
    assert data["entry"]["state"] == "not_loaded"
    assert data["entities"]
    assert "glucose" not in data
