"""What is known of a chain's being in order: when it last ran and worked, when it was last checked, what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

UNPROVED_FOR: Final = timedelta(days=7)
"""After so long without a proof the reminder comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """`proved_at` is when every step last ran and worked, `made_at` when the chain was first at work (aware times).

    `problems` are sentences: what a check found, or which steps failed when the chain last ran.
    """

    made_at: datetime | None = None
    proved_at: datetime | None = None
    checked_at: datetime | None = None
    problems: tuple[str, ...] = ()

    def is_overdue(self, now: datetime) -> bool:
        """Return whether the chain was not proved for a week."""
        since = self.proved_at or self.made_at
        return since is not None and now - since >= UNPROVED_FOR

    def to_dict(self) -> dict[str, object]:
        """Return the record as plain JSON."""
        times = {name: getattr(self, name) for name in ("made_at", "proved_at", "checked_at")}
        return {**{name: time and time.isoformat() for name, time in times.items()}, "problems": list(self.problems)}

    @classmethod
    def from_dict(cls, stored: object) -> Self:
        """Return the record from JSON; what is damaged is as if it had never been."""
        if not isinstance(stored, Mapping):
            return cls()
        problems = stored.get("problems")
        return cls(
            made_at=_time(stored.get("made_at")),
            proved_at=_time(stored.get("proved_at")),
            checked_at=_time(stored.get("checked_at")),
            problems=tuple(str(each) for each in problems) if isinstance(problems, list) else (),
        )


def _time(stored: object) -> datetime | None:
    """Return an aware time, None where there is none."""
    try:
        time = datetime.fromisoformat(str(stored))
    except ValueError:
        return None
    return time if time.tzinfo else None
