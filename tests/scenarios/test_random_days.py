"""Random days break no rule, as a plain reading of the rules judges them."""

import pytest

from scripts.benchmarks.scenarios.player import play
from scripts.benchmarks.scenarios.random_days import random_day
from scripts.benchmarks.scenarios.steps import parse

from .oracle import judge

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.mark.parametrize("seed", range(6))
def test_a_random_day_breaks_no_rule(seed: int) -> None:
    """With restarts, kills, gaps, late uploads, faults, wrong clocks, and people who answer."""
    day = random_day(seed)
    assert judge(day, play(parse(day)).to_dict()) == []
