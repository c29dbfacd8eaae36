"""What the alerts tell at one moment, and where glucose is among the limits a person has set."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Final

from ...share.models import GlucoseReading
from .settings import DEFAULTS, AlertKind, AlertSettings
from .state import Alerts


class GlucoseRange(StrEnum):
    """Where glucose is: at or below the limit of the low alert, at or above that of the high alert, or between."""

    LOW = "low"
    IN_RANGE = "in_range"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFacts:
    """Where every alert stands, with the limits in force (mg/dL; for a fast change mg/dL per minute)."""

    state: Alerts = field(default_factory=Alerts)
    limits: Mapping[AlertKind, float | None] = field(
        default_factory=lambda: {kind: settings.limit for kind, settings in DEFAULTS.kinds.items()}
    )
    is_muted: bool = False

    @property
    def gravest(self) -> AlertKind | None:
        """Return the gravest kind that holds."""
        return next(iter(self.state.raised), None)


NO_ALERTS: Final = AlertFacts()


def limits_at(settings: AlertSettings, now: datetime, tz: tzinfo) -> dict[AlertKind, float | None]:
    """Return the limit of each kind by day or night, None where a kind has none."""
    return {kind: settings.effective(kind, now, tz).limit for kind in AlertKind}


def range_of(reading: GlucoseReading, limits: Mapping[AlertKind, float | None]) -> GlucoseRange:
    """Return where a reading is; "LOW" is below and "HIGH" above every limit."""
    low, high = limits[AlertKind.LOW], limits[AlertKind.HIGH]
    if reading.is_low_limit or (low is not None and reading.value <= low):
        return GlucoseRange.LOW
    if reading.is_high_limit or (high is not None and reading.value >= high):
        return GlucoseRange.HIGH
    return GlucoseRange.IN_RANGE
