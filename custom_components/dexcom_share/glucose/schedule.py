"""When to ask Share next, and for how much.

A sensor takes a reading about every 299.6 s, and the phone uploads it some seconds later. So each reading tells when
the next one can be had: its own time, the cadence, and the delay that is usual for this account, which is learned. No
wall clock comes into it: whatever differs between clocks is learned as part of the delay.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import accumulate
from math import isfinite
from random import Random
from typing import Final, Self

VERSION: Final = 1
CADENCE: Final = timedelta(seconds=300)

TYPICAL_DELAY_SECONDS: Final = 15.0
"""Where the learning starts: most readings are there 8 to 15 s after they were taken (share-protocol 4.9)."""
TYPICAL_COUNTS_FOR: Final = 10
"""So many readings of an account weigh as much as that start: the first few may happen to be late ones."""
FIRST_ASKS_THAT_FIND: Final = 0.83
"""Share of the readings that the first ask is to find. More makes every value older, less costs calls in vain."""
QUICK_RETRY_SECONDS: Final = 10.0
FEWER_PER_SECOND: Final = 0.026
"""Where a quicker retry than this finds the rest, asking in vain costs little time: then fewer, by so much a second."""
LEARNING_STEP_SECONDS: Final = 0.12
LONG_STREAK: Final = 20
"""From so many first asks in a row that found their reading, the aim is plainly too late."""
FIRST_RETRY_SECONDS: Final = (5.0, 13.0)
"""Bounds of the learned pause after a first ask that came too early."""
LATER_RETRIES_SECONDS: Final = (17.0, 15.0, 40.0, 45.0, 45.0, 55.0)
"""Further pauses, as long as the late reading's successor is not due."""
GAP_ASKS: Final = ((timedelta(minutes=20), 2), (timedelta.max, 1))
"""How often to ask for every reading that is missing, while less than so much time is missing."""
REFILL_POLL: Final = timedelta(seconds=40)
"""How soon to ask again after a gap: phones send what was missed right after the newest."""
LONGEST_STEP: Final = CADENCE + timedelta(seconds=10)
SHORTEST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = CADENCE + timedelta(minutes=1)

FIRST_FAILURE_PAUSE_SECONDS: Final = 10.0
LONGEST_FAILURE_PAUSE_SECONDS: Final = 300.0
LONGEST_RETRY_AFTER_SECONDS: Final = 3600.0
"""A server that wants to be left alone for longer is asked again all the same: a low may have to be told."""

WIDE: Final = (1440, 288)
MAX_COUNT_WITH_DUPLICATES: Final = 2 * WIDE[1]
"""Where two devices upload each reading, a day has twice as many."""
NARROW_MINUTES: Final = 10
WIDE_POLL_PAUSES: Final = (timedelta(minutes=5), timedelta(hours=2))
"""Between two polls for the whole day, growing from the first to the second after every gap. Phones refill gaps up to a
day late; a larger answer costs no further call, but some milliseconds."""


class UploadDelay:
    """What is known of one account's upload delay, in seconds from a reading's time to the ask that should find it.

    Two quantiles are tracked, each by a small step at every reading (Robbins and Monro): the `aim`, at which a set
    share of the readings is there, and the `retry`, the pause after which half of the others are. Readings that all
    err to the same side lengthen the step, so that a clock set right or another phone is followed within hours.
    """

    def __init__(self, aim: float = TYPICAL_DELAY_SECONDS, retry: float = 10.0, readings: int = 0) -> None:
        """Start from what is typical, or from what was learned from a number of readings before."""
        self.aim = aim
        self.retry = retry
        self.readings = readings
        self._streak = 0

    def learn(self, asks: int, found: float) -> None:
        """Learn from a reading that took a number of asks and was found so many seconds after its time."""
        step = max(LEARNING_STEP_SECONDS, 3.0 / (self.readings + TYPICAL_COUNTS_FOR))
        share = FIRST_ASKS_THAT_FIND - FEWER_PER_SECOND * max(QUICK_RETRY_SECONDS - self.retry, 0.0)
        self.readings = min(self.readings + 1, 1000)
        if found < self.aim - 1:
            # Somebody asked in between, or a clock was set back: it can't take much longer than that.
            self.aim = min(self.aim, found + 30.0)
        elif asks == 1:
            self._streak = max(self._streak, 0) + 1
            step *= 1.3 ** min(max(self._streak - LONG_STREAK, 0), 16)
            self.aim -= step * (1 - share)
        else:
            self._streak = min(self._streak, 0) - 1
            shortest, longest = FIRST_RETRY_SECONDS
            self.retry = min(max(self.retry + (-2 if asks == 2 else 2) * step, shortest), longest)
            step *= 2.0 ** min(max(-self._streak - 2, 0), 12)
            self.aim += min(step * share, max(found - self.aim, 0.0) / 2)


class PollSchedule:
    """Says when the next ask is due, and learns from every answer; all times are aware."""

    def __init__(self, random: Random | None = None, delay: UploadDelay | None = None) -> None:
        """Start with what is known of the account; `random` spreads the pauses after faults."""
        self._random = random or Random()
        self._delay = delay or UploadDelay()
        self._newest: datetime | None = None
        self._expected: datetime | None = None
        self._asks = 0
        self._undisturbed = False
        self._refill_at: datetime | None = None
        self._failures = 0
        self._recorded: datetime | None = None
        self._pause = timedelta(0)
        self._wide_at: datetime | None = None
        self._wide_pause = WIDE_POLL_PAUSES[0]
        self._has_duplicates = False

    def next_poll(self, now: datetime) -> datetime:
        """Return when the next ask should be sent: later than `now`, and never more than the last pause later."""
        waited = max(now - self._recorded, timedelta(0)) if self._recorded else timedelta(0)
        return now + max(self._pause - waited, timedelta(seconds=1))

    def interval_seconds(self, now: datetime, loop_seconds: float) -> float:
        """Return the pause until the next ask as Home Assistant's coordinator must be told it, so as not to be early.

        It drops the fraction of `loop_seconds`, the time of the event loop, and adds 0.05 to 0.5 s: told the mere pause
        it would fire up to 0.95 s early.
        """
        return (self.next_poll(now) - now).total_seconds() + loop_seconds % 1 - 0.05

    def window(self, now: datetime) -> tuple[int, int]:
        """Return how many minutes to look back, and the most readings to ask for (more where there are duplicates).

        The whole day at the start, after a fault, after a gap and then less and less often; else what covers the time
        since the newest reading, with two readings for each that a sensor takes.
        """
        max_count = MAX_COUNT_WITH_DUPLICATES if self._has_duplicates else WIDE[1]
        if self._newest is None or self._wide_at is None or now >= self._wide_at:
            return (WIDE[0], max_count)
        missing = max(now - self._newest, timedelta(0)) // timedelta(minutes=1)
        minutes = min(NARROW_MINUTES + missing, WIDE[0])
        return (minutes, min(2 * minutes // 5, max_count))

    def note_duplicates(self, has_duplicates: bool, now: datetime) -> None:
        """Note whether two devices upload each reading; when that is new, the whole day is asked for once more."""
        if has_duplicates and not self._has_duplicates:
            self._wide_at = now
        self._has_duplicates = has_duplicates

    def record_success(self, newest_reading_time: datetime | None, now: datetime) -> None:
        """Note a good answer: the time of its newest reading, None where it had none, and when it came."""
        self._failures = 0
        # An answer comes some seconds after its poll: only one that was due well before was a poll for the whole day.
        if self._wide_at is None or now - self._wide_at > timedelta(seconds=30):
            self._wide_at = now + self._wide_pause
            self._wide_pause = min(2 * self._wide_pause, WIDE_POLL_PAUSES[1])
        if newest_reading_time and (not self._newest or abs(newest_reading_time - self._newest) > timedelta(minutes=1)):
            expected = self._align(newest_reading_time, now)
        elif self._expected:
            expected = self._expected
            self._asks += now >= expected - SHORTEST_PAUSE
        else:
            # Nothing there at all: as if a reading were missing for one cadence.
            expected = now - CADENCE
        self._expected = expected
        self._wait(self._until_next_ask(expected, now), now)

    def record_failure(self, now: datetime, retry_after_seconds: float | None) -> None:
        """Note a fault, and for how long the server wants to be left alone, None where it did not say."""
        self._undisturbed = False
        self._wide_at = None
        pause = min(FIRST_FAILURE_PAUSE_SECONDS * 2.0**self._failures, LONGEST_FAILURE_PAUSE_SECONDS)
        self._failures = min(self._failures + 1, 10)
        if retry_after_seconds is not None and isfinite(retry_after_seconds):
            pause = max(pause, min(retry_after_seconds, LONGEST_RETRY_AFTER_SECONDS))
        # Later only: a server in trouble is to be asked by many at different times, but by none too soon.
        self._wait(timedelta(seconds=pause * self._random.uniform(1.0, 1.25)), now)

    def to_dict(self) -> dict[str, object]:
        """Return what was learned of the account, as plain JSON."""
        return {
            "version": VERSION,
            "aim_seconds": self._delay.aim,
            "retry_seconds": self._delay.retry,
            "readings": self._delay.readings,
            **({"has_duplicates": True} if self._has_duplicates else {}),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, object], random: Random | None = None) -> Self:
        """Return a schedule that knows what was learned before; raise ValueError where the data are damaged."""
        match stored:
            case {
                "version": 1,
                "aim_seconds": float(aim),
                "retry_seconds": float(retry),
                "readings": int(readings),
            } if abs(aim) < 86_400 and FIRST_RETRY_SECONDS[0] <= retry <= FIRST_RETRY_SECONDS[1] and readings >= 0:
                schedule = cls(random, UploadDelay(aim, retry, readings))
                schedule._has_duplicates = stored.get("has_duplicates") is True
                return schedule
        raise ValueError("the stored schedule is damaged")

    def _align(self, newest: datetime, now: datetime) -> datetime:
        """Take over a new reading, and return when to ask for its successor."""
        cadences = (newest - self._newest) / CADENCE if self._newest else 0.0
        if cadences > 1.5:
            self._refill_at = now + REFILL_POLL
            self._wide_at = now
            self._wide_pause = WIDE_POLL_PAUSES[0]
        elif abs(cadences - 1) < 0.07 and self._undisturbed:
            self._delay.learn(self._asks + 1, (now - newest).total_seconds())
        self._newest = newest
        self._asks = 0
        self._undisturbed = True
        expected = newest + CADENCE + timedelta(seconds=self._delay.aim)
        # A stamp ahead of our clock may be that of a phone alone; another one's reading is due a cadence from now.
        return min(expected, now + LONGEST_STEP) if newest > now else expected

    def _until_next_ask(self, expected: datetime, now: datetime) -> timedelta:
        """Return the pause before the next ask for a reading that is expected at some time, past or to come."""
        overdue = now - expected
        if overdue < timedelta(0):
            due = -overdue
        elif overdue < CADENCE:
            # An ask may fire a little after its time; the one it was is not to be asked again.
            late = overdue.total_seconds() + 2.0
            retries = accumulate((self._delay.retry, *LATER_RETRIES_SECONDS))
            due = next((timedelta(seconds=retry) for retry in retries if retry > late), CADENCE) - overdue
        else:
            step = CADENCE / next(asks for missing, asks in GAP_ASKS if overdue < missing)
            due = step - overdue % step
        if self._refill_at and self._refill_at > now:
            due = min(due, self._refill_at - now)
        return min(max(due, SHORTEST_PAUSE), LONGEST_PAUSE)

    def _wait(self, pause: timedelta, now: datetime) -> None:
        """Let the next ask come a pause after `now`."""
        self._recorded = now
        self._pause = pause
