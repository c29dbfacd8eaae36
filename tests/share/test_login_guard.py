"""Rules of restraint in log-ins."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from custom_components.dexcom_share.share.login_guard import ASK_AFTER, LONGEST_LOCK_PAUSE, MOST_REFUSALS, LoginGuard

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def refuse(guard: LoginGuard, now: datetime) -> datetime:
    """Try as soon as allowed, be refused, and return when that was."""
    now = guard.next_attempt(now) or now
    guard.begin(now)
    return now


def worked() -> LoginGuard:
    """Return the guard of an account that has worked."""
    guard = LoginGuard()
    guard.begin(NOON - HOUR)
    guard.succeed()
    return guard


def test_a_new_account_may_log_in() -> None:
    """Nothing stands against the first attempt."""
    assert LoginGuard().next_attempt(NOON) is None


def test_a_new_account_that_is_refused_asks_at_once() -> None:
    """Credentials that never worked are most likely wrong."""
    guard = LoginGuard()
    guard.begin(NOON)
    assert guard.should_ask
    assert guard.refused_since == NOON


def test_an_account_that_worked_is_asked_only_when_refusals_persist() -> None:
    """One odd refusal bothers nobody."""
    guard = worked()
    now = NOON
    for attempt in range(1, ASK_AFTER + 1):
        now = refuse(guard, now)
        assert guard.should_ask == (attempt >= ASK_AFTER)
    assert guard.refused_since == NOON


def test_pauses_grow() -> None:
    """Each refusal in a row makes the next wait no shorter."""
    guard = worked()
    times = [NOON]
    for _ in range(8):
        times.append(refuse(guard, times[-1]))
    waits = [after - before for before, after in pairwise(times[1:])]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=5)
    assert waits[-1] == timedelta(hours=2)


def test_success_clears_refusals_and_lock() -> None:
    """After a success a session that ends may be renewed at once."""
    guard = worked()
    guard.begin(NOON)
    guard.lock(NOON)
    later = NOON + HOUR
    guard.begin(later)
    guard.succeed()
    assert guard.next_attempt(later) is None
    assert not guard.should_ask
    assert guard.refused_since is None


def test_an_attempt_without_an_answer_is_no_refusal() -> None:
    """A lost connection neither pauses the log-in nor accuses the password."""
    guard = worked()
    guard.begin(NOON)
    guard.cancel()
    assert guard.next_attempt(NOON) is None
    assert guard.refused_since is None
    guard.begin(NOON)
    guard.begin(NOON + HOUR)
    guard.cancel()
    assert guard.refused_since == NOON


def test_a_locked_account_waits_longer_each_time() -> None:
    """The wait doubles up to its limit."""
    guard = worked()
    now = NOON
    waits = []
    for _ in range(7):
        guard.begin(now)
        guard.lock(now)
        assert guard.locked_until is not None
        waits.append(guard.locked_until - now)
        now = guard.next_attempt(now) or now
    assert waits[:3] == [timedelta(minutes=15), timedelta(minutes=30), HOUR]
    assert waits[-1] == LONGEST_LOCK_PAUSE


def test_other_credentials_start_afresh() -> None:
    """What the old password was refused does not hold up the new one."""
    guard = worked()
    now = NOON
    for _ in range(MOST_REFUSALS):
        now = refuse(guard, now)
    guard.reset()
    assert guard.next_attempt(now) is None
    assert guard.has_worked


def test_a_clock_set_back_does_not_block_for_longer_than_a_pause() -> None:
    """Times that suddenly lie in the future count as now."""
    guard = worked()
    guard.begin(NOON)
    guard.lock(NOON)
    back = NOON - timedelta(days=30)
    assert guard.next_attempt(back) == back + timedelta(minutes=5)


@given(st.lists(st.tuples(st.integers(0, 90), st.sampled_from(["refuse", "succeed", "cancel", "lock", "restart"]))))
def test_never_more_than_three_refusals_in_an_hour(steps: list[tuple[int, str]]) -> None:
    """However log-ins fail, succeed and Home Assistant restarts, no hour holds a fourth refusal."""
    guard, now, refused = LoginGuard(), NOON, []
    for minutes, outcome in steps:
        now += timedelta(minutes=minutes)
        if outcome == "restart":
            guard = LoginGuard.from_dict(guard.to_dict())
        elif guard.next_attempt(now) is None:
            guard.begin(now)
            if outcome == "succeed":
                guard.succeed()
            elif outcome == "cancel":
                guard.cancel()
            else:
                refused.append(now)
                if outcome == "lock":
                    guard.lock(now)
    for start in refused:
        assert sum(start <= time <= start + HOUR for time in refused) <= MOST_REFUSALS


def test_the_record_survives_storage() -> None:
    """What is stored is what is read."""
    guard = worked()
    guard.begin(NOON)
    guard.lock(NOON)
    assert LoginGuard.from_dict(guard.to_dict()).to_dict() == guard.to_dict()


@pytest.mark.parametrize(
    "damage",
    [
        {"refused_at": None},
        {"refused_at": ["2026-11-22T12:00:00"]},
        {"refused_at": [5]},
        {"refused_since": "yesterday"},
        {"refusals_in_a_row": -1},
        {"locks_in_a_row": "1"},
    ],
)
def test_a_damaged_record_is_refused(damage: dict[str, object]) -> None:
    """Damage is a ValueError, whatever it is."""
    with pytest.raises(ValueError, match="Damaged"):
        LoginGuard.from_dict({**LoginGuard().to_dict(), **damage})
    with pytest.raises(ValueError, match="Damaged"):
        LoginGuard.from_dict({})
