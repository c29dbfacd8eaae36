"""Where readings come from: a list, a recorded trace, and a world that runs faster than ours."""

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
import math
from pathlib import Path
from statistics import median
from typing import Final, Protocol, Self

from .records import HIGH_MGDL, LOW_MGDL, Record, with_trends

NOMINAL_STEP: Final = timedelta(minutes=5)


class Source(Protocol):
    """A sensor: its readings are fixed once it is made, except that new ones may be added live."""

    def between(self, after: datetime, until: datetime) -> Sequence[Record]:
        """Return the readings taken later than `after` and not later than `until`, oldest first."""


def _time(record: Record) -> datetime:
    return record.time


def _slice(records: Sequence[Record], after: datetime, until: datetime) -> Sequence[Record]:
    """Return the part of an ordered list that lies in a stretch of time."""
    return records[bisect_right(records, after, key=_time) : bisect_right(records, until, key=_time)]


class ListSource:
    """The readings that were put into it, before or live."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        """Take readings in any order."""
        self._records = sorted(records, key=_time)

    def add(self, record: Record) -> None:
        """Add one reading at its place in time; of two at the same time the later added comes last."""
        insort(self._records, record, key=_time)

    def between(self, after: datetime, until: datetime) -> Sequence[Record]:
        """Return the readings taken later than `after` and not later than `until`, oldest first."""
        return _slice(self._records, after, until)


class TraceError(ValueError):
    """A trace can't be read; the message says where and why."""


class TraceSource:
    """A recorded trace, moved in time so that its last reading lies at `end`, and played again from there on.

    Values, order and spacings of the past are exactly those of the trace, gaps included; a value with a fraction
    is rounded to whole mg/dL, which is all that Share knows. Each repetition begins one usual spacing after the last
    reading of the one before.
    """

    def __init__(self, rows: Sequence[tuple[datetime, float]], *, end: datetime) -> None:
        """Take times (aware, not descending) and values in mg/dL."""
        if not rows:
            raise TraceError("the trace holds no readings")
        shift = end - rows[-1][0]
        self._records = tuple(with_trends((time + shift, round(value)) for time, value in rows))
        steps = [(second.time - first.time).total_seconds() for first, second in pairwise(self._records)]
        usual_seconds = median([step for step in steps if step > 0] or [NOMINAL_STEP.total_seconds()])
        self._period = end - self._records[0].time + timedelta(seconds=usual_seconds)

    @classmethod
    def from_file(cls, path: Path, *, end: datetime) -> Self:
        """Read a CSV file with the header `timestamp,glucose_value_mg_dl`; times without zone are UTC.

        Raises `TraceError` where the file is missing or not such a trace.
        """
        try:
            with path.open(newline="", encoding="utf-8-sig") as file:
                return cls(_rows(csv.reader(file)), end=end)
        except (OSError, UnicodeDecodeError, csv.Error, TraceError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise TraceError(f"{path}: {reason}") from error

    def between(self, after: datetime, until: datetime) -> Sequence[Record]:
        """Return the readings taken later than `after` and not later than `until`, oldest first."""
        end = self._records[-1].time
        found = list(_slice(self._records, after, until))
        first = max(1, math.ceil((after - end) / self._period))
        for turn in range(first, math.ceil((until - end) / self._period) + 1):
            shift = turn * self._period
            found += [
                replace(record, time=record.time + shift)
                for record in _slice(self._records, after - shift, until - shift)
            ]
        return found


def _rows(lines: Iterable[list[str]]) -> list[tuple[datetime, float]]:
    """Return the times and values of a CSV file, ordered by time."""
    reader = iter(lines)
    header = [name.strip().lower() for name in next(reader, [])]
    try:
        time_at, value_at = header.index("timestamp"), header.index("glucose_value_mg_dl")
    except ValueError as error:
        raise TraceError("the first line is not `timestamp,glucose_value_mg_dl`") from error
    rows: list[tuple[datetime, float]] = []
    for number, line in enumerate(reader, 2):
        if not any(line):
            continue
        try:
            time = datetime.fromisoformat(line[time_at].strip())
            value = _value(line[value_at].strip())
        except (ValueError, IndexError) as error:
            raise TraceError(f"line {number} is not a time and a glucose value") from error
        rows.append((time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC), value))
    rows.sort(key=lambda row: row[0])
    return rows


def _value(text: str) -> float:
    """Return the glucose value in mg/dL, with the words that devices write outside their range."""
    words = {"low": LOW_MGDL, "high": HIGH_MGDL}
    value = float(words.get(text.lower(), text))
    if not 0 <= value < 10_000:
        raise ValueError("no glucose value")
    return value


class SpedUpSource:
    """Another source whose world runs faster from `start` on; what lies before keeps its spacing.

    With a speed of 60 a reading comes every 5 s instead of every 300 s, and it carries the time at which it really
    came; waits for the upload shrink alike. So nothing ever lies in the future.
    """

    def __init__(self, source: Source, *, start: datetime, speed: float) -> None:
        """Speed up a source from `start` on, `speed` times."""
        self._source = source
        self._start = start
        self._speed = speed

    def between(self, after: datetime, until: datetime) -> Sequence[Record]:
        """Return the readings taken later than `after` and not later than `until`, oldest first."""
        return [
            replace(
                record,
                time=self._to_real(record.time),
                available_at=None if record.available_at is None else self._to_real(record.available_at),
            )
            for record in self._source.between(self._to_world(after), self._to_world(until))
        ]

    def _to_world(self, time: datetime) -> datetime:
        return time if time <= self._start else self._start + (time - self._start) * self._speed

    def _to_real(self, time: datetime) -> datetime:
        return time if time <= self._start else self._start + (time - self._start) / self._speed
