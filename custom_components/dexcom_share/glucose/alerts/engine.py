"""When to speak up: alerts that behave like those of a CGM app, as pure functions over a state that is kept.

`evaluate` is called with every new reading, and whenever `next_deadline` has come; it returns the new state and what
there is to tell. Each kind is a state machine of its own, so that no kind goes missing because of another:

    inactive -> pending -> active <-> snoozed / acknowledged -> recovered

Readings count by their own stamps. Consecutive readings beyond the limit make a run; a run that lasts the delay raises
the alert. A small dip back inside doesn't end the alert (hysteresis), but the run: when glucose goes out again before
the alert has recovered, and nobody has answered it, it is announced once more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from math import nan
from typing import Final

from ...share.models import GlucoseReading, Trend
from ..forecast import Forecast
from ..snapshot import CURRENT_FOR
from .settings import BOUNDS, PRIORITY, AlertKind, AlertSettings, KindSettings
from .state import INACTIVE, Alert, Alerts

LONGEST_STEP: Final = timedelta(minutes=12)
"""Readings further apart don't connect: one missing reading is bridged, two are a gap."""
DELAY_TOLERANCE: Final = timedelta(seconds=30)
"""Sensors run up to a second fast per five minutes, so twelve steps of a delay of an hour may take 59 min 48 s."""
RECOVERED_AFTER: Final = timedelta(minutes=15)
"""So long inside ends an alert even when it never cleared the margin (consensus on the end of an event, survey 4.6)."""
UNANSWERED_REPEAT: Final = timedelta(minutes=5)
"""An urgent low that nobody acknowledged is told again each reading (Dexcom G5, survey 4.1)."""
HEADING_BACK_MGDL_PER_MINUTE: Final = 1.0
"""Smart quiet: glucose that moves back faster than this is heading back (survey 4.4)."""
SHORTEST_STEP: Final = timedelta(minutes=2, seconds=30)
"""A rate over less than half a cadence is noise."""

_MINUTE: Final = timedelta(minutes=1)


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
    BACK_IN_RANGE = "back_in_range"


ANNOUNCEMENTS: Final = frozenset({AlertEventType.RAISED, AlertEventType.REPEATED})


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEvent:
    """Something to tell about one kind at one moment of our clock.

    `since` is the stamp of the first reading of the alert. The value (mg/dL), its stamp, trend and rate (mg/dL per
    minute) are of the reading it rests on, None where it rests on none. `until` is the end of a snooze.
    `overshadowed_by` is a graver kind that holds as well and says it all. `test` marks a rehearsal.
    """

    type: AlertEventType
    kind: AlertKind
    time: datetime
    since: datetime | None = None
    reading_time: datetime | None = None
    value_mgdl: int | None = None
    trend: Trend | None = None
    rate_mgdl_per_minute: float | None = None
    limit: float | None = None
    until: datetime | None = None
    overshadowed_by: AlertKind | None = None
    test: bool = False


type Outcome = tuple[Alerts, tuple[AlertEvent, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measure:
    """Which way a kind looks (-1 down, 1 up), and how far inside its limit it has surely recovered."""

    direction: int
    margin: float
    of_rate: bool = False

    def is_beyond(self, readings: Sequence[GlucoseReading], index: int, limit: float) -> bool:
        """Return whether a reading is at or beyond the limit; "LOW" is below and "HIGH" above every limit."""
        if self.of_rate:
            return self._fast(readings, index) >= limit
        reading = readings[index]
        unmeasured = reading.is_low_limit if self.direction < 0 else reading.is_high_limit
        return unmeasured or self.direction * (reading.value - limit) >= 0

    def is_clear(self, readings: Sequence[GlucoseReading], limit: float) -> bool:
        """Return whether the newest reading is inside the limit by the margin."""
        if self.of_rate:
            return self._fast(readings, len(readings) - 1) <= limit - self.margin
        return self.direction * (readings[-1].value - limit) <= -self.margin

    def _fast(self, readings: Sequence[GlucoseReading], index: int) -> float:
        """Return the slower of the last two rates in this direction, NaN where there are no two.

        Beyond the sensor's limits the true change is greater, so what is counted as fast is so.
        """
        before = _previous(readings, index)
        earlier = None if before is None else _previous(readings, before)
        if before is None or earlier is None:
            return nan
        return min(
            self.direction * _rate(readings[before], readings[index]),
            self.direction * _rate(readings[earlier], readings[before]),
        )


_MEASURES: Final[Mapping[AlertKind, _Measure]] = {
    AlertKind.URGENT_LOW: _Measure(direction=-1, margin=5),
    AlertKind.LOW: _Measure(direction=-1, margin=5),
    AlertKind.URGENT_HIGH: _Measure(direction=1, margin=10),
    AlertKind.HIGH: _Measure(direction=1, margin=10),
    AlertKind.FALLING_FAST: _Measure(direction=-1, margin=1, of_rate=True),
    AlertKind.RISING_FAST: _Measure(direction=1, margin=1, of_rate=True),
}
_GRAVER: Final[Mapping[AlertKind, AlertKind]] = {
    AlertKind.LOW: AlertKind.URGENT_LOW,
    AlertKind.HIGH: AlertKind.URGENT_HIGH,
}
_OUT_OF_RANGE: Final = (AlertKind.URGENT_LOW, AlertKind.LOW, AlertKind.URGENT_HIGH, AlertKind.HIGH)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """What is found about one kind now.

    `at` is the stamp it holds for; `since` the start of the run that `at` is part of, None when it isn't beyond the
    limit; `lasts` tells that the run satisfies the delay, `clear` that there is no doubt of a recovery.
    """

    at: datetime
    since: datetime | None
    lasts: bool = False
    clear: bool = False
    heading_back: bool = False


def evaluate(
    state: Alerts,
    *,
    readings: Sequence[GlucoseReading],
    forecast: Forecast | None,
    now: datetime,
    tz: tzinfo,
    settings: AlertSettings,
    muted: bool = False,
) -> Outcome:
    """Return the state at `now` and what there is to tell, the gravest first.

    `readings` are oldest first and reach back four hours or more, `forecast` is that from the newest of them. `tz` is
    what the clocks at home show, for the night. `muted` keeps everything but urgent low quiet; the state goes on.
    Evaluating once more without anything new tells nothing.
    """
    newest = readings[-1] if readings else None
    last_reading_time = state.reading_time
    state = _heard(_plausible(state, now), newest, now)
    current = readings if _is_current(state, now) else ()
    kinds = dict(state.kinds)
    events: list[AlertEvent] = []
    for kind in PRIORITY:
        before = kinds[kind]
        effective = settings.effective(kind, now, tz)
        if kind is AlertKind.NO_DATA:
            finding = _find_no_data(state, effective, now)
        elif not current:
            finding = None
        elif kind is AlertKind.URGENT_LOW_SOON:
            finding = _find_soon(before, last_reading_time, current, forecast, effective)
        else:
            finding = _find(_MEASURES[kind], current, effective)
        graver = _GRAVER.get(kind)
        overshadowed_by = graver if graver and kinds[graver].is_raised else None
        came_true = kind is AlertKind.URGENT_LOW_SOON and kinds[AlertKind.URGENT_LOW].is_raised
        if came_true or not effective.enabled:
            kinds[kind], told = INACTIVE, AlertEventType.ENDED if before.announced_at else None
        elif finding is None:
            kinds[kind], told = _without_readings(before, now)
        else:
            quiet = muted and kind is not AlertKind.URGENT_LOW
            kinds[kind], told = _step(
                kind, before, finding, effective, now, quiet=quiet, overshadowed=overshadowed_by is not None
            )
        if kinds[kind].is_raised and not before.is_raised:
            _break_quiet_of_lesser(kind, kinds)
        if told:
            event = _event(told, kind, now, current, effective.limit)
            since = kinds[kind].since or before.since
            shadow = overshadowed_by if told in ANNOUNCEMENTS else None
            events.append(replace(event, since=since, overshadowed_by=shadow))
    state = replace(state, kinds=kinds)
    return _with_news(state, events, current, settings, now=now, tz=tz, muted=muted)


def next_deadline(state: Alerts, *, settings: AlertSettings, now: datetime, tz: tzinfo) -> datetime | None:
    """Return the next moment after `now` at which to evaluate even if no reading comes, None if there is none."""
    state = _plausible(state, now)
    moments = [settings.next_turn(now, tz)]
    for kind, status in state.kinds.items():
        moments.append(status.snoozed_until)
        interval = _interval(kind, status, settings.effective(kind, now, tz))
        if status.announced_at and interval:
            moments.append(status.announced_at + interval)
    if state.heard_at:
        moments += (state.heard_at + CURRENT_FOR, state.heard_at + settings.effective(AlertKind.NO_DATA, now, tz).delay)
    return min((moment for moment in moments if moment and moment > now), default=None)


def snooze(state: Alerts, kinds: Iterable[AlertKind], duration: timedelta, now: datetime) -> Outcome:
    """Return the state with some kinds quiet for a while, at most as long as their bounds allow.

    A kind may be snoozed before it is raised, but for urgent low, whose snooze counts from its last announcement.
    """
    events = []
    for kind in kinds:
        status = state.kinds[kind]
        longest = BOUNDS[kind].snooze_minutes.maximum * _MINUTE
        until = now + min(duration, longest)
        if kind is AlertKind.URGENT_LOW:
            until = min(until, (status.announced_at or now) + longest) if status.is_raised else now
        if until > now:
            state = state.with_status(kind, replace(status, snoozed_until=until, acknowledged_at=None))
            events.append(AlertEvent(type=AlertEventType.SNOOZED, kind=kind, time=now, since=status.since, until=until))
    return state, tuple(events)


def unsnooze(state: Alerts, kinds: Iterable[AlertKind], now: datetime) -> Outcome:
    """Return the state with some snoozes ended early; evaluate it, as a repeat may be due."""
    events = []
    for kind in kinds:
        status = state.kinds[kind]
        if status.snoozed_until:
            state = state.with_status(kind, replace(status, snoozed_until=None))
            events.append(AlertEvent(type=AlertEventType.UNSNOOZED, kind=kind, time=now, since=status.since))
    return state, tuple(events)


def acknowledge(state: Alerts, kinds: Iterable[AlertKind], now: datetime) -> Outcome:
    """Return the state with some raised alerts known to a person.

    They aren't repeated before they have recovered, except urgent low, which comes again after its repeat.
    """
    events = []
    for kind in kinds:
        status = state.kinds[kind]
        if status.is_raised and not status.acknowledged_at:
            told_at = status.announced_at or now
            status = replace(status, announced_at=told_at, acknowledged_at=now, snoozed_until=None)
            state = state.with_status(kind, status)
            events.append(AlertEvent(type=AlertEventType.ACKNOWLEDGED, kind=kind, time=now, since=status.since))
    return state, tuple(events)


def rehearse(
    kind: AlertKind, *, readings: Sequence[GlucoseReading], settings: AlertSettings, now: datetime, tz: tzinfo
) -> AlertEvent:
    """Return the event of a kind being raised, marked as a test; it touches no state."""
    current = readings if readings and now - readings[-1].time < CURRENT_FOR else ()
    limit = settings.effective(kind, now, tz).limit
    return replace(_event(AlertEventType.RAISED, kind, now, current, limit), since=now, test=True)


def _step(
    kind: AlertKind,
    status: Alert,
    finding: _Finding,
    settings: KindSettings,
    now: datetime,
    *,
    quiet: bool,
    overshadowed: bool,
) -> tuple[Alert, AlertEventType | None]:
    """Return where one alert stands after a finding, and what there is to tell."""
    status = _past_snooze(status, now)
    if finding.since is None:
        return _inside(status, finding, now)
    status = replace(status, beyond_at=finding.at)
    if not status.is_raised:
        status = replace(status, since=finding.since)
        if finding.lasts:
            status = Alert(since=finding.since, beyond_at=finding.at, raised_at=now, snoozed_until=status.snoozed_until)
    if not finding.lasts or quiet or status.snoozed_until:
        return status, None
    covered = replace(status, covered_until=finding.at)
    if status.announced_at is None:
        return replace(covered, announced_at=now, acknowledged_at=None), AlertEventType.RAISED
    interval = _interval(kind, status, settings)
    is_due = interval is not None and now - status.announced_at >= interval
    is_new_run = not status.acknowledged_at and (status.covered_until is None or finding.since > status.covered_until)
    if overshadowed or not (is_due or is_new_run):
        return covered, None
    if finding.heading_back:
        return status, None
    return replace(covered, announced_at=now, acknowledged_at=None), AlertEventType.REPEATED


def _inside(status: Alert, finding: _Finding, now: datetime) -> tuple[Alert, AlertEventType | None]:
    """Return where an alert stands after a reading that isn't beyond its limit."""
    if not status.is_raised:
        return replace(status, since=None) if status.since else status, None
    inside_for = finding.at - status.beyond_at if status.beyond_at else RECOVERED_AFTER
    # A reading beyond the limit that is yet to come is one of a damaged state.
    if not finding.clear and timedelta(0) <= inside_for < RECOVERED_AFTER:
        return status, None
    return Alert(recovered_at=now), AlertEventType.RECOVERED if status.announced_at else None


def _without_readings(status: Alert, now: datetime) -> tuple[Alert, AlertEventType | None]:
    """Return where an alert stands when nothing is known any more: only a snooze outlives its readings."""
    status = _past_snooze(status, now)
    if not status.is_raised:
        return replace(status, since=None), None
    if status.snoozed_until:
        return status, None
    return INACTIVE, AlertEventType.ENDED if status.announced_at else None


def _past_snooze(status: Alert, now: datetime) -> Alert:
    """Return the status without a snooze that is over; what still holds then is announced at once."""
    if status.snoozed_until and status.snoozed_until <= now:
        return replace(status, snoozed_until=None, covered_until=None)
    return status


def _break_quiet_of_lesser(kind: AlertKind, kinds: dict[AlertKind, Alert]) -> None:
    """End what keeps the lesser kind of a kind quiet, in place: it got worse than what was answered."""
    for lesser, graver in _GRAVER.items():
        if graver is kind:
            kinds[lesser] = replace(kinds[lesser], snoozed_until=None, acknowledged_at=None)


def _interval(kind: AlertKind, status: Alert, settings: KindSettings) -> timedelta | None:
    """Return how long after the last announcement an alert is due again, None for not at all."""
    if kind is AlertKind.URGENT_LOW:
        return max(settings.repeat, UNANSWERED_REPEAT) if status.acknowledged_at else UNANSWERED_REPEAT
    return None if status.acknowledged_at else settings.repeat or None


def _find(measure: _Measure, readings: Sequence[GlucoseReading], settings: KindSettings) -> _Finding:
    """Return what the readings tell of a value or a rate."""
    limit = settings.limit or 0
    start: datetime | None = None
    for index in range(len(readings) - 1, -1, -1):
        time = readings[index].time
        if (start and start - time > LONGEST_STEP) or not measure.is_beyond(readings, index, limit):
            break
        start = time
    at = readings[-1].time
    return _Finding(
        at=at,
        since=start,
        lasts=start is not None and at - start >= settings.delay - DELAY_TOLERANCE,
        clear=measure.is_clear(readings, limit),
        heading_back=settings.smart_quiet and _is_heading_back(readings, measure.direction),
    )


def _find_soon(
    status: Alert,
    last_reading_time: datetime | None,
    readings: Sequence[GlucoseReading],
    forecast: Forecast | None,
    settings: KindSettings,
) -> _Finding:
    """Return what the forecast tells; only that of the newest reading is known, so the run is taken from the status."""
    at = readings[-1].time
    if forecast is None or not forecast.urgent_low_soon:
        return _Finding(at=at, since=None)
    start = at
    if status.beyond_at and status.beyond_at == last_reading_time and at - status.beyond_at <= LONGEST_STEP:
        start = status.beyond_at
    heading_back = settings.smart_quiet and _is_heading_back(readings, -1)
    return _Finding(at=at, since=start, lasts=True, heading_back=heading_back)


def _find_no_data(state: Alerts, settings: KindSettings, now: datetime) -> _Finding:
    """Return what our own clock tells: how long nothing was heard, for whatever reason."""
    since = state.heard_at or now
    silence = now - since
    if silence < min(CURRENT_FOR, settings.delay):
        return _Finding(at=now, since=None, clear=True)
    return _Finding(at=now, since=since, lasts=silence >= settings.delay)


def _with_news(
    state: Alerts,
    events: list[AlertEvent],
    current: Sequence[GlucoseReading],
    settings: AlertSettings,
    *,
    now: datetime,
    tz: tzinfo,
    muted: bool,
) -> Outcome:
    """Return the outcome, with the news of glucose back in range once after alerts that told it was out."""
    left = next((event.kind for event in events if event.type in ANNOUNCEMENTS and event.kind in _OUT_OF_RANGE), None)
    if left:
        return replace(state, left_range=left), tuple(events)
    if not state.left_range or not current or any(kind in _OUT_OF_RANGE for kind in state.raised):
        return state, tuple(events)
    low = settings.effective(AlertKind.LOW, now, tz).limit or 0
    high = settings.effective(AlertKind.HIGH, now, tz).limit or 0
    if not low < current[-1].value < high:
        return state, tuple(events)
    if not muted or state.left_range is AlertKind.URGENT_LOW:
        events.append(_event(AlertEventType.BACK_IN_RANGE, state.left_range, now, current, None))
    return replace(state, left_range=None), tuple(events)


def _event(
    type_: AlertEventType, kind: AlertKind, now: datetime, current: Sequence[GlucoseReading], limit: float | None
) -> AlertEvent:
    """Return an event with what the newest of the current readings tells."""
    event = AlertEvent(type=type_, kind=kind, time=now, limit=limit)
    if not current:
        return event
    newest, before = current[-1], _previous(current, len(current) - 1)
    return replace(
        event,
        reading_time=newest.time,
        value_mgdl=newest.value,
        trend=newest.trend,
        rate_mgdl_per_minute=None if before is None else round(_rate(current[before], newest), 2),
    )


def _previous(readings: Sequence[GlucoseReading], index: int) -> int | None:
    """Return the index of the reading before, far enough away to tell a rate, None across a gap."""
    for before in range(index - 1, -1, -1):
        step = readings[index].time - readings[before].time
        if step >= SHORTEST_STEP:
            return before if step <= LONGEST_STEP else None
    return None


def _rate(before: GlucoseReading, after: GlucoseReading) -> float:
    """Return the change from one reading to another in mg/dL per minute."""
    return (after.value - before.value) / ((after.time - before.time) / _MINUTE)


def _is_heading_back(readings: Sequence[GlucoseReading], direction: int) -> bool:
    """Return whether glucose moves fast against the direction of an alert."""
    newest = len(readings) - 1
    before = _previous(readings, newest)
    if before is None:
        return False
    return direction * _rate(readings[before], readings[newest]) < -HEADING_BACK_MGDL_PER_MINUTE


def _heard(state: Alerts, newest: GlucoseReading | None, now: datetime) -> Alerts:
    """Return the state with the newest reading noted; a stamp in the future counts from when it came."""
    if newest and newest.time != state.reading_time:
        return replace(state, reading_time=newest.time, heard_at=min(newest.time, now))
    return state if state.heard_at else replace(state, heard_at=now)


def _is_current(state: Alerts, now: datetime) -> bool:
    """Return whether the newest reading still tells the glucose of now."""
    return state.heard_at is not None and now - state.heard_at < CURRENT_FOR


def _plausible(state: Alerts, now: datetime) -> Alerts:
    """Return the state with nothing to wait for beyond its time, as a clock set back or damage leaves it behind."""
    if state.heard_at and state.heard_at > now:
        state = replace(state, heard_at=now)
    for kind, status in state.kinds.items():
        longest = BOUNDS[kind].snooze_minutes.maximum * _MINUTE
        if status.announced_at and status.announced_at > now:
            state = state.with_status(kind, replace(status, announced_at=now))
        if status.snoozed_until and status.snoozed_until > now + longest:
            state = state.with_status(kind, replace(state.kinds[kind], snoozed_until=now + longest))
    return state
