"""Chances said, set against how often they came true."""

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

CHANCES: Final = (0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 1)
"""Where the rows of the calibration begin and end."""


@dataclass(slots=True)
class Calibration:
    """How often the chances said came true, by how great they were."""

    said: list[list[float]] = field(default_factory=lambda: [[] for _ in CHANCES[1:]])
    came: list[int] = field(default_factory=lambda: [0] * (len(CHANCES) - 1))

    def add(self, chance: float, *, came_true: bool) -> None:
        """Note what became of one chance."""
        row = min(bisect_right(CHANCES, chance), len(CHANCES) - 1) - 1
        self.said[row].append(chance)
        self.came[row] += came_true

    def rows(self) -> list[dict[str, int | float | None]]:
        """Return for each span of chances how many were said, their mean, and the share that came true."""
        return [
            {
                "from": lower,
                "to": upper,
                "readings": len(said),
                "said": ratio(sum(said), len(said), 3),
                "observed": ratio(came, len(said), 3),
            }
            for (lower, upper), said, came in zip(pairwise(CHANCES), self.said, self.came, strict=True)
        ]


def ratio(part: float, whole: float, digits: int) -> float | None:
    """Return a share or a mean, None of nothing."""
    return round(part / whole, digits) if whole else None
