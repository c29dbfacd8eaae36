"""Which readings count: where two devices upload for one person, each measurement once.

The history keeps what both devices sent, unless the two are equal. For figures, readings that count lie at least
3.5 minutes apart: more than half a cadence, so that of two series, however far from each other, one counts; and less
than the four minutes to which a reading shifted by Share can come near the one before. The rule begins anew with each
UTC day, as if the last reading of the day before had counted; so what counts hangs on the readings of a day and two,
not on when somebody began to count.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import compress
from typing import Final, Self

from ...share.models import HIGH_LIMIT_MGDL, LOW_LIMIT_MGDL, GlucoseReading
from ..reading_columns import MILLISECOND, milliseconds

LEAST_STEP: Final = timedelta(minutes=3, seconds=30)
"""How far readings that count lie apart at least."""

DAY_MS: Final = timedelta(days=1) // MILLISECOND
_LEAST_STEP_MS: Final = LEAST_STEP // MILLISECOND


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings that count, oldest first: their effective times in milliseconds since 1970, their values in mg/dL."""

    times_ms: array[int]
    values_mgdl: array[int]

    @classmethod
    def of(cls, readings: Iterable[GlucoseReading]) -> Self:
        """Return those of some readings that count; they may come in any order."""
        counted = Counted()
        counted.add(readings)
        return cls(*counted.columns(0, len(counted)))

    def __len__(self) -> int:
        """Return how many readings there are."""
        return len(self.times_ms)

    def place_after(self, time: datetime) -> int:
        """Return the place of the first reading later than a time."""
        return bisect_right(self.times_ms, milliseconds(time))

    def between(self, start: datetime, end: datetime) -> Self:
        """Return the readings later than `start`, up to `end`."""
        part = slice(self.place_after(start), self.place_after(end))
        return type(self)(self.times_ms[part], self.values_mgdl[part])


class Counted:
    """Readings in order of effective time, with whether each counts; values beyond the sensor's limits are at them.

    A reading is known by its effective time and value.
    """

    __slots__ = ("_flags", "_forgotten_ms", "_times_ms", "_values_mgdl")

    def __init__(self) -> None:
        """Start empty."""
        self._times_ms = array("q")
        self._values_mgdl = array("h")
        self._flags = bytearray()
        # The last reading before those that are kept: it decided on the first of them.
        self._forgotten_ms = -_LEAST_STEP_MS

    def __len__(self) -> int:
        """Return how many readings there are, whether they count or not."""
        return len(self._times_ms)

    def add(self, readings: Iterable[GlucoseReading]) -> bool:
        """Take in what is not known yet, in any order; return whether all of it came after what was there."""
        times_ms, values_mgdl, count = self._times_ms, self._values_mgdl, len(self)
        first = count
        for key in sorted(map(_key, readings)):
            place = self._place(*key)
            if self._is_at(place, key):
                continue
            time_ms, value = key
            times_ms.insert(place, time_ms)
            values_mgdl.insert(place, value)
            self._flags.insert(place, False)
            first = min(first, place)
        self._count_from(first)
        return first >= count

    def discard(self, readings: Iterable[GlucoseReading]) -> bool:
        """Remove readings that are known; return whether there were any."""
        first = count = len(self)
        for key in map(_key, readings):
            place = self._place(*key)
            if self._is_at(place, key):
                self._delete(slice(place, place + 1))
                first = min(first, place)
        self._count_from(first)
        return len(self) < count

    def forget_before(self, time: datetime) -> int:
        """Remove the readings of the UTC days before the one of `time`; return how many those were."""
        end = bisect_left(self._times_ms, _day_of(milliseconds(time)) * DAY_MS)
        if end:
            self._forgotten_ms = self._times_ms[end - 1]
            self._delete(slice(end))
        return end

    def place_after(self, time_ms: int) -> int:
        """Return the place of the first reading later than a time."""
        return bisect_right(self._times_ms, time_ms)

    def values(self, start: int, end: int) -> Iterator[int]:
        """Return the values in mg/dL of the readings between two places that count."""
        return compress(self._values_mgdl[start:end], self._flags[start:end])

    def columns(self, start: int, end: int) -> tuple[array[int], array[int]]:
        """Return times in milliseconds and values in mg/dL of the readings between two places that count."""
        times_ms = compress(self._times_ms[start:end], self._flags[start:end])
        return array("q", times_ms), array("h", self.values(start, end))

    def _place(self, time_ms: int, value_mgdl: int) -> int:
        """Return where a reading stands, or would stand."""
        if not self._times_ms or time_ms > self._times_ms[-1]:
            return len(self)
        start = bisect_left(self._times_ms, time_ms)
        end = bisect_right(self._times_ms, time_ms, start)
        return bisect_left(self._values_mgdl, value_mgdl, start, end)

    def _is_at(self, place: int, key: tuple[int, int]) -> bool:
        """Return whether a reading stands at a place."""
        return place < len(self) and (self._times_ms[place], self._values_mgdl[place]) == key

    def _delete(self, part: slice) -> None:
        """Remove the readings at some places."""
        for column in (self._times_ms, self._values_mgdl, self._flags):
            del column[part]

    def _count_from(self, place: int) -> None:
        """Find out which readings from a place on count; those before it do as they did."""
        times_ms, flags = self._times_ms, self._flags
        if place >= len(self):
            return
        day = _day_of(times_ms[place])
        # The last one that counts before it, or else whatever comes before its day.
        before = place - 1
        while before >= 0 and not flags[before] and _day_of(times_ms[before]) == day:
            before -= 1
        last_ms = before_ms = times_ms[before] if before >= 0 else self._forgotten_ms
        day_end_ms = (day + 1) * DAY_MS
        for here in range(place, len(self)):
            time_ms = times_ms[here]
            if time_ms >= day_end_ms:
                day_end_ms = (_day_of(time_ms) + 1) * DAY_MS
                last_ms = before_ms
            flags[here] = time_ms - last_ms >= _LEAST_STEP_MS
            if flags[here]:
                last_ms = time_ms
            before_ms = time_ms


def _day_of(time_ms: int) -> int:
    """Return the number of the UTC day of a time."""
    return time_ms // DAY_MS


def _key(reading: GlucoseReading) -> tuple[int, int]:
    """Return what a reading is known by."""
    return milliseconds(reading.time), min(max(reading.value, LOW_LIMIT_MGDL), HIGH_LIMIT_MGDL)
