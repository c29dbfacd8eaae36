"""Episodes: when glucose was below or above a limit for long enough to count, and until when.

After Battelino et al., Lancet Diabetes Endocrinol 2023;11:42, made exact for readings every five minutes. A reading
stands for five minutes. An episode begins with the first of three readings in a row beyond the limit (15 minutes). It
is over when three in a row are not beyond it, and has lasted until five minutes after the last that was. Between
readings in a row two may be missing, which are neither counted nor guessed. Three missing ones could hide an end, so
the episode ends before such a gap, and what comes after it must begin anew. Episodes below 54 mg/dL lie within such
below the range, as in the consensus; so do those above 250 mg/dL within such above it.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ..reading_columns import EPOCH, MILLISECOND, milliseconds
from .counted import Readings
from .goals import TargetSet
from .risk import VERY_HIGH_MGDL, VERY_LOW_MGDL
from .sufficiency import CADENCE, CADENCE_MS

LEAST_READINGS: Final = 3
"""How many readings in a row begin and end an episode."""
LONGEST_STEP: Final = timedelta(minutes=17, seconds=30)
"""Up to here at most two readings are missing between two others."""
EXTENDED_LOW_AFTER: Final = timedelta(minutes=120)
EXTENDED_HIGH_READINGS: Final = 18
"""90 minutes above 250 mg/dL ..."""
EXTENDED_HIGH_WITHIN: Final = timedelta(minutes=120)
"""... within a period of two hours."""

_LONGEST_STEP_MS: Final = LONGEST_STEP // MILLISECOND


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
        match self:
            case EpisodeKind.LOW:
                return targets.low_mgdl
            case EpisodeKind.VERY_LOW:
                return VERY_LOW_MGDL
            case EpisodeKind.HIGH:
                return targets.high_mgdl
            case EpisodeKind.VERY_HIGH:
                return VERY_HIGH_MGDL


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
    limit_mgdl, is_below = kind.limit_mgdl(targets), kind.is_below
    flags = [(value < limit_mgdl) if is_below else (value > limit_mgdl) for value in readings.values_mgdl[:end]]
    start = _restart_place(readings, flags, readings.place_after(since))
    episodes = (_episode(readings, kind, first, last, end, until) for first, last in _spans(readings, flags, start))
    return tuple(episode for episode in episodes if episode.start > since)


def _restart_place(readings: Readings, flags: list[bool], place: int) -> int:
    """Return a place at or before another from which no earlier reading matters: after a gap, or three within."""
    place = min(place, len(flags))
    within = 0
    while place and within < LEAST_READINGS:
        place -= 1
        if place + 1 < len(flags) and _is_gap(readings, place + 1):
            return place + 1
        within = 0 if flags[place] else within + 1
    return place


def _is_gap(readings: Readings, place: int) -> bool:
    """Return whether readings are missing before a place in such number that an episode may have ended among them."""
    return readings.times_ms[place] - readings.times_ms[place - 1] > _LONGEST_STEP_MS


def _spans(readings: Readings, flags: list[bool], start: int) -> Iterator[tuple[int, int]]:
    """Return the places of the first and the last reading beyond the limit of each episode from a place on."""
    first: int | None = None
    last = against = 0
    for place in range(start, len(flags)):
        if place > start and _is_gap(readings, place):
            if first is not None:
                yield first, last
            first, against = None, 0
        is_beyond = flags[place]
        if first is not None and is_beyond:
            last = place
        # Readings that speak against what holds; three of them in a row change it.
        against = 0 if is_beyond == (first is not None) else against + 1
        if against < LEAST_READINGS:
            continue
        against = 0
        if first is None:
            first, last = place - LEAST_READINGS + 1, place
        else:
            yield first, last
            first = None
    if first is not None:
        yield first, last


def _episode(readings: Readings, kind: EpisodeKind, first: int, last: int, end: int, until: datetime) -> Episode:
    """Return the episode between two places of the readings, which go up to the place `end`."""
    start_ms, last_ms = readings.times_ms[first], readings.times_ms[last]
    values_mgdl = readings.values_mgdl[first : last + 1]
    is_silent = milliseconds(until) - readings.times_ms[end - 1] > _LONGEST_STEP_MS
    is_cut = any(_is_gap(readings, place) for place in range(last + 1, end)[: LEAST_READINGS - 1])
    return Episode(
        kind=kind,
        start=EPOCH + start_ms * MILLISECOND,
        end=EPOCH + last_ms * MILLISECOND + CADENCE,
        extreme_mgdl=min(values_mgdl) if kind.is_below else max(values_mgdl),
        is_extended=_is_extended(readings, kind, first, last),
        is_ongoing=end - last <= LEAST_READINGS and not is_cut and not is_silent,
    )


def _is_extended(readings: Readings, kind: EpisodeKind, first: int, last: int) -> bool:
    """Return whether an episode below or above the range is an extended one."""
    times_ms = readings.times_ms
    if kind is EpisodeKind.LOW:
        return times_ms[last] + CADENCE_MS - times_ms[first] > EXTENDED_LOW_AFTER // MILLISECOND
    if kind is not EpisodeKind.HIGH:
        return False
    latest: deque[int] = deque(maxlen=EXTENDED_HIGH_READINGS)
    for place in range(first, last + 1):
        if readings.values_mgdl[place] > VERY_HIGH_MGDL:
            latest.append(times_ms[place])
            # The last of them stands for five minutes more.
            if (
                len(latest) == latest.maxlen
                and latest[-1] + CADENCE_MS - latest[0] <= EXTENDED_HIGH_WITHIN // MILLISECOND
            ):
                return True
    return False
