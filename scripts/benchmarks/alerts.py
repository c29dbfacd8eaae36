"""Does every alert come, in time, and only when it should? Counted on recorded traces.

Each trace is delivered reading by reading to the alert engine, which runs as the coordinator runs it: evaluated at each
arrival and at each deadline it names, all kinds on, everything else by default. Next to it a plain scan, which shares
no code with the engine, counts episodes: runs of readings at or beyond the limit that last the delay; steps of less
than 15 min connect readings, a dip inside without recovery parts no episode, durations count in whole minutes. An
episode is told when an announcement (raised or repeated) rests on one of its readings from the first that fulfils the
rule on. It is missed when none does, late when that comes after the reading following the first; an announcement that
rests on no such reading is spurious.

With --faults, a seeded model disturbs the delivery: uploads come late and out of order, stop for a while and are made
up for afterwards, with the newest reading first; readings are served twice, stamped some seconds apart; answers are
empty; Share can't be reached; the program is restarted from its stored state. Then a run is judged as it showed at each
arrival, by the readings that had come by then, and only while the newest of them was less than 15 min old.
"""

from argparse import ArgumentParser, Namespace
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
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
from custom_components.dexcom_share.glucose.forecast import forecast
from custom_components.dexcom_share.glucose.history import History
from custom_components.dexcom_share.share.models import GlucoseReading

from .delivery import Arrival, distinct, disturbed, smooth
from .report import Figures, Report
from .traces import load_traces

_MINUTE: Final = timedelta(minutes=1)
_SETTINGS: Final = replace(
    DEFAULTS, kinds={kind: replace(settings, enabled=True) for kind, settings in DEFAULTS.kinds.items()}
)
_WINDOW: Final = 60
"""Readings handed to the engine: five hours."""

type Rule = Callable[[int, datetime], bool]

# The rules in plain numbers: minutes, mg/dL, mg/dL per minute.
_GAP: Final = 15
_LONGEST_RATE_STEP: Final = 12
_SHORTEST_RATE_STEP: Final = 2.5
_FRESH: Final = 15
_SILENCE: Final = 20
_INSIDE: Final = 15
_SOON: Final = 0.18
_NOT_SOON: Final = 0.05
_DELAYS: Final = {"high": 60}
_CLEAR_LOWS: Final = {AlertKind.URGENT_LOW: 60, AlertKind.LOW: 75}
_CLEAR_HIGHS: Final = {AlertKind.URGENT_HIGH: 290, AlertKind.HIGH: 240}


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


@dataclass(slots=True)
class Count:
    """What became of the episodes of one kind; `raised` are those told."""

    episodes: int = 0
    raised: int = 0
    missed: int = 0
    late: int = 0
    spurious: int = 0
    announcements: int = 0

    def add(self, other: Count) -> None:
        """Add another trace's."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Played:
    """What the engine told, and what it was told of the future."""

    announcements: dict[AlertKind, list[AlertEvent]] = field(default_factory=lambda: {kind: [] for kind in AlertKind})
    chances: dict[datetime, list[float]] = field(default_factory=dict)


def play(delivery: Sequence[Arrival]) -> Played:
    """Run the engine over a delivery."""
    played = Played()
    history = History()
    state = Alerts()
    sequence = JudgedSequence(state.base)

    def moment(now: datetime) -> Moment:
        return sequence.moment(history, now, tz=UTC, settings=_SETTINGS, watched_since=delivery[0].at)

    def look(now: datetime) -> Alerts:
        if (outlook := forecast(history.latest(_WINDOW), now)) and history.newest:
            played.chances.setdefault(history.newest.time, []).append(outlook.urgent_low_chance)
        after, events = evaluate(state, moment(now))
        for event in events:
            if event.type in ANNOUNCEMENTS:
                played.announcements[event.kind].append(event)
        return after

    now = delivery[0].at
    for arrival in delivery:
        awake_until = arrival.down_since or arrival.at
        while (deadline := next_deadline(state, moment(now))) and deadline < awake_until:
            now = deadline
            state = look(now)
        if arrival.down_since:
            state = alerts_from_dict(json.loads(json.dumps(alerts_to_dict(state))))
            sequence = JudgedSequence(state.base)
        history.merge(arrival.readings, arrival.at)
        now = arrival.at
        state = look(now)
    return played


def count_trace(readings: Sequence[GlucoseReading], delivery: Sequence[Arrival]) -> dict[AlertKind, Count]:
    """Play one trace and return what became of its episodes."""
    played = play(delivery)
    scan = Scan(readings, delivery, played)
    counts = {
        kind: scan.count(kind, rule, _DELAYS.get(kind, 0), played.announcements[kind])
        for kind, rule in scan.rules().items()
    }
    counts[AlertKind.NO_DATA] = scan.count_silences(played.announcements[AlertKind.NO_DATA])
    return counts


class Scan:
    """The plain count: knows the readings as they were taken, and when each arrived."""

    def __init__(self, readings: Sequence[GlucoseReading], delivery: Sequence[Arrival], played: Played) -> None:
        """Note when each reading arrived, and at each arrival which reading was the newest while that was fresh."""
        self._delivery = delivery
        self._times = [reading.time for reading in readings]
        self._minutes = [(time - self._times[0]) / _MINUTE for time in self._times]
        self._values = [reading.value for reading in readings]
        self._place = {time: index for index, time in enumerate(self._times)}
        chances = [played.chances.get(time, []) for time in self._times]
        self._soon = [any(chance >= _SOON for chance in each) for each in chances]
        self._not_soon = [any(chance < _NOT_SOON for chance in each) for each in chances]
        never = delivery[-1].at + timedelta(days=1)
        self._arrived = [never] * len(readings)
        self._moments: list[tuple[datetime, int]] = []
        newest = -1
        for arrival in delivery:
            for reading in arrival.readings:
                index = self._place.get(reading.time)
                if index is not None and self._arrived[index] == never:
                    self._arrived[index] = arrival.at
                    newest = max(newest, index)
            if newest >= 0 and arrival.at - self._times[newest] < _FRESH * _MINUTE:
                self._moments.append((arrival.at, newest))
        self._newest = sorted({index for _, index in self._moments})
        self._in_urgent_lows = self._in_urgent_low()
        self._rules = self.rules()

    def rules(self) -> dict[AlertKind, Rule]:
        """Return for each kind whether a reading is at or beyond its limit, by what had arrived at a moment."""
        values = self._values
        in_urgent_low = self._in_urgent_lows
        newest = set(self._newest)
        return {
            AlertKind.URGENT_LOW: lambda index, _: values[index] <= 55,
            # Of a reading that never was the newest, nobody knows the forecast: it parts nothing.
            AlertKind.URGENT_LOW_SOON: lambda index, _: (
                (self._soon[index] or index not in newest) and not in_urgent_low[index]
            ),
            AlertKind.LOW: lambda index, _: values[index] <= 70,
            AlertKind.URGENT_HIGH: lambda index, _: values[index] >= 300,
            AlertKind.HIGH: lambda index, _: values[index] >= 250,
            AlertKind.FALLING_FAST: lambda index, at: max(self._last_rates(index, at), default=0) <= -2,
            AlertKind.RISING_FAST: lambda index, at: min(self._last_rates(index, at), default=0) >= 2,
        }

    def _in_urgent_low(self) -> list[bool]:
        """Return whether each reading is part of an urgent low that isn't over: no 60 yet, nor 15 min inside."""
        last: float | None = None
        answers: list[bool] = []
        newest = set(self._newest)
        for index, minute in enumerate(self._minutes):
            if index in newest and self._values[index] <= 55:
                last = minute
            elif index in newest and self._values[index] >= 60:
                last = None
            answers.append(last is not None and minute - last < _FRESH)
        return answers

    def _last_rates(self, index: int, at: datetime) -> tuple[float, ...]:
        """Return the two rates up to a reading, nothing where they aren't connected."""
        rates: list[float] = []
        while len(rates) < 2:
            latest = self._minutes[index] - _SHORTEST_RATE_STEP
            earlier = index - 1
            while earlier >= 0 and (self._minutes[earlier] > latest or self._arrived[earlier] > at):
                earlier -= 1
            step = self._minutes[index] - self._minutes[earlier]
            if earlier < 0 or step > _LONGEST_RATE_STEP:
                return ()
            rates.append((self._values[index] - self._values[earlier]) / step)
            index = earlier
        return tuple(rates)

    def count(self, kind: AlertKind, rule: Rule, delay: float, announcements: Sequence[AlertEvent]) -> Count:
        """Return the count of a kind that looks at readings."""
        rests = [
            bisect_right(self._times, event.reading_time) - 1 if event.reading_time else 0 for event in announcements
        ]
        # A low that is told late or goes on as what is known last is judged by its reading alone (rules S6 and S7).
        late = {index for index, event in zip(rests, announcements, strict=True) if event.last_known}
        told = [index for index, event in zip(rests, announcements, strict=True) if not event.last_known]
        count = Count(announcements=len(announcements))
        spurious = set(told) | {index for index in late if not self._was_low(kind, index)}
        for start, fulfilled, last in self._episodes(kind, rule, delay):
            spurious -= set(range(fulfilled, last + 1))
            answers = [index for index in told if start <= index <= last]
            in_time = self._newest[bisect_right(self._newest, fulfilled) :][:1] or [fulfilled]
            count.episodes += 1
            count.raised += bool(answers)
            count.missed += not answers
            count.late += bool(answers) and answers[0] > in_time[0]
        count.spurious = len(spurious)
        return count

    def _was_low(self, kind: AlertKind, index: int) -> bool:
        """Return whether a reading is beyond the limit of a low kind, or not surely inside."""
        return kind in _CLEAR_LOWS and self._values[index] < _CLEAR_LOWS[kind]

    def _episodes(self, kind: AlertKind, rule: Rule, delay: float) -> Iterator[tuple[int, int, int]]:
        """Yield the first, the first fulfilling and the last reading of each episode, as it showed at the time."""
        episode: tuple[int, int, int] | None = None
        beyond = 0
        for at, newest in self._moments:
            if episode and self._is_over(kind, beyond, newest, at):
                yield episode
                episode = None
            start = self._start(rule, newest, at)
            beyond = beyond if start is None else newest
            if episode:
                episode = (*episode[:2], newest)
            elif start is not None and round(self._minutes[newest] - self._minutes[start]) >= delay:
                episode = (start, newest, newest)
        if episode:
            yield episode

    def _is_over(self, kind: AlertKind, beyond: int, newest: int, at: datetime) -> bool:
        """Return whether a gap, the margin or a quarter of an hour inside lies behind the last reading beyond."""
        before = beyond
        for index in range(beyond + 1, newest + 1):
            if self._arrived[index] > at:
                continue
            if self._minutes[index] - self._minutes[before] >= _GAP or self._is_clear(kind, index, at):
                return True
            before = index
        return self._minutes[newest] - self._minutes[beyond] >= _INSIDE and not self._rules[kind](newest, at)

    def _is_clear(self, kind: AlertKind, index: int, at: datetime) -> bool:
        """Return whether a reading is inside the limit by the margin."""
        value = self._values[index]
        rates = self._last_rates(index, at)
        match kind:
            case AlertKind.URGENT_LOW | AlertKind.LOW:
                return value >= _CLEAR_LOWS[kind]
            case AlertKind.URGENT_HIGH | AlertKind.HIGH:
                return value <= _CLEAR_HIGHS[kind]
            case AlertKind.FALLING_FAST:
                return bool(rates) and max(rates) >= -1
            case AlertKind.RISING_FAST:
                return bool(rates) and min(rates) <= 1
            case _:
                return self._in_urgent_lows[index] or self._not_soon[index]

    def _start(self, rule: Rule, newest: int, at: datetime) -> int | None:
        """Return the first reading of the run that the newest one ends, by what had arrived at a moment."""
        start: int | None = None
        for index in range(newest, -1, -1):
            if self._arrived[index] > at:
                continue
            if start is not None and self._minutes[start] - self._minutes[index] >= _GAP:
                break
            if not rule(index, at):
                break
            start = index
        return start

    def count_silences(self, announcements: Sequence[AlertEvent]) -> Count:
        """Return the count of no data: nothing fresh for 20 min by our clock, while the program was running."""
        told = [event.time for event in announcements]
        count = Count(announcements=len(told))
        spurious = set(told)
        newest = self._times[0]
        begun: datetime | None = None
        for arrival in self._delivery:
            due = newest + _SILENCE * _MINUTE
            if begun is None and due < (arrival.down_since or arrival.at):
                begun = due
            newest = max((newest, *(reading.time for reading in arrival.readings if reading.time in self._place)))
            age = arrival.at - newest
            if begun is None and age >= _SILENCE * _MINUTE:
                begun = arrival.at
            if begun is not None and age < _FRESH * _MINUTE:
                answers = [time for time in told if begun <= time <= arrival.at]
                spurious -= set(answers)
                count.episodes += 1
                count.raised += bool(answers)
                count.missed += not answers
                count.late += bool(answers) and answers[0] - begun > 5 * _MINUTE
                begun = None
        count.spurious = len({time for time in spurious if begun is None or time < begun})
        return count
