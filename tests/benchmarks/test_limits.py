"""The best possible that a world allows, and the worlds that are made for comparison."""

from datetime import timedelta
from itertools import combinations, pairwise
from random import Random

import pytest

from scripts.benchmarks.limits import CALL_WORTH_SECONDS, WORLDS, best_possible, make_delayed_world


def test_readings_that_come_together_need_one_ask() -> None:
    """At the end of the time in which they come."""
    limit = best_possible([10 + number / 100 for number in range(401)])
    assert limit.calls == 1
    assert limit.mean_seconds == pytest.approx(2, abs=0.01)
    assert limit.p95_seconds == pytest.approx(3.8, abs=0.02)
    assert limit.cost_seconds == limit.mean_seconds


def test_late_ones_get_an_ask_of_their_own() -> None:
    """Where that costs less than to wait for all."""
    limit = best_possible([10.0] * 80 + [100.0] * 20)
    assert limit.calls == pytest.approx(1.2)
    assert limit.mean_seconds == 0
    assert limit.cost_seconds == pytest.approx(0.2 * CALL_WORTH_SECONDS)
    assert best_possible([10.0] * 20 + [11.0] * 80).calls == 1


@pytest.mark.parametrize("seed", range(5))
def test_no_choice_of_asks_costs_less(seed: int) -> None:
    """As found by trying all of them."""
    random = Random(seed)
    delays = [random.choice([random.uniform(0, 4), random.uniform(6, 14)]) for _ in range(60)]

    def cost(asks: tuple[int, ...]) -> float:
        total = 0.0
        for delay in delays:
            place = next(place for place, ask in enumerate(asks) if ask >= delay)
            total += asks[place] - delay + CALL_WORTH_SECONDS * place
        return total / len(delays)

    plans = [(*asks, 14) for count in range(4) for asks in combinations(range(1, 14), count)]
    assert best_possible(delays).cost_seconds == pytest.approx(min(map(cost, plans)), abs=1e-9)


@pytest.mark.parametrize(
    ("name", "cost_seconds"),
    [("usual", 6.1), ("quick", 3.4), ("steady", 2.0), ("two-phones", 6.2), ("sleeping", 15.2), ("tail", 10.0)],
)
def test_the_worlds_of_the_table_are_those_it_names(name: str, cost_seconds: float) -> None:
    """By what is possible in them at best."""
    records = make_delayed_world(name, 1, timedelta(days=30))
    limit = best_possible([(record.available - record.time).total_seconds() for record in records])
    assert limit.cost_seconds == pytest.approx(cost_seconds, rel=0.08)


@pytest.mark.parametrize("name", WORLDS)
def test_a_world_has_every_reading_once(name: str) -> None:
    """None is missing or there before it was taken, and the same seed makes the same world."""
    records = make_delayed_world(name, 3, timedelta(days=4))
    steps = [(later.time - sooner.time).total_seconds() for sooner, later in pairwise(records)]
    assert len(records) == pytest.approx(4 * 288.3, abs=2)
    assert all(299 < step < 300.3 for step in steps)
    assert all(0 < (record.available - record.time).total_seconds() < 600 for record in records)
    assert records == make_delayed_world(name, 3, timedelta(days=4))
