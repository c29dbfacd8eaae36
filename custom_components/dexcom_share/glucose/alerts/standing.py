"""What answer holds, for everybody who comes to look: the second parent sees that the first one has answered."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .facts import AlertFacts
from .kinds import PRIORITY, AlertKind
from .state import Alert


class Answer(StrEnum):
    """What was answered."""

    NONE = "none"
    SNOOZED = "snoozed"
    ACKNOWLEDGED = "acknowledged"
    TREATED = "treated"
    MUTED = "muted"


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingAnswer:
    """An answer that holds: about which kind, until when and by whom, None where that is not known or has no end."""

    answer: Answer = Answer.NONE
    kind: AlertKind | None = None
    until: datetime | None = None
    by: str | None = None


def standing_answer(facts: AlertFacts) -> StandingAnswer:
    """Return the answer to the gravest alert that is raised; with none raised, that to the gravest answered ahead.

    Where an alert that is raised has no answer, or nothing was answered ahead, muting holds, but not for an urgent low.
    """
    alerts = facts.state.alerts
    kind = facts.gravest or next((kind for kind in PRIORITY if alerts[kind].is_answered), None)
    answered = _answer_to(kind, alerts[kind]) if kind else None
    if answered:
        return answered
    if facts.mute and kind is not AlertKind.URGENT_LOW:
        return StandingAnswer(answer=Answer.MUTED, kind=kind, until=facts.mute.until, by=facts.mute.by)
    return StandingAnswer(kind=kind)


def _answer_to(kind: AlertKind, alert: Alert) -> StandingAnswer | None:
    """Return what was answered to an alert, None for nothing."""
    if alert.snoozed_until:
        return StandingAnswer(answer=Answer.SNOOZED, kind=kind, until=alert.snoozed_until, by=alert.answered_by)
    if alert.treated_until:
        return StandingAnswer(answer=Answer.TREATED, kind=kind, until=alert.treated_until, by=alert.answered_by)
    if alert.acknowledged_at:
        return StandingAnswer(answer=Answer.ACKNOWLEDGED, kind=kind, by=alert.answered_by)
    return None
