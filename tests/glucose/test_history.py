"""The history: each reading once and in order, whole after a crash, and honest about damage."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
import json
from random import Random

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.dexcom_share.glucose.freshness import HeardReading
from custom_components.dexcom_share.glucose.history import KEPT, OVERLAP, History, Merge
from custom_components.dexcom_share.share.models import GlucoseReading, Trend

START = datetime(2026, 11, 1, 6, 0, 0, 817_000, UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
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
