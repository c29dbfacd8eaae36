"""System health: what can be reached, and how the calls of the last day went."""

from collections.abc import Coroutine
from typing import Any

from aiohttp import ClientError
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_system_health_info
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.share import STATUS_URL, Region

from .common import Share


async def health(hass: HomeAssistant) -> dict[str, Any]:
    """Return the information, with the checks that were under way."""
    info = await get_system_health_info(hass, DOMAIN)
    return {key: await value if isinstance(value, Coroutine) else value for key, value in info.items()}


@pytest.fixture
def status(aioclient_mock: AiohttpClientMocker) -> AiohttpClientMocker:
    """Answer in the place of Share and of the status page."""
    for region in Region:
        aioclient_mock.get(region.base_url)
    return aioclient_mock


def summary(description: str, *components: tuple[str, str]) -> dict[str, Any]:
    """Return a summary of the status page."""
    return {
        "status": {"indicator": "none", "description": description},
        "components": [{"name": name, "status": state} for name, state in components],
        "incidents": [],
    }


async def test_without_a_person(hass: HomeAssistant, status: AiohttpClientMocker) -> None:
    """What can be reached is told before anybody is set up."""
    status.get(STATUS_URL, json=summary("All Systems Operational", ("Share", "operational")))
    await async_setup_component(hass, "system_health", {})
    assert await async_setup_component(hass, DOMAIN, {})
    assert await health(hass) == {
        "can_reach_us": "ok",
        "can_reach_ous": "ok",
        "can_reach_jp": "ok",
        "dexcom_status": "All Systems Operational",
        "persons": 0,
        "last_success": None,
        "calls_24h": 0,
        "failed_calls_24h": 0,
    }


async def test_what_is_affected_is_named(hass: HomeAssistant, status: AiohttpClientMocker) -> None:
    """Dexcom's own words for an outage."""
    status.get(STATUS_URL, json=summary("Partial Outage", ("Clarity", "operational"), ("Share", "major_outage")))
    await async_setup_component(hass, "system_health", {})
    assert await async_setup_component(hass, DOMAIN, {})
    assert (await health(hass))["dexcom_status"] == "Partial Outage (Share)"


async def test_what_can_not_be_reached_is_told(hass: HomeAssistant, aioclient_mock: AiohttpClientMocker) -> None:
    """Each region by itself, and the status page."""
    for region in Region:
        aioclient_mock.get(region.base_url, exc=ClientError if region is Region.OUS else None)
    aioclient_mock.get(STATUS_URL, exc=ClientError)
    await async_setup_component(hass, "system_health", {})
    assert await async_setup_component(hass, DOMAIN, {})
    info = await health(hass)
    assert info["can_reach_us"] == "ok"
    assert info["can_reach_ous"] == {"type": "failed", "error": "unreachable"}
    assert info["dexcom_status"] == {"type": "failed", "error": "unreachable"}


async def test_the_calls_of_the_last_day(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Sums over all persons: log-in in two steps at most, readings, followers."""
    freezer.move_to("2026-11-22T18:00:00+00:00")
    await async_setup_component(hass, "system_health", {})
    share.add_readings()
    await share.set_up(hass, entry)
    share.simulator.faults.html_status = 503
    await entry.runtime_data.glucose.async_refresh()
    info = await get_system_health_info(hass, DOMAIN)
    for value in info.values():
        if isinstance(value, Coroutine):
            value.close()
    assert info["persons"] == 1
    assert info["calls_24h"] == 5
    assert info["failed_calls_24h"] == 1
    assert info["last_success"].isoformat() == "2026-11-22T18:00:00+00:00"
