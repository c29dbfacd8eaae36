"""Does anything grow with time?

A virtual year with the real coordinator, client and storage, a calm one. Every month the memory is measured that the
program itself holds by then (that of the simulator is counted out by starting the count after its readings were made,
and by emptying its list of calls), with the timers and tasks that wait and the size of what is stored. From the 90th
day on, when the history is full, none of it should grow.
"""

from argparse import ArgumentParser, Namespace
import asyncio
from collections.abc import Mapping
from datetime import timedelta
import gc
from pathlib import Path
import tracemalloc
from typing import Final

from custom_components.dexcom_share.const import DOMAIN
from simulator import ListSource, Simulator

from .freshness import make_world
from .home import add_entry, storage_folder
from .report import Report
from .virtual import VirtualLoop, home_assistant, run_virtually

_NAME: Final = "wearer@example.com"
_PASSWORD: Final = "a password"
_MONTH: Final = timedelta(days=30)
_KIB: Final = 1024


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--days", type=int, default=365, help="virtual days (default 365)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the world and of all chance (default 1)")


def run(arguments: Namespace) -> Report:
    """Let a year pass."""
    records = make_world(arguments.seed, timedelta(days=arguments.days))
    months: dict[str, Mapping[str, int]] = {}

    async def main(loop: VirtualLoop) -> None:
        simulator = Simulator(clock=loop.utcnow, seed=arguments.seed)
        account = simulator.add_account(_NAME, _PASSWORD, source=ListSource(records))
        async with home_assistant(simulator, folder) as hass:
            data = {"region": "us", "username": _NAME, "password": _PASSWORD}
            entry = await add_entry(hass, DOMAIN, account.account_id, data)
            tracemalloc.start()
            for month in range(1, timedelta(days=arguments.days) // _MONTH + 1):
                await asyncio.sleep(_MONTH.total_seconds())
                simulator.calls.clear()
                gc.collect()
                months[str(30 * month)] = {
                    "readings": len(entry.runtime_data.glucose.history),
                    "memory_kib": tracemalloc.get_traced_memory()[0] // _KIB,
                    "tasks": len(asyncio.all_tasks()),
                    "timers": len(loop._scheduled),  # type: ignore[attr-defined]  # noqa: SLF001  (nothing else tells)
                    "stored_kib": _stored_bytes(folder) // _KIB,
                }
            tracemalloc.stop()

    with storage_folder() as folder:
        run_virtually(records[0].time, arguments.seed, main, loop_type=VirtualLoop)
    rows = [[int(day), *figures.values()] for day, figures in months.items()]
    return Report(columns=["day", *next(iter(months.values()))], rows=rows, data=months)


def _stored_bytes(folder: Path) -> int:
    """Return the size of what is stored of the person."""
    return sum(path.stat().st_size for path in folder.rglob(f"{DOMAIN}*") if path.is_file())
