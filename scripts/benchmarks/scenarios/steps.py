"""Scenario files read and checked: every mistake is told with the place where it is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import json
from math import isfinite
from pathlib import Path
from typing import Any, Final

from simulator.control.input import ControlError, parse_setting
from simulator.readings.records import HIGH_MGDL, LOW_MGDL, TRENDS, Record

ZERO: Final = datetime(2026, 11, 1, 12, tzinfo=UTC)
"""The moment that the times of a scenario count from."""
LATENCY: Final = 10.0
KINDS: Final = (
    "urgent_low",
    "urgent_low_soon",
    "low",
    "urgent_high",
    "high",
    "falling_fast",
    "rising_fast",
    "no_data",
)
PARTS: Final = {"break": ("listener", "storage", "recorder"), "hang": ("storage",)}
SETTINGS: Final = ("limit_mgdl", "delay_minutes", "repeat_minutes", "snooze_minutes")
_ANSWERS: Final = ("acknowledge", "snooze", "unsnooze")
_LARGEST: Final = 1e9


class ScenarioError(ValueError):
    """A scenario makes no sense; the message says where and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happens or is done at a time, in seconds from `ZERO`; `data` are its checked details."""

    at: float
    do: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What happens in what order; `readings` are all of them, by stamp, and `end` is in seconds from `ZERO`."""

    name: str
    steps: Sequence[Step]
    readings: Sequence[Record]
    end: float


def read_file(path: Path) -> list[Scenario]:
    """Return the scenarios of a file: one JSON object, or one a line; ScenarioError where it is no such file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    return [_located(f"{path}{place}", value) for place, value in _objects(path, text)]


def _objects(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    """Yield each JSON value of a file and its place in words."""
    lines = text.splitlines()
    if not text.strip():
        raise ScenarioError(f"{path}: the file is empty")
    try:
        yield "", json.loads(text)
    except ValueError as whole:
        filled = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
        try:
            json.loads(filled[0][1])
        except ValueError:
            raise ScenarioError(f"{path}: {whole}") from whole
        for number, line in filled:
            try:
                yield f", line {number}", json.loads(line)
            except ValueError as error:
                raise ScenarioError(f"{path}, line {number}: {error}") from error


def _located(place: str, value: object) -> Scenario:
    """Return a scenario; its errors name the place."""
    try:
        return parse(value)
    except ScenarioError as error:
        raise ScenarioError(f"{place}: {error}") from error


def parse(value: object) -> Scenario:
    """Return the scenario of a JSON value; keys that are not of the contract are left to others."""
    if not isinstance(value, dict):
        raise ScenarioError("a scenario is a JSON object")
    name = value.get("name", "scenario")
    if not isinstance(name, str):
        raise ScenarioError("`name` is not a text")
    steps = value.get("steps")
    if not isinstance(steps, list):
        raise ScenarioError("`steps` is not a list")
    latency = _number(value, "latency", LATENCY, 0, _LARGEST)
    readings: list[Record] = []
    done: list[Step] = []
    ends: list[float] = []
    before = -_LARGEST
    for number, step in enumerate(steps, 1):
        try:
            at = _begin(step, before)
            before = at
            if "reading" in step or "readings" in step:
                readings += _readings(step, at, latency)
            elif (parsed := _action(step, at)).do == "end":
                ends.append(at)
            else:
                done.append(parsed)
        except ScenarioError as error:
            raise ScenarioError(f"scenario {name!r}, step {number}: {error}") from error
    _check_order(name, done)
    last = max([before, *((record.available - ZERO).total_seconds() + 600 for record in readings)])
    return Scenario(name=name, steps=done, readings=readings, end=ends[0] if ends else last)


def _begin(step: object, before: float) -> float:
    """Return when a step is, which is not before the one before it."""
    if not isinstance(step, dict):
        raise ScenarioError("a step is a JSON object")
    at = _number(step, "at", None, -_LARGEST, _LARGEST)
    if at < before:
        raise ScenarioError(f"it is at {at:g}, before the step before it at {before:g}")
    if sum(key in step for key in ("reading", "readings", "do")) != 1:
        raise ScenarioError("a step has one of `reading`, `readings` and `do`")
    return at


def _readings(step: dict[str, Any], at: float, latency: float) -> list[Record]:
    """Return the readings of a step; of several, a stamp goes on with them, and `available` holds for all."""
    trend = step.get("trend", "Flat")
    if trend not in TRENDS:
        raise ScenarioError(f"`trend` is not one of {', '.join(TRENDS)}")
    if "reading" in step:
        _only(step, "at", "reading", "trend", "stamp", "available")
        values, every = [step["reading"]], 0.0
    else:
        _only(step, "at", "readings", "trend", "stamp", "available")
        several = step["readings"]
        if not isinstance(several, dict) or not isinstance(several.get("values"), list):
            raise ScenarioError("`readings` has `every` and a list of `values`")
        _only(several, "every", "values")
        values, every = several["values"], _number(several, "every", None, 0, _LARGEST)
    stamp = _number(step, "stamp", at, -_LARGEST, _LARGEST)
    available = _number(step, "available", -_LARGEST, -_LARGEST, _LARGEST)
    wait = 0.0 if "available" in step else latency
    return [
        Record(
            time=ZERO + timedelta(seconds=stamp + place * every),
            value=_value(value),
            trend=trend,
            available_at=ZERO + timedelta(seconds=max(available, at + place * every + wait)),
        )
        for place, value in enumerate(values)
        if value is not None
    ]


def _value(value: object) -> int:
    """Return a glucose value in mg/dL."""
    if isinstance(value, bool) or not isinstance(value, int) or not LOW_MGDL <= value <= HIGH_MGDL:
        raise ScenarioError(f"a reading is a whole number from {LOW_MGDL} to {HIGH_MGDL}, not {value!r}")
    return value


def _action(step: dict[str, Any], at: float) -> Step:
    """Return what is done in a step."""
    do = step["do"]
    check = _ACTIONS.get(do) if isinstance(do, str) else None
    if check is None:
        raise ScenarioError(f"`do` is not one of {', '.join(_ACTIONS)}")
    return Step(at=at, do=do, data=check(step))


def _nothing(step: dict[str, Any]) -> Mapping[str, Any]:
    _only(step, "at", "do")
    return {}


def _start(step: dict[str, Any]) -> Mapping[str, Any]:
    _only(step, "at", "do", "reboot")
    if not isinstance(step.get("reboot", False), bool):
        raise ScenarioError("`reboot` is not true or false")
    return {"reboot": step.get("reboot", False)}


def _answer(step: dict[str, Any]) -> Mapping[str, Any]:
    _only(step, "at", "do", "kinds", *(("minutes",) if step["do"] == "snooze" else ()))
    data: dict[str, Any] = {}
    if (kinds := step.get("kinds")) is not None:
        if not isinstance(kinds, list) or not all(kind in KINDS for kind in kinds):
            raise ScenarioError(f"`kinds` is not a list of some of {', '.join(KINDS)}")
        if kinds:
            data["kinds"] = kinds
    if step.get("minutes") is not None:
        data["minutes"] = _number(step, "minutes", None, 0, _LARGEST)
    return data


def _treated(step: dict[str, Any]) -> Mapping[str, Any]:
    _only(step, "at", "do", "minutes")
    return {"minutes": _number(step, "minutes", 15, 10, 30)}


def _set(step: dict[str, Any]) -> Mapping[str, Any]:
    _only(step, "at", "do", "kind", "enabled", "smart_quiet", *SETTINGS)
    if step.get("kind") not in KINDS:
        raise ScenarioError(f"`kind` is not one of {', '.join(KINDS)}")
    for key in ("enabled", "smart_quiet"):
        if not isinstance(step.get(key, False), bool):
            raise ScenarioError(f"`{key}` is not true or false")
    for key in SETTINGS:
        if key in step:
            _number(step, key, None, 0, _LARGEST)
    return {key: value for key, value in step.items() if key not in {"at", "do"}}


def _clock(step: dict[str, Any]) -> Mapping[str, Any]:
    _only(step, "at", "do", "seconds")
    return {"seconds": _number(step, "seconds", None, -_LARGEST, _LARGEST)}


def _faults(step: dict[str, Any]) -> Mapping[str, Any]:
    _only(step, "at", "do", "switches")
    switches = step.get("switches")
    if not isinstance(switches, dict):
        raise ScenarioError("`switches` is a JSON object of switches by name")
    try:
        for name, value in switches.items():
            parse_setting(name, value, ZERO)
    except ControlError as error:
        raise ScenarioError(str(error)) from error
    return {"switches": switches}


def _invite(step: dict[str, Any]) -> Mapping[str, Any]:
    _only(step, "at", "do", "minutes")
    return {"minutes": _number(step, "minutes", None, 1 / 60, _LARGEST)}


def _part(step: dict[str, Any]) -> Mapping[str, Any]:
    _only(step, "at", "do", "part")
    parts = PARTS[step["do"]]
    if step.get("part") not in parts:
        raise ScenarioError(f"`part` is not one of {', '.join(parts)}")
    return {"part": step["part"]}


_ACTIONS: Final[Mapping[str, Callable[[dict[str, Any]], Mapping[str, Any]]]] = {
    **dict.fromkeys(("stop", "kill", "mute", "unmute", "end"), _nothing),
    "start": _start,
    **dict.fromkeys(_ANSWERS, _answer),
    "treated": _treated,
    **dict.fromkeys(("clock", "share_clock"), _clock),
    **dict.fromkeys(PARTS, _part),
    "set": _set,
    "faults": _faults,
    "invite": _invite,
}


def _check_order(name: str, steps: Sequence[Step]) -> None:
    """Refuse to start what runs, and to stop what doesn't."""
    runs = False
    for step in steps:
        if step.do == "start" and runs:
            raise ScenarioError(f"scenario {name!r}: the `start` at {step.at:g} finds Home Assistant running")
        if step.do in {"stop", "kill"} and not runs:
            raise ScenarioError(f"scenario {name!r}: the `{step.do}` at {step.at:g} finds Home Assistant not running")
        if step.do in {"start", "stop", "kill"}:
            runs = step.do == "start"


def _number(values: Mapping[str, Any], key: str, default: float | None, low: float, high: float) -> float:
    """Return a number between two bounds, the default where there is none."""
    value = values.get(key)
    if value is None and key not in values and default is not None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or not low <= value <= high:
        bounds = f" from {low:g} to {high:g}" if (low, high) != (-_LARGEST, _LARGEST) else ""
        raise ScenarioError(f"`{key}` is not a number{bounds}")
    return float(value)


def _only(values: Mapping[str, Any], *allowed: str) -> None:
    """Refuse keys that nobody asked for."""
    if unknown := sorted(set(values) - set(allowed)):
        raise ScenarioError(f"unknown: {', '.join(unknown)}")
