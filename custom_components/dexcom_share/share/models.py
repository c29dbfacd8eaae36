"""What Share speaks of, typed: readings, followers, alert settings, receivers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LOW_LIMIT_MGDL = 39
"""The value Share sends for "LOW", below what the sensor can measure."""
HIGH_LIMIT_MGDL = 401
"""The value Share sends for "HIGH", above what the sensor can measure."""


class Trend(StrEnum):
    """Direction and speed of the change, by the names of the wire."""

    NONE = "None"
    DOUBLE_UP = "DoubleUp"
    SINGLE_UP = "SingleUp"
    FORTY_FIVE_UP = "FortyFiveUp"
    FLAT = "Flat"
    FORTY_FIVE_DOWN = "FortyFiveDown"
    SINGLE_DOWN = "SingleDown"
    DOUBLE_DOWN = "DoubleDown"
    NOT_COMPUTABLE = "NotComputable"
    RATE_OUT_OF_RANGE = "RateOutOfRange"


@dataclass(frozen=True, slots=True)
class GlucoseReading:
    """One reading of the sensor.

    `time` is an aware UTC datetime (milliseconds kept), `value` whole mg/dL with 39 and 401 for "LOW" and "HIGH",
    `utc_offset` the wearer's offset at that reading where Share told it.
    """

    time: datetime
    value: int
    trend: Trend = Trend.NONE
    utc_offset: timedelta | None = None

    @property
    def is_low_limit(self) -> bool:
        """Return whether the true value is somewhere below what the sensor measures."""
        return self.value <= LOW_LIMIT_MGDL

    @property
    def is_high_limit(self) -> bool:
        """Return whether the true value is somewhere above what the sensor measures."""
        return self.value >= HIGH_LIMIT_MGDL
