"""The readings of a window: a span of time, all of it or the same hours of each day."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import compress
from typing import Self

from ..reading_columns import milliseconds
from .counted import Readings
from .sufficiency import expected_times_ms
from .time_of_day import HoursOfDay, local_times_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From `start`, which is not in it, to `end`, which is (aware times); where `hours` are given, only those.

    Days and hours are those that clocks in `zone` show. ValueError where the window does not end after its start.
    """

    start: datetime
    end: datetime
    zone: tzinfo = UTC
    hours: HoursOfDay | None = None

    def __post_init__(self) -> None:
        """Refuse a window in which nothing can be."""
        if self.start >= self.end:
            raise ValueError("a window must end after its start")

    def covers(self, time: datetime) -> bool:
        """Return whether an aware time is in the window, and in its hours of the day."""
        if not self.start < time <= self.end:
            return False
        return self.hours is None or all(self.hours.cover(local_times_ms([milliseconds(time)], self.zone)))


@dataclass(frozen=True, slots=True)
class WindowedReadings:
    """What clocks showed at each reading of a window, its value in mg/dL, and what they showed when one was expected.

    Times are milliseconds since 1970 on the clocks of the window's zone, oldest first.
    """

    local_times_ms: Sequence[int]
    values_mgdl: Sequence[int]
    expected_local_times_ms: Sequence[int]

    @classmethod
    def of(cls, readings: Readings, window: Window) -> Self:
        """Return those of some readings that are in a window."""
        inside = readings.between(window.start, window.end)
        expected_ms = expected_times_ms(milliseconds(window.start), milliseconds(window.end))
        times_ms = list(local_times_ms(inside.times_ms, window.zone))
        expected_local_ms = list(local_times_ms(expected_ms, window.zone))
        if window.hours is None:
            return cls(times_ms, inside.values_mgdl, expected_local_ms)
        mask = window.hours.cover(times_ms)
        expected_mask = window.hours.cover(expected_local_ms)
        return cls(
            list(compress(times_ms, mask)),
            array("h", compress(inside.values_mgdl, mask)),
            list(compress(expected_local_ms, expected_mask)),
        )
