"""One unit a person: what every sensor shows, and who has the last word."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.dexcom_share.display.sensor_units import set_unit
from custom_components.dexcom_share.display.units import as_shown, glucose_unit

from ..common import VALUE, Share

CHANGE = "sensor.anna_example_com_glucose_change"
PREDICTED = "sensor.anna_example_com_predicted_glucose"
READINGS = (150, 158, 166)


def shown(hass: HomeAssistant) -> list[str]:
    """Return the states of the sensors of glucose with their units."""
    found = [hass.states.get(entity_id) for entity_id in (VALUE, CHANGE, PREDICTED)]
    return [f"{state.state} {state.attributes['unit_of_measurement']}" for state in found if state]


MGDL_SHOWN = ["166 mg/dL", "8 mg/dL", "178 mg/dL"]
MMOL_SHOWN = ["9.2 mmol/L", "0.4 mmol/L", "9.9 mmol/L"]


async def set_up(hass: HomeAssistant, share: Share, entry: MockConfigEntry, **options: str) -> None:
    """Set a person up with these options."""
    share.add_readings(*READINGS)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, options=options)
    await share.set_up(hass, entry)


async def test_states_are_rounded_in_the_unit_of_the_person(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry
) -> None:
    """Whole mg/dL, or mmol/L with one decimal: also the state itself, which scripts read."""
    await set_up(hass, share, entry, unit="mmol/L")
    assert shown(hass) == MMOL_SHOWN
    state = hass.states.get(VALUE)
    assert state
    assert state.attributes["value_mg_dl"] == 166
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass) == MMOL_SHOWN


async def test_without_a_unit_an_entry_goes_on_as_it_was(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry
) -> None:
    """Entries of before the option have none."""
    await set_up(hass, share, entry)
    assert shown(hass) == MGDL_SHOWN
    state = hass.states.get(VALUE)
    assert state
    assert "value_mg_dl" not in state.attributes


@pytest.mark.parametrize("restarts", [False, True])
async def test_another_unit_holds_at_once_and_after_a_restart(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, entity_registry: er.EntityRegistry, *, restarts: bool
) -> None:
    """There and back; Home Assistant would keep the unit in which it first saw a sensor."""
    await set_up(hass, share, entry, unit="mg/dL")
    for unit, expected in (("mmol/L", MMOL_SHOWN), ("mg/dL", MGDL_SHOWN), ("mmol/L", MMOL_SHOWN)):
        set_unit(hass, entry, unit)
        if restarts:
            await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert shown(hass) == expected
        assert glucose_unit(hass, entry) == unit
        sensor = entity_registry.async_get(VALUE)
        assert sensor
        assert sensor.options["sensor"] == {"suggested_display_precision": 1 if unit == "mmol/L" else 0}


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_unit_on_the_glucose_sensor_is_that_of_the_person(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, entity_registry: er.EntityRegistry, *, restarts: bool
) -> None:
    """As before there was the option; the other sensors follow, rounded, at once and after a restart."""
    await set_up(hass, share, entry)
    entity_registry.async_update_entity_options(VALUE, "sensor", {"unit_of_measurement": "mmol/L"})
    await hass.async_block_till_done(wait_background_tasks=True)
    if restarts:
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass) == MMOL_SHOWN


async def test_a_unit_on_another_sensor_is_kept_there(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    """Rounded as well; what is set anew for the person takes its place, what is only confirmed does not."""
    await set_up(hass, share, entry, unit="mg/dL")
    entity_registry.async_update_entity_options(
        CHANGE, "sensor", {"unit_of_measurement": "mmol/L", "display_precision": 2}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    mixed = [MGDL_SHOWN[0], MMOL_SHOWN[1], MGDL_SHOWN[2]]
    assert shown(hass) == mixed
    set_unit(hass, entry, "mg/dL")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass) == mixed
    set_unit(hass, entry, "mmol/L")
    set_unit(hass, entry, "mg/dL")
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass) == MGDL_SHOWN
    change = entity_registry.async_get(CHANGE)
    assert change
    assert change.options["sensor"] == {"display_precision": 2, "suggested_display_precision": 0}


async def test_a_unit_may_be_set_before_there_are_sensors(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """It holds from their first start on."""
    entry.add_to_hass(hass)
    set_unit(hass, entry, "mmol/L")
    assert glucose_unit(hass, entry) == "mmol/L"


def test_a_small_fall_is_no_negative_zero() -> None:
    """Nobody reads a -0.0."""
    assert str(as_shown(-0.5, "mmol/L")) == "0.0"
