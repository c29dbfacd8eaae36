"""The wake-up chain of one person: which step is to begin when, told by values alone; time is an argument.

A step begins at its time whether the one before is done or not, and at once where the one before failed. So whatever
steps fail or hang, the last one begins within its time. The times are those of the account's clock (aware).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self

from ..glucose.alerts.kinds import PRIORITY, AlertKind
from .chain_settings import ChainSettings

STEP_LIMIT: Final = timedelta(seconds=30)
"""A step that takes longer has failed."""
MOST_FAILURES: Final = 50
"""So many failures of one run are kept; a chain that repeats for a whole night has no more to tell."""

ANNOUNCED: Final = frozenset({"raised", "repeated"})
ANSWERED: Final = frozenset({"acknowledged", "treated", "snoozed"})
"""A person has answered: whoever knows of an alert is awake, and knows of what is milder."""
OVER: Final = frozenset({"recovered", "ended", "back_in_range"})


class Reason(StrEnum):
    """Why a step failed."""

    RAISED = "raised"
    UNAVAILABLE = "unavailable"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A step that failed: its number, counted from 0 through all rounds, why, when, and what of it."""

    number: int
    reason: Reason
    time: datetime
    what: str = ""


_NONE: Final[Mapping[AlertKind, datetime]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Where a chain stands.

    `run` counts its runs. `unanswered` are the alerts that were announced and that nobody has answered, with the time
    of the announcement; `heard` when something was last told of each. `started` is None while the chain does not run,
    `begun` the number of steps begun, through all rounds; `due` when the next one begins, None where there is none.
    `running` are the steps that are not done, by number, with the time they began at.
    """

    run: int = 0
    unanswered: Mapping[AlertKind, datetime] = _NONE
    heard: Mapping[AlertKind, datetime] = _NONE
    started: datetime | None = None
    begun: int = 0
    due: datetime | None = None
    running: Mapping[int, datetime] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()

    @property
    def kind(self) -> AlertKind | None:
        """Return the gravest alert that nobody has answered."""
        return next((kind for kind in PRIORITY if kind in self.unanswered), None)

    @property
    def is_running(self) -> bool:
        """Return whether the chain runs, also between two steps."""
        return self.started is not None

    def to_dict(self) -> dict[str, object]:
        """Return the state as plain JSON."""
        return {
            "run": self.run,
            "unanswered": {kind.value: time.isoformat() for kind, time in self.unanswered.items()},
            "heard": {kind.value: time.isoformat() for kind, time in self.heard.items()},
            "started": self.started.isoformat() if self.started else None,
            "begun": self.begun,
            "due": self.due.isoformat() if self.due else None,
            "running": {str(number): time.isoformat() for number, time in self.running.items()},
            "failures": [
                {"number": each.number, "reason": each.reason.value, "time": each.time.isoformat(), "what": each.what}
                for each in self.failures
            ],
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, object]) -> Self:
        """Return the state from JSON; raise ValueError, TypeError or KeyError where it is damaged."""
        started, due = stored["started"], stored["due"]
        return cls(
            run=_number(stored["run"]),
            unanswered=_kinds(stored["unanswered"]),
            heard=_kinds(stored["heard"]),
            started=None if started is None else _time(started),
            begun=_number(stored["begun"]),
            due=None if due is None else _time(due),
            running={int(number): _time(time) for number, time in _mapping(stored["running"]).items()},
            failures=tuple(_failure(each) for each in _list(stored["failures"])),
        )


def hear(
    chain: Chain, settings: ChainSettings, event_type: str, kind: AlertKind, now: datetime, *, tz: tzinfo
) -> Chain:
    """Return the chain after something was told of an alert; call `advance` after it.

    A graver alert than those that are unanswered starts it anew. An answer counts for the alert and the milder ones,
    a recovery for the alert alone.
    """
    if kind not in settings.kinds or event_type not in ANNOUNCED | ANSWERED | OVER:
        return chain
    chain = replace(chain, heard={**chain.heard, kind: now})
    if event_type in ANNOUNCED:
        return _announce(chain, settings, kind, now, tz)
    if event_type in OVER:
        return _drop(chain, {kind})
    return _drop(chain, set(PRIORITY[PRIORITY.index(kind) :])) if kind in chain.unanswered else chain


def advance(chain: Chain, settings: ChainSettings, now: datetime, *, tz: tzinfo) -> tuple[Chain, tuple[int, ...]]:
    """Return the chain at a moment, and the numbers of the steps that are to begin now, in their order."""
    if chain.unanswered and not chain.is_running:
        chain = _start(chain, settings, now, tz)
    for number, since in chain.running.items():
        if now - since >= STEP_LIMIT:
            chain = fail(chain, settings, chain.run, Failure(number=number, reason=Reason.TIMED_OUT, time=now))
    begin: list[int] = []
    while chain.due is not None and chain.due <= now and settings.steps:
        number = chain.begun
        begin.append(number)
        chain = replace(chain, begun=number + 1, running={**chain.running, number: now})
        chain = replace(chain, due=_due(chain, settings, now))
    return chain, tuple(begin)


def finish(chain: Chain, run: int, number: int) -> Chain:
    """Return the chain after a step was done; the result of an earlier run, or of a step given up, changes nothing."""
    if run != chain.run or number not in chain.running:
        return chain
    return replace(chain, running={each: since for each, since in chain.running.items() if each != number})


def fail(chain: Chain, settings: ChainSettings, run: int, failure: Failure) -> Chain:
    """Return the chain after a step of a run failed: the next one of the round is due now."""
    number = failure.number
    finished = finish(chain, run, number)
    if finished is chain:
        return chain
    due = chain.due
    if due is not None and number + 1 == chain.begun and settings.steps and chain.begun % len(settings.steps):
        due = min(due, failure.time)
    return replace(finished, due=due, failures=(*chain.failures, failure)[-MOST_FAILURES:])


def resume(
    chain: Chain, settings: ChainSettings, announced: Mapping[AlertKind, datetime], now: datetime, *, tz: tzinfo
) -> tuple[Chain, tuple[int, ...]]:
    """Return a stored chain as it goes on after a restart, and the steps that it interrupted: they begin once more.

    `announced` are the alerts that are announced and unanswered, with the time of the announcement: what was told
    and could not be stored before the restart is made up for. Kinds that the chain is set to leave alone are let go. A
    time that lies too far ahead was told by a clock that was wrong.
    """
    chain = _drop(chain, set(chain.unanswered) - (set(announced) & settings.kinds))
    if not settings.steps:
        return replace(chain, due=None, running={}), ()
    for kind, time in announced.items():
        if kind not in chain.unanswered and (kind not in chain.heard or time > chain.heard[kind]):
            chain = hear(chain, settings, "raised", kind, min(time, now), tz=tz)
    interrupted = tuple(chain.running)
    chain = replace(chain, running=dict.fromkeys(interrupted, now))
    if chain.due is not None and chain.started is not None:
        ahead = max(chain.due - now - _longest_wait(chain, settings), timedelta(0))
        chain = replace(chain, due=chain.due - ahead, started=chain.started - ahead)
    return chain, interrupted


def next_moment(chain: Chain, settings: ChainSettings, now: datetime, *, tz: tzinfo) -> datetime | None:
    """Return when to call `advance` next, None where nothing is to come."""
    moments = [since + STEP_LIMIT for since in chain.running.values()]
    if chain.due is not None:
        moments.append(chain.due)
    if chain.unanswered and not chain.is_running and settings.hours and settings.steps:
        moments.append(settings.hours.next_start(now, tz))
    return min(moments, default=None)


def _announce(chain: Chain, settings: ChainSettings, kind: AlertKind, now: datetime, tz: tzinfo) -> Chain:
    """Return the chain after an alert was announced, for the first time or again."""
    if kind in chain.unanswered:
        return _go_round(chain, now)
    gravest = chain.kind
    chain = replace(chain, unanswered={**chain.unanswered, kind: now})
    if not chain.is_running or (gravest is not None and PRIORITY.index(kind) < PRIORITY.index(gravest)):
        return _start(chain, settings, now, tz)
    return _go_round(chain, now)


def _start(chain: Chain, settings: ChainSettings, now: datetime, tz: tzinfo) -> Chain:
    """Return the chain at its first step, or waiting for its hours; once begun it goes on after them."""
    if not settings.steps or not (chain.is_running or settings.is_time(now, tz)):
        return chain
    return replace(
        chain,
        run=chain.run + 1,
        started=now,
        begun=0,
        due=now + settings.steps[0].after,
        running={},
        failures=(),
    )


def _go_round(chain: Chain, now: datetime) -> Chain:
    """Return a chain that has done all its steps at the beginning of a further round; others go on as they were."""
    return replace(chain, due=now) if chain.is_running and chain.due is None else chain


def _drop(chain: Chain, kinds: set[AlertKind]) -> Chain:
    """Return the chain without some alerts: with the last of them it stops."""
    unanswered = {kind: time for kind, time in chain.unanswered.items() if kind not in kinds}
    if not unanswered:
        return Chain(run=chain.run, heard=chain.heard)
    return replace(chain, unanswered=unanswered)


def _due(chain: Chain, settings: ChainSettings, now: datetime) -> datetime | None:
    """Return when the step after the one begun last is due: in rounds after the first, all come at once."""
    rounds, place = divmod(chain.begun, len(settings.steps))
    if place == 0:
        pause = settings.pause(rounds)
        return None if pause is None else now + pause
    if rounds or chain.started is None:
        return now
    return chain.started + settings.steps[place].after


def _longest_wait(chain: Chain, settings: ChainSettings) -> timedelta:
    """Return how far ahead the next step can be."""
    rounds, place = divmod(chain.begun, len(settings.steps))
    if rounds:
        return settings.pause(rounds) or timedelta(0)
    return settings.steps[place].after - (settings.steps[place - 1].after if place else timedelta(0))


def _mapping(stored: object) -> Mapping[str, object]:
    """Return a JSON object; raise TypeError for anything else."""
    if not isinstance(stored, Mapping):
        raise TypeError(type(stored).__name__)
    return stored


def _list(stored: object) -> list[object]:
    """Return a JSON list; raise TypeError for anything else."""
    if not isinstance(stored, list):
        raise TypeError(type(stored).__name__)
    return stored


def _number(stored: object) -> int:
    """Return a whole number; raise TypeError for anything else."""
    if not isinstance(stored, int):
        raise TypeError(type(stored).__name__)
    return stored


def _time(stored: object) -> datetime:
    """Return an aware time; raise ValueError where it is none."""
    time = datetime.fromisoformat(str(stored))
    if time.tzinfo is None:
        raise ValueError("A time without its zone")
    return time


def _kinds(stored: object) -> dict[AlertKind, datetime]:
    """Return times by kinds."""
    return {AlertKind(kind): _time(time) for kind, time in _mapping(stored).items()}


def _failure(stored: object) -> Failure:
    """Return one failure."""
    each = _mapping(stored)
    return Failure(
        number=_number(each["number"]),
        reason=Reason(str(each["reason"])),
        time=_time(each["time"]),
        what=str(each["what"]),
    )
