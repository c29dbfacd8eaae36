"""How readings come: one by one as they were taken, or disturbed by a seeded model of faults."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final

from custom_components.dexcom_share.share.models import GlucoseReading

_SECOND: Final = timedelta(seconds=1)
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An answer of Share at a moment of our clock; `down_since` tells that the program was not running before."""

    at: datetime
    readings: tuple[GlucoseReading, ...]
    down_since: datetime | None = None


def distinct(readings: Sequence[GlucoseReading]) -> list[GlucoseReading]:
    """Return readings without repetitions: the same value again within a minute."""
    kept = list(readings[:1])
    for reading in readings[1:]:
        if reading.value != kept[-1].value or reading.time - kept[-1].time > _MINUTE:
            kept.append(reading)
    return kept


def smooth(readings: Sequence[GlucoseReading]) -> list[Arrival]:
    """Return a delivery without faults: each reading on its own after ten seconds."""
    return [Arrival(at=reading.time + 10 * _SECOND, readings=(reading,)) for reading in readings]


def disturbed(readings: Sequence[GlucoseReading], random: Random) -> list[Arrival]:
    """Return a delivery with faults."""
    answers: list[tuple[datetime, GlucoseReading | None]] = []
    offline_until = readings[0].time
    backlog_with_newest = True
    for reading in readings:
        at = reading.time + random.uniform(8, 15) * _SECOND
        if reading.time < offline_until:
            # Kept on the phone; the first after the outage goes out first, this one with it or a reading later.
            at = offline_until + (0 if backlog_with_newest else 5) * _MINUTE + random.uniform(60, 90) * _SECOND
            at = max(at, reading.time + 8 * _SECOND)
        elif random.random() < 0.004:
            offline_until = reading.time + random.uniform(6, 120) * _MINUTE
            backlog_with_newest = random.random() < 0.5
            at = offline_until + random.uniform(60, 90) * _SECOND
        elif random.random() < 0.03:
            at = reading.time + random.uniform(20, 700) * _SECOND
        answers.append((at, reading))
        if random.random() < 0.03:
            shifted = replace(reading, time=reading.time + random.randint(-40, 40) * _SECOND)
            answers.append((at + random.uniform(1, 900) * _SECOND, shifted))
        if random.random() < 0.03:
            answers.append((at + random.uniform(1, 300) * _SECOND, None))
    answers.sort(key=lambda answer: answer[0])
    return _interrupted(answers, random)


def _interrupted(answers: Sequence[tuple[datetime, GlucoseReading | None]], random: Random) -> list[Arrival]:
    """Return the answers as arrivals, with outages of Share and restarts of the program between."""
    arrivals: list[Arrival] = []
    waiting: list[GlucoseReading] = []
    blocked_until = answers[0][0]
    down_since: datetime | None = None
    blocked = False
    for at, reading in answers:
        if blocked and at >= blocked_until:
            arrivals.append(Arrival(at=blocked_until, readings=tuple(waiting), down_since=down_since))
            waiting.clear()
            blocked = False
        if blocked:
            waiting += (reading,) if reading else ()
            continue
        arrivals.append(Arrival(at=at, readings=(reading,) if reading else ()))
        if random.random() < 0.01:
            blocked = True
            blocked_until = at + random.choice((1, 4, 12, 40)) * random.uniform(0.5, 2) * _MINUTE
            down_since = at if random.random() < 0.7 else None
    return arrivals
