"""Run one benchmark by name."""

import argparse
from importlib import import_module
from pathlib import Path
import sys

NAMES = (
    "alerts",
    "cost",
    "fit_forecast",
    "forecast",
    "freshness",
    "recorder",
    "scenario",
    "soak",
    "statistics",
    "year",
)


def main() -> None:
    """Print the table of one benchmark, and with --json its figures as one JSON object on the last line."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark", description="Measure the integration.")
    commands = parser.add_subparsers(dest="name", required=True, metavar="NAME")
    modules = {}
    available = {path.stem for path in Path(__file__).parent.glob("*.py")}
    for name in NAMES:
        if name in available and (len(sys.argv) < 2 or sys.argv[1] in {name, "-h", "--help"}):
            modules[name] = import_module(f"scripts.benchmarks.{name}")
            command = commands.add_parser(name, help=modules[name].__doc__, description=modules[name].__doc__)
            command.add_argument("--json", action="store_true", help="print one JSON object on the last line")
            modules[name].add_arguments(command)
    arguments = parser.parse_args()
    report = modules[arguments.name].run(arguments)
    print(report.table())
    if arguments.json:
        print(report.json())
    sys.exit(report.exit_code)


if __name__ == "__main__":
    main()
