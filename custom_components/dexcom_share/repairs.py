"""Repairs: inviting the first follower, without whom Share hands out no readings."""

from typing import Any, Final

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_EMAIL, CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import TextSelector, TextSelectorConfig, TextSelectorType
import voluptuous as vol

from .actions.followers import ATTR_DISPLAY_NAME, INVITE_SCHEMA, invitation_of
from .display.failures import sentence
from .person import DexcomShareConfigEntry
from .sharing.invitations import async_invite

FORM: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Required(CONF_EMAIL): TextSelector(TextSelectorConfig(type=TextSelectorType.EMAIL)),
        vol.Required(ATTR_DISPLAY_NAME): TextSelector(),
    }
)


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow that mends an issue; there is one kind that can be mended here."""
    return InviteFirstFollower(str((data or {}).get("entry_id")))


class InviteFirstFollower(RepairsFlow):
    """Asks whom to invite, and invites them with the alerts of the official app."""

    def __init__(self, entry_id: str) -> None:
        """Know whose follower it will be."""
        self._entry_id = entry_id

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Show the form; what the flow begins with is the issue, not an answer."""
        return await self.async_step_invite()

    async def async_step_invite(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Invite; what goes wrong is shown above the form."""
        entry: DexcomShareConfigEntry | None = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        problem = ""
        if user_input is not None:
            followers = entry.runtime_data.followers
            try:
                data: dict[str, Any] = INVITE_SCHEMA(user_input)
                await async_invite(followers, invitation_of(followers.now(), data))
            except vol.Invalid:
                problem = sentence(self.hass, "name_missing")
            except HomeAssistantError as err:
                problem = sentence(self.hass, str(err.translation_key), err.translation_placeholders)
            else:
                return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="invite",
            data_schema=self.add_suggested_values_to_schema(FORM, user_input),
            errors={"base": "failed"} if problem else {},
            description_placeholders={"person": entry.title, "problem": problem},
        )
