"""Restraint in log-ins: we never lock an account, and one odd refusal does not ask for the password."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import isfinite
from typing import Final, NamedTuple, Self

from .errors import AccountLockedError, AuthenticationError, ShareConnectionError, ShareError

WINDOW_SECONDS: Final = 61 * 60.0  # an hour, and a minute for clocks that differ
MOST_REFUSALS: Final = 3
"""Log-ins in any window that were refused or may have been; the true number that locks an account is not known, only
that it is small."""
MOST_SENT: Final = 12
"""Log-ins in any window, whatever became of them."""
SENT_FREELY: Final = 6
"""Log-ins in a window that need not be spread over it."""
PAUSES_SECONDS: Final = tuple(60.0 * minutes for minutes in (5, 15, 45, 60, 120))
"""Waits after the first, second, ... refusal in a row; the last one repeats: Share also refuses right passwords for
hours, and who is watched by it should not be unwatched for long after that."""
LOST_PAUSE_SECONDS: Final = 10 * 60.0
"""Wait after two log-ins in a row without an answer: the last one that may be lost in an hour is kept for later."""
ASK_AFTER_LOCKS: Final = 3
"""Locks in a row after which the user is asked for the password of an account that has worked: a lock says nothing of
the password, and who types it again during one makes it last."""
LOCK_PAUSE_SECONDS: Final = 15 * 60.0
"""Wait on a locked account, doubled each time it is still locked: clients wait 10 minutes, the true time is unknown."""
LONGEST_LOCK_PAUSE_SECONDS: Final = 2 * 3600.0

_LONGEST_AGE_SECONDS: Final = 365 * 86_400.0  # older is as good as gone, and a damaged time must fit into a calendar
_REMEMBERED_SECONDS: Final = max(PAUSES_SECONDS[-1], WINDOW_SECONDS)
# Given by a gateway that waited in vain: the server behind it may have refused.
_LOST_BEHIND_GATEWAY: Final = frozenset({"HTTP 502", "HTTP 504", "HTTP 524"})


class LoginPausedError(AuthenticationError):
    """A log-in would be due, but after those before it is not time yet; nothing was sent."""


class LockPausedError(LoginPausedError, AccountLockedError):
    """A log-in would be due, but the account was locked and may still be; nothing was sent."""


class Outcome(StrEnum):
    """What became of a log-in that was sent."""

    LOST = "lost"
    """No answer came, not yet or not at all: it may have been refused."""
    REFUSED = "refused"
    ANSWERED = "answered"
    """Answered without a word on the password."""
    ACCEPTED = "accepted"


_MAY_BE_REFUSED: Final = frozenset({Outcome.LOST, Outcome.REFUSED})


class Moment(NamedTuple):
    """One moment by all clocks there are, as what is stored must outlive a restart and a step of a clock.

    `uptime` is seconds of a monotonic clock, of use only while the machine runs, which `boot` tells apart (empty where
    it is not known); `wall` is an aware time.
    """

    uptime: float
    wall: datetime
    boot: str


@dataclass(slots=True)
class _Attempt:
    """One log-in that was sent."""

    at: float
    outcome: Outcome


def is_answer_lost(error: ShareError) -> bool:
    """Return whether no answer of the server itself came."""
    return isinstance(error, ShareConnectionError) or error.code in _LOST_BEHIND_GATEWAY


class LoginGuard:
    """Says when the next log-in may be sent, by a monotonic clock in seconds; `Moment`s join it to the next start.

    A log-in counts as sent and as possibly refused from its beginning until its outcome is noted; only a refusal that
    was answered speaks against the password.
    """

    def __init__(self) -> None:
        """Start with an account of which nothing is known."""
        self.has_worked = False
        self.refused_since: float | None = None
        self._locked_until: float | None = None
        self._held_until: float | None = None
        self._attempts: list[_Attempt] = []
        self._refusals_in_a_row = 0
        self._locks_in_a_row = 0

    @classmethod
    def after_loss(cls, now: float) -> Self:
        """Return the guard of an account that has worked and whose record is lost: as if refused just now."""
        guard = cls()
        guard.has_worked = True
        guard._held_until = now + PAUSES_SECONDS[0]
        guard._attempts.append(_Attempt(now, Outcome.REFUSED))
        return guard

    @property
    def should_ask(self) -> bool:
        """Return whether to ask the user for the password: at once where it was refused, though Share may err."""
        is_refused = self._refusals_in_a_row > self._locks_in_a_row
        return is_refused or self._locks_in_a_row >= (ASK_AFTER_LOCKS if self.has_worked else 1)

    @property
    def is_last_lost(self) -> bool:
        """Return whether the latest log-in got no answer, so that another should wait until Share answers at all."""
        return bool(self._attempts) and self._attempts[-1].outcome is Outcome.LOST

    def lock_wait(self, now: float) -> float | None:
        """Return in how many seconds a lock is taken to be over, None where there is none."""
        return self._locked_until - now if self._locked_until is not None and self._locked_until > now else None

    def wait(self, now: float) -> float | None:
        """Return in how many seconds a log-in may be sent, None when it may be sent at once."""
        self._forget(now)
        times = [time for time in (self._locked_until, self._held_until) if time is not None]
        maybe_refused = [attempt.at for attempt in self._attempts if attempt.outcome in _MAY_BE_REFUSED]
        refused = [attempt.at for attempt in self._attempts if attempt.outcome is Outcome.REFUSED]
        sent = [attempt.at for attempt in self._attempts if attempt.at > now - WINDOW_SECONDS][-MOST_SENT:]
        if refused and self._refusals_in_a_row:
            times.append(refused[-1] + PAUSES_SECONDS[min(self._refusals_in_a_row, len(PAUSES_SECONDS)) - 1])
        if [attempt.outcome for attempt in self._attempts[-2:]] == [Outcome.LOST] * 2:
            times.append(self._attempts[-1].at + LOST_PAUSE_SECONDS)
        if len(maybe_refused) >= MOST_REFUSALS:
            times.append(maybe_refused[-MOST_REFUSALS] + WINDOW_SECONDS)
        if len(sent) >= SENT_FREELY:
            # What is left is spread over the rest of the window, so that nobody is unwatched for the rest of the hour.
            left = max(1, MOST_SENT - len(sent))
            times.append(sent[-1] + (sent[0] + WINDOW_SECONDS - sent[-1]) / left)
        latest = max(times, default=now)
        return latest - now if latest > now else None

    def begin(self, now: float) -> None:
        """Note that a log-in is about to be sent; exactly one of the methods below tells its outcome."""
        self._forget(now)
        self._attempts.append(_Attempt(now, Outcome.LOST))

    def succeed(self) -> None:
        """Note that the log-in that was begun was accepted."""
        self._attempts[-1].outcome = Outcome.ACCEPTED
        self._trust()

    def fail(self, error: BaseException, now: float) -> None:
        """Note how the log-in that was begun failed: refused, answered otherwise, not even sent, or lost."""
        latest = self._attempts[-1]
        if isinstance(error, AuthenticationError):
            latest.outcome = Outcome.REFUSED
            self._refusals_in_a_row += 1
            if self.refused_since is None:
                self.refused_since = now
            if isinstance(error, AccountLockedError):
                # More doublings than these make no difference.
                pause = LOCK_PAUSE_SECONDS * 2 ** min(self._locks_in_a_row, 8)
                self._locked_until = now + min(pause, LONGEST_LOCK_PAUSE_SECONDS)
                self._locks_in_a_row += 1
        elif isinstance(error, ShareConnectionError) and not error.is_sent:
            self._attempts.pop()
        elif isinstance(error, ShareError) and not is_answer_lost(error):
            latest.outcome = Outcome.ANSWERED

    def reset(self) -> None:
        """Forget every refusal: the user gave other credentials, and Share accepted them."""
        self._attempts = [attempt for attempt in self._attempts if attempt.outcome not in _MAY_BE_REFUSED]
        self._trust()

    def _trust(self) -> None:
        """Take the credentials for right."""
        self.has_worked = True
        self.refused_since = None
        self._locked_until = None
        self._held_until = None
        self._refusals_in_a_row = 0
        self._locks_in_a_row = 0

    def _forget(self, now: float) -> None:
        """Drop what lies too far back to count; the latest stays, as it may be under way since before a suspension."""
        older = [attempt for attempt in self._attempts[:-1] if attempt.at > now - _REMEMBERED_SECONDS]
        self._attempts = older + self._attempts[-1:]

    def to_dict(self, moment: Moment) -> dict[str, object]:
        """Return the state as plain JSON: times of the wall for who reads it, and seconds, which count."""

        def wall(at: float | None) -> str | None:
            return None if at is None else (moment.wall + timedelta(seconds=at - moment.uptime)).isoformat()

        now = moment.uptime
        refused = [attempt.at for attempt in self._attempts if attempt.outcome is Outcome.REFUSED]
        return {
            "has_worked": self.has_worked,
            "refused_since": wall(self.refused_since),
            "locked_until": wall(self._locked_until),
            "refused_at": [wall(at) for at in refused],
            "refusals_in_a_row": self._refusals_in_a_row,
            "locks_in_a_row": self._locks_in_a_row,
            "saved": {"at": moment.wall.isoformat(), "uptime": now, "boot": moment.boot},
            "attempts": [{"ago": now - attempt.at, "outcome": attempt.outcome.value} for attempt in self._attempts],
            "refused_since_ago": None if self.refused_since is None else now - self.refused_since,
            "locked_for": None if self._locked_until is None else self._locked_until - now,
            "held_for": None if self._held_until is None else self._held_until - now,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, object], moment: Moment) -> Self:
        """Return the guard as it was stored, also by versions that stored times of the wall alone.

        Raises:
            ValueError: the data are damaged.
        """
        guard = cls()
        try:
            guard.has_worked = _bool(data["has_worked"])
            guard._refusals_in_a_row = _count(data["refusals_in_a_row"])
            guard._locks_in_a_row = _count(data["locks_in_a_row"])
            if "saved" in data:
                guard._take_seconds(data, moment)
            else:
                guard._take_times(data, moment)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as err:
            msg = "Damaged log-in record"
            raise ValueError(msg) from err
        return guard

    def _take_seconds(self, data: Mapping[str, object], moment: Moment) -> None:
        """Take over what was stored as seconds, and how long ago that was."""
        saved = _mapping(data["saved"])
        uptime, wall = _number(saved["uptime"]), _time(saved["at"])
        if moment.boot and saved["boot"] == moment.boot and uptime <= moment.uptime:
            # The machine has run through: its monotonic clock tells whatever happened to its wall clock.
            then = uptime
        else:
            then = moment.uptime - _age((moment.wall - wall).total_seconds())
        self._attempts = [
            _Attempt(then - _age(_number(item["ago"])), Outcome(str(item["outcome"])))
            for item in map(_mapping, _list(data["attempts"]))
        ]
        since, locked, held = (
            None if data[key] is None else _number(data[key]) for key in ("refused_since_ago", "locked_for", "held_for")
        )
        self.refused_since = None if since is None else then - _age(since)
        self._locked_until = None if locked is None else then + _left(locked, LONGEST_LOCK_PAUSE_SECONDS)
        self._held_until = None if held is None else then + _left(held, PAUSES_SECONDS[0])

    def _take_times(self, data: Mapping[str, object], moment: Moment) -> None:
        """Take over what was stored as times of the wall; those that lie in the future count as now."""

        def uptime(value: object) -> float:
            return moment.uptime - _age((moment.wall - _time(value)).total_seconds())

        self._attempts = [_Attempt(uptime(value), Outcome.REFUSED) for value in _list(data["refused_at"])]
        self.refused_since = None if data["refused_since"] is None else uptime(data["refused_since"])
        if data["locked_until"] is not None:
            left = (_time(data["locked_until"]) - moment.wall).total_seconds()
            self._locked_until = moment.uptime + _left(left, LONGEST_LOCK_PAUSE_SECONDS)


def _age(seconds: float) -> float:
    """Return how long ago something was that can't lie ahead."""
    return min(max(0.0, seconds), _LONGEST_AGE_SECONDS)


def _left(seconds: float, longest: float) -> float:
    """Return how much is left of a pause that may be over."""
    return min(max(-_LONGEST_AGE_SECONDS, seconds), longest)


def _bool(value: object) -> bool:
    """Return a boolean."""
    if not isinstance(value, bool):
        raise TypeError
    return value


def _count(value: object) -> int:
    """Return a count."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError
    return value


def _number(value: object) -> float:
    """Return a finite number."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
        raise TypeError
    return float(value)


def _time(value: object) -> datetime:
    """Return an aware time from its text."""
    if not isinstance(value, str) or (time := datetime.fromisoformat(value)).tzinfo is None:
        raise TypeError
    return time


def _mapping(value: object) -> Mapping[str, object]:
    """Return an object of JSON."""
    if not isinstance(value, dict):
        raise TypeError
    return value


def _list(value: object) -> list[object]:
    """Return a list of JSON."""
    if not isinstance(value, list):
        raise TypeError
    return value
