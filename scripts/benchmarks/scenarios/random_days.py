"""Random days as scenarios: lows, highs, gaps, late uploads, restarts, faults, wrong clocks, and people who answer."""

from collections.abc import Callable
from random import Random
from typing import Any, Final

type Steps = list[dict[str, Any]]

HOURS: Final = 24
_STEP: Final = 300
_QUIET_HOURS: Final = 3
"""So long the end is free of trouble, so that what came last can be had."""
_FAULTS: Final[tuple[dict[str, Any], ...]] = (
    {"html_status": 503},
    {"html_status": 429, "retry_after": "120"},
    {"disconnect": "before"},
    {"disconnect": "inside"},
    {"body": "html"},
    {"raw_body": "[["},
    {"delay_seconds": 45.0},
    {"fault_code": "SomethingNew"},
    {"session": "expired"},
    {"empty_list": True},
)
_ALL_KINDS: Final = ("urgent_low", "low", "high")


def random_day(seed: int, hours: float = HOURS) -> dict[str, Any]:
    """Return one random scenario, the same for the same seed."""
    random = Random(f"day {seed}")
    end = hours * 3600.0
    steps: Steps = [{"at": -7200, "do": "set", "kind": "urgent_low_soon", "enabled": False}, *_settings(random)]
    steps += _readings(random, end)
    steps += _running(random, end - _QUIET_HOURS * 3600)
    for make in (_clocks, _faults, _answers, _mutes, _breaks):
        steps += make(random, end - _QUIET_HOURS * 3600)
    steps.sort(key=lambda step: float(step["at"]))
    return {"name": f"random day {seed}", "steps": [*steps, {"at": end, "do": "end"}]}


def _settings(random: Random) -> Steps:
    return [
        {
            "at": -7200,
            "do": "set",
            "kind": "low",
            "delay_minutes": random.choice((0, 0, 0, 5, 15)),
            "repeat_minutes": random.choice((0, 15, 30)),
        },
        {
            "at": -7200,
            "do": "set",
            "kind": "high",
            "limit_mgdl": 180,
            "delay_minutes": random.choice((0, 30)),
            "repeat_minutes": random.choice((0, 30, 60)),
        },
    ]


def _readings(random: Random, end: float) -> Steps:
    """Return readings of a day that swings; some are lost, late in one upload, from a fast clock, or there twice."""
    steps: Steps = []
    value, aim = 110.0, 110.0
    lost_until = late_until = fast_until = twice_until = -7200.0
    at = -7200.0 + random.uniform(0, 300)
    while at < end - 60:
        if random.random() < 0.06:
            aim = random.choice((45, 52, 60, 66, 72, 100, 120, 150, 190, 230))
        value += (aim - value) * 0.25 + random.gauss(0, 3)
        value = min(max(value, 39.0), 400.0)
        if at > lost_until and random.random() < 0.012:
            lost_until = at + random.choice((600, 1500, 3600, 9000))
        if at > late_until and random.random() < 0.012:
            late_until = at + random.choice((400, 1300, 4000, 7000))
        if at > fast_until and random.random() < 0.004:
            fast_until = at + random.choice((0, 900))
        if at > twice_until and random.random() < 0.004:
            twice_until = at + 5000
        available = at + random.uniform(5, 40)
        if at <= late_until < end - _QUIET_HOURS * 3600:
            available = max(available, late_until + 20)
        if not at <= lost_until:
            step = {"at": round(at, 1), "reading": round(value), "available": round(available, 1)}
            if at <= fast_until:
                step["stamp"] = round(at + random.choice((60, 540)), 1)
            steps.append(step)
            if at <= twice_until:
                steps.append({**step, "stamp": round(step.get("stamp", at) + 8, 1)})
        at += _STEP
    return steps


def _running(random: Random, end: float) -> Steps:
    """Return the starts, stops and kills."""
    steps: Steps = [{"at": 0, "do": "start"}]
    at = random.uniform(1800, 20000)
    while at < end - 12000:
        steps.append({"at": round(at, 1), "do": random.choice(("stop", "kill"))})
        at += random.choice((5, 60, 600, 1500, 11000))
        steps.append({"at": round(at, 1), "do": "start"})
        at += random.uniform(1800, 30000)
    return steps


def _clocks(random: Random, end: float) -> Steps:
    return _now_and_then(
        random,
        end,
        0.7,
        lambda at: [{"at": at, "do": "clock", "seconds": random.choice((-7200, -3600, -90, 45, 900, 3600, 10800))}],
    )


def _faults(random: Random, end: float) -> Steps:
    def fault(at: float) -> Steps:
        switches = random.choice(_FAULTS)
        lasts = random.choice((60, 400, 1800, 6000))
        if at + lasts > end:
            return []
        off = dict.fromkeys(switches)
        return [
            {"at": at, "do": "faults", "switches": switches},
            {"at": at + lasts, "do": "faults", "switches": off},
        ]

    return _now_and_then(random, end, 2.5, fault)


def _answers(random: Random, end: float) -> Steps:
    def answer(at: float) -> Steps:
        do = random.choice(("acknowledge", "acknowledge", "snooze", "unsnooze"))
        step: dict[str, Any] = {"at": at, "do": do}
        if random.random() < 0.6:
            step["kinds"] = random.sample(_ALL_KINDS, random.randint(1, 2))
        if do == "snooze" and random.random() < 0.6:
            step["minutes"] = random.choice((5, 30, 120))
        return [step]

    return _now_and_then(random, end, 5, answer)


def _mutes(random: Random, end: float) -> Steps:
    return _now_and_then(
        random,
        end,
        0.5,
        lambda at: [
            {"at": at, "do": "mute"},
            {"at": at + random.choice((600, 7200)), "do": "unmute"},
        ],
    )


def _breaks(random: Random, end: float) -> Steps:
    chance = random.random()
    at = round(random.uniform(0, end), 1)
    if chance < 0.2:
        return [{"at": at, "do": "break", "part": random.choice(("listener", "recorder", "storage"))}]
    if chance < 0.25:
        return [{"at": at, "do": "hang", "part": "storage"}]
    return []


def _now_and_then(random: Random, end: float, mean: float, make: Callable[[float], Steps]) -> Steps:
    """Return the steps of something that happens so many times on average."""
    steps: Steps = []
    at = random.expovariate(mean / end)
    while at < end:
        steps += make(round(at, 1))
        at += max(random.expovariate(mean / end), 7300 if mean < 1 else 60)
    return steps
