"""Where readings come from: lists, traces, made-up days, worlds that run faster."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from simulator import ListSource, MadeUpSource, Record, SpedUpSource, TraceError, TraceSource
from simulator.records import trend_of, with_trends

from .conftest import MINUTE, START

DAY = timedelta(days=1)
EARLY = START - 1000 * DAY


def told(records: Sequence[Record]) -> list[tuple[float, int]]:
    """Return minutes from the start and values."""
    return [((record.time - START) / MINUTE, record.value) for record in records]


@pytest.mark.parametrize(
    ("rate", "trend"),
    [
        (3, "DoubleUp"),
        (2.99, "SingleUp"),
        (2, "SingleUp"),
        (1, "FortyFiveUp"),
        (0.99, "Flat"),
        (-0.99, "Flat"),
        (-1, "FortyFiveDown"),
        (-2, "SingleDown"),
        (-2.99, "SingleDown"),
        (-3, "DoubleDown"),
        (-30, "DoubleDown"),
    ],
)
def test_trend_of_a_rate(rate: float, trend: str) -> None:
    """The limits are 1, 2 and 3 mg/dL per minute."""
    assert trend_of(rate) == trend


def test_trends_come_from_the_values() -> None:
    """From the reading before, when at most one is missing between; a second one at the same time has the same one."""
    minutes_and_values = [(0, 100), (5, 100), (10, 110), (10, 90), (20, 140), (32, 140), (37, 125)]
    rows = [(START + minutes * MINUTE, value) for minutes, value in minutes_and_values]
    assert [record.trend for record in with_trends(rows)] == [
        "NotComputable",
        "Flat",
        "SingleUp",
        "SingleDown",
        "DoubleUp",
        "NotComputable",
        "DoubleDown",
    ]


def test_list_keeps_its_order() -> None:
    """By time; of two at the same time the one that was there first comes first."""
    source = ListSource([Record(time=START + MINUTE, value=2), Record(time=START, value=1)])
    source.add(Record(time=START, value=3))
    assert told(source.between(EARLY, START + DAY)) == [(0, 1), (0, 3), (1, 2)]
    assert told(source.between(START, START + MINUTE)) == [(1, 2)]


TRACE = [(0, 100.0), (5, 101.4), (5, 103.0), (20, 98.6), (25, 95.0)]
"""Minutes and values, with two at the same time and a gap."""


def trace(end: datetime = START) -> TraceSource:
    """Return a short trace that ends at a time."""
    return TraceSource([(EARLY + minutes * MINUTE, value) for minutes, value in TRACE], end=end)


def test_trace_ends_where_it_should() -> None:
    """The past is the trace: values in whole mg/dL, order and spacings, nothing before it."""
    assert told(trace().between(EARLY, START)) == [(-25, 100), (-20, 101), (-20, 103), (-5, 99), (0, 95)]


def test_trace_is_played_again() -> None:
    """One usual spacing after its end it begins anew, again and again."""
    again = [(5.0, 100), (10.0, 101), (10.0, 103), (25.0, 99), (30.0, 95)]
    assert told(trace().between(START, START + 30 * MINUTE)) == again
    assert told(trace().between(START + 10 * MINUTE, START + 35 * MINUTE)) == [*again[3:], (35, 100)]
    third = trace().between(START + 60 * MINUTE, START + 90 * MINUTE)
    assert told(third) == [(minutes + 60, value) for minutes, value in again]


@pytest.mark.parametrize("step_minutes", [1, 7, 40, 1000])
def test_slices_join_without_loss(step_minutes: int) -> None:
    """However the time is cut, every reading comes once."""
    for source in (trace(), MadeUpSource(5), SpedUpSource(trace(), start=START - 10 * MINUTE, speed=7)):
        begin, end = START - 40 * MINUTE, START + 960 * MINUTE
        whole = list(source.between(begin, end))
        pieces: list[Record] = []
        time = begin
        while time < end:
            pieces += source.between(time, min(end, time + step_minutes * MINUTE))
            time += step_minutes * MINUTE
        assert pieces == whole


def test_trace_of_one_reading() -> None:
    """It comes every five minutes."""
    source = TraceSource([(EARLY, 100)], end=START)
    assert told(source.between(EARLY, START + 10 * MINUTE)) == [(0, 100), (5, 100), (10, 100)]


def test_file_is_read(tmp_path: Path) -> None:
    """Times without zone are UTC, zones are heeded, lines may be empty, LOW and HIGH are words."""
    path = tmp_path / "trace.csv"
    path.write_text(
        "\ufefftimestamp,glucose_value_mg_dl\n2026-03-14 09:00:00,Low\n\n2026-03-14T10:05:00+01:00,120.5\n"
        "2026-03-14 09:10:00.250,HIGH\n"
    )
    records = TraceSource.from_file(path, end=datetime(2026, 3, 14, 9, 10, 0, 250000, UTC)).between(EARLY, START)
    assert [(f"{record.time:%T.%f}", record.value) for record in records[:3]] == [
        ("09:00:00.000000", 39),
        ("09:05:00.000000", 120),
        ("09:10:00.250000", 401),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "first line"),
        ("time,value\n", "first line"),
        ("timestamp,glucose_value_mg_dl\n", "no readings"),
        ("timestamp,glucose_value_mg_dl\n2026-03-14,100\nyesterday,5\n", "line 3"),
        ("timestamp,glucose_value_mg_dl\n2026-03-14,nan\n", "line 2"),
        ("timestamp,glucose_value_mg_dl\n2026-03-14\n", "line 2"),
        ("timestamp,glucose_value_mg_dl\n2026-03-14,-4\n", "line 2"),
    ],
)
def test_bad_file_is_named(tmp_path: Path, text: str, reason: str) -> None:
    """The message says which file, where and why."""
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(TraceError, match=reason) as caught:
        TraceSource.from_file(path, end=START)
    assert str(path) in str(caught.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    """Likewise."""
    with pytest.raises(TraceError, match="No such file"):
        TraceSource.from_file(tmp_path / "none.csv", end=START)


def test_made_up_days_depend_on_the_seed_alone() -> None:
    """Not on when or how they are asked for."""
    first = MadeUpSource(1)
    first.between(START + 50 * DAY, START + 60 * DAY)
    assert first.between(START, START + 3 * DAY) == MadeUpSource(1).between(START, START + 3 * DAY)
    assert first.between(START, START + DAY) != MadeUpSource(2).between(START, START + DAY)


@pytest.mark.parametrize("seed", range(4))
def test_made_up_days_are_plausible(seed: int) -> None:
    """What a sensor can show, mostly in range, with lows and highs; about 299.6 s apart with milliseconds; gaps."""
    records = MadeUpSource(seed).between(START, START + 60 * DAY)
    values = [record.value for record in records]
    assert 39 <= min(values) < 60
    assert 250 < max(values) <= 401
    assert 0.6 < sum(70 <= value <= 180 for value in values) / len(values) < 0.95
    assert 0.005 < sum(value < 70 for value in values) / len(values) < 0.08
    steps = [(after.time - before.time).total_seconds() for before, after in pairwise(records)]
    usual = [step for step in steps if step < 310]
    assert min(usual) > 299.4
    assert max(usual) < 299.9
    assert 0.98 < len(usual) / len(steps) < 1
    assert 700 < max(steps) < 6000
    assert len({record.time.microsecond for record in records}) > 100
    assert {record.trend for record in records} >= {"DoubleUp", "Flat", "SingleDown", "NotComputable"}
    changes = [abs(after - before) for (before, after), step in zip(pairwise(values), steps, strict=True) if step < 310]
    assert max(changes) < 45


def test_nothing_is_lost_around_the_start() -> None:
    """A fresh simulator has current readings."""
    for hours in range(0, 24 * 40, 29):
        calm = START + timedelta(hours=hours)
        records = MadeUpSource(3, calm=calm).between(calm - 170 * MINUTE, calm + 170 * MINUTE)
        steps = [after.time - before.time for before, after in pairwise(records)]
        # Only the change of a sensor, with its warm-up, is not put off.
        assert sum(step > 10 * MINUTE for step in steps) <= 1
        assert max(steps) < 40 * MINUTE


def test_meals_follow_the_wearers_clock() -> None:
    """The same person on the other side of the world has the same days at other hours."""
    here, there = MadeUpSource(1), MadeUpSource(1, time_zone=ZoneInfo("Asia/Tokyo"))
    night = [record.value for record in here.between(START, START + DAY)]
    assert night != [record.value for record in there.between(START, START + DAY)]


def test_speed_brings_readings_sooner() -> None:
    """From the start on spacings and delays shrink; the past keeps them; nothing lies in the future."""
    records = [
        Record(time=START + 5 * number * MINUTE, value=100 + number, available_at=START + (5 * number + 2) * MINUTE)
        for number in range(-2, 4)
    ]
    source = SpedUpSource(ListSource(records), start=START, speed=60)
    found = source.between(EARLY, START + timedelta(seconds=10))
    assert told(found) == [(-10, 98), (-5, 99), (0, 100), (5 / 60, 101), (10 / 60, 102)]
    assert found[-1].available == START + timedelta(seconds=12)
    assert found[0].available == START - 8 * MINUTE
    plain = SpedUpSource(ListSource([Record(time=START + MINUTE, value=1)]), start=START, speed=2)
    assert plain.between(START, START + MINUTE)[0].available_at is None
