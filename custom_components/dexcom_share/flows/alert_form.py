"""The form of one kind of alert: its fields, what it shows, and what becomes of it when it is filled."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from ..display.units import MGDL, RATE_KINDS, as_shown, to_mgdl
from ..glucose.alerts.kinds import AlertKind
from ..glucose.alerts.settings import BOUNDS, KindSettings, NightSettings, Sensitivity, Span

CONF_CLEAR: Final = "clear"
CONF_DELAY: Final = "delay"
CONF_ENABLED: Final = "enabled"
CONF_LIMIT: Final = "limit"
CONF_NIGHT: Final = "night"
CONF_REPEAT: Final = "repeat"
CONF_SENSITIVITY: Final = "sensitivity"
CONF_SMART_QUIET: Final = "smart_quiet"
CONF_SNOOZE: Final = "snooze"

ALWAYS_ON: Final = frozenset({AlertKind.URGENT_LOW})
QUIETABLE: Final = frozenset({AlertKind.URGENT_LOW_SOON, AlertKind.LOW, AlertKind.URGENT_HIGH, AlertKind.HIGH})
"""The kinds whose repeat may wait while glucose heads back."""
RATES: Final = ("2", "3")
"""Limits of a fast change in mg/dL per minute, as the choice names them in both units."""
_MINUTE: Final = timedelta(minutes=1)


class KindForm:
    """A filled form of one kind, and what is wrong with it."""

    def __init__(self, kind: AlertKind, unit: str, stored: KindSettings) -> None:
        """Compare with what is stored, so that what is left as it was shown stays as it was."""
        self._kind = kind
        self._unit = unit
        self._stored = stored
        self._bounds = BOUNDS[kind]
        self.errors: dict[str, str] = {}

    def read(self, filled: Mapping[str, Any]) -> KindSettings:
        """Return the settings; they count only where `errors` stays empty."""
        stored, bounds = self._stored, self._bounds
        night = filled.get(CONF_NIGHT, {})
        stored_night = stored.night or NightSettings()
        at_night = NightSettings(
            enabled=self._enabled_at_night(filled, night),
            limit=self._limit(night.get(CONF_LIMIT), stored_night.limit, "base"),
            delay=self._duration(night, CONF_DELAY, bounds.delay_minutes, "base"),
            repeat=self._duration(night, CONF_REPEAT, bounds.repeat_minutes, "base"),
        )
        return KindSettings(
            enabled=filled.get(CONF_ENABLED, True),
            limit=self._limit(filled.get(CONF_LIMIT), stored.limit, CONF_LIMIT),
            delay=self._duration(filled, CONF_DELAY, bounds.delay_minutes, CONF_DELAY) or timedelta(0),
            repeat=self._duration(filled, CONF_REPEAT, bounds.repeat_minutes, CONF_REPEAT) or timedelta(0),
            snooze=self._duration(filled, CONF_SNOOZE, bounds.snooze_minutes, CONF_SNOOZE) or timedelta(0),
            smart_quiet=filled.get(CONF_SMART_QUIET, False),
            sensitivity=Sensitivity(filled[CONF_SENSITIVITY]) if CONF_SENSITIVITY in filled else stored.sensitivity,
            night=None if night.get(CONF_CLEAR) or at_night == NightSettings() else at_night,
        )

    def _enabled_at_night(self, filled: Mapping[str, Any], night: Mapping[str, Any]) -> bool | None:
        """Return whether the kind is on at night, None where that is as by day; what is left as shown stays so."""
        by_day = filled.get(CONF_ENABLED, True)
        stored = self._stored.night.enabled if self._stored.night else None
        typed = night.get(CONF_ENABLED)
        at_night = stored if typed is None or typed == _is_on_at_night(self._stored) else typed
        return None if at_night == by_day else at_night

    def _limit(self, typed: float | str | None, stored: float | None, field: str) -> float | None:
        """Return a limit in mg/dL, or mg/dL per minute, None where none was given."""
        span = self._bounds.limit
        if typed is None or span is None:
            return None
        number = float(typed)
        if self._kind in RATE_KINDS:
            return number
        if not as_shown(span.minimum, self._unit) <= number <= as_shown(span.maximum, self._unit):
            self.errors[field] = "limit_out_of_bounds"
        if stored is not None and number == as_shown(stored, self._unit):
            return stored
        return span.clamp(to_mgdl(number, self._unit))

    def _duration(self, filled: Mapping[str, Any], key: str, span: Span, field: str) -> timedelta | None:
        """Return a duration, None where none was given."""
        minutes = filled.get(key)
        if minutes is None:
            return None
        if not span.minimum <= minutes <= span.maximum:
            self.errors[field] = (
                "repeat_required" if key == CONF_REPEAT and minutes < span.minimum else f"{key}_out_of_bounds"
            )
        return timedelta(minutes=minutes)


def shown_settings(kind: AlertKind, settings: KindSettings, unit: str) -> dict[str, Any]:
    """Return the form that shows these settings."""
    night = settings.night or NightSettings()
    at_night = {
        CONF_ENABLED: _is_on_at_night(settings),
        CONF_LIMIT: _shown_limit(kind, night.limit, unit),
        CONF_DELAY: _in_minutes(night.delay),
        CONF_REPEAT: _in_minutes(night.repeat),
    }
    return {
        CONF_ENABLED: settings.enabled,
        CONF_SENSITIVITY: settings.sensitivity,
        CONF_LIMIT: _shown_limit(kind, settings.limit, unit),
        CONF_DELAY: _in_minutes(settings.delay),
        CONF_REPEAT: _in_minutes(settings.repeat),
        CONF_SNOOZE: _in_minutes(settings.snooze),
        CONF_SMART_QUIET: settings.smart_quiet,
        CONF_NIGHT: {key: value for key, value in at_night.items() if value is not None},
    }


def _is_on_at_night(settings: KindSettings) -> bool:
    """Return whether a kind is on at night."""
    return settings.enabled if settings.night is None or settings.night.enabled is None else settings.night.enabled


def _shown_limit(kind: AlertKind, limit: float | None, unit: str) -> float | str | None:
    """Return a limit as the form shows it."""
    if limit is None:
        return None
    return str(round(limit)) if kind in RATE_KINDS else as_shown(limit, unit)


def _in_minutes(duration: timedelta | None) -> float | None:
    """Return a duration as the form shows it."""
    return None if duration is None else duration / _MINUTE


def kind_schema(kind: AlertKind, unit: str, *, has_night: bool, has_error: bool) -> vol.Schema:
    """Return the form of one kind: what it has of what can be set; the night is open where it has something to show."""
    bounds = BOUNDS[kind]
    day: dict[vol.Marker, object] = {}
    night: dict[vol.Marker, object] = {}
    if kind not in ALWAYS_ON:
        day[vol.Required(CONF_ENABLED)] = night[vol.Optional(CONF_ENABLED)] = BooleanSelector()
    if kind is AlertKind.URGENT_LOW_SOON:
        day[vol.Optional(CONF_SENSITIVITY)] = _choice(Sensitivity, CONF_SENSITIVITY, SelectSelectorMode.LIST)
    if bounds.limit:
        selector = (
            _choice(RATES, "rate" if unit == MGDL else "rate_mmol") if kind in RATE_KINDS else _limit_selector(unit)
        )
        day[vol.Required(CONF_LIMIT)] = night[vol.Optional(CONF_LIMIT)] = selector
    if bounds.delay_minutes.maximum:
        day[vol.Required(CONF_DELAY)] = night[vol.Optional(CONF_DELAY)] = _minutes_selector(bounds.delay_minutes)
    day[vol.Required(CONF_REPEAT)] = night[vol.Optional(CONF_REPEAT)] = _minutes_selector(bounds.repeat_minutes)
    day[vol.Required(CONF_SNOOZE)] = _minutes_selector(bounds.snooze_minutes)
    if kind in QUIETABLE:
        day[vol.Required(CONF_SMART_QUIET)] = BooleanSelector()
    if has_night:
        night[vol.Optional(CONF_CLEAR)] = BooleanSelector()
    is_collapsed = not (has_night or has_error)
    return vol.Schema({**day, vol.Optional(CONF_NIGHT): section(vol.Schema(night), {"collapsed": is_collapsed})})


def _limit_selector(unit: str) -> NumberSelector:
    """Return the field of a limit; its bounds are checked by us, whose refusal says them in the user's unit."""
    step = 1 if unit == MGDL else 0.1
    return NumberSelector(NumberSelectorConfig(mode=NumberSelectorMode.BOX, step=step, unit_of_measurement=unit))


def _choice(
    options: Iterable[str], translation_key: str, mode: SelectSelectorMode = SelectSelectorMode.DROPDOWN
) -> SelectSelector:
    """Return a field with a few options to choose from."""
    return SelectSelector(SelectSelectorConfig(options=list(options), translation_key=translation_key, mode=mode))


def _minutes_selector(span: Span) -> NumberSelector:
    """Return the field of a duration; its bounds are checked by us, whose refusal explains them."""
    return NumberSelector(
        NumberSelectorConfig(mode=NumberSelectorMode.BOX, min=0, step=span.step, unit_of_measurement="min")
    )


def placeholders_of(kind: AlertKind, unit: str) -> dict[str, str]:
    """Return what the texts of the form and its errors name."""
    bounds = BOUNDS[kind]
    limit = bounds.limit if bounds.limit and kind not in RATE_KINDS else None
    return {
        "unit": unit,
        **{f"glucose_{mgdl}": f"{as_shown(mgdl, unit):g} {unit}" for mgdl in (55, 60)},
        "limit_minimum": f"{as_shown(limit.minimum, unit):g}" if limit else "",
        "limit_maximum": f"{as_shown(limit.maximum, unit):g}" if limit else "",
        "delay_minimum": f"{bounds.delay_minutes.minimum:g}",
        "delay_maximum": f"{bounds.delay_minutes.maximum:g}",
        "repeat_minimum": f"{bounds.repeat_minutes.minimum:g}",
        "repeat_maximum": f"{bounds.repeat_minutes.maximum:g}",
        "snooze_minimum": f"{bounds.snooze_minutes.minimum:g}",
        "snooze_maximum": f"{bounds.snooze_minutes.maximum:g}",
    }
