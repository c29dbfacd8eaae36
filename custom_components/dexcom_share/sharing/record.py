"""What is stored of sharing: the states of followers seen last, and who is to be removed when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from ..share import SubscriptionState
from ..storage import Storage, StoredFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A contact to be deleted, and with it the follower; due at an aware UTC time."""

    contact_id: str = field(repr=False)
    due: datetime
    is_cleanup: bool = False
    """Whether the contact is the rest of an invitation that was not finished."""

    def to_dict(self) -> dict[str, object]:
        """Return the removal as plain JSON."""
        return {"contact_id": self.contact_id, "due": self.due.isoformat(), "is_cleanup": self.is_cleanup}

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Self:
        """Return a removal as it was stored; raise ValueError when the data are damaged."""
        due = datetime.fromisoformat(str(data["due"]))
        if due.tzinfo is None:
            msg = "Damaged removal"
            raise ValueError(msg)
        return cls(contact_id=str(data["contact_id"]), due=due, is_cleanup=bool(data["is_cleanup"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is stored: the states seen last (None before the first answer), and whom to remove when."""

    states: dict[str, SubscriptionState] | None = None
    removals: tuple[Removal, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the record as plain JSON."""
        return {
            "states": None if self.states is None else {key: int(state) for key, state in self.states.items()},
            "removals": [removal.to_dict() for removal in self.removals],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Record:
        """Return the record as it was stored; raise ValueError when the data are damaged."""
        states, removals = data["states"], data["removals"]
        if not isinstance(states, dict | None) or not isinstance(removals, list):
            msg = "Damaged record of followers"
            raise ValueError(msg)  # noqa: TRY004  (the contract of Storage.load)
        return cls(
            states=None if states is None else {str(key): SubscriptionState(state) for key, state in states.items()},
            removals=tuple(Removal.from_dict(removal) for removal in removals),
        )


async def load_record(storage: Storage) -> Record:
    """Return what is stored, an empty record where there is nothing."""
    return await storage.load(StoredFile.FOLLOWERS, Record.from_dict) or Record()
