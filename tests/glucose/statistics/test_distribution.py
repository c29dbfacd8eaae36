"""How often values occur, and what lies where."""

from collections import Counter
from statistics import median, quantiles

from hypothesis import given, strategies as st
import pytest

from custom_components.dexcom_share.glucose.statistics.distribution import SENSOR_VALUES_MGDL, Distribution

values_of_a_sensor = st.lists(st.sampled_from(SENSOR_VALUES_MGDL), min_size=1)


@given(values_of_a_sensor, st.integers(38, 402))
def test_limits_are_neither_below_nor_above(values: list[int], limit: int) -> None:
    """Below is less than the limit, above is more."""
    readings = Distribution.of(values)
    assert readings.n == len(values)
    assert readings.count_below(limit) == sum(value < limit for value in values)
    assert readings.count_above(limit) == sum(value > limit for value in values)


def test_values_need_not_be_whole() -> None:
    """As in recordings."""
    readings = Distribution.of([69.9, 70.0, 163.4])
    assert readings.count_below(70) == 1
    assert readings.count_above(163.3) == 1


@given(values_of_a_sensor)
def test_counting_ahead_makes_no_difference(values: list[int]) -> None:
    """What was counted value by value tells the same as the values."""
    counted, plain = Distribution.from_counts(Counter(values)), Distribution.of(values)
    for percent in (0, 5, 50, 95, 100):
        assert counted.percentile_mgdl(percent) == plain.percentile_mgdl(percent)
    assert counted.count_below(100) == plain.count_below(100)
    assert counted.n == plain.n


@given(st.lists(st.sampled_from(SENSOR_VALUES_MGDL), min_size=2))
def test_percentiles_lie_on_the_line_between_two_readings(values: list[int]) -> None:
    """The first reading is 0 percent, the last 100."""
    readings = Distribution.of(values)
    assert readings.percentile_mgdl(0) == min(values)
    assert readings.percentile_mgdl(100) == max(values)
    assert readings.percentile_mgdl(50) == median(values)
    for percent, expected in zip(range(5, 100, 5), quantiles(values, n=20, method="inclusive"), strict=True):
        assert readings.percentile_mgdl(percent) == pytest.approx(expected)


def test_no_readings_have_no_percentile() -> None:
    """An error tells so, rather than a number."""
    readings = Distribution.of([])
    assert readings.n == 0
    with pytest.raises(ValueError, match="no readings"):
        readings.percentile_mgdl(50)
