"""What all entities of a person have in common."""

from typing import Final, override

from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import DexcomShareCoordinator
from .sharing.coordinator import FollowersCoordinator


class PersonEntity[Coordinator: DexcomShareCoordinator | FollowersCoordinator](CoordinatorEntity[Coordinator]):
    """One fact about one person; the person is the device."""

    _attr_has_entity_name = True

    def __init__(self, coordinator: Coordinator, description: EntityDescription) -> None:
        """Tie the description to a person."""
        super().__init__(coordinator)
        entry = coordinator.config_entry
        self.entity_description = description
        self._attr_unique_id = f"{entry.unique_id}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, str(entry.unique_id))},
            name=entry.title,
            manufacturer="Dexcom",
            model="Share",
            entry_type=DeviceEntryType.SERVICE,
        )


class FollowersEntity(PersonEntity[FollowersCoordinator]):
    """A fact about sharing and followers."""


_NOTHING: Final = object()


class DexcomShareEntity(PersonEntity[DexcomShareCoordinator]):
    """A fact about glucose."""

    _shown: object = _NOTHING

    @property
    def shows(self) -> object:
        """Return what this entity shows of the snapshot, equal as long as there is nothing to write."""
        return _NOTHING

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Write the state where it differs from what was written last: most of a person's facts last for hours."""
        if (shows := self.shows) != self._shown:
            self._shown = shows
            super()._handle_coordinator_update()

    @property
    @override
    def available(self) -> bool:
        """Stay available through outages: the snapshot is ours, and says itself what is no longer current."""
        return True
