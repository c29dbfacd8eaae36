"""The scenario benchmark: what it reads, plays and prints."""

from argparse import ArgumentParser, Namespace
import json
from pathlib import Path
from typing import Any

import pytest

from scripts.benchmarks import scenario
from scripts.benchmarks.scenarios.player import Outcome, play
from scripts.benchmarks.scenarios.random_days import random_day
from scripts.benchmarks.scenarios.steps import ScenarioError, parse, read_file

pytestmark = pytest.mark.usefixtures("socket_enabled")

BEFORE: dict[str, Any] = {"at": -900, "readings": {"every": 300, "values": [110, 110, 110]}}
START: dict[str, Any] = {"at": 0, "do": "start"}


def played(*steps: dict[str, Any], end: float = 900) -> Outcome:
    """Return what comes of a start and some steps."""
    return play(parse({"name": "test", "steps": [BEFORE, START, *steps, {"at": end, "do": "end"}]}))


def told(outcome: Outcome) -> list[tuple[str, str]]:
    """Return what was told, and about which kind."""
    return [(entry["told"], entry["kind"]) for entry in outcome.timeline if "told" in entry]


def ran(outcome: Outcome) -> list[str]:
    """Return the kinds whose automations ran."""
    return [entry["ran"] for entry in outcome.timeline if "ran" in entry]


def shown(outcome: Outcome, at: float) -> object:
    """Return what is shown as the value at a moment."""
    return [entry["shown"] for entry in outcome.timeline if "shown" in entry and entry["at"] <= at][-1]


def test_a_low_is_shown_told_and_heard() -> None:
    """The timeline has the poll, the value, the announcement and the run of the automation."""
    outcome = played({"at": 300, "reading": 65})
    assert ("raised", "low") in told(outcome)
    assert "low" in ran(outcome)
    assert shown(outcome, 299) == 110
    assert shown(outcome, 340) == 65
    [raised] = [entry for entry in outcome.timeline if entry.get("told") == "raised" and entry["kind"] == "low"]
    assert raised["value"] == 65
    assert 10 <= raised["reading_age"] <= 40
    assert 310 <= raised["at"] <= 340
    assert any(entry.get("poll") == "new" and entry["at"] == raised["at"] for entry in outcome.timeline)
    assert (outcome.offered, outcome.kept, outcome.logins, outcome.refused_logins) == (4, 4, 1, 0)
    assert not outcome.has_errors


def test_the_timeline_is_in_order_and_ends_with_the_scenario() -> None:
    """Nothing that the end of the player causes is in it."""
    outcome = played({"at": 300, "reading": 65})
    times = [entry["at"] for entry in outcome.timeline]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= 900


def test_a_reading_stamped_ahead_is_served_at_once() -> None:
    """What counts is when Share has it."""
    assert shown(played({"at": 300, "reading": 104, "stamp": 840}), 340) == 104


def test_one_upload_brings_all_its_readings() -> None:
    """`available` holds for each of several."""
    outcome = played({"at": 0, "readings": {"every": 150, "values": [100, None, 101]}, "available": 600})
    assert [entry["at"] > 600 for entry in outcome.timeline if entry.get("poll") == "new"] == [False, True]
    assert outcome.offered == 5


def test_a_kill_keeps_what_was_on_the_disk() -> None:
    """And the next start knows the person and the readings."""
    outcome = played({"at": 300, "reading": 65}, {"at": 400, "do": "kill"}, {"at": 500, "do": "start"})
    assert outcome.kept == 4
    assert outcome.logins == 2
    assert shown(outcome, 600) == 65


def test_nothing_is_written_to_a_broken_disk() -> None:
    """A start after a kill finds what was there before the break; what Share still has comes anew."""
    steps: list[dict[str, Any]] = [
        {"at": 100, "do": "break", "part": "storage"},
        {"at": 300, "reading": 100},
        {"at": 400, "do": "kill"},
        {"at": 410, "do": "faults", "switches": {"empty_list": True}},
        {"at": 500, "do": "start"},
    ]
    assert played(*steps).kept == 3
    assert played(*steps[1:]).kept == 4


def test_a_stop_does_not_wait_for_a_disk_that_hangs() -> None:
    """It ends at its time, so that the next start comes at its own."""
    outcome = played(
        {"at": 100, "do": "hang", "part": "storage"},
        {"at": 300, "reading": 100},
        {"at": 400, "do": "stop"},
        {"at": 401, "do": "clock", "seconds": 0},
        {"at": 860, "do": "clock", "seconds": 0},
    )
    assert all(entry["at"] <= 401 for entry in outcome.timeline)


def test_the_wall_clock_moves_and_the_true_time_does_not() -> None:
    """The simulator goes on by the true time; the calls come as before."""
    still, moved = (
        played({"at": 100, "do": "clock", "seconds": seconds}, {"at": 300, "reading": 100}) for seconds in (0, 20)
    )
    assert shown(moved, 700) == shown(still, 700) == 100
    assert moved.offered == still.offered == 4


def test_switches_are_turned_on_and_off() -> None:
    """Also across a restart; a failed poll is in the timeline."""
    outcome = played(
        {"at": 100, "do": "faults", "switches": {"html_status": 503, "delay_seconds": 1.0}},
        {"at": 200, "do": "stop"},
        {"at": 210, "do": "start"},
        {"at": 250, "do": "faults", "switches": {"html_status": None, "delay_seconds": None}},
        {"at": 260, "reading": 100},
    )
    polls = [(entry["at"] >= 250, entry["poll"]) for entry in outcome.timeline if "poll" in entry]
    assert (False, "failed") in polls
    assert (True, "new") in polls


def test_a_person_answers_and_mutes() -> None:
    """By the actions and the switch."""
    outcome = played(
        {"at": 60, "do": "mute"},
        {"at": 200, "do": "unmute"},
        {"at": 300, "reading": 65},
        {"at": 400, "do": "acknowledge"},
        {"at": 450, "do": "snooze", "kinds": ["low"]},
        {"at": 500, "do": "unsnooze", "kinds": ["low"]},
        {"at": 550, "do": "snooze", "kinds": ["low"], "minutes": 5},
    )
    answers = [what for what, kind in told(outcome) if kind == "low" and what != "raised"]
    assert answers[:4] == ["acknowledged", "snoozed", "unsnoozed", "snoozed"]


def test_settings_hold_from_the_start_and_at_once() -> None:
    """Set before the first start, and while Home Assistant runs."""
    steps = [
        {"at": -1000, "do": "set", "kind": "low", "limit_mgdl": 80},
        BEFORE,
        START,
        {"at": 300, "reading": 78},
        {"at": 400, "do": "set", "kind": "low", "enabled": False},
        {"at": 600, "reading": 60},
        {"at": 900, "do": "end"},
    ]
    outcome = play(parse({"steps": steps}))
    raised = [entry["value"] for entry in outcome.timeline if entry.get("told") == "raised" and entry["kind"] == "low"]
    assert raised == [78]


def test_a_follower_is_removed() -> None:
    """As the simulator sees it."""
    outcome = played({"at": 100, "do": "invite", "minutes": 5}, {"at": 300, "reading": 100})
    [removed] = [entry["at"] for entry in outcome.timeline if "removed" in entry]
    assert 400 <= removed <= 480


def test_a_broken_listener_and_recorder_stay_broken() -> None:
    """Also after a restart; the player itself goes on."""
    outcome = played(
        {"at": 100, "do": "break", "part": "listener"},
        {"at": 110, "do": "break", "part": "recorder"},
        {"at": 110, "do": "break", "part": "recorder"},
        {"at": 200, "do": "stop"},
        {"at": 210, "do": "start"},
        {"at": 300, "reading": 65},
    )
    assert ("raised", "low") in told(outcome)


def test_what_is_done_while_off_is_said_and_does_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """It is no mistake of the file."""
    outcome = played({"at": 100, "do": "stop"}, {"at": 200, "do": "acknowledge"})
    assert "`acknowledge` at 200: Home Assistant does not run" in capsys.readouterr().err
    assert not told(outcome)


MISTAKES: list[tuple[object, str]] = [
    ([], "a scenario is a JSON object"),
    ({"steps": {}}, "`steps` is not a list"),
    ({"name": 1, "steps": []}, "`name` is not a text"),
    ({"steps": [], "latency": -1}, "`latency` is not a number"),
    ({"steps": [1]}, "step 1: a step is a JSON object"),
    ({"steps": [{"at": 0}]}, "step 1: a step has one of"),
    ({"steps": [{"do": "start"}]}, "`at` is not a number"),
    ({"steps": [{"at": 5, "do": "start"}, {"at": 4, "do": "end"}]}, "step 2: it is at 4, before"),
    ({"steps": [{"at": 0, "do": "dance"}]}, "`do` is not one of"),
    ({"steps": [{"at": 0, "do": "start", "now": 1}]}, "unknown: now"),
    ({"steps": [{"at": 0, "reading": 38}]}, "a reading is a whole number from 39 to 401, not 38"),
    ({"steps": [{"at": 0, "reading": 100, "trend": "Sideways"}]}, "`trend` is not one of"),
    ({"steps": [{"at": 0, "readings": {"every": 300}}]}, "`readings` has"),
    ({"steps": [{"at": 0, "do": "snooze", "kinds": ["lows"]}]}, "`kinds` is not a list of some of"),
    ({"steps": [{"at": 0, "do": "set", "kind": "lows"}]}, "`kind` is not one of"),
    ({"steps": [{"at": 0, "do": "set", "kind": "low", "enabled": 1}]}, "`enabled` is not true or false"),
    ({"steps": [{"at": 0, "do": "faults"}]}, "`switches` is a JSON object"),
    ({"steps": [{"at": 0, "do": "faults", "switches": {"html": 1}}]}, "there is no switch `html`"),
    ({"steps": [{"at": 0, "do": "hang", "part": "listener"}]}, "`part` is not one of storage"),
    ({"steps": [{"at": 0, "do": "stop"}]}, "the `stop` at 0 finds Home Assistant not running"),
    ({"steps": [START, {"at": 9, "do": "start"}]}, "the `start` at 9 finds Home Assistant running"),
]


@pytest.mark.parametrize(("value", "message"), MISTAKES, ids=[message for _, message in MISTAKES])
def test_a_mistake_is_told_with_its_place(value: object, message: str) -> None:
    """Whoever wrote the scenario finds it."""
    with pytest.raises(ScenarioError, match=message.replace("(", r"\(")):
        parse(value)


def test_a_file_holds_one_scenario_or_one_a_line(tmp_path: Path) -> None:
    """Pretty-printed or not."""
    file = tmp_path / "file.json"
    one = {"name": "a", "steps": [START]}
    file.write_text(json.dumps(one, indent=1))
    assert [scenario.name for scenario in read_file(file)] == ["a"]
    file.write_text(json.dumps(one) + "\n\n" + json.dumps({**one, "name": "b"}) + "\n")
    assert [scenario.name for scenario in read_file(file)] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "the file is empty"), ("{", "Expecting"), ('{"steps": []}\n{', "line 2"), ('{"steps": []}\n[]', "line 2: a")],
)
def test_a_file_that_makes_no_sense_ends_with_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    """With the place on stderr."""
    file = tmp_path / "file.json"
    file.write_text(text)
    with pytest.raises(SystemExit) as exit_info:
        scenario.run(arguments(str(file)))
    assert exit_info.value.code == 2
    assert message in capsys.readouterr().err


def arguments(*given: str) -> Namespace:
    """Return the options as the command line gives them."""
    parser = ArgumentParser()
    scenario.add_arguments(parser)
    return parser.parse_args(given)


def test_the_answer_has_the_form_of_the_contract(tmp_path: Path) -> None:
    """One object, the scenarios in order."""
    file = tmp_path / "file.json"
    file.write_text(json.dumps({"name": "a", "steps": [BEFORE, START, {"at": 400, "do": "end"}]}))
    report = scenario.run(arguments(str(file)))
    [answer] = json.loads(report.json())["scenarios"]
    assert set(answer) == {"name", "timeline", "offered", "kept", "calls", "logins", "refused_logins"}
    assert report.exit_code == 0
    assert "data_status=ok" in report.table()


def test_a_random_day_is_the_same_for_the_same_seed() -> None:
    """And it is a scenario."""
    assert random_day(3) == random_day(3) != random_day(4)
    for seed in range(50):
        parse(random_day(seed))
