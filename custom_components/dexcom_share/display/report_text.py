"""A report in five sentences: how it was, what is good, what to look at, since when, and at which hours.

Too little data is told in their place: with it nothing can be judged.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import takewhile
from typing import Final

from ..glucose.statistics.goals import Goal, Measure, TargetSet
from ..glucose.statistics.report import Report
from ..glucose.statistics.sufficiency import CADENCE, LEAST_PERCENT
from ..glucose.statistics.summaries import DaySummary, HourSummary
from .texts import Say
from .times import local_time
from .units import as_shown

MEASURES: Final[Mapping[Measure, str]] = {
    Measure.IN_RANGE: "report_measure_in_range",
    Measure.BELOW: "report_measure_below",
    Measure.VERY_LOW: "report_measure_very_low",
    Measure.ABOVE: "report_measure_above",
    Measure.VERY_HIGH: "report_measure_very_high",
    Measure.CV: "report_measure_cv",
}
"""What each measure is called in a sentence."""

_LEAST_OF_A_DAY: Final = timedelta(days=1) / CADENCE * LEAST_PERCENT / 100
"""So many readings speak for a day; a morning alone does not."""


def report_text(report: Report, unit: str, say: Say) -> str:
    """Return the sentences of a report, one after the other."""
    return " ".join(_sentences(report, unit, say))


def _sentences(report: Report, unit: str, say: Say) -> Sequence[str]:
    """Return five sentences, or fewer where there are too few readings to judge."""
    statistics = report.statistics
    figures, targets = statistics.figures, statistics.targets
    span = {"start": local_time(statistics.window.start), "end": local_time(statistics.window.end)}
    if figures is None:
        return [say("report_no_readings", **span)]
    overview = say(
        "report_overview",
        **span,
        in_range=_percent(figures.ranges.in_range_percent),
        low=str(as_shown(targets.low_mgdl, unit)),
        high=str(as_shown(targets.high_mgdl, unit)),
        below=_percent(figures.ranges.below_percent),
        above=_percent(figures.ranges.above_percent),
        mean=str(as_shown(figures.mean_mgdl, unit)),
        unit=unit,
    )
    if not statistics.sufficiency.is_sufficient:
        there = _percent(statistics.sufficiency.percent)
        return [overview, say("report_too_few", there=there, least=str(LEAST_PERCENT))]
    return [overview, *_judgement(report, say), _since(report.days, targets, say), _hours(report, say)]


def _judgement(report: Report, say: Say) -> Sequence[str]:
    """Return what is good and what to look at, each with its figure."""
    if not report.statistics.verdicts:
        return [say("report_no_targets"), say("report_no_verdict")]
    lists = {
        is_met: ", ".join(
            say(MEASURES[verdict.goal.measure], percent=_percent(verdict.value_percent))
            for verdict in report.statistics.verdicts
            if verdict.is_met is is_met
        )
        for is_met in (True, False)
    }
    good, bad = lists[True], lists[False]
    return [
        say("report_good", measures=good) if good else say("report_nothing_good"),
        say("report_look_at", measures=bad) if bad else say("report_nothing_to_look_at"),
    ]


def _since(days: Sequence[DaySummary], targets: TargetSet, say: Say) -> str:
    """Return since which day the time in range is as it is on the last day; days that can't be judged end the run."""
    goal = next((goal for goal in targets.goals if goal.measure is Measure.IN_RANGE), None)
    newest_first = [_is_met(goal, day) for day in reversed(days)]
    # The day that is under way may not have enough readings yet.
    skipped = 1 if newest_first and newest_first[0] is None else 0
    latest = next(iter(newest_first[skipped:]), None)
    if goal is None or latest is None:
        return say("report_since_unknown")
    run = sum(1 for _ in takewhile(lambda is_met: is_met is latest, newest_first[skipped:]))
    first = days[len(days) - skipped - run]
    key = "report_since_met" if latest else "report_since_missed"
    return say(key, day=first.day.isoformat(), target=f"{goal.limit_percent:g}")


def _is_met(goal: Goal | None, day: DaySummary) -> bool | None:
    """Return whether the time in range of a day meets its target, None where that can't be judged."""
    if goal is None or day.figures is None or day.sufficiency.n < _LEAST_OF_A_DAY:
        return None
    return goal.is_met_by(day.figures.ranges.in_range_percent)


def _hours(report: Report, say: Say) -> str:
    """Return the best and the worst hour of the day, where any stands out."""
    if not report.best_hour or not report.worst_hour:
        return say("report_hours_alike")
    return say("report_hours", **_hour("best", report.best_hour), **_hour("worst", report.worst_hour))


def _hour(name: str, hour: HourSummary) -> Mapping[str, str]:
    """Return the beginning and the end of an hour of the day, as placeholders."""
    return {f"{name}_start": f"{hour.hour}:00", f"{name}_end": f"{(hour.hour + 1) % 24}:00"}


def _percent(value: float) -> str:
    """Return a percentage in words: whole, and never a nothing or an everything that is none."""
    if 0 < value < 1:
        return "<1"
    return ">99" if 99 < value < 100 else str(round(value))
