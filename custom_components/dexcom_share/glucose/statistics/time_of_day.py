"""Dates and hours as the clocks of a time zone show them, for many times at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

from ..reading_columns import MILLISECOND
from .counted import DAY_MS

HOUR_MS: Final = timedelta(hours=1) // MILLISECOND

_QUARTER_MS: Final = timedelta(minutes=15) // MILLISECOND
"""Clocks are changed at full quarters of an hour."""
_BEFORE_ALL_MS: Final = -(2**63)


@dataclass(frozen=True, slots=True)
class HoursOfDay:
    """A part of each day, from `start` up to but without `end`; across midnight where `end` is the earlier one.

    ValueError where the two are equal: the whole day is no part of it.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        """Refuse an empty part."""
        if self.start == self.end:
            raise ValueError("hours of the day that end where they start are none, or all")

    def cover(self, local_times_ms: Iterable[int]) -> list[bool]:
        """Return of each time, in milliseconds as a clock shows it, whether it is within these hours."""
        start_ms = _since_midnight_ms(self.start)
        length_ms = (_since_midnight_ms(self.end) - start_ms) % DAY_MS
        return [(time_ms - start_ms) % DAY_MS < length_ms for time_ms in local_times_ms]


def local_times_ms(times_ms: Iterable[int], zone: tzinfo) -> Iterator[int]:
    """Return what the clocks of a zone show, in milliseconds since 1970, for times since 1970 in UTC, oldest first.

    What is left of a division by 86,400,000 is the time of day, what comes out of it the number of the day.
    """
    until_ms, offset_ms = _BEFORE_ALL_MS, 0
    for time_ms in times_ms:
        if time_ms >= until_ms:
            # A zone is asked once a day, and every quarter of an hour on the days of a change.
            day_ms = time_ms - time_ms % DAY_MS
            offset_ms = _offset_ms(day_ms, zone)
            until_ms = day_ms + DAY_MS
            if offset_ms != _offset_ms(until_ms, zone):
                quarter_ms = time_ms - time_ms % _QUARTER_MS
                offset_ms = _offset_ms(quarter_ms, zone)
                until_ms = quarter_ms + _QUARTER_MS
        yield time_ms + offset_ms


def _offset_ms(time_ms: int, zone: tzinfo) -> int:
    """Return by how much the clocks of a zone are ahead of UTC."""
    offset = datetime.fromtimestamp(time_ms // 1000, UTC).astimezone(zone).utcoffset()
    return (offset or timedelta(0)) // MILLISECOND


def _since_midnight_ms(moment: time) -> int:
    """Return a time of day as milliseconds."""
    return timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second) // MILLISECOND
