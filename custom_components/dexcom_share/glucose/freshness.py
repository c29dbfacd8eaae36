"""How old a reading is, and whether it still tells the glucose of now.

A reading has a stamp (what the wire says, its identity) and is heard at a time of our own clock. Its effective time is
the earlier of the two: order, age and runs go by it, so that a phone whose clock runs fast hides nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from ..share.models import GlucoseReading

STALE_AFTER: Final = timedelta(minutes=11)
"""Two cadences and a minute: the next reading is missing (field consensus 11 to 15 min)."""
CURRENT_FOR: Final = timedelta(minutes=15)
"""From this age on a value says nothing about now and is shown nowhere as current."""

LATENCY_ALLOWED: Final = timedelta(minutes=2)
"""A gap is waited for so much longer at most where readings reach us late."""
ANSWER_TIME: Final = timedelta(seconds=5)
"""So long a poll at the last moment may take to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardReading(GlucoseReading):
    """A reading with the moment it was heard; `time` is its effective time, the earlier of `stamp` and `heard_at`."""

    stamp: datetime
    heard_at: datetime

    @classmethod
    def of(cls, reading: GlucoseReading, heard_at: datetime) -> Self:
        """Return a reading as the wire gave it, with when it was heard (aware UTC)."""
        return cls(
            time=min(reading.time, heard_at),
            value=reading.value,
            trend=reading.trend,
            utc_offset=reading.utc_offset,
            stamp=reading.time,
            heard_at=heard_at,
        )

    @property
    def gap_known_at(self) -> datetime:
        """Return from when on it is known that 15 min without a reading follow.

        One that was taken just before, and reached us as late as this one did, would have been heard.
        """
        return self.time + CURRENT_FOR + min(self.heard_at - self.time, LATENCY_ALLOWED) + ANSWER_TIME


def age_at(effective_time: datetime, now: datetime) -> timedelta:
    """Return how old a reading of this effective time is at `now`, never less than nothing."""
    return max(now - effective_time, timedelta(0))


def is_current(effective_time: datetime, now: datetime) -> bool:
    """Return whether a reading of this effective time still tells the glucose of now (alert rule T4)."""
    return age_at(effective_time, now) < CURRENT_FOR


def is_overdue(effective_time: datetime, now: datetime) -> bool:
    """Return whether the successor of a reading of this effective time is overdue."""
    return age_at(effective_time, now) >= STALE_AFTER
