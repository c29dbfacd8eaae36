"""Every recorded trace through the alert engine, with the counting of the benchmark."""

from pathlib import Path
from random import Random

import pytest

from scripts.benchmarks.alerts import count_trace
from scripts.benchmarks.delivery import distinct, disturbed, smooth
from scripts.benchmarks.traces import Trace, load_traces

FOLDER = Path(__file__).parents[4] / "shared" / "cgm"
NAMES = sorted(path.stem for path in FOLDER.glob("*.csv"))
DAY = 288


@pytest.fixture(scope="module")
def traces() -> dict[str, Trace]:
    """Return the traces by name."""
    return {trace.name: trace for trace in load_traces(FOLDER)}


@pytest.mark.skipif(not NAMES, reason="no recorded traces at hand")
@pytest.mark.parametrize("faulty", [False, True], ids=["smooth", "faulty"])
@pytest.mark.parametrize("name", NAMES)
def test_no_episode_is_missed_or_late(name: str, faulty: bool, traces: dict[str, Trace]) -> None:
    """On three days of each trace, whatever the delivery: no kind is missed, late or cried in vain."""
    readings = distinct(traces[name].readings)[-3 * DAY :]
    delivery = disturbed(readings, Random(name)) if faulty else smooth(readings)
    for kind, count in count_trace(readings, delivery).items():
        assert (count.missed, count.late, count.spurious) == (0, 0, 0), kind
        assert count.raised == count.episodes
