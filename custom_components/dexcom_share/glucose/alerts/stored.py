"""The state of the alerts as plain JSON, and back; what is damaged of it costs no more than itself."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from .kinds import AlertKind
from .state import ALERT_FLAGS, ALERT_TEXTS, ALERT_TIMES, EPISODE_TIMES, Alert, Alerts, Episode, Judged

VERSION: Final = 2


def alerts_to_dict(alerts: Alerts) -> dict[str, object]:
    """Return the state as plain JSON, times in ISO format; what is not set is left out."""
    return {
        "version": VERSION,
        "reading_time": _text(alerts.reading_time),
        "current_reading": _text(alerts.current_reading),
        "left_range": alerts.left_range,
        "base": {
            "time": _text(alerts.base.time),
            "episodes": {
                kind.value: _times_to_dict(each, EPISODE_TIMES) for kind, each in alerts.base.episodes.items()
            },
        },
        "alerts": {
            kind.value: {
                **_times_to_dict(alert, ALERT_TIMES),
                **{name: True for name in ALERT_FLAGS if getattr(alert, name)},
                **{name: text for name in ALERT_TEXTS if (text := getattr(alert, name))},
            }
            for kind, alert in alerts.alerts.items()
        },
    }


def alerts_from_dict(data: object) -> Alerts:
    """Return the state from JSON; whatever part of it is missing, damaged or unknown is as at the beginning."""
    stored = _mapping(data)
    if stored.get("version") == 1:
        return _from_version_1(stored)
    base, alerts = _mapping(stored.get("base")), _mapping(stored.get("alerts"))
    episodes = _mapping(base.get("episodes"))
    return Alerts(
        alerts={kind: _alert(_mapping(alerts.get(kind.value))) for kind in AlertKind},
        base=Judged(
            time=_time(base.get("time")),
            episodes={kind: Episode(**_times(_mapping(episodes.get(kind.value)), EPISODE_TIMES)) for kind in AlertKind},
        ),
        reading_time=_time(stored.get("reading_time")),
        current_reading=_time(stored.get("current_reading")),
        left_range=_kind(stored.get("left_range")),
    )


def _alert(stored: Mapping[str, object]) -> Alert:
    """Return one alert from JSON."""
    values: dict[str, Any] = {
        **_times(stored, ALERT_TIMES),
        **{name: stored.get(name) is True for name in ALERT_FLAGS},
        **{name: text for name in ALERT_TEXTS if isinstance(text := stored.get(name), str) and text},
    }
    return Alert(**values)


def _from_version_1(stored: Mapping[str, object]) -> Alerts:
    """Return the state from the form that knew one status a kind, and no base.

    What was announced or answered then was about the newest reading of then.
    """
    reading_time = _time(stored.get("heard_at")) or _time(stored.get("reading_time"))
    kinds = _mapping(stored.get("kinds"))
    alerts: dict[AlertKind, Alert] = {}
    episodes: dict[AlertKind, Episode] = {}
    for kind in AlertKind:
        status = _mapping(kinds.get(kind.value))
        since, raised_at = _time(status.get("since")), _time(status.get("raised_at"))
        announced_at, acknowledged_at = _time(status.get("announced_at")), _time(status.get("acknowledged_at"))
        snoozed_until = _time(status.get("snoozed_until"))
        alerts[kind] = Alert(
            since=since,
            is_raised=raised_at is not None,
            is_told=announced_at is not None,
            announced_at=announced_at,
            announced_reading=reading_time if announced_at else None,
            acknowledged_at=acknowledged_at,
            acknowledged_reading=reading_time if acknowledged_at else None,
            snoozed_until=snoozed_until,
            snoozed_reading=reading_time if snoozed_until else None,
            is_snoozed_while_raised=raised_at is not None and snoozed_until is not None,
            recovered_at=_time(status.get("recovered_at")),
        )
        episodes[kind] = Episode(
            since=since,
            raised_at=since if raised_at else None,
            beyond_at=_time(status.get("beyond_at")),
        )
    return Alerts(
        alerts=alerts,
        base=Judged(time=reading_time, episodes=episodes),
        reading_time=reading_time,
        current_reading=reading_time,
        left_range=_kind(stored.get("left_range")),
    )


def _mapping(value: object) -> Mapping[str, object]:
    """Return a mapping, an empty one where the value is none."""
    return value if isinstance(value, Mapping) else {}


def _times_to_dict(value: Alert | Episode, names: tuple[str, ...]) -> dict[str, object]:
    """Return the times of an alert or an episode that are set, as text."""
    return {name: time.isoformat() for name in names if (time := getattr(value, name))}


def _times(stored: Mapping[str, object], names: tuple[str, ...]) -> dict[str, datetime | None]:
    """Return times by their names from JSON."""
    return {name: _time(stored.get(name)) for name in names}


def _kind(value: object) -> AlertKind | None:
    """Return a kind from JSON, None for none or an unknown one."""
    return next((kind for kind in AlertKind if kind.value == value), None)


def _text(time: datetime | None) -> str | None:
    """Return a time as text."""
    return None if time is None else time.isoformat()


def _time(text: object) -> datetime | None:
    """Return an aware time from text, None where it is none."""
    if not isinstance(text, str):
        return None
    try:
        time = datetime.fromisoformat(text)
        return None if time.tzinfo is None else time.astimezone(UTC)
    except OverflowError, ValueError:
        return None
