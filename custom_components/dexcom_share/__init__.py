"""The Dexcom Share integration."""

import asyncio

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from .const import DOMAIN
from .display.issues import report_abandoned_removals, withdraw_all
from .frontend import async_offer_card, async_withdraw_card
from .night.ending import async_leave_house
from .person import DexcomShareConfigEntry, async_make_person
from .services import async_setup_services
from .sharing.record import load_record
from .storage import Storage
from .watch.recent_alerts import async_note_alerts
from .websocket_api import async_setup_websocket_api

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.IMAGE,
    Platform.SENSOR,
    Platform.SWITCH,
]
CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Offer the actions, also while no entry is loaded."""
    async_setup_services(hass)
    async_note_alerts(hass)
    async_setup_websocket_api(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: DexcomShareConfigEntry) -> bool:
    """Set up one person."""
    entry.runtime_data = person = await async_make_person(hass, entry)
    for platform in PLATFORMS:
        await hass.config_entries.async_forward_entry_setups(entry, [platform])
        # Let others have a turn: all entities of a person at once hold up the event loop for longer than they need to.
        await asyncio.sleep(0)
    person.async_start(entry)
    await async_offer_card(hass)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: DexcomShareConfigEntry) -> bool:
    """Unload one person."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: DexcomShareConfigEntry) -> None:
    """Remove what was stored of a person, and withdraw what was told of them."""
    storage = Storage(hass, entry.entry_id)
    record = await load_record(storage)
    await async_leave_house(hass, entry, storage)
    await storage.remove()
    withdraw_all(hass, entry)
    report_abandoned_removals(hass, entry, len(record.removals))
    if not hass.config_entries.async_entries(DOMAIN):
        await async_withdraw_card(hass)
