"""The forecast benchmark: how it counts, on made-up series and on recorded traces."""

from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from custom_components.dexcom_share.glucose.alerts.engine import fold
from custom_components.dexcom_share.glucose.alerts.kinds import AlertKind
from custom_components.dexcom_share.glucose.alerts.settings import AlertSettings, Sensitivity
from custom_components.dexcom_share.glucose.alerts.state import Judged
from custom_components.dexcom_share.glucose.forecast import urgent_low_chance
from custom_components.dexcom_share.share.models import GlucoseReading
from scripts.benchmarks.calibration import Calibration
from scripts.benchmarks.forecast import (
    Count,
    Outlook,
    add_arguments,
    alerts,
    ar2,
    becomes_low,
    consecutive,
    count_conditions,
    intervals,
    last_value,
    low_at_70,
    onsets,
    run,
    straight_line,
    total,
    value_after,
    warnings,
)
from scripts.benchmarks.traces import load_traces

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TRACES = Path(__file__).parents[2].parent / "shared" / "cgm"


def series(*values: int, seconds: float = 300) -> list[GlucoseReading]:
    """Return readings in equal steps, the newest at NOW."""
    return [
        GlucoseReading(NOW - timedelta(seconds=seconds * back), value)
        for back, value in zip(reversed(range(len(values))), values, strict=True)
    ]


def test_onset_needs_six_consecutive_readings_before_it() -> None:
    """An onset is the first reading < 55 after six at or above it without a gap."""
    assert onsets(series(60, 60, 60, 60, 60, 55, 54, 50)) == [6]
    assert onsets(series(60, 60, 60, 60, 60, 54)) == []
    assert onsets(series(54, 60, 60, 60, 60, 60, 54)) == []
    assert onsets(series(60, 60, 60, 60, 60, 60, 55)) == []
    readings = series(60, 60, 60, 60, 60, 60, 60, 54)
    assert onsets(readings) == [7]
    assert onsets(readings[:4] + readings[5:]) == []


def test_consecutive() -> None:
    """Steps up to 7.5 min connect, longer ones and none at all don't."""
    assert consecutive(series(1, 2, 3, seconds=450))
    assert not consecutive(series(1, 2, 3, seconds=451))
    assert not consecutive(series(1, 2, seconds=0))


def test_an_alert_begins_after_six_readings_without() -> None:
    """A condition that comes back within six readings is the same alert."""
    assert alerts([False, True, True, *[False] * 5, True, *[False] * 6, True]) == [1, 15]
    assert alerts([True]) == [0]


def test_count_of_caught_and_false() -> None:
    """Leads are counted from the first of the six readings, an alert is false without a low in the eight from it."""
    count = Count()
    readings = series(70, 70, 65, 64, 62, 60, 58, 54, *[100] * 20)
    conditions = [False] * len(readings)
    conditions[0] = conditions[4] = conditions[6] = conditions[20] = True
    count_conditions(readings, conditions, count)
    assert count.onsets == 1
    assert count.leads_minutes == [15]
    assert count.false_alerts == 1
    count_conditions(series(*[60] * 6, 54), [False] * 7, count)
    assert count.figures() == {
        "onsets": 2,
        "sensitivity": 0.5,
        "false_per_day": round(288 / 35, 3),
        "near_share": 0,
        "median_lead_min": 15,
        "mean_error_mgdl": None,
    }
    assert set(Count().figures().values()) == {0, None}


def test_a_low_in_the_eight_readings_from_it_makes_an_alert_true() -> None:
    """The reading of the alert is the first of the eight."""
    for low, false in ((7, 0), (8, 1)):
        readings = series(*[60] * low, 54, *[60] * 3)
        count = Count()
        count_conditions(readings, [True, *[False] * (len(readings) - 1)], count)
        assert count.false_alerts == false


def test_a_false_alert_followed_by_a_value_below_60_is_near() -> None:
    """A true one never is."""
    for lowest, false, near in ((60, 1, 0), (59, 1, 1), (55, 1, 1), (54, 0, 0)):
        count = Count()
        count_conditions(series(70, 70, lowest, *[70] * 8), [True, *[False] * 10], count)
        assert (count.false_alerts, count.near) == (false, near)


@pytest.mark.parametrize(
    ("after", "low"),
    [((70, 70, 70, 54), True), ((70, 70, 70, 70, 54), False), ((54,), True), ((70, 70, 70), None)],
)
def test_what_came_of_a_chance(after: tuple[int, ...], low: bool | None) -> None:
    """A low among the four readings that follow; where there are fewer, only a low is an answer."""
    assert becomes_low(series(60, *after), 0) is low


def test_a_low_after_a_gap_is_no_answer() -> None:
    """What comes more than 22.5 min later doesn't tell of the next 20."""
    assert becomes_low(series(60, 54, seconds=1351), 0) is None


def test_the_calibration_sets_what_was_said_against_what_came() -> None:
    """Each chance counts in the row of its span, certainty in the last."""
    calibration = Calibration()
    for chance, came_true in ((0.1, True), (0.14, False), (0.149, False), (0.15, True), (1.0, True)):
        calibration.add(chance, came_true=came_true)
    rows = {row["from"]: row for row in calibration.rows() if row["readings"]}
    assert rows[0.1] == {"from": 0.1, "to": 0.15, "readings": 3, "said": 0.13, "observed": 0.333}
    assert [rows[start]["readings"] for start in (0.15, 0.6)] == [1, 1]


def test_intervals_come_from_drawing_people() -> None:
    """People who are all alike leave no doubt, people who differ do."""
    alike = [Count(onsets=10, leads_minutes=[10.0] * 8, false_alerts=2, readings=288)] * 5
    assert intervals(alike, 50) == {"sensitivity_95": [0.8, 0.8], "false_per_day_95": [2, 2]}
    other = Count(onsets=10, leads_minutes=[10.0] * 4, false_alerts=9, readings=288)
    low, high = intervals([*alike, other], 200)["sensitivity_95"]
    assert low < total([*alike, other]).figures()["sensitivity"] < high  # type: ignore[operator]


@pytest.mark.parametrize("sensitivity", Sensitivity)
def test_the_condition_is_that_of_the_engine(sensitivity: Sensitivity) -> None:
    """What is counted is what the alert engine does, on readings that wander above 55 mg/dL and have gaps."""
    random = Random(4)
    readings: list[GlucoseReading] = []
    time, value = NOW, 80
    for _ in range(3000):
        time += timedelta(minutes=random.choice((5, 5, 5, 5, 5, 5, 10, 20)))
        value = min(max(value + random.randint(-9, 9), 56), 110)
        readings.append(GlucoseReading(time, value))
    chances = [urgent_low_chance(readings[max(0, end - 24) : end]) for end in range(1, len(readings) + 1)]
    stored = {"kinds": {"urgent_low_soon": {"sensitivity": sensitivity}}}
    judged = fold(Judged(), readings, 0, settings=AlertSettings.from_dict(stored), tz=UTC)
    conditions = warnings(readings, chances, sensitivity)
    assert conditions == [each.episodes[AlertKind.URGENT_LOW_SOON].is_raised for each in judged]
    assert 100 < sum(conditions) < 2700


def test_value_after_20_minutes() -> None:
    """The value 20 min later is that of the reading within 2.5 min of then."""
    readings = series(1, 2, 3, 4, 5, 6)
    assert value_after(readings, 0) == 5
    assert value_after(readings, 2) is None
    assert value_after(readings[:4] + readings[5:], 0) is None


def test_peers_formulas() -> None:
    """The straight line through four readings, AR2 of the last two, and no change."""
    line = straight_line(series(85, 80, 75, 70))
    assert line == Outlook(value_mgdl=50, warns=True)
    assert straight_line(series(80, 75, 70)) is None
    # 140, 140 stays; 100 falling by 10: ln(110/140) = -0.2412, ln(100/140) = -0.3365, then -0.4030, -0.4483,
    # -0.4778 and -0.4958: 140 * exp(-0.4958) = 85.3.
    assert ar2(series(140, 140)) == Outlook(value_mgdl=140, warns=False)
    assert ar2(series(110, 100)) == Outlook(value_mgdl=85, warns=False)
    assert ar2(series(110, 100, seconds=600)) is None
    assert low_at_70(series(80, 70)) == Outlook(value_mgdl=70, warns=True)
    assert low_at_70(series(60, 71)) == Outlook(value_mgdl=71, warns=False)
    assert last_value(series(110, 55)) == Outlook(value_mgdl=55, warns=True)


def test_benchmark_of_a_folder(tmp_path: Path) -> None:
    """A folder of traces gives one row for each rule, with the names of the contract."""
    rows = [f"2026-01-01 00:{minute:02}:00,{110 - minute}" for minute in range(0, 60, 5)]
    (tmp_path / "one.csv").write_text("\n".join(["timestamp,glucose_value_mg_dl", *rows, "2026-01-01 01:00:00,54"]))
    report = run_benchmark(tmp_path)
    assert list(report) == ["ours", "earlier", "quieter", "low_at_70", "straight_line", "ar2", "last_value"]
    assert report["ours"]["onsets"] == 1
    assert report["ours"]["sensitivity"] == 1
    assert report["ours"]["false_per_day"] == 0
    assert sum(row["readings"] for row in report["ours"]["calibration"]) == 11
    assert report["ours"]["microseconds"] > 0
    assert "sensitivity_95" not in report["ours"]


def test_benchmark_of_some_people(tmp_path: Path) -> None:
    """People are chosen by name over several folders, and drawn for the intervals."""
    for name in ("a_1", "a_2", "b_1"):
        folder = tmp_path / name[0]
        folder.mkdir(exist_ok=True)
        rows = [f"2026-01-01 00:{minute:02}:00,{110 - minute}" for minute in range(0, 60, 5)]
        (folder / f"{name}.csv").write_text(
            "\n".join(["timestamp,glucose_value_mg_dl", *rows, "2026-01-01 01:00:00,54"])
        )
    folders = [tmp_path / "a", tmp_path / "b"]
    assert run_benchmark(*folders)["ours"]["onsets"] == 3
    report = run_benchmark(*folders, options=("--people", "a_*", "--draws", "20"))
    assert report["ours"]["onsets"] == 2
    assert report["ours"]["sensitivity_95"] == [1, 1]
    with pytest.raises(SystemExit, match=r"c_\*: no such people"):
        run_benchmark(*folders, options=("--people", "c_*"))


def test_traces_say_what_is_wrong_with_them(tmp_path: Path) -> None:
    """A missing or empty folder, and a file of something else, end with a message that names it."""
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(SystemExit, match="no CSV files"):
            load_traces(folder)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(SystemExit, match=r"other\.csv"):
        load_traces(tmp_path)


def test_traces_are_sorted_whole_and_without_duplicates(tmp_path: Path) -> None:
    """Times without a zone are UTC, values whole, the first reading of a time counts."""
    (tmp_path / "b.csv").write_text(
        "timestamp,glucose_value_mg_dl\n2026-01-01 00:05:00,99.6\n2026-01-01 00:05:00,50\n"
        "2026-01-01T01:00:00+01:00,80\n"
    )
    (trace,) = load_traces(tmp_path)
    assert trace.name == "b"
    assert [(reading.time, reading.value) for reading in trace.readings] == [
        (datetime(2026, 1, 1, tzinfo=UTC), 80),
        (datetime(2026, 1, 1, 0, 5, tzinfo=UTC), 100),
    ]


@pytest.mark.skipif(not TRACES.is_dir(), reason="needs the recorded traces")
def test_recorded_traces_meet_the_requirement() -> None:
    """On real traces lows are announced, early enough and seldom in vain, and better than by the other rules."""
    report = run_benchmark(TRACES)
    ours, earlier, quieter, ar2s, lines = (
        report[name] for name in ("ours", "earlier", "quieter", "ar2", "straight_line")
    )
    assert ours["onsets"] >= 70
    assert ours["sensitivity"] >= 0.94
    assert ours["false_per_day"] <= 0.33
    assert ours["median_lead_min"] >= 10
    assert earlier["sensitivity"] > ours["sensitivity"] > quieter["sensitivity"]
    assert earlier["false_per_day"] > ours["false_per_day"] > quieter["false_per_day"]
    assert ours["sensitivity"] > ar2s["sensitivity"] + 0.05
    assert ours["false_per_day"] < lines["false_per_day"] / 2
    assert ours["mean_error_mgdl"] <= min(rule["mean_error_mgdl"] for rule in report.values())
    for row in ours["calibration"]:
        if row["readings"] >= 100:
            assert abs(row["observed"] - row["said"]) <= 0.08


def run_benchmark(*folders: Path, options: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the figures of the benchmark for folders of traces."""
    parser = ArgumentParser()
    add_arguments(parser)
    report = run(parser.parse_args(["--traces", *map(str, folders), *options]))
    assert all(name in report.table() for name in ("low_at_70", "observed"))
    figures: dict[str, Any] = json.loads(report.json())
    return figures
