"""Statistics and reports as an action answers with them: plain data, rounded, concentrations in the person's unit."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from homeassistant.util.json import JsonObjectType, JsonValueType

from ..glucose.statistics.episodes import Episode
from ..glucose.statistics.figures import Figures
from ..glucose.statistics.goals import Verdict
from ..glucose.statistics.profile import Percentiles, ProfilePoint
from ..glucose.statistics.report import Report, Statistics
from ..glucose.statistics.sufficiency import Sufficiency
from .times import local_iso
from .units import as_shown

_CONCENTRATIONS: Final[Mapping[str, Callable[[Figures], float | None]]] = {
    "mean": lambda figures: figures.mean_mgdl,
    "median": lambda figures: figures.median_mgdl,
    "sd": lambda figures: figures.sd_mgdl,
    "lowest": lambda figures: figures.lowest_mgdl,
    "highest": lambda figures: figures.highest_mgdl,
}
_NUMBERS: Final[Mapping[str, tuple[int, Callable[[Figures], float | None]]]] = {
    "cv_percent": (1, lambda figures: figures.cv_percent),
    "in_range_percent": (1, lambda figures: figures.ranges.in_range_percent),
    "tight_range_percent": (1, lambda figures: figures.ranges.tight_range_percent),
    "below_percent": (1, lambda figures: figures.ranges.below_percent),
    "very_low_percent": (1, lambda figures: figures.ranges.very_low_percent),
    "low_percent": (1, lambda figures: figures.ranges.low_percent),
    "above_percent": (1, lambda figures: figures.ranges.above_percent),
    "high_percent": (1, lambda figures: figures.ranges.high_percent),
    "very_high_percent": (1, lambda figures: figures.ranges.very_high_percent),
    "gri": (1, lambda figures: figures.gri),
    "lbgi": (2, lambda figures: figures.lbgi),
    "hbgi": (2, lambda figures: figures.hbgi),
}
"""With how many decimals each is told."""

_PERCENTILES: Final[Mapping[str, Callable[[Percentiles], float]]] = {
    "p5": lambda percentiles: percentiles.p5_mgdl,
    "p25": lambda percentiles: percentiles.p25_mgdl,
    "p50": lambda percentiles: percentiles.p50_mgdl,
    "p75": lambda percentiles: percentiles.p75_mgdl,
    "p95": lambda percentiles: percentiles.p95_mgdl,
}


def statistics_data(statistics: Statistics, unit: str) -> JsonObjectType:
    """Return the figures of a window beside their targets; what is not known or withheld is None."""
    window, targets = statistics.window, statistics.targets
    return {
        "start": local_iso(window.start),
        "end": local_iso(window.end),
        "hours_from": window.hours.start.isoformat() if window.hours else None,
        "hours_to": window.hours.end.isoformat() if window.hours else None,
        "targets": targets.key.value,
        "range_low": as_shown(targets.low_mgdl, unit),
        "range_high": as_shown(targets.high_mgdl, unit),
        "sufficiency": _sufficiency(statistics.sufficiency),
        "figures": {
            **_figures(statistics.figures, unit),
            "gmi_percent": _rounded(statistics.gmi_percent, 1),
            "gmi_mmol_mol": _rounded(statistics.gmi_mmol_mol, 0),
        },
        "verdicts": [_verdict(verdict) for verdict in statistics.verdicts],
    }


def report_data(report: Report, unit: str) -> JsonObjectType:
    """Return everything about a window."""
    return {
        **statistics_data(report.statistics, unit),
        "episodes": {
            "low": _episodes(report.low_episodes, unit),
            "very_low": _episodes(report.very_low_episodes, unit),
            "high": _episodes(report.high_episodes, unit),
            "very_high": _episodes(report.very_high_episodes, unit),
        },
        "profile": [_profile_point(point, unit) for point in report.profile],
        "days": [
            {
                "day": day.day.isoformat(),
                "sufficiency": _sufficiency(day.sufficiency),
                "figures": _figures(day.figures, unit),
            }
            for day in report.days
        ],
        "hours": [
            {
                "hour": hour.hour,
                "sufficiency": _sufficiency(hour.sufficiency),
                "figures": _figures(hour.figures, unit),
            }
            for hour in report.hours
        ],
        "best_hour": report.best_hour.hour if report.best_hour else None,
        "worst_hour": report.worst_hour.hour if report.worst_hour else None,
    }


def _figures(figures: Figures | None, unit: str) -> JsonObjectType:
    """Return all figures that readings have; each is None without readings."""
    if figures is None:
        return dict.fromkeys([*_CONCENTRATIONS, *_NUMBERS, "gri_zone"])
    return {
        **{key: _shown(of(figures), unit) for key, of in _CONCENTRATIONS.items()},
        **{key: _rounded(of(figures), digits) for key, (digits, of) in _NUMBERS.items()},
        "gri_zone": figures.gri_zone.value,
    }


def _sufficiency(sufficiency: Sufficiency) -> JsonObjectType:
    """Return whether there are enough readings to go by."""
    return {
        "readings": sufficiency.n,
        "expected": sufficiency.expected,
        "percent": _rounded(sufficiency.percent, 1),
        "sufficient": sufficiency.is_sufficient,
    }


def _verdict(verdict: Verdict) -> JsonObjectType:
    """Return a figure beside its target."""
    return {
        "measure": verdict.goal.measure.value,
        "comparison": verdict.goal.comparison.value,
        "target_percent": verdict.goal.limit_percent,
        "percent": _rounded(verdict.value_percent, 1),
        "met": verdict.is_met,
    }


def _episodes(episodes: Sequence[Episode], unit: str) -> JsonValueType:
    """Return the episodes of one kind."""
    return [
        {
            "start": local_iso(episode.start),
            "end": local_iso(episode.end),
            "minutes": round(episode.duration.total_seconds() / 60),
            "extreme": as_shown(episode.extreme_mgdl, unit),
            "extended": episode.is_extended,
            "ongoing": episode.is_ongoing,
        }
        for episode in episodes
    ]


def _profile_point(point: ProfilePoint, unit: str) -> JsonObjectType:
    """Return one time of day of the profile."""
    return {
        "time": f"{point.minute_of_day // 60:02}:{point.minute_of_day % 60:02}",
        "readings": point.n,
        **{
            key: as_shown(of(point.percentiles), unit) if point.percentiles else None
            for key, of in _PERCENTILES.items()
        },
    }


def _shown(mgdl: float | None, unit: str) -> float | None:
    """Return a concentration as a person reads it, None where it is not known."""
    return None if mgdl is None else as_shown(mgdl, unit)


def _rounded(value: float | None, digits: int) -> float | None:
    """Return a figure with so many decimals, whole without any, None where it is not known."""
    return None if value is None else round(value, digits or None)
