"""What is known about a person's glucose at one moment, derived once and shown by every entity."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ..share.models import GlucoseReading
from .alerts.facts import NO_ALERTS, AlertFacts
from .data_status import DataStatus
from .forecast import Forecast
from .freshness import CURRENT_FOR, STALE_AFTER, HeardReading, age_at
from .ranges import GlucoseRange

LARGEST_STEP: Final = timedelta(minutes=7, seconds=30)
"""Readings further apart have a gap between them: one and a half cadences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A person's glucose at one moment.

    `newest` is the last reading there is, however old; `age` counts from its effective time. Both are None before the
    first reading; `age` also while no clock tells how old a reading is, where `is_time_known` is False (alert rule T2).
    """

    newest: HeardReading | None = None
    age: timedelta | None = None
    is_time_known: bool = True
    change_mgdl: int | None = None
    status: DataStatus = DataStatus.OK
    range: GlucoseRange | None = None
    forecast: Forecast | None = None
    alerts: AlertFacts = NO_ALERTS

    @property
    def is_current(self) -> bool:
        """Return whether the newest reading still tells the glucose of now."""
        return self.is_time_known and self.age is not None and self.age < CURRENT_FOR

    @property
    def is_stale(self) -> bool:
        """Return whether the next reading is overdue."""
        return not self.is_time_known or self.age is None or self.age >= STALE_AFTER

    @property
    def age_minutes(self) -> int | None:
        """Return the age of the newest reading in whole minutes."""
        return None if self.age is None else self.age // timedelta(minutes=1)

    @property
    def current(self) -> HeardReading | None:
        """Return the newest reading while it tells the glucose of now."""
        return self.newest if self.is_current else None

    @property
    def current_change_mgdl(self) -> int | None:
        """Return the change since the reading before, while the newest is current; None across a gap."""
        return self.change_mgdl if self.is_current else None


def take_snapshot(
    newest: HeardReading | None, previous: GlucoseReading | None, now: datetime, *, is_time_known: bool = True
) -> Snapshot:
    """Return what the newest reading tells at `now`; `previous` is the one about five minutes before it."""
    if newest is None:
        return Snapshot(is_time_known=is_time_known)
    return Snapshot(
        newest=newest,
        age=age_at(newest.time, now) if is_time_known else None,
        is_time_known=is_time_known,
        change_mgdl=change_mgdl(previous, newest) if previous else None,
    )


def grow_older(snapshot: Snapshot, now: datetime) -> Snapshot:
    """Return what the same reading tells at a later time; what rests on a current one ends with it."""
    if snapshot.newest is None or snapshot.age is None:
        return snapshot
    older = replace(snapshot, age=age_at(snapshot.newest.time, now))
    return older if older.is_current else replace(older, range=None, forecast=None)


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


def holds_until(snapshot: Snapshot, now: datetime) -> datetime | None:
    """Return until when time alone changes nothing but the age, None where the next reading is overdue."""
    return None if snapshot.is_stale or snapshot.age is None else now + STALE_AFTER - snapshot.age
