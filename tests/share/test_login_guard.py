"""Rules of restraint in log-ins (N4)."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from hypothesis import given, strategies as st
import pytest

from custom_components.dexcom_share.share import (
    AccountLockedError,
    AuthenticationError,
    ShareConnectionError,
    ShareError,
    ShareResponseError,
    ShareServerError,
    ShareTimeoutError,
)
from custom_components.dexcom_share.share.login_guard import (
    ASK_AFTER_LOCKS,
    LONGEST_LOCK_PAUSE_SECONDS,
    MOST_REFUSALS,
    MOST_SENT,
    SENT_FREELY,
    LoginGuard,
    Moment,
    is_answer_lost,
)

NOON: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
START: Final = 50_000.0
MINUTE: Final = 60.0
HOUR: Final = 3600.0
REFUSAL: Final = AuthenticationError("refused")
LOCK: Final = AccountLockedError("locked")
OLD_RECORD: Final[dict[str, object]] = {
    # As versions before the account had a clock wrote it.
    "has_worked": True,
    "refused_since": "2026-11-22T11:30:00+00:00",
    "locked_until": "2026-11-22T12:20:00+00:00",
    "refused_at": ["2026-11-22T11:30:00+00:00", "2026-11-22T11:50:00+00:00"],
    "refusals_in_a_row": 2,
    "locks_in_a_row": 1,
}


def moment(uptime: float, boot: str = "one", wall: datetime | None = None) -> Moment:
    """Return a moment of a machine that was at START at noon."""
    return Moment(uptime, wall or NOON + timedelta(seconds=uptime - START), boot)


def log_in(guard: LoginGuard, now: float, error: BaseException | None = None) -> None:
    """Log in, whatever stands against it."""
    guard.begin(now)
    if error is None:
        guard.succeed()
    else:
        guard.fail(error, now)


def refuse(guard: LoginGuard, now: float) -> float:
    """Try as soon as allowed, be refused, and return when that was."""
    now += guard.wait(now) or 0.0
    log_in(guard, now, REFUSAL)
    return now


def worked() -> LoginGuard:
    """Return the guard of an account that has worked."""
    guard = LoginGuard()
    log_in(guard, START - 2 * HOUR)
    return guard


def test_a_new_account_may_log_in() -> None:
    """Nothing stands against the first attempt."""
    guard = LoginGuard()
    assert guard.wait(START) is None
    assert not guard.should_ask
    assert not guard.is_last_lost


def test_a_new_account_that_is_refused_asks_at_once() -> None:
    """Credentials that never worked are most likely wrong."""
    guard = LoginGuard()
    log_in(guard, START, REFUSAL)
    assert guard.should_ask
    assert guard.refused_since == START


def test_a_refused_password_is_asked_for_at_once() -> None:
    """Until somebody answers nobody is watched, so the first refusal counts; that Share erred shows by itself."""
    guard = worked()
    now = refuse(guard, START)
    assert guard.should_ask
    log_in(guard, now)
    assert not guard.should_ask


def test_a_lock_of_an_account_that_worked_asks_only_when_it_persists() -> None:
    """A lock says nothing of the password."""
    guard = worked()
    now = START
    for attempt in range(1, ASK_AFTER_LOCKS + 1):
        log_in(guard, now, LOCK)
        assert guard.should_ask == (attempt >= ASK_AFTER_LOCKS)
        now += 3 * HOUR


def test_a_refusal_asks_also_after_a_lock() -> None:
    """The refusal is of the password, whatever came before."""
    guard = worked()
    log_in(guard, START, LOCK)
    log_in(guard, START + HOUR, REFUSAL)
    assert guard.should_ask


def test_pauses_grow() -> None:
    """Each refusal in a row makes the next wait no shorter."""
    guard = worked()
    times = [START]
    for _ in range(8):
        times.append(refuse(guard, times[-1]))
    waits = [after - before for before, after in pairwise(times[1:])]
    assert waits == sorted(waits)
    assert waits[0] == 5 * MINUTE
    assert waits[-1] == 2 * HOUR


def test_success_clears_refusals_and_lock() -> None:
    """After a success a session that ends may be renewed at once."""
    guard = worked()
    log_in(guard, START, LOCK)
    later = START + HOUR
    log_in(guard, later)
    assert guard.wait(later) is None
    assert not guard.should_ask
    assert guard.refused_since is None
    assert guard.lock_wait(later) is None


def test_what_was_not_sent_does_not_count() -> None:
    """A network that is down costs nothing."""
    guard = worked()
    for _ in range(50):
        log_in(guard, START, ShareConnectionError("unreachable", is_sent=False))
    assert guard.wait(START) is None
    assert not guard.is_last_lost


@pytest.mark.parametrize(
    "error",
    [
        ShareTimeoutError("late"),
        ShareConnectionError("broken off"),
        ShareServerError("gateway", code="HTTP 504"),
        KeyboardInterrupt(),
        None,
    ],
)
def test_a_lost_answer_may_be_a_refusal_and_accuses_nobody(error: BaseException | None) -> None:
    """Three an hour, as many as may be refused, the third ten minutes later; also one that was cut off by a kill."""
    guard = worked()
    now = START
    for wait in (None, None, 10 * MINUTE):
        assert guard.wait(now) == wait
        now += wait or 0.0
        guard.begin(now)
        if error:
            guard.fail(error, now)
        assert guard.is_last_lost
    assert guard.wait(now) == 51 * MINUTE
    assert not guard.should_ask
    assert guard.refused_since is None


@pytest.mark.parametrize("between", [None, ShareResponseError("page")])
def test_lost_log_ins_wait_only_when_they_follow_each_other(between: ShareError | None) -> None:
    """After an answer to the second one, the third may be sent at once, though two of three were lost."""
    guard = worked()
    for error in (ShareTimeoutError("late"), between, ShareTimeoutError("late")):
        assert guard.wait(START) is None
        log_in(guard, START, error)
    assert guard.wait(START) is None


def test_the_wait_after_lost_log_ins_survives_a_restart() -> None:
    """A start anew is no reason to send the last one at once."""
    guard = worked()
    for _ in range(2):
        log_in(guard, START, ShareTimeoutError("late"))
    again = LoginGuard.from_dict(guard.to_dict(moment(START)), moment(START + 2 * MINUTE))
    assert again.wait(START + 2 * MINUTE) == 8 * MINUTE


@pytest.mark.parametrize(
    "error", [ShareServerError("fault", code="HTTP 500"), ShareResponseError("page"), ShareError("?")]
)
def test_an_answer_without_a_word_on_the_password_counts_as_sent(error: ShareError) -> None:
    """It is no refusal, but neither may such log-ins go on without end."""
    guard = worked()
    for _ in range(SENT_FREELY):
        assert guard.wait(START) is None
        log_in(guard, START, error)
    assert guard.wait(START)
    assert not guard.should_ask


def test_gateways_lose_answers() -> None:
    """What stands behind them may have refused."""
    assert is_answer_lost(ShareServerError("x", code="HTTP 502"))
    assert is_answer_lost(ShareTimeoutError("x"))
    assert not is_answer_lost(ShareServerError("x", code="HTTP 503"))


def test_sessions_that_die_at_once_are_budgeted_and_spread() -> None:
    """Twelve log-ins an hour, and never a long time without one."""
    guard = worked()
    now, times = START, []
    while now < START + 5 * HOUR:
        wait = guard.wait(now)
        assert wait is None or wait <= 15 * MINUTE
        if wait is None:
            log_in(guard, now)
            times.append(now)
        now += MINUTE
    for start in times:
        assert sum(start <= time <= start + HOUR for time in times) <= MOST_SENT
    assert len(times) > 5 * MOST_SENT * 0.8


def test_a_locked_account_waits_longer_each_time() -> None:
    """The wait doubles up to its limit, however often; the 38th lock in a row once overflowed."""
    guard = worked()
    now = START
    waits = []
    for _ in range(60):
        log_in(guard, now, LOCK)
        waits.append(guard.lock_wait(now) or 0.0)
        now += guard.wait(now) or 0.0
    assert waits[:3] == [15 * MINUTE, 30 * MINUTE, HOUR]
    assert waits[-1] == LONGEST_LOCK_PAUSE_SECONDS


def test_other_credentials_start_afresh() -> None:
    """What the old password was refused does not hold up the new one; what was sent still counts."""
    guard = worked()
    for _ in range(SENT_FREELY):
        log_in(guard, START)
    now = START
    for _ in range(MOST_REFUSALS):
        now = refuse(guard, now)
    guard.reset()
    assert guard.has_worked
    assert not guard.should_ask
    assert guard.wait(START)
    guard = worked()
    log_in(guard, START, LOCK)
    guard.reset()
    assert guard.wait(START) is None


def test_after_the_loss_of_its_record_an_account_is_as_if_refused_just_now() -> None:
    """Restraint is not forgotten with it, and nobody is asked for a password that works."""
    guard = LoginGuard.after_loss(START)
    assert guard.wait(START) == 5 * MINUTE
    assert guard.has_worked
    assert not guard.should_ask
    again = LoginGuard.from_dict(guard.to_dict(moment(START)), moment(START))
    assert again.wait(START) == 5 * MINUTE
    log_in(guard, START + 5 * MINUTE, LOCK)
    assert not guard.should_ask
    log_in(guard, START + 20 * MINUTE)
    assert guard.wait(START + 20 * MINUTE) is None


STEPS: Final = st.lists(
    st.tuples(
        st.integers(0, 90),
        st.sampled_from(["refuse", "succeed", "lose", "lock", "kill", "restart", "reboot", "step"]),
        st.integers(-5000, 5000),
    )
)


@given(STEPS)
def test_never_more_than_three_refused_or_twelve_sent_in_an_hour(steps: list[tuple[int, str, int]]) -> None:
    """However log-ins end, Home Assistant restarts and the machine's clock steps; a reboot loses only uptime."""
    guard, now, refused, sent = LoginGuard(), START, [], []
    uptime, boot, wall = 0.0, 0, ZERO
    outcomes = {"refuse": REFUSAL, "lose": ShareTimeoutError("late"), "lock": LOCK}
    for minutes, what, step in steps:
        now += minutes * MINUTE
        here = moment(now - uptime, str(boot), NOON + timedelta(seconds=now - START) + wall)
        match what:
            case "step":
                wall += timedelta(minutes=step)
            case "restart" | "kill":
                guard = LoginGuard.from_dict(guard.to_dict(here), here)
            case "reboot":
                stored = guard.to_dict(here)
                uptime, boot = now - 100, boot + 1
                guard = LoginGuard.from_dict(stored, moment(100.0, str(boot), here.wall))
            case _ if guard.wait(now - uptime) is None:
                log_in(guard, now - uptime, outcomes.get(what))
                sent.append(now)
                if what != "succeed":
                    refused.append(now)
    for start in sent:
        assert sum(start <= time <= start + HOUR for time in refused) <= MOST_REFUSALS
        assert sum(start <= time <= start + HOUR for time in sent) <= MOST_SENT


ZERO: Final = timedelta(0)


def test_the_record_survives_storage() -> None:
    """What is stored is what is read."""
    guard = worked()
    log_in(guard, START - 10, ShareTimeoutError("late"))
    log_in(guard, START, LOCK)
    stored = guard.to_dict(moment(START))
    assert LoginGuard.from_dict(stored, moment(START)).to_dict(moment(START)) == stored
    assert stored["locked_until"] == (NOON + timedelta(minutes=15)).isoformat()
    assert stored["refused_since"] == NOON.isoformat()


@pytest.mark.parametrize("step", [timedelta(days=-400), timedelta(days=400), ZERO])
def test_a_step_of_the_clock_between_two_starts_changes_nothing(step: timedelta) -> None:
    """While the machine runs, its uptime tells how long Home Assistant was gone."""
    guard = worked()
    for now in (START, START + 5 * MINUTE, START + 20 * MINUTE):
        log_in(guard, now, REFUSAL)
    then = START + 25 * MINUTE
    again = LoginGuard.from_dict(
        guard.to_dict(moment(START + 21 * MINUTE)), moment(then, wall=NOON + timedelta(minutes=25) + step)
    )
    assert again.wait(then) == guard.wait(then)
    assert again.refused_since == START


@pytest.mark.parametrize(("away", "left"), [(timedelta(minutes=3), 2), (timedelta(days=-3), 5), (timedelta(days=3), 0)])
def test_after_a_reboot_the_clock_of_the_wall_tells(away: timedelta, left: int) -> None:
    """One that was set back leaves the pause as it was."""
    guard = worked()
    log_in(guard, START, REFUSAL)
    again = LoginGuard.from_dict(guard.to_dict(moment(START)), moment(20.0, "two", NOON + away))
    assert (again.wait(20.0) or 0.0) == left * MINUTE


@pytest.mark.parametrize("error", [None, REFUSAL, ShareTimeoutError("late"), ShareConnectionError("x", is_sent=False)])
def test_a_machine_may_sleep_during_a_log_in(error: ShareError | None) -> None:
    """Its outcome still finds it, also after somebody asked for the state (diagnostics)."""
    guard = worked()
    guard.begin(START)
    later = START + 10 * HOUR
    assert guard.wait(later) is None
    if error is None:
        guard.succeed()
    else:
        guard.fail(error, later)
    assert guard.should_ask is (error is REFUSAL)
    assert guard.to_dict(moment(later))


def test_a_kill_during_the_first_log_in_is_no_refusal() -> None:
    """Nobody is asked for a password that was never refused."""
    guard = LoginGuard()
    guard.begin(START)
    again = LoginGuard.from_dict(guard.to_dict(moment(START)), moment(START + 60))
    assert again.wait(START + 60) is None
    assert not again.should_ask
    assert again.is_last_lost


def test_an_old_record_is_read_without_loss() -> None:
    """Its times become seconds ago; those in the future count as now."""
    guard = LoginGuard.from_dict(OLD_RECORD, moment(START))
    assert guard.to_dict(moment(START)).items() >= OLD_RECORD.items()
    assert guard.lock_wait(START) == 20 * MINUTE
    assert guard.wait(START) == 20 * MINUTE
    back = LoginGuard.from_dict(OLD_RECORD, moment(START, wall=NOON - timedelta(days=30)))
    assert back.wait(START) == LONGEST_LOCK_PAUSE_SECONDS
    assert back.refused_since == START
    plain = LoginGuard.from_dict({**OLD_RECORD, "refused_since": None, "locked_until": None}, moment(START))
    assert plain.refused_since is None
    assert plain.lock_wait(START) is None


@pytest.mark.parametrize(
    "damage",
    [
        {"has_worked": "yes"},
        {"refusals_in_a_row": -1},
        {"locks_in_a_row": "1"},
        {"saved": None},
        {"saved": {}},
        {"saved": {"at": "2026-11-22T12:00:00", "uptime": 5, "boot": ""}},
        {"saved": {"at": "2026-11-22T12:00:00+00:00", "uptime": float("inf"), "boot": ""}},
        {"attempts": None},
        {"attempts": [5]},
        {"attempts": [{"ago": "1", "outcome": "lost"}]},
        {"attempts": [{"ago": 1, "outcome": "odd"}]},
        {"locked_for": "long"},
    ],
)
def test_a_damaged_record_is_refused(damage: dict[str, Any]) -> None:
    """Damage is a ValueError, whatever it is."""
    with pytest.raises(ValueError, match="Damaged"):
        LoginGuard.from_dict({**worked().to_dict(moment(START)), **damage}, moment(START))


@pytest.mark.parametrize(
    "damage", [{"refused_at": None}, {"refused_at": [5]}, {"refused_since": "yesterday"}, {"locked_until": 7}]
)
def test_a_damaged_old_record_is_refused(damage: dict[str, Any]) -> None:
    """The same for the form of before."""
    with pytest.raises(ValueError, match="Damaged"):
        LoginGuard.from_dict({**OLD_RECORD, **damage}, moment(START))
    with pytest.raises(ValueError, match="Damaged"):
        LoginGuard.from_dict({}, moment(START))


@pytest.mark.parametrize(
    "damage",
    [
        {"saved": {"at": "0001-01-01T00:00:00+00:00", "uptime": 1e308, "boot": ""}},
        {"attempts": [{"ago": 1e308, "outcome": "lost"}]},
        {"attempts": [{"ago": -1e308, "outcome": "refused"}]},
        {"refused_since_ago": 1e308},
        {"locked_for": -1e308},
        {"held_for": -1e308},
    ],
)
def test_a_record_with_times_beyond_any_calendar_can_be_stored_again(damage: dict[str, Any]) -> None:
    """Ages are bounded, so that no time overflows when the record is written."""
    guard = LoginGuard.from_dict({**worked().to_dict(moment(START)), **damage}, moment(START))
    assert LoginGuard.from_dict(guard.to_dict(moment(START)), moment(START)).has_worked


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"])
def test_an_old_record_with_times_beyond_any_calendar_can_be_stored_again(time: str) -> None:
    """The same for the form of before."""
    data = {**OLD_RECORD, "refused_at": [time], "refused_since": time, "locked_until": time}
    guard = LoginGuard.from_dict(data, moment(START))
    assert guard.to_dict(moment(START))["has_worked"] is True
