"""A plain count of the episodes of each kind of alert in a trace, and of what was announced of them.

It shares no code with the alert engine and follows the alert rules in plain numbers. At each arrival all readings that
are known by then are gone through in order of time: a run begins with a reading at or beyond the limit and counts once
it has lasted the delay; it ends with a gap of 15 min, with a reading that clears the margin, or 15 min after the last
one beyond. An episode is what shows of a run at the arrivals whose newest reading was less than 15 min old.

An episode is told when an announcement (raised or repeated) rests on one of its readings. It is missed when none does,
late when that comes after the reading following the first at which it showed; an announcement that rests on no such
reading is spurious.
"""

from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from custom_components.dexcom_share.glucose.alerts.kinds import AlertEvent, AlertKind
from custom_components.dexcom_share.glucose.forecast import urgent_low_chance
from custom_components.dexcom_share.share.models import GlucoseReading

from .delivery import Arrival

_MINUTE: Final = timedelta(minutes=1)

# The rules in plain numbers: minutes, mg/dL, mg/dL per minute.
_GAP: Final = 15
_INSIDE: Final = 15
_LONGEST_RATE_STEP: Final = 12
_SHORTEST_RATE_STEP: Final = 2.5
_FRESH: Final = 15
_SILENCE: Final = 20
_LOOK_BACK: Final = 6 * 60
_CHANCE_LOOK_BACK: Final = 24
_SOON: Final = 0.18
_NOT_SOON: Final = 0.05
_HIGH_DELAY: Final = 60
_LIMITS: Final = {
    AlertKind.URGENT_LOW: (-1, -55, -60),
    AlertKind.LOW: (-1, -70, -75),
    AlertKind.URGENT_HIGH: (1, 300, 290),
    AlertKind.HIGH: (1, 250, 240),
    AlertKind.FALLING_FAST: (-1, 2, 1),
    AlertKind.RISING_FAST: (1, 2, 1),
}
"""Which way it goes, its limit, and from where on it is over: values and rates times the first."""

KINDS: Final = tuple(kind for kind in AlertKind if kind is not AlertKind.NO_DATA)
"""The kinds that rest on readings, urgent low first."""


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


@dataclass(frozen=True, slots=True)
class _Run:
    """A run as it shows so far: places of its first and last reading beyond the limit, and whether it counts."""

    start: int | None = None
    beyond: int | None = None
    counts: bool = False


_NO_RUN: Final = _Run()

type _Runs = dict[AlertKind, _Run]


class Scan:
    """Knows the readings as they were taken, and when each arrived."""

    def __init__(self, readings: Sequence[GlucoseReading], delivery: Sequence[Arrival]) -> None:
        """Go through the arrivals, and note what shows at each of them."""
        self._delivery = delivery
        self._readings = readings
        self._times = [reading.time for reading in readings]
        self._minutes = [(time - self._times[0]) / _MINUTE for time in self._times]
        self._values = [reading.value for reading in readings]
        self._place = {time: place for place, time in enumerate(self._times)}
        self._shown: list[tuple[int, _Runs]] = []
        """At each arrival with a newest reading that was fresh: its place, and the runs."""
        self._go_through()
        self._newest = sorted({newest for newest, _ in self._shown})

    def _go_through(self) -> None:
        """Note what shows at each arrival: only what comes late has all of the last hours judged again."""
        known: list[int] = []
        runs: _Runs = dict.fromkeys(KINDS, _NO_RUN)
        for arrival in self._delivery:
            places = {self._place[reading.time] for reading in arrival.readings if reading.time in self._place}
            new = sorted(places - set(known[-2 * _LOOK_BACK :]))
            comes_late = bool(known and new and new[0] < known[-1])
            for place in new:
                insort(known, place)
            if comes_late:
                first = bisect_right(known, self._minutes[known[-1]] - _LOOK_BACK, key=self._minutes.__getitem__)
                runs = dict.fromkeys(KINDS, _NO_RUN)
            else:
                first = len(known) - len(new)
            for index in range(first, len(known)):
                runs = self._next(runs, known[max(index - _CHANCE_LOOK_BACK, 0) : index + 1])
            if known and arrival.at - self._times[known[-1]] < _FRESH * _MINUTE:
                self._shown.append((known[-1], runs))

    def _next(self, runs: _Runs, known: Sequence[int]) -> _Runs:
        """Return the runs with one more reading, the last of those known."""
        newest = known[-1]
        after: _Runs = {}
        for kind in KINDS:
            run = runs[kind]
            if len(known) > 1 and self._minutes[newest] - self._minutes[known[-2]] >= _GAP:
                run = replace(run, start=None, counts=False)
            if kind is AlertKind.URGENT_LOW_SOON and after[AlertKind.URGENT_LOW].counts:
                after[kind] = replace(run, start=None, counts=False)
                continue
            is_beyond, is_clear = self._measure(kind, known)
            if is_beyond:
                start = newest if run.start is None else run.start
                delay = _HIGH_DELAY if kind is AlertKind.HIGH else 0
                lasts = round(self._minutes[newest] - self._minutes[start])
                run = _Run(start=start, beyond=newest, counts=run.counts or lasts >= delay)
            elif is_clear or run.beyond is None or self._minutes[newest] - self._minutes[run.beyond] >= _INSIDE:
                run = replace(run, start=None, counts=False)
            after[kind] = run
        return after

    def _measure(self, kind: AlertKind, known: Sequence[int]) -> tuple[bool, bool]:
        """Return whether the newest reading is at or beyond the limit, and whether it clears the margin."""
        if kind is AlertKind.URGENT_LOW_SOON:
            chance = urgent_low_chance([self._readings[place] for place in known])
            return chance >= _SOON, chance < _NOT_SOON
        sign, limit, clear = _LIMITS[kind]
        if kind in (AlertKind.FALLING_FAST, AlertKind.RISING_FAST):
            slower = min((sign * rate for rate in self._last_rates(known)), default=None)
            return slower is not None and slower >= limit, slower is not None and slower <= clear
        value = sign * self._values[known[-1]]
        return value >= limit, value <= clear

    def _last_rates(self, known: Sequence[int]) -> tuple[float, ...]:
        """Return the two rates up to the newest reading, nothing where they aren't connected."""
        rates: list[float] = []
        place = known[-1]
        for earlier in reversed(known[:-1]):
            step = self._minutes[place] - self._minutes[earlier]
            if step < _SHORTEST_RATE_STEP:
                continue
            if step > _LONGEST_RATE_STEP:
                break
            rates.append((self._values[place] - self._values[earlier]) / step)
            if len(rates) == 2:
                return tuple(rates)
            place = earlier
        return ()

    def count(self, kind: AlertKind, announcements: Sequence[AlertEvent]) -> Count:
        """Return the count of a kind that looks at readings."""
        rests = [
            bisect_right(self._times, event.reading_time) - 1 if event.reading_time else 0 for event in announcements
        ]
        # A low that is told late or goes on as what is known last is judged by its reading alone (rules S6 and S7).
        late = {place for place, event in zip(rests, announcements, strict=True) if event.last_known}
        told = [place for place, event in zip(rests, announcements, strict=True) if not event.last_known]
        count = Count(announcements=len(announcements))
        spurious = set(told) | {place for place in late if self._measure(kind, [place])[1]}
        for start, first, last in self._episodes(kind):
            spurious -= set(range(first, last + 1))
            answers = [place for place in told if first <= place <= last]
            # What was told of a reading of the same run while that was the newest, late as it came, counts as well.
            answers += [place for place in late if start <= place <= last]
            in_time = self._newest[bisect_right(self._newest, first) :][:1] or [first]
            count.episodes += 1
            count.raised += bool(answers)
            count.missed += not answers
            count.late += bool(answers) and min(answers) > in_time[0]
        count.spurious = len(spurious)
        return count

    def _episodes(self, kind: AlertKind) -> Iterator[tuple[int, int, int]]:
        """Yield where the run of an episode began, and the newest readings at its first and last arrival."""
        episode: tuple[int, int, int] | None = None
        for newest, runs in self._shown:
            run = runs[kind]
            goes_on = episode is not None and run.counts and run.start is not None and run.start <= episode[2]
            if episode and not goes_on:
                yield episode
                episode = None
            if run.counts and run.start is not None:
                episode = (*(episode[:2] if episode else (run.start, newest)), newest)
        if episode:
            yield episode

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
