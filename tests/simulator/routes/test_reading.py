"""The read call: which readings, in which form."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from simulator import Account, Limited, ListSource, Record, Simulator, State
from simulator.followers import ALERT_SETTINGS

from ..conftest import MINUTE, NIL, READ, START, Clock, Wire

START_MS = 1773480413589


async def test_newest_first_in_the_recorded_form(wire: Wire, account: Account, session: str) -> None:
    """The keys come in the order of the wire, without blanks; the answer comes in chunks."""
    answer = await wire.read(session, count=2)
    assert answer.text == (
        f'[{{"WT":"Date({START_MS})","ST":"Date({START_MS})","DT":"Date({START_MS}+0000)","Value":111,"Trend":"Flat"}},'
        f'{{"WT":"Date({START_MS - 300_000})","ST":"Date({START_MS - 300_000})",'
        f'"DT":"Date({START_MS - 300_000}+0000)","Value":110,"Trend":"Flat"}}]'
    )
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in answer.headers


@pytest.mark.parametrize(
    ("minutes", "count", "expected"),
    [(1440, 288, 12), (1440, 3, 3), (10, 288, 3), (9, 288, 2), (0, 10, 0), (10, 0, 0), (-5, 10, 0), (10, -1, 0)],
)
async def test_minutes_and_count_limit_the_list(
    wire: Wire, session: str, minutes: int, count: int, expected: int
) -> None:
    """The newest ones of the last minutes; a reading exactly that old still counts; nothing for zero and below."""
    values = [element["Value"] for element in await wire.readings(session, minutes, count)]
    assert values == [111 - number for number in range(expected)]


async def test_more_than_a_day_is_a_day(wire: Wire, simulator: Simulator) -> None:
    """More minutes than a day has, and more readings than two devices take in one, are cut without a word."""
    records = [Record(time=START - number * MINUTE, value=100) for number in range(2000)]
    account = simulator.add_account("much", "pw", source=ListSource(records))
    session = await wire.session(account)
    assert len(await wire.readings(session, 2880, 576)) == 576
    assert len(await wire.readings(session, 1440, 1440)) == 576
    sparse = simulator.add_account("sparse", "pw", source=ListSource(records[::20]))
    assert len(await wire.readings(await wire.session(sparse), 2880, 576)) == 73


async def test_get_and_post_query_and_body_numbers_and_texts(wire: Wire, session: str) -> None:
    """All the ways that clients ask get the same answer."""
    expected = (await wire.read(session, 60, 2)).text
    for answer in (
        await wire.call(READ, method="GET", sessionId=session, minutes=60, maxCount=2),
        await wire.call(READ, "", sessionID=session, minutes=60, maxcount=2),
        await wire.call(READ, None, sessionId=session.upper(), MINUTES="60", maxCount="2", applicationId=NIL),
        await wire.call(READ, {"sessionId": session, "minutes": 60, "maxCount": 2}),
        await wire.call(READ, {"SessionID": session, "minutes": "60", "maxCount": "2", "direction": "up"}),
    ):
        assert (answer.status, answer.text) == (200, expected)


@pytest.mark.parametrize("session_id", ["bad-session-id", "1"])
async def test_session_must_be_a_uuid(wire: Wire, session_id: str) -> None:
    """The message speaks of a UUID."""
    answer = await wire.read(session_id)
    assert answer.code == "InvalidArgument"
    assert "UUID" in answer.fault["Message"]


async def test_nil_session_gives_nothing_at_all(wire: Wire, session: str) -> None:
    """Status 200 with an empty body, which is no JSON."""
    answer = await wire.read(NIL)
    assert (answer.status, answer.text) == (200, "")


@pytest.mark.parametrize("missing", ["sessionId", "minutes", "maxCount"])
async def test_missing_parameters_are_refused(wire: Wire, session: str, missing: str) -> None:
    """Each of the three is needed."""
    body: dict[str, object] = {"sessionId": session, "minutes": 10, "maxCount": 1}
    del body[missing]
    answer = await wire.call(READ, body)
    assert answer.code == "InvalidArgument"
    assert missing in answer.fault["Message"]


async def test_numbers_must_be_numbers(wire: Wire, session: str) -> None:
    """A word is no number of minutes."""
    assert (await wire.call(READ, {}, sessionId=session, minutes="ten", maxCount=1)).code == "InvalidArgument"


async def test_reading_appears_when_it_is_available(wire: Wire, account: Account, session: str, clock: Clock) -> None:
    """Not before, and never one that lies in the future."""
    account.add_reading(START + MINUTE, 150, "SingleUp", START + 2 * MINUTE)
    account.add_reading(START - 7 * MINUTE, 90, available_at=START + 3 * MINUTE)
    account.add_reading(START + 10 * MINUTE, 200)
    for minutes, newest in ((0, [111, 110]), (1, [111, 110]), (2, [150, 111]), (3, [150, 111])):
        clock.time = START + minutes * MINUTE
        assert [element["Value"] for element in await wire.readings(session, count=2)] == newest
    # Backfill lies at its own time.
    assert [element["Value"] for element in await wire.readings(session, count=4)] == [150, 111, 110, 90]


async def test_latest_looks_as_far_back_as_it_must(wire: Wire, simulator: Simulator) -> None:
    """A few readings of long ago are found."""
    old = [Record(time=START - timedelta(hours=hours), value=hours) for hours in (2, 9, 23, 25)]
    account = simulator.add_account("old", "pw", source=ListSource(old))
    elements = await wire.readings(await wire.session(account), count=10)
    assert [element["Value"] for element in elements] == [2, 9, 23]


@pytest.mark.parametrize("state", [State.INVITE_WAITING, State.ACTIVE, State.PAUSED_BY_PUBLISHER])
async def test_somebody_must_follow(wire: Wire, account: Account, session: str, state: State) -> None:
    """Without a follower or an invitation that waits, Share keeps nothing."""
    account.followers.subscriptions.clear()
    assert await wire.readings(session) == []
    account.followers.add("Ben", START, state=state)
    assert len(await wire.readings(session)) == 12


async def test_expired_invitation_is_no_follower(wire: Wire, account: Account, session: str, clock: Clock) -> None:
    """After seven days the only invitation does not count any more."""
    account.followers.subscriptions.clear()
    contact = account.followers.create_contact("Ben", "ben@example.com", START)
    account.followers.invite(
        contact.contact_id, START, display_name="Anna", permissions=1, alert_settings=ALERT_SETTINGS
    )
    clock.tick(timedelta(hours=23))
    assert len(await wire.readings(session)) == 12
    clock.tick(timedelta(days=6, hours=1))
    account.add_reading(clock.time, 100)
    assert await wire.readings(await wire.session(account)) == []


async def test_sharing_off_shows_nothing(wire: Wire, account: Account, session: str) -> None:
    """Status 200 and an empty list."""
    account.sharing = False
    answer = await wire.read(session)
    assert (answer.status, answer.text) == (200, "[]")


@pytest.mark.parametrize("switch", ["empty_list", "sharing_off", "no_follower"])
async def test_empty_for_some_calls(wire: Wire, simulator: Simulator, session: str, switch: str) -> None:
    """All the causes look the same."""
    setattr(simulator.faults, switch, Limited(True, calls=1))
    assert await wire.readings(session) == []
    assert len(await wire.readings(session)) == 12


async def test_offset_follows_the_wearer(wire: Wire, simulator: Simulator, clock: Clock) -> None:
    """The offset of `DT` is that of the wearer's zone at the reading, summer time included."""
    account = simulator.add_account("ny", "pw", source=ListSource(), time_zone=ZoneInfo("America/New_York"))
    # Summer time began on 8 March 2026 at 07:00 UTC.
    clock.time = START.replace(day=8, hour=7, minute=2)
    for minutes in (0, 5):
        account.add_reading(clock.time - minutes * MINUTE, 100)
    dates = [str(element["DT"])[-6:] for element in await wire.readings(await wire.session(account))]
    assert dates == ["-0400)", "-0500)"]


async def test_travel(wire: Wire, account: Account, session: str) -> None:
    """From a time on the offset is another one; readings before keep theirs, and one of their own goes before."""
    account.add_record(Record(time=START - MINUTE, value=80, utc_offset=timedelta(hours=5, minutes=45)))
    account.faults.utc_offset_minutes = Limited(-570, since=START)
    elements = await wire.readings(session, count=3)
    assert [str(element["DT"])[-6:] for element in elements] == ["-0930)", "+0545)", "+0000)"]
    assert elements[0]["WT"] == f"Date({START_MS})"


async def test_numbers_for_trends(wire: Wire, account: Account, simulator: Simulator, session: str) -> None:
    """The form of before December 2021, for one account or for some calls; it goes back and forth."""
    account.add_reading(START, 90, "DoubleDown")
    simulator.faults.trend_as = "int"
    assert (await wire.readings(session, count=1))[0]["Trend"] == 7
    account.faults.trend_as = Limited("string", calls=1)
    assert (await wire.readings(session, count=1))[0]["Trend"] == "DoubleDown"
    assert (await wire.readings(session, count=1))[0]["Trend"] == 7


async def test_slashes_and_no_wt(wire: Wire, simulator: Simulator, session: str) -> None:
    """Two more variants of the list."""
    simulator.faults.date_slashes = True
    simulator.faults.omit_wt = True
    assert (await wire.readings(session, count=1))[0] == {
        "ST": f"/Date({START_MS})/",
        "DT": f"/Date({START_MS}+0000)/",
        "Value": 111,
        "Trend": "Flat",
    }


async def test_system_time_of_an_old_receiver(wire: Wire, simulator: Simulator, session: str) -> None:
    """`ST` may be hours off while `WT` is right."""
    simulator.faults.system_time_skew_seconds = 3600
    element = (await wire.readings(session, count=1))[0]
    assert (element["WT"], element["ST"]) == (f"Date({START_MS})", f"Date({START_MS + 3_600_000})")


async def test_second_uploader(wire: Wire, simulator: Simulator, session: str) -> None:
    """Every reading comes twice, the second one later by some seconds; none of them lies in the future."""
    simulator.faults.duplicate_after_seconds = 10
    elements = await wire.readings(session)
    times = [int(str(element["WT"])[5:-1]) - START_MS for element in elements[:5]]
    assert times == [0, -290_000, -300_000, -590_000, -600_000]
    assert [element["Value"] for element in elements[:5]] == [111, 110, 110, 109, 109]
    assert len(await wire.readings(session, count=3)) == 3


@pytest.mark.parametrize("shift", [-45, 30])
async def test_reading_comes_back_moved(
    wire: Wire, account: Account, simulator: Simulator, session: str, clock: Clock, shift: int
) -> None:
    """What was served before has another time at the next call, which is never in the future."""
    simulator.faults.shift_seconds = shift
    assert (await wire.readings(session, count=1))[0]["WT"] == f"Date({START_MS})"
    moved = START_MS + min(shift, 20) * 1000
    clock.tick(timedelta(seconds=20))
    account.add_reading(clock.time - timedelta(seconds=1), 150)
    elements = await wire.readings(session, count=2)
    times = {element["Value"]: element["WT"] for element in elements}
    assert times == {150: f"Date({START_MS + 19_000})", 111: f"Date({moved})"}


async def test_stamps_jitter(wire: Wire, simulator: Simulator, session: str) -> None:
    """Milliseconds differ from call to call, within the limit."""
    simulator.faults.jitter_ms = 400
    seen = {int(str((await wire.readings(session, count=2))[1]["WT"])[5:-1]) for _ in range(6)}
    assert len(seen) > 1
    assert all(abs(time - START_MS + 300_000) <= 400 for time in seen)


async def test_broken_readings_between_good_ones(wire: Wire, simulator: Simulator, session: str) -> None:
    """No good one is lost, and the first element is broken."""
    simulator.faults.malformed_readings = True
    answer = await wire.read(session, count=10)
    assert isinstance(answer.json, list)
    assert answer.json[0] == {}
    good = [element for element in answer.json if isinstance(element, dict) and element.get("Value") in range(102, 112)]
    assert [element["Value"] for element in good] == list(range(111, 101, -1))
    assert len(answer.json) == 20


@pytest.mark.parametrize("value", [39, 401, 5])
async def test_values_beyond_the_range(wire: Wire, account: Account, session: str, value: int) -> None:
    """LOW, HIGH and sensor codes, for a while; the readings before stay as they were."""
    account.faults.value = Limited(value, since=START - 5 * MINUTE, until=START)
    account.faults.trend = Limited("NotComputable", since=START)
    elements = await wire.readings(session, count=3)
    assert [element["Value"] for element in elements] == [111, value, 109]
    assert [element["Trend"] for element in elements] == ["NotComputable", "Flat", "Flat"]


async def test_phone_off_line(wire: Wire, account: Account, session: str, clock: Clock) -> None:
    """Nothing comes while it is off line, everything afterwards; what was there stays."""
    account.faults.offline = Limited(True, since=START + MINUTE, until=START + 20 * MINUTE)
    for number in range(1, 6):
        account.add_reading(START + 5 * number * MINUTE, 200 + number)
    clock.time = START + 19 * MINUTE
    assert (await wire.readings(session, count=1))[0]["Value"] == 111
    clock.time = START + 20 * MINUTE
    assert [element["Value"] for element in await wire.readings(session, count=5)] == [204, 203, 202, 201, 111]
    account.faults.offline_loses = True
    clock.time = START + 25 * MINUTE
    assert [element["Value"] for element in await wire.readings(session, count=3)] == [205, 204, 111]


async def test_phone_off_line_for_good(wire: Wire, simulator: Simulator, account: Account, session: str) -> None:
    """A switch without limits holds back everything; that of the account goes before."""
    simulator.faults.offline = True
    assert await wire.readings(session) == []
    account.faults.offline = Limited(False, since=START - 10 * MINUTE)
    assert [element["Value"] for element in await wire.readings(session)] == [111, 110, 109]
    account.faults.offline = False
    assert len(await wire.readings(session)) == 12
    account.faults.offline = Limited(True, since=START)
    simulator.faults.offline = None
    assert (await wire.readings(session, count=1))[0]["Value"] == 110


async def test_memory_of_served_readings_is_bounded(account: Account) -> None:
    """A simulator that runs for months does not grow."""
    for block in range(30):
        account.remember_served(
            [Record(time=START + (288 * block + number) * MINUTE, value=100) for number in range(288)]
        )
    assert len(account.served) < 2400
