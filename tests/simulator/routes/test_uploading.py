"""The uploader's calls: receiver, monitoring session, readings."""

from datetime import timedelta

import pytest

from simulator import Account, Simulator

from ..conftest import MINUTE, NIL, START, Clock, Wire

START_MS = 1773480413589


def egv(minutes: int = 0, value: object = 120, trend: object = 4, offset_hours: int = 0) -> dict[str, object]:
    """Return a record as uploaders send it."""
    milliseconds = START_MS // 1000 * 1000 + minutes * 60_000
    return {
        "Trend": trend,
        "ST": f"/Date({milliseconds})/",
        "DT": f"/Date({milliseconds + offset_hours * 3_600_000})/",
        "Value": value,
    }


async def post(wire: Wire, session: str, account: Account, *egvs: object, **changes: object) -> tuple[int, str]:
    """Upload records and return the status and the body, or the code of the fault."""
    body = {"SN": account.receiver, "Egvs": list(egvs), "TA": -5, **changes}
    answer = await wire.call("Publisher/PostReceiverEgvRecords", body, sessionId=session)
    return answer.status, answer.code if answer.status >= 400 else answer.text


async def test_uploaded_readings_appear(wire: Wire, simulator: Simulator, session: str) -> None:
    """The time is the device's plus the adjustment, the display time tells the offset; the answer is empty."""
    account = simulator.accounts[0]
    session = await wire.session(account)
    account.faults.empty_list = None
    status = await post(wire, session, account, egv(-1, 130, 3, offset_hours=-4), egv(-6, "129", "4"))
    assert status == (200, "")
    newest = (await wire.readings(session, count=2))[1]
    milliseconds = START_MS // 1000 * 1000 - 65_000
    assert newest == {
        "WT": f"Date({milliseconds})",
        "ST": f"Date({milliseconds})",
        "DT": f"Date({milliseconds}-0400)",
        "Value": 130,
        "Trend": "FortyFiveUp",
    }


async def test_duplicates_are_named_after_the_new_ones_were_taken(wire: Wire, account: Account, session: str) -> None:
    """The answer may be treated as success."""
    await post(wire, session, account, egv(-2, 130))
    assert await post(wire, session, account, egv(-2, 130), egv(-1, 131)) == (500, "DuplicateEgvPosted")
    values = [element["Value"] for element in await wire.readings(session, count=4)]
    assert values == [111, 131, 130, 110]


async def test_readings_of_the_future_are_refused(wire: Wire, account: Account, session: str) -> None:
    """A clock that is a little ahead is fine, but the reading shows when its time comes."""
    assert await post(wire, session, account, egv(6)) == (500, "FutureEgvPosted")
    assert await post(wire, session, account, egv(4)) == (200, "")
    assert (await wire.readings(session, count=1))[0]["Value"] == 111


@pytest.mark.parametrize(
    "changes",
    [
        {"SN": None},
        {"TA": None},
        {"TA": "x"},
        {"TA": 10**30},
        {"Egvs": None},
        {"Egvs": []},
        {"Egvs": [1]},
        {"Egvs": [{**egv(), "Trend": 10}]},
        {"Egvs": [{**egv(), "Trend": None}]},
        {"Egvs": [{**egv(), "Value": "x"}]},
        {"Egvs": [{**egv(), "ST": "2026-03-14"}]},
        {"Egvs": [{**egv(), "DT": f"/Date({10**30})/"}]},
    ],
)
async def test_malformed_uploads_are_refused(
    wire: Wire, account: Account, session: str, changes: dict[str, object]
) -> None:
    """Nothing of them is taken."""
    assert await post(wire, session, account, egv(-1), **changes) == (500, "InvalidArgument")
    assert len(await wire.readings(session)) == 12


async def test_only_the_assigned_receiver_uploads(wire: Wire, account: Account, session: str) -> None:
    """Another one, and one where none is assigned."""
    assert await post(wire, session, account, egv(), SN="SM00000000") == (
        500,
        "MonitoredReceiverSerialNumberDoesNotMatch",
    )
    account.receiver = None
    answer = await wire.call(
        "Publisher/PostReceiverEgvRecords", {"SN": "SM1", "Egvs": [egv()], "TA": 0}, sessionId=session
    )
    assert answer.code == "MonitoredReceiverNotAssigned"
    assert answer.fault["Message"] == "Publisher account does not have a valid monitored receiver."
    for part in ('Type="14"', 'Category="5"', 'Severity="1"', 'TypeString="InvalidState"'):
        assert part in answer.fault["SubCode"]


async def test_monitoring_session(wire: Wire, account: Account, session: str) -> None:
    """Started and stopped once each; without it uploads are refused."""

    async def call(what: str, **query: str) -> tuple[int, str]:
        answer = await wire.call(f"Publisher/{what}", None, headers=None, sessionId=session, **query)
        return answer.status, answer.code if answer.status >= 400 else answer.text

    serial_number = account.receiver or ""
    assert await call("IsRemoteMonitoringSessionActive") == (200, "true")
    started = await call("StartRemoteMonitoringSession", serialNumber=serial_number)
    assert started == (500, "MonitoringSessionAlreadyActive")
    assert await call("StopRemoteMonitoringSession") == (200, "")
    assert await call("StopRemoteMonitoringSession") == (500, "MonitoringSessionNotActive")
    assert await call("IsRemoteMonitoringSessionActive") == (200, "false")
    assert await post(wire, session, account, egv()) == (500, "MonitoringSessionNotActive")
    wrong = await call("StartRemoteMonitoringSession", serialNumber="SM1")
    assert wrong == (500, "MonitoredReceiverSerialNumberDoesNotMatch")
    assert await call("StartRemoteMonitoringSession", serialNumber=serial_number) == (200, "")
    assert account.sharing


async def test_receiver_is_assigned_to_one_account(
    wire: Wire, simulator: Simulator, account: Account, session: str
) -> None:
    """The three answers of the check, and what a replacement meets."""
    other = simulator.add_account("other", "pw")

    async def check(serial_number: str | None) -> object:
        answer = await wire.call(
            "Publisher/CheckMonitoredReceiverAssignmentStatus", "", sessionId=session, serialNumber=serial_number or ""
        )
        return answer.json

    async def replace(serial_number: str | None) -> str:
        answer = await wire.call(
            "Publisher/ReplacePublisherAccountMonitoredReceiver",
            "",
            sessionId=session,
            serialNumber=serial_number or "",
        )
        return answer.code if answer.status >= 400 else str(answer.json)

    assert await check(f"{account.receiver}/") == "AssignedToYou"
    assert await check(other.receiver) == "AssignedToSomeoneElse"
    assert await check("SM1") == "NotAssigned"
    assert await replace(account.receiver) == "SerialNumberAssignedToYou"
    assert await replace(other.receiver) == "SerialNumberAssignedToSomeoneElse"
    assert await replace("SM1") == account.receiver_id
    assert account.receiver == "SM1"


async def test_receiver_is_taken_away(wire: Wire, account: Account, session: str) -> None:
    """By its id; without one both calls are refused."""

    async def call(what: str, **query: str) -> str:
        answer = await wire.call(f"Publisher/{what}", None, headers=None, sessionId=session, **query)
        return answer.code if answer.status >= 400 else answer.text

    assert await call("GetMonitoredReceiverIdIfEnabled") == f'"{account.receiver_id}"'
    assert await call("StopMonitoringReceiver", monitoredReceiverId=NIL) == "MonitoredReceiverNotAssigned"
    assert await call("StopMonitoringReceiver", monitoredReceiverId=account.receiver_id) == ""
    assert account.receiver is None
    assert await call("GetMonitoredReceiverIdIfEnabled") == "MonitoredReceiverNotAssigned"


async def test_runtime_info(wire: Wire, account: Account, session: str) -> None:
    """All seven texts, with the session in the body."""
    names = ("Manufacturer", "Model", "OsVersion", "OsName")
    info = {f"Device{name}": name for name in names} | {f"App{name}": name for name in ("Version", "Name", "Number")}
    body: dict[str, object] = {"sessionId": session, "runtimeInfo": info}
    answer = await wire.call("Publisher/UpdatePublisherAccountRuntimeInfo", body)
    assert (answer.status, answer.text) == (200, "")
    assert account.runtime_info == info
    for wrong in (None, {**info, "AppName": 5}):
        body["runtimeInfo"] = wrong
        assert (await wire.call("Publisher/UpdatePublisherAccountRuntimeInfo", body)).code == "InvalidArgument"


async def test_calls_need_a_session(wire: Wire, account: Account) -> None:
    """Unknown ones are not found."""
    answer = await wire.call(
        "Publisher/IsRemoteMonitoringSessionActive", sessionId="12345678-1234-4321-8765-123456789abc"
    )
    assert answer.code == "SessionIdNotFound"


async def test_late_upload_is_there_at_once(wire: Wire, account: Account, session: str, clock: Clock) -> None:
    """What is uploaded now is available now, at its own time."""
    clock.tick(timedelta(hours=1))
    assert await post(wire, session, account, egv(2, 140)) == (200, "")
    elements = await wire.readings(session, count=1)
    assert elements[0]["Value"] == 140
    assert account.available(START, clock.time)[-1].available == clock.time
    assert clock.time - START > MINUTE
