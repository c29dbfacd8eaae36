"""The actions of an uploader: the calls in the order of the protocol, and what is told when one fails."""

import asyncio
from datetime import timedelta
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
import voluptuous as vol

from simulator import Limited

from ..common import MINUTE, Share
from ..following import ASK, FromCall, act, calls_since

SERIAL: Final = {"serial_number": "SM12345678"}
READY: Final = [
    "SystemUtcTime",
    "UpdatePublisherAccountRuntimeInfo",
    "CheckMonitoredReceiverAssignmentStatus",
    "ReplacePublisherAccountMonitoredReceiver",
    "StartRemoteMonitoringSession",
]
POST: Final = "PostReceiverEgvRecords"


@pytest.fixture(autouse=True)
def evening(freezer: FrozenDateTimeFactory) -> None:
    """Begin at a known time."""
    freezer.move_to("2026-11-22T18:00:00+00:00")


@pytest.fixture
async def loaded(hass: HomeAssistant, share: Share, entry: MockConfigEntry) -> MockConfigEntry:
    """Return the config entry of a person without readings and receiver, whose Share is off."""
    share.account.sharing = False
    share.account.receiver = None
    await share.set_up(hass, entry)
    return entry


def reading(ago: timedelta, value: float = 100, **more: str) -> dict[str, Any]:
    """Return a reading that was taken some time ago."""
    return {"time": (dt_util.utcnow() - ago).isoformat(), "value": value, **more}


def upload(*readings: dict[str, Any]) -> dict[str, Any]:
    """Return the data of an upload."""
    return {**SERIAL, "readings": list(readings)}


def taken(share: Share) -> list[tuple[timedelta, int, str]]:
    """Return what Share has: how long ago, value, trend."""
    now = share.simulator.now()
    records = share.account.records(now - timedelta(days=1), now)
    return [(now - record.time, record.value, record.trend) for record in records]


async def test_the_first_upload_prepares_and_the_next_does_not(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Clock, app, receiver, session, readings; from then on readings only, and the clock once an hour."""
    before = len(share.simulator.calls)
    response = await act(
        hass,
        "upload_readings",
        upload(reading(5 * MINUTE, 104.4, trend="rising_slightly"), reading(10 * MINUTE, 39)),
    )
    assert response == {"uploaded": 2, "left_out": []}
    assert calls_since(share, before) == [*READY, POST]
    # The five seconds are those of `TA`.
    five = timedelta(seconds=5)
    assert taken(share) == [(10 * MINUTE + five, 39, "None"), (5 * MINUTE + five, 104, "FortyFiveUp")]
    assert share.account.runtime_info["AppName"] == "dexcom_share"
    before = len(share.simulator.calls)
    await act(hass, "upload_readings", upload(reading(timedelta(0))))
    assert calls_since(share, before) == [POST]
    freezer.tick(timedelta(hours=1))
    before = len(share.simulator.calls)
    await act(hass, "upload_readings", upload(reading(timedelta(0))))
    assert [one for one in calls_since(share, before) if one in {*READY, POST}] == ["SystemUtcTime", POST]


async def test_what_followers_should_not_get_is_left_out(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry
) -> None:
    """Too old, of the future, too close to another one: told, and nothing is sent for nothing."""
    share.account.sharing = True
    share.add_reading(100, ago=30 * MINUTE)
    await loaded.runtime_data.glucose.async_refresh()
    before = len(share.simulator.calls)
    response = await act(
        hass,
        "upload_readings",
        upload(
            reading(timedelta(hours=8, seconds=1)),
            reading(-2 * MINUTE),
            reading(30 * MINUTE + timedelta(seconds=284)),
        ),
    )
    assert response["uploaded"] == 0
    assert [one["reason"] for one in response["left_out"]] == ["too_old", "too_close", "in_future"]
    assert len(share.simulator.calls) == before
    response = await act(
        hass,
        "upload_readings",
        upload(
            reading(timedelta(hours=8)), reading(30 * MINUTE + timedelta(seconds=285)), reading(26 * MINUTE),
            reading(20 * MINUTE), reading(16 * MINUTE),
        ),
    )  # fmt: skip
    assert response["uploaded"] == 3
    assert [one["reason"] for one in response["left_out"]] == ["too_close", "too_close"]
    # What was uploaded counts as well, before it was read back.
    response = await act(hass, "upload_readings", upload(reading(20 * MINUTE)))
    assert response["left_out"][0]["reason"] == "too_close"


async def test_duplicates_are_a_success(hass: HomeAssistant, share: Share, loaded: MockConfigEntry) -> None:
    """Share having a reading already is what was wanted."""
    share.simulator.faults.fault_code = Limited("DuplicateEgvPosted", endpoints=[POST])
    assert (await act(hass, "upload_readings", upload(reading(MINUTE))))["uploaded"] == 1


@pytest.mark.parametrize(
    ("code", "repaired"),
    [
        ("MonitoringSessionNotActive", ["StartRemoteMonitoringSession"]),
        (
            "MonitoredReceiverNotAssigned",
            ["CheckMonitoredReceiverAssignmentStatus", "StartRemoteMonitoringSession"],
        ),
        (
            "MonitoredReceiverSerialNumberDoesNotMatch",
            ["CheckMonitoredReceiverAssignmentStatus", "StartRemoteMonitoringSession"],
        ),
    ],
)
async def test_what_share_lost_is_made_anew(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, code: str, repaired: list[str]
) -> None:
    """A session or receiver that is gone is repaired once, and the readings are sent again."""
    await act(hass, "upload_readings", upload(reading(10 * MINUTE)))
    share.simulator.faults.fault_code = Limited(code, endpoints=[POST], calls=1)
    before = len(share.simulator.calls)
    await act(hass, "upload_readings", upload(reading(MINUTE)))
    assert calls_since(share, before) == [POST, *repaired, POST]
    assert len(taken(share)) == 2


@pytest.mark.parametrize(
    ("code", "key"),
    [("FutureEgvPosted", "mistake_after"), ("InvalidArgument", "failed_after")],
)
async def test_a_refused_upload_says_what_was_done_before(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, code: str, key: str
) -> None:
    """The receiver is assigned and Share is on, although no reading was taken."""
    share.simulator.faults.fault_code = Limited(code, endpoints=[POST])
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "upload_readings", upload(reading(MINUTE)))
    assert caught.value.translation_key == key
    assert "The receiver was assigned to the account. Share was switched on. Nothing else was done" in str(caught.value)
    share.simulator.faults.fault_code = None
    before = len(share.simulator.calls)
    await act(hass, "upload_readings", upload(reading(MINUTE)))
    assert calls_since(share, before)[-1] == POST


@pytest.mark.parametrize(
    ("skip", "mode"),
    # An answer to the third call that is no known word stands for "not assigned to you", as uploaders take it.
    [(skip, mode) for skip in range(6) for mode in ("before", "answer") if (skip, mode) != (2, "answer")],
)
async def test_a_connection_lost_while_uploading_is_told(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, skip: int, mode: str
) -> None:
    """At whatever call: the error names every change that was or may have been made, and trying again is safe."""
    if mode == "before":
        # The first call, a GET, is repeated on a new connection.
        share.simulator.faults.disconnect = FromCall("before", skip=skip, calls=1 if skip else 2)
    else:
        share.simulator.faults.raw_body = FromCall("<html>", skip=skip, calls=1)
    with pytest.raises(HomeAssistantError) as caught:
        await act(hass, "upload_readings", upload(reading(MINUTE)))
    text = str(caught.value)
    is_assigned, is_started = share.account.receiver is not None, share.account.sharing
    assert ("The receiver was assigned" in text or "Whether the receiver was assigned" in text) >= is_assigned
    assert ("Share was switched on." in text or "Whether Share was switched on" in text) >= is_started
    assert ("Nothing was changed" in text) is (skip < 3)
    assert ("Whether the readings were uploaded" in text) is (skip == 5)
    await act(hass, "upload_readings", upload(reading(MINUTE)))
    assert len(taken(share)) == 1


async def test_a_wrong_clock_uploads_nothing(hass: HomeAssistant, share: Share, loaded: MockConfigEntry) -> None:
    """Readings at the wrong time are worse than none."""
    share.simulator.faults.clock_skew_seconds = 90
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "upload_readings", upload(reading(MINUTE)))
    assert caught.value.translation_key == "own_clock_wrong"
    assert caught.value.translation_placeholders == {"seconds": "90"}
    assert POST not in share.simulator.endpoints_called


async def test_a_receiver_is_checked_and_assigned(hass: HomeAssistant, share: Share, loaded: MockConfigEntry) -> None:
    """Nobody's becomes ours, ours stays ours, somebody else's is refused."""
    assert await act(hass, "check_receiver", SERIAL) == {"assignment": "not_assigned"}
    before = len(share.simulator.calls)
    assert await act(hass, "assign_receiver", SERIAL) == {"changed": True}
    assert calls_since(share, before) == READY[2:4]
    assert share.account.receiver == "SM12345678"
    assert await act(hass, "check_receiver", {"serial_number": " sm12345678 "}) == {"assignment": "assigned_to_you"}
    assert await act(hass, "assign_receiver", SERIAL) == {"changed": False}
    other = share.simulator.add_account("ben@example.com", "secret of ben")
    other.receiver = "SM87654321"
    assert await act(hass, "check_receiver", {"serial_number": "SM87654321"}) == {
        "assignment": "assigned_to_someone_else"
    }
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "assign_receiver", {"serial_number": "SM87654321"})
    assert caught.value.translation_key == "receiver_of_someone_else"


async def test_a_receiver_assigned_meanwhile_is_a_success(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry
) -> None:
    """Share saying that it is ours already is what was wanted."""
    share.simulator.faults.fault_code = Limited("SerialNumberAssignedToYou", endpoints=[READY[3]])
    assert await act(hass, "assign_receiver", SERIAL) == {"changed": False}


async def test_share_is_switched_on_and_off(hass: HomeAssistant, share: Share, loaded: MockConfigEntry) -> None:
    """What is so already is no failure; the binary sensor follows at once."""
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, "start_sharing", SERIAL)
    assert caught.value.translation_key == "receiver_not_assigned"
    await act(hass, "assign_receiver", SERIAL)
    for expected, state in ((True, "on"), (False, "on")):
        before = len(share.simulator.calls)
        assert await act(hass, "start_sharing", SERIAL) == {"changed": expected}
        assert calls_since(share, before) == ["StartRemoteMonitoringSession", *ASK]
        assert hass.states.is_state("binary_sensor.anna_example_com_sharing", state)
    for expected in (True, False):
        assert await act(hass, "stop_sharing") == {"changed": expected}
        assert hass.states.is_state("binary_sensor.anna_example_com_sharing", "off")


@pytest.mark.parametrize("action", ["check_receiver", "assign_receiver", "start_sharing", "stop_sharing"])
async def test_failures_are_told(hass: HomeAssistant, share: Share, loaded: MockConfigEntry, action: str) -> None:
    """A single call that did not get through changed nothing; one without an answer may have."""
    data = {} if action == "stop_sharing" else SERIAL
    share.account.sharing = action == "stop_sharing"
    share.simulator.faults.fault_code = "InvalidArgument"
    with pytest.raises(HomeAssistantError, match="Nothing was changed"):
        await act(hass, action, data)
    share.simulator.faults.fault_code = None
    share.simulator.faults.disconnect = FromCall("before", skip=1 if action == "assign_receiver" else 0)
    unsure = "Nothing was changed" if action == "check_receiver" else "is not known"
    with pytest.raises(HomeAssistantError, match=unsure):
        await act(hass, action, data)


async def test_a_refused_log_in_changed_nothing(hass: HomeAssistant, share: Share, loaded: MockConfigEntry) -> None:
    """Without a session nothing can have been done."""
    share.account.end_sessions()
    share.account.password = "changed"
    with pytest.raises(HomeAssistantError, match=r"Share refused the log-in\. Nothing was changed"):
        await act(hass, "stop_sharing")


@pytest.mark.parametrize(
    "action", ["check_receiver", "assign_receiver", "start_sharing", "stop_sharing", "upload_readings"]
)
async def test_only_administrators_may(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, hass_admin_user: MockUser, action: str
) -> None:
    """A user who is no administrator is refused before anything is sent."""
    share.account.receiver = "SM12345678"
    data = {"stop_sharing": {}, "upload_readings": upload(reading(MINUTE))}.get(action, SERIAL)
    user = MockUser(is_owner=False).add_to_hass(hass)
    before = len(share.simulator.calls)
    with pytest.raises(Unauthorized):
        await act(hass, action, data, context=Context(user_id=user.id))
    assert len(share.simulator.calls) == before
    await act(hass, action, data, context=Context(user_id=hass_admin_user.id))


@pytest.mark.parametrize(
    "wrong",
    [
        {"serial_number": "x/../y"},
        {"readings": []},
        {"readings": [{"time": "2026-11-22T17:00:00", "value": 5.5}]},
        {"readings": [{"time": "2026-11-22T17:00:00", "value": 402}]},
        {"readings": [{"time": "soon", "value": 100}]},
        {"readings": [{"time": "2026-11-22T17:00:00", "value": 100, "trend": "not_computable"}]},
    ],
)
async def test_nonsense_is_refused(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, wrong: dict[str, Any]
) -> None:
    """What can't be a serial number or a reading never leaves the house: 5.5 is mmol/L."""
    with pytest.raises(vol.Invalid):
        await act(hass, "upload_readings", {**upload(reading(MINUTE)), **wrong})


async def test_calls_that_overlap_name_only_their_own_steps(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry
) -> None:
    """One assigns the receiver and switches Share on while another one fails: its error names none of that."""
    share.simulator.faults.fault_code = Limited("InvalidArgument", endpoints=["StopRemoteMonitoringSession"])
    results: list[Any] = await asyncio.gather(
        act(hass, "upload_readings", upload(reading(5 * MINUTE))), act(hass, "stop_sharing"), return_exceptions=True
    )
    uploaded, stopped = results
    assert uploaded == {"uploaded": 1, "left_out": []}
    assert isinstance(stopped, HomeAssistantError)
    assert stopped.translation_key == "failed_nothing_changed"
