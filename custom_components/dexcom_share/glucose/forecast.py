"""Where the glucose goes within the next 20 minutes, and whether that is urgently low."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from custom_components.dexcom_share.share.models import HIGH_LIMIT_MGDL, LOW_LIMIT_MGDL, GlucoseReading

URGENT_LOW_MGDL: Final = 55
HORIZON: Final = timedelta(minutes=20)
_OLDEST: Final = timedelta(minutes=12)
_LONGEST_STEP: Final = timedelta(minutes=7.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What to expect: the value 20 min after the newest reading (mg/dL, 39 to 401), and whether an urgent low comes."""

    value_mgdl: int
    urgent_low_soon: bool


def forecast(readings: Sequence[GlucoseReading], now: datetime) -> Forecast | None:
    """Return the forecast from the newest reading on, None where there are too few or too old readings.

    `readings` are oldest first; only the newest four are looked at.
    """
    if not readings or now - readings[-1].time > _OLDEST:
        return None
    recent = [readings[-1]]
    for reading in reversed(readings[-4:-1]):
        if not timedelta(0) < recent[-1].time - reading.time <= _LONGEST_STEP:
            break
        recent.append(reading)
    if len(recent) < 3:
        return None
    slope = (recent[0].value - recent[-1].value) / (recent[0].time - recent[-1].time).total_seconds()
    value = round(recent[0].value + slope * HORIZON.total_seconds())
    return Forecast(
        value_mgdl=min(max(value, LOW_LIMIT_MGDL), HIGH_LIMIT_MGDL), urgent_low_soon=value <= URGENT_LOW_MGDL
    )
