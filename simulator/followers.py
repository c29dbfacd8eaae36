"""Contacts and subscriptions: who may follow a wearer, and how far the invitation got."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import count
import re
from typing import Final

from . import dice
from .wire import NIL_UUID, FaultError, Json, stamp

INVITATION_LIFE: Final = timedelta(days=7)
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


class State(IntEnum):
    """How far a subscription got, by the numbers of the wire."""

    UNKNOWN = 0
    CREATED = 1
    INVITE_WAITING = 2
    INVITE_FAILED = 3
    INVITE_REJECTED = 4
    INVITE_EXPIRED = 5
    ACTIVE = 6
    PAUSED_BY_PUBLISHER = 7
    PAUSED_BY_SUBSCRIBER = 8
    CANCELED_BY_PUBLISHER = 9
    CANCELED_BY_SUBSCRIBER = 10
    CANCELED_BY_BOTH = 11
    ABANDONED_BY_SUBSCRIBER = 12

    @property
    def wire_name(self) -> str:
        """Return the name of the wire, as `InviteWaiting`."""
        return "".join(word.title() for word in self.name.split("_"))


def _alert(number: int, *, enabled: bool, bounds: tuple[int, int], delays: tuple[str, str], sound: str) -> Json:
    return {
        "AlertType": number,
        "IsEnabled": enabled,
        "MinValue": bounds[0],
        "MaxValue": bounds[1],
        "AlarmDelay": delays[0],
        "RealarmDelay": delays[1],
        "Sound": sound,
    }


ALERT_SETTINGS: Final[Json] = {
    "HighAlert": _alert(1, enabled=False, bounds=(200, 401), delays=("PT1H", "PT2H"), sound="High.wav"),
    "LowAlert": _alert(2, enabled=False, bounds=(39, 70), delays=("PT30M", "PT2H"), sound="Low.wav"),
    "FixedLowAlert": _alert(3, enabled=True, bounds=(39, 55), delays=("PT0M", "PT30M"), sound="UrgentLow.wav"),
    "NoDataAlert": _alert(4, enabled=False, bounds=(39, 401), delays=("PT1H", "PT0M"), sound="NoData.wav"),
}
"""What a follower has who was added without asking."""

FOLLOWING: Final = frozenset(
    {State.CREATED, State.INVITE_WAITING, State.ACTIVE, State.PAUSED_BY_PUBLISHER, State.PAUSED_BY_SUBSCRIBER}
)
"""The states of somebody who is, or is about to become, a follower; Share keeps no readings without one."""


@dataclass(kw_only=True, slots=True)
class Contact:
    """A person the wearer wrote down."""

    contact_id: str
    name: str
    email: str
    created: datetime
    modified: datetime


@dataclass(kw_only=True, slots=True)
class Subscription:
    """An invitation, and what became of it."""

    subscription_id: str
    invite_id: str
    contact: Contact
    display_name: str
    permissions: int
    alert_settings: Json
    created: datetime
    modified: datetime
    subscriber_id: str = NIL_UUID
    base_state: State = State.INVITE_WAITING

    @property
    def expires(self) -> datetime:
        """Return when the invitation ends."""
        return self.created + INVITATION_LIFE

    def state(self, now: datetime) -> State:
        """Return the state at a time: an invitation that nobody accepted expires by itself."""
        if self.base_state is State.INVITE_WAITING and now >= self.expires:
            return State.INVITE_EXPIRED
        return self.base_state

    def change(self, state: State, now: datetime) -> None:
        """Go over to another state."""
        self.base_state = state
        self.modified = now

    def accept(self, now: datetime) -> None:
        """Become a follower."""
        self.subscriber_id = dice.uuid(self.subscription_id, "subscriber")
        self.change(State.ACTIVE, now)


@dataclass(kw_only=True, slots=True)
class Followers:
    """The contacts of one wearer and their subscriptions."""

    owner_id: str
    contacts: dict[str, Contact] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    """The ids of contacts that are gone."""
    _numbers: Iterator[int] = field(default_factory=count, repr=False)

    def add(self, name: str, now: datetime, *, email: str = "", state: State = State.ACTIVE) -> Subscription:
        """Add a follower in any state, without asking anybody."""
        contact = self.create_contact(name, email or f"{name.lower().replace(' ', '.')}@example.com", now)
        subscription = self.invite(
            contact.contact_id, now, display_name="", permissions=1, alert_settings=ALERT_SETTINGS
        )
        if state is State.ACTIVE:
            subscription.accept(now)
        else:
            subscription.change(state, now)
        return subscription

    def any_following(self, now: datetime) -> bool:
        """Return whether there is a follower, or somebody invited."""
        return any(subscription.state(now) in FOLLOWING for subscription in self.subscriptions.values())

    def has_name(self, name: str) -> bool:
        """Return whether a contact has this name."""
        return any(contact.name == name for contact in self.contacts.values())

    def create_contact(self, name: str, email: str, now: datetime) -> Contact:
        """Write down a person; the name must be new."""
        self._refuse_taken(name)
        if _EMAIL.fullmatch(email) is None:
            raise FaultError("InvalidEmailAddress", "The email address is not valid")
        contact = Contact(contact_id=self._id("contact"), name=name, email=email, created=now, modified=now)
        self.contacts[contact.contact_id] = contact
        return contact

    def contact(self, contact_id: str) -> Contact:
        """Return a contact that was not deleted."""
        contact = self.contacts.get(contact_id.lower())
        if contact is None:
            raise FaultError("ContactIdNotFound", f"Failed to find contact. [ContactId = {contact_id}]")
        return contact

    def rename(self, contact_id: str, name: str, now: datetime) -> None:
        """Give a contact another name, which must be new."""
        contact = self.contact(contact_id)
        if name != contact.name:
            self._refuse_taken(name)
        contact.name = name
        contact.modified = now

    def delete(self, contact_id: str) -> None:
        """Remove a contact and its subscription."""
        if contact_id.lower() in self.deleted:
            raise FaultError("ContactAlreadyDeleted", f"The contact is already deleted. [ContactId = {contact_id}]")
        contact = self.contact(contact_id)
        del self.contacts[contact.contact_id]
        self.deleted.add(contact.contact_id)
        self._drop_subscriptions(contact)

    def invite(
        self, contact_id: str, now: datetime, *, display_name: str, permissions: int, alert_settings: Json
    ) -> Subscription:
        """Invite a contact; an invitation it had before is replaced."""
        contact = self.contact(contact_id)
        self._drop_subscriptions(contact)
        subscription = Subscription(
            subscription_id=self._id("subscription"),
            invite_id=self._id("invite"),
            contact=contact,
            display_name=display_name,
            permissions=permissions,
            alert_settings=alert_settings,
            created=now,
            modified=now,
        )
        self.subscriptions[subscription.subscription_id] = subscription
        return subscription

    def of_contact(self, contact: Contact) -> Subscription | None:
        """Return the subscription of a contact, None where it was never invited."""
        return next((one for one in self.subscriptions.values() if one.contact is contact), None)

    def pause(self, subscription: Subscription, now: datetime) -> None:
        """Let an active follower see nothing for a while."""
        if subscription.state(now) is not State.ACTIVE:
            raise FaultError("SubscriptionNotPausableState", "The subscription is not in a state that can be paused")
        subscription.change(State.PAUSED_BY_PUBLISHER, now)

    def resume(self, subscription: Subscription, now: datetime) -> None:
        """Let a follower who was paused see again."""
        if subscription.state(now) is not State.PAUSED_BY_PUBLISHER:
            raise FaultError("SubscriptionNotPaused", "The subscription is not paused")
        subscription.change(State.ACTIVE, now)

    def _refuse_taken(self, name: str) -> None:
        if self.has_name(name):
            raise FaultError("ContactNameAlreadyExists", "The contact name already exists for this account")

    def _drop_subscriptions(self, contact: Contact) -> None:
        self.subscriptions = {key: one for key, one in self.subscriptions.items() if one.contact is not contact}

    def _id(self, what: str) -> str:
        return dice.uuid(self.owner_id, what, next(self._numbers))


def subscription_json(subscription: Subscription, now: datetime, *, sharing: bool, state_as_name: bool) -> Json:
    """Return a subscription as the publisher's list shows it."""
    state = subscription.state(now)
    return {
        "ContactId": subscription.contact.contact_id,
        "ContactName": subscription.contact.name,
        "DateTimeCreated": stamp(subscription.created),
        "DateTimeModified": stamp(subscription.modified),
        "DisplayName": subscription.display_name,
        "InviteExpires": stamp(subscription.expires),
        "IsEnabled": state is State.ACTIVE,
        "IsMonitoringSessionActive": sharing,
        "Permissions": subscription.permissions,
        "State": state.wire_name if state_as_name else int(state),
        "SubscriberId": subscription.subscriber_id,
        "SubscriptionId": subscription.subscription_id,
    }


def contact_json(contact: Contact, subscription: Subscription | None, now: datetime, owner_id: str) -> Json:
    """Return a contact as `ReadContact` shows it."""
    return {
        "ContactId": contact.contact_id,
        "DateTimeCreated": stamp(contact.created),
        "DateTimeModified": stamp(contact.modified),
        "Email": contact.email,
        "Name": contact.name,
        "PublisherAccountId": owner_id,
        "State": int(State.UNKNOWN if subscription is None else subscription.state(now)),
        "SubscriptionId": NIL_UUID if subscription is None else subscription.subscription_id,
    }
