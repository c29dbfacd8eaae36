"""The Share client of one config entry, on Home Assistant's own web session."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime
from typing import Any, Final

from homeassistant.const import CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..const import CONF_BASE_URL, CONF_REGION
from ..share import CallRecord, Region, ShareClient

TIMEOUT_SECONDS: Final = 10.0
"""One exchange, body included: well below the time between two polls."""


def make_client(
    hass: HomeAssistant,
    data: Mapping[str, Any],
    *,
    account_id: str | None = None,
    around_login: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
    on_call: Callable[[CallRecord], None] | None = None,
    on_server_time: Callable[[datetime | None, float], None] | None = None,
) -> ShareClient:
    """Return a client that logs in as the entry data say, by account id where it is known."""
    return ShareClient(
        async_get_clientsession(hass),
        username=data[CONF_USERNAME],
        password=data[CONF_PASSWORD],
        account_id=account_id,
        region=Region(data[CONF_REGION]),
        base_url=data.get(CONF_BASE_URL),
        timeout=TIMEOUT_SECONDS,
        on_call=on_call,
        around_login=around_login,
        on_server_time=on_server_time,
    )
