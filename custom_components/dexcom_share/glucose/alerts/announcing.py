"""What there is to tell at one moment: from what the readings tell, what was told before, and what was answered.

`evaluate` is called with every new reading and whenever `next_deadline` has come. What is past is not told; what holds
now is, once as raised and then as repeated. Evaluating once more without anything new tells nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from ..freshness import CURRENT_FOR, STALE_AFTER, is_current
from ..ranges import GlucoseRange, range_of
from .engine import DELAY_TOLERANCE, LOWS
from .event_of import event_of
from .finding import LATE_FOR, Finding, find, graver_raised_at, is_acknowledged, is_after
from .kinds import ANNOUNCEMENTS, GRAVER, PRIORITY, AlertEvent, AlertEventType, AlertKind
from .measures import MEASURES, is_heading_back
from .moment import Moment
from .settings import BOUNDS, KindSettings
from .state import Alert, Alerts
from .treatment import is_quiet_after_treating, longest_quiet, without_old_treatment

UNANSWERED_REPEAT: Final = timedelta(minutes=5)
"""An urgent low that nobody answered is told again this often (alert rule S5; Dexcom G5, survey 4.1)."""
LAST_KNOWN_OFTEN_FOR: Final = timedelta(minutes=30)
"""So long an unanswered urgent low is told that often after its readings have stopped (alert rule S6)."""
_MINUTE: Final = timedelta(minutes=1)
_CLOCK_TIMES: Final = ("announced_at", "acknowledged_at")
_READING_TIMES: Final = ("announced_reading", "acknowledged_reading", "snoozed_reading", "treated_reading")
_OUT_OF_RANGE: Final = (AlertKind.URGENT_LOW, AlertKind.LOW, AlertKind.URGENT_HIGH, AlertKind.HIGH)

type Outcome = tuple[Alerts, tuple[AlertEvent, ...]]


def evaluate(alerts: Alerts, moment: Moment) -> Outcome:
    """Return the state at a moment and what there is to tell: what is over first, then the gravest first."""
    if not moment.is_silence_known and not moment.is_current:
        return alerts, ()
    newest = moment.newest
    # The newest reading is what announcements and answers are about; only a clock that is known may correct its time.
    reading = newest.time if newest else alerts.reading_time or moment.now
    reading = min(reading, moment.now) if moment.is_time_known else reading
    # Nothing was heard since the start, whatever the machine's clock says of the reading.
    silent_since = reading if moment.is_time_known else min(reading, moment.watched_since)
    alerts = replace(_plausible(alerts, moment), reading_time=silent_since, base=moment.base)
    seen = alerts.current_reading
    kinds = moment.settings.in_force(is_night=moment.settings.is_night(moment.now, moment.tz))
    over: list[AlertEvent] = []
    announced: list[AlertEvent] = []
    after = dict(alerts.alerts)
    for kind in PRIORITY:
        goes_on = kind is AlertKind.URGENT_LOW and after[kind].is_told
        if not moment.is_time_known and is_current(silent_since, moment.now) and not goes_on:
            # Whether it still is, is known once Share is heard; an urgent low goes on as what is known last.
            continue
        alert, settings = after[kind], kinds[kind]
        about = silent_since if kind is AlertKind.NO_DATA else reading
        finding = find(kind, alert, settings, moment, about, seen=seen)
        since = finding.since or alert.since
        alert, ended = _close(kind, alert, finding, moment, is_enabled=settings.enabled)
        if ended:
            over.append(replace(event_of(ended, kind, moment.readings, moment.now, settings.limit), since=since))
        alert, is_snooze_over = _drop_answers(kind, alert, finding, moment)
        is_treated = is_quiet_after_treating(kind, alert, finding, moment)
        since_shown = None if finding.is_late else finding.since
        alert = replace(alert, since=since_shown, is_raised=finding.holds, is_last_known=finding.is_last_known)
        urgent = after[AlertKind.URGENT_LOW]
        follows_urgent_low = kind is AlertKind.NO_DATA and urgent.is_last_known and not urgent.acknowledged_at
        is_quiet = moment.is_muted and kind is not AlertKind.URGENT_LOW and not follows_urgent_low
        told = None
        if not is_quiet and not alert.snoozed_until and not is_treated and settings.enabled:
            is_quiet_over = is_snooze_over or alert.treated_until is not None
            told = _due(kind, alert, finding, settings, moment, is_quiet_over=is_quiet_over)
        if told:
            alert = alert.unanswered() if alert.treated_until else alert
            alert = replace(alert, is_told=True, announced_at=moment.now, announced_reading=about, recovered_at=None)
            event = event_of(
                told, kind, moment.readings, moment.now, settings.limit, is_time_known=moment.is_time_known
            )
            graver = GRAVER.get(kind)
            shadow = graver if graver and after[graver].is_raised else None
            announced.append(replace(event, since=since, overshadowed_by=shadow))
        after[kind] = alert
    alerts = replace(alerts, alerts=after, current_reading=reading if moment.is_current else seen)
    return _with_return(alerts, [*over, *announced], kinds, moment)


def next_deadline(alerts: Alerts, moment: Moment) -> datetime | None:
    """Return the next time after now at which to evaluate even if no reading comes, None if there is none."""
    now = moment.now
    kinds = moment.settings.in_force(is_night=moment.settings.is_night(now, moment.tz))
    times = [moment.settings.next_turn(now, moment.tz)]
    for kind, alert in alerts.alerts.items():
        times += (alert.snoozed_until, alert.treated_until)
        interval = _interval(kind, alert, kinds[kind], moment)
        last = alert.announced_at or alert.acknowledged_at
        if last and interval:
            times.append(last + interval)
    if moment.newest:
        newest = moment.newest.time
        times += (newest + STALE_AFTER, newest + CURRENT_FOR, moment.newest.gap_known_at, newest + LATE_FOR)
        times.append(newest + CURRENT_FOR + LAST_KNOWN_OFTEN_FOR)
        for kind in LOWS:
            since = moment.judged.episodes[kind].since
            times.append(since + kinds[kind].delay if since else None)
    no_data = kinds[AlertKind.NO_DATA].delay
    for time in (alerts.reading_time, alerts.alerts[AlertKind.NO_DATA].announced_at):
        times.append(time + no_data if time else None)
    return min((time for time in times if time and time > now), default=None)


def _close(
    kind: AlertKind, alert: Alert, finding: Finding, moment: Moment, *, is_enabled: bool
) -> tuple[Alert, AlertEventType | None]:
    """Return an alert whose episode is over as such, and what there is to tell of that."""
    since = finding.since
    if (finding.holds or finding.is_late) and since and (kind is AlertKind.NO_DATA or alert.is_announced_since(since)):
        return alert, None
    recovered_at = finding.episode.recovered_at
    has_recovered = recovered_at is not None and (
        alert.announced_reading is None or recovered_at > alert.announced_reading
    )
    if alert.is_raised and not finding.holds and has_recovered:
        alert = replace(alert, recovered_at=moment.now)
    if not alert.is_told:
        return alert, None
    over = replace(alert, is_told=False)
    if not is_enabled:
        return over, AlertEventType.ENDED
    was_told_before = is_after(moment.watched_since, alert.announced_at)
    is_over_before = moment.newest is None or moment.newest.gap_known_at < moment.watched_since
    if not moment.is_current and was_told_before and is_over_before:
        # Its readings stopped before the watch began: whether it is over is told once readings tell it.
        return alert, None
    if has_recovered:
        return over, AlertEventType.RECOVERED
    # A new episode that follows a gap is announced as such, without an end of the one before.
    return over, None if finding.holds else AlertEventType.ENDED


def _drop_answers(kind: AlertKind, alert: Alert, finding: Finding, moment: Moment) -> tuple[Alert, bool]:
    """Return an alert without the answers that count no more, and whether a snooze has just run out."""
    since = moment.judged.episodes[kind].since if kind in MEASURES else finding.since
    if alert.acknowledged_at and (since is None or not is_acknowledged(kind, alert, since, moment.judged)):
        alert = replace(alert, acknowledged_at=None, acknowledged_reading=None)
        alert = alert if alert.is_answered else alert.unanswered()
    alert = without_old_treatment(kind, alert, finding, moment)
    if not alert.snoozed_until:
        return alert, False
    answered_at = alert.snoozed_reading
    recovered_at = finding.episode.recovered_at
    has_recovered = alert.is_snoozed_while_raised and is_after(recovered_at, answered_at)
    is_over = alert.snoozed_until <= moment.now
    if is_over or has_recovered or is_after(graver_raised_at(kind, moment.judged), answered_at):
        alert = replace(alert, snoozed_until=None, snoozed_reading=None, is_snoozed_while_raised=False)
        alert = alert if alert.is_answered else alert.unanswered()
    return alert, is_over


def _due(
    kind: AlertKind,
    alert: Alert,
    finding: Finding,
    settings: KindSettings,
    moment: Moment,
    *,
    is_quiet_over: bool,
) -> AlertEventType | None:
    """Return what of an alert is to be announced now, None for nothing."""
    if finding.since is None or finding.is_waiting or not (finding.holds or finding.is_late):
        return None
    is_announced = alert.is_told and alert.is_announced_since(finding.since)
    if not is_announced and not alert.acknowledged_at:
        is_silence_due = kind is not AlertKind.NO_DATA or finding.episode.is_raised
        return AlertEventType.RAISED if is_silence_due else None
    interval = _interval(kind, alert, settings, moment)
    # Only a damaged file knows of an answer to what was never announced.
    last = alert.announced_at or alert.acknowledged_at
    is_due = interval is not None and last is not None and moment.now - last >= interval
    is_newer = is_after(finding.reading, alert.announced_reading)
    if finding.is_late:
        # Each newest reading that comes late counts once.
        is_due &= is_newer
    elif kind is AlertKind.URGENT_LOW and not alert.acknowledged_at:
        is_due |= is_newer
    if not (is_due or is_quiet_over):
        return None
    if settings.smart_quiet and is_heading_back(kind, moment.readings):
        return None
    return AlertEventType.REPEATED


def _interval(kind: AlertKind, alert: Alert, settings: KindSettings, moment: Moment) -> timedelta | None:
    """Return how long after its last announcement an alert is due again, None for not at all."""
    if not alert.is_raised and not alert.is_told:
        return None
    if kind is not AlertKind.URGENT_LOW:
        return None if alert.acknowledged_at else settings.repeat or None
    repeat = max(settings.repeat, UNANSWERED_REPEAT)
    if alert.acknowledged_at:
        return repeat
    often_until = (
        (moment.newest.time if moment.newest else moment.now) + CURRENT_FOR + LAST_KNOWN_OFTEN_FOR + DELAY_TOLERANCE
    )
    is_often = alert.announced_at is None or alert.announced_at + UNANSWERED_REPEAT <= often_until
    return UNANSWERED_REPEAT if is_often else repeat


def _with_return(
    alerts: Alerts, events: list[AlertEvent], kinds: Mapping[AlertKind, KindSettings], moment: Moment
) -> Outcome:
    """Return the outcome, with the news of glucose back in range once after alerts that told it was out."""
    left = next((event.kind for event in events if event.type in ANNOUNCEMENTS and event.kind in _OUT_OF_RANGE), None)
    if left:
        return replace(alerts, left_range=left), tuple(events)
    newest = moment.newest
    is_out = any(kind in _OUT_OF_RANGE for kind in alerts.raised)
    if not alerts.left_range or newest is None or not moment.is_current or is_out:
        return alerts, tuple(events)
    if range_of(newest, kinds[AlertKind.LOW].limit, kinds[AlertKind.HIGH].limit) is not GlucoseRange.IN_RANGE:
        return alerts, tuple(events)
    if not moment.is_muted or alerts.left_range is AlertKind.URGENT_LOW:
        events.append(event_of(AlertEventType.BACK_IN_RANGE, alerts.left_range, moment.readings, moment.now, None))
    return replace(alerts, left_range=None), tuple(events)


def _plausible(alerts: Alerts, moment: Moment) -> Alerts:
    """Return the state with no time beyond its reach; only a clock that is known may correct the times of readings."""
    now = moment.now
    past = _CLOCK_TIMES + (_READING_TIMES if moment.is_time_known else ())
    for kind, alert in alerts.alerts.items():
        limits = {
            **dict.fromkeys(past, now),
            "snoozed_until": now + BOUNDS[kind].snooze_minutes.maximum * _MINUTE,
            "treated_until": now + longest_quiet(kind),
        }
        wrong: dict[str, Any] = {name: limit for name, limit in limits.items() if is_after(getattr(alert, name), limit)}
        if wrong:
            alerts = alerts.with_alert(kind, replace(alert, **wrong))
    if moment.is_time_known and is_after(alerts.current_reading, now):
        alerts = replace(alerts, current_reading=now)
    return alerts
