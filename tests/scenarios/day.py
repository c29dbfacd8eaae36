"""One scenario and what came of it, with the questions that the rules ask; it knows nothing of the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Final

type Entry = Mapping[str, Any]
type Span = tuple[float, float]

MINUTE: Final = 60.0
CURRENT: Final = 15 * MINUTE
RECOVERED_FROM_FAULT: Final = 15 * MINUTE
"""So long after a fault the pauses between polls may still be longer."""
LIMITS: Final = {"urgent_low": 55, "low": 70, "high": 180}
MARGINS: Final = {"urgent_low": 5, "low": 5, "high": 10}
SNOOZES: Final = {"urgent_low": 30, "low": 30, "high": 120}
"""Minutes a snooze lasts where the step names none."""


MORNING: Final = 19 * 60 * MINUTE
"""A scenario begins at noon; the night ends at 7 in the morning, and with it a mute."""
DAY: Final = 24 * 60 * MINUTE


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading: its stamp, when Share has it, and its value."""

    stamp: float
    available: float
    value: int

    @property
    def effective(self) -> float:
        """Return its effective time as far as the scenario tells: it is heard when Share has it, or later."""
        return min(self.stamp, self.available)


class Day:
    """What was played and what came of it."""

    def __init__(self, scenario: Mapping[str, Any], outcome: Mapping[str, Any]) -> None:
        """Take the scenario as it was played, and its answer."""
        self.steps: Sequence[Entry] = scenario["steps"]
        self.timeline: Sequence[Entry] = outcome["timeline"]
        self.outcome = outcome
        self.end = float(self.steps[-1]["at"])
        self.readings = sorted(
            (
                Reading(step.get("stamp", step["at"]), step["available"], step["reading"])
                for step in self.steps
                if "reading" in step
            ),
            key=lambda reading: reading.effective,
        )
        self.runs = self._spans({"start"}, {"stop", "kill"})
        mutes = self._spans({"mute"}, {"unmute"}, while_running=True)
        self.mutes = [(since, min(until, _next_morning(since))) for since, until in mutes]
        self.faults = self._faults()
        self.forgotten = self._forgotten()

    def do(self, *names: str) -> list[Entry]:
        """Return the steps that do one of these."""
        return [step for step in self.steps if step.get("do") in names]

    def told(self, kind: str) -> list[Entry]:
        """Return what was told of a kind."""
        return [entry for entry in self.timeline if entry.get("kind") == kind and "told" in entry]

    def setting(self, kind: str, name: str) -> float:
        """Return a setting in minutes."""
        return float(next(step[name] for step in self.do("set") if step["kind"] == kind and name in step))

    def runs_through(self, begin: float, end: float) -> bool:
        """Return whether one run of Home Assistant lasts from a moment to another."""
        return any(since <= begin and end <= until for since, until in self.runs)

    def is_well(self, begin: float, end: float) -> bool:
        """Return whether one run goes on in a span and Share answers, long enough for the pauses to be over."""
        return self.runs_through(begin, end) and not any(
            since <= end and begin < until + RECOVERED_FROM_FAULT for since, until in self.faults
        )

    def is_muted(self, at: float) -> bool:
        """Return whether the switch is off, or was a moment ago or is in a moment."""
        return any(since - 2 <= at <= until + 2 for since, until in self.mutes)

    def is_answered(self, kind: str, at: float, since: float) -> bool:
        """Return whether somebody acknowledged or snoozed a kind after `since`, or a snooze may last until `at`."""
        for step in self.do("acknowledge", "snooze"):
            if kind not in step.get("kinds", [kind]) or step["at"] > at:
                continue
            lasts = step.get("minutes", 120) * MINUTE if step["do"] == "snooze" else 0
            if step["at"] >= since - 5 or step["at"] + lasts + MINUTE >= at:
                return True
        return False

    def is_snooze_over(self, kind: str, at: float) -> bool:
        """Return whether a snooze of a kind has just run out: what still holds may be told then, also unrepeated."""
        return any(
            kind in step.get("kinds", [kind])
            and abs(step["at"] + step.get("minutes", SNOOZES[kind]) * MINUTE - at) <= MINUTE
            for step in self.do("snooze")
        )

    def known_at(self, at: float) -> list[Reading]:
        """Return the readings that Share has at a moment, oldest first."""
        return [reading for reading in self.readings if reading.available <= at]

    def run_of(self, kind: str, last: Reading, *, surely: bool = True) -> list[Reading]:
        """Return the readings of one episode with one beyond the limit, as far back as is sure, or may be."""
        gap, inside = (CURRENT - 30, CURRENT - 2 * 300 - 30) if surely else (CURRENT + 30, CURRENT)
        known = [one for one in self.known_at(last.available) if one.effective <= last.effective]
        run: list[Reading] = []
        inside_since: float | None = None
        for reading in reversed(known):
            if run and run[-1].effective - reading.effective >= gap:
                break
            if is_clear(kind, reading.value):
                break
            if is_beyond(kind, reading.value):
                inside_since = None
            else:
                inside_since = reading.effective if inside_since is None else inside_since
                if inside_since - reading.effective >= inside:
                    break
            run.append(reading)
        while run and not is_beyond(kind, run[-1].value):
            run.pop()
        return run[::-1]

    def _spans(self, begins: set[str], ends: set[str], *, while_running: bool = False) -> list[Span]:
        """Return the spans between steps that begin and end something; what is only asked of a running one may fail."""
        spans: list[Span] = []
        begin: float | None = None
        for step in self.steps:
            if while_running and not self.runs_through(step["at"], step["at"]):
                continue
            if step.get("do") in begins and begin is None:
                begin = step["at"]
            elif step.get("do") in ends and begin is not None:
                spans.append((begin, step["at"]))
                begin = None
        return spans if begin is None else [*spans, (begin, self.end)]

    def _faults(self) -> list[Span]:
        """Return the spans in which a switch of the simulator is on."""
        on: dict[str, float] = {}
        spans: list[Span] = []
        for step in self.do("faults"):
            for name, value in step["switches"].items():
                if name in on:
                    spans.append((on.pop(name), step["at"]))
                if value is not None:
                    on[name] = step["at"]
        return [*spans, *((since, self.end) for since in on.values())]

    def _forgotten(self) -> list[float]:
        """Return the starts that find less on the disk than there was to know."""
        broken = min((step["at"] for step in self.do("break", "hang") if step["part"] == "storage"), default=inf)
        return [since for since, _ in self.runs if since > broken]


def is_beyond(kind: str, value: int) -> bool:
    """Return whether a value is at or beyond the limit of a kind."""
    return value >= LIMITS[kind] if kind == "high" else value <= LIMITS[kind]


def is_clear(kind: str, value: int) -> bool:
    """Return whether a value has cleared the margin of a kind."""
    margin = MARGINS[kind]
    return value <= LIMITS[kind] - margin if kind == "high" else value >= LIMITS[kind] + margin


def _next_morning(at: float) -> float:
    """Return when the night ends next after a moment."""
    return at + DAY - (at - MORNING) % DAY
