"""What readings tell of one kind: whether the newest is beyond its limit, and whether it has surely recovered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import nan
from typing import Final

from ...share.models import GlucoseReading
from ..forecast import urgent_low_chance
from ..freshness import CURRENT_FOR
from .kinds import AlertKind
from .settings import KindSettings, Sensitivity

GAP: Final = CURRENT_FOR
"""Readings so far apart have a gap between them and don't connect (alert rules A2 and S1)."""
SHORTEST_STEP: Final = timedelta(minutes=2, seconds=30)
"""A rate over less than half a cadence is noise."""
LONGEST_RATE_STEP: Final = timedelta(minutes=12)
"""A rate bridges one missing reading at most."""
HEADING_BACK_MGDL_PER_MINUTE: Final = 1.0
"""Smart quiet: glucose that moves back faster than this is heading back (survey 4.4)."""

WARNS_FROM: Final[Mapping[Sensitivity, float]] = {
    Sensitivity.EARLIER: 0.12,
    Sensitivity.BALANCED: 0.18,
    Sensitivity.QUIETER: 0.25,
}
"""From which chance on an urgent low is said to come soon (docs/forecast.md)."""
RELEASED_BELOW: Final = 0.05
"""Below this chance no urgent low comes any more: the margin of urgent low soon in the sense of alert rule A4."""

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the newest of some readings tells of one kind."""

    is_beyond: bool
    is_clear: bool


type Measure = Callable[[Sequence[GlucoseReading], KindSettings], Measured]
"""Measures the newest of readings (oldest first) against what is set for a kind."""


def _level(direction: int, margin_mgdl: float) -> Measure:
    """Return the measure of a value at or beyond a limit; "LOW" is below and "HIGH" above every limit."""

    def measure(readings: Sequence[GlucoseReading], settings: KindSettings) -> Measured:
        newest = readings[-1]
        limit = settings.limit or 0
        unmeasured = newest.is_low_limit if direction < 0 else newest.is_high_limit
        distance = direction * (newest.value - limit)
        return Measured(is_beyond=unmeasured or distance >= 0, is_clear=not unmeasured and distance <= -margin_mgdl)

    return measure


def _rate(direction: int, margin_mgdl_per_minute: float) -> Measure:
    """Return the measure of a change that was fast twice in a row, so that one noisy reading doesn't count.

    Beyond the sensor's limits the true change is greater, so what is counted as fast is so.
    """

    def measure(readings: Sequence[GlucoseReading], settings: KindSettings) -> Measured:
        limit = settings.limit or 0
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


def _urgent_low_soon(readings: Sequence[GlucoseReading], settings: KindSettings) -> Measured:
    """Measure whether an urgent low is as likely as a person wants to be warned of it, or next to impossible."""
    chance = urgent_low_chance(readings)
    warns_from = WARNS_FROM[settings.sensitivity or Sensitivity.BALANCED]
    return Measured(is_beyond=chance >= warns_from, is_clear=chance < RELEASED_BELOW)


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
