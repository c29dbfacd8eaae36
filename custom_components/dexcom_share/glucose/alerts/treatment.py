"""Treat and look again: after treating, the low kinds are quiet for a while and then told again if it did not help."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from ...share.models import GlucoseReading
from ..freshness import STALE_AFTER
from .finding import Finding, graver_raised_at, is_after
from .kinds import AlertKind
from .measures import newest_rate
from .moment import Moment
from .settings import Span
from .state import Alert

TREATED_MINUTES: Final = Span(minimum=10, maximum=30, step=5)
"""How long the quiet after treating can be set to last."""
TREATED_FOR: Final = timedelta(minutes=15)
"""Glucose is looked at again 15 min after carbohydrates (ADA Standards of Care, section 6: the rule of 15)."""
FALLEN_BY_MGDL: Final = 10
"""A fall by so much since treating is told before its time."""
RISING_MGDL_PER_MINUTE: Final = 0.5
"""Less than 2.5 mg/dL in five minutes is noise and not a rise."""


def without_old_treatment(kind: AlertKind, alert: Alert, finding: Finding, moment: Moment) -> Alert:
    """Return an alert without a treatment that counts no more.

    That is one whose alert has recovered, one followed by a graver alert, and one whose time is over with nothing left
    to tell. A gap does not end it, as it does not end a snooze (alert rule A5).
    """
    if alert.treated_until is None:
        return alert
    treated_at = alert.treated_reading
    has_recovered = alert.is_treated_while_raised and is_after(finding.episode.recovered_at, treated_at)
    is_past = alert.treated_until <= moment.now and not (finding.holds or finding.is_late)
    is_over = has_recovered or is_past or is_after(graver_raised_at(kind, moment.judged), treated_at)
    return alert.unanswered() if is_over else alert


def is_quiet_after_treating(kind: AlertKind, alert: Alert, finding: Finding, moment: Moment) -> bool:
    """Return whether a treatment keeps an alert quiet now; where it does no more, the alert is to be told.

    When its time is over the alert stays quiet as long as glucose is rising or back inside the limit, but for an urgent
    low. A missing reading holds no low back (alert rule S2): whether glucose still rises is not known then.
    """
    if alert.treated_until is None or _has_fallen(alert, moment):
        return False
    if moment.now < alert.treated_until:
        return True
    is_inside = finding.episode.beyond_at != finding.reading
    is_overdue = moment.now - finding.reading >= STALE_AFTER
    return kind is not AlertKind.URGENT_LOW and (is_inside or (not is_overdue and _is_rising(moment.readings)))


def _has_fallen(alert: Alert, moment: Moment) -> bool:
    """Return whether a reading since treating, late ones included, was lower by more than is waited with."""
    treated_at = alert.treated_reading
    if treated_at is None:
        return False
    before = [reading.value for reading in moment.readings if reading.time <= treated_at]
    after = [reading.value for reading in moment.readings if reading.time > treated_at]
    return bool(before and after) and min(after) <= before[-1] - FALLEN_BY_MGDL


def _is_rising(readings: Sequence[GlucoseReading]) -> bool:
    """Return whether glucose rises by more than noise at the newest reading; across a gap nobody knows."""
    rate = newest_rate(readings)
    return rate is not None and rate >= RISING_MGDL_PER_MINUTE


def longest_quiet(kind: AlertKind) -> timedelta:
    """Return how long an alert can be quiet after treating: an urgent low is told after 15 min at the latest."""
    return TREATED_FOR if kind is AlertKind.URGENT_LOW else timedelta(minutes=TREATED_MINUTES.maximum)
