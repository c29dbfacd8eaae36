"""When to ask for a reading: the times that cost least, in delay and in calls, given the distribution of the delays."""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from enum import Enum, auto
from itertools import accumulate, pairwise
from operator import mul
from typing import Final

from .delays import CELLS, EDGES, UploadDelays, cell_of

CALL_WORTH_SECONDS: Final = 5.0
"""A call is worth it where it brings readings forward by so much on average; all asking follows from this."""
SHORTEST_PAUSE_SECONDS: Final = 5.0
CADENCE_SECONDS: Final = 300.0

PROBE_EVERY: Final = 36
"""One of so many readings is asked for at an unusual time, of a new account more: every three hours at the latest."""
_PROBES_OF_NEW_ACCOUNT: Final = 24
_NUDGE_EVERY: Final = 3
_NUDGES_OF_NEW_ACCOUNT: Final = 100
"""Every so many readings the asks are moved by a few seconds: that tells whether a little earlier or later is better.
It is less often needed with each hundred readings."""
_TURN: Final = 0.618034
"""Multiples of the golden ratio, taken without their integers, fall evenly between 0 and 1."""

_MIDDLES: Final = (0.0, *((begin + end) / 2 for begin, end in pairwise(EDGES)), 0.0)


def best_asks(shares: Sequence[float], horizon_seconds: float) -> list[float | None]:
    """Return for each edge, with an ask in vain there, when to ask next; None where to wait until the horizon.

    At the horizon the next reading is asked for anyway. Dynamic programming from there backwards: the cost from an ask
    in vain at t, times the chance of it, is the least over the next ask u of

        call (1 - F(t)) + u (F(u) - F(t)) - (M(u) - M(t)) + cost(u),

    F and M being sum and first moment of the shares. In F(t) these are straight lines of slope -u, and F(t) falls, so
    that a convex hull of lines gives each least value at once.
    """
    until = list(accumulate(shares))
    moment = list(accumulate(map(mul, shares, _MIDDLES, strict=True)))
    end = min(bisect_right(EDGES, horizon_seconds), CELLS) - 1
    asks: list[float | None] = [None] * CELLS
    costs = [0.0] * CELLS
    hull: deque[tuple[float, float]] = deque()
    entering = end - 1
    for place in range(end - 1, -1, -1):
        while EDGES[entering] >= EDGES[place] + SHORTEST_PAUSE_SECONDS:
            ask = EDGES[entering]
            _add_line(hull, ask, ask * until[entering] - moment[entering] + costs[entering])
            entering -= 1
        here = until[place]
        while len(hull) > 1 and hull[1][1] - hull[1][0] * here <= hull[0][1] - hull[0][0] * here:
            hull.popleft()
        costs[place] = EDGES[end] * (until[end] - here) - moment[end] + moment[place]
        if hull:
            ask, constant = hull[0]
            cost = CALL_WORTH_SECONDS * (1 - here) + moment[place] + constant - ask * here
            if cost < costs[place]:
                costs[place], asks[place] = cost, ask
    return asks


def _add_line(hull: deque[tuple[float, float]], ask: float, constant: float) -> None:
    """Add the line of an ask earlier than all others, and drop those that are nowhere least any more."""
    while len(hull) > 1:
        (first, first_constant), (second, second_constant) = hull[-2], hull[-1]
        if (first_constant - constant) * (first - second) < (first_constant - second_constant) * (first - ask):
            break
        hull.pop()
    hull.append((ask, constant))


class _Way(Enum):
    """How the asks for a reading are chosen: by the plan, or so as to learn something."""

    PLANNED = auto()
    NUDGED = auto()
    SAMPLED = auto()
    FIRST_EARLIER = auto()
    SECOND_EARLIER = auto()


_PROBES: Final = (_Way.FIRST_EARLIER, _Way.SAMPLED, _Way.FIRST_EARLIER, _Way.SECOND_EARLIER)


class Asks:
    """The asks for the readings of one account.

    The plan is what costs least by all that is known. Alone it would never find out that uploads have become faster, so
    that some readings are asked for a little earlier, or by what may be true as well.
    """

    def __init__(self, delays: UploadDelays) -> None:
        """Plan by these delays, and by all that they learn."""
        self._delays = delays
        self._horizon_seconds = CADENCE_SECONDS
        self._count = 0
        self._probes = 0
        self._since_probe = 0
        self._depth = 0
        self._way = _Way.PLANNED
        self._probe: float | None = None
        self._planned = 0
        self._follow_delays()

    @property
    def first_seconds(self) -> float:
        """Return when the first ask for a reading is planned."""
        self._follow_delays()
        return self._first_seconds + self._delays.origin_seconds

    def next_seconds(self, after_seconds: float) -> float | None:
        """Return when to ask after an ask in vain; None where no ask is worth it before the next reading is due."""
        self._follow_delays()
        after = self._place(after_seconds)
        asks = self._sampled() if self._way is _Way.SAMPLED else self._asks
        ask = asks[after]
        if ask is None:
            return None
        if self._way is (_Way.SECOND_EARLIER if after else _Way.FIRST_EARLIER):
            self._probe = self._probe or self._earlier(after, ask)
            if self._probe and self._probe >= EDGES[after] + SHORTEST_PAUSE_SECONDS:
                ask = self._probe
        elif self._way is _Way.NUDGED:
            width = max(3.0, 0.15 * (ask - max(EDGES[after], 0.0)))
            ask = max(ask + (self._count * _TURN % 1 - 0.4) * width, EDGES[after] + SHORTEST_PAUSE_SECONDS)
        return ask + self._delays.origin_seconds

    def note_found(self, after_seconds: float) -> None:
        """Choose how to ask for the next reading, now that one was found, after a last ask in vain."""
        self._count += 1
        if self._way is _Way.FIRST_EARLIER and self._probe and not self._place(after_seconds):
            # It was there already: perhaps all are now. Look further back until one is not.
            self._depth += 1
            self._probe = None
            return
        if self._way in _PROBES:
            self._since_probe = 0
            self._depth = 0
            self._probes += 1
        else:
            self._since_probe += 1
        self._probe = None
        if self._since_probe >= min(self._delays.readings / _PROBES_OF_NEW_ACCOUNT, PROBE_EVERY):
            self._way = _PROBES[self._probes % len(_PROBES)]
        else:
            every = _NUDGE_EVERY + int(self._delays.readings / _NUDGES_OF_NEW_ACCOUNT)
            is_nudged = self._count % every == 0 and not self._delays.is_typical
            self._way = _Way.NUDGED if is_nudged else _Way.PLANNED

    def _place(self, seconds: float) -> int:
        """Return the cell of the distribution that ends at a time or before, 0 for any time before the first."""
        return cell_of(seconds - self._delays.origin_seconds)

    def _earlier(self, after: int, ask: float) -> float | None:
        """Return an earlier time by which most readings come that the planned ask would find, if there is one."""
        until = self._delays.until
        level = (0.6 + 0.37 * (self._probes * _TURN % 1)) * 0.5**self._depth
        share = until[after] + level * (until[cell_of(ask)] - until[after])
        earlier = EDGES[min(bisect_right(until, share), CELLS - 1)]
        return earlier if EDGES[after] + SHORTEST_PAUSE_SECONDS <= earlier <= ask - 1 else None

    def _follow_delays(self) -> None:
        """Plan by the delays as they are known now."""
        if self._planned == self._delays.version:
            return
        self._planned = self._delays.version
        self._sampled_asks: list[float | None] | None = None
        self._asks = best_asks(self._delays.shares, self._horizon_seconds)
        self._first_seconds = self._asks[0] or CADENCE_SECONDS
        self._horizon_seconds = CADENCE_SECONDS + self._first_seconds

    def _sampled(self) -> list[float | None]:
        """Return the plan by what may be true as well."""
        if self._sampled_asks is None:
            self._sampled_asks = best_asks(self._delays.sample, self._horizon_seconds)
        return self._sampled_asks
