"""All figures of some readings in one place."""

import pytest

from custom_components.dexcom_share.glucose.statistics.distribution import Distribution
from custom_components.dexcom_share.glucose.statistics.figures import figures_of
from custom_components.dexcom_share.glucose.statistics.goals import PREGNANCY_OTHER, STANDARD, Measure
from custom_components.dexcom_share.glucose.statistics.risk import RiskZone


def test_figures_of_some_readings() -> None:
    """Each is that of its module."""
    figures = figures_of(Distribution.of([50, 60, 100, 150, 200, 300, 120, 110, 100, 90]), STANDARD)
    assert figures is not None
    assert (figures.n, figures.lowest_mgdl, figures.highest_mgdl) == (10, 50, 300)
    assert figures.mean_mgdl == 128
    assert figures.median_mgdl == 105
    assert figures.sd_mgdl == pytest.approx(74.0570, abs=1e-4)
    assert figures.gri == pytest.approx(30 + 24 + 8 + 16)
    assert figures.gri_zone is RiskZone.D
    assert figures.lbgi > 0
    assert figures.hbgi > 0
    assert figures.percentages == {
        Measure.IN_RANGE: 60,
        Measure.BELOW: 20,
        Measure.VERY_LOW: 10,
        Measure.ABOVE: 20,
        Measure.VERY_HIGH: 10,
        Measure.CV: figures.cv_percent,
    }
    assert set(figures.percentages) == set(Measure)


def test_the_range_is_that_of_the_target_set() -> None:
    """Risk is not a matter of the set."""
    readings = Distribution.of([65, 150])
    standard, pregnancy = figures_of(readings, STANDARD), figures_of(readings, PREGNANCY_OTHER)
    assert standard is not None
    assert pregnancy is not None
    assert (standard.ranges.below_percent, pregnancy.ranges.below_percent) == (50, 0)
    assert (standard.ranges.above_percent, pregnancy.ranges.above_percent) == (0, 50)
    assert standard.gri == pregnancy.gri


def test_no_readings_have_no_figures() -> None:
    """Rather than zeros."""
    assert figures_of(Distribution.of([]), STANDARD) is None
