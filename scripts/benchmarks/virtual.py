"""Virtual time: an event loop that jumps to the next thing to do, and Home Assistant running in it.

The client speaks real HTTP to the simulator, over connections that end in the same loop; nothing waits, and a day
passes in seconds. What others do in threads is done in place, so that a run gives the same figures every time.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from concurrent.futures import Executor
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime, tzinfo
from functools import wraps
from pathlib import Path
import random
import selectors
import time
from typing import Any, Final, override
from unittest.mock import patch

from aiohttp import web
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity as entity_helper, event as event_helper
from homeassistant.util import dt as dt_util

from simulator import MemoryConnector, Simulator, make_app

from .home import home_in

ANSWER_SECONDS: Final = 0.15
"""How long the real server takes for one answer, about."""


class NeverReturnsError(BaseException):
    """Raised by what is done in place of a thread that hangs: who waits for it waits for ever."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose time passes only where everything waits for it, and then at once.

    Its time and the true time go on evenly; the wall clock of the machine may be off from the true time, and be moved.
    """

    def __init__(self, start: datetime) -> None:
        """Begin at a moment of the true time."""
        super().__init__(_JumpingSelector(self))
        # After some weeks a float has no room for the nanosecond by which asyncio allows for a clock's steps.
        self._clock_resolution = 1e-6
        self._started = start.timestamp()
        self._seconds = 0.0
        self._wall_offset = 0.0
        self._hanging: list[asyncio.Future[Any]] = []

    @override
    def time(self) -> float:
        """Return the seconds since the start."""
        return self._seconds

    def jump(self, seconds: float) -> None:
        """Let time pass."""
        self._seconds += seconds

    def timestamp(self) -> float:
        """Return the true time, in seconds since 1970."""
        return self._started + self._seconds

    def utcnow(self) -> datetime:
        """Return the true time."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    def move_wall_clock(self, seconds: float) -> None:
        """Move the wall clock of the machine, forward or back; nothing else moves."""
        self._wall_offset += seconds

    def wall_timestamp(self) -> float:
        """Return what the wall clock of the machine shows, in seconds since 1970."""
        return self.timestamp() + self._wall_offset

    def wall_utcnow(self) -> datetime:
        """Return what the wall clock of the machine shows."""
        return datetime.fromtimestamp(self.wall_timestamp(), UTC)

    def wall_now(self, time_zone: tzinfo | None = None) -> datetime:
        """Return what the wall clock of the machine shows, in a time zone or in that of Home Assistant."""
        return self.wall_utcnow().astimezone(time_zone or dt_util.get_default_time_zone())

    def end_hanging(self, error: Exception) -> None:
        """Let everything that hangs fail, as when its process ends."""
        for future in self._hanging:
            if not future.done():
                future.set_exception(error)
        self._hanging.clear()

    @property
    def must_wait(self) -> bool:
        """Return whether something is at work that takes real time."""
        return False

    @override
    def run_in_executor[*Ts, T](
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Do now what would be done in a thread."""
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except NeverReturnsError:
            self._hanging.append(future)
        except BaseException as err:  # noqa: BLE001  (whatever it is, it belongs to who waits for it)
            future.set_exception(err)
        return future


class _JumpingSelector(selectors.DefaultSelector):
    """Never waits: sets the loop's clock forward instead."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self._loop.must_wait and timeout != 0:
            # For a thread or a socket, in real time; both wake the loop.
            return super().select(1)
        if timeout is None:
            raise RuntimeError("everything waits, and for nothing")
        self._loop.jump(max(timeout, 0))
        return super().select(0)


class HybridLoop(VirtualLoop):
    """A virtual loop with real threads and real sockets: time stands still while one of them is at work."""

    def __init__(self, start: datetime) -> None:
        """Begin at a moment of the true time."""
        super().__init__(start)
        self._at_work = 0

    @override
    def run_in_executor[*Ts, T](
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Do it in a thread."""
        future = asyncio.SelectorEventLoop.run_in_executor(self, executor, func, *args)
        self._at_work += 1
        future.add_done_callback(lambda _: self._rest())
        return future

    def while_at_work[**P, T](self, func: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
        """Return a coroutine function during which time stands still."""

        @wraps(func)
        async def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
            self._at_work += 1
            try:
                return await func(*args, **kwargs)
            finally:
                self._rest()

        return wrapped

    @property
    @override
    def must_wait(self) -> bool:
        return self._at_work > 0

    def _rest(self) -> None:
        self._at_work -= 1


def run_virtually[T, L: VirtualLoop](
    start: datetime, seed: int, main: Callable[[L], Coroutine[Any, Any, T]], *, loop_type: type[L]
) -> T:
    """Return what `main` returns, run on a virtual loop with every clock that matters following it."""
    loop = loop_type(start)
    random.seed(seed)
    with ExitStack() as stack:
        for target, name, clock in (
            (time, "time", loop.wall_timestamp),
            (entity_helper, "timer", loop.wall_timestamp),
            (event_helper, "time_tracker_timestamp", loop.wall_timestamp),
            (event_helper, "time_tracker_utcnow", loop.wall_utcnow),
            (dt_util, "utcnow", loop.wall_utcnow),
            (dt_util, "now", loop.wall_now),
        ):
            stack.enter_context(patch.object(target, name, clock))
        # Idle connections are to be closed as they are in real time.
        stack.enter_context(patch("aiohttp.connector.monotonic", loop.time))
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            return runner.run(main(loop))


@asynccontextmanager
async def home_assistant(
    simulator: Simulator, folder: Path, *, is_started: bool = True
) -> AsyncGenerator[HomeAssistant]:
    """Yield a Home Assistant that stores in a folder and whose web session reaches the simulator and nothing else."""
    simulator.faults.delay_seconds = ANSWER_SECONDS
    runner = web.AppRunner(make_app(simulator), access_log=None)
    await runner.setup()
    connector = MemoryConnector(runner)
    with patch("homeassistant.helpers.aiohttp_client._async_get_connector", lambda *_, **__: connector):
        async with home_in(folder, is_started=is_started) as hass:
            yield hass
    await connector.close()
    await runner.cleanup()
