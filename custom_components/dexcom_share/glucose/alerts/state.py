"""What must be remembered about alerts from one moment to the next, and across restarts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from .kinds import PRIORITY, AlertKind


class AlertStage(StrEnum):
    """Where an alert stands."""

    INACTIVE = "inactive"
    PENDING = "pending"
    ACTIVE = "active"
    SNOOZED = "snoozed"
    ACKNOWLEDGED = "acknowledged"
    TREATED = "treated"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """What the readings so far tell of one kind; all times are effective times of readings, aware UTC.

    `since` is the first reading of the run beyond the limit, or of the episode, None where glucose is inside;
    `raised_at` the reading at which a run last fulfilled the delay; `beyond_at` the last reading beyond the limit;
    `recovered_at` the last reading at which glucose was surely inside.
    """

    since: datetime | None = None
    raised_at: datetime | None = None
    beyond_at: datetime | None = None
    recovered_at: datetime | None = None

    @property
    def is_raised(self) -> bool:
        """Return whether the run has lasted the delay and is not over."""
        return self.since is not None and self.raised_at is not None and self.raised_at >= self.since


NO_EPISODE: Final = Episode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What all readings up to one tell; `time` is the effective time of that one, None before any."""

    time: datetime | None = None
    episodes: Mapping[AlertKind, Episode] = field(default_factory=lambda: dict.fromkeys(AlertKind, NO_EPISODE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What is shown and was told of one kind.

    `since`, `is_raised` and `is_last_known` are as evaluated last. `is_told` says that whoever listens takes the alert
    for raised. `announced_at`, `acknowledged_at`, `snoozed_until` and `treated_until` are by the account's clock, each
    with the effective time of the newest reading at that moment beside it: an announcement or an answer is about the
    episode which that reading belongs to, and about no later one. `answered_by` names who gave the answer that counts.
    """

    since: datetime | None = None
    is_raised: bool = False
    is_last_known: bool = False
    is_told: bool = False
    announced_at: datetime | None = None
    announced_reading: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_reading: datetime | None = None
    snoozed_until: datetime | None = None
    snoozed_reading: datetime | None = None
    is_snoozed_while_raised: bool = False
    treated_until: datetime | None = None
    treated_reading: datetime | None = None
    is_treated_while_raised: bool = False
    answered_by: str | None = None
    recovered_at: datetime | None = None

    @property
    def stage(self) -> AlertStage:
        """Return where the alert stands; one snoozed before it is raised is snoozed, too."""
        if self.snoozed_until:
            return AlertStage.SNOOZED
        if self.is_raised and self.treated_until:
            return AlertStage.TREATED
        if self.is_raised:
            return AlertStage.ACKNOWLEDGED if self.acknowledged_at else AlertStage.ACTIVE
        if self.since:
            return AlertStage.PENDING
        return AlertStage.RECOVERED if self.recovered_at else AlertStage.INACTIVE

    @property
    def is_answered(self) -> bool:
        """Return whether an answer counts, one given before the alert is raised included."""
        return bool(self.snoozed_until or self.acknowledged_at or self.treated_until)

    def unanswered(self) -> Self:
        """Return the alert without any answer."""
        return replace(self, **_UNANSWERED)

    def is_announced_since(self, since: datetime) -> bool:
        """Return whether the episode that began at `since` was announced."""
        return self.announced_reading is not None and self.announced_reading >= since


_UNANSWERED: Final[Mapping[str, Any]] = {
    "acknowledged_at": None,
    "acknowledged_reading": None,
    "snoozed_until": None,
    "snoozed_reading": None,
    "is_snoozed_while_raised": False,
    "treated_until": None,
    "treated_reading": None,
    "is_treated_while_raised": False,
    "answered_by": None,
}
INACTIVE: Final = Alert()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """All alerts of one person.

    `base` is what was known from the readings some hours ago: later readings are judged again from there.
    `reading_time` is the effective time of the newest reading, or when the watch began before any reading came.
    `current_reading` is the newest reading that was evaluated while it was current: one that comes later is late.
    `left_range` is the kind that last told of glucose out of range, until the news of its return.
    """

    alerts: Mapping[AlertKind, Alert] = field(default_factory=lambda: dict.fromkeys(AlertKind, INACTIVE))
    base: Judged = field(default_factory=Judged)
    reading_time: datetime | None = None
    current_reading: datetime | None = None
    left_range: AlertKind | None = None

    @property
    def raised(self) -> tuple[AlertKind, ...]:
        """Return the kinds that are raised, the gravest first."""
        return tuple(kind for kind in PRIORITY if self.alerts[kind].is_raised)

    def with_alert(self, kind: AlertKind, alert: Alert) -> Self:
        """Return the state with another alert of one kind."""
        return replace(self, alerts={**self.alerts, kind: alert})


EPISODE_TIMES: Final = tuple(each.name for each in fields(Episode))
ALERT_FLAGS: Final = ("is_raised", "is_last_known", "is_told", "is_snoozed_while_raised", "is_treated_while_raised")
ALERT_TEXTS: Final = ("answered_by",)
ALERT_TIMES: Final = tuple(each.name for each in fields(Alert) if each.name not in (*ALERT_FLAGS, *ALERT_TEXTS))
