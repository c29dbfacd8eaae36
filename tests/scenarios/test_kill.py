"""Home Assistant is killed at any moment: nothing that is due goes untold, nothing is told twice at waking."""

from itertools import pairwise
from typing import Any

import pytest

from scripts.benchmarks.scenarios.player import play
from scripts.benchmarks.scenarios.steps import parse

pytestmark = pytest.mark.usefixtures("socket_enabled")

# Tenths of seconds around the moment at which a reading is found, told and written; then whole seconds until the next.
TENTHS = [float(f"{310 + tenth / 10:.1f}") for tenth in range(-2, 24, 2)]
SECONDS = [312.0 + second for second in (1, 3, 7, 15, 40, 90, 180, 297, 298.3, 299)]


def told(killed_at: float, value: int, kind: str) -> list[float]:
    """Return when a kind is announced; the first low reading comes at 300 s, the next ones every 5 minutes."""
    steps: list[dict[str, Any]] = [
        {"at": -7200, "do": "set", "kind": "urgent_low_soon", "enabled": False},
        {"at": -3300, "readings": {"every": 300, "values": [110] * 12}},
        {"at": 1, "do": "start"},
        {"at": 300, "readings": {"every": 300, "values": [value] * 4}},
        {"at": killed_at, "do": "kill"},
        {"at": killed_at + 20, "do": "start"},
        {"at": 1400, "do": "end"},
    ]
    steps.sort(key=lambda step: float(step["at"]))
    outcome = play(parse({"name": f"killed at {killed_at}", "steps": steps}))
    return [
        entry["at"]
        for entry in outcome.timeline
        if entry.get("kind") == kind and entry["told"] in ("raised", "repeated")
    ]


@pytest.mark.parametrize("killed_at", TENTHS + SECONDS)
def test_a_low_is_told_once(killed_at: float) -> None:
    """Before the kill, or at waking; again only where the kill came before it was on the disk."""
    times = told(killed_at, 65, "low")
    before = [time for time in times if time <= killed_at]
    waking = [time for time in times if killed_at < time <= killed_at + 20 + 60]
    assert before or waking
    assert len(before) <= 1
    assert len(waking) <= 1
    if before and killed_at - before[0] >= 1:
        assert not waking


@pytest.mark.parametrize("killed_at", TENTHS[::3] + SECONDS[::3])
def test_an_urgent_low_goes_on(killed_at: float) -> None:
    """It is told at waking where it was not before, and every 5 minutes from then on."""
    times = told(killed_at, 50, "urgent_low")
    assert times
    assert times[0] <= max(killed_at + 20 + 60, 315)
    pauses = [after - before for before, after in pairwise(times)]
    assert max(pauses) <= 330
