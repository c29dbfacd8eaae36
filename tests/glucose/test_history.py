"""The history: each reading once and in order, whole after a crash, and honest about damage."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
import json
from random import Random

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.dexcom_share.glucose.freshness import HeardReading
from custom_components.dexcom_share.glucose.history import KEPT, OVERLAP, History, Merge, complete_since
from custom_components.dexcom_share.glucose.reading_columns import milliseconds
from custom_components.dexcom_share.share.models import GlucoseReading, Trend

START = datetime(2026, 11, 1, 6, 0, 0, 817_000, UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
CADENCE = timedelta(seconds=299.6)
DAY = timedelta(days=1)


def make(number: int, value: int = 100, shift: timedelta = timedelta(0)) -> GlucoseReading:
    """Return one reading of a regular series."""
    return GlucoseReading(START + number * CADENCE + shift, value, Trend.FLAT, timedelta(hours=-5))


def series(count: int, first: int = 0) -> list[GlucoseReading]:
    """Return readings as a sensor takes them."""
    return [make(number, 100 + number % 40) for number in range(first, first + count)]


def stamped(readings: Iterable[HeardReading]) -> tuple[GlucoseReading, ...]:
    """Return readings as the wire gave them."""
    return tuple(
        GlucoseReading(reading.stamp, reading.value, reading.trend, reading.utc_offset) for reading in readings
    )


def everything(history: History) -> tuple[HeardReading, ...]:
    """Return all readings that are kept."""
    return history.recent(datetime(1970, 1, 1, tzinfo=UTC))


def take_in(history: History, readings: Sequence[GlucoseReading]) -> Merge:
    """Merge readings that are heard nine seconds after the last of them was taken."""
    return history.merge(readings, max((reading.time for reading in readings), default=START) + 9 * SECOND)


def filled(readings: Sequence[GlucoseReading]) -> History:
    """Return a history of some readings."""
    history = History()
    take_in(history, readings)
    return history


readings_of_any_kind = st.builds(
    GlucoseReading,
    time=st.integers(0, 90 * 86_400_000 - 1).map(lambda ms: START + timedelta(milliseconds=ms)),
    value=st.integers(39, 401),
    trend=st.sampled_from(Trend),
    utc_offset=st.none() | st.integers(-14 * 60, 14 * 60).map(lambda minutes: timedelta(minutes=minutes)),
)


class TestMerge:
    """What is new, what is known."""

    def test_an_empty_history_has_nothing(self) -> None:
        """There is no newest reading, none before another, and nothing recent."""
        history = History()
        assert len(history) == 0
        assert history.newest is None
        assert stamped(history.latest(3)) == ()
        assert stamped(history.recent(START)) == ()
        assert history.previous(make(0)) is None

    def test_a_copy_goes_its_own_way(self) -> None:
        """It begins where asked, knows what the history knew, and gets nothing of what comes later."""
        history = filled(series(4))
        ahead = make(8)
        history.merge([ahead], make(4).time)
        copied = history.copy_since(make(2).time)
        take_in(history, series(3, first=10))
        assert [copied.reading(place).stamp for place in range(len(copied))] == [
            reading.time for reading in (*series(2, first=2), ahead)
        ]
        assert copied.is_known(milliseconds(ahead.time), ahead.value)
        assert not copied.is_known(milliseconds(make(1).time), make(1).value)

    def test_new_readings_are_told_in_order_of_time(self) -> None:
        """Whatever the order they came in."""
        first, second, third = series(3)
        history = History()
        merge = take_in(history, [third, first, second])
        assert stamped(merge.added) == (first, second, third)
        assert merge.newest_added
        assert stamped(everything(history)) == (first, second, third)

    def test_known_readings_are_not_told_again(self) -> None:
        """A list that overlaps what is kept adds only the rest."""
        history = filled(series(10))
        merge = take_in(history, series(12))
        assert stamped(merge.added) == tuple(series(2, first=10))
        assert merge.newest_added
        again = take_in(history, series(12))
        assert stamped(again.added) == ()
        assert not again.newest_added

    def test_a_late_reading_takes_its_place(self) -> None:
        """It is new, but it is not the newest."""
        readings = series(10)
        history = filled(readings[:4] + readings[5:])
        merge = take_in(history, readings)
        assert stamped(merge.added) == (readings[4],)
        assert not merge.newest_added
        assert stamped(everything(history)) == tuple(readings)

    @pytest.mark.parametrize("seconds", [-60, -17, -0.001, 0, 0.001, 29, 60])
    def test_the_same_reading_at_a_shifted_time_is_known(self, seconds: float) -> None:
        """Up to a minute either way; the time seen first stays."""
        history = filled(series(3))
        assert take_in(history, [make(1, 101, seconds * SECOND)]).added == ()
        assert stamped(everything(history)) == tuple(series(3))

    @pytest.mark.parametrize("seconds", [-61, 61])
    def test_an_equal_value_more_than_a_minute_away_is_another_reading(self, seconds: float) -> None:
        """Then it can't be the same one."""
        history = filled([make(0, 100)])
        assert len(take_in(history, [make(0, 100, seconds * SECOND)]).added) == 1

    def test_another_value_shortly_after_is_another_reading(self) -> None:
        """A new sensor starts whenever it is put on; its first reading must not wait for the second."""
        history = filled([make(0, 100)])
        merge = take_in(history, [make(0, 62, 20 * SECOND)])
        assert merge.newest_added
        assert len(history) == 2

    def test_a_reading_that_changed_its_value_stays_as_it_was_seen(self) -> None:
        """What alerts and automations have acted on does not change afterwards."""
        history = filled([make(0, 100)])
        assert take_in(history, [make(0, 120)]).added == ()
        assert stamped(everything(history)) == (make(0, 100),)

    def test_duplicates_of_two_phones_count_once(self) -> None:
        """Also when both come in one answer, and beside readings of another value in the same minute."""
        pairs = [
            reading
            for number in range(20)
            for reading in (make(number, 80 + number), make(number, 80 + number, 8 * SECOND))
        ]
        history = History()
        assert len(take_in(history, pairs).added) == 20
        assert take_in(history, pairs).added == ()
        take_in(history, [make(5, 200, 4 * SECOND)])
        assert take_in(history, pairs).added == ()

    @given(st.lists(st.tuples(st.integers(0, 300), st.integers(39, 401)), unique_by=lambda pair: pair[0]), st.randoms())
    def test_nothing_is_lost_or_doubled_in_any_order(self, pairs: list[tuple[int, int]], random: Random) -> None:
        """Answers that overlap, repeat, shift and shuffle a sensor's readings leave each of them once, in order."""
        readings = [make(number, value) for number, value in pairs]
        served = [
            GlucoseReading(reading.time + random.randint(-29, 29) * SECOND, reading.value)
            for reading in readings
            for _ in range(random.randint(1, 3))
        ]
        random.shuffle(served)
        history = History()
        told: list[GlucoseReading] = []
        while served:
            size = random.randint(1, 12)
            answer, served = served[:size], served[size:]
            told += take_in(history, answer + random.sample(told, min(len(told), 3))).added
        kept = everything(history)
        assert sorted(told, key=lambda reading: reading.time) == list(kept)
        assert len(kept) == len(readings)
        for reading, original in zip(kept, sorted(readings, key=lambda reading: reading.time), strict=True):
            assert reading.value == original.value
            assert abs(reading.time - original.time) < 30 * SECOND


class TestLookingBack:
    """Parts of the history."""

    def test_latest_recent_and_previous_agree_with_the_whole(self) -> None:
        """Whatever was asked before, and however far back it reaches."""
        readings = tuple(series(1000))
        history = filled(readings)
        for count in (2, 60, 0, 1, 288, 299, 300, 301, 2, 1000, 5000, 3):
            assert stamped(history.latest(count)) == (readings[-count:] if count else ())
        for place in (999, 0, 500, 700, 698):
            assert stamped(history.recent(readings[place].time)) == readings[place:]
            assert stamped(history.recent(readings[place].time + SECOND)) == readings[place + 1 :]
            assert history.previous(readings[place]) == (everything(history)[place - 1] if place else None)
        assert history.newest == everything(history)[-1]

    def test_what_is_new_is_seen_at_once(self) -> None:
        """Readings held ready don't hide one that came later, nor one that came late."""
        readings = series(50)
        history = filled(readings[:20] + readings[21:-1])
        history.latest(40)
        take_in(history, [readings[-1]])
        assert stamped(history.latest(40)) == tuple(readings[9:20] + readings[21:])
        take_in(history, [readings[20]])
        assert stamped(history.latest(40)) == tuple(readings[10:])

    def test_the_reading_before_one_that_is_not_kept(self) -> None:
        """It is the last one taken before."""
        history = filled(series(3))
        assert history.previous(make(1, 300, MINUTE)) == everything(history)[1]

    def test_ninety_days_are_kept(self) -> None:
        """Not one more, and none of them less."""
        readings = [GlucoseReading(START + hours * timedelta(hours=1), 100) for hours in range(24 * 100)]
        history = filled(readings)
        history.latest(300)
        history.prune(readings[-1].time, is_confirmed=True)
        assert everything(history)[0].time == readings[-1].time - KEPT
        assert len(history) == 24 * 90 + 1
        history.prune(readings[-1].time + DAY, is_confirmed=True)
        assert history.newest == everything(history)[-1]

    def test_a_clock_that_jumps_ahead_costs_nothing(self) -> None:
        """Nor does one that is behind, or an empty history."""
        history = filled(series(10))
        history.prune(START + timedelta(days=4000), is_confirmed=True)
        history.prune(START - timedelta(days=4000), is_confirmed=True)
        assert stamped(everything(history)) == tuple(series(10))
        History().prune(START, is_confirmed=True)

    def test_pruning_keeps_in_step_with_what_is_held_ready(self) -> None:
        """Readings that were forgotten don't come back."""
        old, new = (
            series(10),
            [GlucoseReading(START + KEPT + DAY + number * CADENCE, 90 + number) for number in range(3)],
        )
        history = filled([*old, *new])
        assert stamped(history.latest(13)) == (*old, *new)
        history.prune(new[-1].time, is_confirmed=True)
        assert stamped(history.latest(13)) == tuple(new)


def restored(archive: Mapping[str, object] | None, recent: Mapping[str, object] | None) -> History:
    """Return the history as it comes back from the disk."""
    texts = [None if part is None else json.dumps(part) for part in (archive, recent)]
    return History.from_dicts(*(None if text is None else json.loads(text) for text in texts))


def is_due(history: History) -> bool:
    """Return whether the archive is due now; it changes, which mypy can't know of an attribute."""
    return history.archive_is_due


class TestHeardAt:
    """Order, age and what is newest go by the earlier of the stamp and the moment it was heard (alert rule T3)."""

    def test_a_reading_keeps_when_it_was_heard(self) -> None:
        """First; hearing it again changes nothing."""
        history = History()
        [reading] = history.merge([make(0)], START + MINUTE).added
        assert reading == HeardReading.of(make(0), START + MINUTE)
        assert history.merge([make(0)], START + 9 * MINUTE).added == ()
        assert history.newest == reading
        assert restored(None, history.recent_to_dict()).newest == reading
        assert restored(history.archive_to_dict(), None).newest == reading

    def test_a_stamp_ahead_hides_nothing(self) -> None:
        """Of a second phone whose clock runs nine minutes fast."""
        history = History()
        ahead = make(0, 104, 9 * MINUTE)
        assert history.merge([ahead], START + 10 * SECOND).added[0].time == START + 10 * SECOND
        merge = history.merge([make(1, 52), ahead], START + CADENCE + 10 * SECOND)
        assert merge.newest_added
        assert stamped(everything(history)) == (ahead, make(1, 52))
        merge = history.merge([make(2, 104, 9 * MINUTE - CADENCE)], START + 2 * CADENCE)
        assert [reading.stamp for reading in merge.added] == [START + CADENCE + 9 * MINUTE]

    def test_readings_stamped_ahead_are_known_by_their_stamp(self) -> None:
        """The same one shifted by up to a minute is no other, one of another value is."""
        history = filled(series(3))
        heard_at = START + 3 * CADENCE
        ahead = make(5, 140)
        assert len(history.merge([ahead], heard_at).added) == 1
        assert history.merge([ahead, make(5, 99), make(5, 140, MINUTE)], heard_at + CADENCE).added == ()
        assert len(history.merge([make(5, 99, 20 * SECOND)], heard_at + CADENCE).added) == 1
        # A stamp is not taken for the moment at which another was heard.
        at_that_moment = GlucoseReading(heard_at, 140)
        assert len(history.merge([at_that_moment], heard_at + CADENCE).added) == 1

    def test_a_batch_stamped_ahead_is_ordered_by_stamp(self) -> None:
        """All of it was heard at the same moment; a reading taken at that moment comes first."""
        history = History()
        heard_at = START - MINUTE
        batch = [make(number, 100 + number) for number in (2, 0, 3, 1)]
        merge = history.merge(batch, heard_at)
        assert stamped(merge.added) == tuple(make(number, 100 + number) for number in range(4))
        assert everything(history) == merge.added
        assert {reading.time for reading in merge.added} == {heard_at}
        history.merge([GlucoseReading(heard_at, 99)], heard_at)
        assert [reading.value for reading in everything(history)] == [99, 100, 101, 102, 103]
        assert [history.previous(reading) for reading in everything(history)] == [None, *everything(history)[:-1]]

    def test_readings_keep_their_moment_when_they_are_merged_from_a_stored_part(self) -> None:
        """Whatever moment is given."""
        first = History()
        first.merge(series(3), START + DAY)
        second = History()
        assert second.merge(everything(first), START + 2 * DAY).added == everything(first)

    def test_a_stamp_weeks_ahead_is_not_taken_in(self) -> None:
        """It would be dropped at once, and the column can't hold it."""
        history = filled(series(2))
        assert history.merge([make(0, 45, 25 * DAY)], START).added == ()
        assert len(history.merge([make(0, 45, 24 * DAY)], START).added) == 1

    def test_a_reading_heard_weeks_late_is_kept(self) -> None:
        """What is told is what is kept, also of a moment that the column can't hold."""
        history = History()
        [reading] = history.merge([make(0)], START + 300 * DAY).added
        assert reading.time == START
        assert reading == history.newest == everything(restored(None, history.recent_to_dict()))[0]

    def test_the_reading_a_cadence_before(self) -> None:
        """Where two phones upload, the change is that to the reading five minutes before, not to the twin."""
        readings = [reading for n in range(3) for reading in (make(n, 100 + n), make(n, 110 + n, 8 * SECOND))]
        history = filled(readings)
        newest = history.newest
        assert newest
        half = timedelta(minutes=2, seconds=30)
        assert history.previous(newest) == everything(history)[-2]
        assert history.previous(newest, at_least=half) == everything(history)[-3]
        assert history.previous(everything(history)[1], at_least=half) is None
        assert history.previous(newest, at_least=newest.time - START) == everything(history)[0]

    @given(st.lists(st.tuples(st.integers(0, 40), st.integers(-30, 30), st.integers(39, 401)), max_size=30))
    def test_order_holds_whatever_is_heard_when(self, heard: list[tuple[int, int, int]]) -> None:
        """And what comes from the disk is what was kept."""
        history = History()
        for number, minutes, value in heard:
            merge = history.merge([make(number, value)], START + number * CADENCE + minutes * MINUTE)
            assert merge.newest_added == (history.newest in merge.added)
        kept = everything(history)
        assert list(kept) == sorted(kept, key=lambda reading: (reading.time, reading.stamp))
        assert len({reading.stamp for reading in kept}) == len(kept)
        assert all(reading.time == min(reading.stamp, reading.heard_at) for reading in kept)
        again = restored(None, history.recent_to_dict())
        assert everything(again) == kept
        assert again.merge(kept, START).added == ()


class TestClocks:
    """No clock, ours or another's, costs the history or hides the present."""

    def test_nothing_is_forgotten_while_the_clock_is_not_confirmed(self) -> None:
        """It may be anything."""
        history = filled([make(0), make(0, 100, 91 * DAY)])
        history.prune(START + 91 * DAY, is_confirmed=False)
        assert len(history) == 2
        history.prune(START + 91 * DAY, is_confirmed=True)
        assert len(history) == 1

    def test_a_stamp_far_ahead_costs_nothing(self) -> None:
        """It was heard now, and counts as of now."""
        history = filled(series(3))
        history.merge([make(0, 45, 20 * DAY)], START + 2 * CADENCE)
        history.prune(START + 400 * DAY, is_confirmed=True)
        assert len(history) == 4

    def test_readings_of_the_future_are_dropped(self) -> None:
        """By their effective time: a stamp ahead of the moment it was heard harms nobody."""
        history = filled(series(5))
        now = START + 5 * CADENCE
        assert history.drop_future(now) == ()
        history.merge([GlucoseReading(now + 10 * MINUTE, 90), GlucoseReading(now + 11 * MINUTE, 45)], now)
        history.merge([GlucoseReading(now + 3 * HOUR, 46)], now + 3 * HOUR)
        history.latest(8)
        dropped = history.drop_future(now)
        assert [reading.value for reading in dropped] == [46]
        assert [reading.value for reading in history.latest(8)] == [100, 101, 102, 103, 104, 90, 45]
        assert history.drop_future(now) == ()
        assert History().drop_future(now) == ()

    def test_an_archive_with_a_reading_of_the_future_hides_nothing_that_comes_after(self) -> None:
        """What is merged after it is saved is in the recent part, though it is earlier than the archive's end."""
        history = filled(series(288 * 5))
        history.merge([make(288 * 5, 45, 20 * DAY)], START + 30 * DAY)
        archive = history.archive_to_dict()
        take_in(history, series(2, first=288 * 5))
        history.archive_saved()
        take_in(history, series(2, first=288 * 5 + 2))
        again = restored(archive, history.recent_to_dict())
        assert everything(again) == everything(history)
        now = START + (288 * 5 + 4) * CADENCE
        assert len(again.drop_future(now)) == 1
        take_in(again, series(2, first=288 * 5 + 4))
        third = restored(archive, again.recent_to_dict())
        third.drop_future(now)
        assert everything(third) == everything(again)


class TestTwins:
    """Two devices that upload for one person."""

    def test_they_are_noticed_also_where_they_are_equal(self) -> None:
        """And forgotten once an answer over an hour has none; short ones tell nothing."""
        history = filled(series(30))
        assert not has_twins(history)
        take_in(history, [make(30), make(30, 100, 8 * SECOND)])
        assert len(history) == 31
        assert has_twins(history)
        take_in(history, series(2, first=31))
        take_in(history, [])
        assert has_twins(history)
        take_in(history, series(20, first=20))
        assert not has_twins(history)

    def test_a_full_answer_is_complete_only_since_its_oldest_reading(self) -> None:
        """One with less than what was asked for holds everything."""
        readings = series(3)
        assert complete_since(readings, START - DAY, 4) == START - DAY
        assert complete_since(readings[::-1], START - DAY, 3) == START
        assert complete_since(readings, START + SECOND, 3) == START + SECOND
        assert complete_since([], START, 1) == START


def has_twins(history: History) -> bool:
    """Return whether two devices upload; it changes, which mypy can't know of an attribute."""
    return history.has_twins


class TestTakingOver:
    """Files of the version before, which did not say when a reading was heard."""

    OLD: Mapping[str, object] = {
        "version": 1,
        "count": 6,
        "columns": "MYKxlaEBAACBFLaVoQEAANGmupWhAQAAITm/laEBAABxy8OVoQEAAMFdyJWhAQAAZABlAGYAZwBoAGkAAAECAwQF"
        "1P4AgNT+AIDU/gCA",
        "check": 2806936767,
    }

    @pytest.mark.parametrize("parts", [(OLD, None), (None, OLD), (OLD, OLD)])
    def test_they_are_taken_over_whole(
        self, parts: tuple[Mapping[str, object] | None, Mapping[str, object] | None]
    ) -> None:
        """The stamp stands for the moment, and the next file is of the new form."""
        history = restored(*parts)
        expected = [
            GlucoseReading(
                START + number * CADENCE,
                100 + number,
                list(Trend)[number],
                None if number % 2 else timedelta(hours=-5),
            )
            for number in range(6)
        ]
        assert everything(history) == tuple(HeardReading.of(reading, reading.time) for reading in expected)
        assert history.archive_to_dict()["version"] == 2
        assert history.merge(expected, START + DAY).added == ()
        assert len(history.merge([make(6)], START + DAY).added) == 1


class TestStorage:
    """What comes back from the disk."""

    @settings(max_examples=50)
    @given(st.lists(readings_of_any_kind, max_size=60))
    def test_a_round_trip_keeps_everything(self, readings: list[GlucoseReading]) -> None:
        """Milliseconds, values, trends and offsets, also those of daylight saving time."""
        history = filled(readings)
        assert everything(restored(history.archive_to_dict(), None)) == everything(history)
        assert everything(restored(None, history.recent_to_dict())) == everything(history)

    def test_what_is_written_often_is_small(self) -> None:
        """Once the archive is saved, the rest is what can still change, and grows by a day until it is due again."""
        readings = series(288 * 30)
        history = filled(readings)
        assert is_due(history)
        assert history.recent_to_dict()["count"] == len(readings)
        history.archive_to_dict()
        assert history.recent_to_dict()["count"] == len(readings)  # it is not on the disk yet
        history.archive_saved()
        assert not is_due(history)
        assert history.recent_to_dict()["count"] == OVERLAP // CADENCE + 1
        take_in(history, series(288, first=len(readings)))
        assert not is_due(history)
        take_in(history, series(2, first=len(readings) + 288))
        assert is_due(history)
        assert len(json.dumps(history.recent_to_dict())) < 17_500

    def test_nothing_is_due_where_nothing_is(self) -> None:
        """An empty history can be saved and is not due."""
        history = History()
        assert not history.archive_is_due
        archive = history.archive_to_dict()
        history.archive_saved()
        assert len(restored(archive, history.recent_to_dict())) == 0
        assert len(restored(None, None)) == 0

    @pytest.mark.parametrize("seed", range(8))
    def test_a_crash_at_any_moment_loses_nothing_that_was_merged(self, seed: int) -> None:
        """The parts last written hold what was kept then, whichever of them a crash or a full disk kept from coming."""
        random = Random(seed)
        history = History()
        archive: Mapping[str, object] | None = None
        recent: Mapping[str, object] | None = None
        late: list[GlucoseReading] = []
        for reading in series(288 * 7):
            if random.random() < 0.1:
                late.append(reading)
                continue
            before = everything(history) if random.random() < 0.02 else None
            # The oldest comes just before Share would not serve it any more.
            arrived = [other for other in late if random.random() < 0.01 or reading.time - other.time > DAY - CADENCE]
            late = [other for other in late if other not in arrived]
            take_in(history, [reading, *arrived])
            if history.archive_is_due:
                written = history.archive_to_dict()
                if random.random() < 0.5:
                    archive = written
                    history.archive_saved()
            if before:
                assert set(before) <= set(everything(restored(archive, recent)))
            recent = history.recent_to_dict()
            if before:
                assert everything(restored(archive, recent)) == everything(history)
        assert archive is not None

    def test_a_restart_goes_on_with_small_parts(self) -> None:
        """The archive that was read counts as saved."""
        history = filled(series(288 * 10))
        archive = history.archive_to_dict()
        history.archive_saved()
        again = restored(archive, history.recent_to_dict())
        assert not again.archive_is_due
        assert again.recent_to_dict() == history.recent_to_dict()

    def test_a_lost_archive_leaves_the_recent_part(self) -> None:
        """It is then all there is, and all of it is written again."""
        history = filled(series(288 * 10))
        history.archive_to_dict()
        history.archive_saved()
        again = restored(None, history.recent_to_dict())
        assert everything(again) == everything(history)[-len(again) :]
        assert again.archive_is_due is (len(again) > 288 * 2.5)
        assert again.recent_to_dict()["count"] == len(again)

    @pytest.mark.parametrize(
        "change",
        [
            {"version": 1},
            {"version": 3},
            {"version": None},
            {"count": 4},
            {"count": -5},
            {"count": "5"},
            {"columns": None},
            {"columns": []},
            {"columns": ""},
            {"columns": "AAAA"},
            {"columns": "not base64!"},
            {"columns": "\N{SNOWMAN}"},
            {"check": 0},
            {"check": "0"},
        ],
        ids=str,
    )
    def test_damage_is_told(self, change: dict[str, object]) -> None:
        """Never half read."""
        stored = filled(series(5)).recent_to_dict()
        with pytest.raises(ValueError, match="history"):
            restored(None, stored | change)
        with pytest.raises(ValueError, match="history"):
            restored(stored | change, None)

    @given(st.data())
    def test_a_missing_part_or_a_changed_letter_is_told(self, data: st.DataObject) -> None:
        """In whichever place."""
        stored = filled(series(6)).recent_to_dict()
        without = data.draw(st.sampled_from(sorted(stored)))
        with pytest.raises(ValueError, match="history"):
            History.from_dict({key: value for key, value in stored.items() if key != without})
        columns = str(stored["columns"])
        place = data.draw(st.integers(0, len(columns) - 1))
        letter = data.draw(st.characters().filter(lambda letter: letter != columns[place]))
        with pytest.raises(ValueError, match="history"):
            History.from_dict(stored | {"columns": columns[:place] + letter + columns[place + 1 :]})

    @given(
        st.dictionaries(
            st.sampled_from(["version", "count", "columns", "check"]),
            st.none() | st.booleans() | st.integers(0, 3) | st.text(max_size=8),
        ).filter(lambda stored: stored != History().recent_to_dict())
    )
    def test_nonsense_is_told(self, stored: dict[str, object]) -> None:
        """Whatever JSON is in the file."""
        with pytest.raises(ValueError, match="history"):
            History.from_dict(stored)
