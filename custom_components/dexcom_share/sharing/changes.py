"""Changes of one follower: each is sent, and found out about where its answer was lost."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from ..display.failures import failure, is_unsure, mistake, nothing_changed
from ..share import Permissions, ShareError, Subscription, SubscriptionState
from .coordinator import FollowersCoordinator
from .invitations import ambiguous, fitting
from .removals import delete_contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of one follower: the call, how the follower is after it, and how the list shows that it was made."""

    send: Callable[[FollowersCoordinator, Subscription], Awaitable[None]]
    after: Callable[[Subscription], Subscription]
    is_made: Callable[[Subscription | None], bool]


async def _remove(followers: FollowersCoordinator, one: Subscription) -> None:
    """Delete the contact, and forget what was planned for it."""
    await delete_contact(followers.client, one.contact_id)
    await followers.removals.plan(one.contact_id, None)


REMOVE: Final = Change(
    send=_remove,
    after=lambda old: replace(old, state=SubscriptionState.CANCELED_BY_PUBLISHER),
    is_made=lambda found: found is None,
)
PAUSE: Final = Change(
    send=lambda followers, one: followers.client.pause_subscription(one.subscription_id),
    after=lambda old: replace(old, state=SubscriptionState.PAUSED_BY_PUBLISHER),
    is_made=lambda found: found is not None and found.state is SubscriptionState.PAUSED_BY_PUBLISHER,
)
RESUME: Final = Change(
    send=lambda followers, one: followers.client.resume_subscription(one.subscription_id),
    after=lambda old: replace(old, state=SubscriptionState.ACTIVE),
    is_made=lambda found: found is not None and found.state is SubscriptionState.ACTIVE,
)


def rename(name: str) -> Change:
    """Return the change of a follower's name."""
    return Change(
        send=lambda followers, one: followers.client.update_contact_name(one.contact_id, name),
        after=lambda old: replace(old, contact_name=name),
        is_made=lambda found: found is not None and found.contact_name == name,
    )


def permit(graph: Permissions) -> Change:
    """Return the change of what a follower may see: `Permissions.GRAPH` or `Permissions.NONE`."""

    def permissions(old: Subscription) -> Permissions:
        # By numbers, as the complement of a flag knows only the bits that have names; bits that nobody knows stay.
        return Permissions(int(old.permissions) & ~int(Permissions.GRAPH) | int(graph))

    return Change(
        send=lambda followers, one: followers.client.update_permissions(one.subscription_id, permissions(one)),
        after=lambda old: replace(old, permissions=permissions(old)),
        is_made=lambda found: found is not None and found.permissions & Permissions.GRAPH == graph,
    )


async def async_change(
    followers: FollowersCoordinator, change: Change, *, name: str | None = None, contact_id: str | None = None
) -> Subscription:
    """Change the one follower that a name or, without one, an id means; return them as they are afterwards.

    Raises:
        ServiceValidationError: the user can put it right; nothing was changed.
        HomeAssistantError: it failed; the message says what is known of the change.
    """
    try:
        async with followers.lock:
            changed = await _change(followers, change, name, contact_id)
    except Exception:
        followers.ask_soon()
        raise
    await followers.async_refresh()
    return changed


async def _change(
    followers: FollowersCoordinator, change: Change, name: str | None, contact_id: str | None
) -> Subscription:
    """Return the follower as they are after the change."""
    hass = followers.hass
    try:
        target = _target(await followers.client.list_subscriptions(), name, contact_id)
    except ShareError as err:
        raise nothing_changed(hass, err) from err
    try:
        await change.send(followers, target)
    except ShareError as err:
        if not is_unsure(err):
            raise nothing_changed(hass, err) from err
        try:
            subscriptions = await followers.client.list_subscriptions()
        except ShareError:
            raise failure(hass, "change_unsure", err) from err
        found = next((one for one in subscriptions if one.contact_id == target.contact_id), None)
        if not change.is_made(found):
            raise nothing_changed(hass, err) from err
    return change.after(target)


def _target(subscriptions: list[Subscription], name: str | None, contact_id: str | None) -> Subscription:
    """Return the one follower that a name or an id means."""
    if name is not None:
        fits = fitting(subscriptions, name)
    else:
        fits = [one for one in subscriptions if one.contact_id == contact_id]
    if not fits:
        raise mistake("follower_not_found")
    if len(fits) > 1:
        raise ambiguous(fits)
    return fits[0]
