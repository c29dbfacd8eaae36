"""When to ask Share next, and for how much.

A sensor takes a reading about every 299.6 s, and the phone uploads it some seconds later. So each reading tells when
the next one is due; how long after that it can be had is learned in `delays.py`, and `asks.py` chooses the times to ask
at. No wall clock comes into it: whatever differs between clocks is learned as part of the delay.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import isfinite
from random import Random
from typing import Final, Self

from .asks import CADENCE_SECONDS, SHORTEST_PAUSE_SECONDS, Asks
from .delay_histogram import DelayHistogram
from .delays import FARTHEST_SECONDS, UploadDelays

VERSION: Final = 2
CADENCE: Final = timedelta(seconds=CADENCE_SECONDS)

GAP_ASKS: Final = ((timedelta(minutes=60), 2), (timedelta.max, 1))
"""How often to ask for every reading that is missing, while less than so much time is missing."""
REFILL_POLL: Final = timedelta(seconds=40)
"""How soon to ask again after a gap: phones send what was missed right after the newest."""
LONGEST_STEP: Final = CADENCE + timedelta(seconds=10)
SHORTEST_PAUSE: Final = timedelta(seconds=SHORTEST_PAUSE_SECONDS)
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


class PollSchedule:
    """Says when the next ask is due, and learns from every answer; all times are aware."""

    def __init__(
        self,
        random: Random | None = None,
        delays: UploadDelays | None = None,
        histogram: DelayHistogram | None = None,
    ) -> None:
        """Start with what is known of the account; `random` spreads the pauses after faults."""
        self.histogram = histogram or DelayHistogram()
        self._random = random or Random()
        self._delays = delays or UploadDelays()
        self._asks = Asks(self._delays)
        self._newest: datetime | None = None
        self._due: datetime | None = None
        self._asked_at: datetime | None = None
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
        """Return the pause until the next ask as Home Assistant's coordinator must be told it."""
        return interval_until(self.next_poll(now), now, loop_seconds)

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
            due = self._take_over(newest_reading_time, now)
        else:
            # Nothing there at all is as if a reading were missing for one cadence.
            due = self._due or now - CADENCE - timedelta(seconds=self._asks.first_seconds)
        self._due = due
        self._asked_at = now
        self._wait(self._until_next_ask(due, now), now)

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
            "delays": self._delays.to_dict(),
            "delays_by_hour": self.histogram.to_dict(),
            **({"has_duplicates": True} if self._has_duplicates else {}),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, object], random: Random | None = None) -> Self:
        """Return a schedule that knows what was learned before; raise ValueError where the data are damaged."""
        match stored:
            case {"version": 2, "delays": {**learned}}:
                delays = UploadDelays.from_dict(learned)
            case {
                "version": 1,
                "aim_seconds": float(aim),
                "retry_seconds": float(retry),
                "readings": int(readings),
            } if abs(aim) < FARTHEST_SECONDS and 0 < retry < 60 and readings >= 0:
                delays = UploadDelays.from_quantiles(aim, retry, readings)
            case _:
                raise ValueError("the stored schedule is damaged")
        schedule = cls(random, delays, DelayHistogram.from_dict(stored.get("delays_by_hour")))
        schedule._has_duplicates = stored.get("has_duplicates") is True
        return schedule

    def _take_over(self, newest: datetime, now: datetime) -> datetime:
        """Take over a new reading, learn when it came, unless a fault delayed it, and return when the next is due."""
        cadences = (newest - self._newest) / CADENCE if self._newest else 0.0
        if cadences > 1.5:
            self._refill_at = now + REFILL_POLL
            self._wide_at = now
            self._wide_pause = WIDE_POLL_PAUSES[0]
        if self._newest and self._asked_at and self._undisturbed:
            due = self._newest + CADENCE
            after = (self._asked_at - due).total_seconds()
            if cadences > 1.5:
                self._delays.learn(after, None)
            elif abs(cadences - 1) < 0.07:
                self._delays.learn(after, (now - due).total_seconds())
                self._asks.note_found(after)
                self.histogram.add(now.hour, (self._asked_at - newest).total_seconds(), (now - newest).total_seconds())
        self._newest = newest
        self._undisturbed = True
        due = newest + CADENCE
        # A stamp ahead of our clock may be that of a phone alone; another one's reading is due a cadence from now.
        return min(due, now + LONGEST_STEP - timedelta(seconds=self._asks.first_seconds)) if newest > now else due

    def _until_next_ask(self, due: datetime, now: datetime) -> timedelta:
        """Return the pause before the next ask for a reading that is due at some time, past or to come."""
        since = (now - due).total_seconds()
        overdue = timedelta(seconds=since - self._asks.first_seconds)
        if overdue < CADENCE:
            ask = self._asks.next_seconds(since)
            pause = CADENCE - overdue if ask is None else timedelta(seconds=ask - since)
        else:
            step = CADENCE / next(asks for missing, asks in GAP_ASKS if overdue < missing)
            pause = step - overdue % step
        if self._refill_at and self._refill_at > now:
            pause = min(pause, self._refill_at - now)
        return min(max(pause, SHORTEST_PAUSE), LONGEST_PAUSE)

    def _wait(self, pause: timedelta, now: datetime) -> None:
        """Let the next ask come a pause after `now`."""
        self._recorded = now
        self._pause = pause


def interval_until(time: datetime, now: datetime, loop_seconds: float) -> float:
    """Return the seconds until `time` as Home Assistant's coordinator must be told them, so as not to be early.

    It drops the fraction of `loop_seconds`, the time of the event loop, and adds 0.05 to 0.5 s: told the mere pause it
    would fire up to 0.95 s early.
    """
    return (time - now).total_seconds() + loop_seconds % 1 - 0.05
