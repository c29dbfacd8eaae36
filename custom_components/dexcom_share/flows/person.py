"""The form that names a person and sets the unit of their glucose."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig, SelectSelectorMode, TextSelector
import voluptuous as vol

from ..const import CONF_UNIT, DOMAIN
from ..display.units import MGDL, MMOL

UNIT_SELECTOR: Final = SelectSelector(SelectSelectorConfig(options=[MGDL, MMOL], mode=SelectSelectorMode.LIST))
PERSON_SCHEMA: Final = vol.Schema(
    {vol.Required(CONF_NAME): TextSelector(), vol.Required(CONF_UNIT): UNIT_SELECTOR},
)


@callback
def person_errors(hass: HomeAssistant, user_input: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with a filled form: the name is shown everywhere, and tells whose alert it is."""
    name = user_input[CONF_NAME].strip()
    if not name:
        return {CONF_NAME: "name_missing"}
    if "@" in name:
        return {CONF_NAME: "name_is_address"}
    titles = {entry.title.casefold() for entry in hass.config_entries.async_entries(DOMAIN)}
    return {CONF_NAME: "name_taken"} if name.casefold() in titles else {}
