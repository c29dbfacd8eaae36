"""Binary sensors: whether the next reading is overdue."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import DexcomShareEntity
from .glucose.snapshot import Snapshot
from .runtime import DexcomShareConfigEntry

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


async def async_setup_entry(
    hass: HomeAssistant, entry: DexcomShareConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add a person's binary sensors."""
    async_add_entities(
        DexcomShareBinarySensor(entry.runtime_data.glucose, description) for description in BINARY_SENSORS
    )


class DexcomShareBinarySensor(DexcomShareEntity, BinarySensorEntity):
    """A yes or no of the snapshot."""

    entity_description: DexcomShareBinarySensorDescription

    @property
    @override
    def is_on(self) -> bool:
        """Return the yes or no."""
        return self.entity_description.is_on_fn(self.coordinator.data)
