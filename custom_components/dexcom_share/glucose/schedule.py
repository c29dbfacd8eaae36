"""When to ask Share next, and for how much.

Aims at the next reading by the readings' own clock and by the upload delay learned for this account.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Final, Self

CADENCE_SECONDS: Final = 300.0
FIRING_MARGIN_SECONDS: Final = 0.95
"""Home Assistant's coordinator drops the fraction of its clock and adds at least 0.05 s: so much earlier can it fire."""
WIDE: Final = (1440, 288)


class PollSchedule:
    """Says when the next ask is due, and learns from each answer."""

    def __init__(self, random: Random | None = None) -> None:
        """Start without knowledge of the account; `random` spreads pauses and asks."""
        self._random = random or Random()
        self._delay_seconds = 15.0
        self._newest: datetime | None = None
        self._next: datetime | None = None
        self._failures = 0
        self._wide = True

    def next_poll(self, now: datetime) -> datetime:
        """Return when the next ask should be sent, always later than `now`."""
        soonest = now + timedelta(seconds=1)
        return soonest if self._next is None else max(soonest, min(self._next, now + timedelta(hours=1)))

    def interval_seconds(self, now: datetime) -> float:
        """Return the next ask as an interval for the coordinator, with its early firing allowed for."""
        return (self.next_poll(now) - now).total_seconds() + FIRING_MARGIN_SECONDS

    def window(self, now: datetime) -> tuple[int, int]:
        """Return the minutes to look back and the most readings to ask for."""
        if self._wide or self._newest is None or now - self._newest > timedelta(minutes=15):
            return WIDE
        return (30, 6)

    def record_success(self, newest_reading_time: datetime | None, now: datetime) -> None:
        """Note a good answer, its newest reading, and when it came."""
        self._failures = 0
        self._wide = False
        cadence = timedelta(seconds=CADENCE_SECONDS)
        if newest_reading_time and (self._newest is None or newest_reading_time > self._newest + timedelta(minutes=1)):
            self._newest = newest_reading_time
        if self._newest is None:
            self._next = now + timedelta(minutes=1)
            return
        due = self._newest + cadence + timedelta(seconds=self._delay_seconds)
        while due <= now - timedelta(seconds=285):
            due += cadence
        self._next = due if due > now else now + timedelta(seconds=15)

    def record_failure(self, now: datetime, retry_after_seconds: float | None) -> None:
        """Note a fault, and how long the server asked to be left alone."""
        self._failures += 1
        pause = min(15.0 * 2 ** (self._failures - 1), 300.0) * self._random.uniform(0.8, 1.2)
        self._next = now + timedelta(seconds=max(pause, min(retry_after_seconds or 0.0, 3600.0)))

    def to_dict(self) -> dict[str, object]:
        """Return what was learned, as plain JSON."""
        return {"version": 1, "delay_seconds": self._delay_seconds}

    @classmethod
    def from_dict(cls, data: Mapping[str, object], random: Random | None = None) -> Self:
        """Return a schedule with what was learned before; raise ValueError when the data are damaged."""
        schedule = cls(random)
        delay = data.get("delay_seconds")
        if not isinstance(delay, float):
            raise ValueError("the stored schedule is damaged")
        schedule._delay_seconds = delay
        return schedule
