"""How somebody is invited: every step can fail or lose its answer, and nothing is left half done in silence."""

from asyncio import sleep
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
import re
from typing import Final

from homeassistant.exceptions import HomeAssistantError

from ..display.failures import failure, is_unsure, mistake, nothing_changed
from ..share import AuthenticationError, FollowerAlerts, Permissions, ShareError, Subscription, SubscriptionState
from .coordinator import FollowersCoordinator
from .facts import ENDED, INVITED, MOST_FOLLOWERS
from .record import Removal
from .removals import delete_contact

RETRY_SECONDS: Final = 2.0
"""Share may refuse to invite a contact this young; source: the practice of LoopKit's client."""
CLEANUP_AFTER: Final = timedelta(minutes=2)
"""An invitation that is not finished by then never will be: what it left is removed."""
# One "@", a host with a dot, nothing that would need quotes: what Share's e-mails can reach in practice.
_PLAIN: Final = r"[^@\s<>()\[\],;:\\\"]"
EMAIL: Final = re.compile(rf"(?=.{{6,254}}$){_PLAIN}{{1,64}}@(?!\.){_PLAIN}+\.(?:(?!\.){_PLAIN}){{2,}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Whom to invite to what; `ends` is when the follower is to be removed again."""

    name: str = field(repr=False)
    email: str = field(repr=False)
    display_name: str = field(repr=False)
    permissions: Permissions
    alert_settings: FollowerAlerts
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Failed:
    """An invitation that was not sent, or of which that is not known."""

    error: ShareError
    is_unsure: bool


def is_email(text: str) -> bool:
    """Return whether a text can be an e-mail address."""
    local = text.partition("@")[0]
    return EMAIL.fullmatch(text) is not None and ".." not in text and not local.startswith(".") and local[-1] != "."


def fitting(subscriptions: list[Subscription], name: str) -> list[Subscription]:
    """Return the followers of a name; upper and lower case are the same, as a person would say it."""
    folded = name.strip().casefold()
    return [one for one in subscriptions if one.contact_name.strip().casefold() == folded]


async def async_invite(followers: FollowersCoordinator, invitation: Invitation) -> Subscription:
    """Invite somebody, and return the follower as they are once Share has accepted that.

    Raises:
        ServiceValidationError: the user can put it right; nothing was changed.
        HomeAssistantError: it failed; the message says what was done, and what was not.
    """
    try:
        async with followers.lock:
            invited = await _invite(followers, invitation)
    except HomeAssistantError:
        followers.ask_soon()
        raise
    await followers.async_refresh()
    listed = next((one for one in followers.subscriptions if one.subscription_id == invited.subscription_id), None)
    if listed is None:
        return invited
    return replace(invited, state=listed.state, created=listed.created, invite_expires=listed.invite_expires)


async def _invite(followers: FollowersCoordinator, invitation: Invitation) -> Subscription:
    """Find or make the contact, and invite it."""
    known = await _known_follower(followers, invitation)
    if known:
        contact_id, planned = known.contact_id, followers.removals.of(known.contact_id)
    else:
        contact_id, planned = await _create_contact(followers, invitation), None
    ends = Removal(contact_id=contact_id, due=invitation.ends) if invitation.ends else None
    # Written before the invitation is sent: should we be gone before its answer, nobody follows longer than meant.
    due = followers.now() + CLEANUP_AFTER
    unfinished = Removal(contact_id=contact_id, due=due, is_cleanup=True)
    await followers.removals.plan(contact_id, (ends or planned) if known else unfinished)
    outcome = await _send(followers, invitation, contact_id, known)
    if not isinstance(outcome, _Failed):
        await followers.removals.plan(contact_id, ends)
        return _invited(invitation, contact_id, outcome)
    if not known:
        raise await _clean_up(followers, contact_id, outcome)
    if not outcome.is_unsure:
        await followers.removals.plan(contact_id, planned)
        raise failure(followers.hass, "failed_nothing_changed", outcome.error)
    key = "invite_unsure_ends" if ends else "invite_unsure"
    raise failure(followers.hass, key, outcome.error)


def _invited(invitation: Invitation, contact_id: str, subscription_id: str) -> Subscription:
    """Return the follower that an accepted invitation makes, as far as it is known without the list."""
    return Subscription(
        subscription_id=subscription_id,
        contact_id=contact_id,
        contact_name=invitation.name,
        display_name=invitation.display_name,
        subscriber_id=None,
        state=SubscriptionState.INVITE_WAITING,
        permissions=invitation.permissions,
        is_enabled=True,
        is_monitoring_session_active=True,
        created=None,
        modified=None,
        invite_expires=None,
    )


async def _known_follower(followers: FollowersCoordinator, invitation: Invitation) -> Subscription | None:
    """Return the contact to invite again, None where one must be made; refuse what can't be wanted."""
    try:
        subscriptions = await followers.client.list_subscriptions()
    except ShareError as err:
        raise nothing_changed(followers.hass, err) from err
    fits = fitting(subscriptions, invitation.name)
    if len(fits) > 1:
        raise ambiguous(fits)
    known = fits[0] if fits else None
    if known and known.state not in INVITED | ENDED:
        raise mistake("already_follows")
    if sum(one.state not in ENDED for one in subscriptions if one is not known) >= MOST_FOLLOWERS:
        raise mistake("too_many_followers", most=str(MOST_FOLLOWERS))
    if known:
        try:
            contact = await followers.client.read_contact(known.contact_id)
        except ShareError as err:
            raise nothing_changed(followers.hass, err) from err
        # The invitation would go to the address that Share has.
        if contact.email.strip().casefold() != invitation.email.casefold():
            raise mistake("other_email")
    return known


def ambiguous(fits: list[Subscription]) -> HomeAssistantError:
    """Return the refusal of a name that several have."""
    return mistake("ambiguous_name", ids=", ".join(sorted(one.contact_id for one in fits)))


async def _create_contact(followers: FollowersCoordinator, invitation: Invitation) -> str:
    """Return the id of a new contact."""
    try:
        return await followers.client.create_contact(invitation.name, invitation.email)
    except ShareError as err:
        # Without its id a contact can't be deleted again; Share has no list of contacts.
        if is_unsure(err) and await _may_exist(followers, invitation.name):
            raise failure(followers.hass, "invite_contact_unsure", err) from err
        raise nothing_changed(followers.hass, err) from err


async def _may_exist(followers: FollowersCoordinator, name: str) -> bool:
    """Return whether a contact has this name, as far as can be told."""
    try:
        return await followers.client.does_contact_exist(name)
    except ShareError:
        return True


async def _send(
    followers: FollowersCoordinator, invitation: Invitation, contact_id: str, known: Subscription | None
) -> str | _Failed:
    """Return the id of the subscription, after a second attempt where the first one failed."""
    outcome = await _attempt(followers, invitation, contact_id)
    if not isinstance(outcome, _Failed) or isinstance(outcome.error, AuthenticationError):
        return outcome
    await sleep(RETRY_SECONDS)
    outcome = await _settle_lost_answer(followers, contact_id, known, outcome)
    if not isinstance(outcome, _Failed) or outcome.is_unsure:
        return outcome
    return await _settle_lost_answer(followers, contact_id, known, await _attempt(followers, invitation, contact_id))


async def _attempt(followers: FollowersCoordinator, invitation: Invitation, contact_id: str) -> str | _Failed:
    """Return the id of the subscription, or why there is none."""
    try:
        return await followers.client.create_invitation(
            contact_id,
            invitation.display_name,
            alert_settings=invitation.alert_settings,
            permissions=invitation.permissions,
        )
    except ShareError as err:
        return _Failed(err, is_unsure(err))


async def _settle_lost_answer(
    followers: FollowersCoordinator, contact_id: str, known: Subscription | None, outcome: str | _Failed
) -> str | _Failed:
    """Find out what became of an invitation whose answer was lost."""
    if not isinstance(outcome, _Failed) or not outcome.is_unsure:
        return outcome
    try:
        subscriptions = await followers.client.list_subscriptions()
    except ShareError:
        return outcome
    for one in subscriptions:
        if one.contact_id == contact_id and one != known and one.state not in ENDED:
            return one.subscription_id
    return _Failed(outcome.error, is_unsure=False)


async def _clean_up(followers: FollowersCoordinator, contact_id: str, failed: _Failed) -> HomeAssistantError:
    """Delete the contact that was made for nothing, and return the error that says how things are."""
    try:
        await delete_contact(followers.client, contact_id)
    except ShareError:
        now = Removal(contact_id=contact_id, due=followers.now(), is_cleanup=True)
        await followers.removals.plan(contact_id, now)
        return failure(followers.hass, "invite_failed_cleanup", failed.error)
    await followers.removals.plan(contact_id, None)
    key = "invite_undone_unsure" if failed.is_unsure else "invite_undone"
    return failure(followers.hass, key, failed.error)
