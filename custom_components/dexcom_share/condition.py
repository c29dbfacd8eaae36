"""Conditions on the entities of a person; what is not known now fulfils none of them."""

from collections.abc import Collection
from typing import ClassVar, Final, override

from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    CONF_FOR,
    CONF_OPTIONS,
    CONF_TARGET,
    CONF_UNIT_OF_MEASUREMENT,
    STATE_ON,
    Platform,
)
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.condition import (
    ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL,
    Condition,
    ConditionConfig,
    EntityConditionBase,
)
from homeassistant.helpers.selector import NumericThresholdType
from homeassistant.helpers.typing import ConfigType
import voluptuous as vol

from .display.units import ATTR_VALUE_MGDL, MGDL, MMOL, to_mgdl
from .display.words import FALLING_STATES, RISING_STATES
from .fields import KINDS, SPAN
from .glucose.alerts.kinds import AlertKind
from .glucose.ranges import GlucoseRange
from .targets import owner, validate_target
from .threshold import POSSIBLE_VALUES, Limit, is_inside

CONF_KINDS: Final = "kinds"
CONF_VALUE: Final = "value"

BINARY_SENSOR: Final = {Platform.BINARY_SENSOR.value: DomainSpec()}
SENSOR: Final = {Platform.SENSOR.value: DomainSpec()}
# What counts since when is told by an attribute, not by the state.
SENSOR_ACTIVE: Final = {Platform.SENSOR.value: DomainSpec(value_source="active")}
SENSOR_MGDL: Final = {Platform.SENSOR.value: DomainSpec(value_source=ATTR_VALUE_MGDL)}
SENSOR_RANGE: Final = {Platform.SENSOR.value: DomainSpec(value_source="range")}

PERSON_SCHEMA: Final = ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL.extend(
    {vol.Required(CONF_OPTIONS, default={}): {vol.Optional(CONF_FOR): SPAN}}
)


class PersonCondition(EntityConditionBase):
    """A condition on one entity of each person that the target means."""

    _schema = PERSON_SCHEMA
    _key: ClassVar[str]

    @classmethod
    @override
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Return the configuration with its defaults; `vol.Invalid` where the condition could never hold."""
        config = await super().async_validate_config(hass, config)
        validate_target(hass, config[CONF_TARGET], {cls._key})
        return config

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

    @override
    def _check_all_match_state(self, states: list[State]) -> bool:
        """Return whether all match; of no entities at all nothing is true."""
        return bool(states) and super()._check_all_match_state(states)


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

    _states = FALLING_STATES


class IsRisingCondition(TrendCondition):
    """Whether glucose rises, if only slightly."""

    _states = RISING_STATES


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

    _domain_specs = SENSOR_MGDL
    _key = "value"
    _schema = PERSON_SCHEMA.extend(
        {
            vol.Required(CONF_OPTIONS): {
                vol.Required(CONF_VALUE): vol.Coerce(float),
                vol.Required(CONF_UNIT_OF_MEASUREMENT): vol.In([MGDL, MMOL]),
            }
        }
    )
    _where: ClassVar[NumericThresholdType]

    @classmethod
    @override
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Return the configuration; `vol.Invalid` also where no reading can be beyond the limit."""
        config = await super().async_validate_config(hass, config)
        limit = (config[CONF_OPTIONS][CONF_VALUE], config[CONF_OPTIONS][CONF_UNIT_OF_MEASUREMENT])
        if not any(is_inside(value, cls._where, [limit]) for value in POSSIBLE_VALUES):
            raise vol.Invalid(f"Glucose is never told as {cls._where} {limit[0]} {limit[1]}")
        return config

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take the limit."""
        super().__init__(hass, config)
        options = config.options or {}
        self._limit: Limit = (options[CONF_VALUE], options[CONF_UNIT_OF_MEASUREMENT])

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        """Return whether glucose is beyond the limit; on the limit it is not."""
        try:
            shown = float(entity_state.state)
        except ValueError:
            return False
        # A state in mmol/L is rounded; older ones, without the attribute, are not.
        mgdl = entity_state.attributes.get(ATTR_VALUE_MGDL)
        value = mgdl or to_mgdl(shown, entity_state.attributes.get(ATTR_UNIT_OF_MEASUREMENT, MGDL))
        return is_inside(value, self._where, [self._limit])


class IsAboveCondition(LimitCondition):
    """Whether glucose is above a limit."""

    _where = NumericThresholdType.ABOVE


class IsBelowCondition(LimitCondition):
    """Whether glucose is below a limit."""

    _where = NumericThresholdType.BELOW


class IsAlertActiveCondition(PersonCondition):
    """Whether an alert of some kinds is raised, also while it is snoozed or acknowledged."""

    _domain_specs = SENSOR_ACTIVE
    _key = "alert"
    _schema = PERSON_SCHEMA.extend({vol.Required(CONF_OPTIONS, default={}): {vol.Optional(CONF_KINDS): KINDS}})

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take the kinds, all of them where none is named."""
        super().__init__(hass, config)
        self._kinds = frozenset((config.options or {}).get(CONF_KINDS) or AlertKind)

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        """Return whether an alert of one of the kinds is raised."""
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
