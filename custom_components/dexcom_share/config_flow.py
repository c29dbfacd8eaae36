"""Config flow: whose glucose, at which Share server."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry, ConfigFlow, ConfigFlowResult, ConfigSubentryFlow
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from homeassistant.helpers.translation import async_get_translations
import voluptuous as vol

from .account.account import forget_refusals
from .account.client import make_client
from .chain_flow import ChainFlow
from .const import CONF_BASE_URL, CONF_REGION, CONF_SERVER, DOMAIN
from .display.failures import setup_key
from .options_flow import DexcomShareOptionsFlow
from .share import (
    Region,
    ShareClient,
    ShareError,
    ShareRequestError,
    check_base_url,
    normalize_username,
)
from .watch.chain_settings import SUBENTRY_TYPE

LONGEST_PASSWORD: Final = 20
"""Share checks no more characters than these, though the account page accepts longer passwords."""

BUILT_IN_DOMAIN: Final = "dexcom"
"""Home Assistant's own integration; its entries hold user name, password and `server`."""
BUILT_IN_REGIONS: Final = {"US": Region.US.value, "EU": Region.OUS.value}
CONF_ACCOUNT: Final = "account"

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


class DexcomShareConfigFlow(ConfigFlow, domain=DOMAIN):
    """Set up one person who shares their glucose."""

    VERSION = 1
    MINOR_VERSION = 1

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> DexcomShareOptionsFlow:
        """Return the flow that sets the alerts."""
        return DexcomShareOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(cls, config_entry: ConfigEntry) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the flow that makes wake-up chains."""
        return {SUBENTRY_TYPE: ChainFlow}

    def __init__(self) -> None:
        """Start without an account."""
        self._account: LoggedIn | None = None
        self._built_in: dict[str, ConfigEntry] | None = None

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Log in with the sharer's credentials; offer those of Home Assistant's own `dexcom` first."""
        errors: dict[str, str] = {}
        if self._built_in is None:
            self._built_in = built_in_entries(self.hass)
            if self._built_in:
                return await self.async_step_start()
        if user_input is not None:
            errors, self._account = await self._log_in(account_data(user_input))
            if self._account:
                return await self._finish(self._account)
        return await self._show_form("user", ACCOUNT_SCHEMA, errors, user_input)

    async def async_step_start(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where the credentials come from."""
        return self.async_show_menu(step_id="start", menu_options=["take_over", "user"])

    async def async_step_take_over(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Log in with the credentials of an entry of `dexcom`."""
        entries = self._built_in or {}
        errors: dict[str, str] = {}
        shown: dict[str, Any] = {}
        if user_input is not None:
            data = built_in_data(entries[user_input[CONF_ACCOUNT]])
            errors, self._account = await self._log_in(data)
            if self._account:
                return await self._finish(self._account)
            shown = {**user_input, CONF_REGION: data[CONF_REGION]}
        accounts = [SelectOptionDict(value=entry_id, label=entry.title) for entry_id, entry in entries.items()]
        schema = vol.Schema({vol.Required(CONF_ACCOUNT): SelectSelector(SelectSelectorConfig(options=accounts))})
        return await self._show_form("take_over", schema, errors, shown)

    async def _finish(self, account: LoggedIn) -> ConfigFlowResult:
        """Make the entry of a person who has none yet, after a warning where nothing is shared."""
        await self.async_set_unique_id(account.account_id)
        self._abort_if_unique_id_configured()
        if await self._shares_nothing(account):
            return await self.async_step_nothing_shared()
        return self._create_entry(account)

    async def async_step_nothing_shared(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Warn that Share holds no reading of the last 24 hours, and go on if the user wants to."""
        if user_input is not None and self._account:
            return self._create_entry(self._account)
        return self.async_show_form(step_id="nothing_shared", data_schema=vol.Schema({}))

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change region, user name, password or server of the same person."""
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            errors, account = await self._log_in(account_data(user_input))
            if account:
                await self.async_set_unique_id(account.account_id)
                self._abort_if_unique_id_mismatch(reason="wrong_account")
                await forget_refusals(self.hass, entry)
                return self.async_update_reload_and_abort(entry, data=account.data)
        return await self._show_form("reconfigure", ACCOUNT_SCHEMA, errors, user_input or form_input(entry.data))

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Ask for the password after Share refused it."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Log in with the new password."""
        entry = self._get_reauth_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            errors, account = await self._log_in({**entry.data, **user_input})
            if account:
                await self.async_set_unique_id(account.account_id)
                self._abort_if_unique_id_mismatch(reason="wrong_account")
                await forget_refusals(self.hass, entry)
                return self.async_update_reload_and_abort(entry, data_updates=user_input)
        return await self._show_form(
            "reauth_confirm", PASSWORD_SCHEMA, errors, {CONF_REGION: entry.data[CONF_REGION]}, entry.data[CONF_USERNAME]
        )

    async def _log_in(self, data: dict[str, str]) -> tuple[dict[str, str], LoggedIn | None]:
        """Return the account that Share accepts, or the errors to show: one attempt."""
        if base_url := data.get(CONF_BASE_URL):
            try:
                data[CONF_BASE_URL] = check_base_url(base_url)
            except ShareRequestError:
                return {"base": "invalid_base_url"}, None
        client = make_client(self.hass, data)
        try:
            account_id = await client.login()
        except ShareError as err:
            key = setup_key(err)
            if key == "invalid_auth" and len(data[CONF_PASSWORD]) > LONGEST_PASSWORD:
                key = "invalid_auth_long_password"
            return {"base": key}, None
        return {}, LoggedIn(account_id=account_id, data=data, client=client)

    async def _shares_nothing(self, account: LoggedIn) -> bool:
        """Return whether Share holds no reading of this person; a failure to find out is no warning."""
        try:
            return not await account.client.read_glucose(max_count=1)
        except ShareError:
            return False

    def _create_entry(self, account: LoggedIn) -> ConfigFlowResult:
        """Make the entry of one person."""
        return self.async_create_entry(title=account.data[CONF_USERNAME], data=account.data)

    async def _show_form(
        self,
        step_id: str,
        schema: vol.Schema,
        errors: dict[str, str],
        shown: Mapping[str, Any] | None,
        username: str = "",
    ) -> ConfigFlowResult:
        """Show a form with what was typed, except the password."""
        kept = {key: value for key, value in (shown or {}).items() if key != CONF_PASSWORD}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, kept),
            errors=errors,
            description_placeholders={
                "username": username,
                "region": await self._region_name(kept.get(CONF_REGION)),
                "longest_password": str(LONGEST_PASSWORD),
            },
        )

    async def _region_name(self, region: str | None) -> str:
        """Return the name of a region in the language of the server, as the form shows it."""
        texts = await async_get_translations(self.hass, self.hass.config.language, "selector", {DOMAIN})
        return texts.get(f"component.{DOMAIN}.selector.{CONF_REGION}.options.{region}", "")


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
