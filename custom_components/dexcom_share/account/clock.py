"""The only clock of an account: it runs by a monotonic clock and is compared with Share's (rules T1 and T2)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

TOLERANCE: Final = timedelta(seconds=30)
"""Clocks that differ by no more than this agree."""
APART_SECONDS: Final = 10.0
"""Two answers count as two witnesses only when they are at least this far apart."""
MOST_TRIES: Final = 3
"""Answers in a row that contradict the clock and each other, after which nothing is gained by asking again soon."""
LONGEST_POLL_SECONDS: Final = 660.0
"""A reading is live when the answer before it is no older than this."""
LIVE_AGES: Final = (timedelta(minutes=-1), timedelta(minutes=11))
"""How old a live reading can be by the right clock: uploads take up to a few minutes, one in between may be missing."""
LONGEST_STEP: Final = timedelta(minutes=11)
"""From one live reading to the next, one in between missing; larger steps are uploads of what was held back."""
AHEAD: Final = timedelta(minutes=1)
LONGEST_AHEAD: Final = timedelta(days=1)
"""A phone's clock may run fast, and its readings count from when they were heard; what is further ahead is damaged."""
AHEAD_OF_OPEN_CLOCK: Final = timedelta(minutes=10)
"""While this clock may be the wrong one, readings further ahead wait until that is known."""

_EARLIEST: Final = datetime(2020, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FARTHEST: Final = timedelta(days=3653)
_HALF_SECOND: Final = timedelta(seconds=0.5)  # the server tells whole seconds, cut off


@dataclass(frozen=True, slots=True)
class _Sighting:
    """One answer that contradicts the clock: Share's clock by it, and when it came."""

    zero: datetime
    received: float


@dataclass(slots=True)
class _Dispute:
    """Share's clock, told alike by two answers, and ours before that; `was_confirmed` is said of ours.

    `since` is when the first of the two answers came.
    """

    own: datetime
    share: datetime
    since: float
    was_confirmed: bool
    is_guess: bool = False


@dataclass(frozen=True, slots=True)
class _Live:
    """The latest reading that arrived between two polls; `follows` says that it continues the one before."""

    stamp: datetime
    received: float
    follows: bool


class AccountClock:
    """Tells the time of one account; nothing but two answers of Share that agree moves it by more than 30 s.

    Inside, a clock is the time it showed at the start, and moments are seconds since then.
    """

    def __init__(self, monotonic: Callable[[], float], wall: Callable[[], datetime]) -> None:
        """Take a monotonic clock (seconds) and the machine's clock (aware), which sets this one at the start only."""
        self._monotonic = monotonic
        self._started = monotonic()
        self._wall = wall
        self._zero = self._wall_zero()
        self._pending: _Sighting | None = None
        self._tries = 0
        self._dispute: _Dispute | None = None
        self._newest: datetime | None = None
        self._newest_noted: float | None = None
        self._live: _Live | None = None
        self._is_resumed = False
        self.is_heard = False
        """Whether an answer of Share's has been decoded since the start."""
        self.is_confirmed = False
        """Whether Share has agreed since the start, or moved this clock."""

    def resume(self, time: datetime) -> None:
        """Go on from a time that Share had confirmed before a restart, by the monotonic clock that has run on since."""
        self._zero = time - timedelta(seconds=self._seconds())
        self._is_resumed = True

    def now(self) -> datetime:
        """Return the time (aware UTC); never raises."""
        return self._zero + timedelta(seconds=self._seconds())

    def oldest_now(self) -> datetime:
        """Return the time that makes readings oldest: the later one while an answer contradicts a clock of no proof.

        One answer alone does not move a clock that Share has confirmed.
        """
        is_open = self._pending is not None and not self.is_confirmed
        zero = max(self._zero, self._pending.zero) if is_open and self._pending else self._zero
        return zero + timedelta(seconds=self._seconds())

    @property
    def is_settling(self) -> bool:
        """Return whether an answer contradicts the clock, and a second one should be asked for 11 s after it."""
        return self._pending is not None and self._tries <= MOST_TRIES

    @property
    def may_be_current(self) -> bool:
        """Return whether a reading may be called current: Share was heard, and does not contradict a clock of no proof.

        Before Share is heard, only a clock that goes on from one which Share had confirmed tells how old a reading is.
        A clock that Share has confirmed goes on through one answer that contradicts it.
        """
        return (self.is_heard or self._is_resumed) and (self.is_confirmed or not self.is_settling)

    @property
    def longest_ahead(self) -> timedelta:
        """Return how far ahead of this clock the stamp of a reading may lie."""
        return LONGEST_AHEAD if self.is_confirmed else AHEAD_OF_OPEN_CLOCK

    @property
    def offset_to_machine(self) -> timedelta:
        """Return how far the machine's clock is ahead of this one."""
        return self._wall_zero() - self._zero

    def heard(self, share_time: datetime | None, took_seconds: float = 0.0) -> None:
        """Compare with the time that a decoded answer told just now, None where it told none.

        `took_seconds` is how long the exchange took; the server is assumed to have read its clock in the middle.
        """
        self.is_heard = True
        received = self._seconds()
        if share_time is None or not self._is_plausible(share_time):
            return
        share = share_time + _HALF_SECOND - timedelta(seconds=received - took_seconds / 2)
        if _agree(share, self._zero):
            self._confirm()
        elif self._dispute and _agree(share, self._dispute.share):
            self._pending = None
            self._tries = 0
            self._dispute.share = share
            self._judge(self._dispute)
        else:
            self._contradict(share, received)

    def note_newest(self, stamp: datetime | None) -> None:
        """Note the newest reading of an answer, None for an empty one, after `heard` was told of it.

        Readings that appear between two polls tell which of two clocks is right.
        """
        received = self._seconds()
        before, noted = self._newest, self._newest_noted
        if stamp is not None:
            is_watched = noted is not None and received - noted <= LONGEST_POLL_SECONDS
            if is_watched and (before is None or stamp > before):
                follows = before is not None and stamp - before <= LONGEST_STEP
                self._live = _Live(stamp, received, follows)
            self._newest = stamp
        self._newest_noted = received
        if self._dispute:
            self._judge(self._dispute)

    def _confirm(self) -> None:
        """Note that Share agrees."""
        self.is_confirmed = True
        self._pending = None
        self._tries = 0
        if self._dispute and self._zero == self._dispute.own:
            self._dispute = None

    def _contradict(self, share: datetime, received: float) -> None:
        """Note an answer that fits no known clock; with a second one that agrees, find out who is right."""
        first = self._pending
        if first is None or not _agree(first.zero, share):
            self._pending = _Sighting(share, received)
            self._tries += 1
        elif received - first.received >= APART_SECONDS:
            self._pending = None
            self._tries = 0
            self._dispute = _Dispute(self._zero, share, first.received, was_confirmed=self.is_confirmed)
            self._judge(self._dispute, is_first=True)

    def _judge(self, dispute: _Dispute, *, is_first: bool = False) -> None:
        """Go by the clock that is right, and forget the other one where that is beyond doubt."""
        is_machine_with_share = _agree(self._wall_zero(), dispute.share)
        live = self._fits_live(dispute)
        if is_machine_with_share or live is not None:
            dispute.is_guess = False
            uses_share = is_machine_with_share or live is dispute.share
        elif is_first or (dispute.is_guess and self._newest is not None):
            uses_share = not dispute.was_confirmed and self._is_share_likelier(dispute)
            dispute.is_guess = not dispute.was_confirmed and self._newest is None
        else:
            return
        self._zero = dispute.share if uses_share else dispute.own
        self.is_confirmed = uses_share or dispute.was_confirmed
        if uses_share and (is_machine_with_share or live is not None):
            self._dispute = None

    def _is_share_likelier(self, dispute: _Dispute) -> bool:
        """Return whether Share's clock is to be taken where nothing proves either: the later one is the safe side."""
        if dispute.share > dispute.own or self._newest is None:
            return True
        return self._newest - dispute.share <= timedelta(seconds=self._seconds()) + AHEAD

    def _fits_live(self, dispute: _Dispute) -> datetime | None:
        """Return the clock by which the latest live reading is as old as live readings are, None for both or neither.

        In favour of the earlier clock, which makes readings younger, speaks only a reading that continues the one
        before: after a pause, uploads of what was held back look like live readings of a clock that is behind.
        """
        live = self._live
        if live is None or live.received < dispute.since:
            return None
        at = timedelta(seconds=live.received)
        fitting = [
            zero for zero in (dispute.own, dispute.share) if LIVE_AGES[0] <= zero + at - live.stamp <= LIVE_AGES[1]
        ]
        if len(fitting) != 1 or (fitting[0] == min(dispute.own, dispute.share) and not live.follows):
            return None
        return fitting[0]

    def _seconds(self) -> float:
        """Return the seconds since the start."""
        return self._monotonic() - self._started

    def _wall_zero(self) -> datetime:
        """Return the machine's clock; one that shows an absurd time keeps within what can be reckoned with."""
        return min(max(self._wall(), _EPOCH), _LATEST) - timedelta(seconds=self._seconds())

    def _is_plausible(self, time: datetime) -> bool:
        """Return whether a time can be Share's: within ten years of ours, unless ours was plainly never set."""
        if time.tzinfo is None:
            return False
        now = self.now()
        if _EARLIEST <= now < _LATEST or time < _EARLIEST:
            return abs(time - now) <= _FARTHEST
        return time < _LATEST


def _agree(one: datetime, other: datetime) -> bool:
    """Return whether two clocks agree."""
    return abs(one - other) <= TOLERANCE
