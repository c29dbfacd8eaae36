"""The sensors of glucose in the unit of their person: Home Assistant keeps a unit for each of them, these follow."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_UNIT_OF_MEASUREMENT, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import CONF_UNIT, DOMAIN
from .units import chosen_unit, glucose_unit, proposed_unit

GLUCOSE_KEYS: Final = ("value", "change", "predicted")
"""The sensors whose state is a concentration."""
_SUGGESTED: Final = "suggested_unit_of_measurement"
_PRIVATE: Final = f"{Platform.SENSOR}.private"


def _sensors(hass: HomeAssistant, entry: ConfigEntry) -> Iterator[er.RegistryEntry]:
    """Return the sensors of glucose that are registered."""
    registry = er.async_get(hass)
    for key in GLUCOSE_KEYS:
        entity_id = registry.async_get_entity_id(Platform.SENSOR, DOMAIN, f"{entry.unique_id}_{key}")
        if entity_id and (sensor := registry.async_get(entity_id)):
            yield sensor


@callback
def sensor_unit(hass: HomeAssistant, entry: ConfigEntry, sensor: er.RegistryEntry | None) -> str:
    """Return the unit in which Home Assistant shows one sensor: its own, else the person's.

    A state given in this very unit is shown as it is given: converted by Home Assistant it would have 14 decimals.
    """
    own = (chosen_unit(sensor) or proposed_unit(sensor)) if sensor else None
    return own or glucose_unit(hass, entry)


@callback
def follow_unit(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Have the sensors shown in the unit of the person, but for one on which the user has set a unit."""
    unit = glucose_unit(hass, entry)
    for sensor in _sensors(hass, entry):
        if chosen_unit(sensor) or unit == (proposed_unit(sensor) or sensor.unit_of_measurement):
            continue
        options = {**sensor.options.get(_PRIVATE, {}), _SUGGESTED: unit}
        er.async_get(hass).async_update_entity_options(sensor.entity_id, _PRIVATE, options)


@callback
def set_unit(hass: HomeAssistant, entry: ConfigEntry, unit: str) -> None:
    """Set the unit of a person; another one than before takes the place of units that were set on their sensors."""
    if unit != glucose_unit(hass, entry):
        for sensor in _sensors(hass, entry):
            own: Mapping[str, Any] = sensor.options.get(Platform.SENSOR, {})
            kept = {key: value for key, value in own.items() if key != CONF_UNIT_OF_MEASUREMENT}
            if kept != own:
                er.async_get(hass).async_update_entity_options(sensor.entity_id, Platform.SENSOR, kept)
    hass.config_entries.async_update_entry(entry, options={**entry.options, CONF_UNIT: unit})
    follow_unit(hass, entry)
