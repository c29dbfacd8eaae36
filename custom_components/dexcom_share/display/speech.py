"""A person's glucose in one short sentence, to be spoken; what is not known is said to be so, never an old value."""

from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from ..const import DOMAIN
from ..glucose.snapshot import Snapshot
from ..share import Trend
from ..share.models import HIGH_LIMIT_MGDL, LOW_LIMIT_MGDL, GlucoseReading
from .texts import Say
from .times import in_users_zone, local_time
from .units import as_shown
from .words import TREND_STATES

_UNSPOKEN: Final = frozenset({Trend.NONE, Trend.NOT_COMPUTABLE, Trend.RATE_OUT_OF_RANGE})


@callback
def person_name(hass: HomeAssistant, entry: ConfigEntry) -> str:
    """Return what the user calls a person: the name of the device, or else of the entry."""
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, str(entry.unique_id)), entry.entry_id)
    return (device.name_by_user if device else None) or entry.title


def spoken(snapshot: Snapshot, person: str, unit: str, say: Say) -> str:
    """Return the sentence: the glucose of now with its trend, or since when it is not known, and the gravest alert.

    It changes only with what is known, not with every minute.
    """
    sentence = _glucose(snapshot, person, unit, say)
    gravest = snapshot.alerts.gravest
    return say("speech_with_alert", sentence=sentence, alert=say(f"speech_alert_{gravest}")) if gravest else sentence


def _glucose(snapshot: Snapshot, person: str, unit: str, say: Say) -> str:
    """Return what is known of the glucose."""
    reading = snapshot.current
    if reading is None:
        since = _since(snapshot)
        return say("speech_unknown_since", person=person, time=since) if since else say("speech_unknown", person=person)
    value = spoken_value(reading, unit, say)
    trend = spoken_trend(reading, say)
    if trend is None:
        return say("speech_current", person=person, value=value)
    return say("speech_current_trend", person=person, value=value, trend=trend)


def spoken_trend(reading: GlucoseReading, say: Say) -> str | None:
    """Return the trend in words, None where there is none to speak of."""
    known = None if reading.trend in _UNSPOKEN else TREND_STATES.get(reading.trend)
    return say(f"speech_trend_{known}") if known else None


def spoken_value(reading: GlucoseReading, unit: str, say: Say) -> str:
    """Return the value with its unit; beyond the sensor's limits only on which side it is."""
    key, mgdl = "speech_value", reading.value
    if reading.is_low_limit:
        key, mgdl = "speech_value_below", LOW_LIMIT_MGDL + 1
    elif reading.is_high_limit:
        key, mgdl = "speech_value_above", HIGH_LIMIT_MGDL - 1
    return say(key, value=str(as_shown(mgdl, unit)), unit=unit)


def _since(snapshot: Snapshot) -> str | None:
    """Return when the last reading was taken, with the date unless that is today; None where nobody knows."""
    if snapshot.newest is None or snapshot.age is None:
        return None
    time = in_users_zone(snapshot.newest.time)
    is_today = time.date() == in_users_zone(snapshot.newest.time + snapshot.age).date()
    return f"{time:%H:%M}" if is_today else local_time(time)
