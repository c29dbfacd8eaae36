"""The card and the dashboard: their files, and how the front end comes to load them.

Home Assistant 2026.10 loads modules of `add_extra_js_url` in the same moment as it replaces the registry of elements,
so that an element can get lost. A resource of the dashboards is loaded later. Where resources are kept in YAML it has
to be the former; the module then defines its elements again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL, add_extra_js_url, remove_extra_js_url
from homeassistant.components.http import StaticPathConfig
from homeassistant.components.lovelace import LOVELACE_DATA
from homeassistant.components.lovelace.resources import ResourceStorageCollection
from homeassistant.core import HomeAssistant
from homeassistant.loader import async_get_integration
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, LOGGER

FILES: Final = Path(__file__).parent / "files"
MODULE: Final = "dexcom-share-card.js"
BASE: Final = f"/{DOMAIN}_files/"
"""Where every version of the files is served; the hash in the address lets browsers keep them for long."""

type Work = Callable[[HomeAssistant], Awaitable[None]]

_LOCK: Final[HassKey[asyncio.Lock]] = HassKey(f"{DOMAIN}_frontend_lock")
_ADDRESS: Final[HassKey[str]] = HassKey(f"{DOMAIN}_frontend_address")


async def async_offer_card(hass: HomeAssistant) -> None:
    """Let the front end load the card, once however many persons there are; never raises."""
    await _guarded(hass, _offer)


async def async_withdraw_card(hass: HomeAssistant) -> None:
    """Let the front end load the card no more; never raises."""
    await _guarded(hass, _withdraw)


async def _guarded(hass: HomeAssistant, work: Work) -> None:
    """Do one thing at a time; what fails of it keeps nobody from the glucose."""
    async with hass.data.setdefault(_LOCK, asyncio.Lock()):
        try:
            await work(hass)
        except Exception:  # noqa: BLE001  (whatever it is, alerts and entities go on without a card)
            LOGGER.exception("The card could not be offered to the dashboards")


async def _offer(hass: HomeAssistant) -> None:
    """Serve the files, and have them loaded in the way that this installation keeps its resources."""
    if "http" not in hass.config.components or LOVELACE_DATA not in hass.data:
        return
    address = await _serve(hass)
    resources = hass.data[LOVELACE_DATA].resources
    if not isinstance(resources, ResourceStorageCollection):
        if DATA_EXTRA_MODULE_URL in hass.data and address not in hass.data[DATA_EXTRA_MODULE_URL].urls:
            add_extra_js_url(hass, address)
        return
    known = await _ours(resources)
    if not known:
        await resources.async_create_item({"res_type": "module", "url": address})
        return
    first, *others = known
    if first["url"] != address:
        await resources.async_update_item(first["id"], {"res_type": "module", "url": address})
    for other in others:
        await resources.async_delete_item(other["id"])


async def _withdraw(hass: HomeAssistant) -> None:
    """Take back what `_offer` did; the files are served until Home Assistant stops."""
    if LOVELACE_DATA not in hass.data:
        return
    resources = hass.data[LOVELACE_DATA].resources
    if isinstance(resources, ResourceStorageCollection):
        for item in await _ours(resources):
            await resources.async_delete_item(item["id"])
    elif DATA_EXTRA_MODULE_URL in hass.data and (address := hass.data.get(_ADDRESS)):
        remove_extra_js_url(hass, address)


async def _serve(hass: HomeAssistant) -> str:
    """Serve the files once, and return the address of the module: another one whenever a file has changed."""
    if address := hass.data.get(_ADDRESS):
        return address
    integration = await async_get_integration(hass, DOMAIN)
    digest = await hass.async_add_executor_job(_digest)
    base = f"{BASE}{digest}"
    await hass.http.async_register_static_paths([StaticPathConfig(base, str(FILES), cache_headers=True)])
    address = hass.data[_ADDRESS] = f"{base}/{MODULE}?v={integration.version}-{digest}"
    return address


def _digest() -> str:
    """Return what tells these files from those of any other version."""
    content = sha256()
    for path in sorted(FILES.iterdir()):
        content.update(path.name.encode() + b"\0" + path.read_bytes())
    return content.hexdigest()[:10]


async def _ours(resources: ResourceStorageCollection) -> list[dict[str, str]]:
    """Return the resources that lead to a version of our module."""
    # Loads the collection where nobody has asked for it yet.
    await resources.async_get_info()
    return [item for item in resources.async_items() if item["url"].startswith(BASE)]
