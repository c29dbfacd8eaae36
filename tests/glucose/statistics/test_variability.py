"""Mean, standard deviation, coefficient of variation, and GMI."""

from statistics import fmean, stdev

from hypothesis import given, strategies as st
import pytest

from custom_components.dexcom_share.glucose.statistics.distribution import Distribution
from custom_components.dexcom_share.glucose.statistics.variability import (
    MGDL_PER_MMOLL,
    gmi_mmol_mol,
    gmi_percent,
    variability,
)


@given(st.lists(st.integers(39, 401), min_size=2))
def test_spread_is_that_of_a_sample(values: list[int]) -> None:
    """Divided by n - 1; the mean is by reading."""
    spread = variability(Distribution.of(values))
    assert spread.mean_mgdl == pytest.approx(fmean(values))
    assert spread.sd_mgdl == pytest.approx(stdev(values), abs=1e-9)
    assert spread.cv_percent == pytest.approx(100 * stdev(values) / fmean(values), abs=1e-9)


def test_one_reading_has_no_spread() -> None:
    """But a mean."""
    spread = variability(Distribution.of([104]))
    assert (spread.mean_mgdl, spread.sd_mgdl, spread.cv_percent) == (104, None, None)


def test_no_readings_have_no_mean() -> None:
    """An error tells so."""
    with pytest.raises(ValueError, match="no readings"):
        variability(Distribution.of([]))


@pytest.mark.parametrize(("mean", "percent"), [(100, 5.702), (150, 6.898), (200, 8.094), (250, 9.29)])
def test_gmi_in_percent(mean: float, percent: float) -> None:
    """3.31 + 0.02392 x mean, as in the table of Bergenstal 2018 (5.7, 6.9, 8.1, 9.3)."""
    assert gmi_percent(mean) == pytest.approx(percent)


def test_gmi_in_mmol_mol() -> None:
    """12.71 + 4.70587 x mean in mmol/L; for a mean of 10 mmol/L it is 59.8."""
    assert gmi_mmol_mol(10 * MGDL_PER_MMOLL) == pytest.approx(59.7687)


@given(st.floats(60, 400))
def test_both_units_of_gmi_tell_the_same(mean: float) -> None:
    """By the master equation, mmol/mol = 10.93 x percent - 23.5, within what both are rounded to."""
    assert gmi_mmol_mol(mean) == pytest.approx(10.93 * gmi_percent(mean) - 23.5, abs=0.3)
