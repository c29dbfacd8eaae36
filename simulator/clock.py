"""Time for the simulator: everything that needs the time asks one clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

type Clock = Callable[[], datetime]
"""Tells the time as an aware UTC datetime."""


def utc_now() -> datetime:
    """Return the real time."""
    return datetime.now(UTC)


def parse_zone(name: str) -> tzinfo:
    """Return the time zone of a name, `ValueError` where there is none; UTC needs no database."""
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (KeyError, OSError) as error:
        raise ValueError("not a time zone") from error


class ShiftedClock:
    """Another clock, set forward by whatever it was advanced."""

    def __init__(self, clock: Clock = utc_now) -> None:
        """Follow a clock, without a shift at first."""
        self._clock = clock
        self.shift = timedelta()

    def __call__(self) -> datetime:
        """Return the time of the other clock plus the shift, in UTC."""
        return self._clock().astimezone(UTC) + self.shift

    def advance(self, step: timedelta) -> None:
        """Set the clock forward; a clock that runs backward would make readings disappear, so it is refused."""
        if step < timedelta():
            raise ValueError("time goes forward only")
        self.shift += step
