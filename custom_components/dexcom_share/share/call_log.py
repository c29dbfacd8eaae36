"""How many calls were made of late, and how they ended: nothing of what they were about."""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from . import CallRecord

KEPT_FOR: Final = timedelta(hours=24)
BUCKET: Final = timedelta(hours=1)
MOST_KINDS: Final = 64
"""Kinds of outcome kept in one hour: a server that makes up codes does not fill the memory."""
OK: Final = "ok"


class Kind(NamedTuple):
    """What calls are counted by; `code` is empty where there was none."""

    endpoint: str
    outcome: str
    code: str


@dataclass(slots=True)
class _Hour:
    """The calls of one hour."""

    start: datetime
    counts: Counter[Kind] = field(default_factory=Counter)


class CallLog:
    """Counts the calls of the last 24 hours, by whole hours: memory stays small whatever the server does."""

    def __init__(self) -> None:
        """Start without any call."""
        self._hours: deque[_Hour] = deque()
        self.last_success: datetime | None = None

    def record(self, call: CallRecord, now: datetime) -> None:
        """Count one call that ended now."""
        if call.outcome == OK:
            self.last_success = now
        self._forget(now)
        # A clock set back goes on with the latest hour.
        if not self._hours or now >= self._hours[-1].start + BUCKET:
            self._hours.append(_Hour(now))
        counts = self._hours[-1].counts
        kind = Kind(call.endpoint, call.outcome, call.code or "")
        if kind not in counts and len(counts) >= MOST_KINDS:
            kind = Kind("other", call.outcome, "")
        counts[kind] += 1

    def counts(self, now: datetime) -> dict[Kind, int]:
        """Return how often each kind of call happened in the last 24 hours, the most frequent first."""
        self._forget(now)
        total: Counter[Kind] = Counter()
        for hour in self._hours:
            total.update(hour.counts)
        return dict(total.most_common())

    def since(self, now: datetime) -> datetime | None:
        """Return the time of the first call that is counted: 24 hours ago or later; None where there is none."""
        self._forget(now)
        return self._hours[0].start if self._hours else None

    def calls(self, now: datetime) -> int:
        """Return the number of calls of the last 24 hours."""
        return sum(self.counts(now).values())

    def faults(self, now: datetime) -> int:
        """Return the number of calls of the last 24 hours that did not succeed."""
        return sum(count for kind, count in self.counts(now).items() if kind.outcome != OK)

    def _forget(self, now: datetime) -> None:
        """Drop the hours that are over for a day, and those a clock set back has put far into the future."""
        self._hours = deque(hour for hour in self._hours if abs(now - hour.start) < KEPT_FOR)
