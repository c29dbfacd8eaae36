"""The dashboard of the strategy, made among those that a user keeps in the front end.

Home Assistant keeps the collection of these dashboards to itself and offers it through commands of the WebSocket only;
the one behind the command "create" is used, as a second one on the same file would be overwritten by it.
"""

from inspect import unwrap
from typing import Final

from homeassistant.components.frontend import async_panel_exists
from homeassistant.components.lovelace import LOVELACE_DATA
from homeassistant.components.lovelace.dashboard import DashboardsCollection
from homeassistant.components.websocket_api import DOMAIN as WEBSOCKET_API
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..const import LOGGER

STRATEGY: Final = {"strategy": {"type": "custom:dexcom-share"}}
PATH: Final = "glucose-dexcom-share"
ICON: Final = "mdi:water"

_CREATE: Final = "lovelace/dashboards/create"


async def can_add_dashboard(hass: HomeAssistant) -> bool:
    """Return whether a dashboard can be made and there is none of the strategy yet; never raises."""
    try:
        return _collection(hass) is not None and not async_panel_exists(hass, PATH) and not await _is_there(hass)
    except Exception:  # noqa: BLE001  (whatever it is, it is no reason to end a set-up)
        LOGGER.exception("The dashboards could not be read")
        return False


async def async_add_dashboard(hass: HomeAssistant, title: str) -> bool:
    """Make the dashboard, and return whether it is there; never raises."""
    try:
        if collection := _collection(hass):
            await collection.async_create_item({"url_path": PATH, "title": title, "icon": ICON})
            await hass.data[LOVELACE_DATA].dashboards[PATH].async_save(dict(STRATEGY))
            return True
    except Exception:  # noqa: BLE001  (as above)
        LOGGER.exception("The dashboard could not be made")
    return False


@callback
def _collection(hass: HomeAssistant) -> DashboardsCollection | None:
    """Return the collection that the front end changes, None where there is none."""
    handler, _ = hass.data.get(WEBSOCKET_API, {}).get(_CREATE, (None, None))
    owner = getattr(unwrap(handler), "__self__", None) if handler else None
    collection = getattr(owner, "storage_collection", None)
    return collection if isinstance(collection, DashboardsCollection) else None


async def _is_there(hass: HomeAssistant) -> bool:
    """Return whether a dashboard has the strategy."""
    for dashboard in hass.data[LOVELACE_DATA].dashboards.values():
        try:
            config = await dashboard.async_load(False)
        except HomeAssistantError:
            continue
        if config.get("strategy") == STRATEGY["strategy"]:
            return True
    return False
