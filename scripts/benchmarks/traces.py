"""Recorded traces: one person's readings per CSV file of a folder."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from custom_components.dexcom_share.share.models import GlucoseReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Readings of one person, oldest first, no two at the same time; `name` is the file's without its ending."""

    name: str
    readings: tuple[GlucoseReading, ...]


def load_traces(folder: Path) -> list[Trace]:
    """Return the traces of a folder by name; SystemExit says what is wrong with the folder or a file.

    A file has the header `timestamp,glucose_value_mg_dl`. Times without a zone are read as UTC, values rounded to
    whole mg/dL; of readings with one and the same time the first counts, as for a client that has seen it already.
    """
    return [Trace(name=path.stem, readings=_readings(path)) for path in _files(folder)]


def load_values(folder: Path) -> dict[str, list[float]]:
    """Return every value in mg/dL of the files of a folder by name, as recorded; SystemExit as in `load_traces`."""
    return {path.stem: [value for _, value in _rows(path)] for path in _files(folder)}


def _files(folder: Path) -> list[Path]:
    """Return the traces of a folder."""
    paths = sorted(folder.glob("*.csv"))
    if not paths:
        raise SystemExit(f"{folder}: no such folder, or no CSV files in it")
    return paths


def _rows(path: Path) -> list[tuple[str, float]]:
    """Return the rows of one file: time stamp and value."""
    try:
        with path.open(newline="") as file:
            return [(row["timestamp"], float(row["glucose_value_mg_dl"])) for row in csv.DictReader(file)]
    except (KeyError, ValueError, TypeError) as error:
        raise SystemExit(f"{path}: expected the columns timestamp,glucose_value_mg_dl: {error}") from error


def _readings(path: Path) -> tuple[GlucoseReading, ...]:
    """Return the readings of one file."""
    readings: dict[datetime, GlucoseReading] = {}
    for stamp, value in _rows(path):
        try:
            time = datetime.fromisoformat(stamp)
        except ValueError as error:
            raise SystemExit(f"{path}: {error}") from error
        time = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
        readings.setdefault(time, GlucoseReading(time, round(value)))
    return tuple(readings[time] for time in sorted(readings))
