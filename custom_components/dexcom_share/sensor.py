"""Sensors: glucose, where it is heading, and how old that is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfBloodGlucoseConcentration, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .display.speech import person_name, spoken
from .display.texts import async_say, say_at_once
from .display.units import chance_as_shown, glucose_unit
from .display.words import TREND_STATES
from .entity import DexcomShareEntity, FollowersEntity
from .glucose.alerts.kinds import AlertKind
from .glucose.data_status import DataStatus
from .glucose.snapshot import Snapshot
from .household import async_join_household
from .person import DexcomShareConfigEntry
from .statistics_sensors import statistics_sensors
from .watch.news import age_signal

PARALLEL_UPDATES = 0

NO_ALERT: Final = "none"


@dataclass(frozen=True, kw_only=True)
class DexcomShareSensorDescription(SensorEntityDescription):
    """A fact of the snapshot as a sensor."""

    value_fn: Callable[[Snapshot], datetime | int | str | None]
    attributes_fn: Callable[[Snapshot], Mapping[str, Any] | None] = lambda _: None
    follows_clock: bool = False


SENSORS: Final = (
    DexcomShareSensorDescription(
        key="value",
        translation_key="glucose_value",
        device_class=SensorDeviceClass.BLOOD_GLUCOSE_CONCENTRATION,
        native_unit_of_measurement=UnitOfBloodGlucoseConcentration.MILLIGRAMS_PER_DECILITER,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda snapshot: snapshot.current.value if snapshot.current else None,
        attributes_fn=lambda snapshot: {
            "measurement_timestamp": snapshot.newest.time.isoformat() if snapshot.newest else None,
            "range": snapshot.range,
        },
    ),
    DexcomShareSensorDescription(
        key="trend",
        translation_key="glucose_trend",
        device_class=SensorDeviceClass.ENUM,
        options=list(TREND_STATES.values()),
        value_fn=lambda snapshot: TREND_STATES.get(snapshot.current.trend) if snapshot.current else None,
    ),
    DexcomShareSensorDescription(
        key="change",
        translation_key="glucose_change",
        # No state class: the mean of differences says nothing. They convert as a concentration does: without an offset.
        device_class=SensorDeviceClass.BLOOD_GLUCOSE_CONCENTRATION,
        native_unit_of_measurement=UnitOfBloodGlucoseConcentration.MILLIGRAMS_PER_DECILITER,
        value_fn=lambda snapshot: snapshot.current_change_mgdl,
    ),
    DexcomShareSensorDescription(
        key="predicted",
        translation_key="predicted_glucose",
        # No state class: a guess belongs in no long-term statistics.
        device_class=SensorDeviceClass.BLOOD_GLUCOSE_CONCENTRATION,
        native_unit_of_measurement=UnitOfBloodGlucoseConcentration.MILLIGRAMS_PER_DECILITER,
        value_fn=lambda snapshot: snapshot.forecast.value_mgdl if snapshot.forecast else None,
        attributes_fn=lambda snapshot: {
            "urgent_low_chance": chance_as_shown(snapshot.forecast.urgent_low_chance if snapshot.forecast else None)
        },
    ),
    DexcomShareSensorDescription(
        key="alert",
        translation_key="alert",
        device_class=SensorDeviceClass.ENUM,
        options=[NO_ALERT, *AlertKind],
        # Without a current reading nobody knows that nothing is wrong.
        value_fn=lambda snapshot: snapshot.alerts.gravest or (NO_ALERT if snapshot.is_current else None),
        attributes_fn=lambda snapshot: {"active": list(snapshot.alerts.state.raised)},
    ),
    DexcomShareSensorDescription(
        key="reading_time",
        translation_key="glucose_reading_time",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda snapshot: snapshot.newest.time if snapshot.newest else None,
    ),
    DexcomShareSensorDescription(
        key="age",
        translation_key="glucose_age",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda snapshot: snapshot.age_minutes,
        follows_clock=True,
    ),
    DexcomShareSensorDescription(
        key="data_status",
        translation_key="data_status",
        device_class=SensorDeviceClass.ENUM,
        options=list(DataStatus),
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda snapshot: snapshot.status,
    ),
)

SUMMARY: Final = SensorEntityDescription(
    key="summary", translation_key="summary", entity_registry_enabled_default=False
)

FOLLOWERS: Final = SensorEntityDescription(
    key="followers",
    translation_key="followers",
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)


async def async_setup_entry(
    hass: HomeAssistant, entry: DexcomShareConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add a person's sensors."""
    async_add_entities(DexcomShareSensor(entry.runtime_data.glucose, description) for description in SENSORS)
    async_add_entities(statistics_sensors(entry.runtime_data.glucose))
    async_join_household(hass, entry, async_add_entities)
    async_add_entities([DexcomShareSummarySensor(entry.runtime_data.glucose, SUMMARY)])
    async_add_entities([DexcomShareFollowersSensor(entry.runtime_data.followers, FOLLOWERS)])


class DexcomShareSensor(DexcomShareEntity, SensorEntity):
    """A fact of the snapshot."""

    entity_description: DexcomShareSensorDescription
    _unrecorded_attributes = frozenset({"measurement_timestamp", "urgent_low_chance"})

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the clock as well where the fact changes with it."""
        await super().async_added_to_hass()
        if self.entity_description.follows_clock:
            signal = age_signal(self.coordinator.config_entry)
            self.async_on_remove(async_dispatcher_connect(self.hass, signal, self._handle_coordinator_update))

    @property
    @override
    def shows(self) -> object:
        """Return the fact and what belongs to it."""
        return self.native_value, self.extra_state_attributes

    @property
    @override
    def native_value(self) -> datetime | int | str | None:
        """Return the fact, unknown where there is none at present."""
        return self.entity_description.value_fn(self.coordinator.data)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Return what belongs to the fact."""
        return self.entity_description.attributes_fn(self.coordinator.data)


class DexcomShareSummarySensor(DexcomShareEntity, SensorEntity):
    """What is known in one sentence, to be spoken."""

    @override
    async def async_added_to_hass(self) -> None:
        """Have the texts at hand."""
        await super().async_added_to_hass()
        await async_say(self.hass)

    @property
    @override
    def shows(self) -> object:
        """Return the sentence."""
        return self.native_value

    @property
    @override
    def native_value(self) -> str:
        """Return the sentence in the language of the server."""
        entry = self.coordinator.config_entry
        unit = glucose_unit(self.hass, entry)
        return spoken(self.coordinator.data, person_name(self.hass, entry), unit, say_at_once(self.hass))


class DexcomShareFollowersSensor(FollowersEntity, SensorEntity):
    """How many follow; who they are stays with the action that lists them."""

    @property
    @override
    def native_value(self) -> int | None:
        """Return the number of active followers, unknown before the first answer."""
        return self.coordinator.data.active_count
