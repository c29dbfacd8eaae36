"""Where readings come from: lists, traces, worlds that run faster."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simulator import ListSource, MadeUpSource, Record, SpedUpSource, TraceError, TraceSource

from ..conftest import MINUTE, START

DAY = timedelta(days=1)
EARLY = START - 1000 * DAY


def told(records: Sequence[Record]) -> list[tuple[float, int]]:
    """Return minutes from the start and values."""
    return [((record.time - START) / MINUTE, record.value) for record in records]


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
