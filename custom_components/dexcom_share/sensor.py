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
from homeassistant.const import EntityCategory, UnitOfTime
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .display.sensor_units import follow_unit, sensor_unit
from .display.units import ATTR_VALUE_MGDL, MGDL, as_shown, chance_as_shown, glucose_unit
from .display.words import TREND_STATES
from .entity import ChainEntity, DexcomShareEntity, FollowersEntity
from .glucose.alerts.kinds import AlertKind
from .glucose.alerts.standing import Answer, standing_answer
from .glucose.data_status import DataStatus
from .glucose.snapshot import Snapshot
from .household import async_join_household
from .night.runner import ChainRunner
from .person import DexcomShareConfigEntry
from .statistics_sensors import statistics_sensors
from .summary_sensor import SUMMARY, SummarySensor
from .watch.news import age_signal

PARALLEL_UPDATES = 0

NO_ALERT: Final = "none"


def _answer_attributes(snapshot: Snapshot) -> Mapping[str, Any]:
    """Return which alert was answered, until when the answer holds, and who gave it."""
    standing = standing_answer(snapshot.alerts)
    return {
        "kind": standing.kind,
        "until": standing.until.isoformat() if standing.until else None,
        "by": standing.by,
    }


@dataclass(frozen=True, kw_only=True)
class DexcomShareSensorDescription(SensorEntityDescription):
    """A fact of the snapshot as a sensor; a concentration is in mg/dL."""

    value_fn: Callable[[Snapshot], datetime | int | str | None]
    attributes_fn: Callable[[Snapshot], Mapping[str, Any] | None] = lambda _: None
    follows_clock: bool = False


SENSORS: Final = (
    DexcomShareSensorDescription(
        key="value",
        translation_key="glucose_value",
        device_class=SensorDeviceClass.BLOOD_GLUCOSE_CONCENTRATION,
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
        value_fn=lambda snapshot: snapshot.current_change_mgdl,
    ),
    DexcomShareSensorDescription(
        key="predicted",
        translation_key="predicted_glucose",
        # No state class: a guess belongs in no long-term statistics.
        device_class=SensorDeviceClass.BLOOD_GLUCOSE_CONCENTRATION,
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
        key="answer",
        translation_key="answer",
        device_class=SensorDeviceClass.ENUM,
        options=list(Answer),
        value_fn=lambda snapshot: standing_answer(snapshot.alerts).answer,
        attributes_fn=_answer_attributes,
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

FOLLOWERS: Final = SensorEntityDescription(
    key="followers",
    translation_key="followers",
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)


CHAIN_STEP: Final = SensorEntityDescription(
    key="step", translation_key="chain_step", device_class=SensorDeviceClass.ENUM
)
CHAIN_PROVED: Final = SensorEntityDescription(
    key="proved",
    translation_key="chain_proved",
    device_class=SensorDeviceClass.TIMESTAMP,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant, entry: DexcomShareConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add a person's sensors."""
    follow_unit(hass, entry)
    async_add_entities(
        (
            DexcomShareGlucoseSensor
            if description.device_class is SensorDeviceClass.BLOOD_GLUCOSE_CONCENTRATION
            else DexcomShareSensor
        )(entry.runtime_data.glucose, description)
        for description in SENSORS
    )
    async_add_entities(statistics_sensors(entry.runtime_data.glucose))
    async_join_household(hass, entry, async_add_entities)
    async_add_entities([SummarySensor(entry.runtime_data.glucose, SUMMARY)])
    async_add_entities([DexcomShareFollowersSensor(entry.runtime_data.followers, FOLLOWERS)])
    for runner in entry.runtime_data.chains.runners.values():
        sensors = [ChainStepSensor(runner, CHAIN_STEP), ChainProvedSensor(runner, CHAIN_PROVED)]
        async_add_entities(sensors)


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
    def native_value(self) -> datetime | float | str | None:
        """Return the fact, unknown where there is none at present."""
        return self.entity_description.value_fn(self.coordinator.data)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Return what belongs to the fact."""
        return self.entity_description.attributes_fn(self.coordinator.data)


class DexcomShareGlucoseSensor(DexcomShareSensor):
    """A concentration of the snapshot, as its person reads it: whole mg/dL, or mmol/L with one decimal."""

    _person_unit: str | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Know the unit of the person, to note another one."""
        await super().async_added_to_hass()
        self._person_unit = glucose_unit(self.hass, self.coordinator.config_entry)

    @property
    @override
    def native_unit_of_measurement(self) -> str:
        """Return the unit in which the state is shown."""
        return sensor_unit(self.hass, self.coordinator.config_entry, self.registry_entry)

    @property
    @override
    def native_value(self) -> datetime | float | str | None:
        """Return the concentration, rounded as it is shown."""
        value = super().native_value
        return as_shown(value, self.native_unit_of_measurement) if isinstance(value, int) else value

    @property
    @override
    def shows(self) -> object:
        """Return the unit as well."""
        return super().shows, self.native_unit_of_measurement

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Return the whole mg/dL as well where the state is coarser: limits are compared with them, also long after."""
        attributes = super().extra_state_attributes
        value = super().native_value
        if self.entity_description.key != "value" or value is None or self.native_unit_of_measurement == MGDL:
            return attributes
        return {**(attributes or {}), ATTR_VALUE_MGDL: value}

    @callback
    @override
    def async_registry_entry_updated(self) -> None:
        """Have all that is shown of the person follow the unit that was set on their glucose sensor."""
        super().async_registry_entry_updated()
        entry = self.coordinator.config_entry
        unit = glucose_unit(self.hass, entry)
        if self.entity_description.key == "value" and self._person_unit not in {None, unit}:
            self._person_unit = unit
            follow_unit(self.hass, entry)
            self.coordinator.async_refresh_snapshot()


class DexcomShareFollowersSensor(FollowersEntity, SensorEntity):
    """How many follow; who they are stays with the action that lists them."""

    @property
    @override
    def native_value(self) -> int | None:
        """Return the number of active followers, unknown before the first answer."""
        return self.coordinator.data.active_count


class ChainStepSensor(ChainEntity, SensorEntity):
    """The step that a wake-up chain is at."""

    def __init__(self, runner: ChainRunner, description: SensorEntityDescription) -> None:
        """Know how many steps there are."""
        super().__init__(runner, description)
        self._attr_options = ["idle", "waiting", *(str(place + 1) for place in range(len(runner.settings.steps)))]

    @property
    @override
    def shows(self) -> object:
        """Return the step, and what it is about."""
        return self.native_value, self.runner.chain.kind, self.runner.testing_step

    @property
    @override
    def native_value(self) -> str:
        """Return the step begun last, counted from 1; waiting before the first, idle while the chain does not run."""
        step = self.runner.step
        return "idle" if step is None else str(step or "waiting")

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Return what woke the house, and whether it is a test."""
        return {"kind": self.runner.chain.kind, "test": self.runner.testing_step is not None}


class ChainProvedSensor(ChainEntity, SensorEntity):
    """When every step of a wake-up chain last ran and worked."""

    _unrecorded_attributes = frozenset({"last_checked"})

    @property
    @override
    def shows(self) -> object:
        """Return both times."""
        return self.native_value, self.runner.state.proof.checked_at

    @property
    @override
    def native_value(self) -> datetime | None:
        """Return the time of the proof."""
        return self.runner.state.proof.proved_at

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Return when it was last looked whether everything is in order."""
        checked_at = self.runner.state.proof.checked_at
        return {"last_checked": checked_at.isoformat() if checked_at else None}
