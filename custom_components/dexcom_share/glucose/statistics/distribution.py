"""How often each value occurs: all that figures without an order in time need.

Counts are whole numbers, so a figure is the same to the last digit whether readings were counted from the first to the
last or came and went one by one.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate, repeat
from math import floor
from typing import Final, Self

from ...share.models import HIGH_LIMIT_MGDL, LOW_LIMIT_MGDL

SENSOR_VALUES_MGDL: Final = tuple(range(LOW_LIMIT_MGDL, HIGH_LIMIT_MGDL + 1))
"""What a sensor can tell, "LOW" and "HIGH" included."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """Values in mg/dL, ascending and each once, and how often each of them occurs, which may be never."""

    values_mgdl: tuple[float, ...]
    counts: tuple[int, ...]
    counts_up_to: tuple[int, ...]
    """How many readings are among the first values, from none of them on."""

    @classmethod
    def of(cls, values_mgdl: Iterable[float]) -> Self:
        """Return the distribution of some values in mg/dL, whole or not, in any order; there may be none."""
        counts = Counter(values_mgdl)
        values = tuple(sorted(counts))
        return cls._made_of(values, tuple([counts[value] for value in values]))

    @classmethod
    def from_counts(cls, counts: Mapping[int, int]) -> Self:
        """Return the distribution of what a sensor told (39 to 401 mg/dL) so often."""
        return cls._made_of(SENSOR_VALUES_MGDL, tuple(map(counts.get, SENSOR_VALUES_MGDL, repeat(0))))

    @classmethod
    def _made_of(cls, values_mgdl: tuple[float, ...], counts: tuple[int, ...]) -> Self:
        """Return a distribution of values in ascending order."""
        return cls(values_mgdl, counts, (0, *accumulate(counts)))

    @property
    def n(self) -> int:
        """Return how many readings there are."""
        return self.counts_up_to[-1]

    def count_below(self, limit_mgdl: float) -> int:
        """Return how many readings are less than a limit in mg/dL."""
        return self.counts_up_to[bisect_left(self.values_mgdl, limit_mgdl)]

    def count_above(self, limit_mgdl: float) -> int:
        """Return how many readings are more than a limit in mg/dL."""
        return self.n - self.counts_up_to[bisect_right(self.values_mgdl, limit_mgdl)]

    def percentile_mgdl(self, percent: float) -> float:
        """Return the percentile (0 to 100) in mg/dL; ValueError without readings.

        Between two readings it lies on the straight line: type 7 of Hyndman and Fan (1996), as in R, NumPy and iglu.
        """
        self.require_readings()
        place = (self.n - 1) * percent / 100
        before = floor(place)
        lower, upper = self._value_at(before), self._value_at(min(before + 1, self.n - 1))
        return lower + (upper - lower) * (place - before)

    def require_readings(self) -> None:
        """Raise ValueError where there are no readings, of which no figure can be told."""
        if not self.n:
            raise ValueError("no figure can be told of no readings")

    def _value_at(self, place: int) -> float:
        """Return the reading at a place, as if all stood in order of value."""
        return self.values_mgdl[bisect_right(self.counts_up_to, place) - 1]
