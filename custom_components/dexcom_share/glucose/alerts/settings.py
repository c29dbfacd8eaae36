"""What a person can set about alerts: bounds and defaults of each kind, and the night."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
from math import isfinite
from typing import Final, Self

from .kinds import AlertKind

_MINUTE: Final = timedelta(minutes=1)


class Sensitivity(StrEnum):
    """How readily urgent low soon warns; what each brings is in docs/forecast.md."""

    EARLIER = "earlier"
    BALANCED = "balanced"
    QUIETER = "quieter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The least and the greatest number that can be set, and the step between."""

    minimum: float
    maximum: float
    step: float

    def clamp(self, number: float) -> float:
        """Return the number, moved into the span."""
        return min(max(number, self.minimum), self.maximum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What can be set for one kind; `limit` in mg/dL, for a fast change in mg/dL per minute, None where none is set."""

    limit: Span | None
    delay_minutes: Span
    repeat_minutes: Span
    snooze_minutes: Span


def _minutes(minimum: float, maximum: float) -> Span:
    """Return a span of minutes as people set them."""
    return Span(minimum=minimum, maximum=maximum, step=5)


def _bounds(limit: Span | None, *, delay: Span, repeat: Span | None = None, snooze: Span | None = None) -> Bounds:
    """Return the bounds of a kind; one that isn't urgent may be told once only (a repeat of 0) and snoozed for 4 h."""
    return Bounds(
        limit=limit,
        delay_minutes=delay,
        repeat_minutes=repeat or _minutes(0, 240),
        snooze_minutes=snooze or _minutes(5, 240),
    )


BOUNDS: Final[Mapping[AlertKind, Bounds]] = {
    AlertKind.URGENT_LOW: _bounds(
        Span(minimum=50, maximum=70, step=1), delay=_minutes(0, 0), repeat=_minutes(5, 30), snooze=_minutes(5, 30)
    ),
    AlertKind.URGENT_LOW_SOON: _bounds(None, delay=_minutes(0, 0)),
    AlertKind.LOW: _bounds(Span(minimum=60, maximum=150, step=1), delay=_minutes(0, 60)),
    AlertKind.HIGH: _bounds(Span(minimum=100, maximum=400, step=1), delay=_minutes(0, 240)),
    AlertKind.URGENT_HIGH: _bounds(Span(minimum=180, maximum=400, step=1), delay=_minutes(0, 240)),
    AlertKind.FALLING_FAST: _bounds(Span(minimum=2, maximum=3, step=1), delay=_minutes(0, 30)),
    AlertKind.RISING_FAST: _bounds(Span(minimum=2, maximum=3, step=1), delay=_minutes(0, 30)),
    AlertKind.NO_DATA: _bounds(None, delay=_minutes(15, 120)),
}
"""What can be set per kind, by the ranges of Dexcom's apps and the field (survey 4.1, 4.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightSettings:
    """What differs at night; None is as by day."""

    enabled: bool | None = None
    limit: float | None = None
    delay: timedelta | None = None
    repeat: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KindSettings:
    """How one kind behaves.

    `limit` is in mg/dL, for a fast change in mg/dL per minute, None where the kind has none. `repeat` counts from the
    last time the alert was announced, zero means once only. With `smart_quiet` a repeat waits while glucose heads back.
    `sensitivity` belongs to urgent low soon alone.
    """

    enabled: bool
    limit: float | None
    delay: timedelta
    repeat: timedelta
    snooze: timedelta
    smart_quiet: bool = False
    sensitivity: Sensitivity | None = None
    night: NightSettings | None = None


def _default(*, enabled: bool, limit: float | None, delay: int = 0, repeat: int = 30, snooze: int = 30) -> KindSettings:
    """Return settings from minutes."""
    return KindSettings(
        enabled=enabled, limit=limit, delay=delay * _MINUTE, repeat=repeat * _MINUTE, snooze=snooze * _MINUTE
    )


DEFAULT_KINDS: Final[Mapping[AlertKind, KindSettings]] = {
    AlertKind.URGENT_LOW: _default(enabled=True, limit=55),
    AlertKind.URGENT_LOW_SOON: replace(_default(enabled=True, limit=None), sensitivity=Sensitivity.BALANCED),
    AlertKind.LOW: _default(enabled=True, limit=70),
    AlertKind.HIGH: _default(enabled=True, limit=250, delay=60, repeat=120, snooze=120),
    AlertKind.URGENT_HIGH: _default(enabled=False, limit=300, repeat=120, snooze=120),
    AlertKind.FALLING_FAST: _default(enabled=False, limit=2),
    AlertKind.RISING_FAST: _default(enabled=False, limit=2),
    AlertKind.NO_DATA: _default(enabled=True, limit=None, delay=20, repeat=60, snooze=60),
}
"""The project's defaults (survey 4.2, last column)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """Everything a person has set: each kind, and when night is by the clock on the wall."""

    kinds: Mapping[AlertKind, KindSettings] = field(default_factory=lambda: dict(DEFAULT_KINDS))
    night_start: time = time(22)
    night_end: time = time(7)

    def effective(self, kind: AlertKind, now: datetime, tz: tzinfo) -> KindSettings:
        """Return how a kind behaves at `now`, by day or night on the clocks of `tz`."""
        return self._in_force(kind, is_night=self.is_night(now, tz))

    def in_force(self, *, is_night: bool) -> dict[AlertKind, KindSettings]:
        """Return how each kind behaves by day, or at night."""
        return {kind: self._in_force(kind, is_night=is_night) for kind in AlertKind}

    def _in_force(self, kind: AlertKind, *, is_night: bool) -> KindSettings:
        """Return how a kind behaves; urgent low is always on and never waits, whatever is set."""
        settings = self.kinds[kind]
        night = settings.night if is_night else None
        is_always_on = kind is AlertKind.URGENT_LOW
        if is_always_on and (settings.smart_quiet or not settings.enabled):
            settings = replace(settings, enabled=True, smart_quiet=False)
        if night is None:
            return settings
        return replace(
            settings,
            enabled=settings.enabled if night.enabled is None or is_always_on else night.enabled,
            limit=settings.limit if night.limit is None else night.limit,
            delay=settings.delay if night.delay is None else night.delay,
            repeat=settings.repeat if night.repeat is None else night.repeat,
        )

    def is_night(self, now: datetime, tz: tzinfo) -> bool:
        """Return whether the clocks of `tz` show a time from the start of the night up to before its end."""
        clock = now.astimezone(tz).time()
        if self.night_start <= self.night_end:
            return self.night_start <= clock < self.night_end
        return clock >= self.night_start or clock < self.night_end

    def next_turn(self, now: datetime, tz: tzinfo) -> datetime | None:
        """Return when day or night begins next (UTC), None where no kind differs at night."""
        if all(settings.night is None for settings in self.kinds.values()):
            return None
        today = now.astimezone(tz).date()
        turns = [
            datetime.combine(today + timedelta(days=days), clock, tz).astimezone(UTC)
            for days in (0, 1, 2)
            for clock in (self.night_start, self.night_end)
        ]
        return min(turn for turn in turns if turn > now)

    def to_dict(self) -> dict[str, object]:
        """Return the settings as plain JSON: durations in minutes, times of day as HH:MM:SS."""
        return {
            "kinds": {kind.value: _kind_to_dict(settings) for kind, settings in self.kinds.items()},
            "night_start": self.night_start.isoformat(),
            "night_end": self.night_end.isoformat(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Self:
        """Return the settings from JSON.

        What is missing or makes no sense is as by default, what is out of bounds is moved to the nearest bound:
        options from elsewhere never weaken the guard.
        """
        kinds = _mapping(data.get("kinds"))
        return cls(
            kinds={kind: _kind_from_dict(kind, _mapping(kinds.get(kind.value))) for kind in AlertKind},
            night_start=_time(data.get("night_start"), cls().night_start),
            night_end=_time(data.get("night_end"), cls().night_end),
        )


DEFAULTS: Final = AlertSettings()
"""The settings of somebody who has set nothing."""


def validate(settings: AlertSettings) -> list[str]:
    """Return what is contradictory as codes, empty when all is well.

    `night_hours` where the night has no length, `KIND_above_KIND` where limits are not in order by day or night.
    """
    problems = ["night_hours"] if settings.night_start == settings.night_end else []
    in_order = [AlertKind.URGENT_LOW, AlertKind.LOW, AlertKind.HIGH]
    urgent_high = settings.kinds[AlertKind.URGENT_HIGH]
    if urgent_high.enabled or (urgent_high.night and urgent_high.night.enabled):
        in_order.append(AlertKind.URGENT_HIGH)
    for lower, upper in pairwise(in_order):
        if any(below >= above for below, above in zip(_limits(settings, lower), _limits(settings, upper), strict=True)):
            problems.append(f"{lower}_above_{upper}")
    return problems


def _limits(settings: AlertSettings, kind: AlertKind) -> tuple[float, float]:
    """Return the limits of a kind by day and by night."""
    by_day = settings.kinds[kind].limit or 0
    night = settings.kinds[kind].night
    return by_day, by_day if night is None or night.limit is None else night.limit


def _kind_to_dict(settings: KindSettings) -> dict[str, object]:
    """Return the settings of a kind as plain JSON."""
    night = settings.night
    return {
        "enabled": settings.enabled,
        "limit": settings.limit,
        "delay_minutes": settings.delay / _MINUTE,
        "repeat_minutes": settings.repeat / _MINUTE,
        "snooze_minutes": settings.snooze / _MINUTE,
        "smart_quiet": settings.smart_quiet,
        "sensitivity": settings.sensitivity,
        "night": None
        if night is None
        else {
            "enabled": night.enabled,
            "limit": night.limit,
            "delay_minutes": None if night.delay is None else night.delay / _MINUTE,
            "repeat_minutes": None if night.repeat is None else night.repeat / _MINUTE,
        },
    }


def _kind_from_dict(kind: AlertKind, data: Mapping[str, object]) -> KindSettings:
    """Return the settings of a kind from JSON, within its bounds."""
    bounds, default = BOUNDS[kind], DEFAULT_KINDS[kind]
    enabled, smart_quiet, night = data.get("enabled"), data.get("smart_quiet"), data.get("night")
    return KindSettings(
        enabled=enabled if isinstance(enabled, bool) else default.enabled,
        limit=_number(data.get("limit"), bounds.limit, default.limit),
        delay=_duration(data.get("delay_minutes"), bounds.delay_minutes, default.delay),
        repeat=_duration(data.get("repeat_minutes"), bounds.repeat_minutes, default.repeat),
        snooze=_duration(data.get("snooze_minutes"), bounds.snooze_minutes, default.snooze),
        smart_quiet=smart_quiet if isinstance(smart_quiet, bool) else default.smart_quiet,
        sensitivity=_sensitivity(data.get("sensitivity"), default.sensitivity),
        night=_night_from_dict(night, bounds) if isinstance(night, Mapping) else None,
    )


def _night_from_dict(data: Mapping[str, object], bounds: Bounds) -> NightSettings:
    """Return what differs at night from JSON, within the bounds of the kind."""
    enabled = data.get("enabled")
    return NightSettings(
        enabled=enabled if isinstance(enabled, bool) else None,
        limit=_number(data.get("limit"), bounds.limit, None),
        delay=_duration(data.get("delay_minutes"), bounds.delay_minutes, None),
        repeat=_duration(data.get("repeat_minutes"), bounds.repeat_minutes, None),
    )


def _sensitivity(value: object, default: Sensitivity | None) -> Sensitivity | None:
    """Return a sensitivity, the default where it is none; None for a kind that has none."""
    return default and next((each for each in Sensitivity if each.value == value), default)


def _mapping(value: object) -> Mapping[str, object]:
    """Return a JSON object, an empty one in place of anything else."""
    return value if isinstance(value, Mapping) else {}


def _number[T](value: object, span: Span | None, default: T) -> float | T:
    """Return a number within its span, the default where there is no number."""
    if span is None or isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return default
    return span.clamp(value)


def _duration[T](minutes: object, span: Span, default: T) -> timedelta | T:
    """Return a duration within its span of minutes, the default where there is no number."""
    number = _number(minutes, span, None)
    return default if number is None else number * _MINUTE


def _time(value: object, default: time) -> time:
    """Return a time of day, the default where there is none."""
    try:
        return time.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError:
        return default
