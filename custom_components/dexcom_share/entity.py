"""What all entities of a person have in common."""

from typing import Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import DexcomShareCoordinator
from .night.events import ChainEvent
from .night.runner import ChainRunner
from .sharing.coordinator import FollowersCoordinator


def person_device(entry: ConfigEntry) -> DeviceInfo:
    """Return the device that a person is."""
    return DeviceInfo(
        identifiers={(DOMAIN, str(entry.unique_id))},
        name=entry.title,
        manufacturer="Dexcom",
        model="Share",
        entry_type=DeviceEntryType.SERVICE,
    )


class PersonEntity[Coordinator: DexcomShareCoordinator | FollowersCoordinator](CoordinatorEntity[Coordinator]):
    """One fact about one person; the person is the device."""

    _attr_has_entity_name = True

    def __init__(self, coordinator: Coordinator, description: EntityDescription) -> None:
        """Tie the description to a person."""
        super().__init__(coordinator)
        entry = coordinator.config_entry
        self.entity_description = description
        self._attr_unique_id = f"{entry.unique_id}_{description.key}"
        self._attr_device_info = person_device(entry)


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


class ChainEntity(Entity):
    """A fact about one wake-up chain, at the device of its person.

    A device belongs to one subentry at most, so these entities belong to the entry; the keeper of the chains removes
    those of a chain that is gone.
    """

    _attr_has_entity_name = True
    _attr_should_poll = False
    _shown: object = _NOTHING

    def __init__(self, runner: ChainRunner, description: EntityDescription) -> None:
        """Tie the description to a chain."""
        entry = runner.watched.entry
        self.runner = runner
        self.entity_description = description
        self._attr_unique_id = f"{runner.unique_id_prefix}{description.key}"
        self._attr_translation_placeholders = {"chain": runner.title}
        self._attr_device_info = person_device(entry)

    @property
    def shows(self) -> object:
        """Return what this entity shows, equal as long as there is nothing to write."""
        return _NOTHING

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the chain."""
        await super().async_added_to_hass()
        self.async_on_remove(self.runner.async_add_listener(self.handle_chain))

    @callback
    def handle_chain(self, _: ChainEvent | None) -> None:
        """Write the state where it differs from what was written last."""
        if (shows := self.shows) != self._shown:
            self._shown = shows
            self.async_write_ha_state()
