"""Mean glucose, how far readings scatter around it, and the HbA1c that a laboratory finds on average at this mean."""

from dataclasses import dataclass
from math import sqrt, sumprod
from typing import Final

from .distribution import Distribution

MGDL_PER_MMOLL: Final = 18.016
"""Milligrams per decilitre in a millimole per litre; 18.0156 by the molar mass, rounded as Home Assistant does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variability:
    """Mean, standard deviation of a sample (n - 1), and coefficient of variation, 100 SD / mean.

    Each reading counts the same. A single one has no deviation.
    """

    mean_mgdl: float
    sd_mgdl: float | None
    cv_percent: float | None


def variability(readings: Distribution) -> Variability:
    """Return how readings scatter around their mean; ValueError without readings."""
    readings.require_readings()
    values, counts, n = readings.values_mgdl, readings.counts, readings.n
    mean = sumprod(values, counts) / n
    if n == 1:
        return Variability(mean_mgdl=mean, sd_mgdl=None, cv_percent=None)
    sd = sqrt(sumprod([(value - mean) ** 2 for value in values], counts) / (n - 1))
    return Variability(mean_mgdl=mean, sd_mgdl=sd, cv_percent=100 * sd / mean)


def gmi_percent(mean: float) -> float:
    """Return the glucose management indicator in percent (NGSP) for a mean in mg/dL (Bergenstal et al. 2018).

    It is for means over ten to fourteen days or more, and differs from "eA1c", (mean + 46.7) / 28.7.
    """
    return 3.31 + 0.02392 * mean


def gmi_mmol_mol(mean: float) -> float:
    """Return the glucose management indicator in mmol/mol (IFCC) for a mean in mg/dL (Bergenstal et al. 2018)."""
    return 12.71 + 4.70587 * mean / MGDL_PER_MMOLL
