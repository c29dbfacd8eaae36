"""What readings tell of one kind: whether the newest is beyond its limit, and whether it has surely recovered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import nan
from typing import Final

from ...share.models import GlucoseReading
from ..forecast import forecast
from ..freshness import CURRENT_FOR
from .kinds import AlertKind

GAP: Final = CURRENT_FOR
"""Readings so far apart have a gap between them and don't connect (alert rules A2 and S1)."""
SHORTEST_STEP: Final = timedelta(minutes=2, seconds=30)
"""A rate over less than half a cadence is noise."""
LONGEST_RATE_STEP: Final = timedelta(minutes=12)
"""A rate bridges one missing reading at most."""
HEADING_BACK_MGDL_PER_MINUTE: Final = 1.0
"""Smart quiet: glucose that moves back faster than this is heading back (survey 4.4)."""

_MINUTE: Final = timedelta(minutes=1)
_FORECAST_READINGS: Final = 24
"""The forecast uses no more readings than these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the newest of some readings tells of one kind."""

    is_beyond: bool
    is_clear: bool


type Measure = Callable[[Sequence[GlucoseReading], float], Measured]
"""Measures the newest of readings (oldest first) against a limit (mg/dL, for a fast change mg/dL per minute)."""


def _level(direction: int, margin_mgdl: float) -> Measure:
    """Return the measure of a value at or beyond a limit; "LOW" is below and "HIGH" above every limit."""

    def measure(readings: Sequence[GlucoseReading], limit: float) -> Measured:
        newest = readings[-1]
        unmeasured = newest.is_low_limit if direction < 0 else newest.is_high_limit
        distance = direction * (newest.value - limit)
        return Measured(is_beyond=unmeasured or distance >= 0, is_clear=not unmeasured and distance <= -margin_mgdl)

    return measure


def _rate(direction: int, margin_mgdl_per_minute: float) -> Measure:
    """Return the measure of a change that was fast twice in a row, so that one noisy reading doesn't count.

    Beyond the sensor's limits the true change is greater, so what is counted as fast is so.
    """

    def measure(readings: Sequence[GlucoseReading], limit: float) -> Measured:
        before = previous(readings, len(readings) - 1)
        earlier = None if before is None else previous(readings, before)
        fast = nan
        if before is not None and earlier is not None:
            fast = min(
                direction * rate_between(readings[before], readings[-1]),
                direction * rate_between(readings[earlier], readings[before]),
            )
        return Measured(is_beyond=fast >= limit, is_clear=fast <= limit - margin_mgdl_per_minute)

    return measure


def _urgent_low_soon(readings: Sequence[GlucoseReading], _limit: float) -> Measured:
    """Measure whether the forecast from the newest reading says that an urgent low comes."""
    expected = forecast(readings[-_FORECAST_READINGS:], readings[-1].time)
    return Measured(is_beyond=expected is not None and expected.urgent_low_soon, is_clear=False)


MEASURES: Final[Mapping[AlertKind, Measure]] = {
    AlertKind.URGENT_LOW: _level(-1, 5),
    AlertKind.URGENT_LOW_SOON: _urgent_low_soon,
    AlertKind.LOW: _level(-1, 5),
    AlertKind.URGENT_HIGH: _level(1, 10),
    AlertKind.HIGH: _level(1, 10),
    AlertKind.FALLING_FAST: _rate(-1, 1),
    AlertKind.RISING_FAST: _rate(1, 1),
}
"""The kinds that rest on readings, the gravest first, with the margins of alert rule A4."""

DIRECTIONS: Final[Mapping[AlertKind, int]] = {
    AlertKind.URGENT_LOW: -1,
    AlertKind.URGENT_LOW_SOON: -1,
    AlertKind.LOW: -1,
    AlertKind.URGENT_HIGH: 1,
    AlertKind.HIGH: 1,
    AlertKind.FALLING_FAST: -1,
    AlertKind.RISING_FAST: 1,
}
"""Which way glucose leaves the limit of a kind: down or up."""


def previous(readings: Sequence[GlucoseReading], index: int) -> int | None:
    """Return the index of the reading before, far enough away to tell a rate, None across a gap."""
    for before in range(index - 1, -1, -1):
        step = readings[index].time - readings[before].time
        if step >= SHORTEST_STEP:
            return before if step <= LONGEST_RATE_STEP else None
    return None


def rate_between(before: GlucoseReading, after: GlucoseReading) -> float:
    """Return the change from one reading to another in mg/dL per minute."""
    return (after.value - before.value) / ((after.time - before.time) / _MINUTE)


def newest_rate(readings: Sequence[GlucoseReading]) -> float | None:
    """Return the change at the newest reading in mg/dL per minute, None where it can't be told."""
    before = previous(readings, len(readings) - 1)
    return None if before is None else rate_between(readings[before], readings[-1])


def is_heading_back(kind: AlertKind, readings: Sequence[GlucoseReading]) -> bool:
    """Return whether glucose moves fast against the direction of an alert."""
    rate = newest_rate(readings) if kind in DIRECTIONS else None
    return rate is not None and DIRECTIONS[kind] * rate < -HEADING_BACK_MGDL_PER_MINUTE
