"""The readings of the last 90 days, each once, in order.

Held as columns of numbers, because 25,920 reading objects would take twenty times the memory; readings are made again
when somebody asks for them. Saved in two parts, so that what is written after every reading stays small: `recent`, the
last days, and `archive`, everything up to the last time it was saved. The parts overlap, and together they are whole
at any moment, whichever of them was written last.
"""

from array import array
from base64 import b64decode, b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self
from zlib import crc32

from ..share.models import GlucoseReading, Trend

KEPT: Final = timedelta(days=90)
VERSION: Final = 1

SHIFT: Final = timedelta(minutes=1)
"""How far apart one and the same reading can be stamped: Share shifts it by up to a minute (share-protocol Q14), and
two phones that upload for one person differ by some seconds (Q13)."""
OVERLAP: Final = timedelta(hours=36)
"""How far `recent` reaches back behind the end of the archive: Share serves 24 hours, so nothing comes in later."""
ARCHIVE_EVERY: Final = timedelta(days=1)
MADE_AT_MOST: Final = 300
"""How many of the newest readings are held ready as objects: whoever looks every minute looks at the last hours."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_MINUTE: Final = timedelta(minutes=1)
_TRENDS: Final = tuple(Trend)  # in the order of the wire's own numbers, so a place in it can be stored
_TREND_PLACES: Final = {trend: place for place, trend in enumerate(_TRENDS)}
_NO_OFFSET: Final = -32_768


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """What a merge changed: the readings that were new, in order, and whether the newest of all is among them."""

    added: tuple[GlucoseReading, ...]
    newest_added: bool


class History:
    """Readings in order of time, each once; times are kept to the millisecond."""

    __slots__ = (
        "_archive_end_ms",
        "_made",
        "_offsets_minutes",
        "_saved_archive_end_ms",
        "_times_ms",
        "_trends",
        "_values_mgdl",
    )

    def __init__(self) -> None:
        """Start empty."""
        self._times_ms = array("q")
        self._values_mgdl = array("h")
        self._trends = array("b")
        self._offsets_minutes = array("h")
        self._made: tuple[GlucoseReading, ...] = ()
        self._archive_end_ms: int | None = None
        self._saved_archive_end_ms: int | None = None

    def __len__(self) -> int:
        """Return how many readings are kept."""
        return len(self._times_ms)

    @property
    def newest(self) -> GlucoseReading | None:
        """Return the reading with the latest time, None while there is none."""
        return self._reading(-1) if self._times_ms else None

    def latest(self, count: int) -> tuple[GlucoseReading, ...]:
        """Return the newest `count` readings, fewer where there are fewer, oldest first."""
        return self._readings(max(len(self) - count, 0))

    def recent(self, since: datetime) -> tuple[GlucoseReading, ...]:
        """Return the readings taken at or after `since`, oldest first."""
        return self._readings(bisect_left(self._times_ms, _milliseconds(since)))

    def previous(self, reading: GlucoseReading) -> GlucoseReading | None:
        """Return the last reading kept that was taken before `reading`, None where there is none."""
        place = bisect_left(self._times_ms, _milliseconds(reading.time))
        return self._reading(place - 1) if place else None

    def merge(self, readings: Sequence[GlucoseReading]) -> Merge:
        """Take in what Share served, in any order, and return what of it was new.

        A reading is known when one of its time is kept, or one of its value at most a minute away: a sensor measures
        every five minutes, and where two sensors meet, readings so close that are also equal tell nothing more. The one
        seen first stays, so that what was once shown does not change.
        """
        before_ms = self._times_ms[-1:]
        added = sorted(filter(self._insert, readings), key=lambda reading: reading.time)
        if added:
            # The usual case is one more at the end.
            at_end = bool(before_ms) and self._times_ms[-len(added) - 1] == before_ms[0]
            made = (*self._made, *map(self._reading, range(-len(added), 0))) if at_end else ()
            self._made = made[-MADE_AT_MOST:]
        return Merge(added=tuple(added), newest_added=self._times_ms[-1:] != before_ms)

    def prune(self, now: datetime) -> None:
        """Forget what is older than 90 days, by `now` or by the newest reading, whichever keeps more.

        A clock that jumps ahead must not cost the history.
        """
        if self._times_ms:
            latest_ms = min(_milliseconds(now), self._times_ms[-1])
            end = bisect_left(self._times_ms, latest_ms - KEPT // _MILLISECOND)
            for column in (self._times_ms, self._values_mgdl, self._trends, self._offsets_minutes):
                del column[:end]
            self._made = self._made[-len(self) :]

    @property
    def archive_is_due(self) -> bool:
        """Return whether `recent_to_dict` has grown by a day since the archive was saved."""
        start = self._recent_start()
        return (
            start < len(self) and self._times_ms[-1] - self._times_ms[start] > (OVERLAP + ARCHIVE_EVERY) // _MILLISECOND
        )

    def archive_to_dict(self) -> dict[str, object]:
        """Return everything, as plain JSON; call `archive_saved` once it is on the disk."""
        self._archive_end_ms = self._times_ms[-1] if self._times_ms else None
        return self._to_dict(0)

    def archive_saved(self) -> None:
        """Let `recent_to_dict` leave out what the archive made last now holds."""
        self._saved_archive_end_ms = self._archive_end_ms

    def recent_to_dict(self) -> dict[str, object]:
        """Return what must be saved after every merge, as plain JSON: all that the saved archive might not hold."""
        return self._to_dict(self._recent_start())

    @classmethod
    def from_dict(cls, stored: Mapping[str, object]) -> Self:
        """Return one saved part; raise ValueError where it is damaged or of an unknown version."""
        part = cls()
        part._load(stored)
        return part

    @classmethod
    def from_parts(cls, archive: Self | None, recent: Self | None) -> Self:
        """Return the history that two saved parts make up, None for one that is not there."""
        history = archive or cls()
        history.archive_saved()
        if recent:
            history.merge(recent.latest(len(recent)))
        return history

    @classmethod
    def from_dicts(cls, archive: Mapping[str, object] | None, recent: Mapping[str, object] | None) -> Self:
        """Return the history from both parts as they were saved; raise ValueError where one is damaged."""
        return cls.from_parts(*(None if part is None else cls.from_dict(part) for part in (archive, recent)))

    def _readings(self, start: int) -> tuple[GlucoseReading, ...]:
        """Return the readings from a place of the columns on."""
        made_from = len(self) - len(self._made)
        if start >= made_from:
            return self._made[start - made_from :]
        readings = (*map(self._reading, range(start, made_from)), *self._made)
        if len(readings) <= MADE_AT_MOST:
            self._made = readings
        return readings

    def _reading(self, place: int) -> GlucoseReading:
        """Return the reading at a place of the columns."""
        offset_minutes = self._offsets_minutes[place]
        return GlucoseReading(
            time=_EPOCH + self._times_ms[place] * _MILLISECOND,
            value=self._values_mgdl[place],
            trend=_TRENDS[self._trends[place]],
            utc_offset=None if offset_minutes == _NO_OFFSET else offset_minutes * _MINUTE,
        )

    def _insert(self, reading: GlucoseReading) -> bool:
        """Put a reading in its place, and return whether it was new."""
        time_ms = _milliseconds(reading.time)
        place = bisect_left(self._times_ms, time_ms)
        # Most of what Share serves is known to the millisecond.
        if place < len(self._times_ms) and self._times_ms[place] == time_ms:
            return False
        start = bisect_left(self._times_ms, time_ms - SHIFT // _MILLISECOND, 0, place)
        end = bisect_right(self._times_ms, time_ms + SHIFT // _MILLISECOND, place)
        if reading.value in self._values_mgdl[start:end]:
            return False
        self._times_ms.insert(place, time_ms)
        self._values_mgdl.insert(place, reading.value)
        self._trends.insert(place, _TREND_PLACES[reading.trend])
        offset = reading.utc_offset
        self._offsets_minutes.insert(place, _NO_OFFSET if offset is None else offset // _MINUTE)
        return True

    def _recent_start(self) -> int:
        """Return the place of the first reading that the saved archive might not hold."""
        end_ms = self._saved_archive_end_ms
        return 0 if end_ms is None else bisect_left(self._times_ms, end_ms - OVERLAP // _MILLISECOND)

    def _to_dict(self, start: int) -> dict[str, object]:
        """Return the columns from a place on: one after the other, as base64, with a check sum."""
        columns = (self._times_ms, self._values_mgdl, self._trends, self._offsets_minutes)
        packed = b"".join(column[start:].tobytes() for column in columns)
        return {
            "version": VERSION,
            "count": len(self) - start,
            "columns": b64encode(packed).decode("ascii"),
            "check": crc32(packed),
        }

    def _load(self, stored: Mapping[str, object]) -> None:
        """Fill the empty columns from what `_to_dict` made."""
        match stored:
            case {"version": 1, "count": int(count), "columns": str(text), "check": int(check)}:
                pass
            case _:
                raise ValueError("the stored history is of an unknown form")
        try:
            packed = b64decode(text, validate=True)
        except ValueError as err:
            raise ValueError("the stored history is damaged") from err
        if crc32(packed) != check or len(packed) != 13 * count:
            raise ValueError("the stored history is damaged")
        start = 0
        for column in (self._times_ms, self._values_mgdl, self._trends, self._offsets_minutes):
            end = start + column.itemsize * count
            column.frombytes(packed[start:end])
            start = end
        self._archive_end_ms = self._times_ms[-1] if count else None


def _milliseconds(time: datetime) -> int:
    """Return an aware time as whole milliseconds since 1970."""
    return (time - _EPOCH) // _MILLISECOND
