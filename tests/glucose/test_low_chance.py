"""The chance of an urgent low: the formula, and what each of its inputs does."""

from math import log
from random import Random

import pytest

from custom_components.dexcom_share.glucose.low_chance import Point, inputs_of, low_chance


def back(*values: int, step: float = 5) -> list[Point]:
    """Return points in equal steps from values, the newest last."""
    return [(index * step, value) for index, value in enumerate(reversed(values))]


def chance(*values: int) -> float:
    """Return the chance after values in steps of 5 min."""
    return low_chance(back(*values), 0)


def test_the_formula_of_the_page() -> None:
    """The worked example of docs/forecast.md: 84, 79, 73, 66."""
    inputs = inputs_of(back(84, 79, 73, 66), 0)
    # 84 to 79 is 5 less, 79 to 73 is 6 less: one bend of 1; three of 4 stand in for what isn't known.
    assert inputs.roughness == pytest.approx(((3 * 16 + 1) / 4) ** 0.5)
    assert inputs.level == pytest.approx(log(66 / 55))
    assert inputs.change == pytest.approx(log(66 / 73))
    assert inputs.rebound == 0
    # distance 0.022 + 0.1823 - 0.545 * 0.1008 = 0.1494
    # spread   0.022 + 0.066 * 0.1823 + 0.404 * 0.1008 + 0.57 * 0.035 = 0.0947
    assert chance(84, 79, 73, 66) == pytest.approx(0.171, abs=0.001)


@pytest.mark.parametrize("value", [55, 54, 39])
def test_an_urgent_low_that_is_there_is_certain(value: int) -> None:
    """Whatever was before it."""
    assert chance(200, 39, value) == 1
    assert chance(value) == 1


def test_the_chance_grows_with_the_fall_and_the_nearness() -> None:
    """A steeper fall to the same value, or the same fall to a lower one, makes an urgent low more likely."""
    steeper = [chance(70 + fall, 70) for fall in (0, 3, 6, 10, 20, 40)]
    assert steeper == sorted(set(steeper))
    lower = [chance(value + 5, value) for value in (120, 100, 90, 80, 70, 60, 56)]
    assert lower == sorted(set(lower))


def test_who_jumps_about_is_warned_from_farther_away() -> None:
    """The roughness of the past makes the forecast less sure."""
    calm, restless = [80] * 20, [76, 84] * 10
    assert chance(*restless, 80, 72) > 2 * chance(*calm, 80, 72)


def test_the_newest_reading_is_no_roughness() -> None:
    """A fall that begins now says nothing of how much the past jumped about."""
    before = [100, 98, 97, 99, 100]
    assert inputs_of(back(*before, 60), 0).roughness == inputs_of(back(*before, 140), 0).roughness


def test_roughness_has_limits() -> None:
    """Neither a sensor that stands still nor one that has gone wild changes the forecast without end."""
    assert inputs_of(back(*[100] * 24), 0).roughness == pytest.approx((48 / 24) ** 0.5)
    assert inputs_of(back(*[39, 401] * 12), 0).roughness == 20


def test_roughness_needs_neighbours() -> None:
    """A bend across a missing reading is no roughness."""
    values = [(0.0, 70), (5.0, 75), (10.0, 90), (20.0, 60), (25.0, 90)]
    assert inputs_of(values, 0).roughness == 4


def test_a_lower_value_of_the_last_hour_pulls_back() -> None:
    """Where it was lower within the hour, it may well return there; what is longer ago doesn't count."""
    steady = [(5.0, 78), *((float(minutes), 90) for minutes in range(15, 60, 15))]
    assert inputs_of([(0.0, 80), *steady, (60.0, 60)], 0).rebound == pytest.approx(log(80 / 60))
    assert inputs_of([(0.0, 80), *steady, (60.5, 60)], 0).rebound == pytest.approx(log(80 / 78))
    assert inputs_of([(0.0, 60), *steady, (60.0, 62)], 0).rebound == 0


def test_what_is_behind_a_gap_does_not_count() -> None:
    """Neither its value nor how much it jumped about."""
    assert inputs_of([(0.0, 80), (17.5, 60)], 0).rebound == pytest.approx(log(80 / 60))
    behind = [(23.0, 60), (28.0, 120), (33.0, 60), (38.0, 120)]
    assert inputs_of([(0.0, 80), (5.0, 82), *behind], 0) == inputs_of([(0.0, 80), (5.0, 82)], 0)


def test_values_below_what_a_sensor_measures_count_as_its_least() -> None:
    """Also where somebody uploads nonsense."""
    assert inputs_of(back(0, 60), 0) == inputs_of(back(39, 60), 0)


def test_changes_count_by_the_clock() -> None:
    """The same fall in twice the time is half as steep; a single reading goes by its arrow."""
    assert inputs_of(back(80, 70, step=10), 0).change == pytest.approx(log(70 / 80) / 2)
    assert inputs_of(back(70), -0.1).change == -0.1
    assert inputs_of(back(80, 70), -0.1).change == pytest.approx(log(70 / 80))


def test_the_same_measurement_served_twice_counts_once() -> None:
    """Readings less than half a cadence apart are none of their own."""
    once = back(*(Random(1).randint(60, 120) for _ in range(12)))
    twice = [twin for minutes, value in once for twin in ((minutes, value), (minutes + 0.5, value + 1))]
    assert inputs_of(twice, 0) == inputs_of(once, 0)
