"""What a new person costs the recorder, with the entities that are enabled by default, on SQLite."""

from collections import Counter

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.db_schema import States, StatesMeta
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import session_scope
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from .common import MINUTE, Share, pass_time

pytestmark = [pytest.mark.enabled_by_default, pytest.mark.usefixtures("recorder_mock")]

MOST_ROWS_AN_HOUR = 40
ENABLED = {
    "value",
    "trend",
    "change",
    "predicted",
    "alert",
    "data_status",
    "stale",
    "urgent_low_alert",
    "low_alert",
    "high_alert",
    "alerts",
    "snooze_alerts",
    "acknowledge_alerts",
    "time_in_range_24h",
    "time_in_range_14d",
    "gmi_14d",
    "answer",
    "treated",
}


def rows(hass: HomeAssistant) -> Counter[str]:
    """Return how many states are recorded, by entity."""
    with session_scope(hass=hass, read_only=True) as session:
        found = session.query(StatesMeta.entity_id).join(States, States.metadata_id == StatesMeta.metadata_id)
        return Counter(entity_id for (entity_id,) in found if entity_id)


async def test_a_new_person_has_few_entities(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    """Those that people look at; the others can be enabled. Which two end alike is told apart by platform."""
    await share.set_up(hass, entry)
    entities = er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    enabled = {str(each.unique_id).removeprefix(f"{entry.unique_id}_") for each in entities if not each.disabled_by}
    # The event of the alerts ends like the sensor of the gravest one.
    assert enabled == ENABLED
    assert sum(not each.disabled_by for each in entities) == len(ENABLED) + 1


async def test_an_hour_of_readings_writes_few_rows(
    hass: HomeAssistant, recorder_mock: Recorder, share: Share, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Twelve readings, each of another value, the trend changing thrice: no row without news."""
    share.add_readings(118, 104)
    await share.set_up(hass, entry)
    await async_wait_recording_done(hass)
    before = rows(hass)
    for place in range(12):
        share.add_reading(110 + 7 * (place % 3), trend=("Flat", "FortyFiveUp", "Flat", "FortyFiveDown")[place // 3])
        for _ in range(5):
            await pass_time(hass, freezer, MINUTE)
    await async_wait_recording_done(hass)
    written = await get_instance(hass).async_add_executor_job(rows, hass)
    written.subtract(before)
    assert sum(written.values()) <= MOST_ROWS_AN_HOUR, written
    assert written["sensor.anna_example_com_glucose_value"] >= 11
