"""What does a person cost the recorder, beside Home Assistant's own `dexcom`?

Both run with the entities that are enabled by default, with the real recorder on SQLite and its statistics, for some
virtual days against the same simulator. Rows and bytes are those of a person and a day; bytes are the growth of the
database file, without what SQLite keeps to write with.
"""

from argparse import ArgumentParser, Namespace
import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
import sqlite3
from typing import Final

from homeassistant.components.recorder import get_instance
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import async_initialize_recorder
from homeassistant.setup import async_setup_component

from .cost import PROGRAMS, Program, running
from .report import Figure, Report
from .virtual import HybridLoop, run_virtually

_START: Final = datetime(2026, 11, 1, tzinfo=UTC)
_DAY_SECONDS: Final = 86400
_TABLES: Final = ("states", "state_attributes", "events", "statistics_short_term", "statistics")


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--people", type=int, default=5, help="how many people share a database (default 5)")
    parser.add_argument("--days", type=int, default=2, help="how many days are recorded (default 2)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the readings (default 1)")


def run(arguments: Namespace) -> Report:
    """Measure both programs."""
    data = {
        name: _measure(program, arguments.people, arguments.days, arguments.seed) for name, program in PROGRAMS.items()
    }
    rows: list[list[Figure]] = [[name, *figures.values()] for name, figures in data.items()]
    return Report(columns=["program", *data["ours"]], rows=rows, data=data)


def _measure(program: Program, people: int, days: int, seed: int) -> Mapping[str, float]:
    """Return the rows and bytes of a person and a day, by table."""

    async def main(loop: HybridLoop) -> Mapping[str, float]:
        async with running(program, loop, people, seed) as world:
            file = Path(world.hass.config.config_dir) / "recorder.db"
            config = {"recorder": {"db_url": f"sqlite:///{file}", "auto_purge": False}}
            async_initialize_recorder(world.hass)
            if not await loop.while_at_work(async_setup_component)(world.hass, "recorder", config):
                raise RuntimeError("the recorder can't be set up")
            await world.add_people()
            # What is written once, and a first day of the statistics' own tables, is no day's cost.
            await asyncio.sleep(_DAY_SECONDS)
            before = await _counted(world.hass, loop, file)
            await asyncio.sleep(days * _DAY_SECONDS)
            after = await _counted(world.hass, loop, file)
        return {name: round((after[name] - before[name]) / people / days, 1) for name in after}

    return run_virtually(_START, seed, main, loop_type=HybridLoop)


async def _counted(hass: HomeAssistant, loop: HybridLoop, file: Path) -> Mapping[str, int]:
    """Return how many rows and bytes the database holds once all that has happened is written."""
    await loop.while_at_work(get_instance(hass).async_block_till_done)()
    return await hass.async_add_executor_job(_count, file)


def _count(file: Path) -> Mapping[str, int]:
    """Return the rows of each table that grows, and the bytes of all pages in use."""
    database = sqlite3.connect(file)
    try:
        rows = {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _TABLES}  # noqa: S608
        pages, free, size = (
            database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
    finally:
        database.close()
    return {**rows, "bytes": (pages - free) * size}
