"""The four target sets of the consensus, and whether figures meet them.

Percentages of time and CV: Battelino et al., Diabetes Care 2019;42:1593. For pregnancy with type 2 or gestational
diabetes the range is agreed, percentages are not, so there are no verdicts; nor is there one for the tight range.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import gt, le, lt
from typing import Final

from .risk import HIGH_MGDL, LOW_MGDL


class Measure(StrEnum):
    """What a target is about, each in percent."""

    IN_RANGE = "in_range"
    BELOW = "below"
    VERY_LOW = "very_low"
    ABOVE = "above"
    VERY_HIGH = "very_high"
    CV = "cv"


class Comparison(StrEnum):
    """How a figure must lie to the limit of its target."""

    MORE_THAN = "more_than"
    LESS_THAN = "less_than"
    AT_MOST = "at_most"


_HOLDS: Final[Mapping[Comparison, Callable[[float, float], bool]]] = {
    Comparison.MORE_THAN: gt,
    Comparison.LESS_THAN: lt,
    Comparison.AT_MOST: le,
}


@dataclass(frozen=True, slots=True)
class Goal:
    """One target: the measure must be more than, less than or at most so many percent."""

    measure: Measure
    comparison: Comparison
    limit_percent: float

    def is_met_by(self, value_percent: float) -> bool:
        """Return whether a figure, not rounded, meets the target."""
        return _HOLDS[self.comparison](value_percent, self.limit_percent)


class TargetKey(StrEnum):
    """The names of the target sets."""

    STANDARD = "standard"
    HIGH_RISK = "high_risk"
    PREGNANCY_TYPE_1 = "pregnancy_type_1"
    PREGNANCY_OTHER = "pregnancy_other"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSet:
    """A range, in which both limits are included, and the targets for a group of people."""

    key: TargetKey
    low_mgdl: int
    high_mgdl: int
    goals: tuple[Goal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A figure beside its target; `is_met` is None where the data are too few to judge."""

    goal: Goal
    value_percent: float
    is_met: bool | None


_CV_GOAL: Final = Goal(Measure.CV, Comparison.AT_MOST, 36)
_PREGNANCY_LOW_MGDL: Final = 63
_PREGNANCY_HIGH_MGDL: Final = 140

STANDARD: Final = TargetSet(
    key=TargetKey.STANDARD,
    low_mgdl=LOW_MGDL,
    high_mgdl=HIGH_MGDL,
    goals=(
        Goal(Measure.IN_RANGE, Comparison.MORE_THAN, 70),
        Goal(Measure.BELOW, Comparison.LESS_THAN, 4),
        Goal(Measure.VERY_LOW, Comparison.LESS_THAN, 1),
        Goal(Measure.ABOVE, Comparison.LESS_THAN, 25),
        Goal(Measure.VERY_HIGH, Comparison.LESS_THAN, 5),
        _CV_GOAL,
    ),
)
"""Adults and children with type 1 or type 2 diabetes."""
HIGH_RISK: Final = TargetSet(
    key=TargetKey.HIGH_RISK,
    low_mgdl=LOW_MGDL,
    high_mgdl=HIGH_MGDL,
    goals=(
        Goal(Measure.IN_RANGE, Comparison.MORE_THAN, 50),
        Goal(Measure.BELOW, Comparison.LESS_THAN, 1),
        Goal(Measure.VERY_HIGH, Comparison.LESS_THAN, 10),
        _CV_GOAL,
    ),
)
"""Older people, and people for whom a low is especially dangerous."""
PREGNANCY_TYPE_1: Final = TargetSet(
    key=TargetKey.PREGNANCY_TYPE_1,
    low_mgdl=_PREGNANCY_LOW_MGDL,
    high_mgdl=_PREGNANCY_HIGH_MGDL,
    goals=(
        Goal(Measure.IN_RANGE, Comparison.MORE_THAN, 70),
        Goal(Measure.BELOW, Comparison.LESS_THAN, 4),
        Goal(Measure.VERY_LOW, Comparison.LESS_THAN, 1),
        Goal(Measure.ABOVE, Comparison.LESS_THAN, 25),
    ),
)
PREGNANCY_OTHER: Final = TargetSet(
    key=TargetKey.PREGNANCY_OTHER, low_mgdl=_PREGNANCY_LOW_MGDL, high_mgdl=_PREGNANCY_HIGH_MGDL, goals=()
)
"""Pregnancy with type 2 or gestational diabetes."""

TARGET_SETS: Final[Mapping[TargetKey, TargetSet]] = {
    targets.key: targets for targets in (STANDARD, HIGH_RISK, PREGNANCY_TYPE_1, PREGNANCY_OTHER)
}


def judge(
    targets: TargetSet, figures_percent: Mapping[Measure, float | None], *, is_sufficient: bool
) -> tuple[Verdict, ...]:
    """Return the figures beside the targets of a set, in their order; a figure that is not known has no verdict."""
    return tuple(
        Verdict(goal=goal, value_percent=value, is_met=goal.is_met_by(value) if is_sufficient else None)
        for goal in targets.goals
        if (value := figures_percent[goal.measure]) is not None
    )
