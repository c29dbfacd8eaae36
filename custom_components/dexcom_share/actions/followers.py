"""Actions that show and change who follows; for administrators, as they are about who sees health data."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from homeassistant.const import ATTR_CONFIG_ENTRY_ID, ATTR_NAME
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_config_entry, async_register_admin_service
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from ..const import DOMAIN
from ..display.failures import failure, is_unsure, mistake, nothing_changed
from ..person import DexcomShareConfigEntry
from ..share import (
    DEFAULT_ALERT_SETTINGS,
    FollowerAlert,
    FollowerAlerts,
    Permissions,
    ShareError,
    ShareRequestError,
    ShareResponseError,
    Subscription,
    SubscriptionState,
)
from ..share.documents import parse_duration
from ..sharing.coordinator import INVITED, FollowersCoordinator
from ..sharing.invitations import Invitation, ambiguous, async_invite, fitting, is_email
from ..sharing.removals import delete_contact

ATTR_CONTACT_ID: Final = "contact_id"
ATTR_DISPLAY_NAME: Final = "display_name"
ATTR_DURATION: Final = "duration"
ATTR_EMAIL: Final = "email"
ATTR_MAY_SEE_GRAPH: Final = "may_see_graph"
ATTR_NEW_NAME: Final = "new_name"
ATTR_UNTIL: Final = "until"

LONGEST_ALERT_TIME: Final = timedelta(hours=6)
"""The longest delay and repetition that was seen to work."""

STATE_WORDS: Final = {
    SubscriptionState.UNKNOWN: "unknown",
    SubscriptionState.CREATED: "created",
    SubscriptionState.INVITE_WAITING: "invited",
    SubscriptionState.INVITE_FAILED: "invitation_failed",
    SubscriptionState.INVITE_REJECTED: "declined",
    SubscriptionState.INVITE_EXPIRED: "expired",
    SubscriptionState.ACTIVE: "active",
    SubscriptionState.PAUSED_BY_PUBLISHER: "paused",
    SubscriptionState.PAUSED_BY_SUBSCRIBER: "paused_by_follower",
    SubscriptionState.CANCELED_BY_PUBLISHER: "removed",
    SubscriptionState.CANCELED_BY_SUBSCRIBER: "left",
    SubscriptionState.CANCELED_BY_BOTH: "removed_and_left",
    SubscriptionState.ABANDONED_BY_SUBSCRIBER: "abandoned",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFields:
    """The fields of one alert; `limits_mgdl` is the range its limit may have, None for an alert without a limit."""

    key: str
    limits_mgdl: tuple[int, int] | None
    is_upper: bool = False
    """Whether the limit is the lowest value that alerts, not the highest."""

    def setting(self, alerts: FollowerAlerts) -> FollowerAlert:
        """Return this alert of the four."""
        setting: FollowerAlert = getattr(alerts, self.key)
        return setting

    def limit_mgdl(self, setting: FollowerAlert) -> int:
        """Return the limit of a setting."""
        return setting.min_value_mgdl if self.is_upper else setting.max_value_mgdl

    @property
    def schema(self) -> dict[vol.Marker, Any]:
        """Return the fields, with the values of the official app as defaults."""
        default = self.setting(DEFAULT_ALERT_SETTINGS)
        limit: dict[vol.Marker, Any] = {}
        if self.limits_mgdl:
            low, high = self.limits_mgdl
            valid = vol.All(vol.Coerce(int), vol.Range(min=low, max=high))
            limit = {vol.Optional(f"{self.key}_limit", default=self.limit_mgdl(default)): valid}
        return {
            vol.Optional(f"{self.key}_alert", default=default.is_enabled): cv.boolean,
            **limit,
            vol.Optional(f"{self.key}_delay", default=default.delay): alert_time,
            vol.Optional(f"{self.key}_repeat", default=default.repeat): alert_time,
        }

    def from_data(self, data: Mapping[str, Any]) -> FollowerAlert:
        """Return the alert that the fields describe."""
        setting = replace(
            self.setting(DEFAULT_ALERT_SETTINGS),
            is_enabled=data[f"{self.key}_alert"],
            delay=data[f"{self.key}_delay"],
            repeat=data[f"{self.key}_repeat"],
        )
        if not self.limits_mgdl:
            return setting
        limit_mgdl = data[f"{self.key}_limit"]
        if self.is_upper:
            return replace(setting, min_value_mgdl=limit_mgdl)
        return replace(setting, max_value_mgdl=limit_mgdl)

    def to_json(self, alerts: FollowerAlerts) -> JsonObjectType:
        """Return the alert for a response."""
        setting = self.setting(alerts)
        return {
            "enabled": setting.is_enabled,
            **({"limit_mg_dl": self.limit_mgdl(setting)} if self.limits_mgdl else {}),
            "delay_minutes": setting.delay // timedelta(minutes=1),
            "repeat_minutes": setting.repeat // timedelta(minutes=1),
        }


def alert_time(value: object) -> timedelta:
    """Return the delay of an alert in whole minutes: `PT1H30M`, or what Home Assistant takes for a duration."""
    if isinstance(value, str) and value.startswith("P"):
        try:
            span = parse_duration(value)
        except ShareResponseError:
            raise vol.Invalid("not a duration such as PT30M or PT1H30M") from None
    else:
        span = cv.time_period(value)
    if span % timedelta(minutes=1) or not timedelta(0) <= span <= LONGEST_ALERT_TIME:
        raise vol.Invalid("an alert takes whole minutes, at most 6 hours")
    return span


ALERT_FIELDS: Final = (
    AlertFields(key="urgent_low", limits_mgdl=(40, 100)),
    AlertFields(key="low", limits_mgdl=(55, 150)),
    AlertFields(key="high", limits_mgdl=(100, 400), is_upper=True),
    AlertFields(key="no_data", limits_mgdl=None),
)

TEXT: Final = vol.All(cv.string, vol.Strip, vol.Length(min=1, max=100))
ENTRY_FIELDS: Final = {vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}
LIST_SCHEMA: Final = vol.Schema(ENTRY_FIELDS)
INVITE_SCHEMA: Final = vol.Schema(
    {
        **ENTRY_FIELDS,
        vol.Required(ATTR_NAME): TEXT,
        vol.Required(ATTR_EMAIL): vol.All(cv.string, vol.Strip),
        vol.Required(ATTR_DISPLAY_NAME): TEXT,
        vol.Optional(ATTR_MAY_SEE_GRAPH, default=True): cv.boolean,
        vol.Exclusive(ATTR_UNTIL, "end"): cv.datetime,
        vol.Exclusive(ATTR_DURATION, "end"): cv.positive_time_period,
        **{marker: valid for fields in ALERT_FIELDS for marker, valid in fields.schema.items()},
    }
)


def follower_schema(more: Mapping[vol.Marker, Any]) -> Any:
    """Return the schema of an action on one follower, given by name or by id."""
    return vol.All(
        vol.Schema(
            {
                **ENTRY_FIELDS,
                vol.Exclusive(ATTR_NAME, "follower"): TEXT,
                vol.Exclusive(ATTR_CONTACT_ID, "follower"): vol.All(cv.string, vol.Strip, vol.Lower),
                **more,
            }
        ),
        cv.has_at_least_one_key(ATTR_NAME, ATTR_CONTACT_ID),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of one follower: the call, how the follower is after it, and how the list shows that it was made."""

    send: Callable[[FollowersCoordinator, Subscription, Mapping[str, Any]], Awaitable[None]]
    after: Callable[[Subscription, Mapping[str, Any]], Subscription]
    is_made: Callable[[Subscription | None, Mapping[str, Any]], bool]
    fields: Mapping[vol.Marker, Any]


def _permissions(data: Mapping[str, Any]) -> Permissions:
    """Return what the fields permit."""
    return Permissions.GRAPH if data[ATTR_MAY_SEE_GRAPH] else Permissions.NONE


def _same_but_graph(old: Subscription, data: Mapping[str, Any]) -> Permissions:
    """Return a follower's permissions with the graph as wished; bits that nobody knows stay."""
    # By numbers, as the complement of a flag knows only the bits that have names.
    return Permissions(int(old.permissions) & ~int(Permissions.GRAPH) | _permissions(data))


def _is_state(state: SubscriptionState) -> Callable[[Subscription | None, Mapping[str, Any]], bool]:
    """Return how to see that a follower came to a state."""
    return lambda found, _: found is not None and found.state is state


async def _remove(followers: FollowersCoordinator, one: Subscription, _: Mapping[str, Any]) -> None:
    """Delete the contact, and forget what was planned for it."""
    await delete_contact(followers, one.contact_id)
    await followers.removals.plan(one.contact_id, None)


CHANGES: Final = {
    "remove_follower": Change(
        send=_remove,
        after=lambda old, _: replace(old, state=SubscriptionState.CANCELED_BY_PUBLISHER),
        is_made=lambda found, _: found is None,
        fields={},
    ),
    "pause_follower": Change(
        send=lambda followers, one, _: followers.client.pause_subscription(one.subscription_id),
        after=lambda old, _: replace(old, state=SubscriptionState.PAUSED_BY_PUBLISHER),
        is_made=_is_state(SubscriptionState.PAUSED_BY_PUBLISHER),
        fields={},
    ),
    "resume_follower": Change(
        send=lambda followers, one, _: followers.client.resume_subscription(one.subscription_id),
        after=lambda old, _: replace(old, state=SubscriptionState.ACTIVE),
        is_made=_is_state(SubscriptionState.ACTIVE),
        fields={},
    ),
    "set_follower_permissions": Change(
        send=lambda followers, one, data: followers.client.update_permissions(
            one.subscription_id, _same_but_graph(one, data)
        ),
        after=lambda old, data: replace(old, permissions=_same_but_graph(old, data)),
        is_made=lambda found, data: found is not None and found.permissions & Permissions.GRAPH == _permissions(data),
        fields={vol.Required(ATTR_MAY_SEE_GRAPH): cv.boolean},
    ),
    "rename_follower": Change(
        send=lambda followers, one, data: followers.client.update_contact_name(one.contact_id, data[ATTR_NEW_NAME]),
        after=lambda old, data: replace(old, contact_name=data[ATTR_NEW_NAME]),
        is_made=lambda found, data: found is not None and found.contact_name == data[ATTR_NEW_NAME],
        fields={vol.Required(ATTR_NEW_NAME): TEXT},
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
    for name, change in CHANGES.items():
        async_register_admin_service(
            hass,
            DOMAIN,
            name,
            partial(_async_change, change),
            follower_schema(change.fields),
            supports_response=SupportsResponse.OPTIONAL,
        )


def followers_of(call: ServiceCall) -> FollowersCoordinator:
    """Return the followers of the person that an action is about: the one given, or the only one."""
    entry: DexcomShareConfigEntry = async_get_config_entry(call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID))
    return entry.runtime_data.followers


async def _async_list(call: ServiceCall) -> ServiceResponse:
    """Return who follows and who is invited, fresh from Share."""
    followers = followers_of(call)
    async with followers.lock:
        await followers.async_refresh()
        if not followers.last_update_success and followers.last_exception:
            # A failure of Share's, already in the words of the user.
            raise followers.last_exception
        try:
            listed = [
                follower_json(followers, one) | {"alerts": await _alerts(followers, one)}
                for one in followers.subscriptions
            ]
        except ShareError as err:
            raise nothing_changed(call.hass, err) from err
    return {"sharing": followers.data.sharing_active, "followers": list(listed)}


async def _alerts(followers: FollowersCoordinator, one: Subscription) -> JsonObjectType | None:
    """Return the alerts of a follower, None where Share does not tell them."""
    try:
        alerts = await followers.client.read_alert_settings(one.subscription_id)
    except ShareRequestError, ShareResponseError:
        return None
    return alerts_json(alerts)


def alerts_json(alerts: FollowerAlerts) -> JsonObjectType:
    """Return the four alerts for a response."""
    return {fields.key: fields.to_json(alerts) for fields in ALERT_FIELDS}


def follower_json(followers: FollowersCoordinator, one: Subscription) -> JsonObjectType:
    """Return a follower for a response; `expires` is told only of an invitation that waits."""
    return {
        "name": one.contact_name,
        "contact_id": one.contact_id,
        "display_name": one.display_name,
        "state": STATE_WORDS[one.state],
        "may_see_graph": Permissions.GRAPH in one.permissions,
        "invited": _iso(one.created),
        "expires": _iso(one.invite_expires) if one.state in INVITED else None,
        "removed_at": _iso(followers.removals.ends(one.contact_id)),
    }


def _iso(time: datetime | None) -> str | None:
    """Return a time with the offset of the user's zone."""
    return dt_util.as_local(time).isoformat() if time else None


async def _async_invite(call: ServiceCall) -> ServiceResponse:
    """Invite somebody, perhaps for some time only."""
    followers = followers_of(call)
    invitation = invitation_of(followers, call.data)
    invited = await async_invite(followers, invitation)
    listed = next(
        (one for one in followers.subscriptions if one.subscription_id == invited.subscription_id),
        None,
    )
    return {
        "name": invitation.name,
        "contact_id": invited.contact_id,
        "display_name": invitation.display_name,
        "state": STATE_WORDS[listed.state if listed else SubscriptionState.INVITE_WAITING],
        "may_see_graph": Permissions.GRAPH in invitation.permissions,
        "invited": _iso(listed.created) if listed else None,
        "expires": _iso(listed.invite_expires) if listed else None,
        "removed_at": _iso(followers.removals.ends(invited.contact_id)),
        "alerts": alerts_json(invitation.alert_settings),
    }


def invitation_of(followers: FollowersCoordinator, data: Mapping[str, Any]) -> Invitation:
    """Return the invitation that the fields describe; what can't work is refused before anything is sent."""
    if not is_email(data[ATTR_EMAIL]):
        raise mistake("invalid_email")
    ends: datetime | None = None
    if ATTR_UNTIL in data:
        # A time without a zone is the user's.
        ends = dt_util.as_utc(data[ATTR_UNTIL])
    elif ATTR_DURATION in data:
        ends = followers.now() + data[ATTR_DURATION]
    if ends and ends <= followers.now():
        raise mistake("end_in_past")
    return Invitation(
        name=data[ATTR_NAME],
        email=data[ATTR_EMAIL],
        display_name=data[ATTR_DISPLAY_NAME],
        permissions=_permissions(data),
        alert_settings=FollowerAlerts(**{fields.key: fields.from_data(data) for fields in ALERT_FIELDS}),
        ends=ends,
    )


async def _async_change(change: Change, call: ServiceCall) -> ServiceResponse:
    """Change one follower."""
    followers = followers_of(call)
    try:
        async with followers.lock:
            changed = await _change(call.hass, followers, change, call.data)
    except Exception:
        followers.ask_soon()
        raise
    await followers.async_refresh()
    return follower_json(followers, changed)


async def _change(
    hass: HomeAssistant, followers: FollowersCoordinator, change: Change, data: Mapping[str, Any]
) -> Subscription:
    """Return the follower as they are after the change."""
    try:
        target = _target(await followers.client.list_subscriptions(), data)
    except ShareError as err:
        raise nothing_changed(hass, err) from err
    try:
        await change.send(followers, target, data)
    except ShareError as err:
        if not is_unsure(err):
            raise nothing_changed(hass, err) from err
        try:
            subscriptions = await followers.client.list_subscriptions()
        except ShareError:
            raise failure(hass, "change_unsure", err) from err
        found = next((one for one in subscriptions if one.contact_id == target.contact_id), None)
        if not change.is_made(found, data):
            raise nothing_changed(hass, err) from err
    return change.after(target, data)


def _target(subscriptions: list[Subscription], data: Mapping[str, Any]) -> Subscription:
    """Return the one follower that a name or an id means."""
    if ATTR_NAME in data:
        fits = fitting(subscriptions, data[ATTR_NAME])
    else:
        fits = [one for one in subscriptions if one.contact_id == data[ATTR_CONTACT_ID]]
    if not fits:
        raise mistake("follower_not_found")
    if len(fits) > 1:
        raise ambiguous(fits)
    return fits[0]
