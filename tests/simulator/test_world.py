"""The simulator as a whole: time, seeds, several people, and readings as a client meets them.

Also tests `clock.py` and `dice.py`.
"""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from simulator import Limited, Record, ShiftedClock, Simulator, TraceSource

from .conftest import MINUTE, START, Clock

TRACES = sorted(Path(__file__).parents[2].parent.joinpath("shared", "cgm").glob("*.csv"))
DAY = timedelta(days=1)


def test_same_seed_and_clock_give_the_same_world() -> None:
    """Ids, readings, delays; another seed or name gives other people."""

    def world(seed: int, name: str = "anna") -> tuple[str, list[Record]]:
        account = Simulator(clock=lambda: START, seed=seed).add_account(name, "pw")
        return account.account_id, account.records(START - DAY, START + DAY)

    assert world(1) == world(1)
    assert world(1) != world(2)
    assert world(1)[1] != world(1, "ben")[1]


def test_readings_come_with_their_delays(clock: Clock) -> None:
    """A new reading is available after its upload; without latency at once."""
    delayed = Simulator(clock=clock, seed=1).add_account("anna", "pw")
    instant = Simulator(clock=clock, seed=1, latency=False).add_account("anna", "pw")
    assert delayed.available(START - DAY, START) == instant.available(START - DAY, START)
    clock.tick(DAY)
    upcoming = delayed.records(START, clock.time)
    assert all(record.available >= record.time + timedelta(seconds=8) for record in upcoming)
    assert all(record.available == record.time for record in instant.records(START, clock.time))
    one = next(record for record in upcoming if record.available < record.time + MINUTE)
    assert one not in delayed.available(START, one.available - timedelta(milliseconds=1))
    assert one in delayed.available(START, one.available)


def test_whole_world_moves_forward(simulator: Simulator) -> None:
    """Never backward; the clock itself is not touched."""
    simulator.advance(timedelta(hours=2))
    assert simulator.now() == START + timedelta(hours=2)
    with pytest.raises(ValueError, match="forward"):
        simulator.advance(-MINUTE)


def test_time_is_utc() -> None:
    """Whatever zone the clock has."""
    clock = ShiftedClock(lambda: START.astimezone(ZoneInfo("Asia/Tokyo")))
    assert str(clock()) == str(START)


def test_real_clock_is_the_default() -> None:
    """Made-up readings of the last minutes are there."""
    simulator = Simulator(latency=False)
    account = simulator.add_account("anna", "pw")
    assert abs(simulator.now() - datetime.now().astimezone()) < MINUTE
    assert account.latest(simulator.now() - DAY, simulator.now(), 1)


async def test_by_time_switches_reach_those_who_ask_in_process(simulator: Simulator) -> None:
    """`available` knows the switches of the account, and those of the simulator where they are given."""
    account = simulator.accounts[0]
    account.add_reading(START, 100)
    simulator.faults.offline = Limited(True, since=START)
    assert len(account.available(START - DAY, START)) == 1
    assert account.available(START - DAY, START, (simulator.faults,)) == []


@pytest.mark.parametrize("path", TRACES or [pytest.param(None, marks=pytest.mark.skip("no recorded traces"))])
def test_recorded_traces_come_back_unchanged(path: Path) -> None:
    """Values in whole mg/dL, order and spacings of real traces, through the account, the newest one now."""
    rows = [line.split(",") for line in path.read_text().splitlines()[1:]]
    times = [datetime.fromisoformat(f"{time}+00:00") for time, _ in rows]
    simulator = Simulator(clock=lambda: START)
    source = simulator.delayed(TraceSource.from_file(path, end=START), "anna")
    account = simulator.add_account("anna", "pw", source=source)
    found = account.available(START - 400 * DAY, START)
    assert [record.value for record in found] == [round(float(value)) for _, value in rows]
    assert [record.time for record in found] == [time - times[-1] + START for time in times]
    assert account.latest(START - 2 * DAY, START, 200) == found[-200:]
    following = account.records(START, START + 3 * DAY)
    period = following[0].time - found[0].time
    assert [(record.time - period, record.value) for record in following[:500]] == [
        (record.time, record.value) for record in found[:500]
    ]
