"""Where glucose is between two limits."""

from enum import StrEnum

from ..share.models import GlucoseReading


class GlucoseRange(StrEnum):
    """Where glucose is: at or below the lower limit, at or above the upper one, or between."""

    LOW = "low"
    IN_RANGE = "in_range"
    HIGH = "high"


def range_of(reading: GlucoseReading, low_mgdl: float | None, high_mgdl: float | None) -> GlucoseRange:
    """Return where a reading is between two limits in mg/dL; "LOW" is below and "HIGH" above every limit."""
    if reading.is_low_limit or (low_mgdl is not None and reading.value <= low_mgdl):
        return GlucoseRange.LOW
    if reading.is_high_limit or (high_mgdl is not None and reading.value >= high_mgdl):
        return GlucoseRange.HIGH
    return GlucoseRange.IN_RANGE
