"""Glucose in the unit in which a person sees it; everything is compared and kept in mg/dL."""

from collections.abc import Mapping
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_UNIT_OF_MEASUREMENT, Platform, UnitOfBloodGlucoseConcentration
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.util.unit_conversion import BloodGlucoseConcentrationConverter

from ..const import CONF_UNIT, DOMAIN
from ..glucose.alerts.kinds import AlertKind

MGDL: Final = UnitOfBloodGlucoseConcentration.MILLIGRAMS_PER_DECILITER
MMOL: Final = UnitOfBloodGlucoseConcentration.MILLIMOLE_PER_LITER

ATTR_VALUE_MGDL: Final = "value_mg_dl"
"""The attribute of a glucose sensor in mmol/L that has its value in whole mg/dL."""

RATE_KINDS: Final = frozenset({AlertKind.FALLING_FAST, AlertKind.RISING_FAST})
"""The kinds whose limit is a change per minute."""


@callback
def glucose_unit(hass: HomeAssistant, entry: ConfigEntry) -> UnitOfBloodGlucoseConcentration:
    """Return the unit of a person: the one set on their glucose sensor, else the one set for the person."""
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id(Platform.SENSOR, DOMAIN, f"{entry.unique_id}_value")
    sensor = registry.async_get(entity_id) if entity_id else None
    chosen = chosen_unit(sensor) if sensor else None
    proposed = proposed_unit(sensor) if sensor else None
    return MMOL if (chosen or entry.options.get(CONF_UNIT) or proposed) == MMOL else MGDL


def chosen_unit(sensor: er.RegistryEntry) -> str | None:
    """Return the unit that the user has set on a sensor, None where none was set."""
    none: Mapping[str, str] = {}
    return sensor.options.get(Platform.SENSOR, none).get(CONF_UNIT_OF_MEASUREMENT)


def proposed_unit(sensor: er.RegistryEntry) -> str | None:
    """Return the unit in which a sensor is shown while the user has set none on it, None where it is the native one."""
    none: Mapping[str, str] = {}
    return sensor.options.get(f"{Platform.SENSOR}.private", none).get("suggested_unit_of_measurement")


def as_shown(mgdl: float, unit: str) -> float:
    """Return a concentration as a person reads it: whole mg/dL, or mmol/L with one decimal."""
    # A small fall is no "-0.0".
    return round(mgdl) if unit == MGDL else round(BloodGlucoseConcentrationConverter.convert(mgdl, MGDL, unit), 1) + 0.0


def rate_as_shown(mgdl_per_minute: float, unit: str) -> float:
    """Return a change per minute as a person reads it: with one decimal in mg/dL, with two in mmol/L."""
    return round(BloodGlucoseConcentrationConverter.convert(mgdl_per_minute, MGDL, unit), 1 if unit == MGDL else 2)


def limit_as_shown(kind: AlertKind, limit: float | None, unit: str) -> float | None:
    """Return the limit of an alert as a person reads it, None where the kind has none."""
    if limit is None:
        return None
    return rate_as_shown(limit, unit) if kind in RATE_KINDS else as_shown(limit, unit)


def chance_as_shown(chance: float | None) -> int | None:
    """Return a chance as a person reads it: percent in steps of 5, finer than which it isn't known."""
    return None if chance is None else 5 * round(chance * 20)


def to_mgdl(concentration: float, unit: str) -> int:
    """Return the whole mg/dL nearest to a concentration."""
    return round(BloodGlucoseConcentrationConverter.convert(concentration, unit, MGDL))
