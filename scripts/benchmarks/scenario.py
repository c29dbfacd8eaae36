"""What does a person see and hear in a scripted scenario?

Plays scenarios with the real integration in a Home Assistant in virtual time, against the simulator.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
import json
from pathlib import Path
import sys
from typing import Any, Final

from .report import Report
from .scenarios.player import Outcome, play
from .scenarios.steps import ScenarioError, read_file

_BAD_FILE: Final = 2


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="one scenario, or one a line")


def run(arguments: Namespace) -> Report:
    """Play every scenario of every file; exit with code 2 where a file makes no sense."""
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
