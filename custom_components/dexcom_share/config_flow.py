"""Config flow: whose glucose, at which Share server, by which name and in which unit."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryData,
    ConfigSubentryFlow,
)
from homeassistant.const import CONF_NAME, CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import callback
from homeassistant.helpers.selector import BooleanSelector, SelectOptionDict, SelectSelector, SelectSelectorConfig
import voluptuous as vol

from .account.account import forget_refusals
from .chain_flow import ChainFlow
from .const import CONF_BASE_URL, CONF_REGION, CONF_UNIT, DOMAIN
from .display.texts import async_say
from .flows.log_in import (
    ACCOUNT_SCHEMA,
    LONGEST_PASSWORD,
    PASSWORD_SCHEMA,
    REFUSED,
    LoggedIn,
    account_data,
    built_in_data,
    built_in_entries,
    form_input,
    log_in,
    region_name,
)
from .flows.person import PERSON_SCHEMA, person_errors
from .flows.phones import CONF_SEND_TEST, PHONE_FIELDS, has_phones
from .flows.proposals import proposed_name, region_of, unit_of
from .frontend.dashboard import async_add_dashboard, can_add_dashboard
from .night.simplest import async_send_test, simplest_chain
from .night.steps import CONF_DEVICES
from .options_flow import DexcomShareOptionsFlow
from .share import Region
from .watch.chain_settings import SUBENTRY_TYPE

CONF_ACCOUNT: Final = "account"
CONF_ADD_DASHBOARD: Final = "add_dashboard"

STEPS: Final = ("person", "phones", "dashboard")
"""What is asked after the log-in, in this order; each step keeps its answer and ends with `_after`."""


class DexcomShareConfigFlow(ConfigFlow, domain=DOMAIN):
    """Set up one person who shares their glucose."""

    VERSION = 1
    MINOR_VERSION = 1

    _account: LoggedIn
    """The account that Share accepted; there from the log-in on."""

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
        """Start with nothing typed and nothing answered."""
        self._built_in: dict[str, ConfigEntry] | None = None
        self._typed: dict[str, Any] = {}
        self._error: str | None = None
        self._refused: dict[tuple[str, str], set[str]] = {}
        self._title = ""
        self._options: dict[str, Any] = {}
        self._phones: list[str] = []

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Log in with the sharer's credentials; offer those of Home Assistant's own `dexcom` first."""
        if self._built_in is None:
            if region := region_of(self.hass.config.country):
                self._typed = {CONF_REGION: region.value}
            self._built_in = built_in_entries(self.hass)
            if self._built_in:
                return await self.async_step_start()
        if user_input is not None:
            self._typed = user_input
            data = account_data(user_input)
            if await self._log_in(data):
                return await self._greet()
            if self._error == REFUSED and self._untried(data):
                return await self.async_step_refused()
        return await self._show_form("user", ACCOUNT_SCHEMA, self._error, self._typed)

    async def async_step_refused(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer to try the other regions: a wrong one is a usual reason, and Share does not say which it is."""
        region = await region_name(self.hass, self._typed[CONF_REGION])
        return self.async_show_menu(
            step_id="refused", menu_options=["other_regions", "user"], description_placeholders={"region": region}
        )

    async def async_step_other_regions(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Try what was typed in the other regions, once in each; a locked account ends it."""
        data = account_data(self._typed)
        for region in self._untried(data):
            if await self._log_in({**data, CONF_REGION: region}):
                return await self._greet()
            if self._error == "account_locked":
                break
        else:
            self._error = self._error if self._untried(data) else "invalid_auth_everywhere"
        return await self.async_step_user()

    async def async_step_start(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where the credentials come from."""
        return self.async_show_menu(step_id="start", menu_options=["take_over", "user"])

    async def async_step_take_over(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Log in with the credentials of an entry of `dexcom`."""
        entries = self._built_in or {}
        error: str | None = None
        shown: dict[str, Any] = {}
        if user_input is not None:
            data = built_in_data(entries[user_input[CONF_ACCOUNT]])
            if await self._log_in(data):
                return await self._greet()
            error, self._error = self._error, None
            shown = {**user_input, CONF_REGION: data[CONF_REGION]}
        accounts = [SelectOptionDict(value=entry_id, label=entry.title) for entry_id, entry in entries.items()]
        schema = vol.Schema({vol.Required(CONF_ACCOUNT): SelectSelector(SelectSelectorConfig(options=accounts))})
        return await self._show_form("take_over", schema, error, shown)

    async def _greet(self) -> ConfigFlowResult:
        """Go on with a person who has no entry yet, after a warning where nothing is shared."""
        account = self._account
        # A flow that was left open must not keep the user from beginning again; it ends when this one makes the entry.
        await self.async_set_unique_id(account.account_id, raise_on_progress=False)
        self._abort_if_unique_id_configured()
        if await account.shares_nothing():
            return await self.async_step_nothing_shared()
        return await self._after()

    async def async_step_nothing_shared(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Warn that Share holds no reading of the last 24 hours, and go on if the user wants to."""
        if user_input is not None:
            return await self._after()
        return self.async_show_form(step_id="nothing_shared", data_schema=vol.Schema({}))

    async def async_step_person(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the name of the person and the unit of their glucose, with what is likely filled in."""
        if user_input is None:
            account = self._account
            shown = {
                CONF_NAME: await proposed_name(account.client, account.data[CONF_USERNAME]),
                CONF_UNIT: unit_of(self.hass.config.country),
            }
            errors: dict[str, str] = {}
        else:
            shown = user_input
            errors = person_errors(self.hass, user_input)
            if not errors:
                self._title = user_input[CONF_NAME].strip()
                self._options[CONF_UNIT] = user_input[CONF_UNIT]
                return await self._after("person")
        schema = self.add_suggested_values_to_schema(PERSON_SCHEMA, shown)
        return self.async_show_form(step_id="person", data_schema=schema, errors=errors)

    async def async_step_phones(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask whose phones are told of alerts; none is an answer too."""
        if not has_phones(self.hass):
            return await self.async_step_no_phones()
        errors: dict[str, str] = {}
        shown: dict[str, Any] = {CONF_DEVICES: self._phones}
        if user_input is not None:
            self._phones = user_input.get(CONF_DEVICES, [])
            if not user_input.get(CONF_SEND_TEST):
                return await self._after("phones")
            if not self._phones:
                errors = {"base": "no_phone_chosen"}
            elif await async_send_test(self.hass, self._phones, self._title):
                return await self.async_step_test_sent()
            else:
                errors = {"base": "test_failed"}
            shown = user_input
        schema = self.add_suggested_values_to_schema(vol.Schema(dict(PHONE_FIELDS)), shown)
        placeholders = {"person": self._title}
        return self.async_show_form(
            step_id="phones", data_schema=schema, errors=errors, description_placeholders=placeholders
        )

    async def async_step_no_phones(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say that nobody will be told by phone, and how that is changed later."""
        if user_input is not None:
            return await self._after("phones")
        return self.async_show_form(step_id="no_phones", data_schema=vol.Schema({}))

    async def async_step_test_sent(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask whether the test arrived: that it was handed over does not say so."""
        return self.async_show_menu(step_id="test_sent", menu_options=["test_arrived", "phones"])

    async def async_step_test_arrived(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Go on with phones that are known to be reached."""
        return await self._after("phones")

    async def async_step_dashboard(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer the dashboard where it can be made and is not there yet."""
        if user_input is None:
            if not await can_add_dashboard(self.hass):
                return await self._after("dashboard")
            schema = vol.Schema({vol.Required(CONF_ADD_DASHBOARD, default=True): BooleanSelector()})
            return self.async_show_form(step_id="dashboard", data_schema=schema)
        if user_input[CONF_ADD_DASHBOARD]:
            say = await async_say(self.hass)
            if not await async_add_dashboard(self.hass, say("set_up_dashboard")):
                return await self.async_step_no_dashboard()
        return await self._after("dashboard")

    async def async_step_no_dashboard(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say that the dashboard could not be made, and how the user can make it."""
        if user_input is not None:
            return await self._after("dashboard")
        return self.async_show_form(step_id="no_dashboard", data_schema=vol.Schema({}))

    async def _after(self, done: str | None = None) -> ConfigFlowResult:
        """Take the next step of `STEPS`; after the last, make the entry."""
        place = 0 if done is None else STEPS.index(done) + 1
        if place < len(STEPS):
            step: ConfigFlowResult = await getattr(self, f"async_step_{STEPS[place]}")()
            return step
        chains: list[ConfigSubentryData] = []
        if self._phones:
            say = await async_say(self.hass)
            chains = [simplest_chain(say("set_up_chain"), self._phones)]
        return self.async_create_entry(
            title=self._title, data=self._account.data, options=self._options, subentries=chains
        )

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Change region, user name, password or server of the same person."""
        entry = self._get_reconfigure_entry()
        if user_input is not None and await self._log_in(account_data(user_input)):
            await self._check_person(entry)
            return self.async_update_reload_and_abort(entry, data=self._account.data)
        return await self._show_form("reconfigure", ACCOUNT_SCHEMA, self._error, user_input or form_input(entry.data))

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Ask for the password after Share refused it."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Log in with the new password."""
        entry = self._get_reauth_entry()
        if user_input is not None and await self._log_in({**entry.data, **user_input}):
            await self._check_person(entry)
            return self.async_update_reload_and_abort(entry, data_updates=user_input)
        shown = {CONF_REGION: entry.data[CONF_REGION]}
        return await self._show_form(
            "reauth_confirm", PASSWORD_SCHEMA, self._error, shown, username=entry.data[CONF_USERNAME]
        )

    async def _check_person(self, entry: ConfigEntry) -> None:
        """Refuse the log-in of somebody else; else let the entry log in with it at once."""
        await self.async_set_unique_id(self._account.account_id)
        self._abort_if_unique_id_mismatch(reason="wrong_account")
        await forget_refusals(self.hass, entry)

    async def _log_in(self, data: dict[str, str]) -> bool:
        """Return whether Share accepts a log-in, and keep the account or the key of the error: one attempt."""
        outcome = await log_in(self.hass, data)
        if isinstance(outcome, LoggedIn):
            self._account, self._error = outcome, None
            return True
        self._error = outcome
        if outcome == REFUSED:
            self._refused.setdefault(_credentials(data), set()).add(data[CONF_REGION])
        return False

    def _untried(self, data: Mapping[str, str]) -> list[str]:
        """Return the regions that have not refused these credentials; none for a server of the user's own."""
        refused = self._refused.get(_credentials(data), set())
        return [] if CONF_BASE_URL in data else [region.value for region in Region if region not in refused]

    async def _show_form(
        self, step_id: str, schema: vol.Schema, error: str | None, shown: Mapping[str, Any], *, username: str = ""
    ) -> ConfigFlowResult:
        """Show a form with what was typed, except the password."""
        kept = {key: value for key, value in shown.items() if key != CONF_PASSWORD}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, kept),
            errors={"base": error} if error else {},
            description_placeholders={
                "username": username,
                "region": await region_name(self.hass, kept.get(CONF_REGION)),
                "longest_password": str(LONGEST_PASSWORD),
            },
        )


def _credentials(data: Mapping[str, str]) -> tuple[str, str]:
    """Return what a region accepts or refuses."""
    return data[CONF_USERNAME], data[CONF_PASSWORD]
