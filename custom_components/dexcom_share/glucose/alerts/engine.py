"""What a sequence of readings tells of each kind: readings are folded, one by one, in order of effective time.

Each kind is judged by itself, so that no kind goes missing because of another. Live readings, several in one upload,
those after a restart and late ones take the same way: whatever changes in the past is folded again from there. Nothing
is told here; what there is to tell at the end of the sequence is in `announcing`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from ...share.models import GlucoseReading
from ..freshness import STALE_AFTER
from .kinds import AlertKind
from .measures import GAP, MEASURES, Measured
from .settings import AlertSettings, KindSettings
from .state import Episode, Judged

DELAY_TOLERANCE: Final = timedelta(seconds=30)
"""Sensors run up to a second fast per five minutes, so twelve steps of a delay of an hour may take 59 min 48 s."""
RECOVERED_AFTER: Final = timedelta(minutes=15)
"""So long inside ends an episode even where it never cleared the margin (consensus on the end of an event)."""
KEPT_FOR: Final = timedelta(hours=4)
"""So far back a late reading changes what is judged (alert rule A1)."""
LOWS: Final = (AlertKind.URGENT_LOW, AlertKind.LOW)
"""The kinds that a missing reading never holds back (alert rule S2)."""
MEASURED_READINGS: Final = 24
"""No measure looks at more readings than these."""


def fold(
    judged: Judged, readings: Sequence[GlucoseReading], first: int, *, settings: AlertSettings, tz: tzinfo
) -> list[Judged]:
    """Return what is known after each of `readings[first:]` (oldest first), beginning with what was known before.

    Each reading is judged by the settings of its own time; `tz` is what the clocks at home show, for the night.
    """
    in_force = {is_night: settings.in_force(is_night=is_night) for is_night in (False, True)}
    results = []
    for index in range(first, len(readings)):
        newest = readings[index]
        kinds = in_force[settings.is_night(newest.time, tz)]
        judged = judge(judged, readings[max(index + 1 - MEASURED_READINGS, 0) : index + 1], kinds)
        results.append(judged)
    return results


def judge(judged: Judged, readings: Sequence[GlucoseReading], settings: Mapping[AlertKind, KindSettings]) -> Judged:
    """Return what is known with one more reading, the newest of `readings`."""
    at = readings[-1].time
    is_after_gap = judged.time is not None and at - judged.time >= GAP
    episodes = dict(judged.episodes)
    for kind, measure in MEASURES.items():
        before, kind_settings = judged.episodes[kind], settings[kind]
        if is_after_gap and before.since:
            before = replace(before, since=None)
        came_true = kind is AlertKind.URGENT_LOW_SOON and episodes[AlertKind.URGENT_LOW].is_raised
        if came_true or not kind_settings.enabled:
            episodes[kind] = replace(before, since=None) if before.since else before
            continue
        if kind in LOWS and judged.time is not None and is_due_by_clock(before, judged.time, at, kind_settings.delay):
            before = replace(before, raised_at=judged.time)
        episodes[kind] = _next(before, measure(readings, kind_settings), at, kind_settings.delay)
    return Judged(time=at, episodes=episodes)


def is_due_by_clock(episode: Episode, newest: datetime, now: datetime, delay: timedelta) -> bool:
    """Return whether a run that is still going on fulfils its delay while the next reading is overdue (rule S2)."""
    return (
        episode.since is not None
        and episode.beyond_at == newest
        and now - newest >= STALE_AFTER
        and now - episode.since >= delay
    )


def _next(before: Episode, measured: Measured, at: datetime, delay: timedelta) -> Episode:
    """Return an episode with one more reading, taken at `at`."""
    if measured.is_beyond:
        since = before.since or at
        is_new = not before.is_raised and at - since >= delay - DELAY_TOLERANCE
        raised_at = at if is_new else before.raised_at
        return Episode(since=since, raised_at=raised_at, beyond_at=at, recovered_at=before.recovered_at)
    if measured.is_clear or before.beyond_at is None or at - before.beyond_at >= RECOVERED_AFTER:
        return Episode(since=None, raised_at=before.raised_at, beyond_at=before.beyond_at, recovered_at=at)
    # A dip inside the limit ends nothing, nor the wait for the delay (rules A4 and S1).
    return before
