"""How soon is a reading in Home Assistant, and for how many calls?

The real coordinator and client play a world of readings in virtual time, against the simulator, each answer delayed as
the real server's are; other rules of polling play the same world beside them, with the same client. The delay counts
from the moment at which Share has a reading to the state that shows it (for one that comes after its successor: to the
history), over the readings that Share had within 600 s. A reading is lost that Share offered and nobody took.

Beside ours stands the best that a schedule could reach which knew how long the uploads of this world take: least mean
delay, and 5 s for each call beyond the first for a reading.
"""

from argparse import ArgumentParser, Namespace
import asyncio
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from random import Random
from typing import Final

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event

from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.person import DexcomShareConfigEntry
from custom_components.dexcom_share.share import ShareClient
from simulator import SERVICES, ListSource, Record, Simulator, UploadLatency, in_memory

from .home import add_entry, storage_folder
from .limits import WORLDS, best_possible, make_delayed_world
from .report import Figure, Report
from .virtual import ANSWER_SECONDS, VirtualLoop, home_assistant, run_virtually

_START: Final = datetime(2026, 11, 1, tzinfo=UTC)
_BEFORE: Final = timedelta(minutes=1)
_AFTER: Final = timedelta(minutes=6)
"""How much longer than its world a play is: it starts without any readings, and ends after all that is to come."""
_LAST_LOOKS: Final = timedelta(hours=3)
"""How much time there is after that to take what came late; its calls are not counted."""
_COUNTED_SECONDS: Final = 600.0
_SERVED: Final = timedelta(days=1)
_SAME: Final = timedelta(minutes=1)
_NAME: Final = "wearer@example.com"
_PASSWORD: Final = "a password"

type Rule = Callable[[datetime, datetime | None, Random], tuple[float, int, int]]
"""From the time, that of the newest reading and chance: seconds to the next call, its minutes and its count."""


@dataclass(slots=True, kw_only=True)
class Play:
    """What came of a world under one rule: calls, log-ins, and when each reading (by its time) arrived."""

    calls: int = 0
    logins: int = 0
    arrived: dict[datetime, datetime] = field(default_factory=dict)

    def count(self, simulator: Simulator) -> None:
        """Note the calls that Share received; the status page is on a host of its own."""
        self.calls = sum(call.path.startswith(SERVICES) for call in simulator.calls)
        self.logins = simulator.logins


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument(
        "--world",
        type=Path,
        metavar="FILE",
        action="append",
        help="readings to play, one JSON object a line; repeatable",
    )
    parser.add_argument(
        "--delays",
        choices=WORLDS,
        metavar="NAME",
        action="append",
        default=[],
        help=f"play a world without gaps whose uploads are so; repeatable: {', '.join(WORLDS)}",
    )
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="write the worlds of --delays there, play nothing")
    parser.add_argument("--ours-only", action="store_true", help="leave out the other rules")
    parser.add_argument("--seed", type=int, default=1, help="seed of the made-up world and of all chance (default 1)")
    parser.add_argument("--days", type=float, default=7, help="days of the made-up world (default 7)")


def run(arguments: Namespace) -> Report:
    """Play each world under every rule; with one world the figures are those of its rules."""
    seed = arguments.seed
    span = timedelta(days=arguments.days)
    worlds = {
        **{str(path): read_world(path) for path in arguments.world or []},
        **{name: make_delayed_world(name, seed, span) for name in arguments.delays},
    } or {"": make_world(seed, span)}
    if arguments.write:
        return _write_worlds(worlds, arguments.write)
    rules = {} if arguments.ours_only else RULES
    data = {name: _play_world(records, seed, rules) for name, records in worlds.items()}
    columns = ["rule", *next(iter(data.values()))["ours"]]
    rows = [
        [f"{world} {rule}".strip(), *(figures.get(column) for column in columns[1:])]
        for world, rules_of_world in data.items()
        for rule, figures in rules_of_world.items()
    ]
    return Report(columns=columns, rows=rows, data=data if len(data) > 1 else next(iter(data.values())))


def _play_world(records: Sequence[Record], seed: int, rules: Mapping[str, Rule]) -> Mapping[str, Mapping[str, Figure]]:
    """Return the figures of a world under our rule, with the best possible beside them, and under others."""
    figures = {"ours": {**judge(records, _play_ours(records, seed)), **judge_limit(records)}}
    return figures | {name: judge(records, _play_rule(records, seed, rule)) for name, rule in rules.items()}


def judge_limit(records: Sequence[Record]) -> Mapping[str, float]:
    """Return what the best schedule could reach that knew the delays, asking for each reading that is counted."""
    delays = [(record.available - record.time).total_seconds() for record in records]
    counted = [delay for delay in delays if 0 <= delay < _COUNTED_SECONDS]
    if not counted:
        return {"limit_mean_s": 0.0, "limit_p95_s": 0.0, "limit_calls_per_day": 0.0}
    limit = best_possible(counted)
    days = (_end(records) - _begin(records)) / timedelta(days=1)
    return {
        "limit_mean_s": round(limit.mean_seconds, 2),
        "limit_p95_s": round(limit.p95_seconds, 2),
        "limit_calls_per_day": round(limit.calls * len(counted) / days, 1),
    }


def _write_worlds(worlds: Mapping[str, Sequence[Record]], folder: Path) -> Report:
    """Write worlds as files that `read_world` reads, and return their names and sizes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, records in worlds.items():
        lines = (
            json.dumps(
                {
                    "reading": record.time.timestamp(),
                    "available": record.available.timestamp(),
                    "value": record.value,
                    "trend": record.trend,
                }
            )
            for record in records
        )
        folder.joinpath(f"{name or 'world'}.jsonl").write_text("\n".join(lines) + "\n")
    sizes = {name or "world": len(records) for name, records in worlds.items()}
    return Report(columns=["world", "readings"], rows=[[*size] for size in sizes.items()], data=sizes)


def read_world(path: Path) -> list[Record]:
    """Return the readings of a file, in order of their times."""
    lines = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    records = [
        Record(
            time=_to_millisecond(line["reading"]),
            value=line["value"],
            trend=line["trend"],
            available_at=datetime.fromtimestamp(line["available"], UTC),
        )
        for line in lines
    ]
    return sorted(records, key=lambda record: record.time)


def make_world(seed: int, span: timedelta) -> list[Record]:
    """Make up what a sensor measures and when Share has it: most within 15 s, some late, now and then a gap."""
    random = Random(seed)
    uploads = UploadLatency(seed)
    end = (_START + span).timestamp()
    time = _START.timestamp() + random.uniform(0, 300)
    sensor_ends = time + random.uniform(0, 10) * 86_400
    step = random.uniform(299.5, 299.8)
    value = 120.0
    records: list[Record] = []
    while time < end:
        if time >= sensor_ends:
            # The next sensor warms up, and then measures at other moments and at its own pace.
            time += random.uniform(1800, 7200)
            sensor_ends = time + 10 * 86_400
            step = random.uniform(299.5, 299.8)
        value = min(max(value + random.gauss((120 - value) / 50, 6), 40), 400)
        taken = _to_millisecond(time)
        if (available_at := uploads.available_at(taken)) is not None:
            records.append(Record(time=taken, value=round(value), trend="Flat", available_at=available_at))
        time += random.gauss(step, 0.02)
    return records


def judge(records: Sequence[Record], play: Play) -> Mapping[str, int | float]:
    """Return the figures of one play."""
    days = (_end(records) - _begin(records)) / timedelta(days=1)
    offered = [record for record in records if record.available - record.time < _SERVED]
    times = sorted(play.arrived)
    arrivals = [(record, arrival) for record in offered if (arrival := _arrival(record.time, times, play))]
    delays = sorted(
        (arrival - record.available).total_seconds()
        for record, arrival in arrivals
        if (record.available - record.time).total_seconds() < _COUNTED_SECONDS
    )
    return {
        "calls_per_day": round(play.calls / days, 1),
        "logins_per_day": round(play.logins / days, 2),
        "delay_mean_s": round(sum(delays) / len(delays), 2) if delays else 0.0,
        "delay_p95_s": round(delays[int(0.95 * len(delays))], 2) if delays else 0.0,
        "offered": len(offered),
        "delivered": len(arrivals),
        "lost": len(offered) - len(arrivals),
    }


def _arrival(time: datetime, times: Sequence[datetime], play: Play) -> datetime | None:
    """Return when a reading arrived, or what stands for it: the same one, stamped less than a minute apart."""
    place = bisect_left(times, time)
    near = [other for other in times[max(place - 1, 0) : place + 1] if abs(other - time) < _SAME]
    return play.arrived[min(near, key=lambda other: abs(other - time))] if near else None


def _play_ours(records: Sequence[Record], seed: int) -> Play:
    """Play a world with the real coordinator and client, in a real Home Assistant."""
    play = Play()

    async def main(loop: VirtualLoop) -> None:
        simulator = Simulator(clock=loop.utcnow, seed=seed)
        account = simulator.add_account(_NAME, _PASSWORD, source=ListSource(records))
        async with home_assistant(simulator, folder) as hass:
            entry = await add_entry(
                hass, DOMAIN, account.account_id, {"region": "us", "username": _NAME, "password": _PASSWORD}
            )
            watch(hass, entry, loop, play)
            await asyncio.sleep((_end(records) - loop.utcnow()).total_seconds())
            play.count(simulator)
            await asyncio.sleep(_LAST_LOOKS.total_seconds())

    with storage_folder() as folder:
        run_virtually(_begin(records), seed, main, loop_type=VirtualLoop)
    return play


def watch(hass: HomeAssistant, entry: DexcomShareConfigEntry, loop: VirtualLoop, play: Play) -> None:
    """Note when readings arrive: the newest in the state of the glucose value, the others in the history."""
    glucose = entry.runtime_data.glucose
    value = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, f"{entry.unique_id}_value")
    if value is None:
        raise RuntimeError("there is no glucose value")

    @callback
    def note_state(event: Event[EventStateChangedData]) -> None:
        if (state := event.data["new_state"]) and (time := state.attributes.get("measurement_timestamp")):
            play.arrived.setdefault(datetime.fromisoformat(time), loop.utcnow())

    @callback
    def note_filled_in() -> None:
        for reading in glucose.history.recent(loop.utcnow() - _SERVED)[:-1]:
            play.arrived.setdefault(reading.time, loop.utcnow())

    async_track_state_change_event(hass, value, note_state)
    entry.async_on_unload(glucose.async_add_listener(note_filled_in))


def _play_rule(records: Sequence[Record], seed: int, rule: Rule) -> Play:
    """Play a world with the real client, asked by a rule."""
    play = Play()

    async def main(loop: VirtualLoop) -> None:
        simulator = Simulator(clock=loop.utcnow, seed=seed)
        simulator.add_account(_NAME, _PASSWORD, source=ListSource(records))
        simulator.faults.delay_seconds = ANSWER_SECONDS
        random = Random(seed)
        newest: datetime | None = None
        async with in_memory(simulator) as session:
            client = ShareClient(session, username=_NAME, password=_PASSWORD)
            seconds, minutes, count = rule(loop.utcnow(), newest, random)
            while loop.utcnow() < _end(records) + _LAST_LOOKS:
                for reading in await client.read_glucose(minutes, count):
                    play.arrived.setdefault(reading.time, loop.utcnow())
                    newest = max(reading.time, newest) if newest else reading.time
                seconds, minutes, count = rule(loop.utcnow(), newest, random)
                if loop.utcnow() < _end(records) <= loop.utcnow() + timedelta(seconds=seconds):
                    play.count(simulator)
                await asyncio.sleep(seconds)

    run_virtually(_begin(records), seed, main, loop_type=VirtualLoop)
    return play


def _fixed_180s(_now: datetime, _newest: datetime | None, _random: Random) -> tuple[float, int, int]:
    """Ask as Home Assistant's own `dexcom` does."""
    return 180.0, 10, 1


def _nightscout_connect(now: datetime, newest: datetime | None, random: Random) -> tuple[float, int, int]:
    """Ask 18 to 36 s after every reading is due, for what came since the last."""
    if newest is None:
        return 150.0, 1440, 288
    age = (now - newest).total_seconds()
    due = (age // 300 + 1) * 300 + random.uniform(18, 36)
    minutes = min(int(due // 60) + 1, 1440)
    return due - age, minutes, min(minutes // 5 + 1, 288)


def _loopfollow(now: datetime, newest: datetime | None, _random: Random) -> tuple[float, int, int]:
    """Ask 10 s after a reading is due, then ever more slowly; for three hours here, to save the benchmark's time."""
    age = (now - newest).total_seconds() if newest else 1200.0
    pauses = ((300, 310 - age), (420, 5.0), (600, 30.0), (1200, 60.0))
    return next((pause for limit, pause in pauses if age < limit), 300.0), 180, 36


RULES: Final[Mapping[str, Rule]] = {
    "fixed_180s": _fixed_180s,
    "nightscout_connect": _nightscout_connect,
    "loopfollow": _loopfollow,
}


def _begin(records: Sequence[Record]) -> datetime:
    """Return when a play of these readings begins."""
    return records[0].time - _BEFORE


def _end(records: Sequence[Record]) -> datetime:
    """Return when a play of these readings ends."""
    return max(record.available for record in records) + _AFTER


def _to_millisecond(timestamp: float) -> datetime:
    """Return a moment as exactly as Share knows it."""
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=round(1000 * timestamp))
