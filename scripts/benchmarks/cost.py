"""What does it cost to run, beside Home Assistant's own `dexcom`?

Both run for 1, 10 and 100 people against the same simulator over real sockets, with real threads; the time between
calls is skipped. CPU time is that of the whole program, its threads included and the simulator's left out, set against
the readings that were taken meanwhile; `cpu_ms_per_call` is that of one call alone, by ShareClient and by pydexcom in a
thread. `block_ms` is the CPU time of the longest callback of the event loop: waiting
for a busy machine is none of the program's. Memory is what each person beyond the first keeps, with 90 days of history
where a program has one.
"""

from argparse import ArgumentParser, Namespace
import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import gc
from queue import Queue
from random import Random
import threading
from threading import Thread
import time
import tracemalloc
from typing import Final
from unittest.mock import patch

from aiohttp import ThreadedResolver, web
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from pydexcom import Dexcom, Region
from pydexcom.const import DEXCOM_BASE_URLS

from custom_components.dexcom_share.account.client import make_client
from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.glucose.history import KEPT
from custom_components.dexcom_share.share import GlucoseReading, Trend, status, transport
from simulator import SERVICES, Account, Simulator, make_app

from .home import add_entry, home_in, storage_folder
from .report import Figure, Report
from .virtual import HybridLoop, run_virtually

_START: Final = datetime(2026, 11, 1, tzinfo=UTC)
_CYCLE: Final = timedelta(seconds=300)
_PERSON_CYCLES: Final = 600
"""How many readings of how many people a run takes, about."""
_LEAST_CYCLES: Final = 12
_THREADS: Final = 64
"""As many as Home Assistant has."""
_WARM_UP: Final = timedelta(hours=8)
_MEMORY_PEOPLE: Final = 6
_CALLS: Final = 300
_MIB: Final = 2**20


type Ask = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """An integration: its domain, what its config entry holds, how it asks, and how it comes to 90 days of history."""

    domain: str
    log_in: Callable[[HomeAssistant, Account, str], Awaitable[Ask]]
    data: Callable[[Account, str], Mapping[str, str]]
    fill: Callable[[ConfigEntry], None]


def _ours(account: Account, base_url: str) -> Mapping[str, str]:
    return {"region": "us", "username": account.name, "password": account.password, "base_url": base_url}


def _theirs(account: Account, _base_url: str) -> Mapping[str, str]:
    return {"server": "US", "username": account.name, "password": account.password}


async def _log_in_ours(hass: HomeAssistant, account: Account, base_url: str) -> Ask:
    client = make_client(hass, _ours(account, base_url))
    await client.login()
    return lambda: client.read_glucose(minutes=15, max_count=6)


async def _log_in_theirs(hass: HomeAssistant, account: Account, _base_url: str) -> Ask:
    dexcom = await hass.async_add_executor_job(
        lambda: Dexcom(username=account.name, password=account.password, region=Region.US)
    )
    return lambda: hass.async_add_executor_job(dexcom.get_current_glucose_reading)


def _fill_history(entry: ConfigEntry) -> None:
    """Give a person 90 days of readings."""
    history = entry.runtime_data.glucose.history
    first = history.newest.time
    random = Random(entry.entry_id)
    history.merge(
        [
            GlucoseReading(first - number * _CYCLE, random.randint(60, 220), Trend.FLAT)
            for number in range(KEPT // _CYCLE)
        ],
        first,
    )


PROGRAMS: Final[Mapping[str, Program]] = {
    "ours": Program(domain=DOMAIN, log_in=_log_in_ours, data=_ours, fill=_fill_history),
    "dexcom": Program(domain="dexcom", log_in=_log_in_theirs, data=_theirs, fill=lambda _: None),
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--accounts", type=int, nargs="+", default=[1, 10, 100], metavar="N", help="how many people")
    parser.add_argument("--seed", type=int, default=1, help="seed of the readings (default 1)")


def run(arguments: Namespace) -> Report:
    """Measure both programs for each number of people."""
    data: dict[str, dict[str, dict[str, float]]] = {}
    for name, program in PROGRAMS.items():
        # Before the rest, as it also loads the modules, which costs whoever comes first.
        memory = _measure_memory(program, arguments.seed)
        call = _measure_call(program, arguments.seed)
        data[name] = {
            str(count): {
                **_measure(program, count, arguments.seed),
                "memory_per_person_mib": memory,
                "cpu_ms_per_call": call,
            }
            for count in arguments.accounts
        }
    rows: list[list[Figure]] = [
        [name, int(count), *figures.values()] for name, by_count in data.items() for count, figures in by_count.items()
    ]
    columns = list(next(iter(data["ours"].values())))
    return Report(columns=["program", "people", *columns], rows=rows, data=data)


def _measure(program: Program, count: int, seed: int) -> Mapping[str, float]:
    """Return what a number of people cost, to set up and for each reading of each."""
    cycles = max(_PERSON_CYCLES // count, _LEAST_CYCLES)

    async def main(loop: HybridLoop) -> Mapping[str, float]:
        async with running(program, loop, count, seed) as world:
            with _timed_callbacks() as set_up_callbacks:
                begin = world.cpu_seconds()
                await world.add_people()
                set_up_seconds = world.cpu_seconds() - begin
            await asyncio.sleep(_WARM_UP.total_seconds())
            gc.collect()
            with _timed_callbacks() as callbacks:
                begin = world.cpu_seconds()
                await asyncio.sleep(cycles * _CYCLE.total_seconds())
                seconds = world.cpu_seconds() - begin
        return {
            "cpu_ms_per_reading": round(1000 * seconds / cycles / count, 2),
            "block_ms": round(1000 * max(callbacks), 2),
            "set_up_cpu_ms_per_person": round(1000 * set_up_seconds / count, 2),
            "set_up_block_ms": round(1000 * max(set_up_callbacks), 2),
        }

    return run_virtually(_START, seed, main, loop_type=HybridLoop)


def _measure_call(program: Program, seed: int) -> float:
    """Return the CPU milliseconds of one call for the newest readings, as seldom as they are taken."""

    async def main(loop: HybridLoop) -> float:
        async with running(program, loop, 1, seed) as world:
            ask = await program.log_in(world.hass, world.waiting[0], world.base_url)
            seconds = 0.0
            for _ in range(_CALLS):
                await asyncio.sleep(_CYCLE.total_seconds())
                begin = world.cpu_seconds()
                await ask()
                seconds += world.cpu_seconds() - begin
            return seconds / _CALLS

    return round(1000 * run_virtually(_START, seed, main, loop_type=HybridLoop), 2)


def _measure_memory(program: Program, seed: int) -> float:
    """Return the MiB that a further person keeps, after an hour and with 90 days of history."""

    async def main(loop: HybridLoop) -> float:
        async with running(program, loop, _MEMORY_PEOPLE, seed) as world:
            await world.add_people(1)
            gc.collect()
            tracemalloc.start()
            try:
                for entry in await world.add_people():
                    program.fill(entry)
                await asyncio.sleep(3600)
                gc.collect()
                return tracemalloc.get_traced_memory()[0] / _MIB / (_MEMORY_PEOPLE - 1)
            finally:
                tracemalloc.stop()

    return round(run_virtually(_START, seed, main, loop_type=HybridLoop), 2)


@dataclass(slots=True, kw_only=True)
class World:
    """A Home Assistant, and the people who are to be added to it."""

    hass: HomeAssistant
    program: Program
    base_url: str
    server: Thread
    waiting: list[Account]

    async def add_people(self, count: int | None = None) -> Sequence[ConfigEntry]:
        """Set up the next people, or all of them, and return their config entries."""
        now, self.waiting = self.waiting[:count], self.waiting[count:] if count else []
        return [
            await add_entry(
                self.hass, self.program.domain, account.account_id, self.program.data(account, self.base_url)
            )
            for account in now
        ]

    def cpu_seconds(self) -> float:
        """Return the CPU time that everything but the simulator has used."""
        simulator_seconds = time.clock_gettime(time.pthread_getcpuclockid(self.server.ident or 0))
        return time.process_time() - simulator_seconds


@asynccontextmanager
async def running(program: Program, loop: HybridLoop, count: int, seed: int) -> AsyncGenerator[World]:
    """Yield a Home Assistant beside a simulator that listens on loopback, and nobody in it yet."""
    simulator = Simulator(clock=loop.utcnow, seed=seed)
    people = [simulator.add_account(f"wearer{number}@example.com", "a password") for number in range(count)]
    with ExitStack() as stack:
        server, base_url = stack.enter_context(_served(simulator))
        threads = ThreadPoolExecutor(_THREADS)
        loop.set_default_executor(threads)
        stack.callback(threads.shutdown)
        stack.enter_context(patch.dict(DEXCOM_BASE_URLS, {Region.US: base_url}))
        for module in (transport, status):
            stack.enter_context(patch.object(module, "fetch", loop.while_at_work(module.fetch)))
        # Home Assistant's own brings zeroconf along; an address of this machine needs none.
        resolver = "homeassistant.helpers.aiohttp_client._async_get_or_create_resolver"
        stack.enter_context(patch(resolver, lambda _: ThreadedResolver()))
        folder = stack.enter_context(storage_folder())
        async with home_in(folder) as hass:
            yield World(hass=hass, program=program, base_url=base_url, server=server, waiting=people)


@contextmanager
def _served(simulator: Simulator) -> Iterator[tuple[Thread, str]]:
    """Yield the thread in which a simulator runs, and its address."""
    ready: Queue[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = Queue()

    async def serve() -> None:
        runner = web.AppRunner(make_app(simulator), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        stop = asyncio.Event()
        ready.put((asyncio.get_running_loop(), stop, runner.addresses[0][1]))
        await stop.wait()
        await runner.cleanup()

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    loop, stop, port = ready.get()
    try:
        yield thread, f"http://127.0.0.1:{port}{SERVICES}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


@contextmanager
def _timed_callbacks() -> Iterator[list[float]]:
    """Yield a list that receives the CPU seconds of every callback of this thread's loop."""
    durations: list[float] = []
    own = threading.get_ident()
    run = asyncio.Handle._run  # noqa: SLF001  (the one place that all callbacks go through)

    def timed(handle: asyncio.Handle) -> None:
        begin = time.thread_time()
        run(handle)
        if threading.get_ident() == own:
            durations.append(time.thread_time() - begin)

    with patch.object(asyncio.Handle, "_run", timed):
        yield durations
