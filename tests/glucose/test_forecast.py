"""The forecast: what it says, and when it keeps silent."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import overload, override

from hypothesis import example, given, strategies as st
import pytest

from custom_components.dexcom_share.glucose.alerts.measures import RELEASED_BELOW, WARNS_FROM
from custom_components.dexcom_share.glucose.forecast import MAX_AGE, Forecast, forecast, urgent_low_chance
from custom_components.dexcom_share.share.models import HIGH_LIMIT_MGDL, LOW_LIMIT_MGDL, GlucoseReading, Trend

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WARNS = 0.18
"""From this chance on an urgent low is said to come soon where nothing else is set."""

values = st.integers(LOW_LIMIT_MGDL, HIGH_LIMIT_MGDL)
steps = st.sampled_from((0, 1, 60, 240, 299.6, 300, 301.234, 360, 600, 900, 1200, 7200))


def series(*values: int, seconds: float = 300, trend: Trend = Trend.NONE) -> list[GlucoseReading]:
    """Return readings in equal steps, the newest at NOW."""
    return [
        GlucoseReading(NOW - timedelta(seconds=seconds * back), value, trend)
        for back, value in zip(reversed(range(len(values))), values, strict=True)
    ]


def expect(*values: int, seconds: float = 300, trend: Trend = Trend.NONE) -> Forecast:
    """Return the forecast for readings in equal steps."""
    expected = forecast(series(*values, seconds=seconds, trend=trend), NOW)
    assert expected is not None
    return expected


def forecast_value(readings: list[GlucoseReading]) -> int:
    """Return the value to expect after readings."""
    expected = forecast(readings, NOW)
    assert expected is not None
    return expected.value_mgdl


@st.composite
def histories(draw: st.DrawFn) -> list[GlucoseReading]:
    """Return up to 12 readings with gaps, jitter and readings of the same time, the newest at NOW."""
    readings = [GlucoseReading(NOW, draw(values), draw(st.sampled_from(Trend)))]
    for _ in range(draw(st.integers(0, 11))):
        readings.insert(0, GlucoseReading(readings[0].time - timedelta(seconds=draw(steps)), draw(values)))
    return readings


@pytest.mark.parametrize(
    "values",
    [(78, 72, 67, 62), (100, 88, 77, 66), (62, 60, 58, 57), (132, 112, 93, 75), (70, 65, 60, 56), (60, 56, 53, 50)],
)
def test_urgent_low_comes(values: tuple[int, ...]) -> None:
    """Falls that reach 55 mg/dL soon, slow ones close to it and fast ones from afar, warn."""
    assert expect(*values).urgent_low_chance >= WARNS


@pytest.mark.parametrize(
    "values", [(120, 120, 120, 120), (70, 70, 70, 70), (220, 205, 190, 175), (58, 60, 64, 70), (100, 98, 96, 94)]
)
def test_no_urgent_low_comes(values: tuple[int, ...]) -> None:
    """Steady, rising and high glucose doesn't warn."""
    assert expect(*values).urgent_low_chance < WARNS


def test_a_level_just_above_the_limit_warns_though_steady() -> None:
    """A glucose that hovers above 55 mg/dL is one reading from an urgent low."""
    assert expect(57, 57, 57, 57).urgent_low_chance >= WARNS


@pytest.mark.parametrize("value", [55, 50, 39, 38, 0])
def test_an_urgent_low_warns_whatever_was_before(value: int) -> None:
    """At or below 55 mg/dL it is there, even when the glucose rises."""
    assert expect(39, 39, value).urgent_low_chance == 1
    assert expect(value).urgent_low_chance == 1


def test_value_follows_the_change() -> None:
    """The forecast goes down with a fall, up with a rise, and hardly moves without a change."""
    assert expect(180, 170, 160, 150).value_mgdl < 140
    assert expect(120, 130, 140, 150).value_mgdl > 160
    assert abs(expect(150, 150, 150, 150).value_mgdl - 150) <= 5


def test_value_stays_within_what_a_sensor_measures() -> None:
    """Forecasts beyond "LOW" and "HIGH" are cut there."""
    assert expect(200, 150, 100, 45).value_mgdl == LOW_LIMIT_MGDL
    assert expect(250, 290, 340, 400).value_mgdl == HIGH_LIMIT_MGDL


def test_silent_without_readings() -> None:
    """No readings, no forecast."""
    assert forecast([], NOW) is None


def test_silent_when_the_newest_reading_is_old() -> None:
    """Up to 12 min the newest reading counts, beyond it nothing is said, however low it was."""
    readings = series(70, 65, 60, 54)
    at_the_limit = forecast(readings, NOW + MAX_AGE)
    assert at_the_limit is not None
    assert at_the_limit.urgent_low_chance == 1
    assert forecast(readings, NOW + MAX_AGE + timedelta(milliseconds=1)) is None


def test_a_clock_behind_the_sensor_changes_nothing() -> None:
    """A reading from the near future, as clocks disagree, is a fresh one."""
    readings = series(100, 90, 80, 70)
    assert forecast(readings, NOW - timedelta(minutes=2)) == forecast(readings, NOW)


def test_two_readings_after_a_gap_warn() -> None:
    """After a gap the second reading is enough to see a fall."""
    readings = [*[GlucoseReading(NOW - timedelta(hours=2), 180)], *series(82, 70)]
    expected = forecast(readings, NOW)
    assert expected == expect(82, 70)
    assert expected.urgent_low_chance >= WARNS


def test_one_reading_after_a_gap_goes_by_its_arrow() -> None:
    """With nothing before it a reading's arrow tells where the glucose goes."""
    down = expect(75, trend=Trend.DOUBLE_DOWN)
    assert down.urgent_low_chance >= WARNS
    by_arrow = [
        expect(120, trend=trend).value_mgdl
        for trend in (
            Trend.DOUBLE_DOWN,
            Trend.SINGLE_DOWN,
            Trend.FORTY_FIVE_DOWN,
            Trend.FLAT,
            Trend.FORTY_FIVE_UP,
            Trend.SINGLE_UP,
            Trend.DOUBLE_UP,
        )
    ]
    assert by_arrow == sorted(set(by_arrow))
    for unknown in (Trend.NONE, Trend.NOT_COMPUTABLE, Trend.RATE_OUT_OF_RANGE):
        assert expect(120, trend=unknown) == expect(120, trend=Trend.FLAT)


def test_readings_tell_more_than_the_arrow() -> None:
    """The arrow counts only where there is nothing else."""
    assert expect(120, 120, trend=Trend.DOUBLE_DOWN) == expect(120, 120)


def test_readings_before_a_gap_do_not_count() -> None:
    """Three missing readings or more cut off what was before them; up to two are bridged."""
    newest = GlucoseReading(NOW, 90)
    bridged = [GlucoseReading(NOW - timedelta(minutes=15), 150), newest]
    cut_off = [GlucoseReading(NOW - timedelta(minutes=20), 150), newest]
    assert forecast(cut_off, NOW) == expect(90)
    assert forecast_value(bridged) == expect(150, 127, 107, 90).value_mgdl


def test_a_missing_reading_is_bridged() -> None:
    """Between two readings the change is taken to have been even."""
    with_all = series(100, 90, 81, 73)
    assert forecast_value([with_all[0], with_all[2], with_all[3]]) == forecast_value(with_all)


@pytest.mark.parametrize("seconds", [285, 299.6, 300.004, 315])
def test_jitter_matters_little(seconds: float) -> None:
    """Steps of not quite 5 min give about the same forecast."""
    assert abs(expect(100, 92, 84, 76, seconds=seconds).value_mgdl - expect(100, 92, 84, 76).value_mgdl) <= 3


def test_a_short_step_counts_by_its_time() -> None:
    """A fall within 4 min is a steeper one than the same within 5."""
    assert abs(expect(88, 80, seconds=240).value_mgdl - expect(90, 80).value_mgdl) <= 1
    assert expect(88, 80, seconds=240).value_mgdl < expect(88, 80).value_mgdl - 1


def test_readings_of_one_minute_steps() -> None:
    """Changes are measured over 5 min, however many readings there are between."""
    assert expect(*range(100, 79, -1), seconds=60).value_mgdl == expect(95, 90, 85, 80).value_mgdl


def test_too_close_readings_make_no_trend() -> None:
    """Two readings seconds apart say nothing about a change."""
    assert expect(90, 80, seconds=30) == expect(80)


def test_duplicates_and_unsorted_readings_do_not_count() -> None:
    """Of readings with the same time the last in the row counts; one out of order is passed over."""
    readings = series(100, 90, 80, 70)
    doubled = [reading for reading in readings for _ in range(2)]
    assert forecast(doubled, NOW) == forecast(readings, NOW)
    late = series(100, 90, 80, 70, seconds=420)
    for stray in (GlucoseReading(NOW, 300), GlucoseReading(NOW + timedelta(minutes=1), 300)):
        assert forecast([*late[:3], stray, late[3]], NOW) == forecast(late, NOW)


class Watched(Sequence[GlucoseReading]):
    """A month of readings that keeps book of how many were taken out."""

    def __init__(self, readings: list[GlucoseReading]) -> None:
        self.readings = readings
        self.taken = 0

    @override
    def __len__(self) -> int:
        return len(self.readings)

    @override
    def __iter__(self) -> Iterator[GlucoseReading]:
        raise AssertionError("all readings were gone through")

    @overload
    def __getitem__(self, index: int) -> GlucoseReading: ...
    @overload
    def __getitem__(self, index: slice) -> list[GlucoseReading]: ...
    @override
    def __getitem__(self, index: int | slice) -> GlucoseReading | list[GlucoseReading]:
        taken = self.readings[index]
        self.taken += len(taken) if isinstance(taken, list) else 1
        return taken


def test_cost_does_not_grow_with_the_history() -> None:
    """Of a month of readings no more than a few dozen are looked at."""
    watched = Watched(series(*[100] * 8640))
    assert forecast(watched, NOW) == expect(*[100] * 24)
    assert watched.taken <= 40


@given(histories())
def test_always_an_answer_within_limits(readings: list[GlucoseReading]) -> None:
    """Whatever the readings, a fresh one yields a forecast the sensor could show."""
    expected = forecast(readings, NOW)
    assert expected is not None
    assert LOW_LIMIT_MGDL <= expected.value_mgdl <= HIGH_LIMIT_MGDL
    assert 0 <= expected.urgent_low_chance <= 1
    assert expected.urgent_low_chance == urgent_low_chance(readings)


@example([GlucoseReading(NOW, 39, Trend.DOUBLE_UP)], 40)
@given(histories(), values)
def test_a_lower_newest_value_never_turns_the_alert_off(readings: list[GlucoseReading], value: int) -> None:
    """Lower is never safer: neither for the alert nor for the value."""
    newest = readings[-1]
    lower, upper = sorted((value, newest.value))
    of_lower, of_upper = (
        forecast([*readings[:-1], GlucoseReading(newest.time, each, newest.trend)], NOW) for each in (lower, upper)
    )
    assert of_lower is not None
    assert of_upper is not None
    for chance in (*WARNS_FROM.values(), RELEASED_BELOW):
        assert (of_lower.urgent_low_chance >= chance) >= (of_upper.urgent_low_chance >= chance)
    assert of_lower.value_mgdl <= of_upper.value_mgdl


@given(histories(), st.integers(-(10**6), 10**6))
def test_the_time_of_day_does_not_matter(readings: list[GlucoseReading], seconds: int) -> None:
    """Everything moved in time gives the same forecast, asked once or twice."""
    shift = timedelta(seconds=seconds)
    shifted = [GlucoseReading(reading.time + shift, reading.value, reading.trend) for reading in readings]
    assert forecast(shifted, NOW + shift) == forecast(readings, NOW) == forecast(readings, NOW)
