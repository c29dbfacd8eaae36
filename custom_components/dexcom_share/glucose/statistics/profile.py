"""The glucose profile: what glucose is at each time of day, over many days.

A point every 15 minutes. Each looks at the readings from half an hour before to half an hour after its time of day, of
all days together, and across midnight; so neighbouring points share three quarters of their readings, which is all the
smoothing there is. Percentiles as recommended by Battelino et al. 2019: 5, 25, 50, 75 and 95.
"""

from array import array
from collections import Counter
from dataclasses import dataclass
from typing import Final

from .counted import DAY_MS
from .distribution import Distribution
from .windowed import WindowedReadings

STEP_MINUTES: Final = 15
POINTS: Final = 96

_STEP_MS: Final = DAY_MS // POINTS
_NEIGHBOURS: Final = (-2, -1, 0, 1)
"""Quarters of an hour that a point looks at, from the one that begins half an hour before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """So many percent of the readings are at most so high, in mg/dL."""

    p5_mgdl: float
    p25_mgdl: float
    p50_mgdl: float
    p75_mgdl: float
    p95_mgdl: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilePoint:
    """One time of day, how many readings are around it, and their percentiles; None where there are no readings."""

    minute_of_day: int
    n: int
    percentiles: Percentiles | None


def glucose_profile(readings: WindowedReadings) -> tuple[ProfilePoint, ...]:
    """Return the 96 points of a day, from midnight on."""
    quarters = [array("h") for _ in range(POINTS)]
    for time_ms, value in zip(readings.local_times_ms, readings.values_mgdl, strict=True):
        quarters[time_ms % DAY_MS // _STEP_MS].append(value)
    return tuple(_point(quarters, place) for place in range(POINTS))


def _point(quarters: list[array[int]], place: int) -> ProfilePoint:
    """Return one point, from the readings of each quarter of an hour."""
    values = [value for near in _NEIGHBOURS for value in quarters[(place + near) % POINTS]]
    return ProfilePoint(
        minute_of_day=place * STEP_MINUTES,
        n=len(values),
        percentiles=_percentiles(Distribution.from_counts(Counter(values))) if values else None,
    )


def _percentiles(readings: Distribution) -> Percentiles:
    """Return the percentiles of some readings."""
    p5, p25, p50, p75, p95 = map(readings.percentile_mgdl, (5, 25, 50, 75, 95))
    return Percentiles(p5_mgdl=p5, p25_mgdl=p25, p50_mgdl=p50, p75_mgdl=p75, p95_mgdl=p95)
