"""How large a part of the readings lies in the target range, in a tight one, below and above.

Readings are counted, not minutes, as in the consensus (Battelino et al. 2019): they are equally spaced, and nothing is
filled in where some are missing.
"""

from dataclasses import dataclass
from typing import Final

from .distribution import Distribution
from .goals import TargetSet
from .risk import LOW_MGDL, VERY_HIGH_MGDL, VERY_LOW_MGDL

TIGHT_HIGH_MGDL: Final = 140
"""The upper end of the tight range, which begins at 70 mg/dL; both ends are in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeInRanges:
    """Percent of the readings by range; the range of the target set includes both of its limits.

    Five bands make up all readings: very low (< 54 mg/dL), low, in range, high, very high (> 250). Below is very low
    and low together, above is high and very high.
    """

    very_low_percent: float
    low_percent: float
    in_range_percent: float
    high_percent: float
    very_high_percent: float
    below_percent: float
    above_percent: float
    tight_range_percent: float


def time_in_ranges(readings: Distribution, targets: TargetSet) -> TimeInRanges:
    """Return the percentages by the range of a target set; ValueError without readings."""
    readings.require_readings()
    very_low, below = readings.count_below(VERY_LOW_MGDL), readings.count_below(targets.low_mgdl)
    very_high, above = readings.count_above(VERY_HIGH_MGDL), readings.count_above(targets.high_mgdl)
    tight = readings.n - readings.count_below(LOW_MGDL) - readings.count_above(TIGHT_HIGH_MGDL)

    def percent(count: int) -> float:
        return 100 * count / readings.n

    return TimeInRanges(
        very_low_percent=percent(very_low),
        low_percent=percent(below - very_low),
        in_range_percent=percent(readings.n - below - above),
        high_percent=percent(above - very_high),
        very_high_percent=percent(very_high),
        below_percent=percent(below),
        above_percent=percent(above),
        tight_range_percent=percent(tight),
    )
