"""The schedule: close behind the readings, patient in gaps, gentle with a server in trouble, and never silent."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
import json
from math import inf, nan
from pathlib import Path
from random import Random

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.dexcom_share.glucose.schedule import (
    LONGEST_FAILURE_PAUSE_SECONDS,
    LONGEST_PAUSE,
    LONGEST_RETRY_AFTER_SECONDS,
    SHORTEST_PAUSE,
    WIDE,
    PollSchedule,
)

START = datetime(2026, 11, 1, 6, 0, 0, 250_000, UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
CADENCE = timedelta(seconds=299.6)

FIRST_ASK = 314.5 * SECOND
"""When a new account is asked, after its newest reading."""

type World = Sequence[tuple[datetime, datetime]]
"""When each reading is taken, and when Share has it."""


def pause_seconds(schedule: PollSchedule, now: datetime) -> float:
    """Return how long the schedule wants to wait."""
    return (schedule.next_poll(now) - now).total_seconds()


def waiting(random: Random | None = None) -> PollSchedule:
    """Return a schedule that has just found its first reading, taken at START."""
    schedule = PollSchedule(random)
    schedule.record_success(START, START + 15 * SECOND)
    return schedule


def ask(
    schedule: PollSchedule, now: datetime, until: datetime, newest: Callable[[datetime], datetime | None]
) -> tuple[list[datetime], datetime]:
    """Ask as the schedule says, and return when, with the time of the first ask not sent."""
    asks: list[datetime] = []
    now = schedule.next_poll(now)
    while now < until:
        asks.append(now)
        schedule.record_success(newest(now), now)
        now = schedule.next_poll(now)
    return asks, now


def play(schedule: PollSchedule, world: World, *, clock_ahead: timedelta = timedelta(0)) -> tuple[int, list[float]]:
    """Let a schedule follow a world; return the number of its asks, and the delay of each reading in seconds."""
    waits = sorted(world, key=lambda pair: pair[1])
    now = waits[0][1]
    newest: datetime | None = None
    asks = 0
    delays: list[float] = []
    place = 0
    while place < len(waits):
        while place < len(waits) and waits[place][1] <= now:
            taken, available = waits[place]
            delays.append((now - available).total_seconds())
            newest = max(newest or taken, taken)
            place += 1
        asks += 1
        schedule.record_success(newest, now + clock_ahead)
        now = schedule.next_poll(now + clock_ahead) - clock_ahead
    return asks, delays


def steady_world(count: int, delay_seconds: Callable[[int], float], cadence: timedelta = CADENCE) -> World:
    """Return a world without gaps."""
    times = [START + number * cadence for number in range(count)]
    return [(time, time + delay_seconds(number) * SECOND) for number, time in enumerate(times)]


class TestAim:
    """The ask for the next reading."""

    def test_aims_at_the_next_reading_by_the_readings_own_clock(self) -> None:
        """One cadence and the usual delay after the newest, not after the last ask."""
        for found in (12 * SECOND, 100 * SECOND, 250 * SECOND):
            schedule = PollSchedule()
            schedule.record_success(START, START + found)
            assert schedule.next_poll(START + found) == START + FIRST_ASK

    def test_aligns_to_every_reading(self) -> None:
        """A cadence that drifts, or a new sensor with another phase, moves the next ask along."""
        schedule = waiting()
        new = START + 137 * SECOND
        schedule.record_success(new, new + 20 * SECOND)
        assert 310 <= (schedule.next_poll(new + 20 * SECOND) - new).total_seconds() <= 320

    def test_a_reading_served_again_a_little_later_is_not_a_new_one(self) -> None:
        """Share can shift the newest by up to a minute; the next ask stays where it was."""
        schedule = waiting()
        planned = schedule.next_poll(START + 15 * SECOND)
        schedule.record_success(START + 40 * SECOND, START + 60 * SECOND)
        assert schedule.next_poll(START + 60 * SECOND) == planned

    def test_an_ask_in_between_changes_nothing(self) -> None:
        """Somebody called for an update; the plan stands."""
        schedule = waiting()
        planned = schedule.next_poll(START + 15 * SECOND)
        schedule.record_success(START, START + 200 * SECOND)
        assert schedule.next_poll(START + 200 * SECOND) == planned

    def test_an_ask_that_fired_early_is_not_repeated_at_once(self) -> None:
        """The next one keeps the shortest pause."""
        schedule = waiting()
        early = schedule.next_poll(START + 15 * SECOND) - SECOND
        schedule.record_success(START, early)
        assert schedule.next_poll(early) == early + SHORTEST_PAUSE

    def test_the_first_ask_is_at_once(self) -> None:
        """Nothing is known yet, so nothing is waited for."""
        assert PollSchedule().next_poll(START) == START + SECOND

    def test_a_newest_reading_from_the_future_does_not_silence_it(self) -> None:
        """A wearer's clock may be wrong; the longest pause holds."""
        schedule = PollSchedule()
        schedule.record_success(START + timedelta(days=400), START)
        assert schedule.next_poll(START) <= START + LONGEST_PAUSE


class TestInterval:
    """The interval for a coordinator that drops the fraction of its clock and adds 0.05 to 0.5 s."""

    @given(st.floats(0, 1e6), st.floats(0, 30), st.floats(0.05, 0.5))
    def test_never_fires_before_its_time(self, loop_seconds: float, later: float, microsecond: float) -> None:
        """Half a second late at most where it is used at once; where it is used later, never early either."""
        schedule = waiting()
        now = START + 15 * SECOND
        interval = schedule.interval_seconds(now, loop_seconds)
        due = loop_seconds + pause_seconds(schedule, now)
        assert -1e-6 <= int(loop_seconds) + microsecond + interval - due <= 0.5 + 1e-6
        assert int(loop_seconds + later) + microsecond + interval - due >= -1e-6


class TestLate:
    """A reading that is not there when it should be."""

    def test_retries_in_small_steps_and_aims_again_at_its_successor(self) -> None:
        """Each a little later than the one before; then the next reading is due, and is asked for in time."""
        due = waiting().next_poll(START + 15 * SECOND)
        asks, _ = ask(waiting(), START + 15 * SECOND, START + 700 * SECOND, lambda _: START)
        first = [(time - due).total_seconds() for time in asks if time < due + 300 * SECOND]
        assert first[0] == 0
        steps = [later - earlier for earlier, later in pairwise(first)]
        assert 4 <= len(first) <= 11
        assert all(5 <= step <= 60 for step in steps)
        assert steps[0] <= 25
        assert due + 300 * SECOND in asks

    def test_widens_slowly_in_a_gap_and_never_stops(self) -> None:
        """Twice for every missing reading at first, then once, for as long as it takes."""
        asks, after = ask(waiting(), START + 15 * SECOND, START + timedelta(days=90), lambda _: START)
        overdue = [time - asks[0] for time in asks]

        def between(begin: timedelta, end: timedelta) -> int:
            return sum(begin <= time < end for time in overdue)

        assert between(timedelta(0), 5 * MINUTE) <= 11
        assert between(5 * MINUTE, 60 * MINUTE) == 2 * 11
        assert between(60 * MINUTE, 24 * HOUR) == 276
        assert between(80 * 24 * HOUR, 81 * 24 * HOUR) == 288
        assert after - asks[-1] <= LONGEST_PAUSE

    def test_in_a_gap_every_reading_is_asked_for_when_it_is_due(self) -> None:
        """The next one may be there in time."""
        asks, _ = ask(waiting(), START + 15 * SECOND, START + 6 * HOUR, lambda _: START)
        for number in range(60):
            assert asks[0] + number * 300 * SECOND in asks

    def test_looks_again_right_after_a_gap(self) -> None:
        """The phone sends what was missed now, and the next reading is asked for when it is due."""
        schedule = PollSchedule()
        schedule.record_success(START, START + 15 * SECOND)
        new = START + 3 * CADENCE
        schedule.record_success(new, new + 30 * SECOND)
        asks, _ = ask(schedule, new + 30 * SECOND, new + 320 * SECOND, lambda _: new)
        assert [(time - new) / SECOND for time in asks] == [70, FIRST_ASK / SECOND]

    def test_two_readings_at_once_are_no_gap(self) -> None:
        """One was late, and nothing is missing."""
        schedule = waiting()
        schedule.record_success(START + CADENCE, START + CADENCE + 100 * SECOND)
        assert schedule.next_poll(START + CADENCE + 100 * SECOND) > START + 2 * CADENCE

    def test_asks_where_there_are_no_readings_at_all(self) -> None:
        """As in a gap: Share may be switched on at any time."""
        schedule = PollSchedule()
        schedule.record_success(None, START)
        asks, _ = ask(schedule, START, START + 24 * HOUR, lambda _: None)
        assert 288 <= len(asks) <= 350
        assert schedule.window(START + 24 * HOUR) == WIDE


class TestLearning:
    """The account's upload delay."""

    @pytest.mark.parametrize("seed", range(2))
    @pytest.mark.parametrize(
        ("delay_seconds", "limit"),
        [
            pytest.param(lambda random: random.uniform(10, 14), 2.0, id="steady"),
            pytest.param(lambda random: random.uniform(3, 7), 2.0, id="quick"),
            pytest.param(lambda random: random.uniform(30, 90), 13.7, id="slow"),
            pytest.param(lambda random: 8 + random.expovariate(1 / 14), 10.0, id="tail"),
            pytest.param(
                lambda random: random.uniform(8, 15) if random.random() < 0.85 else random.uniform(15, 60),
                5.2,
                id="mostly quick",
            ),
            pytest.param(
                lambda random: random.uniform(10, 20) if random.random() < 0.5 else random.uniform(20, 140),
                15.2,
                id="asleep",
            ),
        ],
    )
    def test_comes_near_the_best_possible(
        self, seed: int, delay_seconds: Callable[[Random], float], limit: float
    ) -> None:
        """Mean delay, and 5 s for each call beyond the first for a reading: 15 % and 1 s above the limit at most."""
        random = Random(seed)
        world = steady_world(6 * 288, lambda _: delay_seconds(random))
        asks, delays = play(PollSchedule(Random(seed)), world)
        assert sum(delays) / len(delays) + 5 * (asks / len(delays) - 1) < 1.15 * limit + 1

    @pytest.mark.parametrize("seed", range(2))
    @pytest.mark.parametrize("change", [40, -40, 180])
    def test_follows_a_lasting_change_within_hours(self, change: float, seed: int) -> None:
        """Another phone, or a clock that is set right: fresh after eight hours, for few calls after two days."""
        random = Random(seed)
        world = steady_world(5 * 288, lambda number: random.uniform(58, 65) + (change if number >= 288 else 0))
        schedule = PollSchedule(Random(seed))
        play(schedule, world[:288])
        _, delays = play(schedule, world[288 : 3 * 288])
        assert sum(delays[96:]) / len(delays[96:]) < 6
        asks, delays = play(schedule, world[3 * 288 :])
        assert asks / len(delays) < (1.5 if change < 100 else 2.2)

    @pytest.mark.parametrize("ahead", [-900, -90, -20, 20, 90, 900])
    def test_a_wrong_clock_costs_little(self, ahead: float) -> None:
        """What differs between the clocks is learned as part of the delay."""
        random = Random(2)
        world = steady_world(5 * 288, lambda _: random.uniform(8, 15))
        schedule = PollSchedule(Random(2))
        play(schedule, world[:288], clock_ahead=ahead * SECOND)
        asks, delays = play(schedule, world[288:], clock_ahead=ahead * SECOND)
        assert sum(delays) / len(delays) < 6
        assert asks / len(delays) < 1.5

    @pytest.mark.parametrize("cadence_seconds", [297, 299.0, 299.756, 300.4, 303])
    def test_a_cadence_that_differs_costs_little(self, cadence_seconds: float) -> None:
        """Every reading is aimed at from the one before."""
        random = Random(3)
        world = steady_world(3 * 288, lambda _: random.uniform(8, 15), cadence_seconds * SECOND)
        asks, delays = play(PollSchedule(Random(3)), world)
        assert sum(delays) / len(delays) < 5
        assert asks / len(delays) < 1.5

    def test_a_single_late_reading_changes_little(self) -> None:
        """Nor do two in a row: what is learned are shares of many readings."""
        random = Random(1)
        schedule = PollSchedule(Random(1))
        world = steady_world(396, lambda number: 200.0 if number in {300, 301} else random.uniform(8, 15))
        play(schedule, world[:302])
        asks, delays = play(schedule, world[302:])
        assert sum(delays) / len(delays) < 5
        assert asks / len(delays) < 1.5

    def test_a_fault_and_a_new_sensor_teach_nothing(self) -> None:
        """What they delay says nothing of the uploads."""
        fault = waiting()
        fault.record_failure(START + 315 * SECOND, None)
        fault.record_success(START + CADENCE, START + CADENCE + 100 * SECOND)
        sensor = waiting()
        sensor.record_success(START + 170 * SECOND, START + 300 * SECOND)
        untaught = waiting().to_dict()
        assert fault.to_dict() == sensor.to_dict() == untaught

    def test_asks_in_between_teach_no_haste(self) -> None:
        """Where somebody else asks twice a minute, the aim stays where readings were found."""
        schedule = PollSchedule(Random(1))
        newest = START
        for seconds in range(0, 3 * 24 * 3600, 30):
            now = START + seconds * SECOND
            newest = max(newest, START + (now - START - 10 * SECOND) // CADENCE * CADENCE)
            schedule.record_success(newest, now)
        assert 8 < schedule.next_poll(now).timestamp() - newest.timestamp() - 300 < 60

    def test_each_delay_is_counted_by_the_hour(self) -> None:
        """From the ask in vain to the one that found, in the hour of the latter."""
        schedule = waiting()
        schedule.record_success(START, START + 310 * SECOND)
        schedule.record_success(START + CADENCE, START + CADENCE + 24 * SECOND)
        assert schedule.histogram.to_dict() == {"06": {"10-30": 1}}

    def test_what_was_learned_survives(self) -> None:
        """As JSON, to the letter."""
        random = Random(4)
        schedule = PollSchedule(Random(4))
        play(schedule, steady_world(100, lambda _: random.uniform(20, 40)))
        stored = json.loads(json.dumps(schedule.to_dict()))
        again = PollSchedule.from_dict(stored, Random(4))
        assert again.to_dict() == PollSchedule.from_dict(again.to_dict()).to_dict()
        assert again.to_dict()["delays_by_hour"] == stored["delays_by_hour"]
        newest = START + 99 * CADENCE
        again.record_success(newest, newest)
        assert 25 < (again.next_poll(newest) - newest) / SECOND - 300 < 42

    def test_what_version_1_learned_is_taken_over(self) -> None:
        """As its file has it: here of an account whose clock is ten minutes off."""
        path = Path(__file__).parent.parent / "fixtures" / "version_1" / "schedule.json"
        stored = json.loads(path.read_text())["data"]
        schedule = PollSchedule.from_dict(stored)
        now = START + stored["aim_seconds"] * SECOND
        schedule.record_success(START, now)
        assert abs(schedule.next_poll(now) - now - CADENCE) < 30 * SECOND
        assert PollSchedule.from_dict(schedule.to_dict()).to_dict() == schedule.to_dict()

    @pytest.mark.parametrize("aim_seconds", [15.0, 40.0])
    def test_an_aim_of_version_1_is_the_first_aim_of_this_one(self, aim_seconds: float) -> None:
        """Until the account's own readings tell more."""
        stored = {"version": 1, "aim_seconds": aim_seconds, "retry_seconds": 8.0, "readings": 1000}
        schedule = PollSchedule.from_dict(stored)
        schedule.record_success(START, START)
        assert (schedule.next_poll(START) - START) / SECOND - 300 == pytest.approx(aim_seconds, abs=6)

    @pytest.mark.parametrize("version", [1, 2])
    def test_that_two_devices_upload_is_remembered(self, version: int) -> None:
        """By either version."""
        old = {"version": 1, "aim_seconds": 15.0, "retry_seconds": 8.0, "readings": 10}
        stored = old if version == 1 else PollSchedule().to_dict()
        assert PollSchedule.from_dict(stored | {"has_duplicates": True}).window(START) == (1440, 576)

    @pytest.mark.parametrize(
        "change",
        [
            {"version": 3},
            {"version": None},
            {"delays": None},
            {"delays": {}},
            {"delays": [1]},
            {"version": 1, "aim_seconds": "15", "retry_seconds": 10.0, "readings": 1},
            {"version": 1, "aim_seconds": nan, "retry_seconds": 10.0, "readings": 1},
            {"version": 1, "aim_seconds": inf, "retry_seconds": 10.0, "readings": 1},
            {"version": 1, "aim_seconds": -1e9, "retry_seconds": 10.0, "readings": 1},
            {"version": 1, "aim_seconds": 15.0, "retry_seconds": 0.0, "readings": 1},
            {"version": 1, "aim_seconds": 15.0, "retry_seconds": nan, "readings": 1},
            {"version": 1, "aim_seconds": 15.0, "retry_seconds": 10.0, "readings": -1},
            {"version": 1, "aim_seconds": 15.0, "retry_seconds": 10.0, "readings": 1.5},
        ],
        ids=str,
    )
    def test_damage_is_told(self, change: dict[str, object]) -> None:
        """Rather than to ask at odd times ever after."""
        with pytest.raises(ValueError, match="damaged"):
            PollSchedule.from_dict(PollSchedule().to_dict() | change)

    def test_a_histogram_that_is_damaged_costs_only_itself(self) -> None:
        """What is learned is kept."""
        stored = waiting().to_dict()
        assert PollSchedule.from_dict(stored | {"delays_by_hour": 7}).to_dict()["delays"] == stored["delays"]


class TestFaults:
    """A server in trouble, or out of reach."""

    def failures(self, schedule: PollSchedule, count: int) -> list[float]:
        """Return the pauses after faults in a row."""
        now = START + 315 * SECOND
        pauses: list[float] = []
        for _ in range(count):
            schedule.record_failure(now, None)
            pauses.append(pause_seconds(schedule, now))
            now = schedule.next_poll(now)
        return pauses

    @pytest.mark.parametrize("seed", range(5))
    def test_pauses_grow_to_a_limit(self, seed: int) -> None:
        """From seconds to minutes, and no further."""
        pauses = self.failures(waiting(Random(seed)), 100)
        assert 10 <= pauses[0] <= 12.5
        assert all(earlier < later for earlier, later in pairwise(pauses[:6]))
        assert all(
            LONGEST_FAILURE_PAUSE_SECONDS <= pause <= 1.25 * LONGEST_FAILURE_PAUSE_SECONDS for pause in pauses[5:]
        )

    def test_pauses_are_spread(self) -> None:
        """So that a thousand homes don't come back in the same second."""
        pauses = {round(self.failures(waiting(Random(seed)), 1)[0], 1) for seed in range(50)}
        assert len(pauses) > 10

    def test_a_good_answer_ends_the_trouble(self) -> None:
        """The plan is the readings' again, and the next fault is a first one."""
        schedule = waiting(Random(1))
        self.failures(schedule, 8)
        schedule.record_success(START + 12 * CADENCE, START + 12 * CADENCE + 20 * SECOND)
        schedule.record_success(START + 13 * CADENCE, START + 13 * CADENCE + 20 * SECOND)
        assert 280 < pause_seconds(schedule, START + 13 * CADENCE + 20 * SECOND) < 300
        assert self.failures(schedule, 1)[0] <= 12.5

    @pytest.mark.parametrize(("asked", "least"), [(120.0, 120.0), (3.0, 10.0), (0.0, 10.0), (-5.0, 10.0), (nan, 10.0)])
    def test_a_server_that_names_its_pause_gets_it(self, asked: float, least: float) -> None:
        """With some jitter on top, never less; and never less than without."""
        schedule = waiting(Random(1))
        schedule.record_failure(START, asked)
        assert least <= pause_seconds(schedule, START) <= 1.25 * least

    @pytest.mark.parametrize("asked", [1e4, 1e9, 1e300])
    def test_no_server_can_silence_it(self, asked: float) -> None:
        """An hour is the most, whatever it asks for; what is no number counts for nothing."""
        schedule = waiting(Random(1))
        schedule.record_failure(START, asked)
        assert LONGEST_RETRY_AFTER_SECONDS <= pause_seconds(schedule, START) <= 1.25 * LONGEST_RETRY_AFTER_SECONDS
        schedule.record_failure(START, inf)
        assert pause_seconds(schedule, START) < 60


class TestWindow:
    """How much is asked for."""

    def test_a_whole_day_at_the_start_and_little_afterwards(self) -> None:
        """What two regular readings leave open, with room for duplicates."""
        schedule = PollSchedule()
        assert schedule.window(START) == WIDE
        schedule.record_success(START, START + 15 * SECOND)
        assert schedule.window(START + 300 * SECOND - SECOND) == (14, 5)

    def test_covers_the_time_since_the_newest_reading(self) -> None:
        """With two readings to spare, up to what Share serves."""
        schedule = settled()
        newest = START + 40 * CADENCE
        for minutes in (0, 7, 20):
            asked_minutes, asked_count = schedule.window(newest + minutes * MINUTE)
            assert asked_minutes == minutes + 10
            assert asked_count >= 2 * (asked_minutes // 5)
        assert schedule.window(newest + 30 * HOUR) == WIDE

    def test_a_clock_behind_the_readings_asks_for_little(self) -> None:
        """And not for less than nothing."""
        assert settled().window(START + 38 * CADENCE) == (10, 4)

    def test_two_devices_that_upload_are_asked_for_twice_as_much(self) -> None:
        """The whole day once when they are noticed, since the answer may have lacked half; also after a restart."""
        schedule = settled()
        now = START + 41 * CADENCE
        schedule.record_success(now, now + 15 * SECOND)
        assert schedule.window(now + MINUTE) != WIDE
        schedule.note_duplicates(True, now + 15 * SECOND)
        assert schedule.window(now + MINUTE) == (1440, 576)
        schedule.record_success(now, now + 2 * MINUTE)
        schedule.note_duplicates(True, now + 2 * MINUTE)
        assert schedule.window(now + 3 * MINUTE) == (13, 5)
        again = PollSchedule.from_dict(json.loads(json.dumps(schedule.to_dict())))
        assert again.window(now) == (1440, 576)
        again.note_duplicates(False, now)
        assert again.window(now) == WIDE
        assert PollSchedule.from_dict(again.to_dict()).window(now) == WIDE

    def test_a_day_after_a_fault(self) -> None:
        """Whatever may have happened meanwhile."""
        schedule = settled()
        now = START + 41 * CADENCE + 15 * SECOND
        schedule.record_failure(now, None)
        assert schedule.window(now + 10 * SECOND) == WIDE
        schedule.record_success(START + 41 * CADENCE, now + 10 * SECOND)
        assert schedule.window(now + 20 * SECOND) != WIDE

    def test_looks_at_the_day_again_and_again_after_a_gap(self) -> None:
        """At once, in 5, 10, 20, 40, 80 minutes, then every two hours: phones refill a gap late, up to a day."""
        schedule = settled()
        newest = START + 50 * CADENCE
        schedule.record_success(newest, newest + 15 * SECOND)
        wide: list[float] = []
        begin = newest + 15 * SECOND
        now = schedule.next_poll(begin)
        while now < begin + 26 * HOUR:
            if schedule.window(now) == WIDE:
                wide.append((now - begin) / MINUTE)
            newest = START + (now - START) // CADENCE * CADENCE
            schedule.record_success(newest, now)
            now = schedule.next_poll(now)
        assert wide[0] < 1
        steps = [later - earlier for earlier, later in pairwise(wide)]
        assert 16 <= len(wide) <= 24
        assert max(steps) < 126
        assert sum(time < 100 for time in wide) >= 5

    def test_an_answer_just_after_a_look_falls_due_is_not_taken_for_it(self) -> None:
        """It was sent before, and asked for little."""
        schedule = settled()
        due = next(
            START + 40 * CADENCE + seconds * SECOND
            for seconds in range(7200)
            if schedule.window(START + 40 * CADENCE + seconds * SECOND) == WIDE
        )
        schedule.record_success(START + 41 * CADENCE, due + SECOND)
        assert schedule.window(due + 2 * SECOND) == WIDE


def settled() -> PollSchedule:
    """Return a schedule that has found 41 regular readings, the last one taken at START + 40 cadences."""
    schedule = PollSchedule()
    for number in range(41):
        schedule.record_success(START + number * CADENCE, START + number * CADENCE + 14 * SECOND)
    return schedule


class TestAlways:
    """What holds whatever happens."""

    @settings(max_examples=200)
    @given(
        st.lists(
            st.one_of(
                st.tuples(st.just("found"), st.floats(-4000, 4000)),
                st.tuples(st.just("nothing"), st.floats(0, 0)),
                st.tuples(st.just("fault"), st.none() | st.floats()),
                st.tuples(st.just("clock"), st.floats(-1e6, 1e6)),
                st.tuples(st.just("ask"), st.floats(0, 1000)),
            ),
            max_size=60,
        ),
        st.integers(),
    )
    def test_it_never_stops_and_never_hurries(self, events: list[tuple[str, float | None]], seed: int) -> None:
        """The next ask is always later than now, soon enough, and the same for the same events."""
        schedules = [PollSchedule(Random(seed)), PollSchedule(Random(seed))]
        now = START
        for kind, number in events:
            for schedule in schedules:
                match kind, number:
                    case "found", float(seconds):
                        schedule.record_success(now + seconds * SECOND, now)
                    case "nothing", _:
                        schedule.record_success(None, now)
                    case "fault", _:
                        schedule.record_failure(now, number)
            if kind in {"clock", "ask"} and number is not None:
                now += number * SECOND
            first, second = (schedule.next_poll(now) for schedule in schedules)
            assert first == second
            assert SECOND <= first - now <= 1.25 * LONGEST_RETRY_AFTER_SECONDS * SECOND
            if kind in {"found", "nothing"}:
                assert SHORTEST_PAUSE <= first - now <= LONGEST_PAUSE
            minutes, count = schedules[0].window(now)
            assert 10 <= minutes <= 1440
            assert 4 <= count <= 288
            if kind != "clock":
                now = max(now, first)

    @given(st.floats(-1e7, 1e7), st.integers(0, 3))
    def test_a_clock_that_jumps_does_not_lengthen_a_pause(self, jump: float, failures: int) -> None:
        """Back: the pause that was meant, counted from now. Ahead: at once."""
        schedule = waiting(Random(1))
        now = START + 15 * SECOND
        for _ in range(failures):
            schedule.record_failure(now, None)
        pause = schedule.next_poll(now) - now
        assert schedule.next_poll(now + jump * SECOND) - (now + jump * SECOND) <= pause

    @pytest.mark.parametrize("seed", range(3))
    def test_calls_are_bounded_whatever_the_uploads_do(self, seed: int) -> None:
        """Even where every reading comes at another time, some out of order, some never."""
        random = Random(seed)
        world = [
            (START + number * CADENCE, START + number * CADENCE + random.expovariate(1 / 120) * SECOND)
            for number in range(4 * 288)
            if random.random() < 0.8
        ]
        asks, _ = play(PollSchedule(Random(seed)), world)
        assert asks / 4 < 5 * 288
