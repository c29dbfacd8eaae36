"""What the freshness benchmark counts, and the world it makes up."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
import json
from pathlib import Path

import pytest

from scripts.benchmarks.freshness import (
    RULES,
    Play,
    add_arguments,
    judge,
    judge_limit,
    make_world,
    read_world,
    run,
)
from scripts.benchmarks.limits import make_delayed_world
from simulator import Record

START = datetime(2026, 11, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def record(number: int, delay_seconds: float) -> Record:
    """Return one reading of a regular series, there after some time."""
    time = START + number * 300 * SECOND
    return Record(time=time, value=100, trend="Flat", available_at=time + delay_seconds * SECOND)


def test_delays_count_from_availability_to_arrival() -> None:
    """The mean and the 95th percentile, over the readings Share had within ten minutes."""
    records = [*(record(number, 10) for number in range(20)), record(20, 3600)]
    play = Play(calls=30, logins=2)
    play.arrived = {one.time: one.available + place * SECOND for place, one in enumerate(records)}
    figures = judge(records, play)
    assert figures["delay_mean_s"] == pytest.approx(9.5)
    assert figures["delay_p95_s"] == 19
    assert (figures["offered"], figures["delivered"], figures["lost"]) == (21, 21, 0)


def test_what_never_arrived_is_lost() -> None:
    """Unless Share never offered it: it had it only when it was more than a day old."""
    records = [record(0, 10), record(1, 10), record(2, 90_000)]
    play = Play(arrived={records[0].time: records[0].available})
    figures = judge(records, play)
    assert (figures["offered"], figures["delivered"], figures["lost"]) == (2, 1, 1)


def test_a_reading_that_came_at_a_shifted_time_arrived() -> None:
    """Less than a minute apart it is the same one."""
    records = [record(0, 10), record(1, 10)]
    play = Play(arrived={one.time + 40 * SECOND: one.available for one in records})
    assert judge(records, play)["lost"] == 0


def test_calls_count_for_each_day() -> None:
    """Of the time played."""
    records = [record(number, 10) for number in range(288 * 2)]
    figures = judge(records, Play(calls=860, logins=2))
    assert figures["calls_per_day"] == pytest.approx(430, abs=3)
    assert figures["logins_per_day"] == pytest.approx(1, abs=0.01)


def test_a_world_is_read_from_a_file(tmp_path: Path) -> None:
    """One JSON object a line, in whatever order."""
    lines = [
        {"reading": START.timestamp() + 300.123, "available": START.timestamp() + 312.5, "value": 120, "trend": "Flat"},
        {"reading": START.timestamp(), "available": START.timestamp() + 9, "value": 118, "trend": "SingleUp"},
    ]
    path = tmp_path / "world.jsonl"
    path.write_text("\n".join([*map(json.dumps, lines), ""]))
    first, second = read_world(path)
    assert (first.value, first.trend, first.available) == (118, "SingleUp", START + 9 * SECOND)
    assert second.time == START + timedelta(milliseconds=300_123)


def test_a_made_up_world_is_as_it_is_said_to_be() -> None:
    """Most readings within 15 s, some within a minute, few later, and gaps, most of which are filled late."""
    records = make_world(1, timedelta(days=30))
    delays = [one.available - one.time for one in records]
    quick, late, later = (
        sum(low <= delay.total_seconds() < high for delay in delays) / len(records)
        for low, high in ((8, 15), (15, 60), (60, 240))
    )
    assert quick == pytest.approx(0.84, abs=0.02)
    assert late == pytest.approx(0.12, abs=0.02)
    assert later == pytest.approx(0.03, abs=0.01)
    assert any(delay > 20 * 60 * SECOND for delay in delays)
    assert any(two.time - one.time > 600 * SECOND for one, two in pairwise(records))
    assert records == make_world(1, timedelta(days=30))


def arguments(*options: str) -> Namespace:
    """Return the options of the benchmark."""
    parser = ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(options)


def test_the_limit_is_that_of_the_readings_that_are_counted() -> None:
    """A reading that was filled in late is not asked for."""
    figures = judge_limit([*(record(number, 10) for number in range(288)), record(288, 3600)])
    assert figures["limit_mean_s"] == 0
    assert figures["limit_calls_per_day"] == pytest.approx(288, abs=14)
    assert judge_limit([record(0, 3600)]) == {"limit_mean_s": 0.0, "limit_p95_s": 0.0, "limit_calls_per_day": 0.0}


def test_worlds_are_written_as_they_are_read(tmp_path: Path) -> None:
    """So that a world of ours can be played by others."""
    report = run(arguments("--delays", "steady", "--delays", "tail", "--days", "0.2", "--write", str(tmp_path)))
    assert [row[0] for row in report.rows] == ["steady", "tail"]
    for name in ("steady", "tail"):
        written = read_world(tmp_path / f"{name}.jsonl")
        made = make_delayed_world(name, 1, timedelta(days=0.2))
        assert [one.time for one in written] == [one.time for one in made]
        assert all(abs(one.available - other.available) < SECOND for one, other in zip(written, made, strict=True))


def test_one_world_is_told_by_its_rules_several_by_their_names(tmp_path: Path) -> None:
    """The answer for one world keeps its form."""
    run(arguments("--delays", "steady", "--delays", "tail", "--days", "0.05", "--write", str(tmp_path)))
    steady, tail = (str(tmp_path / f"{name}.jsonl") for name in ("steady", "tail"))
    one = run(arguments("--world", steady)).data
    assert set(one) == {"ours", *RULES}
    figures = one["ours"]
    assert isinstance(figures, Mapping)
    assert figures["lost"] == 0
    assert {"limit_mean_s", "limit_p95_s", "limit_calls_per_day"} <= set(figures)
    several = run(arguments("--world", steady, "--world", tail, "--ours-only"))
    assert set(several.data) == {steady, tail}
    assert all(set(rules) == {"ours"} for rules in several.data.values() if isinstance(rules, Mapping))
    assert [row[0] for row in several.rows] == [f"{steady} ours", f"{tail} ours"]
