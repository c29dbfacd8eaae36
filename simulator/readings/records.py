"""One reading as the simulated sensor took it, and the trend that belongs to it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

TRENDS: Final = (
    "None",
    "DoubleUp",
    "SingleUp",
    "FortyFiveUp",
    "Flat",
    "FortyFiveDown",
    "SingleDown",
    "DoubleDown",
    "NotComputable",
    "RateOutOfRange",
)
"""The trends by the names of the wire; the position is the number of the wire."""

LOW_MGDL: Final = 39
HIGH_MGDL: Final = 401

_LONGEST_STEP: Final = timedelta(minutes=11)
"""Two readings further apart than this (more than one is missing between them) tell no rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One reading: when it was taken, in mg/dL, and when Share has it.

    `available_at` is None where the reading is there as soon as it is taken, `utc_offset` None where the account's
    time zone tells it.
    """

    time: datetime
    value: int
    trend: str = "Flat"
    available_at: datetime | None = None
    utc_offset: timedelta | None = None

    @property
    def available(self) -> datetime:
        """Return when Share has the reading."""
        return self.time if self.available_at is None else self.available_at


def trend_of(rate: float) -> str:
    """Return the trend for a rate in mg/dL per minute; the limits are 1, 2 and 3 either way, limits included."""
    steepness = min(int(abs(rate)), 3)
    if steepness == 0:
        return "Flat"
    up, down = ("FortyFiveUp", "FortyFiveDown"), ("SingleUp", "SingleDown")
    return (up, down, ("DoubleUp", "DoubleDown"))[steepness - 1][rate < 0]


def trend_between(before: tuple[datetime, float] | None, time: datetime, value: float) -> str:
    """Return the trend from one reading to the next, `NotComputable` where the one before is missing."""
    if before is None or not timedelta() < time - before[0] <= _LONGEST_STEP:
        return "NotComputable"
    return trend_of((value - before[1]) / ((time - before[0]) / timedelta(minutes=1)))


def with_trends(rows: Iterable[tuple[datetime, int]]) -> Iterator[Record]:
    """Yield a record for each time and value, in order, with the trend that the values themselves show."""
    before: tuple[datetime, float] | None = None
    latest: tuple[datetime, float] | None = None
    for time, value in rows:
        # A second reading at the same time shows the change since the same earlier one.
        if latest is None or time > latest[0]:
            before, latest = latest, (time, value)
        yield Record(time=time, value=value, trend=trend_between(before, time, value))
