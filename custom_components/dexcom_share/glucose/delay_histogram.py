"""What is known of an account's upload delays by hour of the day: what a user can attach to a report."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import Final, Self

BOUNDS_SECONDS: Final = (0, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 600)
MOST_OF_AN_HOUR: Final = 720
"""So many readings of one hour of the day, two months of them, are kept; then all its counts are halved."""


class DelayHistogram:
    """Counts readings by hour of the day (UTC) and by the interval in which the delay of each is known to lie.

    Neither a time nor an order of readings can be told from it.
    """

    def __init__(self, counts: Mapping[tuple[int, int, int], int] | None = None) -> None:
        """Go on from counts by hour and bounds."""
        self._counts = dict(counts or {})

    def add(self, hour: int, after_seconds: float, by_seconds: float) -> None:
        """Count a reading that was not there after the first time and was by the second, counted from its own."""
        if not 0 < by_seconds <= BOUNDS_SECONDS[-1]:
            # Clocks differ: that is no delay.
            return
        low = BOUNDS_SECONDS[max(bisect_right(BOUNDS_SECONDS, after_seconds) - 1, 0)]
        high = BOUNDS_SECONDS[bisect_left(BOUNDS_SECONDS, by_seconds)]
        self._counts[hour, low, high] = self._counts.get((hour, low, high), 0) + 1
        of_hour = {key: count for key, count in self._counts.items() if key[0] == hour}
        if sum(of_hour.values()) > MOST_OF_AN_HOUR:
            self._counts |= {key: count // 2 for key, count in of_hour.items()}
            self._counts = {key: count for key, count in self._counts.items() if count}

    def to_dict(self) -> dict[str, dict[str, int]]:
        """Return the counts by hour and by interval, "10-15" for a delay of 10 to 15 s, as plain JSON."""
        hours: dict[str, dict[str, int]] = {}
        for (hour, low, high), count in sorted(self._counts.items()):
            hours.setdefault(f"{hour:02}", {})[f"{low}-{high}"] = count
        return hours

    @classmethod
    def from_dict(cls, stored: object) -> Self:
        """Return the counts from JSON; what is damaged of them is left out."""
        known = {
            f"{low}-{high}": (low, high)
            for place, low in enumerate(BOUNDS_SECONDS)
            for high in BOUNDS_SECONDS[place + 1 :]
        }
        counts = {
            (hour, *known[interval]): count
            for hour in range(24)
            for interval, count in _mapping(_mapping(stored).get(f"{hour:02}")).items()
            if interval in known and isinstance(count, int) and 0 < count <= MOST_OF_AN_HOUR
        }
        return cls(counts)


def _mapping(stored: object) -> Mapping[str, object]:
    """Return JSON as a mapping, an empty one where it is something else."""
    return stored if isinstance(stored, Mapping) else {}
