"""Followers in the UI: numbers and events without names, asked for seldom, and removals on time."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.share import SubscriptionState
from custom_components.dexcom_share.sharing.facts import FollowerEvent, FollowersFacts
from custom_components.dexcom_share.sharing.record import Record, Removal, load_record
from custom_components.dexcom_share.storage import Storage, StorageError, StoredFile
from simulator import Account, Limited, State, Subscription

from ..common import MINUTE, Share, pass_time
from ..following import ASK, GRANDMA, act, calls_since, names, settle, without_followers

COUNT: Final = "sensor.anna_example_com_followers"
SHARING: Final = "binary_sensor.anna_example_com_sharing"
EVENT: Final = "event.anna_example_com_follower"
HOUR: Final = timedelta(hours=1)
EVENING: Final = "2026-11-22T18:00:00+00:00"


@pytest.fixture(autouse=True)
def evening(freezer: FrozenDateTimeFactory) -> None:
    """Begin at a known time."""
    freezer.move_to(EVENING)


@pytest.fixture
def account(share: Share) -> Account:
    """Return the person, whom nobody follows at first."""
    return without_followers(share.account)


@pytest.fixture
def loaded(account: Account, loaded: MockConfigEntry) -> MockConfigEntry:
    """Return the config entry, set up while nobody follows."""
    return loaded


def shown(hass: HomeAssistant, entity_id: str) -> str:
    """Return a state."""
    state = hass.states.get(entity_id)
    assert state
    return state.state


def event(hass: HomeAssistant) -> object:
    """Return the type of the last event."""
    return attributes(hass, EVENT)["event_type"]


def attributes(hass: HomeAssistant, entity_id: str) -> Mapping[str, object]:
    """Return the attributes of a state."""
    state = hass.states.get(entity_id)
    assert state
    return state.attributes


def issue(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> ir.IssueEntry | None:
    """Return an issue of a person."""
    return ir.async_get(hass).async_get_issue(DOMAIN, f"{key}_{entry.entry_id}")


def asked(share: Share) -> int:
    """Return how often the list was asked for."""
    return share.simulator.endpoints_called.count(ASK[0])


def stored(folder: Path) -> list[str]:
    """Return the names of our files in a folder."""
    return [path.name for path in folder.glob(f"{DOMAIN}*")]


async def later(hass: HomeAssistant, share: Share, freezer: FrozenDateTimeFactory, span: timedelta = HOUR) -> None:
    """Let time pass while readings go on."""
    freezer.tick(span - MINUTE)
    share.add_reading(110)
    await pass_time(hass, freezer, MINUTE)


async def test_numbers_are_shown(
    hass: HomeAssistant, share: Share, account: Account, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """The sensor counts active followers only; the facts tell the rest."""
    now = share.simulator.now()
    for number, state in enumerate(State):
        account.followers.add(f"Follower {number}", now, state=state)
    share.add_readings()
    await share.set_up(hass, entry)
    assert shown(hass, COUNT) == "1"
    assert shown(hass, SHARING) == "on"
    assert entry.runtime_data.followers.data == FollowersFacts(
        sharing_active=True, active_count=1, invited_count=2, total=6
    )
    assert set(attributes(hass, COUNT)) == {"friendly_name"}


async def test_asked_hourly_at_most(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Once at the start, then once an hour, whatever the readings do, while an invitation waits for its answer."""
    share.account.followers.add("Ben", share.simulator.now(), state=State.INVITE_WAITING)
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    before = asked(share)
    for minute in range(1, 180):
        if minute % 5 == 0:
            share.add_reading(100)
        await pass_time(hass, freezer, MINUTE)
        assert asked(share) <= before + minute // 60
    assert asked(share) == before + 2


async def test_asked_less_while_all_is_well(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """While readings come and nobody is awaited, every eight hours will do; hourly again when readings are missing."""
    share.account.followers.add("Ben", share.simulator.now())
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    before = asked(share)
    for _ in range(95):
        await pass_time(hass, freezer, 5 * MINUTE)
        share.add_reading(100)
    assert asked(share) == before
    await pass_time(hass, freezer, 20 * MINUTE)
    assert asked(share) == before + 1
    await pass_time(hass, freezer, HOUR)
    assert asked(share) == before + 2


async def test_not_asked_while_share_is_down(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Followers are no reason to knock at a door that is shut; numbers that can't be had are unavailable."""
    share.simulator.faults.disconnect = "before"
    for _ in range(13):
        await pass_time(hass, freezer, 10 * MINUTE)
    assert asked(share) == 1
    share.simulator.faults.disconnect = Limited("before", endpoints=[ASK[0]])
    await later(hass, share, freezer)
    assert asked(share) == 2
    assert shown(hass, COUNT) == STATE_UNAVAILABLE
    assert loaded.runtime_data.glucose.last_update_success


async def test_failures_delay_and_disturb_nothing(
    hass: HomeAssistant, share: Share, account: Account, entry: MockConfigEntry
) -> None:
    """The set-up waits for no follower; readings are there though the list is not, and nothing logs in for it."""
    share.add_readings()
    account.followers.add("Grandma", share.simulator.now())
    share.simulator.faults.fault_code = Limited("SSO_InternalError", endpoints=ASK)
    await share.set_up(hass, entry)
    assert shown(hass, "sensor.anna_example_com_glucose_value") == "112"
    assert share.simulator.logins == 1
    assert entry.runtime_data.followers.data == FollowersFacts()
    assert entry.runtime_data.followers.data.has_follower is None


async def test_what_share_does_not_tell_is_unknown(
    hass: HomeAssistant, share: Share, account: Account, entry: MockConfigEntry
) -> None:
    """The list counts also where Share does not say whether it is on."""
    share.add_readings()
    share.simulator.faults.fault_code = Limited("InvalidArgument", endpoints=[ASK[1]])
    await share.set_up(hass, entry)
    assert shown(hass, SHARING) == STATE_UNKNOWN
    assert shown(hass, COUNT) == "0"


@pytest.mark.parametrize("state_as", ["int", "string"])
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (State.INVITE_WAITING, State.ACTIVE, "accepted"),
        (State.INVITE_WAITING, State.INVITE_REJECTED, "declined"),
        (State.INVITE_WAITING, State.INVITE_EXPIRED, "expired"),
        (State.ACTIVE, State.CANCELED_BY_SUBSCRIBER, "removed"),
        (State.PAUSED_BY_SUBSCRIBER, State.ABANDONED_BY_SUBSCRIBER, "removed"),
        (State.ACTIVE, None, "removed"),
        (None, State.ACTIVE, "accepted"),
        (None, State.INVITE_WAITING, None),
        (State.ACTIVE, State.PAUSED_BY_PUBLISHER, None),
        (State.PAUSED_BY_PUBLISHER, State.ACTIVE, None),
        (State.INVITE_EXPIRED, None, None),
        (State.INVITE_EXPIRED, State.CANCELED_BY_PUBLISHER, None),
        (State.ACTIVE, State.UNKNOWN, None),
    ],
)
async def test_events_tell_what_became_of_somebody(
    hass: HomeAssistant,
    share: Share,
    account: Account,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    before: State | None,
    after: State | None,
    expected: str | None,
    state_as: str,
) -> None:
    """Each change makes one event at the next look, also across a restart, and never again."""
    share.simulator.faults.state_as = state_as
    now = share.simulator.now()
    one = None if before is None else account.followers.add("Grandma", now, state=before)
    share.add_readings()
    await share.set_up(hass, entry)
    assert event(hass) is None
    await hass.config_entries.async_unload(entry.entry_id)
    if one and after is not None:
        one.change(after, now)
    elif one:
        account.followers.delete(one.contact.contact_id)
    elif after is not None:
        account.followers.add("Grandma", now, state=after)
    await share.set_up(hass, entry)
    assert event(hass) == expected
    assert set(attributes(hass, EVENT)) == {"event_type", "event_types", "friendly_name"}
    last = shown(hass, EVENT)
    await later(hass, share, freezer)
    assert shown(hass, EVENT) == last


async def test_a_state_that_can_not_be_read_is_passed_over(
    hass: HomeAssistant, share: Share, account: Account, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Active, unreadable, active again is no acceptance, and meanwhile somebody still follows."""
    one = account.followers.add("Grandma", share.simulator.now())
    await share.set_up(hass, entry)
    one.change(State.UNKNOWN, share.simulator.now())
    await later(hass, share, freezer)
    assert entry.runtime_data.followers.data.has_follower
    one.change(State.ACTIVE, share.simulator.now())
    await later(hass, share, freezer)
    assert event(hass) is None


@pytest.mark.parametrize(("key", "is_fixable"), [("sharing_off", False), ("no_follower", True)])
async def test_issues_name_the_cause_while_nothing_comes(
    hass: HomeAssistant,
    share: Share,
    account: Account,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    key: str,
    is_fixable: bool,
) -> None:
    """LastTold only while readings are missing though Share answers, and gone with the next reading."""
    account.sharing = key != "sharing_off"
    if key != "no_follower":
        account.followers.add("Grandma", share.simulator.now())
    share.add_readings()
    # Share says so, and readings come all the same: then it is wrong, or does not matter.
    share.simulator.faults.sharing_off = share.simulator.faults.no_follower = False
    await share.set_up(hass, entry)
    entry.runtime_data.followers.ask_soon()
    await settle(hass)
    is_served = shown(hass, "sensor.anna_example_com_glucose_value") == "112"
    assert (issue(hass, entry, key) is None) is is_served
    for _ in range(16):
        await pass_time(hass, freezer, MINUTE)
    found = issue(hass, entry, key)
    assert found
    assert found.is_fixable is is_fixable
    other = {"sharing_off": "no_follower", "no_follower": "sharing_off"}[key]
    assert issue(hass, entry, other) is None
    share.simulator.faults.disconnect = "before"
    await pass_time(hass, freezer, 5 * MINUTE)
    assert issue(hass, entry, key) is None
    share.simulator.faults.disconnect = None
    account.sharing = True
    account.followers.add("Nurse", share.simulator.now())
    await later(hass, share, freezer)
    assert issue(hass, entry, key) is None


async def invite_for(hass: HomeAssistant, share: Share, until: str) -> Subscription:
    """Invite somebody who accepts, until a time in UTC."""
    await hass.config.async_set_time_zone("UTC")
    response = await act(hass, "invite_follower", {**GRANDMA, "until": until})
    assert response["removed_at"] == f"{until.replace(' ', 'T')}+00:00"
    (one,) = share.account.followers.subscriptions.values()
    one.accept(share.simulator.now())
    return one


async def test_a_follower_for_one_evening_is_gone_at_its_end(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """At the moment itself, without anybody doing anything; the list shows the end until then."""
    await invite_for(hass, share, "2026-11-22 23:00:00")
    listed = await act(hass, "list_followers")
    assert listed["followers"][0]["removed_at"] == "2026-11-22T23:00:00+00:00"
    freezer.move_to("2026-11-22T22:59:59+00:00")
    await pass_time(hass, freezer, timedelta(0))
    assert names(share) == {"Grandma"}
    before = len(share.simulator.calls)
    await pass_time(hass, freezer, timedelta(seconds=1))
    assert not names(share)
    calls = [one for one in calls_since(share, before) if one != "ReadPublisherLatestGlucoseValues"]
    assert calls == ["DeleteContact", *ASK]
    assert event(hass) == "removed"
    assert shown(hass, COUNT) == "0"


async def test_the_end_comes_also_when_home_assistant_was_down(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What was missed is done at the next start."""
    await invite_for(hass, share, "2026-11-22 23:00:00")
    await hass.config_entries.async_unload(loaded.entry_id)
    await pass_time(hass, freezer, 8 * HOUR)
    assert names(share) == {"Grandma"}
    await share.set_up(hass, loaded)
    assert not names(share)
    assert event(hass) == "removed"
    assert issue(hass, loaded, "removal_failed") is None


async def test_the_end_survives_a_restart_before_it(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A removal that is not due yet is waited for anew."""
    await invite_for(hass, share, "2026-11-22 23:00:00")
    await hass.config_entries.async_reload(loaded.entry_id)
    await settle(hass)
    assert names(share) == {"Grandma"}
    await pass_time(hass, freezer, 5 * HOUR)
    assert not names(share)


@pytest.mark.parametrize("fault", ["disconnect", "refusal"])
async def test_the_end_is_tried_again_until_it_is_done(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory, fault: str
) -> None:
    """While Share can't be told, that is tried at intervals and shown; once it can, it is done."""
    await invite_for(hass, share, "2026-11-22 19:00:00")
    if fault == "disconnect":
        share.simulator.faults.disconnect = "before"
    else:
        share.simulator.faults.fault_code = Limited("InvalidArgument", endpoints=["DeleteContact"])
    attempts = []
    for minute in range(90):
        before = len(share.simulator.calls)
        await pass_time(hass, freezer, MINUTE)
        attempts += [minute] * calls_since(share, before).count("DeleteContact")
    assert 6 <= len(attempts) <= 9
    assert attempts[0] == 59
    assert names(share) == {"Grandma"}
    assert issue(hass, loaded, "removal_failed")
    await hass.config_entries.async_reload(loaded.entry_id)
    share.simulator.faults.disconnect = share.simulator.faults.fault_code = None
    for _ in range(6):
        await pass_time(hass, freezer, MINUTE)
    assert not names(share)
    assert issue(hass, loaded, "removal_failed") is None


async def test_an_end_that_came_by_itself_is_fine(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Who was removed on the phone before is not removed again for ever."""
    one = await invite_for(hass, share, "2026-11-22 23:00:00")
    share.account.followers.delete(one.contact.contact_id)
    await pass_time(hass, freezer, 6 * HOUR)
    assert not loaded.runtime_data.followers.removals.pending


async def test_a_removal_by_hand_ends_the_plan(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Nothing is left to do at the end."""
    await invite_for(hass, share, "2026-11-22 23:00:00")
    await act(hass, "remove_follower", {"name": "Grandma"})
    assert not loaded.runtime_data.followers.removals.pending


async def test_an_invitation_without_end_replaces_one_with_an_end(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """The last wish counts; one that fails changes nothing of what was planned."""
    one = await invite_for(hass, share, "2026-11-22 23:00:00")
    one.change(State.INVITE_REJECTED, share.simulator.now())
    share.simulator.faults.fault_code = Limited("InvalidArgument", endpoints=["CreateSubscriptionInvitation"])
    with (
        patch("custom_components.dexcom_share.sharing.invitations.sleep"),
        pytest.raises(HomeAssistantError, match="Nothing was changed"),
    ):
        await act(hass, "invite_follower", {**GRANDMA, "until": "2026-11-23 23:00:00"})
    (removal,) = loaded.runtime_data.followers.removals.pending
    assert removal.due == datetime(2026, 11, 22, 23, tzinfo=UTC)
    share.simulator.faults.fault_code = None
    await act(hass, "invite_follower", GRANDMA)
    await pass_time(hass, freezer, 6 * HOUR)
    assert names(share) == {"Grandma"}


@pytest.mark.parametrize("has_end", [True, False])
async def test_removing_the_person_tells_of_ends_that_nobody_carries_out(
    hass: HomeAssistant, share: Share, storage_folder: Path, loaded: MockConfigEntry, has_end: bool
) -> None:
    """A promise that can't be kept any more is not forgotten in silence."""
    if has_end:
        await invite_for(hass, share, "2026-11-22 23:00:00")
    await hass.config_entries.async_remove(loaded.entry_id)
    assert (issue(hass, loaded, "removals_abandoned") is not None) is has_end
    assert not stored(storage_folder)


def test_a_record_comes_back_as_it_was_stored() -> None:
    """States and removals survive the way through JSON."""
    removal = Removal(contact_id="x", due=datetime(2026, 1, 1, tzinfo=UTC), is_cleanup=True)
    record = Record(states={"a": SubscriptionState.ACTIVE}, removals=(removal,))
    assert Record.from_dict(record.to_dict()) == record
    assert Record.from_dict(Record().to_dict()) == Record()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"states": [], "removals": []},
        {"states": {"a": 99}, "removals": []},
        {"states": None, "removals": {}},
        {"states": None, "removals": [{"contact_id": "x", "due": "2026-01-01T00:00:00", "is_cleanup": False}]},
        {"states": None, "removals": [{"contact_id": "x", "due": "soon", "is_cleanup": False}]},
    ],
)
async def test_a_damaged_record_is_set_aside(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, storage_folder: Path, data: dict[str, object]
) -> None:
    """Damage stops nothing and is told."""
    await Storage(hass, entry.entry_id).save(StoredFile.FOLLOWERS, data)
    await share.set_up(hass, entry)
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"storage_damaged_{entry.entry_id}_{StoredFile.FOLLOWERS}")


async def test_nothing_is_removed_before_share_has_told_the_time(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A removal can't be undone, so a clock that nobody has confirmed removes nobody."""
    await invite_for(hass, share, "2026-11-22 23:00:00")
    removals = loaded.runtime_data.followers.removals
    with patch.object(removals, "_clock") as clock:
        clock.is_confirmed = False
        await pass_time(hass, freezer, 6 * HOUR)
        assert names(share) == {"Grandma"}
    removals.check()
    await settle(hass)
    assert not names(share)


@pytest.mark.parametrize("step", [6 * HOUR, -6 * HOUR])
async def test_a_step_of_the_machine_s_clock_moves_no_end(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory, step: timedelta
) -> None:
    """Whoever follows until eleven follows until eleven by Share's time, not longer and not shorter."""
    await invite_for(hass, share, "2026-11-22 23:00:00")
    with patch("homeassistant.util.dt.utcnow", lambda: datetime.now(UTC) + step):
        for _ in range(4):
            await later(hass, share, freezer)
            assert names(share) == {"Grandma"}
        await later(hass, share, freezer)
        await pass_time(hass, freezer, MINUTE)
        assert not names(share)


async def test_a_stored_end_at_the_end_of_the_calendar_breaks_nothing(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry
) -> None:
    """It is listed and waits."""
    one = share.account.followers.add("Grandma", share.simulator.now())
    removal = Removal(contact_id=one.contact.contact_id, due=datetime.max.replace(tzinfo=UTC))
    record = Record(states=None, removals=(removal,))
    await Storage(hass, entry.entry_id).save(StoredFile.FOLLOWERS, record.to_dict())
    await share.set_up(hass, entry)
    (listed,) = [one for one in (await act(hass, "list_followers"))["followers"] if one["name"] == "Grandma"]
    assert listed["removed_at"].startswith("9999-12-31")
    assert entry.runtime_data.followers.removals.pending == [removal]


async def test_unloading_during_an_invitation_leaves_no_timer(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry
) -> None:
    """What the invitation still plans is kept on disk, for the next start."""

    async def unload(_: float) -> None:
        assert await hass.config_entries.async_unload(loaded.entry_id)

    followers = loaded.runtime_data.followers
    share.simulator.faults.fault_code = Limited("InvalidArgument", endpoints=["CreateSubscriptionInvitation"])
    with (
        patch("custom_components.dexcom_share.sharing.invitations.sleep", unload),
        pytest.raises(HomeAssistantError),
    ):
        await act(hass, "invite_follower", {**GRANDMA, "duration": {"hours": 3}})
    await followers.removals.plan("x", Removal(contact_id="x", due=datetime(2027, 1, 1, tzinfo=UTC)))
    followers.ask_soon()
    assert followers.removals._unsub_timer is None
    assert Removal(contact_id="x", due=datetime(2027, 1, 1, tzinfo=UTC)) in followers.removals.pending


async def test_a_listener_that_fails_keeps_nobody_else_from_hearing(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry
) -> None:
    """Each listener is guarded."""
    heard: list[FollowerEvent] = []

    def fail(_: FollowerEvent) -> None:
        raise ValueError

    followers = loaded.runtime_data.followers
    followers.async_add_event_listener(fail)
    followers.async_add_event_listener(heard.append)
    one = share.account.followers.add("Grandma", share.simulator.now(), state=State.INVITE_WAITING)
    await followers.async_refresh()
    one.change(State.INVITE_REJECTED, share.simulator.now())
    await followers.async_refresh()
    assert heard == [FollowerEvent.DECLINED]


async def test_a_disk_that_does_not_answer_stops_nothing(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry
) -> None:
    """Without the record of followers the readings still go on."""
    share.add_readings()
    with patch("custom_components.dexcom_share.sharing.record.Storage.load", side_effect=StorageError):
        assert await load_record(Storage(hass, entry.entry_id)) == Record()
