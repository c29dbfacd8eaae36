"""The log-in form: what is asked, what becomes of it, and one attempt at Share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from homeassistant.helpers.translation import async_get_translations
import voluptuous as vol

from ..account.client import make_client
from ..const import CONF_BASE_URL, CONF_REGION, CONF_SERVER, DOMAIN
from ..display.failures import setup_key
from ..share import Region, ShareClient, ShareError, ShareRequestError, check_base_url, normalize_username

REFUSED: Final = "invalid_auth"
LONGEST_PASSWORD: Final = 20
"""Share checks no more characters than these, though the account page accepts longer passwords."""

BUILT_IN_DOMAIN: Final = "dexcom"
"""Home Assistant's own integration; its entries hold user name, password and `server`."""
BUILT_IN_REGIONS: Final = {"US": Region.US.value, "EU": Region.OUS.value}

PASSWORD_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_PASSWORD): TextSelector(
            TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
        )
    }
)
ACCOUNT_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_REGION): SelectSelector(
            SelectSelectorConfig(
                options=[region.value for region in Region],
                translation_key=CONF_REGION,
                mode=SelectSelectorMode.DROPDOWN,
            )
        ),
        vol.Required(CONF_USERNAME): TextSelector(TextSelectorConfig(autocomplete="username")),
        **PASSWORD_SCHEMA.schema,
        vol.Optional(CONF_SERVER): section(
            vol.Schema(
                {vol.Optional(CONF_BASE_URL): TextSelector(TextSelectorConfig(type=TextSelectorType.URL))},
            ),
            {"collapsed": True},
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """A log-in that Share accepted."""

    account_id: str
    data: dict[str, str]
    client: ShareClient

    async def shares_nothing(self) -> bool:
        """Return whether Share holds no reading of this person; a failure to find out is no warning."""
        try:
            return not await self.client.read_glucose(max_count=1)
        except ShareError:
            return False


async def log_in(hass: HomeAssistant, data: dict[str, str]) -> LoggedIn | str:
    """Return the account that Share accepts, or the key of the error to show: one attempt."""
    if base_url := data.get(CONF_BASE_URL):
        try:
            data = {**data, CONF_BASE_URL: check_base_url(base_url)}
        except ShareRequestError:
            return "invalid_base_url"
    client = make_client(hass, data)
    try:
        account_id = await client.login()
    except ShareError as err:
        key = setup_key(err)
        return "invalid_auth_long_password" if key == REFUSED and len(data[CONF_PASSWORD]) > LONGEST_PASSWORD else key
    return LoggedIn(account_id=account_id, data=data, client=client)


async def region_name(hass: HomeAssistant, region: str | None) -> str:
    """Return the name of a region in the language of the server, as the form shows it; empty where there is none."""
    texts = await async_get_translations(hass, hass.config.language, "selector", {DOMAIN})
    return texts.get(f"component.{DOMAIN}.selector.{CONF_REGION}.options.{region}", "")


@callback
def built_in_entries(hass: HomeAssistant) -> dict[str, ConfigEntry]:
    """Return the entries of Home Assistant's own `dexcom` whose account is not set up here, by their ids."""
    names = {entry.data[CONF_USERNAME] for entry in hass.config_entries.async_entries(DOMAIN, include_ignore=False)}
    return {
        entry.entry_id: entry
        for entry in hass.config_entries.async_entries(BUILT_IN_DOMAIN, include_ignore=False)
        if entry.data.get(CONF_SERVER) in BUILT_IN_REGIONS
        and normalize_username(entry.data[CONF_USERNAME]) not in names
    }


def built_in_data(entry: ConfigEntry) -> dict[str, str]:
    """Return the entry data for the account of an entry of `dexcom`."""
    return {
        CONF_REGION: BUILT_IN_REGIONS[entry.data[CONF_SERVER]],
        CONF_USERNAME: normalize_username(entry.data[CONF_USERNAME]),
        CONF_PASSWORD: entry.data[CONF_PASSWORD],
    }


def account_data(user_input: Mapping[str, Any]) -> dict[str, str]:
    """Return the entry data of a filled form: flat, the user name as Share takes it."""
    data = {
        CONF_REGION: user_input[CONF_REGION],
        CONF_USERNAME: normalize_username(user_input[CONF_USERNAME]),
        CONF_PASSWORD: user_input[CONF_PASSWORD],
    }
    if base_url := user_input.get(CONF_SERVER, {}).get(CONF_BASE_URL):
        data[CONF_BASE_URL] = base_url
    return data


def form_input(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form that would lead to these entry data."""
    return {**data, CONF_SERVER: {CONF_BASE_URL: data[CONF_BASE_URL]} if CONF_BASE_URL in data else {}}
