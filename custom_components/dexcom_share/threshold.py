"""Limits of one's own that glucose is compared with, as a person reads it in the unit of the limit."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from homeassistant.const import ATTR_RESTORED, ATTR_UNIT_OF_MEASUREMENT, CONF_TYPE
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers.automation import ThresholdConfig
from homeassistant.helpers.selector import (
    NumericThresholdMode,
    NumericThresholdSelector,
    NumericThresholdSelectorConfig,
    NumericThresholdType,
)
import voluptuous as vol

from .display.units import MGDL, MMOL, as_shown, to_mgdl
from .share.models import HIGH_LIMIT_MGDL, LOW_LIMIT_MGDL

type Limit = tuple[float, str]
"""A concentration and its unit."""

POSSIBLE_VALUES: Final = range(LOW_LIMIT_MGDL, HIGH_LIMIT_MGDL + 1)
"""All values that a reading can have (mg/dL)."""

CROSSED: Final = NumericThresholdSelector(
    NumericThresholdSelectorConfig(mode=NumericThresholdMode.CROSSED, unit_of_measurement=[MGDL, MMOL])
)
"""The field of a threshold that can be crossed."""


class Threshold:
    """One limit to be above or below, or two to be between or outside."""

    def __init__(self, hass: HomeAssistant, config: Mapping[str, Any]) -> None:
        """Take a configuration that `CROSSED` has accepted."""
        self._hass = hass
        self._type: str = config[CONF_TYPE]
        self._limits = [
            limit
            for key in ("value", "value_min", "value_max")
            if (limit := ThresholdConfig.from_config(config.get(key)))
        ]

    def validate(self) -> None:
        """Raise `vol.Invalid` where no readings can ever cross the threshold."""
        for limit in self._limits:
            if limit.entity:
                self._validate_entity(limit.entity)
        numbers = [self._number(limit) for limit in self._limits if limit.numerical]
        if len(numbers) < len(self._limits):
            return
        if len(numbers) == 2 and to_mgdl(*numbers[0]) >= to_mgdl(*numbers[1]):
            raise vol.Invalid("The lower limit of the threshold must be less than the upper one")
        if len({is_inside(value, self._type, numbers) for value in POSSIBLE_VALUES}) == 1:
            raise vol.Invalid(
                f"Glucose is never told as less than {LOW_LIMIT_MGDL} or more than {HIGH_LIMIT_MGDL} {MGDL},"
                " so it can't cross this threshold"
            )

    def limits(self) -> list[Limit] | None:
        """Return the limits as they are now, None where an entity has no number or another unit."""
        known = [limit for each in self._limits if (limit := self._limit(each))]
        return known if len(known) == len(self._limits) else None

    def is_inside(self, value: int, limits: Sequence[Limit]) -> bool:
        """Return whether a value (mg/dL) is where the threshold asks for, by limits of `limits()`."""
        return is_inside(value, self._type, limits)

    def _validate_entity(self, entity_id: str) -> None:
        """Raise `vol.Invalid` where the entity of a limit is known to have no concentration."""
        state = self._hass.states.get(entity_id)
        if state is None or state.attributes.get(ATTR_RESTORED):
            # While Home Assistant starts, the integration of the entity may not have been loaded yet.
            if state is None and self._hass.state is CoreState.running:
                raise vol.Invalid(f"Entity {entity_id} does not exist")
            return
        if (unit := state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)) not in {MGDL, MMOL}:
            has = f"the unit {unit}" if unit else "no unit"
            raise vol.Invalid(f"Entity {entity_id} has {has}, expected {MGDL} or {MMOL}")

    def _limit(self, limit: ThresholdConfig) -> Limit | None:
        """Return one limit as it is now."""
        if limit.numerical:
            return self._number(limit)
        if (state := self._hass.states.get(cast("str", limit.entity))) is None:
            return None
        try:
            number = float(state.state)
        except ValueError:
            return None
        unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
        return (round(number, 1), unit) if unit in {MGDL, MMOL} else None

    @staticmethod
    def _number(limit: ThresholdConfig) -> Limit:
        """Return a limit that is a number."""
        return cast("float", limit.number), cast("str", limit.unit)


def is_inside(value: int, where: str, limits: Sequence[Limit]) -> bool:
    """Return whether a value (mg/dL) is above, below, between or outside limits; on one limit is not beyond it."""
    # By what is shown in the unit of the limit: 3.9 mmol/L on the display is not below 3.9.
    distances = [as_shown(value, unit) - number for number, unit in limits]
    match where:
        case NumericThresholdType.ABOVE:
            return distances[0] > 0
        case NumericThresholdType.BELOW:
            return distances[0] < 0
        case NumericThresholdType.BETWEEN:
            return distances[0] >= 0 >= distances[1]
        case _:
            return not distances[0] >= 0 >= distances[1]
