"""The days that are made up from a seed."""

from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from simulator import MadeUpSource

from ..conftest import MINUTE, START

DAY = timedelta(days=1)


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
