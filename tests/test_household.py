"""The household: it tells of several persons, comes and goes by itself, and moves with who carries it."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.dexcom_share.const import DOMAIN, HOUSEHOLD
from custom_components.dexcom_share.household import MOVE_AFTER
from simulator import ListSource

from .common import MINUTE, PASSWORD, Share, pass_time

PERSON = "sensor.household_most_urgent_person"
ALERT = "sensor.household_most_urgent_alert"
SUMMARY = "sensor.household_summary"
LATER = timedelta(seconds=MOVE_AFTER + 1)


def add_account(share: Share, username: str) -> Share:
    """Return one more person at the same server."""
    account = share.simulator.add_account(username, PASSWORD, source=ListSource())
    return Share(simulator=share.simulator, account=account, server=share.server)


async def set_up(hass: HomeAssistant, share: Share, username: str) -> MockConfigEntry:
    """Set up one more person, with readings."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=username,
        unique_id=share.account.account_id,
        data={"region": "us", "username": username, "password": PASSWORD, "base_url": share.base_url},
    )
    share.add_readings()
    await share.set_up(hass, entry)
    return entry


@pytest.fixture
def other_share(share: Share) -> Share:
    """Return a second person at the same server."""
    return add_account(share, "bert@example.com")


@pytest.fixture
async def other(hass: HomeAssistant, loaded: MockConfigEntry, other_share: Share) -> MockConfigEntry:
    """Return the second person's entry; both are set up."""
    return await set_up(hass, other_share, "bert@example.com")


def shown(hass: HomeAssistant) -> list[str]:
    """Return the states of the household, none where there is no such thing."""
    states = [hass.states.get(entity_id) for entity_id in (PERSON, ALERT, SUMMARY)]
    return [state.state for state in states if state]


def carriers(hass: HomeAssistant, *entries: MockConfigEntry) -> list[str]:
    """Return which of some entries carry the household, by device and by entities alike."""
    devices, entities = dr.async_get(hass), er.async_get(hass)
    found = []
    for entry in entries:
        has_device = bool(devices.async_get_device_by_identifier((DOMAIN, HOUSEHOLD), entry.entry_id))
        own = er.async_entries_for_config_entry(entities, entry.entry_id)
        assert len([each for each in own if each.unique_id.startswith("household_")]) == 3 * has_device
        found += [entry.title] * has_device
    return found


async def test_one_person_is_no_household(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """There is nothing to compare."""
    assert not shown(hass)
    assert not carriers(hass, loaded)


async def test_tells_who_needs_somebody(
    hass: HomeAssistant, share: Share, other_share: Share, other: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """The gravest alert of all, and in a sentence whom there is something to tell of."""
    assert shown(hass) == ["none", "none", "Nobody has an alert."]
    await pass_time(hass, freezer, 5 * MINUTE)
    share.add_reading(104)
    other_share.add_reading(52)
    await pass_time(hass, freezer, MINUTE)
    assert shown(hass)[:2] == ["bert@example.com", "urgent_low"]
    assert shown(hass)[2] == "The glucose of bert@example.com is 52 mg/dL, steady. Alert: urgent low."


async def test_does_not_say_that_all_is_well_where_nobody_knows(
    hass: HomeAssistant, other: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Without current readings no alert is no good sign; who is not loaded is not known either."""
    assert await hass.config_entries.async_unload(other.entry_id)
    await hass.async_block_till_done()
    assert shown(hass) == [STATE_UNKNOWN, STATE_UNKNOWN, "The glucose of bert@example.com is not known."]


async def test_a_reload_leaves_it_where_it_is(
    hass: HomeAssistant, loaded: MockConfigEntry, other: MockConfigEntry
) -> None:
    """With what the user has set of it."""
    [entity] = [er.async_get(hass).async_get(PERSON)]
    assert entity
    for entry in (loaded, other):
        assert await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert carriers(hass, loaded, other) == ["anna@example.com"]
        assert shown(hass) == ["none", "none", "Nobody has an alert."]
    assert er.async_get(hass).async_get(PERSON) == entity


async def test_moves_when_its_carrier_is_away(
    hass: HomeAssistant, loaded: MockConfigEntry, other: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """After a minute, under the same entity ids, and stays there when the other comes back."""
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await hass.async_block_till_done()
    assert shown(hass) == 3 * [STATE_UNAVAILABLE]
    await pass_time(hass, freezer, LATER)
    assert carriers(hass, loaded, other) == ["bert@example.com"]
    assert shown(hass) == [STATE_UNKNOWN, STATE_UNKNOWN, "The glucose of anna@example.com is not known."]
    assert await hass.config_entries.async_setup(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert carriers(hass, loaded, other) == ["bert@example.com"]
    assert shown(hass) == ["none", "none", "Nobody has an alert."]


async def test_waits_while_nobody_is_at_work(
    hass: HomeAssistant, loaded: MockConfigEntry, other: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What there is stays."""
    for entry in (other, loaded):
        assert await hass.config_entries.async_unload(entry.entry_id)
    await pass_time(hass, freezer, LATER)
    assert carriers(hass, loaded, other) == ["anna@example.com"]
    assert await hass.config_entries.async_setup(other.entry_id)
    await pass_time(hass, freezer, LATER)
    assert carriers(hass, loaded, other) == ["bert@example.com"]


@pytest.mark.parametrize("is_carrier", [True, False])
@pytest.mark.parametrize("is_removed", [True, False])
async def test_is_gone_with_the_last_but_one(
    hass: HomeAssistant, loaded: MockConfigEntry, other: MockConfigEntry, is_carrier: bool, is_removed: bool
) -> None:
    """Whoever goes, removed or disabled."""
    goes, stays = (loaded, other) if is_carrier else (other, loaded)
    if is_removed:
        await hass.config_entries.async_remove(goes.entry_id)
    else:
        await hass.config_entries.async_set_disabled_by(goes.entry_id, ConfigEntryDisabler.USER)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not shown(hass)
    assert not carriers(hass, stays)
    if not is_removed:
        await hass.config_entries.async_set_disabled_by(goes.entry_id, None)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert len(shown(hass)) == 3


async def test_as_a_target_it_is_nobody(hass: HomeAssistant, loaded: MockConfigEntry, other: MockConfigEntry) -> None:
    """Neither its device nor its entities mean the person who carries it."""
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, HOUSEHOLD), loaded.entry_id)
    assert device
    for target in ({"device_id": device.id}, {"entity_id": ALERT}):
        with pytest.raises(ServiceValidationError) as refused:
            await hass.services.async_call(DOMAIN, "get_readings", target, blocking=True, return_response=True)
        assert refused.value.translation_key == "no_person_targeted"


async def test_moves_at_once_when_its_carrier_is_gone(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, other: MockConfigEntry
) -> None:
    """As long as others are left, under the same entity ids."""
    name = f"{'carla' * 40}@example.com"
    third = await set_up(hass, add_account(share, name), name)
    await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert carriers(hass, other, third) == ["bert@example.com"]
    assert shown(hass) == ["none", "none", "Nobody has an alert."]
    await hass.config_entries.async_set_disabled_by(other.entry_id, ConfigEntryDisabler.USER)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not shown(hass)


async def test_says_as_much_as_a_state_can_hold(
    hass: HomeAssistant, share: Share, other: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Whole sentences, as long as the first one is not too long by itself."""
    name = f"{'carla' * 40}@example.com"
    await set_up(hass, add_account(share, name), name)
    await pass_time(hass, freezer, 30 * MINUTE)
    [*_, summary] = shown(hass)
    assert 0 < len(summary) <= 255
    assert summary.endswith(".")
    assert "carla" not in summary or "anna" not in summary
