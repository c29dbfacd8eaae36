"""Our statistics beside those of iglu-python, which shares no code with them."""

from collections.abc import Callable
from pathlib import Path
from random import Random

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.dexcom_share.glucose.statistics.distribution import Distribution
from scripts.benchmarks.statistics import TOLERATED, largest_difference, our_figures, peer_figures
from scripts.benchmarks.traces import load_values

iglu = pytest.importorskip("iglu_python", reason="iglu-python is not installed")

FOLDER = Path(__file__).parents[4] / "shared" / "cgm"
NAMES = sorted(path.stem for path in FOLDER.glob("*.csv"))


@pytest.fixture(scope="module")
def traces() -> dict[str, list[float]]:
    """Return the values of the traces by name."""
    return load_values(FOLDER)


def assert_agreement(values: list[float]) -> None:
    """See that all figures agree, percentiles included."""
    assert largest_difference(our_figures(values), peer_figures(values)) <= TOLERATED
    readings = Distribution.of(values)
    ours = [readings.percentile_mgdl(percent) for percent in (0, 25, 50, 75, 100)]
    assert ours == pytest.approx([float(one) for one in iglu.quantile_glu(values)], rel=TOLERATED)


@pytest.mark.skipif(not NAMES, reason="no recorded traces at hand")
@pytest.mark.parametrize("name", NAMES)
def test_recorded_traces_agree(name: str, traces: dict[str, list[float]]) -> None:
    """Every reading of every file."""
    assert_agreement(traces[name])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(39, 401).map(float), min_size=2, max_size=300))
def test_any_readings_agree(values: list[float]) -> None:
    """Whatever a sensor can tell, also the same value over and over."""
    assert_agreement(values)


@pytest.mark.parametrize(
    "trace",
    [
        lambda random: random.gauss(150, 50),
        lambda random: random.gauss(60, 10),
        lambda random: random.gauss(300, 60),
        lambda random: random.choice([53, 54, 69, 70, 140, 141, 180, 181, 250, 251]),
    ],
    ids=["wide", "low", "high", "limits"],
)
def test_made_up_traces_agree(trace: Callable[[Random], float]) -> None:
    """Ninety days of each."""
    random = Random(1)
    assert_agreement([float(min(max(round(trace(random)), 39), 401)) for _ in range(25_920)])
