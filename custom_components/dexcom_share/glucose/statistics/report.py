"""What the readings of a window tell, in two results: figures alone, or everything."""

from collections import Counter
from dataclasses import dataclass

from .counted import Readings
from .distribution import Distribution
from .episodes import Episode, EpisodeKind, find_episodes
from .figures import Figures, figures_of
from .goals import STANDARD, TargetSet, Verdict, judge
from .profile import ProfilePoint, glucose_profile
from .sufficiency import Sufficiency
from .summaries import DaySummary, HourSummary, best_and_worst, daily_summaries, hourly_summaries
from .variability import gmi_mmol_mol, gmi_percent
from .windowed import Window, WindowedReadings


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The figures of a window beside the targets of a set.

    `figures` are None without readings. With less than 70 % of the readings there could be, `sufficiency` says so, GMI
    is None, and no verdict is given.
    """

    window: Window
    targets: TargetSet
    sufficiency: Sufficiency
    figures: Figures | None
    gmi_percent: float | None
    gmi_mmol_mol: float | None
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything about a window: its figures, episodes by kind, profile, days, and hours of the day.

    Episodes belong to the window in which they began. `best_hour` and `worst_hour` are None where none stands out.
    """

    statistics: Statistics
    low_episodes: tuple[Episode, ...]
    very_low_episodes: tuple[Episode, ...]
    high_episodes: tuple[Episode, ...]
    very_high_episodes: tuple[Episode, ...]
    profile: tuple[ProfilePoint, ...]
    days: tuple[DaySummary, ...]
    hours: tuple[HourSummary, ...]
    best_hour: HourSummary | None
    worst_hour: HourSummary | None


def statistics_of(readings: Distribution, expected: int, window: Window, targets: TargetSet) -> Statistics:
    """Return the figures of the readings of a window, in which so many were expected."""
    sufficiency = Sufficiency.of(readings.n, expected)
    figures = figures_of(readings, targets)
    mean_mgdl = figures.mean_mgdl if figures and sufficiency.is_sufficient else None
    return Statistics(
        window=window,
        targets=targets,
        sufficiency=sufficiency,
        figures=figures,
        gmi_percent=None if mean_mgdl is None else gmi_percent(mean_mgdl),
        gmi_mmol_mol=None if mean_mgdl is None else gmi_mmol_mol(mean_mgdl),
        verdicts=judge(targets, figures.percentages, is_sufficient=sufficiency.is_sufficient) if figures else (),
    )


def make_statistics(readings: Readings, window: Window, targets: TargetSet = STANDARD) -> Statistics:
    """Return the figures of those of some readings that are in a window."""
    return _statistics(WindowedReadings.of(readings, window), window, targets)


def make_report(readings: Readings, window: Window, targets: TargetSet = STANDARD) -> Report:
    """Return everything about a window; `readings` may reach beyond it.

    90 days take some hundredths of a second, so it is no work for the event loop.
    """
    inside = WindowedReadings.of(readings, window)
    hours = hourly_summaries(inside, targets)
    extremes = best_and_worst(hours)
    episodes = {kind: _episodes(readings, kind, window, targets) for kind in EpisodeKind}
    return Report(
        statistics=_statistics(inside, window, targets),
        low_episodes=episodes[EpisodeKind.LOW],
        very_low_episodes=episodes[EpisodeKind.VERY_LOW],
        high_episodes=episodes[EpisodeKind.HIGH],
        very_high_episodes=episodes[EpisodeKind.VERY_HIGH],
        profile=glucose_profile(inside),
        days=daily_summaries(inside, targets),
        hours=hours,
        best_hour=extremes[0] if extremes else None,
        worst_hour=extremes[1] if extremes else None,
    )


def _statistics(inside: WindowedReadings, window: Window, targets: TargetSet) -> Statistics:
    """Return the figures of the readings of a window."""
    distribution = Distribution.from_counts(Counter(inside.values_mgdl))
    return statistics_of(distribution, len(inside.expected_local_times_ms), window, targets)


def _episodes(readings: Readings, kind: EpisodeKind, window: Window, targets: TargetSet) -> tuple[Episode, ...]:
    """Return the episodes that began in a window, and in its hours of the day."""
    episodes = find_episodes(readings, kind, targets, window.start, window.end)
    return tuple(episode for episode in episodes if window.covers(episode.start))
