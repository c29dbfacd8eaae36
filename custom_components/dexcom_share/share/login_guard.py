"""Restraint in log-ins: an account is never locked out by us, and one odd refusal does not bother anyone."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Self

from .errors import AccountLockedError, AuthenticationError

WINDOW: Final = timedelta(minutes=61)  # an hour, and a minute for clocks that differ
MOST_REFUSALS: Final = 3
"""Refused log-ins in any window; the true number that locks an account is not known, only that it is small."""
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 45, 60, 120))
"""Waits after the first, second, ... refusal in a row; the last one repeats: Share also refuses right passwords for
hours, and who is watched by it should not be unwatched for long after that."""
ASK_AFTER: Final = 3
"""Refusals in a row after which the password is taken for wrong: Share also refuses right ones now and then."""
LOCK_PAUSE: Final = timedelta(minutes=15)
"""Wait on a locked account, doubled each time it is still locked: clients wait 10 minutes, the true time is unknown."""
LONGEST_LOCK_PAUSE: Final = timedelta(hours=2)


class LoginPausedError(AuthenticationError):
    """A log-in would be due, but after the refusals before it is not time yet; nothing was sent."""


class LockPausedError(LoginPausedError, AccountLockedError):
    """A log-in would be due, but the account was locked and may still be; nothing was sent."""


class LoginGuard:
    """Says when the next log-in may be tried; written to storage before and after each attempt.

    An attempt counts as refused from its beginning until its success is noted, so a crash in between errs on the safe
    side.
    """

    def __init__(self) -> None:
        """Start with an account of which nothing is known."""
        self.has_worked = False
        self.refused_since: datetime | None = None
        self.locked_until: datetime | None = None
        self._refused_at: list[datetime] = []
        self._refusals_in_a_row = 0
        self._locks_in_a_row = 0

    @property
    def should_ask(self) -> bool:
        """Return whether the refusals have lasted long enough to ask the user for the password."""
        return self._refusals_in_a_row >= (ASK_AFTER if self.has_worked else 1)

    def next_attempt(self, now: datetime) -> datetime | None:
        """Return when a log-in may be tried, None when it may be tried at once."""
        self._forget(now)
        times = [self.locked_until] if self.locked_until else []
        if self._refused_at:
            if self._refusals_in_a_row:
                times.append(self._refused_at[-1] + PAUSES[min(self._refusals_in_a_row, len(PAUSES)) - 1])
            if len(self._refused_at) >= MOST_REFUSALS:
                times.append(self._refused_at[-MOST_REFUSALS] + WINDOW)
        later = [time for time in times if time > now]
        return max(later) if later else None

    def begin(self, now: datetime) -> None:
        """Note that a log-in is about to be sent."""
        self._forget(now)
        self._refused_at.append(now)
        self._refusals_in_a_row += 1
        self.refused_since = self.refused_since or now

    def succeed(self) -> None:
        """Note that the log-in that was begun was accepted."""
        self._refused_at.pop()
        self._trust()

    def reset(self) -> None:
        """Forget every refusal: the user gave other credentials, and Share accepted them."""
        self._refused_at.clear()
        self._trust()

    def _trust(self) -> None:
        """Take the credentials for right."""
        self.has_worked = True
        self.refused_since = None
        self.locked_until = None
        self._refusals_in_a_row = 0
        self._locks_in_a_row = 0

    def cancel(self) -> None:
        """Note that the log-in that was begun was neither accepted nor refused."""
        self._refused_at.pop()
        self._refusals_in_a_row -= 1
        if not self._refusals_in_a_row:
            self.refused_since = None

    def lock(self, now: datetime) -> None:
        """Note that the log-in that was begun met a locked account."""
        pause = min(LOCK_PAUSE * 2**self._locks_in_a_row, LONGEST_LOCK_PAUSE)
        self._locks_in_a_row += 1
        self.locked_until = now + pause

    def _forget(self, now: datetime) -> None:
        """Drop what lies too far back to count, and what a clock set back left in the future."""
        longest = max(PAUSES[-1], WINDOW)
        self._refused_at = [min(time, now) for time in self._refused_at if now - time < longest]
        if self.locked_until and not now < self.locked_until <= now + LONGEST_LOCK_PAUSE:
            self.locked_until = None

    def to_dict(self) -> dict[str, object]:
        """Return the state as plain JSON."""
        return {
            "has_worked": self.has_worked,
            "refused_since": self.refused_since.isoformat() if self.refused_since else None,
            "locked_until": self.locked_until.isoformat() if self.locked_until else None,
            "refused_at": [time.isoformat() for time in self._refused_at],
            "refusals_in_a_row": self._refusals_in_a_row,
            "locks_in_a_row": self._locks_in_a_row,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Self:
        """Return the guard as it was stored; raise ValueError when the data are damaged."""
        guard = cls()
        try:
            guard.has_worked = bool(data["has_worked"])
            guard.refused_since = _time_or_none(data["refused_since"])
            guard.locked_until = _time_or_none(data["locked_until"])
            guard._refused_at = _times(data["refused_at"])
            guard._refusals_in_a_row = _count(data["refusals_in_a_row"])
            guard._locks_in_a_row = _count(data["locks_in_a_row"])
        except (KeyError, TypeError, ValueError) as err:
            msg = "Damaged log-in record"
            raise ValueError(msg) from err
        return guard


def _time(value: object) -> datetime:
    """Return an aware time from its text."""
    if not isinstance(value, str) or (time := datetime.fromisoformat(value)).tzinfo is None:
        raise TypeError
    return time


def _times(values: object) -> list[datetime]:
    """Return aware times from their texts."""
    if not isinstance(values, list):
        raise TypeError
    return [_time(value) for value in values]


def _time_or_none(value: object) -> datetime | None:
    """Return an aware time from its text, or nothing from nothing."""
    return None if value is None else _time(value)


def _count(value: object) -> int:
    """Return a count."""
    if not isinstance(value, int) or value < 0:
        raise TypeError
    return value
