"""What the alerts tell at one moment, as entities show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ...share.models import GlucoseReading
from ..ranges import GlucoseRange, range_of
from .kinds import AlertKind
from .muting import Mute
from .settings import DEFAULTS, KindSettings
from .state import Alerts


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFacts:
    """Where every alert stands, with the settings of each kind that are in force, by day or night."""

    state: Alerts = field(default_factory=Alerts)
    kinds: Mapping[AlertKind, KindSettings] = field(default_factory=lambda: DEFAULTS.kinds)
    mute: Mute | None = None

    @property
    def is_muted(self) -> bool:
        """Return whether every alert but urgent low is kept quiet."""
        return self.mute is not None

    @property
    def gravest(self) -> AlertKind | None:
        """Return the gravest kind that is raised."""
        return next(iter(self.state.raised), None)

    def range_of(self, reading: GlucoseReading) -> GlucoseRange:
        """Return where a reading is between the limits of the low and the high alert."""
        return range_of(reading, self.kinds[AlertKind.LOW].limit, self.kinds[AlertKind.HIGH].limit)


NO_ALERTS: Final = AlertFacts()
