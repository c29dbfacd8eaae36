"""Whatever happens - readings, gaps, restarts, answers - what must hold of alerts holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
import json

from hypothesis import given, settings, strategies as st

from custom_components.dexcom_share.glucose.alerts.announcing import evaluate, next_deadline
from custom_components.dexcom_share.glucose.alerts.answers import acknowledge, snooze, unsnooze
from custom_components.dexcom_share.glucose.alerts.kinds import ANNOUNCEMENTS, AlertEvent, AlertEventType, AlertKind
from custom_components.dexcom_share.glucose.alerts.settings import DEFAULTS, AlertSettings, NightSettings
from custom_components.dexcom_share.glucose.alerts.state import Alerts
from custom_components.dexcom_share.glucose.forecast import forecast
from custom_components.dexcom_share.share.models import GlucoseReading

from .test_state import STATES

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
            act=st.sampled_from(["snooze", "unsnooze", "acknowledge", "restart", "mute", "unmute", "look"]),
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
    readings: list[GlucoseReading] = field(default_factory=list)
    events: list[AlertEvent] = field(default_factory=list)
    muted: bool = False
    restarts: bool = True
    told_urgent_low: datetime | None = None

    def play(self, steps: Iterable[Step]) -> None:
        """Let the steps happen."""
        for step in steps:
            self.wait(step.minutes * MINUTE)
            if step.value is not None:
                self.readings.append(GlucoseReading(time=self.now, value=step.value))
            self._act(step)
            self.look()

    def wait(self, duration: timedelta) -> None:
        """Let time pass, evaluating at the deadlines."""
        end = self.now + duration
        while (deadline := next_deadline(self.state, settings=self.settings, now=self.now, tz=UTC)) and deadline < end:
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
        self.state, events = evaluate(
            self.state,
            readings=self.readings,
            forecast=forecast(self.readings, self.now),
            now=self.now,
            tz=UTC,
            settings=self.settings,
            muted=self.muted,
        )
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
            case "restart" if self.restarts:
                self.state = Alerts.from_dict(json.loads(json.dumps(self.state.to_dict())))
            case "mute" | "unmute":
                self.muted = step.act == "mute"

    def _check(self, told: Sequence[AlertEvent]) -> None:
        newest = self.readings[-1] if self.readings else None
        for event in told:
            if event.type in ANNOUNCEMENTS and event.kind is not AlertKind.NO_DATA:
                assert newest is not None
                assert event.reading_time == newest.time
                assert self.now - newest.time < CURRENT
            if event.type in ANNOUNCEMENTS and event.kind is AlertKind.URGENT_LOW:
                self.told_urgent_low = self.now
            if self.muted and event.type in {*ANNOUNCEMENTS, AlertEventType.BACK_IN_RANGE}:
                assert event.kind is AlertKind.URGENT_LOW
        if newest and newest.value <= 55 and self.now - newest.time < CURRENT:
            assert self.told_urgent_low
            assert self.now - self.told_urgent_low <= URGENT_LOW_REPEAT


@settings(deadline=None, max_examples=100)
@given(STEPS, st.sampled_from([DEFAULTS, EVERYTHING, SMART]))
def test_no_urgent_low_is_unannounced_for_longer_than_its_repeat(steps: list[Step], of_person: AlertSettings) -> None:
    """Whatever readings, gaps, restarts, snoozes, acknowledgements and mutes come; no alert rests on stale readings.

    Checked after each evaluation, also that a second one tells nothing.
    """
    World(of_person).play(steps)


@settings(deadline=None, max_examples=50)
@given(STEPS)
def test_unanswered_an_urgent_low_is_announced_every_five_minutes(steps: list[Step]) -> None:
    """As long as a current reading tells of it."""
    world = World(EVERYTHING)
    world.play(replace(step, act="look") if step.act in {"snooze", "acknowledge"} else step for step in steps)
    if world.readings and world.readings[-1].value <= 55 and world.now - world.readings[-1].time < CURRENT:
        assert world.told_urgent_low
        assert world.now - world.told_urgent_low < timedelta(minutes=5)


@settings(deadline=None, max_examples=50)
@given(STEPS)
def test_restarts_change_nothing(steps: list[Step]) -> None:
    """The same is told with and without them."""
    with_restarts, without = World(EVERYTHING), World(EVERYTHING, restarts=False)
    with_restarts.play(steps)
    without.play(steps)
    assert with_restarts.events == without.events
    assert with_restarts.state == without.state


@settings(deadline=None, max_examples=50)
@given(STEPS)
def test_every_alert_ends_with_readings_inside(steps: list[Step]) -> None:
    """Half an hour of steady readings in range leaves nothing raised, and what was told to begin is told to end."""
    world = World(EVERYTHING)
    world.play([*steps, *[Step(5, value=120)] * 6])
    assert not world.state.raised
    for kind in AlertKind:
        told = [event.type for event in world.events if event.kind is kind]
        # More may end than began: what is acknowledged while muted was never raised aloud, but its end is told.
        ends = told.count(AlertEventType.RECOVERED) + told.count(AlertEventType.ENDED)
        assert told.count(AlertEventType.RAISED) <= ends


@settings(deadline=None, max_examples=50)
@given(STEPS, st.integers(39, 401))
def test_every_alert_ends_when_the_readings_do(steps: list[Step], last: int) -> None:
    """Once the longest snooze is over, nothing but no data is raised."""
    world = World(EVERYTHING)
    world.play([*steps, Step(5, value=last)])
    world.wait(timedelta(minutes=250))
    assert world.state.raised == (AlertKind.NO_DATA,)


@settings(deadline=None, max_examples=50)
@given(STEPS, st.integers(39, 401), st.sampled_from([1, 3, 6, 11, 17, 60, 600]))
def test_late_readings_raise_nothing(steps: list[Step], value: int, age: float) -> None:
    """An older reading that arrives late tells nothing of values, which need no delay here."""
    at_once = replace(
        DEFAULTS,
        kinds={
            kind: replace(each, delay=20 * MINUTE if kind is AlertKind.NO_DATA else 0 * MINUTE)
            for kind, each in DEFAULTS.kinds.items()
        },
    )
    world = World(at_once)
    world.play([*steps, Step(5, value=100), Step(5, value=60)])
    late = GlucoseReading(time=world.now - age * MINUTE, value=value)
    world.readings = sorted([*world.readings, late], key=lambda each: each.time)
    assert [event for event in world.look() if event.kind is not AlertKind.URGENT_LOW_SOON] == []


@settings(deadline=None, max_examples=100)
@given(STATES, st.integers(39, 55))
def test_no_damaged_state_hides_an_urgent_low(state: Alerts, value: int) -> None:
    """Whatever times it holds, the urgent low is announced within its repeat."""
    world = World(EVERYTHING, Alerts.from_dict(state.to_dict()), told_urgent_low=START)
    world.play([Step(5, value=value)] * 9)
    assert AlertKind.URGENT_LOW in {event.kind for event in world.events if event.type in ANNOUNCEMENTS}


@settings(deadline=None, max_examples=50)
@given(STATES)
def test_from_any_state_on_every_alert_ends(state: Alerts) -> None:
    """Damage leaves nothing standing."""
    world = World(EVERYTHING, state, told_urgent_low=START)
    world.play([*[Step(5, value=120)] * 6])
    assert not world.state.raised


@settings(deadline=None, max_examples=50)
@given(STEPS, st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_a_clock_that_is_set_breaks_nothing(steps: list[Step], jump: timedelta) -> None:
    """Forwards or backwards: with the readings' stamps moving on as ours, an urgent low is announced in time again."""
    world = World(EVERYTHING)
    world.play(steps)
    world.now += jump
    world.readings = [reading for reading in world.readings if reading.time <= world.now]
    world.told_urgent_low = world.now
    world.events.clear()
    world.play([Step(5, value=50)] * 8)
    assert any(event.kind is AlertKind.URGENT_LOW and event.type in ANNOUNCEMENTS for event in world.events[-20:])
