"""Percentages by range: where the limits belong, and that every reading counts once."""

from hypothesis import given, strategies as st
import pytest

from custom_components.dexcom_share.glucose.statistics.distribution import Distribution
from custom_components.dexcom_share.glucose.statistics.goals import PREGNANCY_TYPE_1, STANDARD, TARGET_SETS, TargetSet
from custom_components.dexcom_share.glucose.statistics.ranges import time_in_ranges

BANDS = ("very_low", "low", "in_range", "high", "very_high")


@pytest.mark.parametrize(
    ("targets", "value", "band"),
    [
        (STANDARD, 53, "very_low"),
        (STANDARD, 54, "low"),
        (STANDARD, 69, "low"),
        (STANDARD, 70, "in_range"),
        (STANDARD, 180, "in_range"),
        (STANDARD, 181, "high"),
        (STANDARD, 250, "high"),
        (STANDARD, 251, "very_high"),
        (PREGNANCY_TYPE_1, 53, "very_low"),
        (PREGNANCY_TYPE_1, 62, "low"),
        (PREGNANCY_TYPE_1, 63, "in_range"),
        (PREGNANCY_TYPE_1, 140, "in_range"),
        (PREGNANCY_TYPE_1, 141, "high"),
        (PREGNANCY_TYPE_1, 251, "very_high"),
    ],
)
def test_each_value_has_its_band(targets: TargetSet, value: int, band: str) -> None:
    """The limits of the range are in it, 54 is not very low, 250 not very high."""
    ranges = time_in_ranges(Distribution.of([value]), targets)
    assert {name: getattr(ranges, f"{name}_percent") for name in BANDS} == {
        name: 100 * (name == band) for name in BANDS
    }
    assert ranges.below_percent == 100 * (band in {"very_low", "low"})
    assert ranges.above_percent == 100 * (band in {"high", "very_high"})


@given(st.lists(st.integers(39, 401), min_size=1), st.sampled_from([*TARGET_SETS.values()]))
def test_bands_make_up_everything(values: list[int], targets: TargetSet) -> None:
    """Five bands are 100 percent; below and above hold two of them each."""
    ranges = time_in_ranges(Distribution.of(values), targets)
    assert sum(getattr(ranges, f"{name}_percent") for name in BANDS) == pytest.approx(100)
    assert ranges.below_percent == pytest.approx(ranges.very_low_percent + ranges.low_percent)
    assert ranges.above_percent == pytest.approx(ranges.high_percent + ranges.very_high_percent)


@pytest.mark.parametrize("targets", TARGET_SETS.values(), ids=lambda targets: targets.key)
def test_the_tight_range_is_the_same_for_everybody(targets: TargetSet) -> None:
    """From 70 to 140, both included."""
    ranges = time_in_ranges(Distribution.of([69, 70, 140, 141]), targets)
    assert ranges.tight_range_percent == 50


def test_percentages_are_not_rounded() -> None:
    """One of three is a third."""
    assert time_in_ranges(Distribution.of([60, 100, 200]), STANDARD).in_range_percent == pytest.approx(100 / 3)


def test_no_readings_are_in_no_range() -> None:
    """An error tells so, rather than zeros."""
    with pytest.raises(ValueError, match="no readings"):
        time_in_ranges(Distribution.of([]), STANDARD)
