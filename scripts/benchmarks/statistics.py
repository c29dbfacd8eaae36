"""Do our statistics agree with those of iglu-python? Figures of recorded traces, of all readings of each file.

Every row of a file counts, as it was recorded: nothing is rounded, left out or withheld. `tbr1` is the percentage below
70 mg/dL in all, `tbr2` that below 54, `tar1` that above 180 in all, `tar2` that above 250, `titr` that from 70 to 140.
Where iglu-python is installed, `differs_by` is the largest relative difference between one of our figures and its own.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from custom_components.dexcom_share.glucose.statistics.distribution import Distribution
from custom_components.dexcom_share.glucose.statistics.figures import figures_of
from custom_components.dexcom_share.glucose.statistics.goals import STANDARD
from custom_components.dexcom_share.glucose.statistics.variability import gmi_percent

from .report import Figure, Report
from .traces import load_values

PEER: Final = "iglu_python"
TOLERATED: Final = 1e-6
"""The largest relative difference that still is agreement."""
_ALMOST_NOTHING: Final = 1e-9


def our_figures(values_mgdl: Sequence[float]) -> dict[str, float | None]:
    """Return our figures of some values in mg/dL; SD and CV are None of less than two; ValueError of none."""
    figures = figures_of(Distribution.of(values_mgdl), STANDARD)
    if figures is None:
        raise ValueError("there are no readings")
    return {
        "n": figures.n,
        "mean": figures.mean_mgdl,
        "sd": figures.sd_mgdl,
        "cv": figures.cv_percent,
        "gmi": gmi_percent(figures.mean_mgdl),
        "tir": figures.ranges.in_range_percent,
        "tbr1": figures.ranges.below_percent,
        "tbr2": figures.ranges.very_low_percent,
        "tar1": figures.ranges.above_percent,
        "tar2": figures.ranges.very_high_percent,
        "titr": figures.ranges.tight_range_percent,
        "gri": figures.gri,
        "lbgi": figures.lbgi,
        "hbgi": figures.hbgi,
    }


def peer_figures(values_mgdl: Sequence[float]) -> dict[str, float]:
    """Return the same figures by iglu-python, of at least two values; ImportError where it is not installed."""
    iglu = import_module(PEER)
    values = list(values_mgdl)
    ranges = iglu.in_range_percent(values, [[70, 180], [70, 140]])
    below = iglu.below_percent(values, targets_below=[54, 70])
    above = iglu.above_percent(values, targets_above=[180, 250])
    return {
        "n": len(values),
        "mean": float(iglu.mean_glu(values)),
        "sd": float(iglu.sd_glu(values)),
        "cv": float(iglu.cv_glu(values)),
        "gmi": float(iglu.gmi(values)),
        "tir": float(ranges["in_range_70_180"]),
        "tbr1": float(below["below_70"]),
        "tbr2": float(below["below_54"]),
        "tar1": float(above["above_180"]),
        "tar2": float(above["above_250"]),
        "titr": float(ranges["in_range_70_140"]),
        "gri": float(iglu.gri(values)),
        "lbgi": float(iglu.lbgi(values)),
        "hbgi": float(iglu.hbgi(values)),
    }


def largest_difference(ours: Mapping[str, float | None], theirs: Mapping[str, float]) -> float:
    """Return the largest relative difference of figures of the same name; next to nothing is nothing."""
    return max(_difference(ours[name], theirs[name]) for name in theirs)


def _difference(one: float | None, other: float) -> float:
    """Return the relative difference of two figures; one that is not there differs wholly."""
    if one is None:
        return 1.0
    scale = max(abs(one), abs(other))
    return 0.0 if scale < _ALMOST_NOTHING else abs(one - other) / scale


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--traces", type=Path, required=True, metavar="DIR", help="folder of recorded traces")


def run(arguments: Namespace) -> Report:
    """Count every file, and compare."""
    has_peer = find_spec(PEER) is not None
    files: dict[str, dict[str, float | None]] = {}
    differences: dict[str, float | None] = {}
    for name, values in load_values(arguments.traces).items():
        files[name] = our_figures(values)
        differences[name] = largest_difference(files[name], peer_figures(values)) if has_peer else None
    rows: list[list[Figure]] = [[name, *figures.values(), differences[name]] for name, figures in files.items()]
    return Report(
        columns=["file", *next(iter(files.values())), "differs_by"],
        rows=rows,
        data={"files": files, PEER: differences},
        exit_code=int(any(one is not None and one > TOLERATED for one in differences.values())),
    )
