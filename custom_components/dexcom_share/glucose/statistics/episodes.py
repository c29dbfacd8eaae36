"""Episodes: when glucose was below or above a limit for long enough to count, and until when.

After Battelino et al., Lancet Diabetes Endocrinol 2023;11:42, made exact for readings every five minutes. A reading
stands for five minutes. An episode begins with the first of three readings in a row beyond the limit (15 minutes). It
is over when three in a row are not beyond it, and has lasted until five minutes after the last that was. Between
readings in a row two may be missing, which are neither counted nor guessed. Three missing ones could hide an end, so
the episode ends before such a gap, and what comes after it must begin anew. Episodes below 54 mg/dL lie within such
below the range, as in the consensus; so do those above 250 mg/dL within such above it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ...share.models import HIGH_LIMIT_MGDL
from ..reading_columns import EPOCH, MILLISECOND, milliseconds
from .counted import Readings
from .goals import TargetSet
from .risk import VERY_HIGH_MGDL, VERY_LOW_MGDL
from .sufficiency import CADENCE

LEAST_READINGS: Final = 3
"""How many readings in a row begin and end an episode."""
LONGEST_STEP: Final = timedelta(minutes=17, seconds=30)
"""Up to here at most two readings are missing between two others."""
EXTENDED_HIGH_READINGS: Final = 18
"""So many readings stand for 90 minutes."""

_LONGEST_STEP_MS: Final = LONGEST_STEP // MILLISECOND
# From the first reading to the last: 24 readings stand for two hours, and cadences jitter.
_WITHIN_TWO_HOURS_MS: Final = (timedelta(hours=2) - CADENCE / 2) // MILLISECOND


class EpisodeKind(StrEnum):
    """What an episode is beyond: an end of the target range, or the limit of the very low and very high."""

    LOW = "low"
    VERY_LOW = "very_low"
    HIGH = "high"
    VERY_HIGH = "very_high"

    @property
    def is_below(self) -> bool:
        """Return whether glucose is below the limit."""
        return self in {EpisodeKind.LOW, EpisodeKind.VERY_LOW}

    def limit_mgdl(self, targets: TargetSet) -> int:
        """Return the limit in mg/dL, which itself is not beyond."""
        return {
            EpisodeKind.LOW: targets.low_mgdl,
            EpisodeKind.VERY_LOW: VERY_LOW_MGDL,
            EpisodeKind.HIGH: targets.high_mgdl,
            EpisodeKind.VERY_HIGH: VERY_HIGH_MGDL,
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One episode (aware UTC times), with the lowest value of a low or the highest of a high in mg/dL.

    A low one is extended when it lasts more than 120 minutes, a high one when 90 minutes within 120 are above
    250 mg/dL; the very low and the very high are never. An ongoing one may go on after the last reading.
    """

    kind: EpisodeKind
    start: datetime
    end: datetime
    extreme_mgdl: int
    is_extended: bool
    is_ongoing: bool

    @property
    def duration(self) -> timedelta:
        """Return how long it lasted; while it is ongoing, how long so far."""
        return self.end - self.start


def find_episodes(
    readings: Readings, kind: EpisodeKind, targets: TargetSet, since: datetime, until: datetime
) -> tuple[Episode, ...]:
    """Return the episodes that began after `since` and up to `until`, oldest first, as they stood at `until`.

    `readings` may reach back further: an episode that began earlier is no new one of this time.
    """
    end = readings.place_after(until)
    within_mgdl = _within(kind, targets)
    start = _restart_place(readings, within_mgdl, min(readings.place_after(since), end))
    part = Readings(readings.times_ms[start:end], readings.values_mgdl[start:end])
    is_silent = not len(part) or milliseconds(until) - part.times_ms[-1] > _LONGEST_STEP_MS
    episodes = [
        Episode(
            kind=kind,
            start=_time_at(part, first),
            end=min(_time_at(part, last) + CADENCE, until),
            extreme_mgdl=(min if kind.is_below else max)(part.values_mgdl[first : last + 1]),
            is_extended=_is_extended(part, kind, first, last),
            is_ongoing=is_open and not is_silent,
        )
        for first, last, is_open in _spans(part, within_mgdl)
    ]
    return tuple(episode for episode in episodes if episode.start > since)


def _time_at(readings: Readings, place: int) -> datetime:
    """Return the time of the reading at a place."""
    return EPOCH + readings.times_ms[place] * MILLISECOND


def _within(kind: EpisodeKind, targets: TargetSet) -> range:
    """Return the values in mg/dL that are not beyond the limit of a kind."""
    limit_mgdl = kind.limit_mgdl(targets)
    return range(limit_mgdl, HIGH_LIMIT_MGDL + 1) if kind.is_below else range(limit_mgdl + 1)


def _restart_place(readings: Readings, within_mgdl: range, place: int) -> int:
    """Return a place, at most the one given, before which no reading matters: three from there on are not beyond."""
    within = 0
    while place and within < LEAST_READINGS:
        place -= 1
        within = within + 1 if readings.values_mgdl[place] in within_mgdl else 0
    return place


def _spans(readings: Readings, within_mgdl: range) -> Iterator[tuple[int, int, bool]]:
    """Return of each episode the places of the first and last reading beyond, and whether none that is left ends it."""
    first: int | None = None
    last = against = 0
    before_ms = readings.times_ms[0] if len(readings) else 0
    for place, (time_ms, value) in enumerate(zip(readings.times_ms, readings.values_mgdl, strict=True)):
        is_gap, before_ms, is_beyond = time_ms - before_ms > _LONGEST_STEP_MS, time_ms, value not in within_mgdl
        if is_gap:
            if first is not None:
                yield first, last, False
            first, against = None, 0
        if is_beyond:
            last = place
        # Readings that speak against what holds: three of them in a row change it.
        against = 0 if is_beyond == (first is not None) else against + 1
        if against < LEAST_READINGS:
            continue
        against = 0
        if first is not None:
            yield first, last, False
            first = None
        else:
            first = place - LEAST_READINGS + 1
    if first is not None:
        yield first, last, True


def _is_extended(readings: Readings, kind: EpisodeKind, first: int, last: int) -> bool:
    """Return whether an episode below or above the range is an extended one."""
    times_ms, values_mgdl = readings.times_ms, readings.values_mgdl
    if kind is EpisodeKind.LOW:
        return times_ms[last] - times_ms[first] > _WITHIN_TWO_HOURS_MS
    if kind is not EpisodeKind.HIGH:
        return False
    very_high_ms = [times_ms[place] for place in range(first, last + 1) if values_mgdl[place] > VERY_HIGH_MGDL]
    others_ms = very_high_ms[EXTENDED_HIGH_READINGS - 1 :]
    return any(end - start <= _WITHIN_TWO_HOURS_MS for start, end in zip(very_high_ms, others_ms, strict=False))
