"""What is known about a person's glucose at one moment, derived once and shown by every entity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..share.models import GlucoseReading
from .alerts.facts import NO_ALERTS, AlertFacts, GlucoseRange
from .data_status import DataStatus
from .forecast import Forecast

STALE_AFTER: Final = timedelta(minutes=11)
"""Two cadences and a minute: the next reading is missing (field consensus 11 to 15 min)."""
CURRENT_FOR: Final = timedelta(minutes=15)
"""From this age on a value says nothing about now and is not shown as current."""
LARGEST_STEP: Final = timedelta(minutes=7, seconds=30)
"""Readings further apart have a gap between them: one and a half cadences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A person's glucose at one moment.

    `newest` is the last reading there is, however old; `age` counts from when it was taken, or from when it was first
    seen where its stamp lies in the future. Both are None before the first reading.
    """

    newest: GlucoseReading | None = None
    age: timedelta | None = None
    change_mgdl: int | None = None
    status: DataStatus = DataStatus.OK
    range: GlucoseRange | None = None
    forecast: Forecast | None = None
    alerts: AlertFacts = NO_ALERTS

    @property
    def is_current(self) -> bool:
        """Return whether the newest reading still tells the glucose of now."""
        return self.age is not None and self.age < CURRENT_FOR

    @property
    def is_stale(self) -> bool:
        """Return whether the next reading is overdue."""
        return self.age is None or self.age >= STALE_AFTER

    @property
    def age_minutes(self) -> int | None:
        """Return the age of the newest reading in whole minutes."""
        return None if self.age is None else self.age // timedelta(minutes=1)

    @property
    def current(self) -> GlucoseReading | None:
        """Return the newest reading while it tells the glucose of now."""
        return self.newest if self.is_current else None

    @property
    def current_change_mgdl(self) -> int | None:
        """Return the change since the reading before, while the newest is current; None across a gap."""
        return self.change_mgdl if self.is_current else None


def take_snapshot(readings: Sequence[GlucoseReading], now: datetime, *, seen: datetime | None) -> Snapshot:
    """Return what the newest two of `readings` (oldest first) tell at `now`.

    `seen` is when the newest reading was first received, None when that is not known.
    """
    if not readings:
        return Snapshot()
    newest = readings[-1]
    return Snapshot(
        newest=newest,
        age=age_at(newest, now, seen=seen),
        change_mgdl=change_mgdl(readings[-2], newest) if len(readings) > 1 else None,
    )


def age_at(newest: GlucoseReading, now: datetime, *, seen: datetime | None) -> timedelta:
    """Return how old a reading is at `now`: since it was taken, or since it was seen where that was sooner."""
    since = newest.time if seen is None else min(newest.time, seen)
    return max(now - since, timedelta(0))


def change_mgdl(previous: GlucoseReading, newest: GlucoseReading) -> int | None:
    """Return the difference of two neighbours in mg/dL.

    None across a gap, and to or from a reading beyond the sensor's limits, whose true value is not known.
    """
    if newest.time - previous.time > LARGEST_STEP:
        return None
    if any(reading.is_low_limit or reading.is_high_limit for reading in (previous, newest)):
        return None
    return newest.value - previous.value


def next_minute(snapshot: Snapshot, now: datetime) -> datetime:
    """Return when the age of the snapshot is a whole minute next."""
    return now + timedelta(minutes=1) - (snapshot.age or timedelta(0)) % timedelta(minutes=1)


def holds_until(snapshot: Snapshot, now: datetime) -> datetime:
    """Return until when the clock alone changes nothing but the age: `now` where the next reading is overdue."""
    return now if snapshot.age is None else now + max(STALE_AFTER - snapshot.age, timedelta(0))
