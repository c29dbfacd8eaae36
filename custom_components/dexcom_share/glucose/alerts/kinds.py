"""What alerts are about, and what is told of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ...share.models import Trend


class AlertKind(StrEnum):
    """What an alert is about, the gravest first."""

    URGENT_LOW = "urgent_low"
    URGENT_LOW_SOON = "urgent_low_soon"
    LOW = "low"
    URGENT_HIGH = "urgent_high"
    HIGH = "high"
    FALLING_FAST = "falling_fast"
    RISING_FAST = "rising_fast"
    NO_DATA = "no_data"


PRIORITY: Final = tuple(AlertKind)
"""Which alert counts first when several hold: a low harms sooner than a high, a value tells more than its change."""

GRAVER: Final = {AlertKind.LOW: AlertKind.URGENT_LOW, AlertKind.HIGH: AlertKind.URGENT_HIGH}
"""Kinds whose condition holds whenever that of another kind holds, by the graver one."""

LOW_KINDS: Final = (AlertKind.URGENT_LOW, AlertKind.URGENT_LOW_SOON, AlertKind.LOW)
"""The kinds that eating or drinking something sweet is the answer to."""


class AlertEventType(StrEnum):
    """What there is to tell.

    `ended` is an alert that is over without recovery: its readings stopped, it was switched off, or it came true.
    """

    RAISED = "raised"
    REPEATED = "repeated"
    RECOVERED = "recovered"
    ENDED = "ended"
    SNOOZED = "snoozed"
    UNSNOOZED = "unsnoozed"
    ACKNOWLEDGED = "acknowledged"
    TREATED = "treated"
    BACK_IN_RANGE = "back_in_range"


ANNOUNCEMENTS: Final = frozenset({AlertEventType.RAISED, AlertEventType.REPEATED})


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEvent:
    """Something to tell about one kind at one moment of the account's clock.

    `since` is the effective time of the first reading of the alert. The value (mg/dL), its time, age, trend and rate
    (mg/dL per minute) are of the newest reading, None where there is none to rest on. `last_known` marks a value that
    is no longer current. `chance` (0 to 1) is that of an urgent low within 20 min, told with urgent low soon alone.
    `until` is the end of a snooze or of the quiet after treating. `answered_by` names who answered, `note` is what they
    wrote. `overshadowed_by` is a graver kind that is raised as well. `test` marks a rehearsal.
    """

    type: AlertEventType
    kind: AlertKind
    time: datetime
    since: datetime | None = None
    reading_time: datetime | None = None
    reading_age: timedelta | None = None
    value_mgdl: int | None = None
    trend: Trend | None = None
    rate_mgdl_per_minute: float | None = None
    limit: float | None = None
    chance: float | None = None
    until: datetime | None = None
    answered_by: str | None = None
    note: str | None = None
    overshadowed_by: AlertKind | None = None
    last_known: bool = False
    test: bool = False
