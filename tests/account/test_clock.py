"""Rules T1 and T2: who is right where clocks disagree, and that nothing else moves the time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import given, strategies as st
import pytest

from custom_components.dexcom_share.account.clock import MOST_TRIES, AccountClock

NOON: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)
SECOND: Final = timedelta(seconds=1)
OFF: Final = [-2 * HOUR, -HOUR, HOUR, 2 * HOUR]
ZERO: Final = timedelta(0)


@dataclass
class World:
    """The true time, and how far the machine's and Share's clocks are off; readings are stamped rightly."""

    machine: timedelta = ZERO
    share: timedelta = ZERO
    seconds: float = 1000.0
    newest: datetime | None = NOON - 2 * MINUTE
    clock: AccountClock = field(init=False)

    def __post_init__(self) -> None:
        """Start the clock at noon."""
        self.clock = AccountClock(lambda: self.seconds, lambda: self.now + self.machine)

    @property
    def now(self) -> datetime:
        """Return the true time."""
        return NOON + timedelta(seconds=self.seconds - 1000)

    @property
    def error(self) -> timedelta:
        """Return how far the account's clock is off, to the second."""
        return timedelta(seconds=round((self.clock.now() - self.now) / SECOND))

    def poll(self, after: float = 11.0, *, new: bool = False) -> None:
        """Get an answer some seconds later, with a reading that is two minutes old where it has a new one."""
        self.seconds += after
        self.clock.heard((self.now + self.share).replace(microsecond=0))
        if new:
            self.newest = self.now - 2 * MINUTE
        self.clock.note_newest(self.newest)


def confirmed() -> World:
    """Return a world in which all clocks agree, and that is known."""
    world = World()
    world.poll()
    assert world.clock.is_confirmed
    return world


def test_before_share_is_heard_nothing_may_be_current() -> None:
    """The machine's clock is all there is, and proves nothing."""
    world = World(machine=HOUR)
    assert not world.clock.is_heard
    assert not world.clock.is_confirmed
    assert not world.clock.may_be_current
    assert world.error == HOUR
    world.seconds += 3600
    assert world.error == HOUR
    assert world.clock.oldest_now() == world.clock.now()


def test_one_answer_that_agrees_confirms_and_moves_nothing() -> None:
    """Up to half a minute is no difference."""
    world = World(share=timedelta(seconds=25))
    before = world.clock.now()
    world.poll(0)
    assert (world.clock.is_heard, world.clock.is_confirmed, world.clock.may_be_current) == (True, True, True)
    assert world.clock.now() == before
    assert not world.clock.is_settling


@pytest.mark.parametrize("off", OFF)
def test_a_machine_that_starts_off_is_set_right_by_two_answers(off: timedelta) -> None:
    """Between them nothing is current, and readings are counted as old as either clock makes them."""
    world = World(machine=off)
    world.poll()
    assert world.clock.is_settling
    assert not world.clock.may_be_current
    assert world.error == off
    assert abs(world.clock.oldest_now() - world.now - max(off, ZERO)) <= SECOND
    world.poll(5)
    assert world.error == off, "two answers less than ten seconds apart are one"
    assert world.clock.is_settling
    world.poll(6)
    assert world.error == ZERO
    assert (world.clock.is_confirmed, world.clock.is_settling, world.clock.may_be_current) == (True, False, True)
    assert abs(world.clock.offset_to_machine - off) <= SECOND


@pytest.mark.parametrize("off", OFF)
def test_a_network_that_comes_late(off: timedelta) -> None:
    """The first answer comes hours after the start, when the machine's clock has been set right already."""
    world = World(machine=off)
    world.seconds += 7200
    world.machine = ZERO
    assert world.error == off
    world.poll()
    world.poll()
    assert world.error == ZERO
    assert world.clock.is_confirmed


@pytest.mark.parametrize("off", OFF)
def test_a_step_of_the_machine_moves_nothing(off: timedelta) -> None:
    """Neither now nor later, whatever Share and the readings say."""
    world = confirmed()
    world.machine = off
    for _ in range(5):
        world.poll(300, new=True)
        assert world.error == ZERO
        assert not world.clock.is_settling
    assert abs(world.clock.offset_to_machine - off) <= SECOND


@pytest.mark.parametrize("off", OFF)
def test_share_off_while_running_moves_nothing(off: timedelta) -> None:
    """A clock that was confirmed keeps to itself and to the readings, and asks once more only once."""
    world = confirmed()
    world.share = off
    world.poll(300, new=True)
    assert (world.clock.is_settling, world.clock.may_be_current) == (True, True)
    assert world.clock.oldest_now() == world.clock.now(), "one answer makes no reading older"
    world.poll(11)
    for _ in range(5):
        assert (world.error, world.clock.is_settling) == (ZERO, False)
        assert world.clock.oldest_now() == world.clock.now()
        world.poll(300, new=True)
    assert world.clock.is_confirmed
    world.share = ZERO
    world.poll()
    assert (world.error, world.clock.is_settling) == (ZERO, False)


@pytest.mark.parametrize("off", OFF)
def test_share_off_at_the_start_is_found_out_by_live_readings(off: timedelta) -> None:
    """Until then readings look old, or as they are; never younger than by ours."""
    world = World(share=off)
    world.poll()
    world.poll()
    assert world.clock.now() >= world.now - SECOND
    world.poll(289, new=True)
    assert world.error == ZERO
    world.poll(300, new=True)
    assert world.error == ZERO


@pytest.mark.parametrize("off", OFF)
def test_share_and_machine_off_alike(off: timedelta) -> None:
    """Who agree are believed: nothing else could be known."""
    world = World(share=off, machine=off)
    world.poll()
    assert world.clock.is_confirmed
    world.share = world.machine = ZERO
    world.poll()
    world.poll()
    assert world.error == ZERO


@pytest.mark.parametrize("off", [HOUR, -HOUR])
def test_without_readings_the_later_clock_or_share_is_taken(off: timedelta) -> None:
    """And a first reading that lies in Share's future speaks against Share."""
    world = World(share=off, newest=None)
    world.poll()
    world.poll()
    assert world.error == off
    world.newest = world.now - MINUTE
    world.poll(1000)
    assert world.error == (max(off, ZERO))


def test_log_ins_before_the_first_reading_decide_nothing_for_good() -> None:
    """Answers are heard before the readings in them are known."""
    world = World(share=-HOUR)
    world.clock.heard(world.now + world.share)
    world.seconds += 12
    world.clock.heard(world.now + world.share)
    assert world.error == -HOUR
    world.clock.note_newest(world.now - MINUTE)
    assert world.error == ZERO
    assert not world.clock.is_confirmed


def test_what_was_held_back_does_not_make_share_wrong() -> None:
    """A phone without a network for hours uploads in pieces: an hours-old reading that is new is not live."""
    world = World(machine=-2 * HOUR, newest=NOON - 6 * HOUR)
    world.poll()
    world.poll()
    assert world.error == ZERO
    world.newest = NOON - 2 * HOUR
    world.poll(60)
    assert world.error == ZERO


def test_a_suspended_machine_without_a_clock_for_it() -> None:
    """The first answer alone moves nothing, as it may be wrong; the second, 11 s later, makes up for the time slept."""
    world = confirmed()
    slept = 8 * HOUR
    world.machine = world.share = slept  # as seen by a monotonic clock that stood still
    world.poll(60)
    assert world.clock.is_settling
    assert world.clock.oldest_now() == world.clock.now()
    world.poll()
    assert abs(world.error - slept) <= SECOND
    assert world.clock.offset_to_machine <= SECOND


def test_a_suspension_that_the_monotonic_clock_counts_is_time_that_passed() -> None:
    """Nothing has to be found out."""
    world = confirmed()
    world.poll(8 * 3600)
    assert (world.error, world.clock.is_settling) == (ZERO, False)


@pytest.mark.parametrize(
    "time",
    [
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2040, 1, 1, tzinfo=UTC),
        datetime(2026, 11, 22, 15),
        None,
    ],
)
def test_an_absurd_time_is_none(time: datetime | None) -> None:
    """The answer counts as heard all the same."""
    world = World()
    for _ in range(3):
        world.clock.heard(time)
        world.seconds += 11
    assert world.error == ZERO
    assert (world.clock.is_heard, world.clock.is_confirmed, world.clock.is_settling) == (True, False, False)
    assert world.clock.may_be_current


@pytest.mark.parametrize("year", [1970, 2004, 9999])
def test_a_machine_whose_clock_was_never_set(year: int) -> None:
    """An absurd clock of the machine does not make Share's absurd, nor any time overflow."""
    seconds = 0.0
    clock = AccountClock(lambda: seconds, lambda: datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC))
    for seconds in (1.0, 12.0):
        clock.now()
        clock.heard(datetime(9999, 12, 31, tzinfo=UTC))
        clock.heard(NOON + timedelta(seconds=seconds))
    assert abs(clock.now() - NOON) < MINUTE
    assert clock.is_confirmed


def test_dates_that_flap() -> None:
    """An answer now and then from a server whose clock is off moves nothing and blanks nothing."""
    world = confirmed()
    for off in (HOUR, ZERO, -HOUR, ZERO, HOUR, 2 * HOUR, -HOUR, ZERO):
        world.share = off
        world.poll(300, new=True)
        assert world.error == ZERO
        assert world.clock.may_be_current
    assert not world.clock.is_settling


def test_times_that_never_agree_are_given_up() -> None:
    """Asking again soon helps no more, and Share's time is worth nothing."""
    world = World()
    for minutes in range(MOST_TRIES):
        world.share = timedelta(minutes=60 + 5 * minutes)
        world.poll()
        assert world.clock.is_settling
        assert not world.clock.may_be_current
    world.share = 3 * HOUR
    world.poll()
    assert not world.clock.is_settling
    assert world.clock.may_be_current
    assert world.error == ZERO


def test_the_way_of_an_answer_is_allowed_for() -> None:
    """Share read its clock about in the middle."""
    world = World()
    for _ in range(2):
        world.seconds += 40
        world.clock.heard(world.now - 35 * SECOND, took_seconds=40)
    assert world.clock.is_confirmed
    assert world.error == ZERO


def test_a_clock_that_drifts_follows() -> None:
    """A machine whose monotonic clock runs slow for months is set right."""
    world = confirmed()
    world.machine = world.share = timedelta(seconds=40)
    world.poll()
    world.poll()
    assert world.error == timedelta(seconds=40)


EVENTS: Final = st.lists(
    st.tuples(
        st.sampled_from(["machine", "share", "poll", "new"]),
        st.integers(-7300, 7300),
        st.floats(0, 600),
    ),
    max_size=30,
)


@given(EVENTS)
def test_only_two_answers_that_agree_move_it(events: list[tuple[str, int, float]]) -> None:
    """Whatever happens: time goes on by the monotonic clock, or jumps to a time that two answers told."""
    world = confirmed()
    told: list[tuple[float, timedelta]] = [(world.seconds, ZERO)]
    for kind, off, after in events:
        before = world.error
        if kind == "machine":
            world.machine = timedelta(seconds=off)
            world.seconds += after
            assert world.error == before
        elif kind == "share":
            world.share = timedelta(seconds=off)
        else:
            world.poll(after, new=kind == "new")
            told.append((world.seconds, world.share))
        if abs(world.error - before) > SECOND:
            at = [when for when, share in told if abs(share - world.error) <= 31 * SECOND]
            assert max(at) - min(at) >= 10 or world.error == ZERO


@pytest.mark.parametrize("off", OFF)
def test_without_a_live_reading_a_confirmed_clock_is_kept(off: timedelta) -> None:
    """Share's word alone, however often given, moves only a clock that nothing spoke for."""
    world = confirmed()
    world.share = off
    for _ in range(3):
        world.poll(700)
    assert (world.error, world.clock.is_confirmed) == (ZERO, True)
