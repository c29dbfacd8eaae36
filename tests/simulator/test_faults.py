"""The switches that concern every call: the way to the server, bodies, fault objects, limits.

Also tests `switches.py`, `calls.py` and, with the fault objects, `wire.py`.
"""

from dataclasses import fields
from datetime import timedelta
import json

from aiohttp import ClientPayloadError, ServerDisconnectedError
import pytest

from simulator import Account, Faults, Limited, Simulator
from simulator.switches import SWITCHES

from .conftest import MINUTE, NAME, READ, START, Clock, Wire


def test_every_switch_is_described() -> None:
    """In the same order, so that the documentation follows."""
    assert [switch.name for switch in fields(Faults)] == list(SWITCHES)


@pytest.mark.parametrize("status", [403, 429, 502, 503])
async def test_gateway_page(wire: Wire, simulator: Simulator, session: str, status: int) -> None:
    """HTML instead of JSON, for one call."""
    simulator.faults.html_status = Limited(status, calls=1)
    answer = await wire.read(session)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "text/html; charset=UTF-8")
    assert answer.text.startswith("<html>")
    assert "Retry-After" not in answer.headers
    assert (await wire.read(session)).status == 200


async def test_pause_asked_for(wire: Wire, simulator: Simulator, session: str) -> None:
    """429 with `Retry-After`."""
    simulator.faults.html_status = 429
    simulator.faults.retry_after = "120"
    assert (await wire.read(session)).headers["Retry-After"] == "120"


async def test_redirect(wire: Wire, simulator: Simulator, session: str) -> None:
    """To wherever the test wants."""
    simulator.faults.redirect = "http://127.0.0.1:1/elsewhere"
    answer = await wire.read(session)
    assert (answer.status, answer.headers["Location"]) == (307, "http://127.0.0.1:1/elsewhere")


async def test_connection_closed_before_the_answer(wire: Wire, simulator: Simulator, session: str) -> None:
    """The call is on record, without a status."""
    simulator.faults.disconnect = Limited("before", calls=1)
    # GET is sent again by some clients, this one does not send a POST again.
    with pytest.raises(ServerDisconnectedError):
        await wire.read(session)
    assert simulator.calls[-1].status is None
    assert (await wire.read(session)).status == 200


@pytest.mark.parametrize("path", ["read", "login"])
async def test_connection_closed_inside_the_answer(
    wire: Wire, simulator: Simulator, account: Account, session: str, path: str
) -> None:
    """Half a body, with a length or in chunks."""
    simulator.faults.disconnect = Limited("inside", calls=1)
    with pytest.raises(ClientPayloadError):
        await (wire.read(session) if path == "read" else wire.login(account.account_id))
    assert simulator.calls[-1].status is None


async def test_slow_answers(wire: Wire, simulator: Simulator, session: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulator waits before the answer, in the middle of it, and nowhere else."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("simulator.server.asyncio.sleep", sleep)
    expected = (await wire.read(session)).text
    simulator.faults.delay_seconds = Limited(7, calls=1)
    assert (await wire.read(session)).text == expected
    simulator.faults.body_delay_seconds = Limited(9, calls=1)
    assert (await wire.read(session)).text == expected
    assert (await wire.read(session)).text == expected
    assert waits == [7, 9]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("empty", ""),
        ("null", "null"),
        ("string", '"unexpected"'),
        ("number", "42"),
        ("object", '{"unexpected": true}'),
        ("list", '[1, "two", null, [3]]'),
    ],
)
async def test_wrong_bodies(wire: Wire, simulator: Simulator, session: str, kind: str, text: str) -> None:
    """Status 200, but not what the API promises."""
    simulator.faults.body = kind
    answer = await wire.read(session)
    assert (answer.status, answer.text) == (200, text)


async def test_bodies_that_are_damaged(wire: Wire, simulator: Simulator, account: Account, session: str) -> None:
    """Truncated JSON, a page, an id without its quotes, anything at all."""
    whole = (await wire.read(session)).text
    simulator.faults.body = Limited("truncated", calls=1)
    assert (await wire.read(session)).text == whole[: len(whole) // 2]
    simulator.faults.body = Limited("html", calls=1)
    assert "<html>" in (await wire.read(session)).text
    simulator.faults.body = Limited("unquoted", calls=1)
    assert (await wire.authenticate()).text == account.account_id
    simulator.faults.raw_body = "\x00\xff"
    simulator.faults.content_type = "application/octet-stream"
    answer = await wire.read(session)
    assert (answer.text, answer.headers["Content-Type"]) == ("\x00\xff", "application/octet-stream")


async def test_unknown_codes(wire: Wire, simulator: Simulator, session: str) -> None:
    """A fault object with any code and message."""
    simulator.faults.fault_code = "SomethingNew"
    answer = await wire.read(session)
    assert (answer.status, answer.code) == (500, "SomethingNew")
    assert answer.fault["Message"] == "Error in the application."
    simulator.faults.fault_message = "Out of order"
    assert (await wire.authenticate()).fault["Message"] == "Out of order"


@pytest.mark.parametrize(
    ("kind", "code"),
    [("expired", "SessionNotValid"), ("unknown", "SessionIdNotFound"), ("malformed", "InvalidArgument")],
)
async def test_session_trouble(wire: Wire, simulator: Simulator, session: str, kind: str, code: str) -> None:
    """Right sessions refused, for one call."""
    simulator.faults.session = Limited(kind, calls=1)
    assert (await wire.read(session)).code == code
    assert (await wire.read(session)).status == 200


async def test_right_session_taken_for_nil(wire: Wire, simulator: Simulator, session: str) -> None:
    """An empty body instead of a list."""
    simulator.faults.session = "nil"
    assert (await wire.read(session)).text == ""


async def test_sub_code_formats(wire: Wire, simulator: Simulator, account: Account, session: str) -> None:
    """.NET XML, Java XML and JSON; the .NET generation had its own words for a dead session."""
    account.end_sessions()
    simulator.faults.subcode_format = 1
    old = (await wire.read(session)).fault
    assert old["Message"] == "Error in the application."
    assert 'DateThrown="2026-03-14 09:26:53.5890002+00:00"' in old["SubCode"]
    assert "Dexcom.Common.OnlineException: Error in the application." in old["SubCode"]
    assert old["SubCode"].startswith("<OnlineException DateThrownLocal=")
    simulator.faults.subcode_format = 2
    java = (await wire.read(session)).fault["SubCode"]
    assert 'DateThrown="2026-03-14T09:26:53.589000' in java
    assert java.endswith(" />")
    simulator.faults.subcode_format = 3
    document = json.loads((await wire.authenticate(password="wrong")).fault["SubCode"])["OnlineException"]
    assert (document["ErrorCode"], document["Type"], document["Category"], document["Severity"]) == (
        "AccountPasswordInvalid",
        13,
        4,
        1,
    )
    assert (document["TypeString"], document["SeverityString"]) == ("InvalidPassword", "Minor")
    assert not document["Id"].startswith("{")


async def test_server_clock(wire: Wire, simulator: Simulator, session: str) -> None:
    """`Date` comes from the clock; a wrong one shows in every stamp, or in the header alone."""
    answer = await wire.read(session, count=1)
    assert answer.headers["Date"] == "Sat, 14 Mar 2026 09:26:53 GMT"
    simulator.faults.date_header_skew_seconds = 60
    skewed = await wire.read(session, count=1)
    assert (skewed.headers["Date"], skewed.text) == ("Sat, 14 Mar 2026 09:27:53 GMT", answer.text)
    simulator.faults.clock_skew_seconds = -120
    skewed = await wire.read(session, count=1)
    assert skewed.headers["Date"] == "Sat, 14 Mar 2026 09:25:53 GMT"
    assert "Date(1773480293589)" in skewed.text
    simulator.faults.clock_skew_seconds = Limited(-120, calls=2)
    system_time = await wire.call("General/SystemUtcTime", method="GET")
    assert system_time.json == {"DateTime": "/Date(1773480293589)/", "OffsetMinutes": 0}
    assert "T09:24:53" in (await wire.authenticate(password="wrong")).fault["SubCode"]


async def test_limits_by_endpoint_time_and_account(
    wire: Wire, simulator: Simulator, account: Account, session: str, clock: Clock
) -> None:
    """A switch holds only where all of its limits allow it; uses are counted only then."""
    simulator.add_account("other", "pw")
    limited = Limited(503, calls=1, endpoints={READ.rpartition("/")[2].lower()}, since=START + MINUTE)
    simulator.faults.html_status = limited
    assert (await wire.authenticate()).status == 200
    assert (await wire.read(session)).status == 200
    clock.tick(MINUTE)
    assert limited.calls == 1
    assert (await wire.read(session)).status == 503
    assert (await wire.read(session)).status == 200
    simulator.faults.html_status = None
    account.faults.html_status = Limited(502, until=START + timedelta(minutes=2))
    assert (await wire.read(session)).status == 502
    assert (await wire.authenticate()).status == 502
    assert (await wire.authenticate("other", "pw")).status == 200
    clock.tick(MINUTE)
    assert (await wire.read(session)).status == 200


async def test_calls_are_on_record_without_secrets(
    wire: Wire, simulator: Simulator, account: Account, session: str
) -> None:
    """One entry a call, in order: what, when, about whom, how it ended."""
    simulator.calls.clear()
    await wire.authenticate(password="very secret")
    await wire.login(account.account_id)
    await wire.read(session, 10, 1)
    await wire.call("Nowhere")
    assert simulator.endpoints_called == [
        "AuthenticatePublisherAccount",
        "LoginPublisherAccountById",
        "ReadPublisherLatestGlucoseValues",
        "Nowhere",
    ]
    assert simulator.logins == 1
    assert [(call.status, call.code, call.account) for call in simulator.calls] == [
        (500, "AccountPasswordInvalid", NAME),
        (200, None, NAME),
        (200, None, NAME),
        (404, "ResourceNotFound", None),
    ]
    read = simulator.calls[2]
    assert (read.method, read.parameters, read.time) == ("POST", {"minutes": "10", "maxCount": "1"}, START)
    for secret in ("very secret", session):
        assert secret not in repr(simulator.calls)
