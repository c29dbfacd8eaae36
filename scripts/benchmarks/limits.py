"""What the best schedule could reach in a world whose upload delays it knew, and worlds to compare with it.

Nothing here is shared with the schedule that is measured.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from math import ceil
from random import Random
from typing import Final

from simulator import Record

CALL_WORTH_SECONDS: Final = 5.0
"""What a call beyond the first for a reading costs, in seconds of mean delay."""

_START: Final = datetime(2026, 11, 1, tzinfo=UTC)

type Delay = Callable[[Random, float], float]
"""From chance and the days since the start: the seconds from a reading to its availability."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Mean and 95th percentile of the delay, calls for a reading, and cost: the mean and what more calls are worth."""

    mean_seconds: float
    p95_seconds: float
    calls: float

    @property
    def cost_seconds(self) -> float:
        """Return both in one figure."""
        return self.mean_seconds + CALL_WORTH_SECONDS * (self.calls - 1)


def best_possible(delays_seconds: Sequence[float]) -> Limit:
    """Return what asks at whole seconds after a reading can reach, of which each reading needs what finds it.

    Backwards over seconds: of all next asks the one with the least sum of delays until it, calls and costs after it.
    """
    last = ceil(max(delays_seconds))
    counts = [0] * (last + 1)
    sums = [0.0] * (last + 1)
    for delay in delays_seconds:
        counts[ceil(delay)] += 1
        sums[ceil(delay)] += delay
    found = list(accumulate(counts))
    waited = list(accumulate(sums))
    # What all readings cost that are not there yet at a second: in all, and the calls of it.
    costs = [(0.0, 0, last)] * (last + 1)
    for second in range(last - 1, -1, -1):
        missing = len(delays_seconds) - found[second]
        costs[second] = min(
            (
                ask * (found[ask] - found[second])
                - (waited[ask] - waited[second])
                + CALL_WORTH_SECONDS * missing
                + costs[ask][0],
                missing + costs[ask][1],
                ask,
            )
            for ask in range(second + 1, last + 1)
        )
    # What is there within the second of the reading itself is found by the first ask that is planned anyway.
    cost, calls, ask = costs[0]
    count = len(delays_seconds)
    waits: list[float] = []
    for delay in sorted(delays_seconds):
        while ask < delay:
            ask = costs[ask][2]
        waits.append(ask - delay)
    return Limit(
        mean_seconds=(cost - CALL_WORTH_SECONDS * calls) / count,
        p95_seconds=sorted(waits)[int(0.95 * count)],
        calls=calls / count,
    )


def _mixture(*parts: tuple[float, float, float]) -> Delay:
    """Return delays of which each part, with its share, lies evenly between two bounds."""

    def delay(random: Random, _day: float) -> float:
        share = random.random()
        for part, low, high in parts:
            if share < part:
                return random.uniform(low, high)
            share -= part
        return random.uniform(*parts[-1][1:])

    return delay


def _at_night(night: Delay, day: Delay) -> Delay:
    """Return delays that differ in the first eight hours of each day."""
    return lambda random, days: night(random, days) if days % 1 < 1 / 3 else day(random, days)


def _from_day(change: float, before: Delay, after: Delay) -> Delay:
    """Return delays that change for good on some day."""
    return lambda random, days: before(random, days) if days < change else after(random, days)


_USUAL: Final = _mixture((0.85, 8, 15), (0.12, 15, 60), (0.03, 60, 240))
_QUICK: Final = _mixture((0.92, 3, 7), (0.06, 7, 30), (0.02, 30, 180))
_STEADY: Final = _mixture((1, 10, 14))
_SLEEPING: Final = _mixture((0.5, 10, 20), (0.5, 20, 140))

WORLDS: Final[Mapping[str, Delay]] = {
    "usual": _USUAL,
    "quick": _QUICK,
    "steady": _STEADY,
    "two-phones": _mixture((0.55, 6, 10), (0.40, 31, 38), (0.05, 60, 200)),
    "sleeping": _SLEEPING,
    "tail": lambda random, _days: 8 + random.expovariate(1 / 14),
    "wide": _mixture((1, 5, 90)),
    "late": _mixture((1, 30, 90)),
    "heavy-tail": lambda random, _days: min(5 + 4 * random.paretovariate(1.2), 290.0),
    "night": _at_night(_SLEEPING, _QUICK),
    "drift": lambda random, days: 10 + 10 * min(max(days - 2, 0), 3) + random.uniform(0, 6),
    "new-phone": _from_day(3, _STEADY, _mixture((1, 60, 80))),
    "quicker-phone": _from_day(3, _mixture((1, 60, 80)), _USUAL),
}
"""Worlds without gaps: the first six of the table in `docs/performance.md`, then others that nothing was tuned to."""


def make_delayed_world(name: str, seed: int, span: timedelta) -> list[Record]:
    """Make up readings whose uploads take what the world of this name says; none is missing."""
    random = Random(seed)
    step = random.uniform(299.5, 299.8)
    time = random.uniform(0, 300)
    value = 120.0
    records: list[Record] = []
    while time < span.total_seconds():
        value = min(max(value + random.gauss((120 - value) / 50, 6), 40), 400)
        taken = _START + timedelta(milliseconds=round(1000 * time))
        delay = WORLDS[name](random, time / 86_400)
        records.append(
            Record(time=taken, value=round(value), trend="Flat", available_at=taken + timedelta(seconds=delay))
        )
        time += random.gauss(step, 0.02)
    return records
