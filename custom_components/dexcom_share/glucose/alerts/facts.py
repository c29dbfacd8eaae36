"""What the alerts tell at one moment, as entities show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Final

from ...share.models import GlucoseReading
from ..ranges import GlucoseRange, range_of
from .kinds import AlertKind
from .settings import DEFAULTS, AlertSettings
from .state import Alerts

type Limits = Mapping[AlertKind, float | None]
"""The limit of each kind (mg/dL; for a fast change mg/dL per minute), None where a kind has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFacts:
    """Where every alert stands, with the limits in force."""

    state: Alerts = field(default_factory=Alerts)
    limits: Limits = field(default_factory=lambda: {kind: settings.limit for kind, settings in DEFAULTS.kinds.items()})
    is_muted: bool = False

    @property
    def gravest(self) -> AlertKind | None:
        """Return the gravest kind that is raised."""
        return next(iter(self.state.raised), None)

    def range_of(self, reading: GlucoseReading) -> GlucoseRange:
        """Return where a reading is between the limits of the low and the high alert."""
        return range_of(reading, self.limits[AlertKind.LOW], self.limits[AlertKind.HIGH])


NO_ALERTS: Final = AlertFacts()


def limits_at(settings: AlertSettings, now: datetime, tz: tzinfo) -> dict[AlertKind, float | None]:
    """Return the limit of each kind by day or night."""
    in_force = settings.in_force(is_night=settings.is_night(now, tz))
    return {kind: each.limit for kind, each in in_force.items()}
