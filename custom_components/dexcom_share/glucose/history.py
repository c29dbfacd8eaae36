"""The readings of the last 90 days, each once, in order.

Held as columns of numbers, because 25,920 reading objects would cost ten times the memory; readings are made again
when somebody asks for them. Kept in two parts, so that what is written after every reading stays small: `recent`, the
last days, and `archive`, everything up to the last time it was saved. The parts overlap, and together they are whole
at any moment, whichever of them was written last.
"""

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, groupby, pairwise, repeat
from typing import Any, Final, Self
from zlib import crc32

from ..share.models import GlucoseReading, Trend

KEPT: Final = timedelta(days=90)
VERSION: Final = 1

# Share can show one reading again up to a minute apart (share-protocol Q14), and two phones that upload for one
# person stamp it some seconds apart (Q13). A sensor takes a reading every five minutes, so nothing real is this close
# to its neighbour but the first reading of a new sensor, which tells itself apart by its value.
SHIFT_MS: Final = 60_000
# Share serves 24 hours, so a reading that turns up late is no older than that when the archive has just been saved.
OVERLAP_MS: Final = 36 * 3_600_000

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_TRENDS: Final = tuple(Trend)
_TREND_INDEX: Final = {trend: index for index, trend in enumerate(_TRENDS)}
_NO_OFFSET: Final = -32_768

type Stored = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """What a merge changed: the readings that were new, in order, and whether the newest of all is among them."""

    added: tuple[GlucoseReading, ...]
    newest_added: bool


class History:
    """Readings in order of time, each once; times are kept to the millisecond."""

    __slots__ = ("_archiving_ms", "_offsets", "_recent_from_ms", "_times_ms", "_trends", "_values")

    def __init__(self) -> None:
        """Start empty."""
        self._times_ms = array("q")
        self._values = array("h")
        self._trends = array("b")
        self._offsets = array("h")
        # What lies before this is safe in the archive; None as long as there is none.
        self._recent_from_ms: int | None = None
        self._archiving_ms: int | None = None

    def __len__(self) -> int:
        """Return how many readings are kept."""
        return len(self._times_ms)

    @property
    def newest(self) -> GlucoseReading | None:
        """Return the reading with the latest time, None while there is none."""
        return self._reading(len(self) - 1) if self._times_ms else None

    def recent(self, since: datetime) -> tuple[GlucoseReading, ...]:
        """Return the readings taken at or after `since`, oldest first."""
        return tuple(map(self._reading, range(bisect_left(self._times_ms, _milliseconds(since)), len(self))))

    def latest(self, count: int) -> tuple[GlucoseReading, ...]:
        """Return the newest `count` readings, or as many as there are, oldest first."""
        return tuple(map(self._reading, range(max(len(self) - count, 0), len(self))))

    def previous(self, reading: GlucoseReading) -> GlucoseReading | None:
        """Return the last reading taken before `reading`, None where there is none; `reading` itself need not be kept."""
        index = bisect_left(self._times_ms, _milliseconds(reading.time))
        return self._reading(index - 1) if index else None

    def merge(self, readings: Sequence[GlucoseReading]) -> Merge:
        """Take in what Share served, in any order, and return what of it was new.

        A reading is known when one with its time is kept, or one with its value at most a minute away; the one seen
        first stays, so that a state once shown does not change.
        """
        before_ms = self._times_ms[-1] if self._times_ms else None
        added = sorted((reading for reading in readings if self._insert(reading)), key=lambda reading: reading.time)
        return Merge(added=tuple(added), newest_added=bool(added) and self._times_ms[-1] != before_ms)

    def prune(self, now: datetime) -> None:
        """Forget what is older than 90 days, by `now` or by the newest reading, whichever is earlier.

        A clock that jumps ahead must not cost the history.
        """
        if self._times_ms:
            latest_ms = min(_milliseconds(now), self._times_ms[-1])
            end = bisect_left(self._times_ms, latest_ms - KEPT // _MILLISECOND)
            for column in (self._times_ms, self._values, self._trends, self._offsets):
                del column[:end]

    def recent_to_dict(self) -> dict[str, object]:
        """Return what must be saved after every merge: all readings that the saved archive might not hold."""
        start = 0 if self._recent_from_ms is None else bisect_left(self._times_ms, self._recent_from_ms)
        return self._to_dict(start)

    def archive_to_dict(self) -> dict[str, object]:
        """Return everything, to be saved about once a day; call `archive_saved` once it is on the disk."""
        self._archiving_ms = self._times_ms[-1] - OVERLAP_MS if self._times_ms else None
        return self._to_dict(0)

    def archive_saved(self) -> None:
        """Let `recent_to_dict` leave out what the archive made last now holds safely."""
        self._recent_from_ms = self._archiving_ms

    @classmethod
    def from_dict(cls, stored: Stored) -> Self:
        """Return one saved part; raise ValueError where it is damaged or of an unknown version."""
        part = cls()
        if stored.get("version") != VERSION:
            raise ValueError("the stored history is of an unknown version")
        try:
            part._load(stored)
        except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError) as err:
            raise ValueError("the stored history is damaged") from err
        return part

    @classmethod
    def from_parts(cls, archive: Self | None, recent: Self | None) -> Self:
        """Return the history from its two saved parts, None for one that is not there."""
        history = archive or cls()
        if archive:
            history.archive_to_dict()
            history.archive_saved()
        if recent:
            history._join(recent)
        return history

    @classmethod
    def from_dicts(cls, archive: Stored | None, recent: Stored | None) -> Self:
        """Return the history from its two parts as they were saved; raise ValueError where one is damaged."""
        return cls.from_parts(
            None if archive is None else cls.from_dict(archive), None if recent is None else cls.from_dict(recent)
        )

    def _reading(self, index: int) -> GlucoseReading:
        """Return the reading at a place of the columns."""
        offset = self._offsets[index]
        return GlucoseReading(
            time=_EPOCH + self._times_ms[index] * _MILLISECOND,
            value=self._values[index],
            trend=_TRENDS[self._trends[index]],
            utc_offset=None if offset == _NO_OFFSET else timedelta(minutes=offset),
        )

    def _insert(self, reading: GlucoseReading) -> bool:
        """Put a reading in its place; return False for one that is known."""
        time_ms = _milliseconds(reading.time)
        times_ms = self._times_ms
        index = bisect_left(times_ms, time_ms)
        if index < len(times_ms) and times_ms[index] == time_ms:
            return False
        for near in range(index - 1, -1, -1):
            if time_ms - times_ms[near] > SHIFT_MS:
                break
            if self._values[near] == reading.value:
                return False
        for near in range(index, len(times_ms)):
            if times_ms[near] - time_ms > SHIFT_MS:
                break
            if self._values[near] == reading.value:
                return False
        times_ms.insert(index, time_ms)
        self._values.insert(index, reading.value)
        self._trends.insert(index, _TREND_INDEX[reading.trend])
        offset = reading.utc_offset
        self._offsets.insert(index, _NO_OFFSET if offset is None else offset // timedelta(minutes=1))
        return True

    def _join(self, other: History) -> None:
        """Take in the readings of another part whose exact times are not kept yet."""
        for place, time_ms in enumerate(other._times_ms):
            index = bisect_left(self._times_ms, time_ms)
            if index == len(self) or self._times_ms[index] != time_ms:
                self._times_ms.insert(index, time_ms)
                self._values.insert(index, other._values[place])
                self._trends.insert(index, other._trends[place])
                self._offsets.insert(index, other._offsets[place])

    def _to_dict(self, start: int) -> dict[str, object]:
        """Return the columns from a place on, as plain JSON."""
        times_ms = self._times_ms[start:]
        return {
            "version": VERSION,
            "times_ms": [*times_ms[:1], *(later - earlier for earlier, later in pairwise(times_ms))],
            "values": self._values[start:].tolist(),
            "trends": "".join(map(str, self._trends[start:])),
            "offsets": [
                [None if offset == _NO_OFFSET else offset, sum(1 for _ in run)]
                for offset, run in groupby(self._offsets[start:])
            ],
            "check": self._check(start),
        }

    def _load(self, stored: Mapping[str, Any]) -> None:
        """Fill the empty columns from what `_to_dict` made; whatever is wrong with it raises."""
        self._times_ms.extend(accumulate(stored["times_ms"]))
        self._values.extend(stored["values"])
        self._trends.extend(map(int, stored["trends"]))
        for offset, count in stored["offsets"]:
            self._offsets.extend(repeat(_NO_OFFSET if offset is None else offset, count))
        if stored["check"] != self._check(0):
            raise ValueError("the check sum does not match")

    def _check(self, start: int) -> int:
        """Return a check sum of the columns from a place on."""
        check = 0
        for column in (self._times_ms, self._values, self._trends, self._offsets):
            check = crc32(column[start:].tobytes(), check)
        return check


def _milliseconds(time: datetime) -> int:
    """Return an aware time as whole milliseconds since 1970."""
    return (time - _EPOCH) // _MILLISECOND
