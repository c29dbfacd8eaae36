"""Sensors of statistics: each figure over the last 24 hours, 7, 14, 30 and 90 days.

A state is rounded to what is shown, so that only what can be seen is written.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription
from homeassistant.const import PERCENTAGE

from .coordinator import DexcomShareCoordinator
from .display.sensor_units import sensor_unit
from .display.units import as_shown
from .entity import DexcomShareEntity
from .glucose.statistics.report import Statistics
from .glucose.statistics.windows import WINDOW_DAYS


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure of every window: its key, how many decimals are shown, and for which days it is enabled at first."""

    key: str
    of: Callable[[Statistics], float | None]
    digits: int = 0
    unit: str | None = PERCENTAGE
    is_concentration: bool = False
    enabled_for: frozenset[int] = frozenset()


FIGURES: Final = (
    Figure(
        key="time_in_range",
        of=lambda statistics: statistics.figures.ranges.in_range_percent if statistics.figures else None,
        enabled_for=frozenset({1, 14}),
    ),
    # With a decimal, as the targets are 4 % and for older people 1 %.
    Figure(
        key="time_below_range",
        of=lambda statistics: statistics.figures.ranges.below_percent if statistics.figures else None,
        digits=1,
    ),
    Figure(
        key="mean_glucose",
        of=lambda statistics: statistics.figures.mean_mgdl if statistics.figures else None,
        is_concentration=True,
    ),
    # None without sufficient data.
    Figure(key="gmi", of=lambda statistics: statistics.gmi_percent, digits=1, enabled_for=frozenset({14})),
    Figure(key="cv", of=lambda statistics: statistics.figures.cv_percent if statistics.figures else None, digits=1),
    Figure(key="gri", of=lambda statistics: statistics.figures.gri if statistics.figures else None, unit=None),
)


@dataclass(frozen=True, kw_only=True)
class StatisticsSensorDescription(SensorEntityDescription):
    """A figure over so many days, as a sensor."""

    figure: Figure
    days: int


def _description(figure: Figure, days: int) -> StatisticsSensorDescription:
    """Return the sensor of a figure over so many days; a day is named by its hours."""
    is_day = days == 1
    # No state class: neighbouring states share most of their readings, so their mean says nothing.
    return StatisticsSensorDescription(
        key=f"{figure.key}_24h" if is_day else f"{figure.key}_{days}d",
        translation_key=f"{figure.key}_hours" if is_day else f"{figure.key}_days",
        translation_placeholders={"hours": "24"} if is_day else {"days": str(days)},
        device_class=SensorDeviceClass.BLOOD_GLUCOSE_CONCENTRATION if figure.is_concentration else None,
        native_unit_of_measurement=figure.unit,
        entity_registry_enabled_default=days in figure.enabled_for,
        suggested_display_precision=None if figure.is_concentration else figure.digits,
        figure=figure,
        days=days,
    )


STATISTICS_SENSORS: Final = tuple(_description(figure, days) for figure in FIGURES for days in WINDOW_DAYS)


def statistics_sensors(coordinator: DexcomShareCoordinator) -> Iterator[SensorEntity]:
    """Return a person's sensors of statistics."""
    return (StatisticsSensor(coordinator, description) for description in STATISTICS_SENSORS)


class StatisticsSensor(DexcomShareEntity, SensorEntity):
    """A figure over the last days, by the standard targets."""

    entity_description: StatisticsSensorDescription

    @override
    async def async_added_to_hass(self) -> None:
        """Have the windows counted before the first state."""
        await super().async_added_to_hass()
        await self.coordinator.windows.async_load()

    @property
    @override
    def shows(self) -> object:
        """Return the figure as it is shown, and what belongs to it."""
        return self.native_value, self.native_unit_of_measurement, self.extra_state_attributes

    @property
    @override
    def native_unit_of_measurement(self) -> str | None:
        """Return the unit; that of a concentration is the one in which the person's glucose is shown."""
        description = self.entity_description
        if not description.figure.is_concentration:
            return description.native_unit_of_measurement
        return sensor_unit(self.hass, self.coordinator.config_entry, self.registry_entry)

    @property
    @override
    def native_value(self) -> float | None:
        """Return the figure with the decimals that are shown, unknown where it can't be told."""
        figure = self.entity_description.figure
        statistics = self._statistics
        value = figure.of(statistics) if statistics else None
        if value is None:
            return None
        if figure.is_concentration:
            return as_shown(value, str(self.native_unit_of_measurement))
        return round(value, figure.digits or None)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Return whether there are 70 % of the readings there could be: the least to judge by."""
        statistics = self._statistics
        return {"sufficient": statistics.sufficiency.is_sufficient if statistics else None}

    @property
    def _statistics(self) -> Statistics | None:
        """Return the statistics of the days, None while no clock tells when those end."""
        if not self.coordinator.data.is_time_known:
            return None
        return self.coordinator.windows.statistics(self.entity_description.days, self.coordinator.now())
