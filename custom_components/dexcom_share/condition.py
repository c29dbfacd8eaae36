"""Conditions on the entities of a person; what is not known now fulfils none of them."""

from collections.abc import Collection
from typing import ClassVar, Final, override

from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    CONF_OPTIONS,
    CONF_UNIT_OF_MEASUREMENT,
    STATE_ON,
    Platform,
)
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.condition import (
    ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL,
    Condition,
    ConditionConfig,
    EntityConditionBase,
)
import voluptuous as vol

from .display.units import MGDL, MMOL, as_shown, to_mgdl
from .glucose.alerts.kinds import AlertKind
from .glucose.ranges import GlucoseRange
from .targets import owner

CONF_KINDS: Final = "kinds"
CONF_VALUE: Final = "value"

BINARY_SENSOR: Final = {Platform.BINARY_SENSOR.value: DomainSpec()}
SENSOR: Final = {Platform.SENSOR.value: DomainSpec()}
# What counts since when is told by an attribute, not by the state.
SENSOR_ACTIVE: Final = {Platform.SENSOR.value: DomainSpec(value_source="active")}
SENSOR_RANGE: Final = {Platform.SENSOR.value: DomainSpec(value_source="range")}

FALLING: Final = frozenset({"falling_slightly", "falling", "falling_quickly"})
RISING: Final = frozenset({"rising_slightly", "rising", "rising_quickly"})


class PersonCondition(EntityConditionBase):
    """Looks at one fact of the persons its target means."""

    _key: ClassVar[str]

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Return the entities that show the fact."""
        return {
            entity_id
            for entity_id in super().entity_filter(entities)
            if owner(self._hass, entity_id, (self._key,)) is not None
        }

    @override
    def _should_include(self, state: State) -> bool:
        """Include what is unknown, too: "all are in range" must not hold because nothing is known."""
        return True


class StateCondition(PersonCondition):
    """Whether the state of the entity is one of some."""

    _states: ClassVar[Collection[str]]

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        """Return whether the state is one of those asked for."""
        return entity_state.state in self._states


class TrendCondition(StateCondition):
    """Whether glucose moves in one direction."""

    _domain_specs = SENSOR
    _key = "trend"


class IsFallingCondition(TrendCondition):
    """Whether glucose falls, if only slightly."""

    _states = FALLING


class IsRisingCondition(TrendCondition):
    """Whether glucose rises, if only slightly."""

    _states = RISING


class IsStaleCondition(StateCondition):
    """Whether the next reading is overdue."""

    _domain_specs = BINARY_SENSOR
    _key = "stale"
    _states = (STATE_ON,)


class RangeCondition(PersonCondition):
    """Whether glucose is in a range now, by the limits of the low and the high alert."""

    _domain_specs = SENSOR_RANGE
    _key = "value"
    _range: ClassVar[GlucoseRange]

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        """Return whether the range is the one asked for."""
        return entity_state.attributes.get("range") == self._range


class IsLowCondition(RangeCondition):
    """Whether glucose is at or below the limit of the low alert."""

    _range = GlucoseRange.LOW


class IsInRangeCondition(RangeCondition):
    """Whether glucose is between the limits of the low and the high alert."""

    _range = GlucoseRange.IN_RANGE


class IsHighCondition(RangeCondition):
    """Whether glucose is at or above the limit of the high alert."""

    _range = GlucoseRange.HIGH


class LimitCondition(PersonCondition):
    """How glucose compares with a limit of one's own, by what is shown in the unit of the limit."""

    _domain_specs = SENSOR
    _key = "value"
    _schema = ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL.extend(
        {
            vol.Required(CONF_OPTIONS): {
                vol.Required(CONF_VALUE): vol.Coerce(float),
                vol.Required(CONF_UNIT_OF_MEASUREMENT): vol.In([MGDL, MMOL]),
            }
        }
    )
    _direction: ClassVar[int]

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take the limit."""
        super().__init__(hass, config)
        options = config.options or {}
        self._limit: float = options[CONF_VALUE]
        self._unit: str = options[CONF_UNIT_OF_MEASUREMENT]

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        """Return whether glucose is beyond the limit; on the limit it is not."""
        try:
            shown = float(entity_state.state)
        except ValueError:
            return False
        # A sensor shown in mmol/L has a state that is not rounded; its value is whole mg/dL.
        value = as_shown(to_mgdl(shown, entity_state.attributes.get(ATTR_UNIT_OF_MEASUREMENT, MGDL)), self._unit)
        return self._direction * (value - self._limit) > 0


class IsAboveCondition(LimitCondition):
    """Whether glucose is above a limit."""

    _direction = 1


class IsBelowCondition(LimitCondition):
    """Whether glucose is below a limit."""

    _direction = -1


class IsAlertActiveCondition(PersonCondition):
    """Whether an alert of some kinds holds, heard or not."""

    _domain_specs = SENSOR_ACTIVE
    _key = "alert"
    _schema = ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL.extend(
        {
            vol.Required(CONF_OPTIONS, default={}): {
                vol.Optional(CONF_KINDS): vol.All(cv.ensure_list, [vol.Coerce(AlertKind)])
            }
        }
    )

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take the kinds, all of them where none is named."""
        super().__init__(hass, config)
        self._kinds = frozenset((config.options or {}).get(CONF_KINDS) or AlertKind)

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        """Return whether one of the kinds holds."""
        return not self._kinds.isdisjoint(entity_state.attributes.get("active", ()))


CONDITIONS: Final[dict[str, type[Condition]]] = {
    "is_above": IsAboveCondition,
    "is_alert_active": IsAlertActiveCondition,
    "is_below": IsBelowCondition,
    "is_falling": IsFallingCondition,
    "is_high": IsHighCondition,
    "is_in_range": IsInRangeCondition,
    "is_low": IsLowCondition,
    "is_rising": IsRisingCondition,
    "is_stale": IsStaleCondition,
}


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions."""
    return CONDITIONS
