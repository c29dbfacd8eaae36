"""Time that passes only where everything waits for it."""

import asyncio
from datetime import UTC, datetime, timedelta
import time

from homeassistant.util import dt as dt_util
import pytest

from scripts.benchmarks.virtual import NeverReturnsError, VirtualLoop, run_virtually

START = datetime(2026, 11, 1, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("socket_enabled")


def test_a_year_passes_at_once() -> None:
    """And every clock agrees on it."""

    async def main(loop: VirtualLoop) -> datetime:
        await asyncio.sleep(timedelta(days=365).total_seconds())
        assert time.time() == loop.timestamp()
        assert loop.time() == pytest.approx(365 * 86_400)
        return dt_util.utcnow()

    assert run_virtually(START, 1, main, loop_type=VirtualLoop) - START == timedelta(days=365)


def test_things_happen_in_order() -> None:
    """At the moments they were meant for, and a time-out comes in its time."""

    async def main(loop: VirtualLoop) -> list[tuple[str, float]]:
        log: list[tuple[str, float]] = []

        async def note(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            log.append((name, loop.time()))

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(note("second", 20))
            tasks.create_task(note("first", 10))
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(30):
                    await asyncio.Event().wait()
            log.append(("time-out", loop.time()))
        return log

    log = run_virtually(START, 1, main, loop_type=VirtualLoop)
    assert [(name, round(moment, 6)) for name, moment in log] == [("first", 10), ("second", 20), ("time-out", 30)]


def test_what_others_do_in_threads_is_done_in_place() -> None:
    """Also what fails."""

    async def main(loop: VirtualLoop) -> float:
        assert await loop.run_in_executor(None, max, 1, 2) == 2
        with pytest.raises(ZeroDivisionError):
            await loop.run_in_executor(None, divmod, 1, 0)
        return loop.time()

    assert run_virtually(START, 1, main, loop_type=VirtualLoop) == 0


def test_waiting_for_nothing_is_told() -> None:
    """Rather than to hang for ever."""

    async def main(_: VirtualLoop) -> None:
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="for nothing"):
        run_virtually(START, 1, main, loop_type=VirtualLoop)


def test_the_wall_clock_moves_alone() -> None:
    """The true time and the loop's go on, and a timer by the wall clock is off as on a real machine."""

    async def main(loop: VirtualLoop) -> None:
        loop.move_wall_clock(3600)
        await asyncio.sleep(60)
        assert loop.time() == pytest.approx(60)
        assert loop.utcnow() - START == timedelta(seconds=60)
        for seen in (dt_util.utcnow(), dt_util.now(), datetime.fromtimestamp(time.time(), UTC), loop.wall_now(UTC)):
            assert seen - START == timedelta(seconds=3660)

    run_virtually(START, 1, main, loop_type=VirtualLoop)


def test_what_hangs_never_returns_until_it_is_ended() -> None:
    """Who waits for it gets the error of the end."""

    def hang() -> None:
        raise NeverReturnsError

    async def main(loop: VirtualLoop) -> None:
        waiting = loop.run_in_executor(None, hang)
        given_up = loop.run_in_executor(None, hang)
        given_up.cancel()
        done, _ = await asyncio.wait([waiting], timeout=1e6)
        assert not done
        loop.end_hanging(OSError("over"))
        with pytest.raises(OSError, match="over"):
            await waiting

    run_virtually(START, 1, main, loop_type=VirtualLoop)
