"""Who of several persons needs somebody first."""

from collections.abc import Mapping
from typing import Final

from .alerts.kinds import PRIORITY
from .alerts.state import AlertStage
from .snapshot import Snapshot

_RANKS: Final = {kind: rank for rank, kind in enumerate(PRIORITY)}


def by_urgency(persons: Mapping[str, Snapshot]) -> list[str]:
    """Return the persons of whom there is something to tell, the most urgent first; those who are fine are left out.

    The graver alert goes first, of equal ones the one that nobody has answered, then the one that has lasted longer.
    Whose glucose is not known comes after all alerts.
    """
    return sorted((person for person in persons if _needs(persons[person])), key=lambda person: _order(persons[person]))


def is_all_known(persons: Mapping[str, Snapshot]) -> bool:
    """Return whether the glucose of everybody is known: only then is no alert a good sign."""
    return all(snapshot.is_current for snapshot in persons.values())


def _needs(snapshot: Snapshot) -> bool:
    """Return whether an alert is raised, or the glucose is not known."""
    return snapshot.alerts.gravest is not None or not snapshot.is_current


def _order(snapshot: Snapshot) -> tuple[int, bool, float]:
    """Return what persons are ordered by."""
    kind = snapshot.alerts.gravest
    if kind is None:
        return (len(PRIORITY), False, 0.0)
    alert = snapshot.alerts.state.alerts[kind]
    return (_RANKS[kind], alert.stage is not AlertStage.ACTIVE, alert.since.timestamp() if alert.since else 0.0)
