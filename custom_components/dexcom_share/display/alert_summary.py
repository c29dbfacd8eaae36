"""What is set of one kind of alert, in one line."""

from ..glucose.alerts.kinds import AlertKind
from ..glucose.alerts.settings import AlertSettings, KindSettings
from .texts import Say
from .units import RATE_KINDS, limit_as_shown


def alert_summary(settings: AlertSettings, kind: AlertKind, unit: str, say: Say) -> str:
    """Return how a kind is set by day and, where that differs, at night, in the unit of the person."""
    by_day, at_night = (settings.in_force(is_night=is_night)[kind] for is_night in (False, True))
    if not by_day.enabled and not at_night.enabled:
        return say("settings_off")
    day, night = (_told(kind, each, unit, say) for each in (by_day, at_night))
    if not at_night.enabled:
        return say("settings_off_at_night", day=day)
    if not by_day.enabled:
        return say("settings_only_at_night", night=night)
    return day if day == night else say("settings_differs_at_night", day=day, night=night)


def _told(kind: AlertKind, settings: KindSettings, unit: str, say: Say) -> str:
    """Return limit, delay and repeat of a kind that is on."""
    minutes = {
        "settings_delay": settings.delay.total_seconds() / 60,
        "settings_repeat": settings.repeat.total_seconds() / 60,
    }
    parts = [say(key, minutes=f"{number:g}") for key, number in minutes.items() if number]
    limit = limit_as_shown(kind, settings.limit, unit)
    if limit is not None:
        key = "settings_rate" if kind in RATE_KINDS else "settings_limit"
        parts.insert(0, say(key, limit=f"{limit:g}", unit=unit))
    if not settings.repeat:
        parts.append(say("settings_once"))
    return ", ".join(parts)
