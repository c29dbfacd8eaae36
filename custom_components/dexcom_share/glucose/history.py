"""The readings of the last 90 days, each once, in order of their effective time.

Saved in two parts, so that what is written after every reading stays small: `recent`, the last days, and `archive`,
everything up to the last time it was saved. The parts overlap, and together they are whole at any moment, whichever of
them was written last.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import sub
from typing import Final, Self

from ..share.models import GlucoseReading
from .freshness import HeardReading
from .reading_columns import EPOCH, LONGEST_DELAY_MS, MILLISECOND, ReadingColumns, milliseconds

KEPT: Final = timedelta(days=90)
FUTURE_TOLERANCE: Final = timedelta(minutes=10)
"""Readings stamped further ahead than a wearer's clock plausibly runs fast are no readings of this person's present."""
TWINS_WITHIN: Final = timedelta(seconds=150)
"""Stamps closer than half a cadence are of two devices that upload for one person."""
TWINS_ASSESSED_OVER: Final = timedelta(hours=1)
"""An answer must cover so much without a twin before the second device counts as gone."""
OVERLAP: Final = timedelta(hours=36)
"""How far `recent` reaches back behind the end of the archive: Share serves 24 hours, so nothing comes in later."""
ARCHIVE_EVERY: Final = timedelta(days=1)
MADE_AT_MOST: Final = 300
"""How many of the newest readings are held ready as objects: each poll needs those of the last hours."""

_OVERLAP_MS: Final = OVERLAP // MILLISECOND
_TWINS_WITHIN_MS: Final = TWINS_WITHIN // MILLISECOND
_TWINS_ASSESSED_OVER_MS: Final = TWINS_ASSESSED_OVER // MILLISECOND
_BEFORE_ALL_MS: Final = -(2**63)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """What a merge changed: the readings that were new, in order, and whether the newest of all is among them."""

    added: tuple[HeardReading, ...]
    newest_added: bool


def complete_since(readings: Sequence[GlucoseReading], asked_since: datetime, max_count: int) -> datetime:
    """Return from when on an answer of Share holds every reading: a full one may lack what is older than its oldest."""
    if len(readings) < max_count:
        return asked_since
    return max(min((reading.time for reading in readings), default=asked_since), asked_since)


class History:
    """Readings in order of effective time (where equal: of stamp), each once; times are kept to the millisecond."""

    __slots__ = ("_columns", "_has_twins", "_made", "_recent_from_ms", "_recent_from_ms_once_saved")

    def __init__(self) -> None:
        """Start empty."""
        self._columns = ReadingColumns()
        self._made: tuple[HeardReading, ...] = ()
        self._has_twins = False
        # The earliest effective time of what the saved archive may lack, and of what the archive made last may lack.
        self._recent_from_ms = _BEFORE_ALL_MS
        self._recent_from_ms_once_saved = _BEFORE_ALL_MS

    def __len__(self) -> int:
        """Return how many readings are kept."""
        return len(self._columns)

    @property
    def newest(self) -> HeardReading | None:
        """Return the reading with the latest effective time, None while there is none."""
        return self._readings(len(self) - 1)[0] if len(self) else None

    @property
    def has_twins(self) -> bool:
        """Return whether two devices upload for this person, by the answers merged last."""
        return self._has_twins

    def latest(self, count: int) -> tuple[HeardReading, ...]:
        """Return the newest `count` readings, fewer where there are fewer, oldest first."""
        return self._readings(max(len(self) - count, 0))

    def recent(self, since: datetime) -> tuple[HeardReading, ...]:
        """Return the readings with an effective time at or after `since`, oldest first."""
        return self._readings(bisect_left(self._columns.times_ms, milliseconds(since)))

    def copy_since(self, since: datetime) -> ReadingColumns:
        """Return the readings with an effective time at or after `since` as a copy that another thread may use."""
        return self._columns.copy(bisect_left(self._columns.times_ms, milliseconds(since)))

    def pairs(self, since: datetime, until: datetime) -> list[tuple[int, int]]:
        """Return effective time in milliseconds since 1970 and value in mg/dL of the readings between two moments."""
        times_ms = self._columns.times_ms
        start, end = bisect_left(times_ms, milliseconds(since)), bisect_right(times_ms, milliseconds(until))
        return self._columns.pairs(start, end)

    def previous(self, reading: GlucoseReading, at_least: timedelta = timedelta(0)) -> HeardReading | None:
        """Return the last reading kept that comes before `reading`, by `at_least` so much; None where there is none.

        With 2 min 30 s that is the one a cadence before, also where two devices upload each reading.
        """
        if at_least:
            place = bisect_right(self._columns.times_ms, milliseconds(reading.time - at_least))
        else:
            place = self._columns.place(milliseconds(reading.time), milliseconds(_stamp(reading)))
        return self._columns.reading(place - 1) if place else None

    def merge(self, readings: Sequence[GlucoseReading], heard_at: datetime) -> Merge:
        """Take in what Share served, in any order, and return what of it was new.

        `heard_at` is when it came, by our clock; readings that were heard before keep their own. A reading is known
        when one of its stamp is kept, or one of its value stamped at most a minute away: a sensor measures every five
        minutes, and where two sensors meet, readings so close that are also equal tell nothing more. The one heard
        first stays, so that what was once shown does not change. A stamp more than 24 days ahead is not taken in.
        """
        columns = self._columns
        stamps_ms = [milliseconds(_stamp(reading)) for reading in readings]
        self._observe_twins(stamps_ms)
        count_before = len(columns)
        newest_before = columns.newest_key
        heard_ms = milliseconds(heard_at)
        heard_at = EPOCH + heard_ms * MILLISECOND
        added: list[HeardReading] = []
        at_end = True
        for reading, stamp_ms in zip(readings, stamps_ms, strict=True):
            if columns.is_known(stamp_ms, reading.value):
                continue
            delay_ms = (milliseconds(reading.heard_at) if isinstance(reading, HeardReading) else heard_ms) - stamp_ms
            if delay_ms < -LONGEST_DELAY_MS:
                continue
            place = columns.insert(reading, stamp_ms, min(delay_ms, LONGEST_DELAY_MS))
            # What is told is what is kept; it need not be made again where nothing of it was rounded off.
            is_rounded = delay_ms > LONGEST_DELAY_MS or reading.time.microsecond % 1000
            is_plain = not isinstance(reading, HeardReading)
            added.append(HeardReading.of(reading, heard_at) if is_plain and not is_rounded else columns.reading(place))
            at_end = at_end and place >= count_before
        if added:
            added.sort(key=_in_order)
            earliest_ms = milliseconds(added[0].time)
            self._recent_from_ms = min(self._recent_from_ms, earliest_ms)
            self._recent_from_ms_once_saved = min(self._recent_from_ms_once_saved, earliest_ms)
            # The usual case is one more at the end.
            self._made = (*self._made, *added)[-MADE_AT_MOST:] if at_end else ()
        return Merge(added=tuple(added), newest_added=columns.newest_key != newest_before)

    def prune(self, now: datetime, *, is_confirmed: bool) -> datetime | None:
        """Forget what is older than 90 days, by `now` and by the newest effective time, whichever keeps more.

        Returns the time before which nothing is kept, None where nothing may be forgotten.

        Neither a stamp nor a clock that is far ahead must cost the history, so nothing is forgotten either while Share
        has not confirmed the clock.
        """
        times_ms = self._columns.times_ms
        if not is_confirmed or not times_ms:
            return None
        since_ms = min(milliseconds(now), times_ms[-1]) - KEPT // MILLISECOND
        self._columns.delete_before(bisect_left(times_ms, since_ms))
        self._made = self._made[-len(self) :]
        return EPOCH + since_ms * MILLISECOND

    def drop_future(self, now: datetime) -> tuple[HeardReading, ...]:
        """Forget readings of an effective time more than 10 min beyond `now`, and return them; Share confirmed `now`.

        They were heard while our clock ran fast, and would stand before the readings of the present.
        """
        columns = self._columns
        places = range(bisect_right(columns.times_ms, milliseconds(now + FUTURE_TOLERANCE)), len(columns))
        if not places:
            return ()
        dropped = tuple(map(columns.reading, places))
        columns.delete(places)
        self._made = ()
        return dropped

    @property
    def archive_is_due(self) -> bool:
        """Return whether `recent_to_dict` has grown by a day since the archive was saved."""
        start = self._recent_start()
        times_ms = self._columns.times_ms
        return start < len(times_ms) and times_ms[-1] - times_ms[start] > (OVERLAP + ARCHIVE_EVERY) // MILLISECOND

    def archive_to_dict(self) -> dict[str, object]:
        """Return everything, as plain JSON; call `archive_saved` once it is on the disk."""
        self._begin_archive()
        return self._columns.to_dict(0)

    def archive_saved(self) -> None:
        """Let `recent_to_dict` leave out what the archive made last now holds."""
        self._recent_from_ms = self._recent_from_ms_once_saved

    def recent_to_dict(self) -> dict[str, object]:
        """Return what must be saved after every merge, as plain JSON: all that the saved archive might not hold."""
        return self._columns.to_dict(self._recent_start())

    @classmethod
    def from_dict(cls, stored: Mapping[str, object]) -> Self:
        """Return one saved part; raise ValueError where it is damaged or of an unknown version."""
        part = cls()
        part._columns.load(stored)
        part._begin_archive()
        return part

    @classmethod
    def from_parts(cls, archive: Self | None, recent: Self | None) -> Self:
        """Return the history that two saved parts make up, None for one that is not there."""
        history = archive or cls()
        history.archive_saved()
        if recent:
            history.merge(recent.latest(len(recent)), EPOCH)
        return history

    @classmethod
    def from_dicts(cls, archive: Mapping[str, object] | None, recent: Mapping[str, object] | None) -> Self:
        """Return the history from both parts as they were saved; raise ValueError where one is damaged."""
        return cls.from_parts(*(None if part is None else cls.from_dict(part) for part in (archive, recent)))

    def _observe_twins(self, stamps_ms: Sequence[int]) -> None:
        """Note whether an answer has readings of two devices; a short one without any tells nothing."""
        ordered = sorted(stamps_ms)
        if min(map(sub, ordered[1:], ordered, strict=False), default=_TWINS_WITHIN_MS) < _TWINS_WITHIN_MS:
            self._has_twins = True
        elif ordered and ordered[-1] - ordered[0] >= _TWINS_ASSESSED_OVER_MS:
            self._has_twins = False

    def _readings(self, start: int) -> tuple[HeardReading, ...]:
        """Return the readings from a place on."""
        made_from = len(self) - len(self._made)
        if start >= made_from:
            return self._made[start - made_from :]
        readings = (*map(self._columns.reading, range(start, made_from)), *self._made)
        if len(readings) <= MADE_AT_MOST:
            self._made = readings
        return readings

    def _recent_start(self) -> int:
        """Return the place of the first reading that the saved archive might not hold."""
        return bisect_left(self._columns.times_ms, self._recent_from_ms)

    def _begin_archive(self) -> None:
        """Note from when on an archive of all that is kept now may lack what comes later."""
        times_ms = self._columns.times_ms
        self._recent_from_ms_once_saved = times_ms[-1] - _OVERLAP_MS if times_ms else _BEFORE_ALL_MS


def _stamp(reading: GlucoseReading) -> datetime:
    """Return what tells a reading from every other, heard or not."""
    return reading.stamp if isinstance(reading, HeardReading) else reading.time


def _in_order(reading: HeardReading) -> tuple[datetime, datetime]:
    """Return what readings are ordered by."""
    return (reading.time, reading.stamp)
