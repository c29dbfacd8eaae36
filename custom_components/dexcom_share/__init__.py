"""The Dexcom Share integration."""

import asyncio

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from .actions.alerts import async_setup_alert_actions
from .actions.followers import async_setup_follower_actions
from .actions.uploading import async_setup_sharing_actions
from .const import DOMAIN
from .coordinator import DexcomShareCoordinator
from .person import DexcomShareConfigEntry, Person
from .sharing.coordinator import FollowersCoordinator, report_abandoned_removals
from .sharing.uploader import Uploader
from .storage import Storage

PLATFORMS = [Platform.BINARY_SENSOR, Platform.BUTTON, Platform.EVENT, Platform.SENSOR, Platform.SWITCH]
CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Offer the actions, also while no entry is loaded."""
    async_setup_alert_actions(hass)
    async_setup_follower_actions(hass)
    async_setup_sharing_actions(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: DexcomShareConfigEntry) -> bool:
    """Set up one person."""
    coordinator = DexcomShareCoordinator(hass, entry)
    try:
        await coordinator.async_config_entry_first_refresh()
    except ConfigEntryNotReady:
        # A person already known is watched also through an outage: that no data come must be told.
        if coordinator.history.newest is None:
            raise
    followers = FollowersCoordinator(hass, entry, coordinator)
    await followers.async_load()
    entry.runtime_data = Person(glucose=coordinator, followers=followers, uploader=Uploader(hass, coordinator))
    for platform in PLATFORMS:
        await hass.config_entries.async_forward_entry_setups(entry, [platform])
        # Let others have a turn: all entities of a person at once hold up the event loop for longer than they need to.
        await asyncio.sleep(0)
    coordinator.async_start()
    followers.async_start()
    return True


async def async_unload_entry(hass: HomeAssistant, entry: DexcomShareConfigEntry) -> bool:
    """Unload one person."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: DexcomShareConfigEntry) -> None:
    """Remove what was stored of a person."""
    await report_abandoned_removals(hass, entry)
    await Storage(hass, entry.entry_id).remove()
