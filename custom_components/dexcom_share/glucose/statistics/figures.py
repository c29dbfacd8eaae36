"""All figures that readings have whatever their order."""

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

    def percent_of(self, measure: Measure) -> float | None:
        """Return the figure that a target is about, None where it is not known."""
        match measure:
            case Measure.IN_RANGE:
                return self.ranges.in_range_percent
            case Measure.BELOW:
                return self.ranges.below_percent
            case Measure.VERY_LOW:
                return self.ranges.very_low_percent
            case Measure.ABOVE:
                return self.ranges.above_percent
            case Measure.VERY_HIGH:
                return self.ranges.very_high_percent
            case Measure.CV:
                return self.cv_percent


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
