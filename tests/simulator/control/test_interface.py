"""The control interface: the simulator changed from outside.

Also tests `control/documents.py` and `control/input.py`.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
import re

import pytest

from simulator import Account, Limited, Simulator, State
from simulator.switches import SWITCHES
from simulator.wire import Json

from ..conftest import NAME, NIL, START, Clock, Wire

README = Path(__file__).parents[3] / "simulator" / "README.md"


async def state(wire: Wire, path: str = "state") -> dict[str, Json]:
    """Return the state of the world."""
    value = (await wire.control(path)).json
    assert isinstance(value, dict)
    return value


async def test_state_shows_everything(wire: Wire, simulator: Simulator, account: Account, session: str) -> None:
    """Clock, settings, accounts with their followers and newest reading; no passwords, no session ids."""
    simulator.faults.html_status = Limited(503, calls=2)
    shown = await state(wire)
    assert shown["now"] == "2026-03-14T09:26:53.589+00:00"
    assert shown["calls"] == 1
    assert shown["faults"] == {"html_status": {"value": 503, "calls": 2}}
    accounts = shown["accounts"]
    assert isinstance(accounts, list)
    person = accounts[0]
    assert isinstance(person, dict)
    assert (person["account_id"], person["name"], person["sessions"]) == (account.account_id, NAME, 1)
    assert person["newest"] == [{"time": "2026-03-14T09:26:53.589+00:00", "value": 111, "trend": "Flat"}]
    followers = person["followers"]
    assert isinstance(followers, list)
    assert isinstance(followers[0], dict)
    assert (followers[0]["name"], followers[0]["state"]) == ("Follower", "Active")
    text = (await wire.call("", method="GET", base="/_simulator")).text
    assert account.password not in text
    assert session not in text
    account.lock(START)
    assert "2026-03-14" in str((await state(wire, ""))["accounts"])


async def test_control_calls_are_no_calls(wire: Wire, simulator: Simulator) -> None:
    """The list of calls is about Share alone."""
    await state(wire)
    assert simulator.calls == []


async def test_calls_are_shown_and_forgotten(wire: Wire, clock: Clock) -> None:
    """All, or those later than a time."""
    await wire.authenticate()
    clock.tick(timedelta(seconds=1))
    await wire.authenticate(password="wrong")
    calls = (await wire.control("calls")).json
    assert isinstance(calls, list)
    assert len(calls) == 2
    later = (await wire.control("calls", since="2026-03-14T09:26:53.589")).json
    assert later == calls[1:]
    assert isinstance(calls[1], dict)
    assert (calls[1]["endpoint"], calls[1]["status"], calls[1]["code"], calls[1]["account"]) == (
        "AuthenticatePublisherAccount",
        500,
        "AccountPasswordInvalid",
        NAME,
    )
    assert (await wire.control("calls", method="DELETE")).json == {"forgotten": 2}
    assert (await wire.control("calls")).json == []


async def test_faults_are_set_and_merged(wire: Wire, simulator: Simulator, session: str) -> None:
    """PUT turns all others off, PATCH leaves them, null turns one off; limits count down in the open."""
    put = await wire.control("faults", {"html_status": 503, "trend_as": "int"}, method="PUT")
    assert put.json == {"html_status": 503, "trend_as": "int"}
    assert (await wire.read(session)).status == 503
    limited = {"value": 429, "calls": 2, "endpoints": ["ReadPublisherLatestGlucoseValues"], "probability": 1}
    patched = await wire.control("faults", {"html_status": limited, "trend_as": None}, method="PATCH")
    assert patched.json == {"html_status": limited}
    await wire.read(session)
    assert (await wire.control("faults")).json == {"html_status": {**limited, "calls": 1}}
    assert (await wire.control("faults", {}, method="PUT")).json == {}
    assert simulator.faults.html_status is None


async def test_faults_of_one_account(wire: Wire, simulator: Simulator, account: Account) -> None:
    """Named in the query, by name or id."""
    simulator.add_account("other", "pw")
    await wire.control("faults", {"nil_id": True}, method="PATCH", account="other")
    assert account.faults.nil_id is None
    assert (await wire.authenticate("other", "pw")).json == NIL
    assert (await wire.control("faults", account="other")).json == {"nil_id": True}
    assert (await wire.control("faults", account=account.account_id)).json == {}


async def test_limits_in_time(wire: Wire, simulator: Simulator) -> None:
    """By two times, or for some seconds from now."""
    await wire.control(
        "faults",
        {
            "empty_list": {"value": True, "since": "2026-03-14T10:00:00Z", "until": "2026-03-14T12:00:00+01:00"},
            "delay_seconds": {"value": 2.5, "for_seconds": 60},
        },
        method="PUT",
    )
    assert simulator.faults.empty_list == Limited(
        True,
        since=START.replace(hour=10, minute=0, second=0, microsecond=0),
        until=START.replace(hour=11, minute=0, second=0, microsecond=0),
    )
    assert simulator.faults.delay_seconds == Limited(2.5, until=START + timedelta(minutes=1))


async def test_switches_of_readings_begin_now(wire: Wire, account: Account, session: str, clock: Clock) -> None:
    """So the past stays as it was, unless a time is named."""
    clock.tick(timedelta(seconds=1))
    account.add_reading(clock.time, 120)
    await wire.control("faults", {"value": 39, "trend": {"value": "None", "since": "2026-03-14"}}, method="PUT")
    elements = await wire.readings(session, count=2)
    assert [(element["Value"], element["Trend"]) for element in elements] == [(39, "None"), (111, "None")]


@pytest.mark.parametrize("name", SWITCHES)
async def test_every_switch_can_be_set(wire: Wire, simulator: Simulator, name: str) -> None:
    """With a plain value of its kind, which is the value that counts."""
    kind = SWITCHES[name]
    examples: dict[type, Json] = {bool: True, int: 300, float: 1.5, str: "text"}
    value = examples[kind.type]
    if kind.choices:
        value = kind.choices[-1]  # type: ignore[assignment]
    answer = await wire.control("faults", {name: value}, method="PUT")
    assert answer.status == 200
    setting = getattr(simulator.faults, name)
    assert (setting.value if kind.by_time else setting) == value
    assert isinstance(setting, Limited) == kind.by_time
    wrong: list[Json] = [[], {}, {"value": value, "more": 1}]
    wrong += ["text"] if kind.type is not str or kind.choices else []
    wrong += [float("1e300")] if kind.type in {int, float} else []
    for bad in wrong:
        refused = await wire.control("faults", {name: bad}, method="PUT")
        assert refused.status == 400, bad
        assert "error" in (refused.json if isinstance(refused.json, dict) else {})
    assert getattr(simulator.faults, name) == setting


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        ({"nonsense": 1}, "no switch"),
        ({"html_status": {"calls": 1}}, "lacks its `value`"),
        ({"html_status": {"value": 503, "calls": 0}}, "calls"),
        ({"html_status": {"value": 503, "calls": True}}, "calls"),
        ({"html_status": {"value": 503, "endpoints": "Read"}}, "endpoints"),
        ({"html_status": {"value": 503, "endpoints": [1]}}, "endpoints"),
        ({"html_status": {"value": 503, "since": "yesterday"}}, "since"),
        ({"html_status": {"value": 503, "since": "0001-01-01T00:00+14:00"}}, "since"),
        ({"html_status": {"value": 503, "since": 5}}, "since"),
        ({"html_status": {"value": 503, "probability": 2}}, "probability"),
        ({"html_status": {"value": 503, "probability": []}}, "probability"),
        ({"html_status": {"value": 503, "for_seconds": "x"}}, "for_seconds"),
        ({"html_status": 503.5}, "whole number"),
        ({"empty_list": 1}, "true or false"),
        ({"subcode_format": True}, "one of 1, 2, 3"),
        ({"redirect": "a\r\nb"}, "not a text"),
        ({"value": {"value": 39, "calls": 3}}, "goes by the time"),
    ],
)
async def test_bad_faults_are_explained(
    wire: Wire, simulator: Simulator, faults: Mapping[str, Json], reason: str
) -> None:
    """With 400 and a sentence; nothing of the request is set."""
    answer = await wire.control("faults", {"trend_as": "int", **faults}, method="PATCH")
    assert answer.status == 400
    assert reason in answer.fault["error"]
    assert simulator.faults.trend_as is None


async def test_pause_may_be_a_number(wire: Wire, simulator: Simulator) -> None:
    """A header is text in the end."""
    await wire.control("faults", {"retry_after": 30}, method="PATCH")
    assert simulator.faults.retry_after == "30"


async def test_settings(wire: Wire, simulator: Simulator) -> None:
    """What nobody knows of the real server."""
    answer = await wire.control("settings", {"session_life_seconds": 60, "login_attempts": 3}, method="PATCH")
    assert answer.json == {"session_life_seconds": 60, "login_attempts": 3, "lock_seconds": 600}
    await wire.control("settings", {"lock_seconds": 5}, method="PATCH")
    settings = simulator.settings
    assert (settings.session_life, settings.login_attempts, settings.lock_duration) == (
        timedelta(minutes=1),
        3,
        timedelta(seconds=5),
    )


async def test_accounts_are_added(wire: Wire, simulator: Simulator) -> None:
    """With made-up days, or empty; each name once."""
    body = {"name": "ben", "password": "a:b", "region": "ous", "display_name": "Ben", "time_zone": "Europe/Berlin"}
    answer = await wire.control("accounts", body, method="POST")
    assert answer.status == 200
    ben = simulator.account_by_name("ben")
    assert ben is not None
    assert (ben.password, ben.region, ben.display_name, str(ben.time_zone)) == ("a:b", "ous", "Ben", "Europe/Berlin")
    assert ben.latest(START - timedelta(days=1), START, 1)
    await wire.control("accounts", {"name": "carla", "password": "pw", "empty": True}, method="POST")
    carla = simulator.account_by_name("carla")
    assert carla is not None
    assert (carla.latest(START - timedelta(days=1), START, 1), carla.region) == ([], "any")
    assert (await wire.control("accounts", body, method="POST")).status == 400


async def test_readings_are_added(wire: Wire, account: Account, session: str) -> None:
    """Now, some minutes ago, at a time, there at once or later; never in the future."""
    await wire.control("readings", {"value": 55, "trend": "DoubleDown"}, method="POST")
    await wire.control("readings", {"value": 54, "minutes_ago": 1}, method="POST")
    await wire.control("readings", {"value": 53, "time": "2026-03-14T09:25:00Z"}, method="POST")
    late = {"value": 52, "time": "2026-03-14T09:26:50Z", "available_at": "2026-03-14T09:30:00Z"}
    await wire.control("readings", late, method="POST")
    elements = await wire.readings(session, count=4)
    assert [element["Value"] for element in elements] == [55, 111, 54, 53]
    assert elements[0]["Trend"] == "DoubleDown"
    answer = await wire.control("readings", {"value": 50, "time": "2026-03-14T09:30:00Z"}, method="POST")
    assert "future" in answer.fault["error"]


async def test_followers_come_and_go(wire: Wire, account: Account) -> None:
    """Somebody appears and leaves; an invited one accepts, declines or is too late."""

    async def change(action: str, name: str) -> str:
        answer = await wire.control("followers", {"action": action, "name": name}, method="POST")
        value = answer.json
        assert isinstance(value, dict)
        return str(value.get("error") or value["state"])

    assert await change("add", "Ben") == "Active"
    assert "already exists" in await change("add", "Ben")
    assert await change("leave", "Ben") == "CanceledBySubscriber"
    for action, result in (("accept", "Active"), ("decline", "InviteRejected"), ("expire", "InviteExpired")):
        account.followers.add(action, START, state=State.INVITE_WAITING)
        assert await change(action, action) == result
    assert "needs the state InviteWaiting" in await change("accept", "accept")
    assert "nobody of the name" in await change("accept", "Dora")


async def test_sharing_sessions_and_locks(wire: Wire, account: Account, session: str, clock: Clock) -> None:
    """The wearer's switch, dead sessions, locked accounts."""
    assert (await wire.control("sharing", {"on": False}, method="POST")).json == {"on": False}
    assert not account.sharing
    assert (await wire.control("sharing", method="POST", on="true")).json == {"on": True}
    assert (await wire.control("sharing", {"on": 1}, method="POST")).status == 400
    assert (await wire.control("sessions", method="DELETE")).json == {"ended": 1}
    assert (await wire.read(session)).code == "SessionNotValid"
    await wire.control("sessions", method="DELETE", forget="true")
    assert (await wire.read(session)).code == "SessionIdNotFound"
    await wire.control("lock", {"seconds": 5}, method="POST")
    assert account.locked_until == START + timedelta(seconds=5)
    await wire.control("lock", method="POST")
    assert (await wire.authenticate()).code == "SSO_AuthenticateMaxAttemptsExceeed"
    await wire.control("lock", method="DELETE")
    assert (await wire.authenticate()).status == 200


async def test_time_moves_forward(wire: Wire, simulator: Simulator) -> None:
    """The whole world does."""
    answer = await wire.control("time", {"advance_seconds": 86400}, method="POST")
    assert answer.json == {"now": "2026-03-15T09:26:53.589+00:00"}
    assert simulator.now() == START + timedelta(days=1)
    for bad in ({"advance_seconds": -1}, {}, {"advance_seconds": 1, "more": 1}):
        assert (await wire.control("time", bad, method="POST")).status == 400


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "reason"),
    [
        ("GET", "nothing", None, 404, "only accounts, calls"),
        ("PUT", "time", None, 405, "takes POST"),
        ("POST", "time", "text", 400, "not a JSON object"),
        ("POST", "readings", {}, 400, "`value` is missing"),
        ("POST", "readings", {"value": 1, "trend": "Up"}, 400, "not one of None"),
        ("POST", "readings", {"value": 1, "account": "nobody"}, 400, "no account 'nobody'"),
        ("POST", "accounts", {"name": "x"}, 400, "`password` is missing"),
        ("POST", "accounts", {"name": 5, "password": "x"}, 400, "`name` is not a text"),
        ("POST", "accounts", {"name": "x", "password": "x", "region": "eu"}, 400, "not one of us"),
        ("POST", "accounts", {"name": "x", "password": "x", "time_zone": "Mars"}, 400, "not a time zone"),
        ("POST", "followers", {"name": "x"}, 400, "not one of add"),
    ],
)
async def test_bad_input_is_explained(
    wire: Wire, method: str, path: str, body: object, status: int, reason: str
) -> None:
    """A status that fits and a sentence."""
    answer = await wire.control(path, body, method=method)
    assert answer.status == status
    assert reason in answer.fault["error"]


async def test_account_must_be_named_among_several(wire: Wire, simulator: Simulator) -> None:
    """The only one goes without saying."""
    simulator.add_account("other", "pw")
    assert "say which" in (await wire.control("readings", {"value": 1}, method="POST")).fault["error"]


async def test_body_must_be_json(wire: Wire) -> None:
    """Anything else is explained."""
    response = await wire.client.put("/_simulator/faults", data="{")
    assert response.status == 400
    assert (await response.json()) == {"error": "the body is not JSON"}


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:8123", 200),
        ("http://localhost:8123", 200),
        ("http://[::1]", 200),
        ("https://evil.example", 403),
        ("null", 403),
        ("http://192.168.1.1", 403),
    ],
)
async def test_foreign_pages_are_kept_out(wire: Wire, origin: str, status: int) -> None:
    """A web page from elsewhere can't reach into the simulator."""
    answer = await wire.call("faults", method="GET", base="/_simulator/", headers={"Origin": origin})
    assert answer.status == status


def test_readme_tells_of_every_switch() -> None:
    """With the very words of the description."""
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]* \| (.*) \|$", README.read_text(), re.MULTILINE))
    assert {name: kind.help for name, kind in SWITCHES.items()} == rows
