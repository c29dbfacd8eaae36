"""The steps under Configure that show and change who follows."""

from collections.abc import Mapping
from functools import partialmethod
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlow
from homeassistant.const import CONF_EMAIL, CONF_NAME
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import (
    BooleanSelector,
    DateTimeSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..display.failures import mistake, sentence
from ..display.texts import Say, async_say
from ..display.times import local_time
from ..display.words import FOLLOWER_STATES
from ..person import DexcomShareConfigEntry
from ..share import DEFAULT_ALERT_SETTINGS, Permissions, Subscription, SubscriptionState
from ..sharing.changes import PAUSE, REMOVE, RESUME, Change, async_change, permit, rename
from ..sharing.coordinator import FollowersCoordinator
from ..sharing.ends import end_of
from ..sharing.invitations import Invitation, async_invite, is_email

CONF_DISPLAY_NAME: Final = "display_name"
CONF_FOLLOWER: Final = "follower"
CONF_MAY_SEE_GRAPH: Final = "may_see_graph"
CONF_UNTIL: Final = "until"
LONGEST_NAME: Final = 100

INVITE_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Required(CONF_EMAIL): TextSelector(TextSelectorConfig(type=TextSelectorType.EMAIL)),
        vol.Required(CONF_DISPLAY_NAME): TextSelector(),
        vol.Required(CONF_MAY_SEE_GRAPH, default=True): BooleanSelector(),
        vol.Optional(CONF_UNTIL): DateTimeSelector(),
    }
)
RENAME_SCHEMA: Final = vol.Schema({vol.Required(CONF_NAME): TextSelector()})


class FollowerSteps(OptionsFlow):
    """Lists, invites and changes followers; Home Assistant lets administrators alone come here."""

    _contact_id = ""
    _outcome = ""

    @property
    def _followers(self) -> FollowersCoordinator:
        """Return the followers of the person, who is set up."""
        entry: DexcomShareConfigEntry = self.config_entry
        return entry.runtime_data.followers

    async def async_step_followers(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show who follows, fresh from Share, with what became of the step before."""
        if self.config_entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        followers = self._followers
        await followers.async_refresh()
        outcome, self._outcome = self._outcome, ""
        error = followers.last_exception
        if not followers.last_update_success and isinstance(error, HomeAssistantError):
            outcome = outcome or self._told(error)
        say = await async_say(self.hass)
        lines = [_line(followers, one, say) for one in followers.subscriptions] or [say("followers_none")]
        return self.async_show_menu(
            step_id="followers",
            menu_options=[*([CONF_FOLLOWER] if followers.subscriptions else []), "invite", "init"],
            description_placeholders={
                "outcome": f"**{outcome}**\n\n" if outcome else "",
                "followers": "\n".join(f"- {line}" for line in lines),
            },
        )

    async def async_step_invite(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Invite somebody, perhaps until a time only."""
        title = self.config_entry.title
        shown: Mapping[str, Any] = user_input or ({} if "@" in title else {CONF_DISPLAY_NAME: title})
        problem = ""
        if user_input is not None:
            try:
                await async_invite(self._followers, self._invitation(user_input))
            except HomeAssistantError as err:
                problem = self._told(err)
            else:
                return await self.async_step_followers()
        return self._form("invite", INVITE_SCHEMA, shown, problem)

    def _invitation(self, filled: Mapping[str, Any]) -> Invitation:
        """Return the invitation of a filled form; what can't work is refused before anything is sent."""
        email = filled[CONF_EMAIL].strip()
        if not is_email(email):
            raise mistake("invalid_email")
        until = dt_util.parse_datetime(filled.get(CONF_UNTIL, ""))
        return Invitation(
            name=_name(filled[CONF_NAME]),
            email=email,
            display_name=_name(filled[CONF_DISPLAY_NAME]),
            permissions=Permissions.GRAPH if filled[CONF_MAY_SEE_GRAPH] else Permissions.NONE,
            alert_settings=DEFAULT_ALERT_SETTINGS,
            ends=end_of(self._followers.now(), until, None),
        )

    async def async_step_follower(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Choose whom to change."""
        if user_input is not None:
            self._contact_id = user_input[CONF_FOLLOWER]
            return await self.async_step_change()
        say = await async_say(self.hass)
        options = [
            SelectOptionDict(value=one.contact_id, label=_line(self._followers, one, say))
            for one in self._followers.subscriptions
        ]
        schema = vol.Schema({vol.Required(CONF_FOLLOWER): SelectSelector(SelectSelectorConfig(options=options))})
        return self.async_show_form(step_id=CONF_FOLLOWER, data_schema=schema)

    async def async_step_change(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer what can be done with the chosen follower as they are."""
        one = self._chosen
        if one is None:
            self._outcome = sentence(self.hass, "follower_not_found")
            return await self.async_step_followers()
        can = {
            "pause": one.state is SubscriptionState.ACTIVE,
            "resume": one.state is SubscriptionState.PAUSED_BY_PUBLISHER,
            "hide_graph": Permissions.GRAPH in one.permissions,
            "show_graph": Permissions.GRAPH not in one.permissions,
        }
        options = [*(step for step, is_offered in can.items() if is_offered), "rename", "remove", "followers"]
        line = _line(self._followers, one, await async_say(self.hass))
        return self.async_show_menu(step_id="change", menu_options=options, description_placeholders={"follower": line})

    @property
    def _chosen(self) -> Subscription | None:
        """Return the chosen follower, None where they are gone."""
        return next((one for one in self._followers.subscriptions if one.contact_id == self._contact_id), None)

    async def _change(self, change: Change, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Make a change at once, and go back to the list with what became of it."""
        try:
            await async_change(self._followers, change, contact_id=self._contact_id)
        except HomeAssistantError as err:
            self._outcome = self._told(err)
        return await self.async_step_followers()

    async_step_pause = partialmethod(_change, PAUSE)
    async_step_resume = partialmethod(_change, RESUME)
    async_step_show_graph = partialmethod(_change, permit(Permissions.GRAPH))
    async_step_hide_graph = partialmethod(_change, permit(Permissions.NONE))

    async def async_step_rename(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Give the follower another name."""
        problem = ""
        if user_input is not None:
            try:
                change = rename(_name(user_input[CONF_NAME]))
            except HomeAssistantError as err:
                problem = self._told(err)
            else:
                return await self._change(change)
        name = self._chosen.contact_name if self._chosen else ""
        return self._form("rename", RENAME_SCHEMA, user_input or {CONF_NAME: name}, problem)

    async def async_step_remove(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Remove the follower, once that is confirmed."""
        if user_input is not None:
            return await self._change(REMOVE)
        name = self._chosen.contact_name if self._chosen else ""
        return self.async_show_form(
            step_id="remove", data_schema=vol.Schema({}), description_placeholders={"follower": name}
        )

    def _form(self, step_id: str, schema: vol.Schema, shown: Mapping[str, Any], problem: str) -> ConfigFlowResult:
        """Show a form with what was typed, and what is wrong with it."""
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors={"base": "failed"} if problem else {},
            description_placeholders={"problem": problem},
        )

    def _told(self, err: HomeAssistantError) -> str:
        """Return an error in the words that the actions have for it."""
        return sentence(self.hass, str(err.translation_key), err.translation_placeholders)


def _name(text: str) -> str:
    """Return a name as Share takes it; refuse one that is none."""
    name = text.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise mistake("name_missing")
    return name


def _line(followers: FollowersCoordinator, one: Subscription, say: Say) -> str:
    """Return who somebody is, and how it stands with them."""
    state = say(f"follower_{FOLLOWER_STATES[one.state]}")
    ends = followers.removals.ends(one.contact_id)
    if ends is None:
        return say("follower_line", name=one.contact_name, state=state)
    return say("follower_line_until", name=one.contact_name, state=state, until=local_time(ends))
