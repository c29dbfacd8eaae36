"""How long an account's uploads take, and when it is best to ask for a reading.

Of each reading it is only known that its delay lies between the last ask in vain and the ask that found it. From such
intervals the distribution of the delays is estimated (Turnbull's self-consistent estimate, by expectation and
maximisation), with a prior and with slow forgetting; from the distribution follow the times to ask at (dynamic
programming). Delays are seconds, and may be negative: whatever differs between clocks is part of them.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import log
from operator import mul
from typing import Final

CALL_WORTH_SECONDS: Final = 5.0
"""A call is worth it where it brings readings by so much forward, on average: all asking follows from this."""
SHORTEST_PAUSE_SECONDS: Final = 5.0
CADENCE_SECONDS: Final = 300.0

EDGES: Final[Sequence[float]] = (
    *(second * 1.0 for second in range(-30, 0, 2)),
    *(half / 2 for half in range(90)),
    *(second * 1.0 for second in range(45, 120)),
    *(second * 1.0 for second in range(120, 331, 3)),
)
CELLS: Final = len(EDGES) - 1
HORIZON_SECONDS=300.0

PRIOR_READINGS: Final = 4.0
MEMORY_READINGS: Final = 400.0
SURE: Final = 7.0
EXPLORE_EVERY: Final = 36
PLAN_EVERY: Final = 24
TYPICAL_SECONDS: Final = 15.0
EARLY_SHARE: Final = 0.05
MIX=0.1
LEVEL=0.5
GOLD=[.4,.97]
GAP=2.5
GAP2=2.5
SHAPE=0.7
BLOCK=0.2
AVG=0.3
SG=1e9
TR=0.1
TR0=0.5
KEEP=2
TRIAL=1
COARSE=0
CW=.3
FIRM=1e9
EXPLORE_RATE=6

ROUNDS: Final = 25


def _make_prior() -> Sequence[float]:
    """Return what is known of an account nobody has asked yet: most readings are there in 8 to 15 s, some far later."""

    def share_until(seconds: float) -> float:
        early = 0.02 * min(1.0 + seconds / 30.0, 1.0)
        if seconds <= 0:
            return early
        return early + 0.49 / (1 + (9.0 / seconds) ** 3) + 0.47 / (1 + (20.0 / seconds) ** 1.5)

    shares = [share_until(edge) for edge in EDGES]
    return (0.0, *(later - earlier for earlier, later in pairwise(shares)), 1 - shares[-1])


PRIOR: Final = _make_prior()
PRIOR_UNTIL: Final = tuple(accumulate(PRIOR))


def estimate(intervals, start=PRIOR, rounds=None, alpha=None) -> Sequence[float]:
    alpha = alpha or PRIOR_READINGS
    total = alpha + sum(intervals.values())
    mass = start
    base = [alpha / total * x for x in (start if SHAPE else PRIOR)]
    for _ in range(rounds or ROUNDS):
        until = list(accumulate(mass))
        slopes = [0.0] * (CELLS + 3)
        for (after, by), weight in intervals.items():
            inside = until[by] - until[after]
            r = weight / (total * max(inside, 1e-12))
            slopes[after + 1] += r
            slopes[by + 1] -= r
        mass = [b + m * f for b, m, f in zip(base, mass, accumulate(slopes))]
    return mass


MIDDLES = (0.0, *((x + y) / 2 for x, y in pairwise(EDGES)), 0.0)


def best_asks(mass: Sequence[float], horizon_seconds: float) -> list[float | None]:
    """Return for an ask in vain at each edge when to ask next, None where to wait for the successor."""
    until = list(accumulate(mass))
    moment = list(accumulate(map(mul, mass, MIDDLES)))
    end = min(bisect_right(EDGES, horizon_seconds) - 1, CELLS)
    horizon = EDGES[end]
    end_c = horizon * until[end] - moment[end]
    nexts: list[float | None] = [None] * (CELLS + 1)
    value = [0.0] * (CELLS + 1)
    hull: deque[tuple[float, float]] = deque()
    u = end - 1
    for t in range(end - 1, -1, -1):
        edge = EDGES[t]
        x = until[t]
        while u > t and EDGES[u] >= edge + SHORTEST_PAUSE_SECONDS:
            s3, c3 = EDGES[u], EDGES[u] * until[u] - moment[u] + value[u]
            while len(hull) >= 2:
                (s1, c1), (s2, c2) = hull[-2], hull[-1]
                if (c1 - c3) * (s1 - s2) < (c1 - c2) * (s1 - s3):
                    break
                hull.pop()
            hull.append((s3, c3))
            u -= 1
        while len(hull) >= 2 and hull[1][1] - hull[1][0] * x <= hull[0][1] - hull[0][0] * x:
            hull.popleft()
        value[t] = end_c - horizon * x + moment[t]
        if hull:
            s, c = hull[0]
            v = CALL_WORTH_SECONDS * (1 - x) + moment[t] + c - s * x
            if v < value[t]:
                value[t] = v
                nexts[t] = s
    return nexts


type Interval = tuple[int, int]


def cell_of(seconds: float) -> int:
    return min(max(bisect_right(EDGES, seconds) - 1, 0), CELLS)


class UploadDelays:
    def __init__(self, origin_seconds: float = 0.0) -> None:
        self._origin = origin_seconds
        self._weights: dict[Interval, float] = {}
        self._recent: list[Interval] = []
        self._doubt = 0.0
        self._untested = 0
        self._new = 0
        self._k = 0
        self._depth = 0
        self.resets = 0
        import random;self.rnd=random.Random(3)
        self._probes = set()
        self._early = 0
        self.mass = PRIOR
        self._plan()

    def learn(self, after_seconds: float, by_seconds: float | None) -> None:
        if by_seconds is not None and by_seconds - self._origin < EDGES[0]:
            self._start_over(by_seconds)
            return
        after = cell_of(after_seconds - self._origin) if by_seconds is None or after_seconds < by_seconds else 0
        if by_seconds is None or by_seconds - self._origin >= EDGES[-1]:
            by = CELLS + 1
        else:
            by = max(cell_of(by_seconds - self._origin), after + 1)
        interval = (after, by)
        self._new += 1
        self._weights[interval] = self._weights.get(interval, 0.0) + 1.0
        known = self._until[by] - self._until[after]
        prior = PRIOR_UNTIL[by] - PRIOR_UNTIL[after]
        self._doubt += log(prior / known)
        if self._doubt <= 0:
            self._doubt = 0.0
            self._recent.clear()
        else:
            self._recent.append(interval)
        if self._exploring() and (self._probes or after==0):
            if after == 0 and self._k % 4 == 1:
                self._depth += 1
            else:
                self._untested = 0
                self._depth = 0
                self._k += 1
        else:
            self._untested += 1
        self._probes = set()
        if self._doubt > SURE:
            self.resets += 1
            if by > CELLS and by_seconds is not None:
                self._start_over(by_seconds)
                return
            total = sum(self._weights.values())
            self._weights = {key: min(KEEP / total, 1.0) * weight for key, weight in self._weights.items()}
            for key in self._recent:
                self._weights[key] = self._weights.get(key, 0.0) + 1.0
            self._doubt = 0.0
            self._recent.clear()
            self.mass=PRIOR
            self._plan()
        elif self._new > min(self._total / 6, PLAN_EVERY):
            self._plan()

    def _start_over(self, by_seconds: float) -> None:
        self._origin = by_seconds - TYPICAL_SECONDS
        self._weights = {}
        self.mass = PRIOR
        self._recent.clear()
        self._doubt = 0.0
        self._untested = 0
        self._depth = 0
        self._plan()

    def _plan(self) -> None:
        keep = (1 - 1 / MEMORY_READINGS) ** self._new
        self._weights = {key: kept for key, weight in self._weights.items() if (kept := weight * keep) > 0.05}
        self._new = 0
        self._total = sum(self._weights.values())
        if SHAPE:
            shape=SHAPE+self._total/SG
            start=[];lump=1.0;until=-99.0;cu=-99.0;cl=1.0
            for e,q in zip(EDGES+(0.0,),PRIOR):
                if COARSE and e>=cu:
                    cl=self.rnd.gammavariate(COARSE,1/COARSE)+.02
                    cu=e+max(4.0,CW*e)*self.rnd.uniform(.5,1.5)
                if e>=until:
                    lump=self.rnd.gammavariate(shape,1/shape)+.02
                    until=e+max(1.0,BLOCK*e)
                start.append(q*lump*cl)
            start[-1]=PRIOR[-1]
            t=sum(start); start=[x/t for x in start]
        else:
            start = [MIX*q + (1-MIX)*m for q, m in zip(PRIOR, self.mass)]
        mass = estimate(self._weights, start)
        a = AVG if self._total>20 else 1.0
        self.mass = [(1-a)*x+a*y for x,y in zip(self.mass,mass)]
        self._until = list(accumulate(self.mass))
        h = CADENCE_SECONDS + self._first() if hasattr(self, "_nexts") else 315.0
        self._trial = best_asks(mass, h)
        self._nexts = best_asks(self.mass, h)
        self._set_early()

    def _exploring(self):
        return self._untested >= min(self._total / EXPLORE_RATE, EXPLORE_EVERY)

    def _set_early(self):
        level = LEVEL * 0.5**self._depth if GOLD is None else (GOLD[0]+GOLD[1]*((self._k * 0.618034) % 1)) * 0.5**self._depth
        first = cell_of(self._first() - (0 if GOLD is None else GAP))
        level *= self._until[first]
        early = bisect_right(self._until, level)
        self._early = early if early < first else 0

    def _first(self):
        return self._nexts[0] or CADENCE_SECONDS

    @property
    def first(self) -> float:
        return self._first() + self._origin

    def next_ask(self, after_seconds: float) -> float | None:
        after = cell_of(after_seconds - self._origin)
        exploring = self._exploring()
        if exploring and self._k % 2 < TRIAL:
            self._probes.add(-1)
            nxt = self._trial[after]
            return None if nxt is None else nxt + self._origin
        nxt = self._nexts[after]
        if nxt is None:
            return None
        if exploring:
            until = cell_of(nxt)
            level = (GOLD[0] + (GOLD[1]-GOLD[0])*((self._k*0.618034)%1)) * 0.5**self._depth
            e = bisect_right(self._until, self._until[after] + level * (self._until[until] - self._until[after]))
            if not self._probes and (after == 0) == (self._k % 4 != 3) and EDGES[min(e, CELLS)] >= EDGES[after] + 5 and EDGES[e] <= nxt - GAP2:
                self._probes.add(e)
                return EDGES[e] + self._origin
            if self._k % 4 !=3 or after>0: self._probes.add(-1)
        return nxt + self._origin
