"""The read call: the list of readings as Share shows it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from .. import dice
from ..accounts import Account
from ..faults import Faults, Switches, at_time
from ..readings.records import TRENDS, Record
from ..wire import Json, date, dumps
from .table import GET, POST, Context, Reply, Route, Table

LONGEST_MINUTES: Final = 1440
HIGHEST_COUNT: Final = 576
"""What some clients ask for and get: a day on which two devices upload."""

_BROKEN: Final[tuple[Json, ...]] = (
    {},
    None,
    "Date(1745081013817)",
    {"WT": "Date()", "ST": "Date()", "DT": "Date(+0000)", "Value": 100, "Trend": "Flat"},
    {"WT": "Date(1745081013817)", "ST": "Date(1745081013817)", "DT": "Date(1745081013817+0000)", "Trend": "Flat"},
    {"WT": None, "ST": None, "DT": None, "Value": "?", "Trend": None},
    [],
)


def read(context: Context) -> Reply:
    """Return the readings of the last `minutes`, newest first, `maxCount` of them at most."""
    account = context.account()
    minutes = min(context.parameters.integer("minutes"), LONGEST_MINUTES)
    count = min(context.parameters.integer("maxCount"), HIGHEST_COUNT)
    if minutes <= 0 or count <= 0 or _is_hidden(account, context):
        return Reply("[]", chunked=True)
    # A reading exactly as old as that still counts.
    begin = context.now - timedelta(minutes=minutes, microseconds=1)
    records = account.latest(begin, context.now, count, (context.simulator.faults,))
    shown = _distorted(records, account, context)[-count:]
    form = _Form.of(context.switches)
    elements = [form.element(record) for record in reversed(shown)]
    if context.switches.get(lambda faults: faults.malformed_readings):
        elements = _with_broken(elements)
    return Reply(dumps(elements), chunked=True)


def _is_hidden(account: Account, context: Context) -> bool:
    """Return whether Share has no readings to show, for one of the reasons that all look the same."""
    switches = context.switches
    return bool(
        not account.sharing
        or not account.followers.any_following(context.now)
        or switches.get(lambda faults: faults.sharing_off)
        or switches.get(lambda faults: faults.no_follower)
        or switches.get(lambda faults: faults.empty_list)
    )


def _distorted(records: Sequence[Record], account: Account, context: Context) -> list[Record]:
    """Return the readings as this call shows them, oldest first, moved and changed by switches."""
    get = context.switches.get
    shift = timedelta(seconds=get(lambda faults: faults.shift_seconds) or 0)
    jitter_ms = get(lambda faults: faults.jitter_ms) or 0
    again_after = get(lambda faults: faults.duplicate_after_seconds)
    layers = (account.faults, context.simulator.faults)
    shown: list[Record] = []
    for record in records:
        time = record.time + (shift if record.time in account.served else timedelta())
        if jitter_ms:
            chance = dice.fraction(record.time, len(context.simulator.calls))
            time += timedelta(milliseconds=round((2 * chance - 1) * jitter_ms))
        # Moved, a reading stays no later than now; only a sensor whose own clock runs fast stamps ahead of it.
        shown.append(_worn(record, min(time, max(record.time, context.now)), account, layers))
        if again_after is not None and time + timedelta(seconds=again_after) <= context.now:
            shown.append(replace(shown[-1], time=time + timedelta(seconds=again_after)))
    account.remember_served(records)
    return sorted(shown, key=lambda record: record.time)


def _worn(record: Record, time: datetime, account: Account, layers: Sequence[Faults]) -> Record:
    """Return a reading with the wearer's offset from UTC, and with what the switches say of its time."""
    value = at_time(layers, lambda faults: faults.value, record.time)
    minutes = at_time(layers, lambda faults: faults.utc_offset_minutes, record.time)
    offset = record.utc_offset if minutes is None else timedelta(minutes=minutes)
    return replace(
        record,
        time=time,
        value=record.value if value is None else value,
        trend=at_time(layers, lambda faults: faults.trend, record.time) or record.trend,
        utc_offset=time.astimezone(account.time_zone).utcoffset() if offset is None else offset,
    )


@dataclass(frozen=True, slots=True)
class _Form:
    """How readings are written in one call."""

    slashes: bool
    trend_as_number: bool
    without_wt: bool
    skew: timedelta
    system_skew: timedelta

    @classmethod
    def of(cls, switches: Switches) -> _Form:
        """Return the form that the switches ask for."""
        return cls(
            slashes=bool(switches.get(lambda faults: faults.date_slashes)),
            trend_as_number=switches.get(lambda faults: faults.trend_as) == "int",
            without_wt=bool(switches.get(lambda faults: faults.omit_wt)),
            skew=timedelta(seconds=switches.get(lambda faults: faults.clock_skew_seconds) or 0),
            system_skew=timedelta(seconds=switches.get(lambda faults: faults.system_time_skew_seconds) or 0),
        )

    def element(self, record: Record) -> Json:
        """Return one reading as the wire shows it."""
        time = record.time + self.skew
        element: dict[str, Json] = {
            "WT": date(time, slashes=self.slashes),
            "ST": date(time + self.system_skew, slashes=self.slashes),
            "DT": date(time, record.utc_offset, slashes=self.slashes),
            "Value": record.value,
            "Trend": TRENDS.index(record.trend) if self.trend_as_number else record.trend,
        }
        if self.without_wt:
            del element["WT"]
        return element


def _with_broken(elements: Sequence[Json]) -> list[Json]:
    """Return the good readings, all of them and in order, with broken ones between."""
    mixed: list[Json] = []
    for number, element in enumerate(elements):
        mixed += [_BROKEN[number % len(_BROKEN)], element]
    return mixed


ROUTES: Final[Table] = {
    "Publisher/ReadPublisherLatestGlucoseValues": Route(read, GET | POST),
}
