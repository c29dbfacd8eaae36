"""How likely an urgent low is within the next 20 minutes: how far the glucose is from it, in how unsure that is.

The formula, the data it was fitted on and what it was measured to do are described in docs/forecast.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Final

from ..share.models import LOW_LIMIT_MGDL

URGENT_LOW_MGDL: Final = 55
"""What counts as urgently low, here as in Dexcom's own "urgent low soon"."""
STEP_MINUTES: Final = 5.0
"""The cadence of a sensor; changes are counted over this time."""
MAX_GAP_MINUTES: Final = 17.5
"""Two missing readings are bridged by a straight line, more make the readings before them unusable."""

_SHORTEST_STEP_MINUTES: Final = 2.5
"""Readings closer together are one and the same measurement: a change over half a cadence is noise."""
_LONGEST_STEP_MINUTES: Final = 7.5
_REBOUND_MINUTES: Final = 60.0
_ROUGHNESS_MGDL: Final = (1.0, 20.0)
_USUAL_ROUGHNESS_MGDL: Final = 4.0
"""The roughness of somebody of whom little is known yet; it weighs as much as three differences."""
_USUAL_COUNT: Final = 3

type Point = tuple[float, int]
"""Minutes before the newest reading, and a value in mg/dL; those below 39 count as 39."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the chance rests on: logarithms of ratios of values, per 5 min where it is a change; roughness in mg/dL."""

    level: float
    change: float
    rebound: float
    roughness: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients:
    """The weights of the inputs in the distance and its spread."""

    distance: float
    change: float
    rebound: float
    spread: float
    height: float
    fall: float
    roughness: float

    def score(self, inputs: Inputs) -> float:
        """Return the logarithm of the odds of an urgent low."""
        distance = self.distance + inputs.level + self.change * inputs.change - self.rebound * inputs.rebound
        spread = (
            self.spread
            + self.height * max(inputs.level, 0.0)
            + self.fall * max(-inputs.change, 0.0)
            + self.roughness * inputs.roughness / 100
        )
        return -distance / spread


# Maximum likelihood over the readings of 37 people, see docs/forecast.md.
COEFFICIENTS: Final = Coefficients(
    distance=0.022, change=0.545, rebound=0.163, spread=0.022, height=0.066, fall=0.404, roughness=0.57
)


def low_chance(points: Sequence[Point], change_by_arrow: float) -> float:
    """Return the chance (0 to 1) of a sensor reading below 55 mg/dL within 20 min, 1 where the newest is at or below.

    `points` are newest first, those before a gap don't count; `change_by_arrow` counts where there is one point alone,
    as the change of the logarithm in 5 min. Source: docs/forecast.md.
    """
    if points[0][1] <= URGENT_LOW_MGDL:
        return 1.0
    return 1 / (1 + exp(-COEFFICIENTS.score(inputs_of(points, change_by_arrow))))


def inputs_of(points: Sequence[Point], change_by_arrow: float) -> Inputs:
    """Return what the chance rests on; the arguments are those of `low_chance`."""
    newest = lowest = max(points[0][1], LOW_LIMIT_MGDL)
    change: float | None = None
    total, count = _USUAL_COUNT * _USUAL_ROUGHNESS_MGDL**2, _USUAL_COUNT
    last_minutes, last = 0.0, newest
    # The newest reading is left out of the roughness: a fall that begins with it is no noise of the past.
    last_difference: int | None = None
    for minutes, value in points:
        step = minutes - last_minutes
        if step < _SHORTEST_STEP_MINUTES:
            continue
        if step > MAX_GAP_MINUTES:
            break
        if value < lowest and minutes <= _REBOUND_MINUTES:
            lowest = value
        if change is None:
            change = log(newest / max(value, LOW_LIMIT_MGDL)) * STEP_MINUTES / step
        elif step <= _LONGEST_STEP_MINUTES:
            difference = last - value
            if last_difference is not None:
                bend = last_difference - difference
                total += bend * bend
                count += 1
            last_difference = difference
        else:
            last_difference = None
        last_minutes, last = minutes, value
    least, most = _ROUGHNESS_MGDL
    return Inputs(
        level=log(newest / URGENT_LOW_MGDL),
        change=change_by_arrow if change is None else change,
        rebound=log(newest / max(lowest, LOW_LIMIT_MGDL)),
        roughness=min(max(sqrt(total / count), least), most),
    )
