"""How long the uploads of an account take: a distribution, learned from asks in vain and asks that found.

Of a reading it is only known that its delay lies between the last ask in vain and the ask that found it. From such
intervals the distribution is estimated by expectation and maximisation (Turnbull), with a prior and slow forgetting.
While nothing speaks against it, the account is taken to be a typical one. Delays are seconds from the time
at which a reading is due, one cadence after the reading before it. They may be negative, or hours: whatever differs
between the clocks is part of them.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate, pairwise
from math import inf, log, pow
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
"""What is known beforehand of an account that is not typical weighs as much as so many readings."""
DISPROVED: Final = 5.0
"""An account is typical until its own readings predict so much better: the logarithm of a likelihood ratio."""
MEMORY_READINGS: Final = 1000.0
"""A reading counts for 1/e when so many more have come: three and a half days of them."""
KEPT_READINGS: Final = 8.0
"""What was learned before a change weighs as much as so many readings: a phone may also return to its old ways."""
BEYOND_IN_A_ROW: Final = 3
"""So many readings in a row that are found later than all cells tell that a clock is wrong."""
CHANGED: Final = 9.0
"""Evidence for a change, as the logarithm of a likelihood ratio, above which it is believed: four readings at least."""
MOST_INTERVALS: Final = 300
LEAST_WEIGHT: Final = 0.05
ESTIMATE_EVERY: Final = 36
_NEWS_OF_NEW_ACCOUNT: Final = 1 / 8
"""An estimate follows so many readings, or where few are known, so large a part of them."""
TYPICAL_SECONDS: Final = 15.0
SAMPLES_AVERAGED: Final = 8

_ROUNDS: Final = 20
_FIRST_STRIDE: Final = 1.8
_LONGER: Final = 1.2
"""Steps of an estimate are longer than those of plain expectation and maximisation, and grow while it gets likelier."""
_LUMP_SHAPE: Final = 0.5
_MOST_TYPICAL: Final = -5.0
"""However long an account was typical, it is soon noticed when it no longer is."""

FARTHEST_SECONDS: Final = 86_400.0

type Interval = tuple[int, int]
"""The delay lies above the upper edge of the first of these cells, and in the second or below."""


def cell_of(seconds: float) -> int:
    """Return the last cell that ends at or before so many seconds from the origin, at least the first."""
    return max(bisect_right(EDGES, seconds) - 1, 0)


def _cells(share_until: Callable[[float], float]) -> Sequence[float]:
    """Return the share of each cell, from the share of the readings that are there some seconds after the origin."""
    shares = [share_until(edge) for edge in EDGES]
    return (0.0, *(later - earlier for earlier, later in pairwise(shares)), 1 - shares[-1])


def _prior_until(seconds: float) -> float:
    """Return what is known of an account that is not typical: next to nothing, but late readings are rarer."""
    early = 0.02 * min(1.0 + seconds / 30.0, 1.0)
    if seconds <= 0:
        return early
    return early + 0.49 / (1 + pow(9.0 / seconds, 3)) + 0.47 / (1 + pow(20.0 / seconds, 1.5))


def _typical_until(seconds: float) -> float:
    """Return what is assumed of a typical account: most uploads take 8 to 15 s, some up to a minute, few up to four.

    Nobody has published a distribution. This is the one by which the simulator makes up its readings, so that what is
    measured in its world, or in the benchmark's `usual`, has it as a head start.
    """
    # Readings are taken 0.4 s before they are due, as a sensor's cadence is so much shorter.
    taken = seconds + 0.55
    anywhere = 0.005 * (seconds - EDGES[0]) / (EDGES[-1] - EDGES[0])
    parts = ((0.8415, 8.0, 15.0), (0.1188, 15.0, 60.0), (0.02475, 60.0, 240.0))
    return anywhere + sum(part * min(max((taken - low) / (high - low), 0.0), 1.0) for part, low, high in parts)


PRIOR: Final = _cells(_prior_until)
TYPICAL: Final = _cells(_typical_until)
_PRIOR_UNTIL: Final = tuple(accumulate(PRIOR))
_TYPICAL_UNTIL: Final = tuple(accumulate(TYPICAL))


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
    shares = _likeliest(blocks, known, spans)
    found = [0.0]
    for begin, end, block, share in zip(bounds[:-1], bounds[1:], blocks, shares, strict=True):
        found.extend(cell * share / block for cell in prior[begin + 1 : end + 1])
    return found


def _likeliest(
    blocks: Sequence[float], known: Sequence[float], spans: Sequence[tuple[int, int, float]]
) -> Sequence[float]:
    """Return the likeliest shares of blocks, from where to begin, what is known of each, and weighed spans of them."""
    shares = kept = blocks
    stride, best = _FIRST_STRIDE, -inf
    for _ in range(_ROUNDS):
        until = [0.0, *accumulate(shares)]
        changes = [0.0] * (len(blocks) + 1)
        likelihood = 0.0
        for after, by, weight in spans:
            inside = until[by] - until[after]
            rate = weight / inside
            changes[after] += rate
            changes[by] -= rate
            likelihood += weight * log(inside)
        if likelihood < best:
            shares, stride = kept, 1.0
            best = -inf
            continue
        best, kept = likelihood, shares
        shares = [
            share * ((share * factor + least) / share) ** stride
            for share, factor, least in zip(shares, accumulate(changes[:-1]), known, strict=True)
        ]
        stride *= _LONGER
        norm = 1 / sum(shares)
        shares = [max(share * norm, 1e-12) for share in shares]
    return kept


class UploadDelays:
    """The distribution of one account's delays.

    `shares` are those of the cells by all that is known, and `until` their sums. `sample` may be true as well: it has
    gaps and heaps where nothing is known. `version` changes with them.
    """

    def __init__(
        self,
        origin_seconds: float = 0.0,
        weights: Mapping[Interval, float] | None = None,
        *,
        is_typical: bool = True,
    ) -> None:
        """Start from what is known; the edges of the cells count from the origin."""
        self.origin_seconds = origin_seconds
        self.is_typical = is_typical
        self.version = 0
        self._weights = dict(weights or {})
        self._untypical = 0.0
        self._news = 0
        self._is_due = False
        self._random = Random(1)
        self._beyond = 0
        self._change = 0.0
        self._changed: list[Interval] = []
        self._begin()

    @property
    def readings(self) -> float:
        """Return as how many readings all that is learned counts."""
        return self._readings

    def learn(self, after_seconds: float, by_seconds: float | None) -> None:
        """Learn that a reading came after the first and by the second of two times; None where it did not come."""
        after = cell_of(after_seconds - self.origin_seconds)
        by = CELLS
        if by_seconds is not None:
            if by_seconds - self.origin_seconds < EDGES[0]:
                self._move(by_seconds)
                return
            if after_seconds >= by_seconds:
                # A clock was set back in between.
                after = 0
            if by_seconds - self.origin_seconds < EDGES[-1]:
                by = max(cell_of(by_seconds - self.origin_seconds), after + 1)
                self._beyond = 0
            elif (beyond := self._beyond + 1) >= BEYOND_IN_A_ROW:
                self._move(by_seconds)
                return
            else:
                self._beyond = beyond
        interval = (after, by)
        self._weights[interval] = self._weights.get(interval, 0.0) + 1.0
        self._news += 1
        self._compare(interval)
        if self._change > CHANGED:
            self._believe_change()
        elif self._is_due or self._news > min(self._readings * _NEWS_OF_NEW_ACCOUNT, ESTIMATE_EVERY - 1):
            self._estimate()

    def to_dict(self) -> dict[str, object]:
        """Return what was learned, as plain JSON."""
        intervals = [[after, by, round(weight, 3)] for (after, by), weight in self._weights.items()]
        return {"origin_seconds": self.origin_seconds, "is_typical": self.is_typical, "intervals": intervals}

    @classmethod
    def from_dict(cls, stored: object) -> Self:
        """Return what was learned before; raise ValueError where the data are damaged."""
        match stored:
            case {
                "origin_seconds": int() | float() as origin,
                "is_typical": bool(is_typical),
                "intervals": [*rows],
            } if abs(origin) < FARTHEST_SECONDS and len(rows) <= 2 * MOST_INTERVALS:
                return cls(float(origin), dict(map(_interval_from, rows)), is_typical=is_typical)
        raise ValueError("the stored delays are damaged")

    @classmethod
    def from_quantiles(cls, aim_seconds: float, retry_seconds: float, readings: int) -> Self:
        """Return what version 1 had learned: by when 83 % of the readings came, and in which further time half others.

        It counts for little, as it says little.
        """
        origin = 0.0 if EDGES[0] < aim_seconds < EDGES[-1] / 2 else aim_seconds - TYPICAL_SECONDS
        quick, aim, retry, last = (
            cell_of(aim_seconds - origin + later) for later in (-8.0, 0.0, retry_seconds, retry_seconds + 60.0)
        )
        count = min(readings, 2 * KEPT_READINGS)
        shares = {(quick, aim): 0.83, (aim, retry): 0.085, (retry, last): 0.085}
        weights = {interval: share * count for interval, share in shares.items() if count}
        return cls(origin, weights, is_typical=abs(aim_seconds - TYPICAL_SECONDS) < 2 or not count)

    def _compare(self, interval: Interval) -> None:
        """Compare how well what happened was predicted: by the account's own readings, the prior, a typical account.

        The first two make Page's test for a change: evidence for one adds up until it is outweighed.
        """
        after, by = interval
        own = self._own_until[by] - self._own_until[after]
        if self.is_typical:
            self._untypical += log(own / (_TYPICAL_UNTIL[by] - _TYPICAL_UNTIL[after]))
            self._untypical = max(self._untypical, _MOST_TYPICAL)
            self.is_typical = self._untypical < DISPROVED
            self._is_due |= not self.is_typical
        self._change += min(log((_PRIOR_UNTIL[by] - _PRIOR_UNTIL[after]) / own), CHANGED / 3)
        if self._change > 0:
            self._changed.append(interval)
        else:
            self._change = 0.0
            self._changed.clear()

    def _believe_change(self) -> None:
        """Forget most of what was learned before the change."""
        factor = min(KEPT_READINGS / sum(self._weights.values()), 1.0)
        self._weights = {interval: weight * factor for interval, weight in self._weights.items()}
        for interval in self._changed:
            self._weights[interval] = self._weights.get(interval, 0.0) + 1.0
        self._begin()

    def _move(self, by_seconds: float) -> None:
        """Start anew around a delay beyond all cells: a clock was set, or is wrong."""
        self.origin_seconds = by_seconds - TYPICAL_SECONDS
        self.is_typical = False
        self._weights = {}
        self._beyond = 0
        self._begin()

    def _begin(self) -> None:
        """Estimate without regard to earlier estimates."""
        self._change = 0.0
        self._changed.clear()
        self._samples = 0
        self._own: Sequence[float] = PRIOR
        self._estimate()

    def _estimate(self) -> None:
        """Forget a little, and estimate anew."""
        keep = (1 - 1 / MEMORY_READINGS) ** self._news
        kept = sorted(((weight * keep, interval) for interval, weight in self._weights.items()), reverse=True)
        self._weights = {interval: weight for weight, interval in kept[:MOST_INTERVALS] if weight > LEAST_WEIGHT}
        self._readings = sum(self._weights.values())
        self._news = 0
        self._is_due = False
        self._samples += 1
        sample = estimate(self._weights, self._draw_prior())
        part = max(1 / self._samples, 1 / SAMPLES_AVERAGED)
        self._own = [share + part * (new - share) for share, new in zip(self._own, sample, strict=True)]
        self._own_until: list[float] = list(accumulate(self._own))
        if self.is_typical and self.version:
            # All is as it was, and no plan has to be made anew.
            return
        self.version += 1
        self.sample = TYPICAL if self.is_typical else sample
        self.shares = TYPICAL if self.is_typical else self._own
        self.until = _TYPICAL_UNTIL if self.is_typical else self._own_until

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


def _interval_from(row: object) -> tuple[Interval, float]:
    """Return a weighed interval from JSON; raise ValueError where it is damaged."""
    match row:
        case [int(after), int(by), int() | float() as weight] if 0 <= after < by <= CELLS and 0 < weight < inf:
            return (after, by), float(weight)
    raise ValueError("the stored delays are damaged")
