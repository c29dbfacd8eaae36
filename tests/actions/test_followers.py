"""The actions on followers: what they send, in which order, what they answer, and how they fail."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from syrupy.assertion import SnapshotAssertion
import voluptuous as vol

from custom_components.dexcom_share.actions.follower_alerts import alert_time
from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.sharing.invitations import is_email
from simulator import Account, Limited, State, Subscription

from ..common import Share, pass_time
from ..following import ASK, GRANDMA, FromCall, act, calls_since, names, settle, without_followers

CREATE: Final = ["ListPublisherAccountSubscriptions", "CreateContact", "CreateSubscriptionInvitation"]
CHANGES: Final[dict[str, tuple[dict[str, Any], str, Callable[[Account], bool]]]] = {
    "remove_follower": ({}, "DeleteContact", lambda account: not account.followers.contacts),
    "pause_follower": (
        {},
        "PauseSubscription",
        lambda account: follower(account).base_state is State.PAUSED_BY_PUBLISHER,
    ),
    "set_follower_permissions": (
        {"may_see_graph": False},
        "UpdateSubscriptionPermissions",
        lambda account: follower(account).permissions == 0,
    ),
    "rename_follower": (
        {"new_name": "Nana & Co."},
        "UpdateContactName",
        lambda account: follower(account).contact.name == "Nana & Co.",
    ),
    "resume_follower": ({}, "ResumeSubscription", lambda account: follower(account).base_state is State.ACTIVE),
}
CHANGING: Final = [*CHANGES, "invite_follower"]


def follower(account: Account) -> Subscription:
    """Return the only follower."""
    (subscription,) = account.followers.subscriptions.values()
    return subscription


def add_follower(share: Share, action: str = "") -> Subscription:
    """Add a follower in the state that an action starts from."""
    state = State.PAUSED_BY_PUBLISHER if action == "resume_follower" else State.ACTIVE
    return share.account.followers.add("Grandma", share.simulator.now(), email="grandma@example.org", state=state)


@pytest.fixture
def account(share: Share) -> Account:
    """Return the person, whom nobody follows at first."""
    return without_followers(share.account)


@pytest.fixture
def loaded(account: Account, loaded: MockConfigEntry) -> MockConfigEntry:
    """Return the config entry, set up while nobody follows."""
    return loaded


@pytest.fixture(autouse=True)
def waits(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Any:
    """Let the wait before the second attempt pass at once; return the waits."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        freezer.tick(seconds)

    freezer.move_to("2026-11-22T18:00:00+00:00")
    with patch("custom_components.dexcom_share.sharing.invitations.sleep", sleep):
        yield slept


async def test_an_invitation_sends_the_calls_of_the_protocol(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, waits: list[float], snapshot: SnapshotAssertion
) -> None:
    """List, contact, invitation, and the list anew; the response is complete."""
    before = len(share.simulator.calls)
    response = await act(hass, "invite_follower", GRANDMA)
    assert calls_since(share, before) == [*CREATE, *ASK]
    assert response == snapshot
    assert not waits
    assert follower(share.account).contact.email == "grandma@example.org"
    assert follower(share.account).permissions == 1
    assert follower(share.account).display_name == "Anna"
    assert follower(share.account).alert_settings == snapshot(name="alert settings on the wire")
    state = hass.states.get("sensor.anna_example_com_followers")
    assert state
    assert state.state == "0"


async def test_an_invitation_carries_every_field(hass: HomeAssistant, share: Share, loaded: MockConfigEntry) -> None:
    """Permissions and the four alerts reach Share as they were set, whatever characters names hold."""
    name = "Ömer & Söhne / 100% #1 + ½?"
    await act(
        hass,
        "invite_follower",
        {
            "config_entry_id": loaded.entry_id,
            "name": name,
            "email": "a+b&c@exämple.org",
            "display_name": 'Anna & Ben "x" 🩸',
            "may_see_graph": False,
            "urgent_low_alert": False,
            "urgent_low_limit": 60,
            "urgent_low_delay": "00:05:00",
            "urgent_low_repeat": {"minutes": 20},
            "low_alert": True,
            "low_limit": 80,
            "low_delay": "PT10M",
            "low_repeat": "PT1H30M",
            "high_alert": True,
            "high_limit": 250,
            "high_delay": "PT2H",
            "high_repeat": "PT6H",
            "no_data_alert": True,
            "no_data_delay": 1800,
            "no_data_repeat": "PT0M",
        },
    )
    one = follower(share.account)
    assert (one.contact.name, one.contact.email) == (name, "a+b&c@exämple.org")
    assert one.display_name == 'Anna & Ben "x" 🩸'
    assert one.permissions == 0
    settings = one.alert_settings
    assert isinstance(settings, dict)
    told = {
        key: [alert[name] for name in ("IsEnabled", "MinValue", "MaxValue", "AlarmDelay", "RealarmDelay")]
        for key, alert in settings.items()
        if isinstance(alert, dict)
    }
    assert told == {
        "HighAlert": [True, 250, 401, "PT2H", "PT6H"],
        "LowAlert": [True, 39, 80, "PT10M", "PT1H30M"],
        "FixedLowAlert": [False, 39, 60, "PT5M", "PT20M"],
        "NoDataAlert": [True, 39, 401, "PT30M", "PT0M"],
    }


@pytest.mark.parametrize("value", ["P1D", "PT", "PT7H", "PT30S", "x", "-00:10:00", "06:01:00", 90])
def test_alert_times_are_whole_minutes_of_six_hours_at_most(value: object) -> None:
    """What Share was never seen to take is refused."""
    with pytest.raises(vol.Invalid):
        alert_time(value)


@pytest.mark.parametrize("text", ["a@b.de", "first.last+tag@sub.example.co.uk", "ü@exämple.org", "o'neil@example.com"])
def test_addresses_that_can_work(text: str) -> None:
    """Nothing that people really have is refused."""
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    ["", "a", "a@b", "@b.de", "a@", "a b@c.de", "a@b..de", "a..b@c.de", ".a@b.de", "a.@b.de", "a@.b.de", "a@b.d",
     "a@b@c.de", "<a@b.de>", "a@b.de, c@d.de", f"{'a' * 65}@b.de", f"a@{'b' * 260}.de", "a@b.de\nc"],
)  # fmt: skip
async def test_addresses_are_checked_before_anything_is_sent(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, text: str
) -> None:
    """What is no address leads nowhere."""
    before = len(share.simulator.calls)
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "invite_follower", {**GRANDMA, "email": text})
    assert caught.value.translation_key == "invalid_email"
    assert len(share.simulator.calls) == before


async def test_a_contact_that_exists_is_invited_again(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry
) -> None:
    """No second contact is made; upper and lower case do not matter."""
    old = share.account.followers.add(
        "GRANDMA", share.simulator.now(), email="Grandma@example.org", state=State.INVITE_REJECTED
    )
    before = len(share.simulator.calls)
    response = await act(hass, "invite_follower", GRANDMA)
    assert calls_since(share, before) == [
        "ListPublisherAccountSubscriptions",
        "ReadContact",
        "CreateSubscriptionInvitation",
        *ASK,
    ]
    assert response["contact_id"] == old.contact.contact_id
    assert len(share.account.followers.contacts) == 1


async def test_a_contact_with_another_address_is_not_invited(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry
) -> None:
    """Health data never go to an address that the user did not give."""
    share.account.followers.add("Grandma", share.simulator.now(), email="old@x.org", state=State.INVITE_EXPIRED)
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "invite_follower", GRANDMA)
    assert caught.value.translation_key == "other_email"
    assert "CreateSubscriptionInvitation" not in share.simulator.endpoints_called


async def test_a_follower_is_not_invited_twice(hass: HomeAssistant, share: Share, loaded: MockConfigEntry) -> None:
    """Who follows already would lose what they have."""
    add_follower(share)
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "invite_follower", GRANDMA)
    assert caught.value.translation_key == "already_follows"


async def test_there_are_ten_followers_at_most(hass: HomeAssistant, share: Share, loaded: MockConfigEntry) -> None:
    """Those who do not follow any more leave their place; the eleventh is refused before anything is made."""
    now = share.simulator.now()
    for number in range(9):
        share.account.followers.add(f"Follower {number}", now)
    share.account.followers.add("Gone", now, state=State.CANCELED_BY_SUBSCRIBER)
    await act(hass, "invite_follower", GRANDMA)
    before = len(share.simulator.calls)
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "invite_follower", {**GRANDMA, "name": "Eleventh"})
    assert caught.value.translation_key == "too_many_followers"
    await settle(hass)
    assert calls_since(share, before) == ["ListPublisherAccountSubscriptions", *ASK]
    # An invitation that waits has its place already.
    await act(hass, "invite_follower", GRANDMA)


async def test_a_young_contact_is_invited_after_two_seconds(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, waits: list[float]
) -> None:
    """Share needs a moment after it made a contact."""
    share.simulator.faults.invitation_delay_seconds = 1.5
    before = len(share.simulator.calls)
    await act(hass, "invite_follower", GRANDMA)
    assert waits == [2.0]
    assert calls_since(share, before) == [*CREATE, "CreateSubscriptionInvitation", *ASK]


async def test_a_failed_invitation_leaves_no_contact(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, waits: list[float]
) -> None:
    """After the second failure the contact that was made is deleted, and the error says so."""
    share.simulator.faults.fault_code = Limited("InvalidArgument", endpoints=["CreateSubscriptionInvitation"])
    before = len(share.simulator.calls)
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "invite_follower", GRANDMA)
    await settle(hass)
    assert caught.value.translation_key == "invite_undone"
    assert "Share refused the request (InvalidArgument). Nobody was invited" in str(caught.value)
    assert waits == [2.0]
    assert calls_since(share, before) == [*CREATE, "CreateSubscriptionInvitation", "DeleteContact", *ASK]
    assert not share.account.followers.contacts
    assert not loaded.runtime_data.followers.removals.pending


async def test_a_failed_invitation_leaves_a_contact_that_was_there(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry
) -> None:
    """What we did not make we do not delete."""
    share.account.followers.add(
        "Grandma", share.simulator.now(), email="grandma@example.org", state=State.INVITE_EXPIRED
    )
    share.simulator.faults.fault_code = Limited("InvalidArgument", endpoints=["CreateSubscriptionInvitation"])
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "invite_follower", {**GRANDMA, "duration": "01:00:00"})
    assert caught.value.translation_key == "failed_nothing_changed"
    assert names(share) == {"Grandma"}
    assert not loaded.runtime_data.followers.removals.pending


async def test_an_orphan_that_can_not_be_deleted_now_is_deleted_later(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """The clean-up goes on until it is done, and the error says that it is not done yet."""
    share.simulator.faults.disconnect = Limited("before", endpoints=["CreateSubscriptionInvitation", "DeleteContact"])
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "invite_follower", GRANDMA)
    assert caught.value.translation_key == "invite_failed_cleanup"
    assert names(share) == {"Grandma"}
    share.simulator.faults.disconnect = None
    for _ in range(6):
        await pass_time(hass, freezer, timedelta(minutes=1))
    assert not names(share)


async def test_an_action_that_is_stopped_half_way_leaves_no_contact(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What the action can't clean up any more, a stop or a crash included, is cleaned up after it."""
    share.simulator.faults.invitation_delay_seconds = 1.5
    with (
        patch("custom_components.dexcom_share.sharing.invitations.sleep", side_effect=asyncio.CancelledError),
        pytest.raises(asyncio.CancelledError),
    ):
        await act(hass, "invite_follower", GRANDMA)
    assert names(share) == {"Grandma"}
    await hass.config_entries.async_reload(loaded.entry_id)
    await pass_time(hass, freezer, timedelta(minutes=2))
    assert not names(share)


async def test_an_account_that_refuses_the_log_in_is_not_asked_again(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, waits: list[float]
) -> None:
    """A refusal while inviting is no reason for a second attempt, and what was made is cleaned up later."""
    share.account.faults.session = FromCall("expired", skip=2)
    share.account.password = "changed"
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "invite_follower", GRANDMA)
    await settle(hass)
    assert caught.value.translation_key == "invite_failed_cleanup"
    assert not waits
    assert share.simulator.logins == 2


@pytest.mark.parametrize("mode", ["before", "answer"])
@pytest.mark.parametrize("times", [1, None])
@pytest.mark.parametrize("skip", range(8))
@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("end", [{}, {"duration": "02:00:00"}])
async def test_a_connection_lost_while_inviting_leaves_nothing_half_done_in_silence(
    hass: HomeAssistant,
    share: Share,
    loaded: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    mode: str,
    times: int | None,
    skip: int,
    known: bool,
    end: dict[str, str],
) -> None:
    """Wherever the connection is lost, before a call or its answer, once or for good, the error says how things are."""
    followers = share.account.followers
    if known:
        followers.add("Grandma", share.simulator.now(), email="grandma@example.org", state=State.INVITE_EXPIRED)
    if mode == "before":
        share.simulator.faults.disconnect = FromCall("before", skip=skip, calls=times)
    else:
        share.simulator.faults.body = FromCall("html", skip=skip, calls=times)
    key = None
    try:
        await act(hass, "invite_follower", {**GRANDMA, **end})
    except HomeAssistantError as err:
        key = err.translation_key
    is_invited = any(
        one.state(share.simulator.now()) is State.INVITE_WAITING for one in followers.subscriptions.values()
    )
    unchanged = {"Grandma"} if known else set()
    is_true = {
        None: is_invited,
        "failed_nothing_changed": not is_invited and names(share) == unchanged,
        "invite_undone": not is_invited and not names(share) and not known,
        "invite_undone_unsure": not is_invited and not names(share) and not known,
        "invite_contact_unsure": not is_invited and not known,
        "invite_failed_cleanup": not known,
        "invite_unsure": known and not end,
        "invite_unsure_ends": known and bool(end),
    }
    assert is_true[key]
    # When the connection is back, nobody is left behind, and whoever was invited for a while goes at the end.
    share.simulator.faults.disconnect = share.simulator.faults.body = None
    for minutes in (10, 115):
        await pass_time(hass, freezer, timedelta(minutes=minutes))
    if end and (key is None or key == "invite_unsure_ends"):
        assert not names(share)
    elif key is None:
        assert names(share) == {"Grandma"}
    elif not known and key != "invite_contact_unsure":
        assert not names(share)
    assert not loaded.runtime_data.followers.removals.pending


@pytest.mark.parametrize("mode", ["before", "answer"])
@pytest.mark.parametrize("times", [1, None])
@pytest.mark.parametrize("skip", range(4))
@pytest.mark.parametrize("action", CHANGES)
async def test_a_connection_lost_while_changing_is_told(
    hass: HomeAssistant,
    share: Share,
    loaded: MockConfigEntry,
    action: str,
    skip: int,
    times: int | None,
    mode: str,
) -> None:
    """Done, not done, or not known: the outcome says which of them, and it is true."""
    more, _, is_done = CHANGES[action]
    add_follower(share, action)
    if mode == "before":
        share.simulator.faults.disconnect = FromCall("before", skip=skip, calls=times)
    else:
        share.simulator.faults.body = FromCall("html", skip=skip, calls=times)
    key = None
    try:
        await act(hass, action, {"name": "grandma", **more})
    except HomeAssistantError as err:
        key = err.translation_key
    assert key in {None, "failed_nothing_changed", "change_unsure"}
    if key != "change_unsure":
        assert is_done(share.account) is (key is None)


@pytest.mark.parametrize("by", ["name", "contact_id"])
@pytest.mark.parametrize("action", CHANGES)
async def test_a_follower_is_changed(
    hass: HomeAssistant,
    share: Share,
    loaded: MockConfigEntry,
    snapshot: SnapshotAssertion,
    action: str,
    by: str,
) -> None:
    """One call between two looks at the list; the response shows the follower as they are now."""
    more, endpoint, is_done = CHANGES[action]
    one = add_follower(share, action)
    before = len(share.simulator.calls)
    target = {"name": " GRANDMA "} if by == "name" else {"contact_id": one.contact.contact_id.upper()}
    response = await act(hass, action, {**target, **more})
    assert calls_since(share, before) == ["ListPublisherAccountSubscriptions", endpoint, *ASK]
    assert is_done(share.account)
    assert response == snapshot


async def test_the_graph_can_be_allowed_again(hass: HomeAssistant, share: Share, loaded: MockConfigEntry) -> None:
    """Permissions that nobody knows are left as they are."""
    add_follower(share).permissions = 6
    assert (await act(hass, "set_follower_permissions", {"name": "Grandma", "may_see_graph": True}))["may_see_graph"]
    assert follower(share.account).permissions == 7


@pytest.mark.parametrize(
    ("action", "code", "key"),
    [
        ("invite_follower", "ContactNameAlreadyExists", "contact_name_taken"),
        ("invite_follower", "InvalidEmailAddress", "email_refused"),
        ("invite_follower", "SSO_EmailNonStandard", "email_refused"),
        ("pause_follower", "SubscriptionNotPausableState", "not_pausable"),
        ("resume_follower", "SubscriptionNotPaused", "not_paused"),
        ("rename_follower", "ContactNameAlreadyExists", "contact_name_taken"),
        ("rename_follower", "ContactIdNotFound", "follower_gone"),
        ("set_follower_permissions", "InvalidArgument", "failed_nothing_changed"),
    ],
)
async def test_refusals_of_share_are_told_in_words(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, action: str, code: str, key: str
) -> None:
    """Each documented fault has its message; the user's mistakes are told from failures."""
    if action == "invite_follower":
        endpoint, data = "CreateContact", GRANDMA
    else:
        add_follower(share, action)
        endpoint, data = CHANGES[action][1], {"name": "Grandma", **CHANGES[action][0]}
    share.simulator.faults.fault_code = Limited(code, endpoints=[endpoint])
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, action, data)
    assert caught.value.translation_key == key
    assert isinstance(caught.value, ServiceValidationError) is (key != "failed_nothing_changed")


@pytest.mark.parametrize("code", ["ContactAlreadyDeleted", "ContactIdNotFound"])
async def test_a_follower_who_is_gone_already_is_removed(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, code: str
) -> None:
    """The wish is fulfilled, whoever was first."""
    add_follower(share)
    share.simulator.faults.fault_code = Limited(code, endpoints=["DeleteContact"])
    assert (await act(hass, "remove_follower", {"name": "Grandma"}))["state"] == "removed"


@pytest.mark.parametrize("action", [name for name in CHANGES if name != "resume_follower"])
async def test_a_name_of_several_is_refused_with_their_ids(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, action: str
) -> None:
    """Nobody is changed by mistake; the ids tell them apart."""
    ids = [add_follower(share).contact.contact_id]
    ids.append(share.account.followers.add("GRANDMA", share.simulator.now()).contact.contact_id)
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, action, {"name": "Grandma", **CHANGES[action][0]})
    assert caught.value.translation_key == "ambiguous_name"
    assert all(contact_id in str(caught.value) for contact_id in ids)
    with pytest.raises(ServiceValidationError, match=ids[0]):
        await act(hass, "invite_follower", GRANDMA)
    await act(hass, action, {"contact_id": ids[1], **CHANGES[action][0]})


@pytest.mark.parametrize("target", [{"name": "Nobody"}, {"contact_id": "nonsense"}])
async def test_somebody_unknown_is_refused(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, target: dict[str, str]
) -> None:
    """There is nobody to change."""
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "remove_follower", target)
    assert caught.value.translation_key == "follower_not_found"


@pytest.mark.parametrize("data", [{}, {"name": "A", "contact_id": "b"}, {"name": " "}])
async def test_a_follower_must_be_named_once(
    hass: HomeAssistant, loaded: MockConfigEntry, data: dict[str, str]
) -> None:
    """Either the name or the id."""
    with pytest.raises(vol.Invalid):
        await act(hass, "remove_follower", data)


@pytest.mark.parametrize("action", ["list_followers", *CHANGING])
async def test_only_administrators_may(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, hass_admin_user: MockUser, action: str
) -> None:
    """A user who is no administrator is refused before anything is sent; administrators and automations may."""
    data = {"name": "Grandma", **CHANGES[action][0]} if action in CHANGES else GRANDMA
    data = {} if action == "list_followers" else data
    if action in CHANGES:
        add_follower(share, action)
    user = MockUser(is_owner=False).add_to_hass(hass)
    before = len(share.simulator.calls)
    with pytest.raises(Unauthorized):
        await act(hass, action, data, context=Context(user_id=user.id))
    assert len(share.simulator.calls) == before
    await act(hass, action, data, context=Context(user_id=hass_admin_user.id))


async def test_the_list_tells_all_there_is(
    hass: HomeAssistant,
    share: Share,
    loaded: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    snapshot: SnapshotAssertion,
) -> None:
    """Names, states in words, permissions, times and alerts, fresh from Share."""
    await act(hass, "invite_follower", {**GRANDMA, "until": "2026-11-23 07:00:00"})
    await act(hass, "invite_follower", {"name": "Nurse", "email": "nurse@school.org", "display_name": "A."})
    (_, nurse) = share.account.followers.subscriptions.values()
    nurse.accept(share.simulator.now())
    before = len(share.simulator.calls)
    assert await act(hass, "list_followers") == snapshot
    assert calls_since(share, before) == [*ASK, "ReadSubscriptionAlerts", "ReadSubscriptionAlerts"]


async def test_alerts_that_share_does_not_tell_are_left_open(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry
) -> None:
    """A follower whose alerts can't be read is listed all the same."""
    add_follower(share).alert_settings = {}
    response = await act(hass, "list_followers")
    assert response["followers"][0]["alerts"] is None
    share.simulator.faults.fault_code = Limited("InvalidArgument", endpoints=["ReadSubscriptionAlerts"])
    response = await act(hass, "list_followers")
    assert response["followers"][0]["alerts"] is None


@pytest.mark.parametrize("endpoint", ["ListPublisherAccountSubscriptions", "ReadSubscriptionAlerts"])
async def test_a_list_that_can_not_be_had_is_an_error(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, endpoint: str
) -> None:
    """Nobody takes half a list for the whole."""
    add_follower(share)
    share.simulator.faults.disconnect = Limited("before", endpoints=[endpoint])
    with pytest.raises(HomeAssistantError, match="Share can't be reached"):
        await act(hass, "list_followers")


async def test_the_person_must_be_named_where_there_are_two(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry
) -> None:
    """The only person needs no naming; of two, one must be named; what is not loaded is refused."""
    await act(hass, "list_followers")
    ben = without_followers(share.simulator.add_account("ben@example.com", "secret of ben"))
    other = MockConfigEntry(
        domain=DOMAIN,
        title="ben@example.com",
        unique_id=ben.account_id,
        data={**loaded.data, "username": "ben@example.com", "password": "secret of ben"},
    )
    await share.set_up(hass, other)
    with pytest.raises(ServiceValidationError):
        await act(hass, "list_followers")
    await act(hass, "invite_follower", {"config_entry_id": other.entry_id, **GRANDMA})
    assert [contact.name for contact in ben.followers.contacts.values()] == ["Grandma"]
    assert not share.account.followers.contacts
    await hass.config_entries.async_unload(other.entry_id)
    with pytest.raises(ServiceValidationError):
        await act(hass, "list_followers", {"config_entry_id": other.entry_id})


@pytest.mark.parametrize("end", [{"until": "2026-11-22 01:00:00"}, {"duration": "00:00:00"}])
async def test_an_end_in_the_past_is_refused(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, end: dict[str, str]
) -> None:
    """Nothing is sent for nothing."""
    before = len(share.simulator.calls)
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "invite_follower", {**GRANDMA, **end})
    assert caught.value.translation_key == "end_in_past"
    assert len(share.simulator.calls) == before


async def test_no_name_reaches_log_or_states(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """Names, addresses and ids of followers stay out of our log at any level, and out of every state."""
    caplog.set_level("DEBUG")
    invited = await act(hass, "invite_follower", GRANDMA)
    follower(share.account).accept(share.simulator.now())
    await act(hass, "list_followers")
    share.simulator.faults.disconnect = "before"
    with pytest.raises(HomeAssistantError):
        await act(hass, "remove_follower", {"name": "Grandma"})
    await settle(hass)
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("custom_components"))
    shown = ours + "".join(f"{state.state} {state.attributes}" for state in hass.states.async_all())
    for secret in ("Grandma", "grandma", invited["contact_id"], follower(share.account).subscription_id):
        assert secret not in shown
