"""Contacts and followers: what an invitation goes through.

Also tests `followers.py`.
"""

from collections.abc import Mapping
from copy import deepcopy
from datetime import timedelta

import pytest

from simulator import Account, Simulator, State
from simulator.followers import ALERT_SETTINGS

from ..conftest import NIL, START, Answer, Clock, Wire

BODY: Mapping[str, object] = {"AlertSettings": ALERT_SETTINGS, "Permissions": 1, "DisplayName": "Anna"}
UNKNOWN = "12345678-1234-4321-8765-123456789abc"
DAYS = timedelta(days=1)


class Publisher:
    """The wearer's app, as far as followers go."""

    def __init__(self, wire: Wire, session: str) -> None:
        self.wire = wire
        self.session = session

    async def call(self, path: str, body: object = None, **query: str) -> Answer:
        """Send a call of this session."""
        return await self.wire.call(path, body, headers=None, sessionId=self.session, **query)

    async def contact(self, name: str = "Ben Ümlaut & Co", email: str = "ben@example.com") -> str:
        """Create a contact and return its id."""
        answer = await self.call("Publisher/CreateContact", None, contactName=name, emailAddress=email)
        assert isinstance(answer.json, str)
        return answer.json

    async def invite(self, contact_id: str, body: object = BODY) -> Answer:
        """Invite a contact."""
        return await self.call("Publisher/CreateSubscriptionInvitation", body, contactId=contact_id)

    async def subscriptions(self) -> list[dict[str, object]]:
        """Return the list of subscriptions."""
        value = (await self.call("Publisher/ListPublisherAccountSubscriptions")).json
        assert isinstance(value, list)
        return [dict(element) for element in value if isinstance(element, dict)]


@pytest.fixture
def publisher(wire: Wire, account: Account, session: str) -> Publisher:
    """Return the wearer's app; nobody follows yet."""
    account.followers.contacts.clear()
    account.followers.subscriptions.clear()
    return Publisher(wire, session)


async def test_invitation_in_the_recorded_form(publisher: Publisher) -> None:
    """A fresh invitation waits, for seven days, with nobody behind it yet."""
    contact_id = await publisher.contact()
    subscription_id = (await publisher.invite(contact_id)).json
    created = {"DateTime": "/Date(1773480413589)/", "OffsetMinutes": 0}
    assert await publisher.subscriptions() == [
        {
            "ContactId": contact_id,
            "ContactName": "Ben Ümlaut & Co",
            "DateTimeCreated": created,
            "DateTimeModified": created,
            "DisplayName": "Anna",
            "InviteExpires": {"DateTime": "/Date(1774085213589)/", "OffsetMinutes": 0},
            "IsEnabled": False,
            "IsMonitoringSessionActive": True,
            "Permissions": 1,
            "State": 2,
            "SubscriberId": NIL,
            "SubscriptionId": subscription_id,
        }
    ]


async def test_names_of_contacts_are_unique(publisher: Publisher) -> None:
    """Until the contact is deleted."""
    contact_id = await publisher.contact("Ben")
    again = await publisher.call("Publisher/CreateContact", None, contactName="Ben", emailAddress="c@example.com")
    assert again.code == "ContactNameAlreadyExists"
    assert again.fault["Message"] == "The contact name already exists for this account"
    assert (await publisher.call("Publisher/DoesContactExistByName", None, contactName="Ben")).text == "true"
    assert (await publisher.call("Publisher/DeleteContact", None, contactId=contact_id)).text == ""
    assert (await publisher.call("Publisher/DoesContactExistByName", None, contactName="Ben")).text == "false"
    assert await publisher.contact("Ben") != contact_id


@pytest.mark.parametrize("email", ["ben", "ben@", "@example.com", "ben@example", "b en@example.com"])
async def test_addresses_must_look_like_addresses(publisher: Publisher, email: str) -> None:
    """Dexcom sends the invitation there."""
    answer = await publisher.call("Publisher/CreateContact", None, contactName="Ben", emailAddress=email)
    assert answer.code == "InvalidEmailAddress"


async def test_contact_is_read_and_renamed(publisher: Publisher, account: Account, clock: Clock) -> None:
    """The contact knows its subscription, once there is one."""
    contact_id = await publisher.contact("Ben")
    contact = (await publisher.call("Publisher/ReadContact", None, contactId=contact_id)).json
    assert isinstance(contact, dict)
    assert (contact["Name"], contact["Email"], contact["State"]) == ("Ben", "ben@example.com", 0)
    assert (contact["SubscriptionId"], contact["PublisherAccountId"]) == (NIL, account.account_id)
    await publisher.contact("Carla")
    clock.tick(DAYS / 2)

    async def rename(name: str) -> Answer:
        return await publisher.call("Publisher/UpdateContactName", None, contactId=contact_id, contactName=name)

    assert (await rename("Carla")).code == "ContactNameAlreadyExists"
    assert (await rename("Ben")).text == ""
    assert (await rename("Benno")).text == ""
    subscription_id = (await publisher.invite(contact_id)).json
    contact = (await publisher.call("Publisher/ReadContact", None, contactId=contact_id.upper())).json
    assert isinstance(contact, dict)
    assert (contact["Name"], contact["State"], contact["SubscriptionId"]) == ("Benno", 2, subscription_id)
    assert contact["DateTimeModified"] != contact["DateTimeCreated"]


async def test_unknown_and_deleted_contacts(publisher: Publisher) -> None:
    """Each has its code."""
    contact_id = await publisher.contact()
    await publisher.call("Publisher/DeleteContact", None, contactId=contact_id)
    assert (await publisher.call("Publisher/DeleteContact", None, contactId=contact_id)).code == "ContactAlreadyDeleted"
    assert (await publisher.call("Publisher/DeleteContact", None, contactId=UNKNOWN)).code == "ContactIdNotFound"
    assert (await publisher.call("Publisher/ReadContact", None, contactId=UNKNOWN)).code == "ContactIdNotFound"
    assert (await publisher.invite(UNKNOWN)).code == "ContactIdNotFound"


async def test_deleting_a_contact_removes_the_follower(publisher: Publisher) -> None:
    """The subscription goes with it, the others stay."""
    first, second = await publisher.contact("Ben"), await publisher.contact("Carla")
    for contact_id in (first, second):
        await publisher.invite(contact_id)
    await publisher.call("Publisher/DeleteContact", None, contactId=first)
    assert [one["ContactName"] for one in await publisher.subscriptions()] == ["Carla"]


async def test_new_invitation_replaces_the_old_one(publisher: Publisher) -> None:
    """A contact has one subscription."""
    contact_id = await publisher.contact()
    first = (await publisher.invite(contact_id)).json
    second = (await publisher.invite(contact_id)).json
    assert first != second
    assert [one["SubscriptionId"] for one in await publisher.subscriptions()] == [second]


async def test_invitation_may_be_refused_right_after_the_contact(
    publisher: Publisher, simulator: Simulator, clock: Clock
) -> None:
    """Some seconds later it works."""
    simulator.faults.invitation_delay_seconds = 2
    contact_id = await publisher.contact()
    clock.tick(timedelta(seconds=1))
    assert (await publisher.invite(contact_id)).status == 500
    clock.tick(timedelta(seconds=1))
    assert (await publisher.invite(contact_id)).status == 200


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("AlertSettings",), None),
        (("AlertSettings", "LowAlert"), None),
        (("AlertSettings", "LowAlert", "AlertType"), 1),
        (("AlertSettings", "HighAlert", "IsEnabled"), "yes"),
        (("AlertSettings", "HighAlert", "MaxValue"), None),
        (("AlertSettings", "NoDataAlert", "AlarmDelay"), "60"),
        (("AlertSettings", "NoDataAlert", "AlarmDelay"), "PT"),
        (("AlertSettings", "FixedLowAlert", "Sound"), 5),
        (("Permissions",), "all"),
        (("DisplayName",), ""),
    ],
)
async def test_invitation_must_be_complete(publisher: Publisher, path: tuple[str, ...], value: object) -> None:
    """Alert settings, permissions and the wearer's name."""
    contact_id = await publisher.contact()
    body = deepcopy(dict(BODY))
    target: dict[str, object] = body
    for name in path[:-1]:
        inner = target[name]
        assert isinstance(inner, dict)
        target = inner
    target[path[-1]] = value
    answer = await publisher.invite(contact_id, body)
    assert answer.code == "InvalidArgument"
    assert path[-1] in answer.fault["Message"] or path[-2] in answer.fault["Message"]


async def test_invitation_expires(publisher: Publisher, account: Account, clock: Clock) -> None:
    """Exactly seven days after it was made, by itself."""
    await publisher.invite(await publisher.contact())
    clock.tick(7 * DAYS - timedelta(milliseconds=1))
    publisher.session = await publisher.wire.session(account)
    assert (await publisher.subscriptions())[0]["State"] == 2
    clock.tick(timedelta(milliseconds=1))
    assert (await publisher.subscriptions())[0]["State"] == 5


async def test_accepted_paused_and_resumed(
    publisher: Publisher, account: Account, simulator: Simulator, clock: Clock
) -> None:
    """Only an active follower can be paused, only a paused one goes on."""
    subscription_id = str((await publisher.invite(await publisher.contact())).json)

    async def call(what: str) -> str:
        answer = await publisher.call(f"General/{what}Subscription", None, subscriptionId=subscription_id)
        return answer.code if answer.status >= 400 else answer.text

    assert await call("Pause") == "SubscriptionNotPausableState"
    subscription = account.followers.subscriptions[subscription_id]
    clock.tick(DAYS / 2)
    subscription.accept(clock.time)
    active = (await publisher.subscriptions())[0]
    assert (active["State"], active["IsEnabled"]) == (6, True)
    assert active["SubscriberId"] != NIL
    assert active["DateTimeModified"] != active["DateTimeCreated"]
    assert await call("Resume") == "SubscriptionNotPaused"
    assert await call("Pause") == ""
    simulator.faults.state_as = "string"
    assert (await publisher.subscriptions())[0]["State"] == "PausedByPublisher"
    assert await call("Pause") == "SubscriptionNotPausableState"
    assert await call("Resume") == ""
    subscription.change(State.PAUSED_BY_SUBSCRIBER, clock.time)
    assert await call("Resume") == "SubscriptionNotPaused"


async def test_settings_of_a_follower(publisher: Publisher) -> None:
    """Alerts are those of the invitation; permissions can be changed."""
    subscription_id = str((await publisher.invite(await publisher.contact())).json)
    alerts = await publisher.call("General/ReadSubscriptionAlerts", None, subscriptionId=subscription_id)
    assert alerts.json == ALERT_SETTINGS
    changed = await publisher.call(
        "Publisher/UpdateSubscriptionPermissions", None, subscriptionId=subscription_id, permissions="0"
    )
    assert changed.text == ""
    assert (await publisher.subscriptions())[0]["Permissions"] == 0
    invite_id = await publisher.call("Publisher/ReadSubscriptionInviteId", None, subscriptionId=subscription_id)
    assert len(str(invite_id.json)) == 36
    unknown = await publisher.call("General/ReadSubscriptionAlerts", None, subscriptionId=UNKNOWN)
    assert unknown.code == "InvalidArgument"


async def test_account_has_a_name(publisher: Publisher) -> None:
    """Read and changed; the address is that of the account."""
    assert (await publisher.call("Publisher/ReadPublisherAccountDisplayName")).json == "anna"
    await publisher.call("Publisher/UpdatePublisherAccountDisplayName", None, displayName="Anna B.")
    assert (await publisher.call("Publisher/ReadPublisherAccountDisplayName")).json == "Anna B."
    assert (await publisher.call("Publisher/ReadPublisherAccountEmail")).json == "anna@example.com"


async def test_logging_out_ends_the_session(publisher: Publisher) -> None:
    """It is unknown from then on."""
    assert (await publisher.call("Publisher/LogoutPublisherAccount")).text == ""
    assert (await publisher.call("Publisher/LogoutPublisherAccount")).code == "SessionIdNotFound"


async def test_account_starts_with_a_follower(simulator: Simulator) -> None:
    """So that its readings show."""
    account = simulator.add_account("carla", "pw")
    assert [one.state(START) for one in account.followers.subscriptions.values()] == [State.ACTIVE]
