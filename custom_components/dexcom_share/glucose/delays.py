"""How long the uploads of an account take: a distribution, learned from asks in vain and asks that found.

Of a reading it is only known that its delay lies between the last ask in vain and the ask that found it. From such
intervals the distribution is estimated by expectation and maximisation (Turnbull), with a prior and slow forgetting.
Delays are seconds from the time at which a reading is due, one cadence after the reading before it. They may be
negative or hours: whatever differs between the clocks is part of them.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from math import isfinite, log
from random import Random
from typing import Final, Self

EDGES: Final[Sequence[float]] = (
    *(float(second) for second in range(-30, 0, 2)),
    *(half / 2 for half in range(90)),
    *(float(second) for second in range(45, 331)),
)
"""Bounds of the cells of the distribution, in seconds from its origin. Cell 0 is empty, the last one has all later."""
CELLS: Final = len(EDGES)

PRIOR_READINGS: Final = 2.0
"""What is known beforehand weighs as much as so many readings."""
MEMORY_READINGS: Final = 1000.0
"""A reading counts for 1/e when so many more have come: three and a half days of them."""
KEPT_READINGS: Final = 20.0
"""What was learned before a change weighs as much as so many readings: a phone may also return to its old ways."""
SURE: Final = 9.0
"""Evidence for a change, as the logarithm of a likelihood ratio, above which it is believed."""
MOST_INTERVALS: Final = 300
LEAST_WEIGHT: Final = 0.05
ESTIMATE_EVERY: Final = 12
TYPICAL_SECONDS: Final = 15.0
SAMPLES_AVERAGED: Final = 8

_ROUNDS: Final = 20
_STRIDE: Final = 1.8
"""Steps of an estimate longer than those of plain expectation and maximisation: it takes half as many."""
_LUMP_SHAPE: Final = 0.5

type Interval = tuple[int, int]
"""The delay lies above the upper edge of the first of these cells, and in the second or below."""


def cell_of(seconds: float) -> int:
    """Return the last cell that ends at or before so many seconds from the origin, at least the first."""
    return max(bisect_right(EDGES, seconds) - 1, 0)


def _make_prior() -> Sequence[float]:
    """Return what is known of an account before anybody asks: most uploads take 8 to 15 s, some far longer."""

    def share_until(seconds: float) -> float:
        early = 0.02 * min(1.0 + seconds / 30.0, 1.0)
        if seconds <= 0:
            return early
        return early + 0.49 / (1 + (9.0 / seconds) ** 3) + 0.47 / (1 + (20.0 / seconds) ** 1.5)

    shares = [share_until(edge) for edge in EDGES]
    return (0.0, *(later - earlier for earlier, later in pairwise(shares)), 1 - shares[-1])


PRIOR: Final = _make_prior()
_PRIOR_UNTIL: Final = tuple(accumulate(PRIOR))


def estimate(weights: Mapping[Interval, float], prior: Sequence[float]) -> list[float]:
    """Return the likeliest share of each cell, given weighed intervals and a prior.

    Nothing tells apart the cells between two neighbouring bounds of intervals: there the prior keeps its form, and the
    work is done for such blocks of cells.
    """
    bounds = sorted({0, CELLS, *(bound for interval in weights for bound in interval)})
    place = {bound: number for number, bound in enumerate(bounds)}
    prior_until = [0.0, *accumulate(prior[1:])]
    blocks = [prior_until[end] - prior_until[begin] for begin, end in pairwise(bounds)]
    total = PRIOR_READINGS + sum(weights.values())
    spans = [(place[after], place[by], weight / total) for (after, by), weight in weights.items()]
    known = [PRIOR_READINGS / total * block for block in blocks]
    shares = blocks
    for _ in range(_ROUNDS):
        until = [0.0, *accumulate(shares)]
        changes = [0.0] * len(bounds)
        for after, by, weight in spans:
            rate = weight / (until[by] - until[after])
            changes[after] += rate
            changes[by] -= rate
        factors = accumulate(changes[:-1])
        shares = [
            share * ((share * factor + least) / share) ** _STRIDE
            for share, factor, least in zip(shares, factors, known, strict=True)
        ]
        norm = 1 / sum(shares)
        shares = [max(share * norm, 1e-12) for share in shares]
    found = [0.0]
    for begin, end, block, share in zip(bounds[:-1], bounds[1:], blocks, shares, strict=True):
        found.extend(cell * share / block for cell in prior[begin + 1 : end + 1])
    return found


TYPICAL_READINGS = 400.0
DISPROVED = 3.0
FLOORB = 5.0
SHIFT = .55
def _make_typical():
    def until(s):
        s += SHIFT
        return (.85*min(max((s-8)/7,0),1)+.12*min(max((s-15)/45,0),1)+.025*min(max((s-60)/180,0),1))*.99+.005*min(max((s+30)/360,0),1)
    x=[until(e) for e in EDGES]
    return (0.0, *(b-a for a,b in pairwise(x)), 1-x[-1])
TYPICAL = _make_typical()
_TYPICAL_UNTIL = tuple(accumulate(TYPICAL))


class UploadDelays:
    """The distribution of one account's delays; `version` changes with every new estimate.

    `sample` is one estimate whose prior is drawn at random, with gaps and heaps where nothing is known yet;
    `shares` is the mean of the last ones.
    """

    def __init__(self, origin_seconds: float = 0.0, weights: Mapping[Interval, float] | None = None) -> None:
        """Start from what is known; the edges of the cells count from the origin."""
        self.origin_seconds = origin_seconds
        self.version = 0
        self._weights = dict(weights or {})
        self._doubtful: list[Interval] = []
        self._doubt = 0.0
        self._news = 0
        self._random = Random(1)
        self._against = 0.0 if not weights else 99.0
        self._begin()

    @property
    def readings(self) -> float:
        """Return as how many readings all that is learned counts."""
        return self._readings

    def learn(self, after_seconds: float, by_seconds: float | None) -> None:
        """Learn that a reading came after the first and by the second of two times; None where it did not come."""
        after = min(cell_of(after_seconds - self.origin_seconds), CELLS - 1)
        by = CELLS
        if by_seconds is not None:
            if by_seconds - self.origin_seconds < EDGES[0]:
                self._move(by_seconds)
                return
            if after_seconds >= by_seconds:
                # A clock was set back in between.
                after = 0
            by = cell_of(by_seconds - self.origin_seconds)
            by = max(by, after + 1) if by < CELLS - 1 else CELLS
        interval = (after, by)
        self._weights[interval] = self._weights.get(interval, 0.0) + 1.0
        self._news += 1
        self._note_doubt(interval)
        a=log((self._own[by]-self._own[after])/(_TYPICAL_UNTIL[by]-_TYPICAL_UNTIL[after]))
        self._against = 99.0 if self._against+a>DISPROVED else max(self._against+a, -FLOORB)
        if self._doubt > SURE and by == CELLS and by_seconds is not None:
            self._move(by_seconds)
        elif self._doubt > SURE:
            self._believe_change()
        elif self._news > min(self._readings / 6, ESTIMATE_EVERY - 1):
            self._estimate()

    def to_list(self) -> list[list[float]]:
        """Return the intervals, each with its weight, as plain JSON."""
        return [[after, by, round(weight, 3)] for (after, by), weight in self._weights.items()]

    @classmethod
    def from_list(cls, origin_seconds: float, stored: Sequence[object]) -> Self:
        """Return what was learned before; raise ValueError where the data are damaged."""
        weights: dict[Interval, float] = {}
        for row in stored:
            match row:
                case [int(after), int(by), int() | float() as weight] if 0 <= after < by <= CELLS and weight > 0:
                    weights[after, by] = float(weight)
                case _:
                    raise ValueError("the stored delays are damaged")
        if not (abs(origin_seconds) < 86_400 and isfinite(sum(weights.values())) and len(weights) <= 2 * MOST_INTERVALS):
            raise ValueError("the stored delays are damaged")
        return cls(origin_seconds, weights)

    @classmethod
    def from_quantiles(cls, aim_seconds: float, retry_seconds: float, readings: int) -> Self:
        """Return what version 1 had learned: by when 83 % of the readings came, and in which further time half others.

        It counts for little, as it says little.
        """
        origin = 0.0 if EDGES[0] < aim_seconds < CELLS / 2 else aim_seconds - TYPICAL_SECONDS
        aim, retry, last = (
            cell_of(aim_seconds - origin + later) for later in (0.0, retry_seconds, retry_seconds + 60.0)
        )
        count = min(readings, KEPT_READINGS)
        shares = {(0, aim): 0.83, (aim, retry): 0.085, (retry, last): 0.085}
        return cls(origin, {interval: share * count for interval, share in shares.items() if count})

    def _note_doubt(self, interval: Interval) -> None:
        """Compare how likely this was by the estimate and by the prior: Page's test for a change."""
        after, by = interval
        likely = self.until[by] - self.until[after]
        self._doubt += log((_PRIOR_UNTIL[by] - _PRIOR_UNTIL[after]) / likely)
        if self._doubt > 0:
            self._doubtful.append(interval)
        else:
            self._doubt = 0.0
            self._doubtful.clear()

    def _believe_change(self) -> None:
        """Forget most of what was learned before the change."""
        factor = min(KEPT_READINGS / sum(self._weights.values()), 1.0)
        self._weights = {interval: weight * factor for interval, weight in self._weights.items()}
        for interval in self._doubtful:
            self._weights[interval] = self._weights.get(interval, 0.0) + 1.0
        self._begin()

    def _move(self, by_seconds: float) -> None:
        """Start anew around a delay beyond all cells: a clock was set, or is wrong."""
        self.origin_seconds = by_seconds - TYPICAL_SECONDS
        self._weights = {}
        self._against = 99.0
        self._begin()

    def _begin(self) -> None:
        """Estimate without regard to earlier estimates."""
        self._doubt = 0.0
        self._doubtful.clear()
        self._samples = 0
        self.shares: list[float] = list(PRIOR)
        self._estimate()

    def _estimate(self) -> None:
        """Forget a little, and estimate anew."""
        keep = (1 - 1 / MEMORY_READINGS) ** self._news
        kept = sorted(((weight * keep, interval) for interval, weight in self._weights.items()), reverse=True)
        self._weights = {interval: weight for weight, interval in kept[:MOST_INTERVALS] if weight > LEAST_WEIGHT}
        self._readings = sum(self._weights.values())
        self._news = 0
        self.version += 1
        self._samples += 1
        self.sample = estimate(self._weights, self._draw_prior())
        part = max(1 / self._samples, 1 / SAMPLES_AVERAGED)
        self.shares = [old + part * (new - old) for old, new in zip(self.shares, self.sample, strict=True)]
        self._own = list(accumulate(self.shares))
        t = 0.0 if self._against>90 else TYPICAL_READINGS/(TYPICAL_READINGS+self._readings)
        self.mean = self.shares
        if t:
            self.mean = [(1-t)*x+t*y for x,y in zip(self.shares,TYPICAL)]
            self.sample = [(1-t)*x+t*y for x,y in zip(self.sample,TYPICAL)]
        self.until = list(accumulate(self.mean))

    def _draw_prior(self) -> list[float]:
        """Return the prior with chance gaps and heaps of a second, or of a tenth of the delay."""
        shape = _LUMP_SHAPE + self._readings / 1000
        lump, end = 1.0, EDGES[0]
        drawn: list[float] = []
        for edge, share in zip(EDGES, PRIOR, strict=False):
            if edge >= end:
                lump = self._random.gammavariate(shape, 1 / shape) + 0.02
                end = edge + max(1.0, edge / 10)
            drawn.append(share * lump)
        norm = (1 - PRIOR[-1]) / sum(drawn)
        return [*(share * norm for share in drawn), PRIOR[-1]]
