"""The wake-up chain by itself: it reaches its last step, and never runs after an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.dexcom_share.glucose.alerts.kinds import PRIORITY, AlertEventType, AlertKind
from custom_components.dexcom_share.watch.chain import (
    ANNOUNCED,
    ANSWERED,
    OVER,
    STEP_LIMIT,
    Chain,
    Failure,
    Reason,
    advance,
    fail,
    finish,
    hear,
    next_moment,
    resume,
)
from custom_components.dexcom_share.watch.chain_settings import (
    ChainSettings,
    ChainStep,
    Hours,
    StepKind,
)

NIGHT = datetime(2026, 11, 24, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def settings_of(*minutes: float, repeat: float = 0, growing: bool = False, hours: Hours | None = None) -> ChainSettings:
    """Return a chain for every kind with steps at these minutes."""
    return ChainSettings(
        kinds=frozenset(AlertKind),
        steps=tuple(ChainStep(kind=StepKind.ACTIONS, after=each * MINUTE) for each in minutes),
        repeat=repeat * MINUTE,
        growing=growing,
        hours=hours,
    )


@dataclass
class Night:
    """A chain in virtual time; `takes` says how long each step takes, None for one that hangs; those in `bad` fail."""

    settings: ChainSettings
    takes: Mapping[int, timedelta | None] = field(default_factory=dict)
    bad: frozenset[int] = frozenset()
    now: datetime = NIGHT
    chain: Chain = field(default_factory=Chain)
    begun: list[tuple[datetime, int, int]] = field(default_factory=list)
    ends: list[tuple[datetime, int, int]] = field(default_factory=list)

    def tell(self, event_type: str, kind: AlertKind = AlertKind.LOW) -> None:
        """Have the chain hear of an alert."""
        self.chain = hear(self.chain, self.settings, event_type, kind, self.now, tz=UTC)
        self.advance()

    def advance(self) -> None:
        """Let happen what is due now."""
        while True:
            self.chain, numbers = advance(self.chain, self.settings, self.now, tz=UTC)
            self.begin(*numbers)
            due = [end for end in self.ends if end[0] <= self.now]
            self.ends = [end for end in self.ends if end[0] > self.now]
            for _, run, number in due:
                self.chain = finish(self.chain, run, number)
            failed = [number for number in numbers if number % len(self.settings.steps) in self.bad]
            for number in failed:
                failure = Failure(number=number, reason=Reason.RAISED, time=self.now)
                self.chain = fail(self.chain, self.settings, self.chain.run, failure)
            if not failed:
                return

    def begin(self, *numbers: int) -> None:
        """Begin steps."""
        for number in numbers:
            self.begun.append((self.now, self.chain.run, number))
            takes = self.takes.get(number % len(self.settings.steps), timedelta(0))
            if takes is not None and number % len(self.settings.steps) not in self.bad:
                self.ends.append((self.now + takes, self.chain.run, number))

    def restart(self, announced: Mapping[AlertKind, datetime] | None = None, after: timedelta = timedelta(0)) -> None:
        """Restart Home Assistant: only what is stored goes on, and no step does."""
        self.now += after
        self.ends.clear()
        stored = Chain.from_dict(self.chain.to_dict())
        assert stored == self.chain
        alerts = self.chain.unanswered if announced is None else announced
        self.chain, numbers = resume(stored, self.settings, alerts, self.now, tz=UTC)
        self.begin(*numbers)
        self.advance()

    def wait(self, span: timedelta) -> None:
        """Let time pass from moment to moment at which something is due."""
        until = self.now + span
        while True:
            moment = next_moment(self.chain, self.settings, self.now, tz=UTC)
            moments = [each for each in (moment, *(end[0] for end in self.ends)) if each is not None]
            if not moments or min(moments) > until:
                break
            self.now = max(self.now, min(moments))
            self.advance()
        self.now = until

    def minutes(self) -> list[tuple[float, int]]:
        """Return the steps begun, with their minute."""
        return [((at - NIGHT) / MINUTE, number) for at, _, number in self.begun]


def test_steps_come_at_their_minutes_and_no_more_after_them() -> None:
    """The way of a chain on which everything works."""
    night = Night(settings_of(0, 3, 6))
    night.tell("raised")
    night.wait(60 * MINUTE)
    assert night.minutes() == [(0, 0), (3, 1), (6, 2)]
    assert night.chain.is_running
    assert next_moment(night.chain, night.settings, night.now, tz=UTC) is None


@pytest.mark.parametrize("event_type", sorted(ANSWERED | OVER))
def test_whatever_ends_the_alert_stops_it(event_type: str) -> None:
    """An answer or a recovery, and the next announcement begins at the first step."""
    night = Night(settings_of(0, 3, 6))
    night.tell("raised")
    night.wait(4 * MINUTE)
    night.tell(event_type)
    night.wait(60 * MINUTE)
    assert night.minutes() == [(0, 0), (3, 1)]
    assert not night.chain.is_running
    night.tell("repeated")
    assert night.begun[-1][2] == 0


@pytest.mark.parametrize("event_type", ["unsnoozed", "something_new"])
def test_other_news_change_nothing(event_type: str) -> None:
    """What is neither announcement nor answer leaves the chain as it is, also what a later version tells."""
    night = Night(settings_of(0, 3))
    night.tell("raised")
    before = night.chain
    night.tell(event_type)
    assert night.chain == before
    settings = ChainSettings(kinds=frozenset({AlertKind.LOW}))
    assert hear(before, settings, "raised", AlertKind.HIGH, NIGHT, tz=UTC) is before


def test_the_words_are_those_of_the_alerts() -> None:
    """The types by their values; "treated" may be told or not."""
    assert (ANNOUNCED | ANSWERED | OVER) - set(AlertEventType) <= {"treated"}


def test_a_failure_brings_the_next_step_at_once_and_only_that() -> None:
    """Those after it come at their own time."""
    night = Night(settings_of(0, 3, 6), bad=frozenset({0}))
    night.tell("raised")
    night.wait(60 * MINUTE)
    assert night.minutes() == [(0, 0), (0, 1), (6, 2)]
    assert [each.number for each in night.chain.failures] == [0]


def test_a_step_that_hangs_has_failed_after_30_seconds() -> None:
    """It is given up, and does not keep back those whose time comes."""
    night = Night(settings_of(0, 3), takes={0: None})
    night.tell("raised")
    night.wait(10 * MINUTE)
    assert night.minutes() == [(0, 0), (0.5, 1)]
    assert night.chain.failures == (Failure(number=0, reason=Reason.TIMED_OUT, time=NIGHT + STEP_LIMIT),)
    night = Night(settings_of(0, 0.25), takes={0: 29 * SECOND})
    night.tell("raised")
    night.wait(10 * MINUTE)
    assert night.minutes() == [(0, 0), (0.25, 1)]
    assert not night.chain.failures


def test_a_result_that_comes_too_late_counts_for_nothing() -> None:
    """Neither after the limit nor in a later run."""
    night = Night(settings_of(0, 3))
    night.tell("raised")
    assert finish(night.chain, 7, 0) is night.chain
    failure = Failure(number=0, reason=Reason.RAISED, time=NIGHT)
    assert fail(night.chain, night.settings, 1, failure) is night.chain


def test_it_repeats_and_grows() -> None:
    """After its last step all steps come again, each pause half as long where it grows, and never below a minute."""
    night = Night(settings_of(0, 2, repeat=4))
    night.tell("raised")
    night.wait(11 * MINUTE)
    assert night.minutes() == [(0, 0), (2, 1), (6, 2), (6, 3), (10, 4), (10, 5)]
    night = Night(settings_of(0, repeat=4, growing=True), bad=frozenset({0}))
    night.tell("raised")
    night.wait(10 * MINUTE)
    assert [minute for minute, _ in night.minutes()] == [0, 4, 6, 7, 8, 9, 10]


def test_a_chain_without_repeat_follows_the_repeats_of_the_alert() -> None:
    """A repeated announcement does not start it anew, but brings another round once all steps were done."""
    night = Night(settings_of(0, 7))
    night.tell("raised")
    for _ in range(3):
        night.wait(5 * MINUTE)
        night.tell("repeated")
    assert night.minutes() == [(0, 0), (7, 1), (10, 2), (10, 3), (15, 4), (15, 5)]


def test_a_graver_alert_restarts_it() -> None:
    """From its own first step; a milder one does not, and its recovery stops nothing."""
    night = Night(settings_of(0, 3, 6))
    night.tell("raised", AlertKind.LOW)
    night.wait(4 * MINUTE)
    night.tell("raised", AlertKind.URGENT_LOW)
    night.tell("raised", AlertKind.NO_DATA)
    night.tell("recovered", AlertKind.LOW)
    night.wait(60 * MINUTE)
    assert night.minutes() == [(0, 0), (3, 1), (4, 0), (7, 1), (10, 2)]
    assert night.chain.kind == "urgent_low"
    night.tell("recovered", AlertKind.URGENT_LOW)
    assert night.chain.kind == "no_data"
    night.tell("snoozed", AlertKind.HIGH)
    assert night.chain.is_running
    night.tell("snoozed", AlertKind.NO_DATA)
    assert not night.chain.is_running


def test_an_answer_counts_for_milder_alerts_and_not_for_graver_ones() -> None:
    """Who answers is awake; who answers a milder one may not know of the graver."""
    night = Night(settings_of(0, 3))
    night.tell("raised", AlertKind.LOW)
    night.tell("raised", AlertKind.URGENT_LOW)
    night.tell("acknowledged", AlertKind.LOW)
    assert night.chain.kind is AlertKind.URGENT_LOW
    night.tell("raised", AlertKind.NO_DATA)
    night.tell("acknowledged", AlertKind.URGENT_LOW)
    assert not night.chain.is_running


def test_it_begins_within_its_hours_and_goes_on_after_them() -> None:
    """An alert that nobody has answered when the hours begin starts it then."""
    night = Night(settings_of(0, 30, hours=Hours(start=time(2, 30), end=time(2, 50))))
    night.tell("raised")
    night.wait(120 * MINUTE)
    assert night.minutes() == [(30, 0), (60, 1)]
    night = Night(settings_of(0, hours=Hours(start=time(3), end=time(7))))
    night.tell("raised")
    night.tell("acknowledged")
    night.wait(300 * MINUTE)
    assert not night.begun


def test_hours_are_by_the_local_clock() -> None:
    """Also around midnight and where the clocks change."""
    berlin = ZoneInfo("Europe/Berlin")
    night = Hours(start=time(22), end=time(7))
    assert night.contain(datetime(2026, 7, 1, 20, tzinfo=UTC), berlin)
    assert not night.contain(datetime(2026, 7, 1, 5, tzinfo=UTC), berlin)
    assert night.next_start(datetime(2026, 10, 24, 20, tzinfo=UTC), berlin) == datetime(2026, 10, 25, 21, tzinfo=UTC)
    assert Hours(start=time(7), end=time(7)).contain(NIGHT, UTC)
    assert not Hours(start=time(7), end=time(8)).contain(NIGHT, UTC)


def test_a_restart_goes_on_where_it_was() -> None:
    """At the step that is due; a step that was cut off comes once more."""
    night = Night(settings_of(0, 3, 6), takes={1: None})
    night.tell("raised")
    night.wait(3 * MINUTE)
    night.restart(after=2 * SECOND)
    night.wait(60 * MINUTE)
    assert [number for _, number in night.minutes()] == [0, 1, 1, 2]
    night = Night(settings_of(0, 3, 6, 9))
    night.tell("raised")
    night.restart(after=7 * MINUTE)
    assert night.minutes() == [(0, 0), (7, 1), (7, 2)]
    night.wait(60 * MINUTE)
    assert night.minutes()[-1] == (9, 3)


def test_a_restart_makes_up_for_what_was_not_stored() -> None:
    """An answer stops it, an announcement starts it, and what was answered before is not begun anew."""
    night = Night(settings_of(0, 3))
    night.tell("raised")
    night.restart({})
    assert not night.chain.is_running
    night.restart({AlertKind.LOW: NIGHT})
    assert not night.chain.is_running
    night.restart({AlertKind.LOW: NIGHT + SECOND}, after=MINUTE)
    assert night.begun[-1] == (NIGHT + MINUTE, 2, 0)


def test_a_wrong_clock_before_a_restart_delays_no_step() -> None:
    """A clock that ran an hour fast before: each step comes within its own pause."""
    night = Night(settings_of(0, 3, 6), now=NIGHT + 60 * MINUTE)
    night.tell("raised")
    night.now = NIGHT
    night.restart()
    night.wait(60 * MINUTE)
    assert night.minutes()[1:] == [(3, 1), (6, 2)]
    night = Night(settings_of(0, repeat=5), now=NIGHT + 60 * MINUTE)
    night.tell("raised")
    night.now = NIGHT
    night.restart()
    night.wait(6 * MINUTE)
    assert night.minutes()[1:] == [(5, 1)]


def test_a_chain_without_steps_does_nothing() -> None:
    """It waits for somebody to add one."""
    night = Night(settings_of())
    night.tell("raised")
    night.restart()
    assert not night.chain.is_running
    assert next_moment(night.chain, night.settings, night.now, tz=UTC) is None


STEPS = st.lists(st.integers(0, 30), min_size=1, max_size=6).map(sorted)
TAKES = st.lists(st.none() | st.integers(0, 40), min_size=6, max_size=6)
BAD = st.frozensets(st.integers(0, 5))
RESTARTS = st.lists(st.integers(0, 2400), max_size=4).map(sorted)


def check_reaches_last_step(minutes: list[int], takes: list[int | None], bad: frozenset[int], at: list[int]) -> None:
    """Whatever fails, hangs or restarts, the last step begins within its minutes."""
    spans = {place: None if each is None else each * SECOND for place, each in enumerate(takes)}
    night = Night(settings_of(*minutes), takes=spans, bad=bad)
    night.tell("raised")
    for second in at:
        night.wait(NIGHT + second * SECOND - night.now)
        night.restart()
    night.wait(NIGHT + 45 * MINUTE - night.now)
    last = len(minutes) - 1
    first = min(moment for moment, _, number in night.begun if number == last)
    assert first <= NIGHT + minutes[-1] * MINUTE + len(bad) * STEP_LIMIT
    assert {number for _, _, number in night.begun} == set(range(len(minutes)))
    assert {run for _, run, _ in night.begun} == {1}


@given(minutes=STEPS, takes=TAKES, bad=BAD, at=RESTARTS)
def test_it_reaches_its_last_step(
    minutes: list[int], takes: list[int | None], bad: frozenset[int], at: list[int]
) -> None:
    """Within its minutes plus 30 s a failed step, and never anew."""
    check_reaches_last_step(minutes, takes, bad, at)


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 600),
        st.sampled_from(sorted({*AlertEventType, "treated", "restart"})),
        st.sampled_from(sorted(AlertKind)),
    ),
    max_size=25,
)


@given(minutes=STEPS, repeat=st.integers(0, 5), takes=TAKES, bad=BAD, events=EVENTS)
def test_it_never_runs_after_an_answer(
    minutes: list[int],
    repeat: int,
    takes: list[int | None],
    bad: frozenset[int],
    events: list[tuple[int, str, AlertKind]],
) -> None:
    """A step begins only while an alert is announced and unanswered; and while one is, the chain runs."""
    spans = {place: None if each is None else each * SECOND for place, each in enumerate(takes)}
    night = Night(settings_of(*minutes, repeat=repeat), takes=spans, bad=bad)
    unanswered: set[AlertKind] = set()
    for seconds, event_type, kind in events:
        begun = len(night.begun)
        night.wait(seconds * SECOND)
        assert unanswered or len(night.begun) == begun
        if event_type == "restart":
            night.restart()
            continue
        if event_type in ANNOUNCED:
            unanswered.add(kind)
        elif event_type in ANSWERED and kind in unanswered:
            unanswered -= set(PRIORITY[PRIORITY.index(kind) :])
        elif event_type in OVER:
            unanswered.discard(kind)
        night.tell(event_type, kind)
        assert set(night.chain.unanswered) == unanswered
        assert night.chain.is_running == bool(unanswered)


def test_a_thousand_nights() -> None:
    """Random chains, failures, hanging steps and restarts; each reaches its last step."""
    random = Random(1)
    for _ in range(1000):
        count = random.randint(1, 6)
        check_reaches_last_step(
            sorted(random.choices(range(31), k=count)),
            random.choices([None, 0, 1, 5, 29, 40], k=6),
            frozenset(place for place in range(6) if random.random() < 0.3),
            sorted(random.choices(range(2400), k=random.randint(0, 4))),
        )


def test_what_is_stored_is_checked() -> None:
    """A damaged state is refused as a whole, so that the alerts themselves tell what is open."""
    good = Chain().to_dict()
    damages: tuple[dict[str, object], ...] = (
        {"run": "x"},
        {"heard": []},
        {"heard": {"low": "2026-11-24T02:00:00"}},
        {"failures": {}},
        {"due": "soon"},
    )
    for damage in damages:
        with pytest.raises((ValueError, TypeError, KeyError)):
            Chain.from_dict({**good, **damage})
