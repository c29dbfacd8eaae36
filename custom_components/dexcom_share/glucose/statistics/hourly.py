"""Figures of whole hours, as long-term statistics keep them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from statistics import fmean
from typing import Final

from ...share.models import GlucoseReading

HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class HourFigures:
    """Mean, lowest and highest reading of the UTC hour that begins at `start`, in mg/dL."""

    start: datetime
    mean_mgdl: float
    min_mgdl: float
    max_mgdl: float


def hour_of(time: datetime) -> datetime:
    """Return the beginning of the UTC hour that a UTC time falls in."""
    return time.replace(minute=0, second=0, microsecond=0)


def hourly_figures(readings: Iterable[GlucoseReading]) -> list[HourFigures]:
    """Return the figures of each hour that has readings; `readings` are oldest first.

    The mean counts by reading, as readings are equally spaced; nothing is filled in where one is missing.
    """
    hours = groupby(readings, key=lambda reading: hour_of(reading.time))
    return [_figures(start, [reading.value for reading in group]) for start, group in hours]


def _figures(start: datetime, values_mgdl: list[int]) -> HourFigures:
    """Return the figures of one hour."""
    return HourFigures(
        start=start, mean_mgdl=fmean(values_mgdl), min_mgdl=float(min(values_mgdl)), max_mgdl=float(max(values_mgdl))
    )
