"""What the readings of a window tell, all together."""

from datetime import time
from zoneinfo import ZoneInfo

import pytest

from custom_components.dexcom_share.glucose.statistics.goals import HIGH_RISK, STANDARD
from custom_components.dexcom_share.glucose.statistics.report import make_report, make_statistics
from custom_components.dexcom_share.glucose.statistics.time_of_day import HoursOfDay
from custom_components.dexcom_share.glucose.statistics.windowed import Window

from .making import DAY, HOUR, MINUTE, START, counted

TODAY = Window(start=START, end=START + DAY)
BERLIN = ZoneInfo("Europe/Berlin")


def test_enough_readings_have_everything() -> None:
    """GMI and verdicts."""
    statistics = make_statistics(counted([None] * 87 + [150] * 202), TODAY)
    assert statistics.sufficiency.is_sufficient
    assert statistics.gmi_percent == pytest.approx(6.898)
    assert statistics.gmi_mmol_mol == pytest.approx(12.71 + 4.70587 * 150 / 18.016)
    assert [verdict.is_met for verdict in statistics.verdicts] == [True] * 6


def test_too_few_readings_have_no_gmi_and_no_verdict() -> None:
    """The other figures are there, and marked."""
    statistics = make_statistics(counted([None] * 88 + [150] * 201), TODAY)
    assert not statistics.sufficiency.is_sufficient
    assert statistics.gmi_percent is None
    assert statistics.gmi_mmol_mol is None
    assert statistics.figures is not None
    assert statistics.figures.mean_mgdl == 150
    assert [verdict.is_met for verdict in statistics.verdicts] == [None] * 6
    assert [verdict.value_percent for verdict in statistics.verdicts] == [100, 0, 0, 0, 0, 0]


def test_no_readings_have_no_figures() -> None:
    """Neither zeros nor errors."""
    report = make_report(counted([]), TODAY)
    assert report.statistics.figures is None
    assert report.statistics.sufficiency.n == 0
    assert report.statistics.verdicts == ()
    assert report.low_episodes == ()
    assert report.best_hour is None
    assert report.worst_hour is None


def test_missing_readings_are_not_filled_in() -> None:
    """A mean of 100 and 200 does not care how long nothing came in between."""
    statistics = make_statistics(counted([100, *[None] * 200, 200]), Window(start=START - HOUR, end=START + DAY))
    assert statistics.figures is not None
    assert (statistics.figures.n, statistics.figures.mean_mgdl) == (2, 150)
    assert statistics.sufficiency.expected == 25 * 12


def test_the_target_set_is_the_one_asked_for() -> None:
    """With its verdicts."""
    statistics = make_statistics(counted([150] * 300), TODAY, HIGH_RISK)
    assert statistics.targets is HIGH_RISK
    assert tuple(verdict.goal for verdict in statistics.verdicts) == HIGH_RISK.goals


def test_a_report_has_everything_of_its_window() -> None:
    """Each part is that of its module."""
    low = [100] * 12 + [50] * 12 + [100] * 12
    high = [300] * 24 + [100] * 24
    readings = counted([100] * 288 + low + [100] * 108 + high + [100] * 96 + [65] * 12)
    report = make_report(readings, Window(start=START + DAY - MINUTE, end=START + 2 * DAY - MINUTE), STANDARD)
    assert report.statistics == make_statistics(readings, report.statistics.window)
    [low_one], [very_low_one] = report.low_episodes, report.very_low_episodes
    assert low_one.start == very_low_one.start == START + DAY + HOUR
    [high_one], [very_high_one] = report.high_episodes, report.very_high_episodes
    assert high_one.start == very_high_one.start == START + DAY + 12 * HOUR
    assert high_one.is_extended
    assert report.profile[6].percentiles is not None
    assert report.profile[6].percentiles.p50_mgdl == 50
    assert [one.day.day for one in report.days] == [2]
    assert [one.hour for one in report.hours] == list(range(24))
    assert report.best_hour is not None
    assert report.worst_hour is not None
    assert (report.best_hour.hour, report.worst_hour.hour) == (0, 1)


def test_hours_of_the_day_are_those_of_the_zone() -> None:
    """Figures, days and episodes: what happens at 21:30 in UTC is a matter of the night in Berlin."""
    evening, noon = [100] * 258 + [60] * 6 + [100] * 24, [100] * 144 + [60] * 6 + [100] * 138
    window = Window(start=START, end=START + 2 * DAY, zone=BERLIN, hours=HoursOfDay(time(22), time(6)))
    report = make_report(counted(evening + noon), window)
    assert report.statistics.sufficiency.expected == 2 * 8 * 12
    assert report.statistics.figures is not None
    assert report.statistics.figures.n == 2 * 8 * 12 - 1
    assert report.statistics.figures.ranges.below_percent == pytest.approx(100 * 6 / 191)
    assert [one.start for one in report.low_episodes] == [START + 21.5 * HOUR]
    assert [one.hour for one in report.hours] == [0, 1, 2, 3, 4, 5, 22, 23]
    assert {one.day.day for one in report.days} == {1, 2, 3}
