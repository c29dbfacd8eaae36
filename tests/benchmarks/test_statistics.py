"""What the statistics benchmark counts, and what it says where figures differ."""

from argparse import Namespace
import json
from pathlib import Path
from unittest.mock import patch

import pytest

from scripts.benchmarks import statistics
from scripts.benchmarks.statistics import largest_difference, our_figures

FIGURES = ["n", "mean", "sd", "cv", "gmi", "tir", "tbr1", "tbr2", "tar1", "tar2", "titr", "gri", "lbgi", "hbgi"]


def write(folder: Path, name: str, values: list[object], column: str = "glucose_value_mg_dl") -> Namespace:
    """Write a trace, all of it at one time of the day, and return the options."""
    rows = "".join(f"2026-11-01 00:00:00,{value}\n" for value in values)
    (folder / f"{name}.csv").write_text(f"timestamp,{column}\n{rows}")
    return Namespace(traces=folder)


def test_every_row_of_a_file_counts(tmp_path: Path) -> None:
    """Not rounded, also those of one and the same time."""
    report = statistics.run(write(tmp_path, "anna", [53.5, 60, 100, 100, 150, 181, 251.5, 120, 130, 140]))
    data = json.loads(report.json())
    assert list(data["files"]) == ["anna"]
    figures = data["files"]["anna"]
    assert list(figures) == FIGURES
    assert figures["n"] == 10
    assert figures["mean"] == pytest.approx(128.6)
    assert figures["gmi"] == pytest.approx(3.31 + 0.02392 * 128.6)
    percentages = [figures[name] for name in ("tir", "tbr1", "tbr2", "tar1", "tar2", "titr")]
    assert percentages == [60, 20, 10, 20, 10, 50]
    assert figures["gri"] == pytest.approx(30 + 24 + 16 + 8)
    assert report.exit_code == 0


def test_figures_that_differ_fail(tmp_path: Path) -> None:
    """Whoever compares wants to know."""
    options = write(tmp_path, "anna", [100, 110])
    wrong = {**our_figures([100, 110]), "mean": 105.1}
    with patch.object(statistics, "peer_figures", return_value=wrong):
        report = statistics.run(options)
    assert report.exit_code == 1
    assert json.loads(report.json())["iglu_python"] == {"anna": pytest.approx(0.1 / 105.1)}


def test_without_the_peer_there_is_no_comparison(tmp_path: Path) -> None:
    """The figures are told all the same."""
    options = write(tmp_path, "anna", [100, 110])
    with patch.object(statistics, "find_spec", return_value=None):
        report = statistics.run(options)
    assert report.data["iglu_python"] == {"anna": None}
    assert report.exit_code == 0


def test_differences_are_relative() -> None:
    """Next to nothing is nothing; a figure that is missing differs wholly."""
    assert largest_difference({"sd": 1e-12, "mean": 100.0}, {"sd": 0.0, "mean": 101.0}) == pytest.approx(1 / 101)
    assert largest_difference({"sd": None}, {"sd": 3.0}) == 1


def test_no_readings_have_no_figures() -> None:
    """An error tells so."""
    with pytest.raises(ValueError, match="no readings"):
        our_figures([])


@pytest.mark.parametrize("column", ["value", "glucose"])
def test_a_file_of_another_form_is_named(tmp_path: Path, column: str) -> None:
    """Rather than a traceback."""
    with pytest.raises(SystemExit, match=r"anna\.csv: expected the columns"):
        statistics.run(write(tmp_path, "anna", [100], column))


def test_a_folder_without_files_is_named(tmp_path: Path) -> None:
    """Rather than an empty table."""
    with pytest.raises(SystemExit, match="no CSV files"):
        statistics.run(Namespace(traces=tmp_path))
