"""What is known at one moment, from which it follows what there is to tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from ..freshness import HeardReading, is_current
from .settings import AlertSettings
from .state import Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What is known at one moment of the account's clock.

    `judged` is what the readings up to the newest tell, `base` what those of some hours ago told. `watched_since` is
    when the watch began: what ended before is not told. `is_time_known` is False
    until Share was heard after a start: no reading is current then (alert rule T2). `is_silence_known` is False while
    it is being found out which clock is right: silence is not judged then.
    """

    now: datetime
    tz: tzinfo
    settings: AlertSettings
    readings: Sequence[HeardReading]
    judged: Judged
    base: Judged
    watched_since: datetime
    is_muted: bool = False
    is_time_known: bool = True
    is_silence_known: bool = True

    @property
    def newest(self) -> HeardReading | None:
        """Return the newest reading."""
        return self.readings[-1] if self.readings else None

    @property
    def is_current(self) -> bool:
        """Return whether the newest reading tells the glucose of now."""
        return self.is_time_known and self.newest is not None and is_current(self.newest.time, self.now)

    @property
    def is_gap_known(self) -> bool:
        """Return whether the next reading, if one comes, begins anew."""
        return self.newest is None or self.now >= self.newest.gap_known_at
