"""Are there enough readings to go by? At least 70 % of those there could be (Battelino et al. 2019)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

from ..reading_columns import MILLISECOND

CADENCE: Final = timedelta(minutes=5)
"""The time from one reading of a sensor to the next."""
LEAST_PERCENT: Final = 70
CADENCE_MS: Final = CADENCE // MILLISECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Sufficiency:
    """How many readings there are, of how many there could be, in percent (at most 100); enough are 70 percent."""

    n: int
    expected: int
    percent: float
    is_sufficient: bool

    @classmethod
    def of(cls, n: int, expected: int) -> Self:
        """Return what so many readings are of those expected; where none are expected there are never enough."""
        percent = min(100 * n / expected, 100.0) if expected else 0.0
        return cls(n=n, expected=expected, percent=percent, is_sufficient=percent >= LEAST_PERCENT)


def expected_times_ms(start_ms: int, end_ms: int) -> range:
    """Return when readings are expected after `start_ms`, up to `end_ms`, in milliseconds: one every five minutes."""
    return range(start_ms + CADENCE_MS, end_ms + 1, CADENCE_MS)
