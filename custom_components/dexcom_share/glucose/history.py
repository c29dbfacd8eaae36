"""The readings of the last 90 days, each once, in order of their effective time.

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
from operator import sub
from typing import Final, Self
from zlib import crc32

from ..share.models import GlucoseReading, Trend
from .freshness import HeardReading

KEPT: Final = timedelta(days=90)
VERSION: Final = 2

SHIFT: Final = timedelta(minutes=1)
"""How far apart one and the same reading can be stamped: Share shifts it by up to a minute (share-protocol Q14), and
two phones that upload for one person differ by some seconds (Q13)."""
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

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_MINUTE: Final = timedelta(minutes=1)
_SHIFT_MS: Final = SHIFT // _MILLISECOND
_TWINS_WITHIN_MS: Final = TWINS_WITHIN // _MILLISECOND
_TWINS_ASSESSED_OVER_MS: Final = TWINS_ASSESSED_OVER // _MILLISECOND
_TRENDS: Final = tuple(Trend)  # in the order of the wire's own numbers, so a place in it can be stored
_TREND_PLACES: Final = {trend: place for place, trend in enumerate(_TRENDS)}
_NO_OFFSET: Final = -32_768
_LONGEST_DELAY_MS: Final = 2**31 - 1
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
    """Readings in order of effective time (where equal: of stamp), each stamp once; times are kept to the millisecond.

    A column holds the effective times, another how much later than its stamp each reading was heard: where that is
    less than nothing, the effective time is the one at which it was heard, otherwise it is the stamp.
    """

    __slots__ = (
        "_ahead_stamps_ms",
        "_ahead_values_mgdl",
        "_delays_ms",
        "_has_twins",
        "_made",
        "_offsets_minutes",
        "_recent_from_ms",
        "_recent_from_ms_once_saved",
        "_times_ms",
        "_trends",
        "_values_mgdl",
    )

    def __init__(self) -> None:
        """Start empty."""
        self._times_ms = array("q")
        self._delays_ms = array("i")
        self._values_mgdl = array("h")
        self._trends = array("b")
        self._offsets_minutes = array("h")
        # Readings stamped ahead are not found by their effective time: these two are in order of stamp.
        self._ahead_stamps_ms = array("q")
        self._ahead_values_mgdl = array("h")
        self._made: tuple[HeardReading, ...] = ()
        self._has_twins = False
        # The earliest effective time of what the saved archive may lack, and of what the archive made last may lack.
        self._recent_from_ms = _BEFORE_ALL_MS
        self._recent_from_ms_once_saved = _BEFORE_ALL_MS

    def __len__(self) -> int:
        """Return how many readings are kept."""
        return len(self._times_ms)

    @property
    def newest(self) -> HeardReading | None:
        """Return the reading with the latest effective time, None while there is none."""
        return next(iter(self._readings(len(self) - 1)), None) if self._times_ms else None

    @property
    def has_twins(self) -> bool:
        """Return whether two devices upload for this person, by the answers merged last."""
        return self._has_twins

    def latest(self, count: int) -> tuple[HeardReading, ...]:
        """Return the newest `count` readings, fewer where there are fewer, oldest first."""
        return self._readings(max(len(self) - count, 0))

    def recent(self, since: datetime) -> tuple[HeardReading, ...]:
        """Return the readings with an effective time at or after `since`, oldest first."""
        return self._readings(bisect_left(self._times_ms, _milliseconds(since)))

    def previous(self, reading: GlucoseReading, at_least: timedelta = timedelta(0)) -> HeardReading | None:
        """Return the last reading kept that comes before `reading`, by `at_least` so much; None where there is none.

        With 2 min 30 s that is the one a cadence before, also where two devices upload each reading.
        """
        if at_least:
            place = bisect_right(self._times_ms, _milliseconds(reading.time - at_least))
        else:
            place = self._place(_milliseconds(reading.time), _milliseconds(_stamp(reading)))
        return self._reading(place - 1) if place else None

    def merge(self, readings: Sequence[GlucoseReading], heard_at: datetime) -> Merge:
        """Take in what Share served, in any order, and return what of it was new.

        `heard_at` is when it came, by our clock; readings that were heard before keep their own. A reading is known
        when one of its stamp is kept, or one of its value stamped at most a minute away: a sensor measures every five
        minutes, and where two sensors meet, readings so close that are also equal tell nothing more. The one heard
        first stays, so that what was once shown does not change. A stamp more than 24 days ahead is not taken in.
        """
        stamps_ms = [_milliseconds(_stamp(reading)) for reading in readings]
        self._observe_twins(stamps_ms)
        count_before = len(self)
        newest_before = self._newest_key()
        heard_ms = _milliseconds(heard_at)
        heard_at = _EPOCH + heard_ms * _MILLISECOND
        added: list[HeardReading] = []
        at_end = True
        for reading, stamp_ms in zip(readings, stamps_ms, strict=True):
            if self._is_known(stamp_ms, reading.value):
                continue
            is_plain = not isinstance(reading, HeardReading)
            delay_ms = (heard_ms if is_plain else _milliseconds(reading.heard_at)) - stamp_ms
            if delay_ms < -_LONGEST_DELAY_MS:
                continue
            place = self._insert(reading, stamp_ms, min(delay_ms, _LONGEST_DELAY_MS))
            is_exact = is_plain and delay_ms <= _LONGEST_DELAY_MS and reading.time.microsecond % 1000 == 0
            added.append(HeardReading.of(reading, heard_at) if is_exact else self._reading(place))
            at_end = at_end and place >= count_before
        if added:
            added.sort(key=_in_order)
            # The usual case is one more at the end.
            self._made = (*self._made, *added)[-MADE_AT_MOST:] if at_end else ()
        return Merge(added=tuple(added), newest_added=self._newest_key() != newest_before)

    def prune(self, now: datetime, *, is_confirmed: bool) -> None:
        """Forget what is older than 90 days, by `now` and by the newest effective time, whichever keeps more.

        Neither a stamp nor a clock that is far ahead must cost the history, so nothing is forgotten either while Share
        has not confirmed the clock.
        """
        if is_confirmed and self._times_ms:
            latest_ms = min(_milliseconds(now), self._times_ms[-1])
            end = bisect_left(self._times_ms, latest_ms - KEPT // _MILLISECOND)
            for column in self._columns:
                del column[:end]
            self._made = self._made[-len(self) :]
            self._index_ahead()

    def drop_future(self, now: datetime) -> tuple[HeardReading, ...]:
        """Forget readings stamped beyond `now` by more than 10 min, and return them; `now` is confirmed by Share.

        They came while a clock was wrong, and would stand before the readings of the present.
        """
        limit_ms = _milliseconds(now + FUTURE_TOLERANCE)
        if all(column[-1] <= limit_ms for column in (self._times_ms, self._ahead_stamps_ms) if column):
            return ()
        places = [place for place in range(len(self)) if self._stamp_ms(place) > limit_ms]
        dropped = tuple(map(self._reading, places))
        for place in reversed(places):
            for column in self._columns:
                del column[place]
        self._made = ()
        self._index_ahead()
        return dropped

    @property
    def archive_is_due(self) -> bool:
        """Return whether `recent_to_dict` has grown by a day since the archive was saved."""
        start = self._recent_start()
        return (
            start < len(self) and self._times_ms[-1] - self._times_ms[start] > (OVERLAP + ARCHIVE_EVERY) // _MILLISECOND
        )

    def archive_to_dict(self) -> dict[str, object]:
        """Return everything, as plain JSON; call `archive_saved` once it is on the disk."""
        self._begin_archive()
        return self._to_dict(0)

    def archive_saved(self) -> None:
        """Let `recent_to_dict` leave out what the archive made last now holds."""
        self._recent_from_ms = self._recent_from_ms_once_saved

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
            history.merge(recent.latest(len(recent)), _EPOCH)
        return history

    @classmethod
    def from_dicts(cls, archive: Mapping[str, object] | None, recent: Mapping[str, object] | None) -> Self:
        """Return the history from both parts as they were saved; raise ValueError where one is damaged."""
        return cls.from_parts(*(None if part is None else cls.from_dict(part) for part in (archive, recent)))

    @property
    def _columns(self) -> tuple[array[int], ...]:
        """Return the columns, in the order in which they are stored."""
        return (self._times_ms, self._values_mgdl, self._trends, self._offsets_minutes, self._delays_ms)

    def _newest_key(self) -> tuple[int, int] | None:
        """Return what tells the newest reading from every other."""
        return (self._times_ms[-1], self._delays_ms[-1]) if self._times_ms else None

    def _observe_twins(self, stamps_ms: Sequence[int]) -> None:
        """Note whether an answer has readings of two devices; a short one without any tells nothing."""
        ordered = sorted(stamps_ms)
        if min(map(sub, ordered[1:], ordered), default=_TWINS_WITHIN_MS) < _TWINS_WITHIN_MS:
            self._has_twins = True
        elif ordered and ordered[-1] - ordered[0] >= _TWINS_ASSESSED_OVER_MS:
            self._has_twins = False

    def _readings(self, start: int) -> tuple[HeardReading, ...]:
        """Return the readings from a place of the columns on."""
        made_from = len(self) - len(self._made)
        if start >= made_from:
            return self._made[start - made_from :]
        readings = (*map(self._reading, range(start, made_from)), *self._made)
        if len(readings) <= MADE_AT_MOST:
            self._made = readings
        return readings

    def _reading(self, place: int) -> HeardReading:
        """Return the reading at a place of the columns."""
        offset_minutes = self._offsets_minutes[place]
        delay_ms = self._delays_ms[place]
        time = _EPOCH + self._times_ms[place] * _MILLISECOND
        return HeardReading(
            time=time,
            value=self._values_mgdl[place],
            trend=_TRENDS[self._trends[place]],
            utc_offset=None if offset_minutes == _NO_OFFSET else offset_minutes * _MINUTE,
            stamp=time if delay_ms >= 0 else time - delay_ms * _MILLISECOND,
            heard_at=time if delay_ms <= 0 else time + delay_ms * _MILLISECOND,
        )

    def _stamp_ms(self, place: int) -> int:
        """Return the stamp of the reading at a place of the columns."""
        return self._times_ms[place] - min(self._delays_ms[place], 0)

    def _place(self, time_ms: int, stamp_ms: int) -> int:
        """Return where a reading of this effective time and stamp stands, or would stand."""
        start = bisect_left(self._times_ms, time_ms)
        end = bisect_right(self._times_ms, time_ms, start)
        return bisect_left(range(end), stamp_ms, start, end, key=self._stamp_ms) if end > start else start

    def _is_known(self, stamp_ms: int, value_mgdl: int) -> bool:
        """Return whether a reading of this stamp is kept, or one of this value stamped at most a minute away."""
        times_ms, delays_ms, values_mgdl = self._times_ms, self._delays_ms, self._values_mgdl
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

    def _insert(self, reading: GlucoseReading, stamp_ms: int, delay_ms: int) -> int:
        """Put a new reading in its place, and return that."""
        time_ms = stamp_ms if delay_ms >= 0 else stamp_ms + delay_ms
        times_ms = self._times_ms
        place = len(times_ms) if times_ms and time_ms > times_ms[-1] else self._place(time_ms, stamp_ms)
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
        if time_ms < self._recent_from_ms:
            self._recent_from_ms = time_ms
        if time_ms < self._recent_from_ms_once_saved:
            self._recent_from_ms_once_saved = time_ms
        return place

    def _index_ahead(self) -> None:
        """Collect the stamps of the readings that were heard before them."""
        is_usual = min(self._delays_ms, default=0) >= 0
        places = () if is_usual else [place for place, delay_ms in enumerate(self._delays_ms) if delay_ms < 0]
        ahead = sorted((self._stamp_ms(place), self._values_mgdl[place]) for place in places)
        self._ahead_stamps_ms = array("q", (stamp_ms for stamp_ms, _ in ahead))
        self._ahead_values_mgdl = array("h", (value_mgdl for _, value_mgdl in ahead))

    def _recent_start(self) -> int:
        """Return the place of the first reading that the saved archive might not hold."""
        return bisect_left(self._times_ms, self._recent_from_ms)

    def _begin_archive(self) -> None:
        """Note from when on an archive of all that is kept now may lack what comes later."""
        has_readings = bool(self._times_ms)
        self._recent_from_ms_once_saved = (
            self._times_ms[-1] - OVERLAP // _MILLISECOND if has_readings else _BEFORE_ALL_MS
        )

    def _to_dict(self, start: int) -> dict[str, object]:
        """Return the columns from a place on: one after the other, as base64, with a check sum."""
        packed = b"".join(column[start:].tobytes() for column in self._columns)
        return {
            "version": VERSION,
            "count": len(self) - start,
            "columns": b64encode(packed).decode("ascii"),
            "check": crc32(packed),
        }

    def _load(self, stored: Mapping[str, object]) -> None:
        """Fill the empty columns from what `_to_dict` made; version 1 did not tell when a reading was heard."""
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
        self._begin_archive()


def _stamp(reading: GlucoseReading) -> datetime:
    """Return what tells a reading from every other, heard or not."""
    return reading.stamp if isinstance(reading, HeardReading) else reading.time


def _in_order(reading: HeardReading) -> tuple[datetime, datetime]:
    """Return what readings are ordered by."""
    return (reading.time, reading.stamp)


def _milliseconds(time: datetime) -> int:
    """Return an aware time as whole milliseconds since 1970."""
    return (time - _EPOCH) // _MILLISECOND
