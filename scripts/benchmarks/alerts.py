"""Does every alert come, in time, and only when it should? Counted on recorded traces.

Each trace is delivered reading by reading to the alert engine, which runs as the coordinator runs it: evaluated at each
arrival and at each deadline it names, all kinds on, everything else by default. Next to it a plain scan
(`plain_scan`), which shares no code with the engine, counts episodes.

With --faults, a seeded model disturbs the delivery: uploads come late and out of order, stop for a while and are made
up for afterwards, with the newest reading first; readings are served twice, stamped some seconds apart; answers are
empty; Share can't be reached; the program is restarted from its stored state.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from random import Random
from typing import Final

from custom_components.dexcom_share.glucose.alerts.announcing import evaluate, next_deadline
from custom_components.dexcom_share.glucose.alerts.kinds import ANNOUNCEMENTS, AlertEvent, AlertKind
from custom_components.dexcom_share.glucose.alerts.moment import Moment
from custom_components.dexcom_share.glucose.alerts.sequence import JudgedSequence
from custom_components.dexcom_share.glucose.alerts.settings import DEFAULTS
from custom_components.dexcom_share.glucose.alerts.state import Alerts
from custom_components.dexcom_share.glucose.alerts.stored import alerts_from_dict, alerts_to_dict
from custom_components.dexcom_share.glucose.history import History
from custom_components.dexcom_share.share.models import GlucoseReading

from .delivery import Arrival, distinct, disturbed, smooth
from .plain_scan import KINDS, Count, Scan
from .report import Figures, Report
from .traces import load_traces

_MINUTE: Final = timedelta(minutes=1)
_SETTINGS: Final = replace(
    DEFAULTS, kinds={kind: replace(settings, enabled=True) for kind, settings in DEFAULTS.kinds.items()}
)


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--traces", type=Path, required=True, metavar="DIR", help="folder of recorded traces")
    parser.add_argument("--faults", action="store_true", help="disturb the delivery")
    parser.add_argument("--seed", type=int, default=1, help="seed of the faults (default 1)")


def run(arguments: Namespace) -> Report:
    """Play every trace and count."""
    totals = {kind: Count() for kind in AlertKind}
    days = 0.0
    for trace in load_traces(arguments.traces):
        random = Random(f"{arguments.seed} {trace.name}")
        readings = distinct(trace.readings)
        delivery = disturbed(readings, random) if arguments.faults else smooth(readings)
        for kind, count in count_trace(readings, delivery).items():
            totals[kind].add(count)
        days += (readings[-1].time - readings[0].time) / timedelta(days=1)
    columns = ("episodes", "raised", "missed", "late", "spurious")
    figures: dict[str, Figures] = {
        kind.value: {name: getattr(totals[kind], name) for name in columns} for kind in totals
    }
    return Report(
        columns=("kind", *columns, "announced/day"),
        rows=[
            (kind.value, *(getattr(count, name) for name in columns), round(count.announcements / days, 3))
            for kind, count in totals.items()
        ],
        data={"kinds": figures},
    )


def play(delivery: Sequence[Arrival]) -> dict[AlertKind, list[AlertEvent]]:
    """Run the engine over a delivery, and return what it announces of each kind."""
    announcements: dict[AlertKind, list[AlertEvent]] = {kind: [] for kind in AlertKind}
    history = History()
    state = Alerts()
    sequence = JudgedSequence(state.base)

    def moment(now: datetime) -> Moment:
        return sequence.moment(history, now, tz=UTC, settings=_SETTINGS, watched_since=delivery[0].at)

    def evaluate_at(now: datetime) -> Alerts:
        after, events = evaluate(state, moment(now))
        for event in events:
            if event.type in ANNOUNCEMENTS:
                announcements[event.kind].append(event)
        return after

    now = delivery[0].at
    for arrival in delivery:
        awake_until = arrival.down_since or arrival.at
        while (deadline := next_deadline(state, moment(now))) and deadline < awake_until:
            now = deadline
            state = evaluate_at(now)
        if arrival.down_since:
            state = alerts_from_dict(json.loads(json.dumps(alerts_to_dict(state))))
            sequence = JudgedSequence(state.base)
        history.merge(arrival.readings, arrival.at)
        now = arrival.at
        state = evaluate_at(now)
    return announcements


def count_trace(readings: Sequence[GlucoseReading], delivery: Sequence[Arrival]) -> dict[AlertKind, Count]:
    """Play one trace and return what became of its episodes."""
    played = play(delivery)
    scan = Scan(readings, delivery)
    counts: dict[AlertKind, Count] = {kind: scan.count(kind, played[kind]) for kind in KINDS}
    counts[AlertKind.NO_DATA] = scan.count_silences(played[AlertKind.NO_DATA])
    return counts
