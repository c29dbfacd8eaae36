"""Actions that show and change who follows; for administrators, as they are about who sees health data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from homeassistant.const import ATTR_NAME
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from ..const import DOMAIN
from ..display.failures import mistake, nothing_changed
from ..display.times import local_iso
from ..display.words import FOLLOWER_STATES
from ..share import Permissions, ShareError, ShareRequestError, ShareResponseError, Subscription
from ..sharing.changes import PAUSE, REMOVE, RESUME, Change, async_change, permit, rename
from ..sharing.coordinator import FollowersCoordinator
from ..sharing.ends import end_of
from ..sharing.facts import ENDED, INVITED
from ..sharing.invitations import Invitation, async_invite, is_email
from .follower_alerts import SCHEMA as ALERTS_SCHEMA, alerts_from_data, alerts_json
from .persons import ENTRY_FIELDS, person_of, time_span

ATTR_CONTACT_ID: Final = "contact_id"
ATTR_DISPLAY_NAME: Final = "display_name"
ATTR_DURATION: Final = "duration"
ATTR_EMAIL: Final = "email"
ATTR_MAY_SEE_GRAPH: Final = "may_see_graph"
ATTR_NEW_NAME: Final = "new_name"
ATTR_UNTIL: Final = "until"

MOST_ALERTS_READ: Final = 30
"""Followers whose alerts are read for one list, a call each: Share allows ten, but a list may be longer."""

TEXT: Final = vol.All(cv.string, vol.Strip, vol.Length(min=1, max=100))
LIST_SCHEMA: Final = vol.Schema(ENTRY_FIELDS)
INVITE_SCHEMA: Final = vol.Schema(
    {
        **ENTRY_FIELDS,
        vol.Required(ATTR_NAME): TEXT,
        vol.Required(ATTR_EMAIL): vol.All(cv.string, vol.Strip),
        vol.Required(ATTR_DISPLAY_NAME): TEXT,
        vol.Optional(ATTR_MAY_SEE_GRAPH, default=True): cv.boolean,
        vol.Exclusive(ATTR_UNTIL, "end"): cv.datetime,
        vol.Exclusive(ATTR_DURATION, "end"): time_span,
        **ALERTS_SCHEMA,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAction:
    """An action that changes one follower: the change that its fields describe, and the fields of its own."""

    change: Callable[[Mapping[str, Any]], Change]
    fields: Mapping[vol.Marker, Any] = field(default_factory=dict)

    @property
    def schema(self) -> Any:
        """Return the schema: one follower, given by name or by id, and the fields."""
        return vol.All(
            vol.Schema(
                {
                    **ENTRY_FIELDS,
                    vol.Exclusive(ATTR_NAME, "follower"): TEXT,
                    vol.Exclusive(ATTR_CONTACT_ID, "follower"): vol.All(cv.string, vol.Strip, vol.Lower),
                    **self.fields,
                }
            ),
            cv.has_at_least_one_key(ATTR_NAME, ATTR_CONTACT_ID),
        )


CHANGE_ACTIONS: Final = {
    "remove_follower": ChangeAction(change=lambda _: REMOVE),
    "pause_follower": ChangeAction(change=lambda _: PAUSE),
    "resume_follower": ChangeAction(change=lambda _: RESUME),
    "set_follower_permissions": ChangeAction(
        change=lambda data: permit(_permissions(data)), fields={vol.Required(ATTR_MAY_SEE_GRAPH): cv.boolean}
    ),
    "rename_follower": ChangeAction(
        change=lambda data: rename(data[ATTR_NEW_NAME]), fields={vol.Required(ATTR_NEW_NAME): TEXT}
    ),
}


@callback
def async_setup_follower_actions(hass: HomeAssistant) -> None:
    """Register the actions, for administrators."""
    async_register_admin_service(
        hass, DOMAIN, "list_followers", _async_list, LIST_SCHEMA, supports_response=SupportsResponse.ONLY
    )
    async_register_admin_service(
        hass, DOMAIN, "invite_follower", _async_invite, INVITE_SCHEMA, supports_response=SupportsResponse.OPTIONAL
    )
    for name, action in CHANGE_ACTIONS.items():
        async_register_admin_service(
            hass,
            DOMAIN,
            name,
            partial(_async_change, action),
            action.schema,
            supports_response=SupportsResponse.OPTIONAL,
        )


def _permissions(data: Mapping[str, Any]) -> Permissions:
    """Return what the fields permit."""
    return Permissions.GRAPH if data[ATTR_MAY_SEE_GRAPH] else Permissions.NONE


async def _async_list(call: ServiceCall) -> ServiceResponse:
    """Return who follows and who is invited, fresh from Share."""
    followers = person_of(call).followers
    async with followers.lock:
        await followers.async_refresh()
        if not followers.last_update_success and followers.last_exception:
            # A failure of Share's, already in the words of the user.
            raise followers.last_exception
        try:
            listed = await _listed(followers)
        except ShareError as err:
            raise nothing_changed(call.hass, err) from err
    return {"sharing": followers.data.sharing_active, "followers": list(listed)}


async def _listed(followers: FollowersCoordinator) -> list[JsonObjectType]:
    """Return all followers with their alerts; beyond a number of them, those who can't come back go without first."""
    by_interest = sorted(followers.subscriptions, key=lambda one: one.state in ENDED)
    asked = {one.subscription_id for one in by_interest[:MOST_ALERTS_READ]}
    return [
        follower_json(followers, one)
        | (
            {"alerts": await _alerts(followers, one)}
            if one.subscription_id in asked
            else {"alerts": None, "alerts_left_out": True}
        )
        for one in followers.subscriptions
    ]


async def _alerts(followers: FollowersCoordinator, one: Subscription) -> JsonObjectType | None:
    """Return the alerts of a follower, None where Share does not tell them."""
    try:
        alerts = await followers.client.read_alert_settings(one.subscription_id)
    except ShareRequestError, ShareResponseError:
        return None
    return alerts_json(alerts)


def follower_json(followers: FollowersCoordinator, one: Subscription) -> JsonObjectType:
    """Return a follower for a response; `expires` is told only of an invitation that waits."""
    return {
        "name": one.contact_name,
        "contact_id": one.contact_id,
        "display_name": one.display_name,
        "state": FOLLOWER_STATES[one.state],
        "may_see_graph": Permissions.GRAPH in one.permissions,
        "invited": local_iso(one.created),
        "expires": local_iso(one.invite_expires) if one.state in INVITED else None,
        "removed_at": local_iso(followers.removals.ends(one.contact_id)),
    }


async def _async_invite(call: ServiceCall) -> ServiceResponse:
    """Invite somebody, perhaps for some time only."""
    followers = person_of(call).followers
    invitation = invitation_of(followers.now(), call.data)
    invited = await async_invite(followers, invitation)
    return follower_json(followers, invited) | {"alerts": alerts_json(invitation.alert_settings)}


def invitation_of(now: datetime, data: Mapping[str, Any]) -> Invitation:
    """Return the invitation that the fields describe; what can't work is refused before anything is sent."""
    if not is_email(data[ATTR_EMAIL]):
        raise mistake("invalid_email")
    return Invitation(
        name=data[ATTR_NAME],
        email=data[ATTR_EMAIL],
        display_name=data[ATTR_DISPLAY_NAME],
        permissions=_permissions(data),
        alert_settings=alerts_from_data(data),
        ends=end_of(now, data.get(ATTR_UNTIL), data.get(ATTR_DURATION)),
    )


async def _async_change(action: ChangeAction, call: ServiceCall) -> ServiceResponse:
    """Change one follower."""
    followers = person_of(call).followers
    changed = await async_change(
        followers,
        action.change(call.data),
        name=call.data.get(ATTR_NAME),
        contact_id=call.data.get(ATTR_CONTACT_ID),
    )
    return follower_json(followers, changed)
