"""Readings as the tests of the statistics need them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from custom_components.dexcom_share.glucose.reading_columns import EPOCH
from custom_components.dexcom_share.glucose.statistics.counted import Readings
from custom_components.dexcom_share.share.models import GlucoseReading

START: Final = datetime(2026, 11, 1, tzinfo=UTC)
SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
CADENCE: Final = 5 * MINUTE


def series(values: Iterable[int | None], start: datetime = START, cadence: timedelta = CADENCE) -> list[GlucoseReading]:
    """Return readings one cadence apart, the first at `start`; where a value is None, one is missing."""
    return [GlucoseReading(start + place * cadence, value) for place, value in enumerate(values) if value is not None]


def counted(values: Iterable[int | None], start: datetime = START, cadence: timedelta = CADENCE) -> Readings:
    """Return such readings as they count."""
    return Readings.of(series(values, start, cadence))


def at(time_ms: int) -> datetime:
    """Return a time from milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=time_ms)
