"""Where the picture of a person's chart is found: an address that needs no log-in for a while."""

from datetime import timedelta
from typing import Final

from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant, callback
from yarl import URL

PATH: Final = "/api/dexcom_share/chart/{entry_id}.png"
ATTR_DARK: Final = "dark"
ATTR_HOURS: Final = "hours"
ATTR_SHOW_NAME: Final = "show_name"
VALID_FOR: Final = timedelta(hours=1)
"""How long an address needs no log-in: whoever has it sees the glucose of this person until then."""


@callback
def signed_path(
    hass: HomeAssistant, entry_id: str, *, hours: int = 3, dark: bool = False, with_name: bool = False
) -> str:
    """Return the path of a person's chart, good for a while; Home Assistant's web server must be there."""
    wished = {ATTR_DARK: dark, ATTR_SHOW_NAME: with_name}
    query = {ATTR_HOURS: hours} | {name: "true" for name, is_wished in wished.items() if is_wished}
    path = URL(PATH.format(entry_id=entry_id)).with_query(query)
    # Who gets the address may see this chart, so it is good for that alone, whoever asked for it.
    return async_sign_path(hass, str(path), VALID_FOR, use_content_user=True)
