"""What a person has set of one wake-up chain, as plain values; time is an argument, and no Home Assistant is needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from math import isfinite
from typing import Final, Self

from ..glucose.alerts.kinds import AlertKind

SUBENTRY_TYPE: Final = "wake_up_chain"
"""A chain is a subentry of the person, of this type."""
LONGEST_WAIT: Final = timedelta(hours=2)
"""A step comes no later than this after the announcement, and a repetition no later after the one before."""
SHORTEST_REPEAT: Final = timedelta(minutes=1)
DEFAULT_KINDS: Final = frozenset(
    {AlertKind.URGENT_LOW, AlertKind.URGENT_LOW_SOON, AlertKind.LOW, AlertKind.URGENT_HIGH, AlertKind.NO_DATA}
)
DEFAULT_CHECK: Final = time(21)
_MINUTE: Final = timedelta(minutes=1)


class StepKind(StrEnum):
    """What a step does."""

    PHONE = "phone"
    LIGHT = "light"
    SPEAKER = "speaker"
    SWITCH = "switch"
    ACTIONS = "actions"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainStep:
    """One step: how long after the announcement, and what; `data` are the fields of its kind as JSON."""

    kind: StepKind
    after: timedelta = timedelta(0)
    data: Mapping[str, object] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        """Return the step as plain JSON."""
        return {"kind": self.kind.value, "after_minutes": self.after / _MINUTE, **self.data}

    @classmethod
    def from_dict(cls, stored: Mapping[str, object]) -> Self:
        """Return the step from JSON; raise ValueError where its kind is not known."""
        data = {key: value for key, value in stored.items() if key not in {"kind", "after_minutes"}}
        after = _span(stored.get("after_minutes"))
        return cls(kind=StepKind(str(stored.get("kind"))), after=min(after, LONGEST_WAIT), data=data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """From one local time of day to another, which may be on the next day; alike they mean the whole day."""

    start: time
    end: time

    def contain(self, moment: datetime, tz: tzinfo) -> bool:
        """Return whether a moment (aware) lies within the hours."""
        local = moment.astimezone(tz).time()
        if self.start < self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end

    def next_start(self, moment: datetime, tz: tzinfo) -> datetime:
        """Return when the hours begin next after a moment (aware, as the moment is)."""
        local = moment.astimezone(tz)
        days = (local.date() + timedelta(days=days) for days in range(3))
        starts = (datetime.combine(day, self.start, tz).astimezone(moment.tzinfo) for day in days)
        return next(start for start in starts if start > moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainSettings:
    """One chain: for which alerts, at which hours (None: always), and its steps, in the order of their time.

    After the last step all steps come again every `repeat` (0: not by itself), with `growing` after half as long each
    time. `check_at` is the local time at which it is checked each evening, None for never; `remind` tells that a chain
    has not been proved for a week.
    """

    kinds: frozenset[AlertKind] = DEFAULT_KINDS
    steps: tuple[ChainStep, ...] = ()
    hours: Hours | None = None
    repeat: timedelta = timedelta(0)
    growing: bool = False
    check_at: time | None = DEFAULT_CHECK
    remind: bool = True

    def pause(self, rounds: int) -> timedelta | None:
        """Return the pause after the last step of the round with this number, counted from 1; None: there is none."""
        if not self.repeat:
            return None
        return max(self.repeat / 2 ** min(rounds - 1, 20), SHORTEST_REPEAT) if self.growing else self.repeat

    def is_time(self, moment: datetime, tz: tzinfo) -> bool:
        """Return whether the chain may begin at a moment."""
        return self.hours is None or self.hours.contain(moment, tz)

    def to_dict(self) -> dict[str, object]:
        """Return the settings as plain JSON: durations in minutes, times of day as HH:MM:SS."""
        return {
            "kinds": [kind.value for kind in AlertKind if kind in self.kinds],
            "steps": [step.to_dict() for step in self.steps],
            "hours_from": self.hours.start.isoformat() if self.hours else None,
            "hours_to": self.hours.end.isoformat() if self.hours else None,
            "repeat_minutes": self.repeat / _MINUTE,
            "growing": self.growing,
            "check_at": self.check_at.isoformat() if self.check_at else None,
            "remind": self.remind,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, object]) -> Self:
        """Return the settings from JSON; what makes no sense is left out or as by default, so that the rest runs."""
        start, end = _time(stored.get("hours_from")), _time(stored.get("hours_to"))
        kinds = frozenset(kind for kind in AlertKind if kind.value in _list(stored.get("kinds")))
        repeat = min(_span(stored.get("repeat_minutes")), LONGEST_WAIT)
        return cls(
            kinds=kinds or DEFAULT_KINDS,
            steps=tuple(sorted(_steps(_list(stored.get("steps"))), key=lambda step: step.after)),
            hours=Hours(start=start, end=end) if start is not None and end is not None else None,
            repeat=max(repeat, SHORTEST_REPEAT) if repeat else repeat,
            growing=stored.get("growing") is True,
            check_at=_time(stored["check_at"]) if "check_at" in stored else DEFAULT_CHECK,
            remind=stored.get("remind") is not False,
        )


def _steps(stored: Sequence[object]) -> list[ChainStep]:
    """Return the steps that can be read."""
    steps = []
    for each in stored:
        try:
            steps.append(ChainStep.from_dict(each if isinstance(each, Mapping) else {}))
        except ValueError:
            continue
    return steps


def _list(stored: object) -> Sequence[object]:
    """Return a JSON list, an empty one in place of anything else."""
    return stored if isinstance(stored, list | tuple) else ()


def _span(minutes: object) -> timedelta:
    """Return a duration that is not negative, none where there is no number."""
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not isfinite(minutes):
        return timedelta(0)
    return min(max(minutes, 0), LONGEST_WAIT / _MINUTE) * _MINUTE


def _time(stored: object) -> time | None:
    """Return a time of day, None where there is none."""
    try:
        return time.fromisoformat(str(stored)).replace(tzinfo=None)
    except ValueError:
        return None
