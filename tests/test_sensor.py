"""The sensors: what they show, and that they never show an old value as current."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import (
    EVENT_STATE_CHANGED,
    EVENT_STATE_REPORTED,
    STATE_OFF,
    STATE_ON,
    STATE_UNKNOWN,
    Platform,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.json import json_dumps
from homeassistant.util import dt as dt_util
from homeassistant.util.json import json_loads
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion

from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.watch.news import NewReading, reading_signal
from simulator import Record

from .common import MINUTE, VALUE, Share, listen, pass_time

PREFIX = "anna_example_com"


def shown(hass: HomeAssistant, entity: str) -> str:
    """Return the state of one of the person's entities."""
    found = hass.states.get(f"{entity.replace('.', f'.{PREFIX}_', 1)}")
    assert found, entity
    return found.state


@pytest.mark.parametrize("platform", [Platform.SENSOR, Platform.BINARY_SENSOR, Platform.EVENT])
async def test_entities(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    share: Share,
    entry: MockConfigEntry,
    platform: Platform,
    entity_registry: er.EntityRegistry,
    snapshot: SnapshotAssertion,
) -> None:
    """What a person's entities are and show."""
    freezer.move_to("2026-11-22T12:00:00+00:00")
    share.add_readings(118, 104)
    with patch("custom_components.dexcom_share.PLATFORMS", [platform]):
        await share.set_up(hass, entry)
    for entity in er.async_entries_for_config_entry(entity_registry, entry.entry_id):
        state = hass.states.get(entity.entity_id)
        assert state
        # What a user meets; the registry's own form differs between the versions of Home Assistant.
        picture = {
            "unique_id": entity.unique_id,
            "entity_category": entity.entity_category,
            "disabled_by": entity.disabled_by,
            "state": state.state,
            "attributes": state.attributes,
        }
        assert json_loads(json_dumps(picture)) == snapshot(name=entity.entity_id)


async def test_one_device_per_person(
    hass: HomeAssistant, loaded: MockConfigEntry, device_registry: dr.DeviceRegistry
) -> None:
    """The person is one device, known by the account's id."""
    devices = dr.async_entries_for_config_entry(device_registry, loaded.entry_id)
    assert [device.identifiers for device in devices] == [{(DOMAIN, loaded.unique_id)}]
    assert devices[0].entry_type is dr.DeviceEntryType.SERVICE


async def test_an_old_value_is_never_shown_as_current(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Stale from 11 minutes, unknown from 15, by the clock alone: while no poll gets an answer."""
    share.simulator.faults.disconnect = "before"
    seen: dict[int, tuple[str, str, str]] = {}
    for age in range(1, 17):
        await pass_time(hass, freezer, MINUTE if age > 1 else timedelta(seconds=40))
        seen[age] = (
            shown(hass, "sensor.glucose_value"),
            shown(hass, "binary_sensor.glucose_stale"),
            shown(hass, "sensor.glucose_age"),
        )
    assert seen[10] == ("112", STATE_OFF, "10")
    assert seen[11] == ("112", STATE_ON, "11")
    assert seen[14] == ("112", STATE_ON, "14")
    assert seen[15] == (STATE_UNKNOWN, STATE_ON, "15")
    assert shown(hass, "sensor.glucose_trend") == STATE_UNKNOWN
    assert shown(hass, "sensor.glucose_change") == STATE_UNKNOWN
    assert shown(hass, "sensor.glucose_reading_time") != STATE_UNKNOWN


async def test_a_minute_writes_the_age_alone(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What has not changed is not written again, neither by the clock nor by a poll that brings nothing."""
    await pass_time(hass, freezer, MINUTE)
    written: list[str] = []

    @callback
    def note(event: Event[Any]) -> None:
        written.append(event.data["entity_id"].removeprefix(f"sensor.{PREFIX}_"))

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    hass.bus.async_listen(EVENT_STATE_REPORTED, note, event_filter=callback(lambda _: True))
    for _ in range(3):
        await pass_time(hass, freezer, MINUTE)
    assert written == 3 * ["glucose_age"]
    calls = len(share.simulator.calls)
    written.clear()
    await loaded.runtime_data.glucose.async_refresh()
    await hass.async_block_till_done()
    assert len(share.simulator.calls) > calls
    assert not written
    share.add_reading(113)
    await loaded.runtime_data.glucose.async_refresh()
    await hass.async_block_till_done()
    assert {"glucose_value", "glucose_reading_time", "glucose_age"} <= set(written)


async def test_an_equal_value_is_a_new_reading(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """The time and the event move although the value stays."""
    time, event = shown(hass, "sensor.glucose_reading_time"), shown(hass, "event.glucose_reading")
    await pass_time(hass, freezer, 5 * MINUTE)
    share.add_reading(112)
    await pass_time(hass, freezer, MINUTE)
    assert shown(hass, "sensor.glucose_value") == "112"
    assert shown(hass, "sensor.glucose_reading_time") > time
    assert shown(hass, "event.glucose_reading") > event
    found = hass.states.get(f"event.{PREFIX}_glucose_reading")
    assert found
    assert found.attributes["value_mg_dl"] == 112
    assert found.attributes["change_mg_dl"] == 0
    assert found.attributes["upload_delay_seconds"] == 80
    assert found.attributes["backfilled"] is False


async def test_late_readings_are_events_marked_as_such(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """After a gap every reading is announced once, in order, the newest last and alone not as backfilled."""
    events: list[NewReading] = listen(hass, reading_signal(loaded))
    share.simulator.faults.offline = True
    await pass_time(hass, freezer, 20 * MINUTE)
    assert events == []
    share.simulator.faults.offline = None
    share.add_readings(101, 102, 103)
    await pass_time(hass, freezer, 5 * MINUTE)
    assert [(event.reading.value, event.backfilled) for event in events] == [(101, True), (102, True), (103, False)]
    assert shown(hass, "sensor.glucose_value") == "103"


@pytest.mark.parametrize(
    ("trend", "told"),
    [
        ("DoubleUp", "rising_quickly"),
        ("SingleUp", "rising"),
        ("FortyFiveUp", "rising_slightly"),
        ("Flat", "steady"),
        ("FortyFiveDown", "falling_slightly"),
        ("SingleDown", "falling"),
        ("DoubleDown", "falling_quickly"),
        ("NotComputable", "not_computable"),
        ("RateOutOfRange", "rate_out_of_range"),
        ("None", STATE_UNKNOWN),
        ("Sideways", STATE_UNKNOWN),
    ],
)
async def test_trends(hass: HomeAssistant, share: Share, entry: MockConfigEntry, trend: str, told: str) -> None:
    """Every trend of the wire has its state, and what nobody knows is unknown."""
    share.add_reading(100, trend)
    await share.set_up(hass, entry)
    assert shown(hass, "sensor.glucose_trend") == told


async def test_the_change_is_unknown_across_a_gap(hass: HomeAssistant, share: Share, entry: MockConfigEntry) -> None:
    """A difference over more than one step is no change."""
    share.add_reading(90, ago=12 * MINUTE)
    share.add_reading(100)
    await share.set_up(hass, entry)
    assert shown(hass, "sensor.glucose_change") == STATE_UNKNOWN


async def test_mmol_per_litre(hass: HomeAssistant, loaded: MockConfigEntry, entity_registry: er.EntityRegistry) -> None:
    """Who thinks in mmol/L sees value and change in it."""
    for key, shown in (("value", "6.2"), ("change", "0.4")):
        entity_id = f"sensor.{PREFIX}_glucose_{key}"
        entity_registry.async_update_entity_options(entity_id, "sensor", {"unit_of_measurement": "mmol/L"})
        await hass.async_block_till_done()
        found = hass.states.get(entity_id)
        assert found
        assert found.attributes["unit_of_measurement"] == "mmol/L"
        assert found.state == shown


async def test_a_wrong_clock_of_ours_does_not_make_old_values_current(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, share: Share, entry: MockConfigEntry, socket_enabled: None
) -> None:
    """With our clock hours behind, age and end of a value go by Share's clock."""
    behind = timedelta(hours=3)
    share.simulator.clock = type(share.simulator.clock)(lambda: dt_util.utcnow() + behind)
    share.account.add_reading(dt_util.utcnow() + behind - 14.5 * MINUTE, 60)
    await share.set_up(hass, entry)
    assert shown(hass, "sensor.glucose_value") == STATE_UNKNOWN
    # Two answers tell which clock is right.
    await pass_time(hass, freezer, timedelta(seconds=12))
    assert shown(hass, "sensor.glucose_value") == "60"
    assert shown(hass, "sensor.glucose_age") == "14"
    await pass_time(hass, freezer, MINUTE)
    assert shown(hass, "sensor.glucose_value") == STATE_UNKNOWN


async def test_a_reading_from_far_ahead_is_left_out(hass: HomeAssistant, share: Share, entry: MockConfigEntry) -> None:
    """A stamp hours ahead can't hide the readings of now."""
    share.add_readings(100, 101)
    now = share.simulator.now()
    share.account.add_record(Record(time=now + timedelta(hours=3), value=222, available_at=now))
    await share.set_up(hass, entry)
    assert shown(hass, "sensor.glucose_value") == "101"


async def test_nothing_yet(hass: HomeAssistant, share: Share, entry: MockConfigEntry) -> None:
    """Before the first reading everything is unknown, and nothing fails."""
    await share.set_up(hass, entry)
    assert hass.states.get(VALUE).state == STATE_UNKNOWN  # type: ignore[union-attr]
    assert shown(hass, "sensor.glucose_age") == STATE_UNKNOWN
    assert shown(hass, "binary_sensor.glucose_stale") == STATE_ON
