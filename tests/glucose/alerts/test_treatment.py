"""Treat and look again: quiet for a while, and then told again unless it has helped."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from custom_components.dexcom_share.glucose.alerts.kinds import AlertKind
from custom_components.dexcom_share.glucose.alerts.state import AlertStage
from custom_components.dexcom_share.glucose.alerts.stored import alerts_from_dict, alerts_to_dict

from .test_engine import LOW, SOON, Scene, at, only, reading, with_kind

ONCE = with_kind(AlertKind.LOW, LOW, repeat=0)
"""A low that is told once, so that what is told later is told because of the treatment."""


def treated(values: Sequence[int], *, minute: float = 6, length: float = 15) -> Scene:
    """Return a scene with a low treated a minute after the last of its readings."""
    scene = Scene(ONCE)
    assert scene.run(values, start=minute - 1 - 5 * (len(values) - 1))[-1:] == [f"{minute - 1:g} low raised"]
    assert scene.treat(minute, length) == ["low treated"]
    assert scene.stands(AlertKind.LOW) is AlertStage.TREATED
    assert scene.events[-1].until == at(minute + length)
    return scene


@pytest.mark.parametrize(
    ("values", "told"),
    [
        pytest.param([64, 64, 64, 64], ["21 low repeated"], id="it is told again when the time is over"),
        pytest.param([64, 63, 61, 61], ["21 low repeated"], id="a small fall is waited with"),
        pytest.param([60, 57, 60, 64], ["15 low repeated"], id="a fall by 10 is told at once, and once"),
        pytest.param([64, 64, 67, 70, 73], [], id="a rise is given time"),
        pytest.param([64, 64, 67, 70, 70, 70], ["30 low repeated"], id="a rise that stops is told"),
        pytest.param([64, 64, 65, 66, 67], ["21 low repeated"], id="a change by 1 is no rise"),
        pytest.param([70, 75, 80, 80], ["15 low recovered"], id="it may recover before"),
    ],
)
def test_quiet_and_told_again(values: list[int], told: list[str]) -> None:
    """A low of 67 that was treated is quiet for 15 minutes; readings come every five minutes."""
    scene = treated([67])
    found = []
    for place, value in enumerate(values):
        minute = 10 + 5 * place
        found += scene.wait(minute - 5 if place else 6, minute)
        found += [f"{minute} {text}" for text in scene.read(minute, value)]
    assert [text for text in found if "back_in" not in text] == told


def test_it_is_no_acknowledgement() -> None:
    """Also one that was acknowledged before speaks again, and after that as if nobody had answered."""
    scene = Scene(with_kind(AlertKind.LOW, LOW, repeat=15))
    scene.read(0, 65)
    scene.acknowledge(1, AlertKind.LOW)
    scene.treat(2)
    assert scene.run([65] * 6, start=5) == ["20 low repeated"]
    assert scene.stands(AlertKind.LOW) is AlertStage.ACTIVE
    assert scene.read(35, 65) == ["low repeated"]


@pytest.mark.parametrize(("asked", "minutes"), [(0, 10), (10, 10), (30, 30), (600, 30)])
def test_the_quiet_lasts_ten_to_thirty_minutes(asked: float, minutes: float) -> None:
    """Whatever is asked for."""
    scene = Scene(ONCE)
    scene.read(0, 65)
    scene.treat(1, asked)
    assert scene.events[-1].until == at(1 + minutes)


def test_an_urgent_low_is_told_after_fifteen_minutes_whatever_it_does() -> None:
    """Also where more quiet was asked for, where it was treated again meanwhile, and where glucose rises."""
    scene = Scene()
    scene.read(0, 48)
    assert scene.treat(1, 30) == ["urgent_low treated", "low treated"]
    assert scene.run([49, 50], start=5) == []
    scene.treat(11, 30)
    assert scene.read(15, 52) == []
    assert scene.wait(15, 20) == ["16 urgent_low repeated"]
    assert scene.read(20, 54) == ["urgent_low repeated"]


def test_an_acknowledged_urgent_low_is_treated_for_no_longer_than_it_may_be_quiet() -> None:
    """Half an hour after its last announcement it is told."""
    scene = Scene(only())
    scene.read(0, 50)
    scene.acknowledge(1, AlertKind.URGENT_LOW)
    assert scene.run([50] * 4, start=5) == []
    scene.treat(21)
    assert scene.read(25, 50) == []
    assert scene.read(30, 50) == ["urgent_low repeated"]


def test_an_urgent_low_whose_readings_stop_is_told_as_last_known() -> None:
    """Treating is no acknowledgement: it does not end."""
    scene = Scene(only())
    scene.read(0, 48)
    scene.treat(4)
    assert scene.wait(4, 20) == ["19 urgent_low repeated"]
    assert scene.events[-1].last_known


def test_a_low_that_becomes_urgent_is_told() -> None:
    """What was not raised when it was treated is news, and low speaks again with it."""
    scene = Scene()
    scene.read(0, 60)
    scene.treat(1)
    assert scene.read(5, 55) == ["urgent_low raised"]
    assert scene.stands(AlertKind.LOW) is AlertStage.ACTIVE


def test_a_low_that_comes_after_treating_waits() -> None:
    """Glucose often falls on for some minutes: the low that was to come is told if it still is one after the time."""
    scene = Scene(only(AlertKind.LOW, AlertKind.URGENT_LOW_SOON), chance=SOON)
    assert scene.read(0, 76) == ["urgent_low_soon raised"]
    assert scene.treat(1) == ["urgent_low_soon treated"]
    assert scene.run([72, 69, 69], start=5) == []
    assert scene.wait(15, 20) == ["16 urgent_low_soon repeated", "16 low raised"]


def test_treating_without_any_alert_is_noted() -> None:
    """It is told with the low, whose next announcement waits; a treatment whose time is over with nothing low ends."""
    scene = Scene(LOW)
    scene.read(0, 76)
    assert scene.treat(1) == ["low treated"]
    assert scene.stands(AlertKind.LOW) is AlertStage.INACTIVE
    assert scene.read(5, 70) == []
    assert scene.read(10, 78) == []
    assert scene.wait(10, 20) == []
    assert scene.read(20, 70) == ["low raised"]


def test_after_a_recovery_a_new_low_is_told() -> None:
    """A treatment is about the low it was given for."""
    scene = treated([67], length=30)
    assert scene.read(10, 76) == ["low recovered", "low back_in_range"]
    assert scene.read(15, 68) == ["low raised"]


def test_a_batch_is_judged_as_the_readings_come_one_by_one() -> None:
    """A fall in the middle of an upload counts, a recovery as well, and late readings do."""
    scene = treated([67])
    scene.readings += [reading(10, 57), reading(15, 60)]
    assert scene.read(20, 64) == ["low repeated"]
    scene = treated([67], length=30)
    scene.readings += [reading(10, 78), reading(15, 69)]
    assert scene.read(20, 69) == ["low recovered", "low raised"]
    scene = treated([67])
    assert scene.read(15, 66) == []
    assert scene.read(10, 57, arrives=16) == ["low repeated"]


def test_a_gap_ends_the_alert_and_not_the_quiet() -> None:
    """What comes after it is told when the time is over, as new."""
    scene = treated([67], length=30)
    assert scene.wait(6, 24) == ["20.0833 low ended"]
    assert scene.read(25, 66) == []
    assert scene.read(30, 66) == []
    assert scene.wait(30, 37) == ["36 low raised"]


def test_muting_goes_before_the_second_look() -> None:
    """It is told as soon as alerts are on again."""
    scene = treated([67])
    scene.muted = True
    assert scene.run([66, 66, 66], start=10) == []
    assert scene.wait(20, 25) == []
    scene.muted = False
    assert scene.read(25, 66) == ["low repeated"]


@pytest.mark.parametrize("after", [AlertStage.SNOOZED, AlertStage.ACKNOWLEDGED, AlertStage.ACTIVE])
def test_the_latest_answer_counts(after: AlertStage) -> None:
    """A snooze or an acknowledgement takes the place of a treatment, and unsnoozing ends it."""
    scene = treated([67])
    if after is AlertStage.SNOOZED:
        scene.snooze(7, 60, AlertKind.LOW)
    elif after is AlertStage.ACKNOWLEDGED:
        scene.acknowledge(7, AlertKind.LOW)
    else:
        assert scene.unsnooze(7, AlertKind.LOW) == ["low unsnoozed"]
    assert scene.stands(AlertKind.LOW) is after
    assert scene.run([66] * 5, start=10) == []


def test_a_restart_keeps_it() -> None:
    """The time goes on, and what has fallen since is seen."""
    for value, told in ((66, []), (57, ["low repeated"])):
        scene = treated([67])
        scene.restart()
        assert scene.read(10, value) == told
        scene.restart()
        assert scene.wait(10, 22) == ([] if told else ["21 low repeated"])


def test_a_damaged_file_keeps_nothing_quiet_for_longer() -> None:
    """No time is taken from it that could not have been set; without its reading, the time counts alone."""
    scene = treated([67])
    stored = alerts_to_dict(scene.state)
    low = replace(scene.state.alerts[AlertKind.LOW], treated_until=at(5000), treated_reading=None, answered_by=None)
    scene.state = alerts_from_dict(alerts_to_dict(scene.state.with_alert(AlertKind.LOW, low)))
    assert alerts_from_dict(stored) != scene.state
    assert scene.run([66] * 6, start=10) == []
    assert scene.wait(35, 41) == ["40 low repeated"]


def test_a_missing_reading_holds_no_low_back() -> None:
    """Whether glucose still rises is not known once the next reading is overdue (S2)."""
    scene = treated([67])
    assert scene.run([67, 70], start=10) == []
    assert scene.wait(15, 45) == ["26 low repeated", "30.0833 low ended"]


def test_damage_keeps_an_urgent_low_quiet_for_no_longer_than_treating() -> None:
    """A clock that ran ahead, or a damaged file, makes 15 minutes no longer."""
    scene = Scene(only())
    scene.read(0, 48)
    scene.treat(1)
    urgent = replace(scene.state.alerts[AlertKind.URGENT_LOW], treated_until=at(5000))
    scene.state = scene.state.with_alert(AlertKind.URGENT_LOW, urgent)
    scene.restart()
    assert scene.run([50, 50, 50, 50], start=5) == ["20 urgent_low repeated"]


def test_a_low_that_begins_after_treating_and_a_fall_of_ten_is_told_at_once() -> None:
    """Treating ahead keeps no real fall quiet, and a restart in between changes nothing."""
    scene = Scene(LOW)
    scene.read(0, 78)
    scene.treat(1, 30)
    scene.restart()
    assert scene.run([73, 68], start=5) == ["10 low raised"]


@pytest.mark.parametrize("restarts_at", [17, 22])
def test_a_restart_over_the_end_tells_it_at_once(restarts_at: float) -> None:
    """Also where Home Assistant was off when the time was over."""
    scene = treated([67])
    scene.read(10, 67)
    scene.read(15, 67)
    scene.watched_since = at(restarts_at)
    scene.restart()
    assert scene.look(restarts_at) == ([] if restarts_at < 21 else ["low repeated"])
    assert scene.wait(restarts_at, 24) == (["21 low repeated"] if restarts_at < 21 else [])


def test_treating_again_and_again_silences_no_urgent_low_that_begins_later() -> None:
    """It was not raised when anybody treated."""
    scene = Scene()
    scene.read(0, 66)
    scene.treat(1, 30)
    scene.treat(4, 30)
    assert scene.run([60, 55], start=5) == ["10 urgent_low raised"]
    assert scene.stands(AlertKind.LOW) is AlertStage.ACTIVE
