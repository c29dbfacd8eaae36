"""System health: whether Share can be reached, and how the calls of the last day went."""

from typing import Any

from homeassistant.components import system_health
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .const import DOMAIN
from .person import DexcomShareConfigEntry
from .share import Region, ShareError, read_status_summary


@callback
def async_register(hass: HomeAssistant, register: system_health.SystemHealthRegistration) -> None:
    """Offer the information."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return sums over all persons, and checks that are still under way."""
    entries: list[DexcomShareConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    accounts = [entry.runtime_data.account for entry in entries]
    successes = [account.calls.last_success for account in accounts if account.calls.last_success]
    return {
        **{f"can_reach_{region}": system_health.async_check_can_reach_url(hass, region.base_url) for region in Region},
        "dexcom_status": _async_status(hass),
        "persons": len(entries),
        "last_success": max(successes, default=None),
        "calls_24h": sum(account.calls.calls(account.now()) for account in accounts),
        "failed_calls_24h": sum(account.calls.faults(account.now()) for account in accounts),
    }


async def _async_status(hass: HomeAssistant) -> str | dict[str, str]:
    """Return what Dexcom says of its own service."""
    try:
        summary = await read_status_summary(async_get_clientsession(hass), timeout=5)
    except ShareError:
        return {"type": "failed", "error": "unreachable"}
    affected = ", ".join(component.name for component in summary.affected)
    return f"{summary.description} ({affected})" if affected else summary.description
