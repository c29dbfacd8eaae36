"""All figures that readings have whatever their order."""

from collections.abc import Mapping
from dataclasses import dataclass

from .distribution import Distribution
from .goals import Measure, TargetSet
from .ranges import TimeInRanges, time_in_ranges
from .risk import RiskZone, gri, hbgi, lbgi, risk_zone
from .variability import variability


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Figures of at least one reading; SD and CV are None of a single one.

    GMI is not among them: it asks for sufficient data, which `Statistics` knows of.
    """

    n: int
    mean_mgdl: float
    median_mgdl: float
    sd_mgdl: float | None
    cv_percent: float | None
    lowest_mgdl: float
    highest_mgdl: float
    ranges: TimeInRanges
    gri: float
    gri_zone: RiskZone
    lbgi: float
    hbgi: float

    @property
    def percentages(self) -> Mapping[Measure, float | None]:
        """Return the figures that targets are about; what is not known is None."""
        return {
            Measure.IN_RANGE: self.ranges.in_range_percent,
            Measure.BELOW: self.ranges.below_percent,
            Measure.VERY_LOW: self.ranges.very_low_percent,
            Measure.ABOVE: self.ranges.above_percent,
            Measure.VERY_HIGH: self.ranges.very_high_percent,
            Measure.CV: self.cv_percent,
        }


def figures_of(readings: Distribution, targets: TargetSet) -> Figures | None:
    """Return the figures by the range of a target set, None without readings."""
    if not readings.n:
        return None
    spread = variability(readings)
    risk_index = gri(readings)
    return Figures(
        n=readings.n,
        mean_mgdl=spread.mean_mgdl,
        median_mgdl=readings.percentile_mgdl(50),
        sd_mgdl=spread.sd_mgdl,
        cv_percent=spread.cv_percent,
        lowest_mgdl=readings.percentile_mgdl(0),
        highest_mgdl=readings.percentile_mgdl(100),
        ranges=time_in_ranges(readings, targets),
        gri=risk_index,
        gri_zone=risk_zone(risk_index),
        lbgi=lbgi(readings),
        hbgi=hbgi(readings),
    )
