"""The target sets of the consensus, and their verdicts."""

from collections.abc import Mapping

import pytest

from custom_components.dexcom_share.glucose.statistics.goals import (
    PREGNANCY_OTHER,
    STANDARD,
    TARGET_SETS,
    Comparison,
    Goal,
    Measure,
    TargetKey,
    judge,
)

NOTHING: Mapping[Measure, float | None] = dict.fromkeys(Measure)


@pytest.mark.parametrize(
    ("key", "limits", "goals"),
    [
        (
            "standard",
            (70, 180),
            """in_range more_than 70, below less_than 4, very_low less_than 1, above less_than 25,
            very_high less_than 5, cv at_most 36""",
        ),
        ("high_risk", (70, 180), "in_range more_than 50, below less_than 1, very_high less_than 10, cv at_most 36"),
        (
            "pregnancy_type_1",
            (63, 140),
            "in_range more_than 70, below less_than 4, very_low less_than 1, above less_than 25",
        ),
        ("pregnancy_other", (63, 140), ""),
    ],
)
def test_targets_are_those_of_the_consensus(key: str, limits: tuple[int, int], goals: str) -> None:
    """Battelino 2019; for other pregnancies no percentages are agreed."""
    targets = TARGET_SETS[TargetKey(key)]
    assert targets.key == key
    assert (targets.low_mgdl, targets.high_mgdl) == limits
    told = ", ".join(f"{goal.measure} {goal.comparison} {goal.limit_percent}" for goal in targets.goals)
    assert told == " ".join(goals.split())


def test_no_set_judges_the_tight_range() -> None:
    """There is no target that is agreed."""
    assert set(TARGET_SETS) == set(TargetKey)
    assert not any("tight" in goal.measure for targets in TARGET_SETS.values() for goal in targets.goals)


@pytest.mark.parametrize(
    ("comparison", "below", "equal", "above"),
    [("more_than", False, False, True), ("less_than", True, False, False), ("at_most", True, True, False)],
)
def test_a_figure_at_the_limit(comparison: str, below: bool, equal: bool, above: bool) -> None:
    """It is neither more nor less."""
    goal = Goal(Measure.IN_RANGE, Comparison(comparison), 70)
    assert (goal.is_met_by(69.999), goal.is_met_by(70.0), goal.is_met_by(70.001)) == (below, equal, above)


def test_each_target_gets_its_figure() -> None:
    """In the order of the set."""
    figures = {
        Measure.IN_RANGE: 71.0,
        Measure.BELOW: 4.0,
        Measure.VERY_LOW: 0.5,
        Measure.ABOVE: 25.0,
        Measure.VERY_HIGH: 4.9,
        Measure.CV: 36.0,
    }
    verdicts = judge(STANDARD, figures, is_sufficient=True)
    assert tuple(verdict.goal for verdict in verdicts) == STANDARD.goals
    assert [verdict.value_percent for verdict in verdicts] == list(figures.values())
    assert [verdict.is_met for verdict in verdicts] == [True, False, True, False, True, True]


def test_too_little_is_not_judged() -> None:
    """The figures stand there without a verdict."""
    [verdict] = judge(STANDARD, {**NOTHING, Measure.IN_RANGE: 100.0}, is_sufficient=False)
    assert (verdict.value_percent, verdict.is_met) == (100.0, None)


def test_what_is_not_known_is_left_out() -> None:
    """As the CV of a single reading."""
    assert judge(STANDARD, NOTHING, is_sufficient=True) == ()


def test_no_targets_no_verdicts() -> None:
    """In a pregnancy without type 1."""
    assert judge(PREGNANCY_OTHER, {**NOTHING, Measure.IN_RANGE: 100.0}, is_sufficient=True) == ()
