"""Every rule of the alerts as a scenario: what a person sees and hears, from the reading to the automation."""

import json
from pathlib import Path

import pytest

from scripts.benchmarks.scenarios.player import play
from scripts.benchmarks.scenarios.steps import read_file

from .expectations import breaches

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*/*.json"))

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path: Path) -> None:
    """What the scenario expects of its timeline is so."""
    [scenario] = read_file(path)
    expected = json.loads(path.read_text())["expected"]
    found = breaches(play(scenario).to_dict(), expected)
    assert not found, "\n".join(found)
