"""The actions on alerts: whom they mean, what they do, and how they refuse."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import area_registry as ar, device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.dexcom_share.const import DOMAIN

from ..common import VALUE
from ..watching import ALERT_EVENT, ALERT_SENSOR, PREFIX, Watch


async def call(hass: HomeAssistant, service: str, **data: Any) -> None:
    """Call one of our actions."""
    await hass.services.async_call(DOMAIN, service, data, blocking=True)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize("target", ["device", "entity", "area"])
async def test_a_person_is_meant_by_device_entity_or_area(hass: HomeAssistant, watch: Watch, target: str) -> None:
    """Whatever of a person is named, the person is meant."""
    await watch.set_up(110, 65)
    area = ar.async_get(hass).async_create("Nursery")
    dr.async_get(hass).async_update_device(watch.device_id, area_id=area.id)
    targets = {
        "device": {"device_id": watch.device_id},
        "entity": {"entity_id": VALUE},
        "area": {"area_id": area.id},
    }
    await call(hass, "acknowledge", **targets[target])
    assert watch.status("low") == "acknowledged"


async def test_snooze_takes_a_duration_and_kinds(watch: Watch) -> None:
    """A kind can be snoozed ahead of time; the duration is as Home Assistant's selector gives it."""
    await watch.set_up(110, 108)
    await watch.call("snooze", kinds=["high"], duration={"hours": 2})
    assert watch.heard() == [("snoozed", "high")]
    state = watch.hass.states.get(f"binary_sensor.{PREFIX}_high_alert")
    event = watch.hass.states.get(ALERT_EVENT)
    assert state
    assert event
    assert state.attributes["snoozed_until"] == event.attributes["until"] == "2026-11-22T14:00:00+00:00"
    await watch.call("unsnooze")
    assert watch.heard() == [("unsnoozed", "high")]


async def test_an_urgent_low_is_not_snoozed_for_longer_than_half_an_hour(watch: Watch) -> None:
    """Whatever is asked for, it is told again after 30 minutes."""
    await watch.set_up(60, 54)
    watch.heard()
    await watch.call("snooze", kinds="urgent_low", duration="04:00:00")
    assert ("snoozed", "urgent_low") in watch.heard()
    await watch.read(*[54] * 5)
    assert ("repeated", "urgent_low") not in watch.heard()
    await watch.read(54)
    assert ("repeated", "urgent_low") in watch.heard()


async def test_unsnooze_ends_the_quiet(watch: Watch) -> None:
    """What still holds is told again when its repeat is due."""
    await watch.set_up(110, 65)
    await watch.call("snooze", kinds=["low"])
    watch.heard()
    await watch.call("unsnooze", kinds=["low"])
    assert watch.heard() == [("unsnoozed", "low")]
    await watch.read(*[65] * 6)
    assert ("repeated", "low") in watch.heard()


async def test_a_test_takes_the_same_path_and_touches_nothing(watch: Watch) -> None:
    """A rehearsed alert is told, marked as a test, and no alert is raised by it."""
    await watch.set_up(110, 108)
    await watch.call("test_alert", kind="urgent_low")
    assert watch.heard() == [("raised", "urgent_low")]
    event = watch.hass.states.get(ALERT_EVENT)
    assert event
    assert event.attributes["test"] is True
    assert event.attributes["value"] == 108
    assert event.attributes["limit"] == 55
    assert watch.state(ALERT_SENSOR) == "none"


@pytest.mark.parametrize("duration", [None, "00:00:00"])
async def test_snoozing_what_can_not_be_snoozed_is_refused(watch: Watch, duration: str | None) -> None:
    """An urgent low can't be snoozed ahead of time, nor anything for no time at all."""
    await watch.set_up(110, 108)
    kinds, data = (["urgent_low"], {}) if duration is None else (["urgent_low"], {"duration": duration})
    with pytest.raises(ServiceValidationError) as refusal:
        await watch.call("snooze", kinds=kinds, **data)
    assert refusal.value.translation_key == "nothing_to_snooze"
    assert refusal.value.translation_placeholders == {"person": "anna@example.com"}


async def test_targets_that_belong_to_nobody_are_refused(hass: HomeAssistant, watch: Watch) -> None:
    """An action that means nobody says so."""
    await watch.set_up(110, 108)
    with pytest.raises(ServiceValidationError) as refusal:
        await call(hass, "snooze", entity_id="light.kitchen")
    assert refusal.value.translation_key == "no_person_targeted"
    with pytest.raises(vol.Invalid):
        await call(hass, "snooze")
    with pytest.raises(vol.Invalid):
        await call(hass, "snooze", device_id=watch.device_id, kinds=["hungry"])


async def test_a_person_who_is_not_loaded_is_refused_by_name(hass: HomeAssistant, watch: Watch) -> None:
    """An action that can't reach a person says whom."""
    await watch.set_up(110, 108)
    device_id = watch.device_id
    await hass.config_entries.async_unload(watch.entry.entry_id)
    with pytest.raises(ServiceValidationError) as refusal:
        await call(hass, "acknowledge", device_id=device_id)
    assert refusal.value.translation_key == "person_not_loaded"
    assert refusal.value.translation_placeholders == {"person": "anna@example.com"}


async def test_only_the_person_meant_is_answered_for(hass: HomeAssistant, watch: Watch) -> None:
    """Another person's alert stays raised."""
    await watch.set_up(110, 65)
    ben = watch.share.simulator.add_account("ben@example.com", "secret of ben")
    other = MockConfigEntry(
        domain=DOMAIN,
        title="ben@example.com",
        unique_id=ben.account_id,
        data={**watch.entry.data, "username": "ben@example.com", "password": "secret of ben"},
    )
    await watch.share.set_up(hass, other)
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, ben.account_id), other.entry_id)
    assert device
    await call(hass, "acknowledge", device_id=device.id)
    assert watch.status("low") == "active"
