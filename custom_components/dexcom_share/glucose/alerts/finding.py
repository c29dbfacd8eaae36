"""Whether a kind of alert holds at a moment, by what the readings tell and what was told of it before."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ..freshness import CURRENT_FOR, is_current
from .engine import LOWS, is_due_by_clock
from .kinds import GRAVER, AlertKind
from .moment import Moment
from .settings import KindSettings
from .state import NO_EPISODE, Alert, Episode, Judged

LATE_FOR: Final = timedelta(minutes=60)
"""A reading that comes late tells a low up to this age (alert rule S7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Whether a kind holds, since when, and for which reading.

    `is_late` is a low told late; `is_waiting` one told before, while it is not known yet whether its readings stopped.
    """

    episode: Episode
    reading: datetime
    holds: bool = False
    is_late: bool = False
    is_waiting: bool = False
    is_last_known: bool = False

    @property
    def since(self) -> datetime | None:
        """Return the first reading of the episode, None where there is none."""
        return self.episode.since


def find(
    kind: AlertKind, alert: Alert, settings: KindSettings, moment: Moment, reading: datetime, *, seen: datetime | None
) -> Finding:
    """Return whether a kind holds now; `seen` is the newest reading that was evaluated while it was current."""
    if kind is AlertKind.NO_DATA:
        return _find_silence(alert, settings, moment, reading)
    episode = moment.judged.episodes[kind]
    nothing = Finding(episode=replace(episode, since=None), reading=reading)
    if episode.since is None or not settings.enabled:
        return nothing
    is_announced = alert.is_announced_since(episode.since)
    by_clock = kind in LOWS and is_due_by_clock(episode, reading, moment.now, settings.delay)
    found = Finding(episode=episode, reading=reading, holds=episode.is_raised or is_announced or by_clock)
    if moment.is_current:
        return found
    is_late = seen is None or seen < reading or (by_clock and not episode.is_raised and not is_announced)
    return (found.holds and _find_last_known(kind, alert, found, moment, is_late=is_late)) or nothing


def _find_last_known(kind: AlertKind, alert: Alert, found: Finding, moment: Moment, *, is_late: bool) -> Finding | None:
    """Return what goes on of a kind although its newest reading is not current, None where nothing does."""
    since, reading = found.since or found.reading, found.reading
    is_announced = alert.is_announced_since(since)
    is_low = moment.is_time_known and found.episode.beyond_at == reading and moment.now - reading < LATE_FOR
    if kind is AlertKind.URGENT_LOW and (is_announced or (is_low and is_late)):
        if not is_acknowledged(kind, alert, since, moment.judged):
            return replace(found, is_last_known=True)
    elif kind is AlertKind.LOW and is_low and (is_late or _was_told_late(alert, reading)):
        return replace(found, holds=False, is_late=True)
    if moment.is_time_known and not moment.is_gap_known and is_announced and alert.is_told:
        return replace(found, is_waiting=True)
    return None


def _was_told_late(alert: Alert, reading: datetime) -> bool:
    """Return whether what was told last rested on this reading when it was no longer current."""
    return (
        alert.announced_at is not None
        and alert.announced_reading == reading
        and not is_current(reading, alert.announced_at)
    )


def _find_silence(alert: Alert, settings: KindSettings, moment: Moment, reading: datetime) -> Finding:
    """Return whether nothing was heard for too long; each newest reading begins a silence of its own."""
    silence = moment.now - reading
    shortest = min(CURRENT_FOR, settings.delay)
    if not settings.enabled or silence < shortest:
        return Finding(episode=Episode(recovered_at=reading), reading=reading)
    is_new = not alert.is_announced_since(reading)
    # Readings that all come late make silences that are over when they are known; one announcement a delay is enough.
    newest = moment.newest
    is_known_late = newest is not None and newest.heard_at - reading >= settings.delay
    is_recent = alert.announced_at is not None and moment.now - alert.announced_at < settings.delay
    is_due = silence >= settings.delay and not (is_new and alert.is_told and is_known_late and is_recent)
    episode = Episode(since=reading, raised_at=reading if is_due else None, recovered_at=reading)
    return Finding(episode=episode, reading=reading, holds=is_due or alert.is_told)


def is_acknowledged(kind: AlertKind, alert: Alert, since: datetime, judged: Judged) -> bool:
    """Return whether the episode that began at `since` was acknowledged, and nothing graver was raised after that."""
    answered = alert.acknowledged_reading
    return answered is not None and answered >= since and not is_after(graver_raised_at(kind, judged), answered)


def graver_raised_at(kind: AlertKind, judged: Judged) -> datetime | None:
    """Return when the graver kind of a kind was raised last, None where there is none."""
    return judged.episodes.get(GRAVER.get(kind, kind), NO_EPISODE).raised_at if kind in GRAVER else None


def is_after(time: datetime | None, other: datetime | None) -> bool:
    """Return whether a time is known and after another, which may not be known."""
    return time is not None and other is not None and time > other
