"""Which readings count: each measurement once, whoever uploads it."""

from datetime import timedelta
from random import Random

from hypothesis import given, strategies as st
import pytest

from custom_components.dexcom_share.glucose.statistics.counted import Counted, Readings
from custom_components.dexcom_share.share.models import GlucoseReading

from .making import CADENCE, DAY, MINUTE, SECOND, START, at, counted, series

# Around midnight it is decided anew what counts.
around_midnight = st.builds(lambda day, seconds: day * 86_400 + seconds, st.integers(1, 4), st.integers(-900, 900))
seconds = around_midnight | st.integers(0, 4 * 86_400)
some_readings = st.lists(
    st.builds(
        GlucoseReading,
        time=seconds.map(lambda seconds: START + seconds * SECOND),
        value=st.sampled_from([90, 100, 110]),
    ),
    max_size=60,
)


def everything(readings: Counted) -> Readings:
    """Return what counts of everything."""
    return Readings(*readings.columns(0, len(readings)))


def filled(readings: list[GlucoseReading]) -> Counted:
    """Return the counting of some readings."""
    counting = Counted()
    counting.add(readings)
    return counting


class TestTwins:
    """Two devices that upload for one person."""

    @pytest.mark.parametrize("offset", [timedelta(seconds=seconds) for seconds in range(1, 300, 13)])
    def test_of_two_series_one_counts(self, offset: timedelta) -> None:
        """However far from each other they are, and although both jitter; one a day may be lost, none is doubled."""
        random = Random(0)
        first = series([100] * 288 * 2)
        second = series([101] * 288 * 2, START + offset)
        both = [GlucoseReading(one.time + random.uniform(-2, 2) * SECOND, one.value) for one in (*first, *second)]
        # The second series ends later, so there may be one more.
        assert 2 * 288 - 2 <= len(Readings.of(both)) <= 2 * 288 + 1

    def test_one_series_counts_wholly(self) -> None:
        """Also where Share shifts a reading by a minute, and over midnight."""
        readings = [
            GlucoseReading(one.time + MINUTE * (place % 7 == 0), one.value)
            for place, one in enumerate(series([100] * 400, START + 3 * MINUTE))
        ]
        assert len(Readings.of(readings)) == 400

    def test_the_least_step_counts(self) -> None:
        """3.5 minutes apart both count, a second less and they are twins."""
        assert len(counted([100, 101], cadence=3.5 * MINUTE)) == 2
        assert len(counted([100, 101], cadence=3.5 * MINUTE - SECOND)) == 1

    def test_the_day_begins_anew(self) -> None:
        """As if the last reading of the day before had counted, so what counts does not hang on all days before."""
        before_midnight = [START + DAY - 4 * MINUTE, START + DAY - 2 * MINUTE]
        after_midnight = [START + DAY + MINUTE, START + DAY + 2 * MINUTE]
        readings = [GlucoseReading(time, 100) for time in (*before_midnight, *after_midnight)]
        one_by_one = Counted()
        for reading in readings:
            one_by_one.add([reading])
        for counts in (Readings.of(readings), everything(one_by_one)):
            assert [at(time) for time in counts.times_ms] == [before_midnight[0], after_midnight[1]]


class TestChanges:
    """What comes late, and what goes."""

    def test_new_readings_at_the_end_are_told_from_others(self) -> None:
        """Only what comes before others, or among them, moves these."""
        first, second, third, fourth = series([100, 101, 102, 103])
        counting = Counted()
        assert counting.add([second])
        assert counting.add([fourth])
        assert not counting.add([third])
        assert not counting.add([first])
        assert [*everything(counting).values_mgdl] == [100, 101, 102, 103]

    def test_what_is_known_is_not_taken_in_twice(self) -> None:
        """And changes nothing."""
        counting = filled(series([100, 101]))
        assert counting.add(series([100, 101]))
        assert len(counting) == 2

    def test_a_value_beyond_the_limits_of_a_sensor_is_at_them(self) -> None:
        """As 39 and 401 stand for LOW and HIGH."""
        assert [*counted([12, 39, 401, 600]).values_mgdl] == [39, 39, 401, 401]

    def test_a_twin_counts_when_the_other_is_gone(self) -> None:
        """A reading that was removed had kept it from counting."""
        first, twin = GlucoseReading(START, 100), GlucoseReading(START + MINUTE, 101)
        counting = filled([first, twin])
        assert [*everything(counting).values_mgdl] == [100]
        assert counting.discard([first])
        assert [*everything(counting).values_mgdl] == [101]

    def test_what_is_not_known_cannot_be_removed(self) -> None:
        """Nor what has the same time and another value."""
        counting = filled(series([100]))
        assert not counting.discard([GlucoseReading(START, 101), GlucoseReading(START + MINUTE, 100)])
        assert len(counting) == 1

    @given(some_readings, st.randoms(use_true_random=False), st.integers(1, 10))
    def test_the_order_of_coming_makes_no_difference(
        self, readings: list[GlucoseReading], random: Random, parts: int
    ) -> None:
        """All at once, or in parts in any order."""
        counting = Counted()
        shuffled = random.sample(readings, len(readings))
        for part in range(parts):
            counting.add(shuffled[part::parts])
        assert everything(counting) == Readings.of(readings)

    @given(some_readings, some_readings)
    def test_what_is_removed_leaves_no_trace(
        self, readings: list[GlucoseReading], removed: list[GlucoseReading]
    ) -> None:
        """What is left counts as if nothing else had ever been there."""
        keys = {(one.time, one.value) for one in removed}
        counting = filled([*readings, *removed])
        counting.discard(removed)
        assert everything(counting) == Readings.of(one for one in readings if (one.time, one.value) not in keys)

    def test_a_twin_of_what_is_forgotten_still_does_not_count(self) -> None:
        """Neither one that is there, nor one that comes late before all that is left."""
        counting = filled([GlucoseReading(START + DAY - MINUTE, 100), GlucoseReading(START + DAY + MINUTE, 101)])
        counting.forget_before(START + DAY)
        counting.add([GlucoseReading(START + DAY + 6 * MINUTE, 102)])
        assert [*everything(counting).values_mgdl] == [102]
        counting.add([GlucoseReading(START + DAY + 30 * SECOND, 103)])
        assert [*everything(counting).values_mgdl] == [102]

    @given(some_readings, some_readings, st.integers(0, 4))
    def test_forgetting_old_days_leaves_the_others_as_they_were(
        self, readings: list[GlucoseReading], later: list[GlucoseReading], days: int
    ) -> None:
        """Also when readings come later, as long as they are not of the days forgotten."""
        border = START + days * DAY
        later = [one for one in later if one.time >= border]
        counting = filled(readings)
        assert counting.forget_before(border + 5 * CADENCE) == sum(
            time < border for time in {(one.time, one.value): one.time for one in readings}.values()
        )
        counting.add(later)
        whole = Readings.of([*readings, *later])
        assert everything(counting) == whole.between(border - SECOND, START + 9 * DAY)


def test_a_span_has_its_end_but_not_its_start() -> None:
    """So windows that follow each other share no reading."""
    readings = counted([100, 101, 102, 103])
    assert [*readings.between(START, START + 2 * CADENCE).values_mgdl] == [101, 102]
