"""Rules of the alert engine, as scenes: readings and acts of a person by the minute, and what is told when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
import json
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest

from custom_components.dexcom_share.glucose.alerts import measures
from custom_components.dexcom_share.glucose.alerts.announcing import evaluate, next_deadline
from custom_components.dexcom_share.glucose.alerts.answers import acknowledge, rehearse, snooze, treat, unsnooze
from custom_components.dexcom_share.glucose.alerts.kinds import PRIORITY, AlertEvent, AlertEventType, AlertKind
from custom_components.dexcom_share.glucose.alerts.moment import Moment
from custom_components.dexcom_share.glucose.alerts.sequence import JudgedSequence
from custom_components.dexcom_share.glucose.alerts.settings import (
    DEFAULTS,
    AlertSettings,
    NightSettings,
    Sensitivity,
)
from custom_components.dexcom_share.glucose.alerts.state import Alerts, AlertStage
from custom_components.dexcom_share.glucose.alerts.stored import alerts_from_dict, alerts_to_dict
from custom_components.dexcom_share.glucose.forecast import urgent_low_chance
from custom_components.dexcom_share.glucose.history import History
from custom_components.dexcom_share.share.models import GlucoseReading, Trend

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
# Chances of an urgent low from which it is said to come soon, below which it surely doesn't, and one between the two.
SOON, BETWEEN, NOT_SOON = 0.18, 0.17, 0.04


def at(minute: float) -> datetime:
    """Return the moment of a minute of the scene."""
    return START + timedelta(minutes=minute)


def reading(minute: float, value: int) -> GlucoseReading:
    """Return a reading."""
    return GlucoseReading(time=at(minute), value=value, trend=Trend.FLAT)


def with_kind(kind: AlertKind, settings: AlertSettings = DEFAULTS, **changes: object) -> AlertSettings:
    """Return settings that differ in one kind; whole numbers but the limit are minutes."""
    values = {
        name: timedelta(minutes=value) if name in {"delay", "repeat"} and isinstance(value, int) else value
        for name, value in changes.items()
    }
    changed = replace(settings.kinds[kind], **values)  # type: ignore[arg-type]
    return replace(settings, kinds={**settings.kinds, kind: changed})


def only(*kinds: AlertKind, settings: AlertSettings = DEFAULTS) -> AlertSettings:
    """Return settings with some kinds on and all others off, as far as they can be."""
    for kind in AlertKind:
        settings = with_kind(kind, settings, enabled=kind in kinds)
    return settings


@dataclass
class Scene:
    """A person, their readings and the engine; `told` are texts like `low raised`."""

    settings: AlertSettings = DEFAULTS
    state: Alerts = field(default_factory=Alerts)
    readings: list[GlucoseReading] = field(default_factory=list)
    heard_at: dict[datetime, datetime] = field(default_factory=dict)
    events: list[AlertEvent] = field(default_factory=list)
    chance: float = 0
    muted: bool = False
    watched_since: datetime = START
    sequence: JudgedSequence | None = None

    def look(self, minute: float) -> list[str]:
        """Evaluate at a minute and return what is told; evaluating again must tell nothing."""
        told = self._evaluate(minute)
        again = self._evaluate(minute)
        assert not again
        return told

    def read(self, minute: float, value: int, *, arrives: float | None = None) -> list[str]:
        """Let a reading of a minute arrive, and evaluate."""
        self.readings = sorted([*self.readings, reading(minute, value)], key=lambda each: each.time)
        arrives = minute if arrives is None else arrives
        self.heard_at[at(minute)] = at(arrives)
        return self.look(arrives)

    def run(self, values: Sequence[int | None], start: float = 0, step: float = 5) -> list[str]:
        """Let readings arrive one by one, None for a missing one; return what is told as `minute kind type`."""
        told: list[str] = []
        for index, value in enumerate(values):
            minute = start + index * step
            texts = self.look(minute) if value is None else self.read(minute, value)
            told += [f"{minute:g} {text}" for text in texts]
        return told

    def wait(self, start: float, end: float) -> list[str]:
        """Let time pass without readings, evaluating only at the deadlines; return what is told and when."""
        told: list[str] = []
        now = at(start)
        while (now := next_deadline(self.state, self._moment(now)) or at(end)) < at(end):
            minute = (now - START) / timedelta(minutes=1)
            told += [f"{minute:g} {text}" for text in self.look(minute)]
        return told

    def deadline(self, minute: float) -> datetime | None:
        """Return the next deadline after a minute."""
        return next_deadline(self.state, self._moment(at(minute)))

    def snooze(self, minute: float, length: float, *kinds: AlertKind) -> list[str]:
        """Snooze kinds."""
        self.state, events = snooze(self.state, kinds, timedelta(minutes=length), at(minute))
        return self._tell(events)

    def unsnooze(self, minute: float, *kinds: AlertKind) -> list[str]:
        """End snoozes."""
        self.state, events = unsnooze(self.state, kinds, at(minute))
        return self._tell(events)

    def acknowledge(self, minute: float, *kinds: AlertKind) -> list[str]:
        """Acknowledge kinds."""
        self.state, events = acknowledge(self.state, kinds, at(minute))
        return self._tell(events)

    def treat(self, minute: float, length: float = 15) -> list[str]:
        """Say that something was done against a low."""
        self.state, events = treat(self.state, timedelta(minutes=length), at(minute))
        return self._tell(events)

    def restart(self) -> None:
        """Store the state and load it."""
        self.state = alerts_from_dict(json.loads(json.dumps(alerts_to_dict(self.state))))
        self.sequence = None

    def stands(self, kind: AlertKind) -> AlertStage:
        """Return where a kind stands."""
        return self.state.alerts[kind].stage

    def _moment(self, now: datetime) -> Moment:
        sequence = self.sequence = self.sequence or JudgedSequence(self.state.base)
        history = History()
        for each in self.readings:
            history.merge([each], self.heard_at.get(each.time, each.time))
        with patch.object(measures, "urgent_low_chance", lambda _: self.chance):
            return sequence.moment(
                history,
                now,
                tz=UTC,
                settings=self.settings,
                watched_since=self.watched_since,
                is_muted=self.muted,
            )

    def _evaluate(self, minute: float) -> list[str]:
        self.state, events = evaluate(self.state, self._moment(at(minute)))
        return self._tell(events)

    def _tell(self, events: Iterable[AlertEvent]) -> list[str]:
        told = list(events)
        self.events += told
        return [f"{event.kind} {event.type}" for event in told]


LOW = only(AlertKind.LOW)
HIGH = only(AlertKind.HIGH)
EAGER_HIGH = with_kind(AlertKind.HIGH, HIGH, delay=0)
PATIENT_LOW = with_kind(AlertKind.LOW, LOW, delay=15)
FALL = only(AlertKind.FALLING_FAST)
RISE = only(AlertKind.RISING_FAST)


@pytest.mark.parametrize(
    ("settings", "values", "told"),
    [
        pytest.param(LOW, [80, 71, 75, 90], [], id="inside the limits nothing is told"),
        pytest.param(LOW, [71, 70], ["5 low raised"], id="a low is at or below its limit"),
        pytest.param(EAGER_HIGH, [249, 250], ["5 high raised"], id="a high is at or above its limit"),
        pytest.param(DEFAULTS, [60, 56, 55], ["0 low raised", "10 urgent_low raised"], id="55 is urgent, 56 is not"),
        pytest.param(
            DEFAULTS, [80, 54], ["5 urgent_low raised", "5 low raised"], id="a jump raises both, the graver first"
        ),
        pytest.param(LOW, [70], ["0 low raised"], id="at the start a low not raised yet is raised"),
        pytest.param(LOW, [39], ["0 urgent_low raised", "0 low raised"], id="LOW is low and urgently so"),
        pytest.param(EAGER_HIGH, [401], ["0 high raised"], id="HIGH is high"),
        pytest.param(
            with_kind(AlertKind.URGENT_LOW, only(), limit=30),
            [39],
            ["0 urgent_low raised"],
            id="LOW is below every limit",
        ),
        pytest.param(
            with_kind(AlertKind.HIGH, EAGER_HIGH, limit=500), [401], ["0 high raised"], id="HIGH is above every limit"
        ),
        pytest.param(HIGH, [260] * 13, ["60 high raised"], id="a high of an hour is raised, and not before"),
        pytest.param(
            HIGH,
            [*[260] * 6, 249, *[260] * 7],
            ["60 high raised"],
            id="one reading inside does not start the delay again",
        ),
        pytest.param(HIGH, [*[260] * 6, 240, *[260] * 12], [], id="a reading that clears the margin does"),
        pytest.param(
            HIGH,
            [*[260] * 6, None, *[260] * 6],
            ["60 high raised"],
            id="a single missing reading is bridged",
        ),
        pytest.param(
            HIGH, [*[260] * 11, None, None, *[260] * 12], [], id="a gap does not satisfy the delay, which starts again"
        ),
        pytest.param(
            PATIENT_LOW,
            [65, 65, *[None] * 6, 65, 65, 65, 65],
            ["20 low raised", "55 low raised"],
            id="an overdue reading holds no low back; after a gap the delay begins anew",
        ),
        pytest.param(PATIENT_LOW, [65, 65, 65, 80, 65, 65, 65], [], id="a delay not reached tells nothing"),
        pytest.param(
            LOW, [70, 76], ["0 low raised", "5 low recovered", "5 low back_in_range"], id="a low clears by its margin"
        ),
        pytest.param(
            EAGER_HIGH,
            [250, 241, 240],
            ["0 high raised", "10 high recovered", "10 high back_in_range"],
            id="a high clears by its margin",
        ),
        pytest.param(
            LOW,
            [70, 72, 73, 72],
            ["0 low raised", "15 low recovered", "15 low back_in_range"],
            id="a quarter of an hour inside ends an alert that never cleared the margin",
        ),
        pytest.param(
            LOW,
            [70, 71, 70, 69, 71],
            ["0 low raised"],
            id="a dip inside without recovery ends nothing, and tells nothing again (A4)",
        ),
        pytest.param(
            DEFAULTS,
            [54, 61, 76],
            [
                "0 urgent_low raised",
                "0 low raised",
                "5 urgent_low recovered",
                "10 low recovered",
                "10 urgent_low back_in_range",
            ],
            id="the news of the range comes once, when the last alert is over",
        ),
        pytest.param(
            only(),
            [54, 61, 71],
            ["0 urgent_low raised", "5 urgent_low recovered", "10 urgent_low back_in_range"],
            id="61 is not in range, even with the low alert off",
        ),
        pytest.param(
            only(AlertKind.HIGH, AlertKind.URGENT_HIGH, settings=with_kind(AlertKind.HIGH, delay=0)),
            [300, 290, 240],
            [
                "0 urgent_high raised",
                "0 high raised",
                "5 urgent_high recovered",
                "10 high recovered",
                "10 urgent_high back_in_range",
            ],
            id="urgent high and high",
        ),
        pytest.param(
            LOW,
            [60] * 13,
            ["0 low raised", "30 low repeated", "60 low repeated"],
            id="a repeat counts from the announcement before",
        ),
        pytest.param(
            with_kind(AlertKind.LOW, LOW, repeat=0), [60] * 30, ["0 low raised"], id="a repeat of zero tells once only"
        ),
        pytest.param(
            LOW,
            [60, 60, 60, 60, 60, 72, 72, 60],
            ["0 low raised", "30 low repeated"],
            id="a repeat comes also in a dip inside without recovery (S3)",
        ),
        pytest.param(
            only(),
            [50, 50, 50],
            ["0 urgent_low raised", "5 urgent_low repeated", "10 urgent_low repeated"],
            id="an urgent low nobody answered is repeated every five minutes",
        ),
        pytest.param(
            DEFAULTS,
            [54, 54, 54, 54, 54, 54, 54],
            [
                "0 urgent_low raised",
                "0 low raised",
                *(f"{minute} urgent_low repeated" for minute in (5, 10, 15, 20, 25, 30)),
                "30 low repeated",
            ],
            id="a low under an urgent low is repeated all the same (S4)",
        ),
        pytest.param(FALL, [150, 140, 130], ["10 falling_fast raised"], id="two rates of -2 are a fast fall"),
        pytest.param(FALL, [150, 140, 131, 121], [], id="one slower rate between is none"),
        pytest.param(FALL, [190, 170, None, None, 130, 121], [], id="a gap connects no rates"),
        pytest.param(FALL, [150, None, 130, None, 110], ["20 falling_fast raised"], id="a missing reading does"),
        pytest.param(
            FALL,
            [150, 140, 130, 124, 124],
            ["10 falling_fast raised", "20 falling_fast recovered"],
            id="a fast fall is over when it is clearly slower",
        ),
        pytest.param(RISE, [100, 110, 120], ["10 rising_fast raised"], id="two rates of 2 are a fast rise"),
        pytest.param(RISE, [120, 110, 100], [], id="a fall is no rise"),
    ],
)
def test_readings_every_five_minutes(settings: AlertSettings, values: list[int | None], told: list[str]) -> None:
    """What a series of readings tells, each evaluated as it arrives; no data stays out of it."""
    scene = Scene(with_kind(AlertKind.NO_DATA, settings, enabled=False))
    assert [text for text in scene.run(values) if "ended" not in text] == told


def test_low_and_urgent_low_at_once_name_the_graver() -> None:
    """A lesser alert says which graver one overshadows it."""
    scene = Scene()
    scene.read(0, 50)
    urgent_low, low = scene.events
    assert (urgent_low.kind, urgent_low.overshadowed_by) == (AlertKind.URGENT_LOW, None)
    assert (low.kind, low.overshadowed_by) == (AlertKind.LOW, AlertKind.URGENT_LOW)
    assert scene.state.raised == (AlertKind.URGENT_LOW, AlertKind.LOW)


def test_an_event_tells_what_it_rests_on() -> None:
    """Value, stamp, trend, rate, limit and the start of the alert are in the event."""
    scene = Scene(PATIENT_LOW)
    scene.run([80, 70, 66, 62, 60])
    assert scene.events == [
        AlertEvent(
            type=AlertEventType.RAISED,
            kind=AlertKind.LOW,
            time=at(20),
            since=at(5),
            reading_time=at(20),
            reading_age=timedelta(0),
            value_mgdl=60,
            trend=Trend.FLAT,
            rate_mgdl_per_minute=-0.4,
            limit=70,
        )
    ]


def test_a_sensor_that_runs_fast_satisfies_the_delay() -> None:
    """Twelve steps of 299.5 s are an hour; a run that is a minute short isn't."""
    assert Scene(HIGH).run([260] * 13, step=299.5 / 60) != []
    assert Scene(HIGH).run([260] * 13, step=295 / 60) == []


def test_readings_close_together_tell_no_rate() -> None:
    """The same reading once more, stamped a little later, makes no fast fall."""
    scene = Scene(FALL)
    scene.run([150, 147])
    scene.read(5.5, 145)
    scene.read(6, 143)
    assert scene.events == []


def test_states_on_the_way() -> None:
    """An alert is pending during its delay, active when raised, recovered after it."""
    scene = Scene(PATIENT_LOW)
    assert scene.stands(AlertKind.LOW) is AlertStage.INACTIVE
    stood = []
    for minute, value in ((0, 80), (5, 70), (20, 70), (25, 90), (30, 90), (35, 70), (40, 80)):
        if minute == 20:
            scene.run([70, 70], start=10)
        scene.read(minute, value)
        stood.append(scene.stands(AlertKind.LOW))
    assert stood == [
        AlertStage.INACTIVE,
        AlertStage.PENDING,
        AlertStage.ACTIVE,
        AlertStage.RECOVERED,
        AlertStage.RECOVERED,
        AlertStage.PENDING,
        AlertStage.RECOVERED,
    ]


class TestStaleReadings:
    """No alert rests on a stale reading."""

    def test_the_newest_reading_counts_for_a_low_up_to_an_hour_late(self) -> None:
        """It is told once, with its age, and not as current from 15 minutes on (S7); after the hour it is over."""
        for arrives, told in ((14, ["low raised"]), (15, ["low raised"]), (59, ["low raised"]), (60, [])):
            scene = Scene(LOW)
            assert scene.read(0, 60, arrives=arrives) == told
            assert [event.last_known for event in scene.events] == [arrives >= 15] * len(told)
            assert [event.reading_age for event in scene.events] == [timedelta(minutes=arrives)] * len(told)
            if arrives == 15:
                assert scene.wait(15, 200) == ["60 low ended"]

    def test_what_ended_before_the_watch_is_not_told(self) -> None:
        """A low that was told, whose readings stopped while nobody watched, is over in silence (S10)."""
        scene = Scene(LOW)
        scene.read(0, 60)
        scene.watched_since = at(300)
        assert scene.look(300) == []
        assert scene.stands(AlertKind.LOW) is AlertStage.INACTIVE

    def test_a_late_reading_tells_no_high(self) -> None:
        """A high harms later than its reading is old."""
        assert Scene(EAGER_HIGH).read(0, 300, arrives=15) == []

    def test_an_alert_whose_readings_stop_ends_without_recovery(self) -> None:
        """It ends with its reading, and is raised again when the first fresh one is still low."""
        scene = Scene(LOW)
        scene.read(0, 65)
        assert scene.wait(0, 60) == ["15.0833 low ended"]
        assert scene.stands(AlertKind.LOW) is AlertStage.INACTIVE
        assert scene.events[-1].value_mgdl is None
        assert scene.events[-1].since == at(0)
        assert scene.read(60, 65) == ["low raised"]

    def test_an_alert_not_told_ends_unheard(self) -> None:
        """Nothing is told of the end of what was never announced."""
        scene = Scene(LOW, muted=True)
        scene.read(0, 65)
        assert scene.wait(0, 60) == []
        assert scene.stands(AlertKind.LOW) is AlertStage.INACTIVE

    def test_a_delay_does_not_go_on(self) -> None:
        """Pending is over with the readings."""
        scene = Scene(with_kind(AlertKind.LOW, LOW, delay=30))
        scene.read(0, 65)
        scene.look(15)
        assert scene.stands(AlertKind.LOW) is AlertStage.INACTIVE

    def test_an_urgent_low_goes_on_as_last_known(self) -> None:
        """Unanswered it is told every five minutes, for half an hour after its readings stopped, then more rarely."""
        scene = Scene(only())
        scene.read(0, 50)
        often = [f"{minute} urgent_low repeated" for minute in range(5, 50, 5)]
        assert scene.wait(0, 110) == [*often, "75 urgent_low repeated", "105 urgent_low repeated"]
        assert [event.last_known for event in scene.events] == [False] * 3 + [True] * 9
        assert scene.acknowledge(106, AlertKind.URGENT_LOW) == ["urgent_low acknowledged"]
        assert scene.look(106) == ["urgent_low ended"]
        assert scene.wait(106, 300) == []

    def test_an_urgent_low_ends_with_a_newer_reading(self) -> None:
        """Whatever that tells; a low one is an episode of its own."""
        scene = Scene(only())
        scene.read(0, 50)
        scene.wait(0, 60)
        assert scene.read(61, 100) == ["urgent_low recovered", "urgent_low back_in_range"]
        scene.read(66, 50)
        scene.wait(66, 100)
        assert scene.read(101, 51) == ["urgent_low raised"]

    def test_an_acknowledged_urgent_low_ends_with_its_readings(self) -> None:
        """It was answered; no data speaks for itself."""
        scene = Scene(only())
        scene.read(0, 50)
        scene.acknowledge(1, AlertKind.URGENT_LOW)
        assert scene.wait(1, 300) == ["15.0833 urgent_low ended"]

    def test_the_news_of_the_range_waits_for_a_reading(self) -> None:
        """After a gap, the first reading in range brings it."""
        scene = Scene(LOW)
        scene.read(0, 65)
        scene.wait(0, 60)
        assert scene.read(60, 100) == ["low back_in_range"]
        assert scene.read(65, 100) == []


class TestLateReadings:
    """Readings that arrive late raise nothing that is past."""

    def test_old_lows_are_not_told(self) -> None:
        """A low that came and went unseen is history."""
        scene = Scene()
        scene.run([100, 100])
        scene.readings += [reading(minute, 50) for minute in (10, 15, 20, 25)]
        assert scene.read(30, 100) == []

    def test_a_late_low_behind_a_newer_reading_is_not_told(self) -> None:
        """The newest reading decides."""
        scene = Scene()
        scene.run([100, 100])
        scene.read(15, 90)
        assert scene.read(10, 50, arrives=16) == []

    def test_readings_in_a_gap_complete_the_delay(self) -> None:
        """What was missing for the delay of the newest reading may come late."""
        scene = Scene(HIGH)
        scene.run([*[260] * 4, *[None] * 5, *[260] * 4])
        scene.readings = sorted([*scene.readings, *(reading(minute, 260) for minute in (20, 25, 30, 35, 40))], key=str)
        scene.readings.sort(key=lambda each: each.time)
        assert scene.look(61) == ["high raised"]
        assert scene.events[-1].since == at(0)

    def test_a_run_that_is_parted_later(self) -> None:
        """A late dip that ends nothing tells nothing; a late recovery makes two episodes, and the second is told."""
        scene = Scene(LOW)
        scene.read(0, 65)
        scene.read(10, 65)
        assert scene.read(5, 74, arrives=11) == []
        scene = Scene(LOW)
        scene.read(0, 65)
        scene.read(10, 65)
        assert scene.read(5, 75, arrives=11) == ["low recovered", "low raised"]


class TestSnooze:
    """Quiet for a while, and told at its end if it still holds."""

    def test_quiet_until_its_end(self) -> None:
        """No repeat within; at the end it is told though the repeat isn't due."""
        scene = Scene(LOW)
        scene.read(0, 65)
        assert scene.snooze(1, 40, AlertKind.LOW) == ["low snoozed"]
        assert scene.events[-1].until == at(41)
        assert scene.run([65] * 8, start=5) == []
        assert scene.stands(AlertKind.LOW) is AlertStage.SNOOZED
        assert scene.wait(40, 50) == ["41 low repeated"]
        scene.snooze(42, 10, AlertKind.LOW)
        assert scene.run([65] * 2, start=45) == []
        assert scene.wait(50, 60) == ["52 low repeated"]
        assert scene.stands(AlertKind.LOW) is AlertStage.ACTIVE

    def test_ends_with_the_recovery(self) -> None:
        """The next low is a new one."""
        scene = Scene(LOW)
        scene.read(0, 65)
        scene.snooze(1, 240, AlertKind.LOW)
        assert scene.run([80, 65], start=5) == ["5 low recovered", "5 low back_in_range", "10 low raised"]

    def test_of_low_is_broken_by_an_urgent_low(self) -> None:
        """And the low is repeated again when the urgent low is over."""
        scene = Scene()
        scene.read(0, 65)
        scene.snooze(1, 240, AlertKind.LOW)
        assert scene.read(5, 55) == ["urgent_low raised"]
        assert scene.stands(AlertKind.LOW) is AlertStage.ACTIVE
        assert scene.run([60] * 6, start=10)[-2:] == ["10 urgent_low recovered", "30 low repeated"]

    def test_ahead_of_time(self) -> None:
        """A kind may be snoozed before it is raised; at the end it is raised if it holds."""
        scene = Scene(EAGER_HIGH)
        scene.read(0, 200)
        assert scene.snooze(1, 60, AlertKind.HIGH) == ["high snoozed"]
        assert scene.run([260] * 11, start=5) == []
        assert scene.wait(55, 65) == ["61 high raised"]

    def test_ahead_of_time_outlives_a_pending_delay(self) -> None:
        """Inside again before the delay was reached, the snooze goes on."""
        scene = Scene(HIGH)
        scene.snooze(0, 60, AlertKind.HIGH)
        scene.run([260, 200])
        assert scene.stands(AlertKind.HIGH) is AlertStage.SNOOZED

    def test_ahead_of_time_and_never_told(self) -> None:
        """What came and went within the snooze is not told, nor that it is over."""
        scene = Scene(EAGER_HIGH)
        scene.snooze(0, 60, AlertKind.HIGH)
        assert scene.run([260, 200]) == []
        assert scene.stands(AlertKind.HIGH) is AlertStage.SNOOZED

    def test_of_an_urgent_low_ends_thirty_minutes_after_it_was_told(self) -> None:
        """However long it was meant, and however often it is asked for."""
        scene = Scene(only())
        scene.read(0, 50)
        scene.snooze(2, 240, AlertKind.URGENT_LOW)
        assert scene.events[-1].until == at(30)
        assert scene.run([50] * 5, start=5) == []
        scene.snooze(29, 30, AlertKind.URGENT_LOW)
        assert scene.read(30, 50) == ["urgent_low repeated"]

    def test_of_an_urgent_low_is_not_to_be_had_ahead(self) -> None:
        """Nothing keeps the first announcement back."""
        scene = Scene(only())
        assert scene.snooze(0, 30, AlertKind.URGENT_LOW) == []
        assert scene.read(5, 50) == ["urgent_low raised"]

    def test_of_no_length_is_none(self) -> None:
        """A snooze that is over at once changes nothing."""
        scene = Scene(LOW)
        scene.read(0, 65)
        assert scene.snooze(1, 0, AlertKind.LOW) == []
        assert scene.stands(AlertKind.LOW) is AlertStage.ACTIVE

    def test_is_not_longer_than_four_hours(self) -> None:
        """The bounds of the kind hold for actions, too."""
        scene = Scene(LOW)
        scene.snooze(0, 10_000, AlertKind.LOW)
        assert scene.events[-1].until == at(240)

    def test_outlives_a_gap_in_the_readings(self) -> None:
        """The person asked for quiet until a time; a recovery ends it, but not the end of the readings (A5)."""
        scene = Scene(LOW)
        scene.read(0, 65)
        scene.snooze(1, 60, AlertKind.LOW)
        assert scene.wait(1, 30) == ["15.0833 low ended"]
        assert scene.read(30, 65) == []
        assert scene.wait(30, 120) == []
        assert scene.read(120, 65) == ["low raised"]

    def test_taken_back(self) -> None:
        """Repeats are due as if there had been none."""
        scene = Scene(LOW)
        scene.read(0, 65)
        scene.snooze(1, 60, AlertKind.LOW)
        assert scene.run([65] * 2, start=5) == []
        assert scene.unsnooze(12, AlertKind.LOW, AlertKind.HIGH) == ["low unsnoozed"]
        assert scene.run([65] * 4, start=15) == ["30 low repeated"]


class TestAcknowledge:
    """A person knows of it."""

    def test_ends_the_repeats_of_a_low(self) -> None:
        """Until it has recovered and comes anew; a dip inside and out again isn't new."""
        scene = Scene(LOW)
        scene.read(0, 65)
        assert scene.acknowledge(1, AlertKind.LOW) == ["low acknowledged"]
        assert scene.acknowledge(2, AlertKind.LOW) == []
        assert scene.stands(AlertKind.LOW) is AlertStage.ACKNOWLEDGED
        assert scene.run([65] * 20 + [72, 65], start=5) == []
        assert scene.run([80, 65], start=115) == ["115 low recovered", "115 low back_in_range", "120 low raised"]

    def test_an_urgent_low_comes_again_after_its_repeat(self) -> None:
        """Thirty minutes after it was told last, and so on (S5)."""
        scene = Scene(only())
        scene.run([50, 50])
        scene.acknowledge(6, AlertKind.URGENT_LOW)
        assert scene.run([50] * 12, start=10) == ["35 urgent_low repeated", "65 urgent_low repeated"]
        assert scene.stands(AlertKind.URGENT_LOW) is AlertStage.ACKNOWLEDGED

    def test_an_urgent_low_that_only_dipped_inside_is_still_known(self) -> None:
        """It isn't told before its repeat."""
        scene = Scene(only())
        scene.read(0, 50)
        scene.acknowledge(1, AlertKind.URGENT_LOW)
        assert scene.run([57, 55], start=5) == []

    def test_nothing_raised_nothing_acknowledged(self) -> None:
        """It needs an alert that holds."""
        scene = Scene(LOW)
        assert scene.acknowledge(0, AlertKind.LOW) == []

    def test_ends_a_snooze(self) -> None:
        """The last answer counts."""
        scene = Scene(LOW)
        scene.read(0, 65)
        scene.snooze(1, 10, AlertKind.LOW)
        scene.acknowledge(2, AlertKind.LOW)
        assert scene.stands(AlertKind.LOW) is AlertStage.ACKNOWLEDGED
        assert scene.run([65] * 3, start=5) == []

    def test_of_a_low_is_broken_by_an_urgent_low(self) -> None:
        """What was acknowledged has become worse."""
        scene = Scene()
        scene.read(0, 65)
        scene.acknowledge(1, AlertKind.LOW)
        scene.read(5, 50)
        assert scene.stands(AlertKind.LOW) is AlertStage.ACTIVE

    def test_of_what_was_never_told_counts_as_told(self) -> None:
        """Seen on a muted dashboard and acknowledged, it isn't announced later."""
        scene = Scene(LOW, muted=True)
        scene.read(0, 65)
        scene.acknowledge(1, AlertKind.LOW)
        scene.muted = False
        assert scene.run([65] * 10, start=5) == []


class TestMuted:
    """The switch that keeps everything but urgent low quiet."""

    def test_an_urgent_low_is_told(self) -> None:
        """And the news of its end as well; nothing else is."""
        scene = Scene(muted=True)
        assert scene.run([65, 54, 65, 90]) == [
            "5 urgent_low raised",
            "10 urgent_low recovered",
            "15 urgent_low back_in_range",
        ]

    def test_the_state_goes_on(self) -> None:
        """A low is active, and told when the mute ends and it still holds."""
        scene = Scene(LOW, muted=True)
        assert scene.read(0, 65) == []
        assert scene.stands(AlertKind.LOW) is AlertStage.ACTIVE
        scene.muted = False
        assert scene.look(1) == ["low raised"]
        assert scene.events[-1].since == at(0)

    def test_the_end_of_what_was_told_before_is_told_but_not_the_news(self) -> None:
        """So that what the alert started can stop."""
        scene = Scene(LOW)
        scene.read(0, 65)
        scene.muted = True
        assert scene.read(5, 90) == ["low recovered"]
        scene.muted = False
        assert scene.read(10, 90) == []


class TestSmartQuiet:
    """No repeat while glucose heads back."""

    SMART = with_kind(AlertKind.LOW, LOW, smart_quiet=True)

    def test_a_low_that_rises_waits(self) -> None:
        """It is repeated as soon as it doesn't rise any more."""
        assert Scene(self.SMART).run([56, 56, 56, 56, 56, 58, 64, 70, 70]) == ["0 low raised", "40 low repeated"]

    def test_a_low_that_rises_slowly_is_repeated(self) -> None:
        """One mg/dL per minute isn't fast enough."""
        assert Scene(self.SMART).run([58, 58, 58, 58, 58, 63, 68]) == ["0 low raised", "30 low repeated"]

    def test_one_reading_after_a_gap_heads_nowhere(self) -> None:
        """Without a rate nothing is held back."""
        scene = Scene(self.SMART)
        assert scene.run([57, 57, 57, 57, 57]) == ["0 low raised"]
        assert scene.read(33, 70) == ["low repeated"]

    def test_it_is_never_for_an_urgent_low(self) -> None:
        """Whatever is set."""
        scene = Scene(with_kind(AlertKind.URGENT_LOW, only(), enabled=True, smart_quiet=True))
        assert scene.run([40, 50]) == ["0 urgent_low raised", "5 urgent_low repeated"]

    def test_off_by_default(self) -> None:
        """Nothing is quiet that nobody asked for."""
        assert Scene(LOW).run([56, 56, 56, 56, 56, 60, 70]) == ["0 low raised", "30 low repeated"]

    def test_urgent_low_soon(self) -> None:
        """A forecast of the fall is not repeated while glucose rises."""
        scene = Scene(with_kind(AlertKind.URGENT_LOW_SOON, only(AlertKind.URGENT_LOW_SOON), smart_quiet=True))
        scene.chance = SOON
        assert scene.run([60, 60, 60, 60, 60, 60, 70, 69]) == [
            "0 urgent_low_soon raised",
            "35 urgent_low_soon repeated",
        ]


class TestUrgentLowSoon:
    """The forecast is an alert of its own."""

    SOON_ONLY = only(AlertKind.URGENT_LOW_SOON)

    def test_raised_repeated_and_over(self) -> None:
        """It is over as soon as an urgent low is next to impossible."""
        scene = Scene(self.SOON_ONLY)
        assert scene.read(0, 90) == []
        scene.chance = SOON
        assert scene.run([80] * 7, start=5) == ["5 urgent_low_soon raised", "35 urgent_low_soon repeated"]
        scene.chance = NOT_SOON
        assert scene.read(40, 85) == ["urgent_low_soon recovered"]

    def test_a_chance_between_ends_it_after_a_quarter_of_an_hour(self) -> None:
        """A chance that swings about the one it warns from is told once (rule A4)."""
        scene = Scene(self.SOON_ONLY)
        scene.chance = SOON
        assert scene.read(0, 80) == ["urgent_low_soon raised"]
        scene.chance = BETWEEN
        assert scene.run([82, 82], start=5) == []
        scene.chance = SOON
        assert scene.read(15, 80) == []
        scene.chance = BETWEEN
        assert scene.run([82] * 3, start=20) == ["30 urgent_low_soon recovered"]

    @pytest.mark.parametrize(
        ("sensitivity", "least"),
        [
            (Sensitivity.EARLIER, 0.12),
            (Sensitivity.BALANCED, 0.18),
            (Sensitivity.QUIETER, 0.25),
            (None, 0.18),
        ],
    )
    def test_each_setting_warns_from_its_chance_on(self, sensitivity: Sensitivity | None, least: float) -> None:
        """What is not set is balanced."""
        settings = with_kind(AlertKind.URGENT_LOW_SOON, self.SOON_ONLY, sensitivity=sensitivity)
        for chance, told in ((least - 0.001, []), (least, ["urgent_low_soon raised"])):
            scene = Scene(settings, chance=chance)
            assert scene.read(0, 80) == told

    def test_it_tells_the_chance(self) -> None:
        """Of the readings so far, while the newest is current; of other kinds there is none to tell."""
        scene = Scene(only(AlertKind.URGENT_LOW_SOON, AlertKind.LOW), chance=SOON)
        scene.run([75, 70])
        chances = {event.kind: event.chance for event in scene.events}
        assert chances[AlertKind.LOW] is None
        assert chances[AlertKind.URGENT_LOW_SOON] == urgent_low_chance(scene.readings[:1])

    def test_what_is_no_longer_current_has_no_chance(self) -> None:
        """Its end by a gap is told without one."""
        scene = Scene(self.SOON_ONLY, chance=SOON)
        scene.read(0, 80)
        assert scene.look(16) == ["urgent_low_soon ended"]
        assert scene.events[-1].chance is None

    def test_it_ends_when_it_came_true(self) -> None:
        """The urgent low tells it all, until it has recovered."""
        scene = Scene(self.SOON_ONLY)
        scene.chance = SOON
        scene.read(0, 60)
        assert scene.read(5, 55) == ["urgent_low_soon ended", "urgent_low raised"]
        assert scene.read(10, 57) == ["urgent_low repeated"]
        assert scene.read(15, 60) == ["urgent_low recovered", "urgent_low_soon raised"]

    def test_a_gap_parts_its_runs(self) -> None:
        """Foreseen again behind a gap, it is an episode of its own; a reading without it is none."""
        scene = Scene(self.SOON_ONLY)
        scene.chance = SOON
        scene.read(0, 80)
        assert scene.read(13, 75) == []
        scene.chance = BETWEEN
        assert scene.read(18, 82) == []
        scene.chance = SOON
        assert scene.read(23, 75) == []
        assert scene.read(38, 75) == ["urgent_low_soon raised"]


class TestNoData:
    """Runs on our own clock, whatever keeps the readings away."""

    NO_DATA = only(AlertKind.NO_DATA)

    def test_raised_repeated_recovered(self) -> None:
        """After 20 minutes, every 60, until a fresh reading."""
        scene = Scene(self.NO_DATA)
        scene.read(0, 100)
        assert scene.wait(0, 90) == ["20 no_data raised", "80 no_data repeated"]
        assert scene.events[0].since == at(0)
        assert scene.read(90, 100) == ["no_data recovered"]

    def test_pending_once_the_reading_is_stale(self) -> None:
        """Between 15 and 20 minutes."""
        scene = Scene(self.NO_DATA)
        scene.read(0, 100)
        scene.look(16)
        assert scene.stands(AlertKind.NO_DATA) is AlertStage.PENDING
        scene.read(17, 100)
        assert scene.stands(AlertKind.NO_DATA) is AlertStage.INACTIVE

    def test_stale_readings_do_not_end_it(self) -> None:
        """What comes 15 minutes late or later is no data about now."""
        scene = Scene(self.NO_DATA)
        scene.read(0, 100)
        scene.look(30)
        assert scene.read(14, 100, arrives=31) == []
        assert scene.read(20, 100, arrives=34) == ["no_data recovered"]

    def test_without_any_reading_ever(self) -> None:
        """It counts from the first evaluation."""
        scene = Scene(self.NO_DATA)
        assert scene.look(0) == []
        assert scene.wait(0, 30) == ["20 no_data raised"]

    def test_before_the_first_evaluation_there_is_no_deadline(self) -> None:
        """Nothing to wait for."""
        assert Scene().deadline(0) is None

    def test_over_a_restart(self) -> None:
        """The time without data goes on while we don't run; without an answer it is raised at the start."""
        scene = Scene(self.NO_DATA)
        scene.read(0, 100)
        scene.restart()
        scene.readings = []
        assert scene.look(40) == ["no_data raised"]

    def test_each_silence_is_one_of_its_own(self) -> None:
        """An answer counts for the silence it was given in."""
        scene = Scene(self.NO_DATA)
        scene.read(0, 100)
        assert scene.wait(0, 30) == ["20 no_data raised"]
        scene.acknowledge(30, AlertKind.NO_DATA)
        assert scene.wait(30, 200) == []
        scene.restart()
        scene.watched_since = at(300)
        scene.readings.append(reading(150, 100))
        assert scene.look(300) == ["no_data raised"]

    def test_readings_that_trickle_in_late_are_told_once_a_delay(self) -> None:
        """Each begins a silence of its own, but nobody needs to hear of each."""
        scene = Scene(with_kind(AlertKind.NO_DATA, self.NO_DATA, repeat=0))
        scene.read(0, 100)
        scene.wait(0, 21)
        told = [text for minute in range(5, 65, 5) for text in scene.read(minute, 100, arrives=minute + 30)]
        assert told == ["no_data raised"] * 3

    def test_snoozed_ahead(self) -> None:
        """While a new sensor warms up."""
        scene = Scene(self.NO_DATA)
        scene.read(0, 100)
        scene.snooze(1, 120, AlertKind.NO_DATA)
        assert scene.wait(1, 130) == ["121 no_data raised"]

    def test_switched_off(self) -> None:
        """Then it is none."""
        scene = Scene(only())
        scene.read(0, 100)
        assert scene.wait(0, 90) == []


class TestRestart:
    """The state is kept in each of its states."""

    @pytest.mark.parametrize("stands", list(AlertStage))
    def test_in_each_state(self, stands: AlertStage) -> None:
        """The same is told after a restart as without one."""
        told = []
        for restart in (False, True):
            scene = Scene(PATIENT_LOW)
            values = {AlertStage.INACTIVE: [90], AlertStage.PENDING: [65, 65], AlertStage.RECOVERED: [65] * 4 + [90]}
            scene.run(values.get(stands, [65] * 4), start=-5 * len(values.get(stands, [65] * 4)))
            if stands is AlertStage.SNOOZED:
                scene.snooze(-2, 20, AlertKind.LOW)
            if stands is AlertStage.ACKNOWLEDGED:
                scene.acknowledge(-2, AlertKind.LOW)
            if stands is AlertStage.TREATED:
                scene.treat(-2)
            assert scene.stands(AlertKind.LOW) is stands
            if restart:
                scene.restart()
            told.append(scene.run([65] * 12 + [90]))
        assert told[0] == told[1]
        assert told[0]

    def test_a_raised_low_is_not_raised_again(self) -> None:
        """It is known."""
        scene = Scene(LOW)
        scene.read(0, 65)
        scene.restart()
        assert scene.read(5, 64) == []

    def test_a_low_that_began_while_we_did_not_run(self) -> None:
        """It is raised at the start."""
        scene = Scene(LOW)
        scene.read(0, 100)
        scene.restart()
        scene.readings += [reading(minute, 65) for minute in (5, 10, 15)]
        assert scene.look(16) == ["low raised"]
        assert scene.events[-1].since == at(5)


class TestNight:
    """Other rules by the clock at home."""

    NIGHT = with_kind(AlertKind.LOW, LOW, night=NightSettings(limit=90, delay=timedelta(minutes=10)))

    def test_the_limit_and_the_delay_of_the_night(self) -> None:
        """From 22:00 on; each reading is judged by the settings of its time."""
        scene = Scene(self.NIGHT)
        assert scene.run([85] * 3, start=585) == []
        assert scene.run([85] * 4, start=600) == ["610 low raised"]

    def test_night_is_by_the_clock_at_home(self) -> None:
        """Elsewhere it is still day."""
        tz = ZoneInfo("America/New_York")
        assert self.NIGHT.is_night(at(600), UTC)
        assert not self.NIGHT.is_night(at(600), tz)

    def test_the_turn_of_the_night_is_a_deadline(self) -> None:
        """At 22:00, ten hours after the start, and at 07:00."""
        scene = Scene(self.NIGHT)
        assert scene.deadline(0) == at(600)
        assert scene.deadline(600) == at(600 + 9 * 60)

    def test_by_day_the_limit_of_the_day_counts_again(self) -> None:
        """And the alert of the night is over."""
        scene = Scene(self.NIGHT)
        scene.run([85] * 5, start=1115)
        assert scene.run([85], start=1140) == ["1140 low recovered", "1140 low back_in_range"]


class TestSettingsChange:
    """What is changed while an alert holds."""

    def test_a_kind_switched_off_ends(self) -> None:
        """And says so."""
        scene = Scene(LOW)
        scene.read(0, 65)
        scene.settings = only()
        assert scene.look(1) == ["low ended"]
        assert scene.stands(AlertKind.LOW) is AlertStage.INACTIVE

    def test_a_longer_delay_keeps_what_is_raised(self) -> None:
        """It isn't taken back: the delay holds back the first announcement only (S1)."""
        scene = Scene(LOW)
        scene.read(0, 65)
        scene.settings = with_kind(AlertKind.LOW, LOW, delay=45)
        assert scene.run([65] * 9, start=5) == ["30 low repeated"]


class TestDamage:
    """What a damaged file can say, and nothing breaks."""

    def test_times_that_cannot_be_lose_no_alert(self) -> None:
        """They are moved to those that can, and the alert still ends."""
        far = "9999-12-31T00:00:00+00:00"
        scene = Scene(LOW)
        scene.read(0, 65)
        stored = json.loads(json.dumps(alerts_to_dict(scene.state)))
        for kind in stored["alerts"]:
            stored["alerts"][kind] = dict.fromkeys(("since", "announced_at", "snoozed_until"), far) | {"is_told": True}
        scene.state = alerts_from_dict(stored)
        assert scene.deadline(1) is not None
        assert scene.state.alerts[AlertKind.LOW].snoozed_until
        assert {"urgent_low recovered", "low recovered"} <= set(scene.read(5, 90))
        assert scene.deadline(5) is not None


@pytest.mark.parametrize("kind", PRIORITY)
def test_a_rehearsal_is_marked_and_tells_what_is_current(kind: AlertKind) -> None:
    """It takes the path of an alert and touches no state."""
    readings = [reading(0, 100), reading(5, 110)]
    event = rehearse(kind, readings=readings, settings=DEFAULTS, now=at(6), tz=UTC)
    assert event == AlertEvent(
        type=AlertEventType.RAISED,
        kind=kind,
        time=at(6),
        since=at(6),
        reading_time=at(5),
        reading_age=timedelta(minutes=1),
        value_mgdl=None if kind is AlertKind.NO_DATA else 110,
        trend=None if kind is AlertKind.NO_DATA else Trend.FLAT,
        rate_mgdl_per_minute=None if kind is AlertKind.NO_DATA else 2.0,
        limit=DEFAULTS.kinds[kind].limit,
        chance=urgent_low_chance(readings) if kind is AlertKind.URGENT_LOW_SOON else None,
        test=True,
    )


@pytest.mark.parametrize("readings", [[], [reading(0, 100)]])
def test_a_rehearsal_without_a_current_reading_tells_no_value(readings: list[GlucoseReading]) -> None:
    """Not even a rehearsal shows an old value."""
    event = rehearse(AlertKind.LOW, readings=readings, settings=DEFAULTS, now=at(15), tz=UTC)
    assert event.value_mgdl is None
    assert event.test


@pytest.mark.parametrize(
    ("settings", "chance", "before", "value", "told"),
    [
        pytest.param(
            only(AlertKind.LOW, AlertKind.HIGH, settings=with_kind(AlertKind.HIGH, delay=0)),
            0,
            [260],
            50,
            ["high recovered", "urgent_low raised", "low raised"],
            id="a high is over and a low begins in one upload",
        ),
        pytest.param(
            only(AlertKind.URGENT_LOW_SOON),
            SOON,
            [76],
            54,
            ["urgent_low_soon ended", "urgent_low raised"],
            id="an urgent low that was to come has come",
        ),
    ],
)
def test_what_is_over_is_never_the_last_word(
    settings: AlertSettings, chance: float, before: list[int], value: int, told: list[str]
) -> None:
    """Of one evaluation what is over is told first, then what holds: the last event is about an alert that runs."""
    scene = Scene(settings, chance=chance)
    scene.run(before)
    assert scene.read(5, value) == told
