"""Indexes of risk, each one number without a unit that weighs lows and highs by what they do."""

from bisect import bisect_left
from enum import StrEnum
from functools import lru_cache
from math import exp, log, sumprod
from typing import Final

from .distribution import Distribution

VERY_LOW_MGDL: Final = 54
LOW_MGDL: Final = 70
HIGH_MGDL: Final = 180
VERY_HIGH_MGDL: Final = 250

NO_RISK_MGDL: Final = exp(5.381 ** (1 / 1.084))
"""Where the risk is nothing, 112.5 mg/dL: the low side lies below, the high side above."""

_GRI_MOST: Final = 100.0


class RiskZone(StrEnum):
    """The five zones of the glycemia risk index, from the least risk (A) to the most."""

    A = "a"
    B = "b"
    C = "c"
    D = "d"
    E = "e"


def gri(readings: Distribution) -> float:
    """Return the glycemia risk index, 0 to 100 (Klonoff et al. 2023); ValueError without readings.

    3.0 x very low (< 54 mg/dL) + 2.4 x low (54 to 69) + 1.6 x very high (> 250) + 0.8 x high (181 to 250), each in
    percent of the readings and none of them counted twice. The limits are these for whatever target set.
    """
    readings.require_readings()
    very_low, below = readings.count_below(VERY_LOW_MGDL), readings.count_below(LOW_MGDL)
    very_high, above = readings.count_above(VERY_HIGH_MGDL), readings.count_above(HIGH_MGDL)
    weighed = 3.0 * very_low + 2.4 * (below - very_low) + 1.6 * very_high + 0.8 * (above - very_high)
    return min(100 * weighed / readings.n, _GRI_MOST)


def risk_zone(index: float) -> RiskZone:
    """Return the zone of a glycemia risk index: A to 20, B to 40, C to 60, D to 80, E beyond (Klonoff et al. 2023)."""
    return next((zone for zone, upper in zip(RiskZone, (20, 40, 60, 80), strict=False) if index <= upper), RiskZone.E)


def lbgi(readings: Distribution) -> float:
    """Return the low blood glucose index (Kovatchev et al. 1997); ValueError without readings.

    The sum of the risks of the readings on the low side, divided by the number of all readings.
    """
    return _risk_index(readings, slice(bisect_left(readings.values_mgdl, NO_RISK_MGDL)))


def hbgi(readings: Distribution) -> float:
    """Return the high blood glucose index (Kovatchev et al. 1997); ValueError without readings.

    The sum of the risks of the readings on the high side, divided by the number of all readings.
    """
    return _risk_index(readings, slice(bisect_left(readings.values_mgdl, NO_RISK_MGDL), None))


def _risk_index(readings: Distribution, side: slice) -> float:
    """Return the mean risk over all readings, where those that are not on this side have none."""
    readings.require_readings()
    return sumprod(_risks(readings.values_mgdl)[side], readings.counts[side]) / readings.n


@lru_cache(maxsize=1)
def _risks(values_mgdl: tuple[float, ...]) -> tuple[float, ...]:
    """Return the risk of each value, 0 to about 100, on a scale on which lows and highs are alike.

    What a sensor can tell is the same each time, so one set of values is remembered.
    """
    return tuple([10 * (1.509 * (float(log(value) ** 1.084) - 5.381)) ** 2 for value in values_mgdl])
