"""Readings as columns of numbers, in order of effective time (where equal: of stamp), each stamp once.

25,920 reading objects would take twenty times the memory, so readings are made when somebody asks for them. One column
holds the effective times, another how much later than its stamp each reading was heard: where that is less than
nothing, the effective time is the one at which it was heard, otherwise it is the stamp.
"""

from array import array
from base64 import b64decode, b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Final, Self
from zlib import crc32

from ..share.models import GlucoseReading, Trend
from .freshness import HeardReading

VERSION: Final = 2
LONGEST_DELAY_MS: Final = 2**31 - 1
"""The longest delay that the column holds, either way: 24.8 days."""
SHIFT: Final = timedelta(minutes=1)
"""How far apart one and the same reading can be stamped: Share shifts it by up to a minute (share-protocol Q14), and
two phones that upload for one person differ by some seconds (Q13)."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND: Final = timedelta(milliseconds=1)

_MINUTE: Final = timedelta(minutes=1)
_SHIFT_MS: Final = SHIFT // MILLISECOND
_TRENDS: Final = tuple(Trend)  # in the order of the wire's own numbers, so a place in it can be stored
_TREND_PLACES: Final = {trend: place for place, trend in enumerate(_TRENDS)}
_NO_OFFSET: Final = -32_768


def milliseconds(time: datetime) -> int:
    """Return an aware time as whole milliseconds since 1970."""
    return (time - EPOCH) // MILLISECOND


class ReadingColumns:
    """Readings by their place, from the oldest on; times are kept to the millisecond."""

    __slots__ = (
        "_ahead_stamps_ms",
        "_ahead_values_mgdl",
        "_delays_ms",
        "_offsets_minutes",
        "_trends",
        "_values_mgdl",
        "times_ms",
    )

    def __init__(self) -> None:
        """Start empty."""
        self.times_ms = array("q")
        """The effective times, not to be changed from outside."""
        self._delays_ms = array("i")
        self._values_mgdl = array("h")
        self._trends = array("b")
        self._offsets_minutes = array("h")
        # Readings stamped ahead are not found by their effective time: these two are in order of stamp.
        self._ahead_stamps_ms = array("q")
        self._ahead_values_mgdl = array("h")

    def __len__(self) -> int:
        """Return how many readings are kept."""
        return len(self.times_ms)

    @property
    def newest_key(self) -> tuple[int, int] | None:
        """Return what tells the newest reading from every other, None while there is none."""
        return (self.times_ms[-1], self._delays_ms[-1]) if self.times_ms else None

    def reading(self, place: int) -> HeardReading:
        """Return the reading at a place."""
        offset_minutes = self._offsets_minutes[place]
        delay_ms = self._delays_ms[place]
        time = EPOCH + self.times_ms[place] * MILLISECOND
        return HeardReading(
            time=time,
            value=self._values_mgdl[place],
            trend=_TRENDS[self._trends[place]],
            utc_offset=None if offset_minutes == _NO_OFFSET else offset_minutes * _MINUTE,
            stamp=time if delay_ms >= 0 else time - delay_ms * MILLISECOND,
            heard_at=time if delay_ms <= 0 else time + delay_ms * MILLISECOND,
        )

    def pairs(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return effective time in milliseconds and value in mg/dL of the readings between two places."""
        return list(zip(self.times_ms[start:end], self._values_mgdl[start:end], strict=True))

    def copy(self, start: int) -> Self:
        """Return the readings from a place on as columns of their own."""
        copied = deepcopy(self)
        copied.delete_before(start)
        return copied

    def stamp_ms(self, place: int) -> int:
        """Return the stamp of the reading at a place."""
        return self.times_ms[place] - min(self._delays_ms[place], 0)

    def place(self, time_ms: int, stamp_ms: int) -> int:
        """Return where a reading of this effective time and stamp stands, or would stand."""
        start = bisect_left(self.times_ms, time_ms)
        end = bisect_right(self.times_ms, time_ms, start)
        return bisect_left(range(end), stamp_ms, start, end, key=self.stamp_ms) if end > start else start

    def is_known(self, stamp_ms: int, value_mgdl: int) -> bool:
        """Return whether a reading of this stamp is kept, or one of this value stamped at most a minute away."""
        times_ms, delays_ms, values_mgdl = self.times_ms, self._delays_ms, self._values_mgdl
        place = bisect_left(times_ms, stamp_ms)
        # Most of what Share serves is known to the millisecond.
        if place < len(times_ms) and times_ms[place] == stamp_ms and delays_ms[place] >= 0:
            return True
        start = bisect_left(times_ms, stamp_ms - _SHIFT_MS, 0, place)
        end = bisect_right(times_ms, stamp_ms + _SHIFT_MS, place)
        if start < end and any(values_mgdl[near] == value_mgdl and delays_ms[near] >= 0 for near in range(start, end)):
            return True
        stamps_ms = self._ahead_stamps_ms
        if not stamps_ms:
            return False
        start = bisect_left(stamps_ms, stamp_ms - _SHIFT_MS)
        end = bisect_right(stamps_ms, stamp_ms + _SHIFT_MS, start)
        return stamp_ms in stamps_ms[start:end] or value_mgdl in self._ahead_values_mgdl[start:end]

    def insert(self, reading: GlucoseReading, stamp_ms: int, delay_ms: int) -> int:
        """Put a reading that is not known in its place, and return that.

        `delay_ms` is how much later than its stamp it was heard, at most `LONGEST_DELAY_MS` either way.
        """
        time_ms = stamp_ms if delay_ms >= 0 else stamp_ms + delay_ms
        times_ms = self.times_ms
        place = len(times_ms) if times_ms and time_ms > times_ms[-1] else self.place(time_ms, stamp_ms)
        offset = reading.utc_offset
        times_ms.insert(place, time_ms)
        self._delays_ms.insert(place, delay_ms)
        self._values_mgdl.insert(place, reading.value)
        self._trends.insert(place, _TREND_PLACES[reading.trend])
        self._offsets_minutes.insert(place, _NO_OFFSET if offset is None else offset // _MINUTE)
        if delay_ms < 0:
            ahead = bisect_left(self._ahead_stamps_ms, stamp_ms)
            self._ahead_stamps_ms.insert(ahead, stamp_ms)
            self._ahead_values_mgdl.insert(ahead, reading.value)
        return place

    def delete_before(self, end: int) -> None:
        """Remove the readings before a place."""
        for column in self._columns:
            del column[:end]
        self._index_ahead()

    def delete(self, places: Iterable[int]) -> None:
        """Remove the readings at some places."""
        for place in sorted(places, reverse=True):
            for column in self._columns:
                del column[place]
        self._index_ahead()

    def to_dict(self, start: int) -> dict[str, object]:
        """Return the columns from a place on, as plain JSON: one after the other, as base64, with a check sum."""
        packed = b"".join(column[start:].tobytes() for column in self._columns)
        return {
            "version": VERSION,
            "count": len(self) - start,
            "columns": b64encode(packed).decode("ascii"),
            "check": crc32(packed),
        }

    def load(self, stored: Mapping[str, object]) -> None:
        """Fill the empty columns from what `to_dict` made, raise ValueError where that is damaged.

        Version 1 did not tell when a reading was heard: its stamp stands for that.
        """
        match stored:
            case {"version": 1 | 2 as version, "count": int(count), "columns": str(text), "check": int(check)}:
                pass
            case _:
                raise ValueError("the stored history is of an unknown form")
        try:
            packed = b64decode(text, validate=True)
        except ValueError as err:
            raise ValueError("the stored history is damaged") from err
        columns = self._columns if version == VERSION else self._columns[:-1]
        if crc32(packed) != check or len(packed) != count * sum(column.itemsize for column in columns):
            raise ValueError("the stored history is damaged")
        start = 0
        for column in columns:
            end = start + column.itemsize * count
            column.frombytes(packed[start:end])
            start = end
        if version == 1:
            self._delays_ms.frombytes(bytes(self._delays_ms.itemsize * count))
        self._index_ahead()

    @property
    def _columns(self) -> tuple[array[int], ...]:
        """Return the columns, in the order in which they are stored."""
        return (self.times_ms, self._values_mgdl, self._trends, self._offsets_minutes, self._delays_ms)

    def _index_ahead(self) -> None:
        """Collect the stamps of the readings that were heard before them."""
        is_usual = min(self._delays_ms, default=0) >= 0
        places = () if is_usual else [place for place, delay_ms in enumerate(self._delays_ms) if delay_ms < 0]
        ahead = sorted((self.stamp_ms(place), self._values_mgdl[place]) for place in places)
        self._ahead_stamps_ms = array("q", (stamp_ms for stamp_ms, _ in ahead))
        self._ahead_values_mgdl = array("h", (value_mgdl for _, value_mgdl in ahead))
