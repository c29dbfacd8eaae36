"""What does a person see and hear in a scripted scenario?

Plays scenarios with the real integration in a Home Assistant in virtual time, against the simulator. With --random it
makes up days instead, and judges each by a plain reading of the alert rules.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
import json
from pathlib import Path
import sys
from typing import Any, Final

from .report import Report
from .scenarios.player import Outcome, play
from .scenarios.random_days import random_day
from .scenarios.steps import ScenarioError, parse, read_file

_BAD_FILE: Final = 2


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="one scenario, or one a line")
    parser.add_argument("--random", type=int, default=0, metavar="N", help="play and judge N random days instead")
    parser.add_argument("--seed", type=int, default=1, help="seed of the first random day (default 1)")


def run(arguments: Namespace) -> Report:
    """Play every scenario of every file; exit with code 2 where a file makes no sense."""
    if arguments.random:
        return _run_random(range(arguments.seed, arguments.seed + arguments.random))
    if not arguments.files:
        print("scripts/benchmark scenario: name a file, or a number of days with --random", file=sys.stderr)
        sys.exit(_BAD_FILE)
    try:
        scenarios = [scenario for path in arguments.files for scenario in read_file(path)]
    except ScenarioError as error:
        print(error, file=sys.stderr)
        sys.exit(_BAD_FILE)
    outcomes = [play(scenario) for scenario in scenarios]
    return Report(
        columns=["scenario", "at", "what"],
        rows=[row for outcome in outcomes for row in _rows(outcome)],
        data={"scenarios": [outcome.to_dict() for outcome in outcomes]},
        exit_code=int(any(outcome.has_errors for outcome in outcomes)),
    )


def _run_random(seeds: range) -> Report:
    """Play and judge random days; the rules are read where the tests are, without any code of the engine."""
    judge: Callable[[Mapping[str, Any], Mapping[str, Any]], list[str]] = import_module("tests.scenarios.oracle").judge
    found: dict[str, list[str]] = {}
    for seed in seeds:
        day = random_day(seed)
        breaches = judge(day, play(parse(day)).to_dict())
        if breaches:
            found[str(day["name"])] = breaches
    return Report(
        columns=["day", "breach"],
        rows=[(name, breach) for name, breaches in found.items() for breach in breaches],
        data={"days": len(seeds), "breaches": sum(map(len, found.values())), "of": found},
        exit_code=int(bool(found)),
    )


def _rows(outcome: Outcome) -> Sequence[Sequence[str]]:
    """Return the timeline as lines, and the figures after it."""
    figures = {key: value for key, value in outcome.to_dict().items() if key not in {"name", "timeline"}}
    return [
        *((outcome.name, f"{entry['at']:.1f}", _text(entry)) for entry in outcome.timeline),
        (outcome.name, "", json.dumps(figures)),
    ]


def _text(entry: Mapping[str, Any]) -> str:
    """Return one entry as a person reads it."""
    return "  ".join(f"{key}={value}" for key, value in entry.items() if key != "at")
