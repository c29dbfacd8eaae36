"""Binary sensors: whether the next reading is overdue, and whether an alert holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import DexcomShareCoordinator
from .display.units import glucose_unit, limit_as_shown
from .entity import ChainEntity, DexcomShareEntity, FollowersEntity
from .glucose.alerts.kinds import AlertKind
from .glucose.snapshot import Snapshot
from .person import DexcomShareConfigEntry

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class DexcomShareBinarySensorDescription(BinarySensorEntityDescription):
    """A yes or no of the snapshot as a binary sensor."""

    is_on_fn: Callable[[Snapshot], bool]


BINARY_SENSORS: Final = (
    DexcomShareBinarySensorDescription(
        key="stale",
        translation_key="stale",
        device_class=BinarySensorDeviceClass.PROBLEM,
        is_on_fn=lambda snapshot: snapshot.is_stale,
    ),
)

SHARING: Final = BinarySensorEntityDescription(
    key="sharing",
    translation_key="sharing",
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)

CHAIN_PROBLEM: Final = BinarySensorEntityDescription(
    key="problem",
    translation_key="chain_problem",
    device_class=BinarySensorDeviceClass.PROBLEM,
)

ENABLED_KINDS: Final = frozenset({AlertKind.URGENT_LOW, AlertKind.LOW, AlertKind.HIGH})
"""The kinds of which a new person has a binary sensor; the sensor of the gravest alert and the event tell of all."""


async def async_setup_entry(
    hass: HomeAssistant, entry: DexcomShareConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add a person's binary sensors."""
    coordinator = entry.runtime_data.glucose
    async_add_entities(DexcomShareBinarySensor(coordinator, description) for description in BINARY_SENSORS)
    async_add_entities(DexcomShareAlertSensor(coordinator, kind) for kind in AlertKind)
    async_add_entities([DexcomShareSharingSensor(entry.runtime_data.followers, SHARING)])
    for runner in entry.runtime_data.chains.runners.values():
        async_add_entities([ChainProblemSensor(runner, CHAIN_PROBLEM)])


class DexcomShareBinarySensor(DexcomShareEntity, BinarySensorEntity):
    """A yes or no of the snapshot."""

    entity_description: DexcomShareBinarySensorDescription

    @property
    @override
    def shows(self) -> object:
        """Return the yes or no."""
        return self.is_on

    @property
    @override
    def is_on(self) -> bool:
        """Return the yes or no."""
        return self.entity_description.is_on_fn(self.coordinator.data)


class DexcomShareAlertSensor(DexcomShareEntity, BinarySensorEntity):
    """Whether an alert holds, heard or not."""

    def __init__(self, coordinator: DexcomShareCoordinator, kind: AlertKind) -> None:
        """Show one kind."""
        key = f"{kind}_alert"
        super().__init__(
            coordinator,
            BinarySensorEntityDescription(
                key=key, translation_key=key, entity_registry_enabled_default=kind in ENABLED_KINDS
            ),
        )
        self._kind = kind

    @property
    @override
    def shows(self) -> object:
        """Return where the alert stands, its settings and the unit of its limit."""
        alerts = self.coordinator.data.alerts
        unit = glucose_unit(self.hass, self.coordinator.config_entry)
        return alerts.state.alerts[self._kind], alerts.kinds[self._kind], self.is_on, unit

    @property
    @override
    def available(self) -> bool:
        """Return whether the kind is switched on at this time of day."""
        return self.coordinator.data.alerts.kinds[self._kind].enabled

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether the alert holds; of glucose that is not known nobody can say that it does not."""
        snapshot = self.coordinator.data
        if snapshot.alerts.state.alerts[self._kind].is_raised:
            return True
        return False if snapshot.is_current or self._kind is AlertKind.NO_DATA else None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Return where the alert stands, and the limit in force as this person's glucose is shown."""
        alerts = self.coordinator.data.alerts
        alert = alerts.state.alerts[self._kind]
        unit = glucose_unit(self.hass, self.coordinator.config_entry)
        return {
            "status": alert.stage,
            "since": alert.since.isoformat() if alert.since else None,
            "limit": limit_as_shown(self._kind, alerts.kinds[self._kind].limit, unit),
            "snoozed_until": alert.snoozed_until.isoformat() if alert.snoozed_until else None,
        }


class DexcomShareSharingSensor(FollowersEntity, BinarySensorEntity):
    """Whether Share is switched on, as far as Share says."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Return what Share said last."""
        return self.coordinator.data.sharing_active


class ChainProblemSensor(ChainEntity, BinarySensorEntity):
    """Whether a wake-up chain would fail tonight, or a step of it has failed."""

    @property
    @override
    def shows(self) -> object:
        """Return what is wrong."""
        return self.runner.state.proof.problems

    @property
    @override
    def is_on(self) -> bool:
        """Return whether something is wrong."""
        return bool(self.runner.state.proof.problems)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Return what is wrong, as sentences."""
        return {"problems": list(self.runner.state.proof.problems)}
