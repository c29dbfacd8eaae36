"""The action that answers with the address of a chart, and what is found there."""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from homeassistant.components.http.const import KEY_HASS_USER
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.util.json import JsonValueType
import voluptuous as vol

from ..charts import Wish, async_draw_chart
from ..const import DOMAIN
from ..display.chart_address import ATTR_DARK, ATTR_HOURS, ATTR_SHOW_NAME, PATH, signed_path
from ..display.failures import mistake
from ..glucose.chart import LONGEST, SHORTEST
from ..person import DexcomShareConfigEntry
from .persons import READ_GLUCOSE, check_administrator, may, readable_entries

ATTR_FILENAME: Final = "filename"

HOURS: Final = vol.All(
    vol.Coerce(int), vol.Range(min=SHORTEST // timedelta(hours=1), max=LONGEST // timedelta(hours=1))
)
WISH_FIELDS: Final[Mapping[vol.Marker, Any]] = {
    vol.Optional(ATTR_HOURS, default=3): HOURS,
    vol.Optional(ATTR_DARK, default=False): cv.boolean,
    vol.Optional(ATTR_SHOW_NAME, default=False): cv.boolean,
}
SCHEMA: Final = cv.make_entity_service_schema({**WISH_FIELDS, vol.Optional(ATTR_FILENAME): cv.string})
QUERY: Final = vol.Schema({**WISH_FIELDS}, extra=vol.REMOVE_EXTRA)


@callback
def async_setup_chart_actions(hass: HomeAssistant) -> None:
    """Register the action, and the address where there is a web server, for everybody who may read the glucose."""
    if "http" in hass.config.components:
        hass.http.register_view(ChartView)
    hass.services.async_register(DOMAIN, "draw_chart", _async_draw, SCHEMA, supports_response=SupportsResponse.OPTIONAL)


async def _async_draw(call: ServiceCall) -> ServiceResponse:
    """Return where the charts of all persons meant are found; write one into a file where that is asked for."""
    filename: str | None = call.data.get(ATTR_FILENAME)
    entries = await readable_entries(call)
    if filename is not None:
        await check_administrator(call)
        await _async_write(call, entries, filename)
    persons: list[JsonValueType] = []
    for entry in entries:
        wish = _wish(call.data)
        path = signed_path(call.hass, entry.entry_id, hours=wish.hours, dark=wish.dark, with_name=wish.with_name)
        try:
            url = f"{get_url(call.hass)}{path}"
        except NoURLAvailableError:
            url = None
        persons.append({"name": entry.title, "path": path, "url": url})
    return {"persons": persons}


async def _async_write(call: ServiceCall, entries: list[DexcomShareConfigEntry], filename: str) -> None:
    """Write the chart of the only person meant into a file."""
    if len(entries) != 1:
        raise mistake("chart_file_several")
    if not await call.hass.async_add_executor_job(call.hass.config.is_allowed_path, filename):
        raise mistake("chart_path_not_allowed", filename=filename)
    picture = await async_draw_chart(call.hass, entries[0].runtime_data.glucose, _wish(call.data))

    def write() -> None:
        path = Path(filename)
        path.parent.mkdir(parents=True, exist_ok=True)
        # A display that reads the file at this moment gets the old or the new picture, never half of one.
        part = path.with_name(f"{path.name}.part")
        part.write_bytes(picture)
        part.replace(path)

    try:
        await call.hass.async_add_executor_job(write)
    except OSError as err:
        raise mistake("chart_not_written", filename=filename, reason=err.strerror or type(err).__name__) from err


def _wish(data: Mapping[str, Any]) -> Wish:
    """Return what the fields ask for."""
    return Wish(hours=data[ATTR_HOURS], dark=bool(data[ATTR_DARK]), with_name=bool(data[ATTR_SHOW_NAME]))


class ChartView(HomeAssistantView):
    """A chart as it is at the moment it is fetched, for who may read the glucose of the person."""

    url = PATH
    name = "api:dexcom_share:chart"

    async def get(self, request: web.Request, entry_id: str) -> web.Response:
        """Draw and send a chart."""
        hass = request.app[KEY_HASS]
        entry: DexcomShareConfigEntry | None = hass.config_entries.async_get_entry(entry_id)
        if entry is None or entry.domain != DOMAIN or entry.state is not ConfigEntryState.LOADED:
            return self.json_message("There is no such person", HTTPStatus.NOT_FOUND)
        if not may(hass, request[KEY_HASS_USER], entry, READ_GLUCOSE):
            raise Unauthorized
        try:
            wish = _wish(QUERY(dict(request.query)))
        except vol.Invalid as err:
            return self.json_message(str(err), HTTPStatus.BAD_REQUEST)
        picture = await async_draw_chart(hass, entry.runtime_data.glucose, wish)
        return web.Response(body=picture, content_type="image/png", headers={"Cache-Control": "no-store"})
