"""The indexes of risk."""

from collections.abc import Callable
from math import log

from hypothesis import given, strategies as st
import pytest

from custom_components.dexcom_share.glucose.statistics.distribution import Distribution
from custom_components.dexcom_share.glucose.statistics.risk import (
    NO_RISK_MGDL,
    RiskZone,
    gri,
    hbgi,
    lbgi,
    risk_zone,
)

values_of_a_sensor = st.lists(st.integers(39, 401), min_size=1)


@pytest.mark.parametrize(
    ("value", "weight"), [(53, 3.0), (54, 2.4), (69, 2.4), (70, 0), (180, 0), (181, 0.8), (250, 0.8), (251, 1.6)]
)
def test_gri_weighs_each_reading_once(value: int, weight: float) -> None:
    """One reading of ten in a band is ten percent of it; the limits belong to the milder band."""
    assert gri(Distribution.of([value] + [100] * 9)) == pytest.approx(10 * weight)


def test_gri_ends_at_100() -> None:
    """Also where all readings are very low, which would be 300."""
    assert gri(Distribution.of([40])) == 100


@pytest.mark.parametrize(
    ("index", "zone"),
    [(0, "a"), (20, "a"), (20.1, "b"), (40, "b"), (60, "c"), (60.01, "d"), (80, "d"), (80.1, "e"), (100, "e")],
)
def test_zones_are_steps_of_20(index: float, zone: str) -> None:
    """A to E."""
    assert risk_zone(index) is RiskZone(zone)


def by_hand(value: float) -> float:
    """Return the risk of one value as Kovatchev defines it, negative on the low side."""
    f = 1.509 * (float(log(value) ** 1.084) - 5.381)
    return 10 * f * abs(f)


@given(values_of_a_sensor)
def test_risk_indexes_are_means_over_all_readings(values: list[int]) -> None:
    """The readings on the other side have no risk, but count."""
    readings = Distribution.of(values)
    risks = [by_hand(value) for value in values]
    assert lbgi(readings) == pytest.approx(sum(-risk for risk in risks if risk < 0) / len(values))
    assert hbgi(readings) == pytest.approx(sum(risk for risk in risks if risk > 0) / len(values))


def test_there_is_no_risk_in_the_middle() -> None:
    """At 112.5 mg/dL low becomes high."""
    assert pytest.approx(112.5, abs=0.05) == NO_RISK_MGDL
    assert lbgi(Distribution.of([113])) == 0 < lbgi(Distribution.of([112]))
    assert hbgi(Distribution.of([112])) == 0 < hbgi(Distribution.of([113]))


@pytest.mark.parametrize("index", [gri, lbgi, hbgi])
def test_no_readings_have_no_risk(index: Callable[[Distribution], float]) -> None:
    """An error tells so, rather than a zero."""
    with pytest.raises(ValueError, match="no readings"):
        index(Distribution.of([]))
