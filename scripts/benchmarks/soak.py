"""Does anything get lost in weeks of trouble?

Virtual days with the real coordinator, client and storage: every fault that the simulator knows, one after the other
and over and over, uploads late and in bursts, and restarts in between, half of them without any warning (the new start
then finds exactly what was on the disk at that moment). A reading is offered when Share had it within 20 h: no trouble
lasts so long that a program that goes on asking could miss it.
"""

from argparse import ArgumentParser, Namespace
import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from shutil import copytree
from typing import Final

from homeassistant.core import HomeAssistant

from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.person import DexcomShareConfigEntry
from custom_components.dexcom_share.share import GlucoseReading
from simulator import SERVICES, Account, Faults, Limited, ListSource, Record, Simulator

from .freshness import make_world
from .home import add_entry, storage_folder
from .report import Report
from .virtual import VirtualLoop, home_assistant, run_virtually

_NAME: Final = "wearer@example.com"
_PASSWORD: Final = "a password"
_LATEST: Final = timedelta(hours=20)
_MINUTE: Final = timedelta(minutes=1)
_QUIET: Final = timedelta(hours=2)
"""How long the end is free of trouble, so that what came last can be had."""
_TROUBLE_LASTS: Final = tuple(timedelta(minutes=minutes) for minutes in (5, 30, 120, 360))
_AWAY_LASTS: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 60, 1200, 7200))
_REFUSALS: Final = ("AccountPasswordInvalid", "SSO_")

type Trouble = Callable[[Account, datetime, datetime], None]
"""Makes trouble for an account from one moment until another."""


def _switch(name: str, value: object, **more: object) -> Trouble:
    """Return trouble by one switch of the simulator, or by two that belong together."""

    def begin(account: Account, since: datetime, until: datetime) -> None:
        for switch, setting in {name: value, **more}.items():
            setattr(account.faults, switch, Limited(setting, since=since, until=until))

    return begin


def _end_sessions(account: Account, _since: datetime, _until: datetime) -> None:
    account.end_sessions()


def _forget_sessions(account: Account, _since: datetime, _until: datetime) -> None:
    account.end_sessions(forget=True)


def _now_and_then(name: str, value: object) -> Trouble:
    """Return trouble that strikes every third call."""

    def begin(account: Account, since: datetime, until: datetime) -> None:
        setattr(account.faults, name, Limited(value, since=since, until=until, probability=1 / 3))

    return begin


TROUBLES: Final[tuple[Trouble, ...]] = (
    *(_switch("html_status", status) for status in (200, 400, 403, 404, 429, 500, 502, 503, 521)),
    *(_switch("html_status", 429, retry_after=pause) for pause in ("7", "600", "86400", "soon", "-1")),
    _switch("html_status", 503, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"),
    _now_and_then("html_status", 500),
    _switch("redirect", "https://example.com/"),
    *(_switch("disconnect", where) for where in ("before", "inside")),
    _now_and_then("disconnect", "inside"),
    *(_switch(wait, 45.0) for wait in ("delay_seconds", "body_delay_seconds")),
    *(
        _switch("body", kind)
        for kind in ("empty", "truncated", "html", "unquoted", "null", "string", "number", "object", "list")
    ),
    _switch("raw_body", '{"a": [1, 2'),
    _switch("content_type", "text/html"),
    *(_switch("date_header_skew_seconds", seconds) for seconds in (-7200.0, -20.0, 20.0, 7200.0)),
    *(_switch("clock_skew_seconds", seconds) for seconds in (-25.0, 25.0)),
    *(_switch("fault_code", code) for code in ("SystemError", "InternalError", "InvalidArgument", "SomethingNew")),
    *(
        _switch("refuse_login", True, session="expired", login_failure=code)
        for code in ("AccountPasswordInvalid", "SSO_InternalError", "SSO_Authenticate")
    ),
    *(_switch("lock_login", True, session="expired", lock_spelling=end) for end in ("Exceeed", "Exceeded")),
    _switch("nil_id", True, session="nil"),
    *(_switch("session", kind) for kind in ("expired", "unknown", "malformed", "nil")),
    _now_and_then("session", "expired"),
    _end_sessions,
    _forget_sessions,
    *(_switch(switch, True) for switch in ("empty_list", "sharing_off", "no_follower")),
    _now_and_then("empty_list", True),
    _switch("trend_as", "int"),
    _switch("date_slashes", True),
    _switch("omit_wt", True),
    _switch("system_time_skew_seconds", -3600.0),
    _switch("duplicate_after_seconds", 8.0),
    *(_switch("shift_seconds", seconds) for seconds in (-30.0, 30.0)),
    _switch("jitter_ms", 25_000),
    _switch("malformed_readings", True),
    _switch("utc_offset_minutes", 345),
    _switch("offline", True),
)


@dataclass(slots=True, kw_only=True)
class Soak:
    """What was seen of a run: what the history held at its end, and when the program did not run."""

    kept: Sequence[GlucoseReading] = ()
    away: list[tuple[datetime, datetime]] = field(default_factory=list)
    troubles: int = 0


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--days", type=float, default=30, help="virtual days (default 30)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the world and of all chance (default 1)")


def run(arguments: Namespace) -> Report:
    """Run through days of trouble."""
    records = make_world(arguments.seed, timedelta(days=arguments.days))
    end = records[-1].time + _QUIET + timedelta(minutes=10)
    soak = Soak()
    simulators: list[Simulator] = []

    async def main(loop: VirtualLoop) -> None:
        simulator = Simulator(clock=loop.utcnow, seed=arguments.seed)
        simulators.append(simulator)
        account = simulator.add_account(_NAME, _PASSWORD, source=ListSource(records))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_make_trouble(loop, account, Random(arguments.seed), end - _QUIET, soak))
            tasks.create_task(_live(loop, simulator, Random(arguments.seed + 1), end, soak))

    run_virtually(records[0].time - timedelta(minutes=1), arguments.seed, main, loop_type=VirtualLoop)
    data = _judge(records, simulators[0], soak)
    return Report(columns=["figure", "value"], rows=list(data.items()), data=data)


async def _make_trouble(loop: VirtualLoop, account: Account, random: Random, end: datetime, soak: Soak) -> None:
    """Make one trouble after the other, each kind as often as the others."""
    pending: list[Trouble] = []
    while True:
        await asyncio.sleep(3600 * random.uniform(0.5, 2.5))
        if not pending:
            pending = random.sample(TROUBLES, len(TROUBLES))
        until = loop.utcnow() + random.choice(_TROUBLE_LASTS)
        if until > end:
            return
        account.faults = Faults()
        pending.pop()(account, loop.utcnow(), until)
        soak.troubles += 1
        await asyncio.sleep((until - loop.utcnow()).total_seconds())


async def _live(loop: VirtualLoop, simulator: Simulator, random: Random, end: datetime, soak: Soak) -> None:
    """Run Home Assistant, and end it now and then, with and without its knowledge."""
    with ExitStack() as folders:
        folder = folders.enter_context(storage_folder())
        entry_id: str | None = None
        while True:
            until = min(loop.utcnow() + timedelta(hours=random.uniform(3, 50)), end)
            killed = random.random() < 0.5
            survived = folders.enter_context(storage_folder())
            async with home_assistant(simulator, folder) as hass:
                entry = await _entry(hass, simulator.accounts[0], entry_id)
                entry_id = entry.entry_id
                await asyncio.sleep((until - loop.utcnow()).total_seconds())
                if until == end:
                    soak.kept = entry.runtime_data.glucose.history.recent(datetime.min.replace(tzinfo=UTC))
                    return
                if killed:
                    # Whatever the end of Home Assistant writes from here on is not there for the next start.
                    copytree(folder, survived, dirs_exist_ok=True)
            folder = survived if killed else folder
            left = loop.utcnow()
            await asyncio.sleep(random.choice(_AWAY_LASTS).total_seconds())
            soak.away.append((left, loop.utcnow()))


async def _entry(hass: HomeAssistant, account: Account, entry_id: str | None) -> DexcomShareConfigEntry:
    """Return the config entry: a new one, or the one that is known, as a start of Home Assistant sets it up."""
    if entry_id is None:
        return await add_entry(
            hass, DOMAIN, account.account_id, {"region": "us", "username": _NAME, "password": _PASSWORD}
        )
    await hass.config_entries.async_setup(entry_id)
    await hass.async_block_till_done()
    return hass.config_entries.async_get_known_entry(entry_id)


def _judge(records: Sequence[Record], simulator: Simulator, soak: Soak) -> Mapping[str, int | float]:
    """Return the figures of a run."""
    offered = [record for record in records if record.available - record.time < _LATEST]
    kept = list(soak.kept)
    found = sum(_take(kept, record) for record in offered)
    calls = [call for call in simulator.calls if call.path.startswith(SERVICES)]
    refusals = [call.time for call in calls if call.code and call.code.startswith(_REFUSALS)]
    days = (calls[-1].time - calls[0].time) / timedelta(days=1)
    return {
        "offered": len(offered),
        "kept": found,
        "lost": len(offered) - found,
        "doubled": len(kept),
        "troubles": soak.troubles,
        "restarts": len(soak.away),
        "calls_per_day": round(len(calls) / days, 1),
        "logins": simulator.logins,
        "refused_per_hour_max": max(
            (bisect_right(refusals, time) - bisect_left(refusals, time - timedelta(hours=1)) for time in refusals),
            default=0,
        ),
        "longest_gap_in_polling_min": round(_longest_gap([call.time for call in calls], soak.away) / _MINUTE, 1),
    }


def _take(kept: list[GlucoseReading], record: Record) -> bool:
    """Take one reading that stands for a record out of what was kept, and return whether there was one."""
    for place in range(bisect_left(kept, record.time - _MINUTE, key=_time), len(kept)):
        if kept[place].time > record.time + _MINUTE:
            return False
        if kept[place].value == record.value:
            del kept[place]
            return True
    return False


def _time(reading: GlucoseReading) -> datetime:
    return reading.time


def _longest_gap(calls: Sequence[datetime], away: Sequence[tuple[datetime, datetime]]) -> timedelta:
    """Return the longest time without a call while the program ran."""
    moments = sorted({*calls, *(moment for span in away for moment in span)})
    return max(later - earlier for earlier, later in pairwise(moments) if (earlier, later) not in away)
