"""Whatever happens - readings, gaps, restarts, answers - what must hold of alerts holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
import json

from hypothesis import given, settings, strategies as st

from custom_components.dexcom_share.glucose.alerts.announcing import evaluate, next_deadline
from custom_components.dexcom_share.glucose.alerts.answers import acknowledge, snooze, treat, unsnooze
from custom_components.dexcom_share.glucose.alerts.kinds import ANNOUNCEMENTS, AlertEvent, AlertEventType, AlertKind
from custom_components.dexcom_share.glucose.alerts.moment import Moment
from custom_components.dexcom_share.glucose.alerts.sequence import JudgedSequence
from custom_components.dexcom_share.glucose.alerts.settings import DEFAULTS, AlertSettings, NightSettings
from custom_components.dexcom_share.glucose.alerts.state import Alerts
from custom_components.dexcom_share.glucose.alerts.stored import alerts_from_dict, alerts_to_dict
from custom_components.dexcom_share.glucose.history import History
from custom_components.dexcom_share.share.models import GlucoseReading

from .test_stored import STATES

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CURRENT = timedelta(minutes=15)
URGENT_LOW_REPEAT = timedelta(minutes=30)

EVERYTHING = replace(
    DEFAULTS,
    kinds={
        kind: replace(of_kind, enabled=True, night=NightSettings(delay=of_kind.delay / 2))
        for kind, of_kind in DEFAULTS.kinds.items()
    },
)
SMART = replace(EVERYTHING, kinds={kind: replace(each, smart_quiet=True) for kind, each in EVERYTHING.kinds.items()})


@dataclass(frozen=True)
class Step:
    """What happens some minutes later: a reading, or an act of a person or of the house."""

    minutes: float
    value: int | None = None
    act: str = ""
    kind: AlertKind = AlertKind.LOW
    length: int = 30


VALUES = st.one_of(st.integers(39, 401), st.integers(39, 80), st.integers(50, 58))
STEPS = st.lists(
    st.one_of(
        st.builds(Step, minutes=st.sampled_from([5, 5, 5, 4.9, 10, 15, 20, 90]), value=VALUES),
        st.builds(
            Step,
            minutes=st.integers(0, 20),
            act=st.sampled_from(["snooze", "unsnooze", "acknowledge", "treat", "restart", "mute", "unmute", "look"]),
            kind=st.sampled_from(AlertKind),
            length=st.integers(-5, 1000),
        ),
    ),
    max_size=40,
)


@dataclass
class World:
    """Plays steps as the house does: evaluates at each reading and act, and at each deadline."""

    settings: AlertSettings = DEFAULTS
    state: Alerts = field(default_factory=Alerts)
    now: datetime = START
    history: History = field(default_factory=History)
    sequence: JudgedSequence | None = None
    events: list[AlertEvent] = field(default_factory=list)
    muted: bool = False
    restarts: bool = True
    told_urgent_low: datetime | None = None

    def play(self, steps: Iterable[Step]) -> None:
        """Let the steps happen."""
        for step in steps:
            self.wait(step.minutes * MINUTE)
            if step.value is not None:
                self.hear(GlucoseReading(time=self.now, value=step.value))
            self._act(step)
            self.look()

    def hear(self, *readings: GlucoseReading) -> None:
        """Let readings arrive."""
        self.history.merge(readings, self.now)

    def moment(self) -> Moment:
        """Return what is known now."""
        self.sequence = self.sequence or JudgedSequence(self.state.base)
        return self.sequence.moment(
            self.history, self.now, tz=UTC, settings=self.settings, watched_since=START, is_muted=self.muted
        )

    def wait(self, duration: timedelta) -> None:
        """Let time pass, evaluating at the deadlines."""
        end = self.now + duration
        while (deadline := next_deadline(self.state, self.moment())) and deadline < end:
            assert deadline > self.now
            self.now = deadline
            self.look()
        self.now = end

    def look(self) -> list[AlertEvent]:
        """Evaluate twice, check what must hold after it, and return what was told."""
        told = self._evaluate()
        assert not self._evaluate()
        self._check(told)
        return told

    def _evaluate(self) -> list[AlertEvent]:
        self.state, events = evaluate(self.state, self.moment())
        self.events += events
        return list(events)

    def _act(self, step: Step) -> None:
        match step.act:
            case "snooze":
                self.state, _ = snooze(self.state, [step.kind], step.length * MINUTE, self.now)
            case "unsnooze":
                self.state, _ = unsnooze(self.state, [step.kind], self.now)
            case "acknowledge":
                self.state, _ = acknowledge(self.state, [step.kind], self.now)
            case "treat":
                self.state, _ = treat(self.state, step.length * MINUTE, self.now)
            case "restart" if self.restarts:
                self.state = alerts_from_dict(json.loads(json.dumps(alerts_to_dict(self.state))))
                self.sequence = None
            case "mute" | "unmute":
                self.muted = step.act == "mute"

    def _check(self, told: Sequence[AlertEvent]) -> None:
        newest = self.history.newest
        is_current = newest is not None and self.now - newest.time < CURRENT
        for event in told:
            if event.type in ANNOUNCEMENTS and event.kind is not AlertKind.NO_DATA:
                assert newest is not None
                assert event.reading_time == newest.time
                assert event.last_known != is_current
                assert is_current or event.kind in {AlertKind.URGENT_LOW, AlertKind.LOW}
            if event.type in ANNOUNCEMENTS and event.kind is AlertKind.URGENT_LOW:
                self.told_urgent_low = self.now
            if self.muted and event.type in {*ANNOUNCEMENTS, AlertEventType.BACK_IN_RANGE}:
                assert event.kind is AlertKind.URGENT_LOW or (
                    event.kind is AlertKind.NO_DATA and self.state.alerts[AlertKind.URGENT_LOW].is_last_known
                )
        if newest and newest.value <= 55 and is_current:
            assert self.told_urgent_low
            assert self.now - self.told_urgent_low <= URGENT_LOW_REPEAT


@settings(deadline=None, max_examples=40)
@given(STEPS, st.sampled_from([DEFAULTS, EVERYTHING, SMART]))
def test_no_urgent_low_is_unannounced_for_longer_than_its_repeat(steps: list[Step], of_person: AlertSettings) -> None:
    """Whatever readings, gaps, restarts, snoozes, acknowledgements and mutes come; no alert rests on stale readings.

    Checked after each evaluation, also that a second one tells nothing.
    """
    World(of_person).play(steps)


@settings(deadline=None, max_examples=25)
@given(STEPS)
def test_unanswered_an_urgent_low_is_announced_every_five_minutes(steps: list[Step]) -> None:
    """As long as a current reading tells of it."""
    world = World(EVERYTHING)
    world.play(replace(step, act="look") if step.act in {"snooze", "acknowledge", "treat"} else step for step in steps)
    newest = world.history.newest
    if newest and newest.value <= 55 and world.now - newest.time < CURRENT:
        assert world.told_urgent_low
        assert world.now - world.told_urgent_low < timedelta(minutes=5, seconds=21)


@settings(deadline=None, max_examples=25)
@given(STEPS)
def test_restarts_change_nothing(steps: list[Step]) -> None:
    """The same is told with and without them."""
    with_restarts, without = World(EVERYTHING), World(EVERYTHING, restarts=False)
    with_restarts.play(steps)
    without.play(steps)
    assert with_restarts.events == without.events
    assert with_restarts.state == without.state


@settings(deadline=None, max_examples=25)
@given(STEPS)
def test_every_alert_ends_with_readings_inside(steps: list[Step]) -> None:
    """Half an hour of steady readings in range leaves nothing raised, and what was told to begin is told to end."""
    world = World(EVERYTHING)
    world.play([*steps, *[Step(5, value=120)] * 6])
    assert not world.state.raised
    for kind in AlertKind:
        told = [event.type for event in world.events if event.kind is kind]
        last = max((place for place, type_ in enumerate(told) if type_ in ANNOUNCEMENTS), default=None)
        # An episode that follows a gap speaks for itself: the end of the one before it may stay untold.
        assert last is None or {AlertEventType.RECOVERED, AlertEventType.ENDED} & set(told[last:])
        assert not world.state.alerts[kind].is_told


@settings(deadline=None, max_examples=25)
@given(STEPS, st.integers(39, 401))
def test_every_alert_ends_when_the_readings_do(steps: list[Step], last: int) -> None:
    """Once the longest snooze is over, nothing but no data is raised, and an urgent low that nobody answered."""
    world = World(EVERYTHING)
    world.play([*steps, Step(5, value=last)])
    world.wait(timedelta(minutes=250))
    assert AlertKind.NO_DATA in world.state.raised
    assert set(world.state.raised) <= {AlertKind.NO_DATA, AlertKind.URGENT_LOW}
    assert world.state.alerts[AlertKind.URGENT_LOW].is_last_known == (AlertKind.URGENT_LOW in world.state.raised)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from([5, 5, 5, 4.9, 10, 14, 15, 20]), VALUES), min_size=1, max_size=36), st.data())
def test_the_way_readings_come_changes_nothing_of_what_they_tell(
    steps: list[tuple[float, int]], data: st.DataObject
) -> None:
    """One by one, in one batch, late in any order, with restarts between: rule A1."""
    readings = []
    time = START
    for minutes, value in steps:
        time += minutes * MINUTE
        readings.append(GlucoseReading(time=time, value=value))
    # Within the four hours that a late reading changes.
    readings = [reading for reading in readings if time - reading.time < timedelta(hours=4)]
    in_one = World(EVERYTHING, now=time)
    in_one.hear(*readings)
    one_by_one = World(EVERYTHING)
    for reading in readings:
        one_by_one.now = reading.time
        one_by_one.hear(reading)
        one_by_one.look()
    late = World(EVERYTHING, now=time)
    for reading in data.draw(st.permutations(readings)):
        late.hear(reading)
        late.moment()
        if data.draw(st.booleans()):
            late.state = replace(late.state, base=late.moment().base)
            late.sequence = None
    judged = in_one.moment().judged
    assert one_by_one.moment().judged == judged
    assert late.moment().judged == judged


@settings(deadline=None, max_examples=40)
@given(STATES, st.integers(39, 55))
def test_no_damaged_state_hides_an_urgent_low(state: Alerts, value: int) -> None:
    """Whatever times it holds, the urgent low is announced within its repeat."""
    world = World(EVERYTHING, alerts_from_dict(alerts_to_dict(state)), told_urgent_low=START)
    world.play([Step(5, value=value)] * 9)
    assert AlertKind.URGENT_LOW in {event.kind for event in world.events if event.type in ANNOUNCEMENTS}


@settings(deadline=None, max_examples=25)
@given(STATES)
def test_from_any_state_on_every_alert_ends(state: Alerts) -> None:
    """Damage leaves nothing standing."""
    world = World(EVERYTHING, state, told_urgent_low=START)
    world.play([*[Step(5, value=120)] * 6])
    assert not world.state.raised
