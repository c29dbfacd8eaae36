"""Windows that end now: exact whatever happens, and quick."""

from datetime import datetime, timedelta
from random import Random
from time import process_time
from typing import override

from hypothesis import given, settings, strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
import pytest

from custom_components.dexcom_share.glucose.statistics.counted import Readings
from custom_components.dexcom_share.glucose.statistics.goals import HIGH_RISK
from custom_components.dexcom_share.glucose.statistics.report import Statistics, make_statistics
from custom_components.dexcom_share.glucose.statistics.windowed import Window
from custom_components.dexcom_share.glucose.statistics.windows import WINDOW_DAYS, GlucoseWindows
from custom_components.dexcom_share.share.models import GlucoseReading

from .making import CADENCE, DAY, HOUR, MINUTE, SECOND, START, series


def from_scratch(readings: list[GlucoseReading], days: int, now: datetime) -> Statistics:
    """Return the statistics of a window without any memory."""
    return make_statistics(Readings.of(readings), Window(start=now - days * DAY, end=now))


def walk(count: int, seed: int = 0) -> list[GlucoseReading]:
    """Return readings that wander about."""
    random = Random(seed)
    value = 140.0
    values: list[int | None] = []
    for _ in range(count):
        value += (140 - value) * 0.02 + random.gauss(0, 9)
        values.append(min(max(round(value), 39), 401))
    return series(values, cadence=299.6 * SECOND)


class TestWindows:
    """Rules by example."""

    def test_a_reading_enters_and_leaves(self) -> None:
        """A window has its end but not its start."""
        windows = GlucoseWindows(series([100]))
        later = ((-SECOND, 0), (timedelta(0), 1), (DAY - SECOND, 1), (DAY, 0))
        # A clock may be set back as well.
        for moment, count in (*later, *reversed(later)):
            assert windows.statistics(1, START + moment).sufficiency.n == count

    def test_each_window_has_its_length(self) -> None:
        """288 readings a day."""
        windows = GlucoseWindows(series([100] * 288 * 100))
        now = START + 100 * DAY - CADENCE
        counts = {days: windows.statistics(days, now).sufficiency for days in WINDOW_DAYS}
        assert {days: (one.n, one.expected) for days, one in counts.items()} == {
            days: (days * 288, days * 288) for days in (1, 7, 14, 30, 90)
        }

    def test_there_are_no_other_windows(self) -> None:
        """An error names those there are."""
        with pytest.raises(ValueError, match="1, 7, 14, 30, 90 days, not of 2"):
            GlucoseWindows().statistics(2, START)

    def test_targets_are_those_asked_for(self) -> None:
        """One after the other."""
        windows = GlucoseWindows(series([100]))
        assert windows.statistics(1, START).targets.key == "standard"
        assert windows.statistics(1, START, HIGH_RISK).targets is HIGH_RISK

    def test_time_alone_empties_a_window(self) -> None:
        """When nothing comes any more, old readings do not stay."""
        readings = walk(600)
        windows = GlucoseWindows(readings)
        for hours in range(0, 80, 7):
            now = readings[-1].time + hours * HOUR
            assert windows.statistics(1, now) == from_scratch(readings, 1, now)

    def test_twins_count_once(self) -> None:
        """Two devices that upload for one person do not double its readings."""
        windows = GlucoseWindows([*series([100] * 288), *series([101] * 288, START + 100 * SECOND)])
        assert windows.statistics(1, START + DAY - MINUTE).sufficiency.n == 288

    def test_all_that_counts_can_be_had(self) -> None:
        """For reports, and it is no part of the windows any more."""
        windows = GlucoseWindows(series([100, 101]))
        readings = windows.readings()
        windows.add(series([102], START + 2 * CADENCE))
        assert [*readings.values_mgdl] == [100, 101]
        assert [*windows.readings().values_mgdl] == [100, 101, 102]

    def test_what_is_forgotten_is_gone(self) -> None:
        """Whole days before the one named; what is left is counted as if nothing else had been there."""
        readings = walk(288 * 10)
        windows = GlucoseWindows(readings)
        now = START + 9.9 * DAY
        for days in WINDOW_DAYS:
            windows.statistics(days, now)
        windows.forget_before(START + 2 * DAY + HOUR)
        left = [one for one in readings if one.time >= START + 2 * DAY]
        for days in WINDOW_DAYS:
            assert windows.statistics(days, now) == from_scratch(left, days, now)
        assert len(windows.readings()) == len(left)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32), st.integers(7, 60))
def test_sliding_is_counting_from_scratch(seed: int, step: int) -> None:
    """To the last digit, after weeks of readings one by one and in groups."""
    readings = walk(288 * 16, seed)
    windows = GlucoseWindows(readings[:1000])
    for place in range(1000, len(readings), step):
        windows.add(readings[place : place + step])
        windows.statistics(1, readings[place].time)
        windows.statistics(14, readings[place].time)
    now = readings[-1].time + 9 * SECOND
    for days in WINDOW_DAYS:
        assert windows.statistics(days, now) == from_scratch(readings, days, now)


class Sliding(RuleBasedStateMachine):
    """Readings come, in order or late, or are removed; time goes on, and now and then back."""

    readings = Bundle("readings")

    def __init__(self) -> None:
        super().__init__()
        self.windows = GlucoseWindows()
        self.kept: list[GlucoseReading] = []
        self.now = START + 100 * DAY
        self.forgotten = self.now - 200 * DAY

    @rule(
        target=readings,
        ages=st.lists(st.integers(0, 24) | st.integers(0, 95 * 288), min_size=1, max_size=20),
        value=st.integers(39, 401),
        shift=st.integers(0, 299),
    )
    def add(self, ages: list[int], value: int, shift: int) -> list[GlucoseReading]:
        """Readings of any age come."""
        times = [self.now - age * CADENCE - shift * SECOND for age in ages]
        added = [GlucoseReading(time, value + place % 3 - 1) for place, time in enumerate(times)]
        added = [one for one in added if one.time >= self.forgotten]
        self.windows.add(added)
        self.kept.extend(added)
        return added

    @rule(removed=readings)
    def discard(self, removed: list[GlucoseReading]) -> None:
        """They are removed again."""
        self.windows.discard(removed)
        self.kept = [one for one in self.kept if one not in removed]

    @rule(seconds=st.integers(-3600, 2 * 86_400))
    def pass_time(self, seconds: int) -> None:
        """The clock goes on, or is set back."""
        self.now += seconds * SECOND

    @rule(days=st.sampled_from(WINDOW_DAYS))
    def ask(self, days: int) -> None:
        """One window is asked, the others are not."""
        assert self.windows.statistics(days, self.now) == from_scratch(self.kept, days, self.now)

    @rule()
    def forget(self) -> None:
        """What is too old is forgotten."""
        self.forgotten = max(self.forgotten, self.now - 91 * DAY)
        self.windows.forget_before(self.now - 91 * DAY)

    @invariant()
    def day_is_exact(self) -> None:
        """The shortest window is asked all the time."""
        assert self.windows.statistics(1, self.now) == from_scratch(self.kept, 1, self.now)

    @override
    def teardown(self) -> None:
        """In the end all of them are exact."""
        for days in WINDOW_DAYS:
            self.ask(days)


TestSliding = Sliding.TestCase
TestSliding.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)


def test_a_reading_costs_little_with_90_days() -> None:
    """All five windows after each reading; the limit is wide, as other programs may be busy."""
    readings = walk(288 * 91)
    windows = GlucoseWindows(readings[:-200])
    for days in WINDOW_DAYS:
        windows.statistics(days, readings[-201].time)
    costs = []
    for reading in readings[-200:]:
        began = process_time()
        windows.add([reading])
        for days in WINDOW_DAYS:
            windows.statistics(days, reading.time)
        costs.append(process_time() - began)
    assert sorted(costs)[len(costs) // 2] < 0.003
