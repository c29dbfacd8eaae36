"""Options flow: when to speak up, one form per kind of alert; what is saved counts at once."""

from collections.abc import Iterable, Mapping
from datetime import time, timedelta
from functools import partialmethod
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TimeSelector,
)
import voluptuous as vol

from .const import CONF_ALERTS
from .display.units import MGDL, RATE_KINDS, as_shown, glucose_unit, to_mgdl
from .glucose.alerts.kinds import AlertKind
from .glucose.alerts.settings import (
    BOUNDS,
    AlertSettings,
    KindSettings,
    NightSettings,
    Sensitivity,
    Span,
    validate,
)

CONF_DELAY: Final = "delay"
CONF_ENABLED: Final = "enabled"
CONF_LIMIT: Final = "limit"
CONF_NIGHT: Final = "night"
CONF_NIGHT_END: Final = "night_end"
CONF_NIGHT_START: Final = "night_start"
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


class DexcomShareOptionsFlow(OptionsFlow):
    """Set the alerts of one person."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Let the user choose what to set."""
        return self.async_show_menu(step_id="init", menu_options=[*AlertKind, CONF_NIGHT])

    async def _step_kind(self, kind: AlertKind, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Set one kind."""
        settings = self._settings
        unit = glucose_unit(self.hass, self.config_entry)
        errors: dict[str, str] = {}
        if user_input is not None:
            form = _KindForm(kind, unit, settings.kinds[kind])
            changed = form.read(user_input)
            settings = AlertSettings(
                kinds={**settings.kinds, kind: changed},
                night_start=settings.night_start,
                night_end=settings.night_end,
            )
            problems = [problem for problem in validate(settings) if kind in problem.split("_above_")]
            errors = form.errors or ({"base": problems[0]} if problems else {})
            if not errors:
                return self._save(settings)
        return self.async_show_form(
            step_id=kind,
            data_schema=self.add_suggested_values_to_schema(
                _kind_schema(kind, unit),
                shown_settings(kind, self._settings.kinds[kind], unit) if user_input is None else user_input,
            ),
            errors=errors,
            description_placeholders=_bounds(kind, unit),
        )

    async_step_urgent_low = partialmethod(_step_kind, AlertKind.URGENT_LOW)
    async_step_urgent_low_soon = partialmethod(_step_kind, AlertKind.URGENT_LOW_SOON)
    async_step_low = partialmethod(_step_kind, AlertKind.LOW)
    async_step_urgent_high = partialmethod(_step_kind, AlertKind.URGENT_HIGH)
    async_step_high = partialmethod(_step_kind, AlertKind.HIGH)
    async_step_falling_fast = partialmethod(_step_kind, AlertKind.FALLING_FAST)
    async_step_rising_fast = partialmethod(_step_kind, AlertKind.RISING_FAST)
    async_step_no_data = partialmethod(_step_kind, AlertKind.NO_DATA)

    async def async_step_night(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Set when night is."""
        settings = self._settings
        errors: dict[str, str] = {}
        if user_input is not None:
            settings = AlertSettings(
                kinds=settings.kinds,
                night_start=time.fromisoformat(user_input[CONF_NIGHT_START]),
                night_end=time.fromisoformat(user_input[CONF_NIGHT_END]),
            )
            if "night_hours" not in validate(settings):
                return self._save(settings)
            errors = {"base": "night_hours"}
        schema = vol.Schema({vol.Required(key): TimeSelector() for key in (CONF_NIGHT_START, CONF_NIGHT_END)})
        shown = {
            CONF_NIGHT_START: settings.night_start.isoformat(),
            CONF_NIGHT_END: settings.night_end.isoformat(),
        }
        return self.async_show_form(
            step_id=CONF_NIGHT, data_schema=self.add_suggested_values_to_schema(schema, shown), errors=errors
        )

    @property
    def _settings(self) -> AlertSettings:
        """Return what is set now."""
        return AlertSettings.from_dict(self.config_entry.options.get(CONF_ALERTS, {}))

    def _save(self, settings: AlertSettings) -> ConfigFlowResult:
        """Store the settings beside the other options."""
        return self.async_create_entry(data={**self.config_entry.options, CONF_ALERTS: settings.to_dict()})


class _KindForm:
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
            night=None if at_night == NightSettings() else at_night,
        )

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


def _shown_limit(kind: AlertKind, limit: float | None, unit: str) -> float | str | None:
    """Return a limit as the form shows it."""
    if limit is None:
        return None
    return str(round(limit)) if kind in RATE_KINDS else as_shown(limit, unit)


def _in_minutes(duration: timedelta | None) -> float | None:
    """Return a duration as the form shows it."""
    return None if duration is None else duration / _MINUTE


def _kind_schema(kind: AlertKind, unit: str) -> vol.Schema:
    """Return the form of one kind: what it has of what can be set."""
    bounds = BOUNDS[kind]
    day: dict[vol.Marker, object] = {}
    night: dict[vol.Marker, object] = {}
    if kind not in ALWAYS_ON:
        day[vol.Required(CONF_ENABLED)] = BooleanSelector()
    if kind is AlertKind.URGENT_LOW_SOON:
        day[vol.Optional(CONF_SENSITIVITY)] = _choice(Sensitivity, CONF_SENSITIVITY, SelectSelectorMode.LIST)
    if bounds.limit:
        selector = _choice(RATES, "rate") if kind in RATE_KINDS else _limit_selector(unit)
        day[vol.Required(CONF_LIMIT)] = night[vol.Optional(CONF_LIMIT)] = selector
    if bounds.delay_minutes.maximum:
        day[vol.Required(CONF_DELAY)] = night[vol.Optional(CONF_DELAY)] = _minutes_selector(bounds.delay_minutes)
    day[vol.Required(CONF_REPEAT)] = night[vol.Optional(CONF_REPEAT)] = _minutes_selector(bounds.repeat_minutes)
    day[vol.Required(CONF_SNOOZE)] = _minutes_selector(bounds.snooze_minutes)
    if kind in QUIETABLE:
        day[vol.Required(CONF_SMART_QUIET)] = BooleanSelector()
    return vol.Schema({**day, vol.Optional(CONF_NIGHT): section(vol.Schema(night), {"collapsed": True})})


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


def _bounds(kind: AlertKind, unit: str) -> dict[str, str]:
    """Return what the texts of the form and its errors name."""
    bounds = BOUNDS[kind]
    limit = bounds.limit if bounds.limit and kind not in RATE_KINDS else None
    return {
        "unit": unit,
        "limit_minimum": f"{as_shown(limit.minimum, unit):g}" if limit else "",
        "limit_maximum": f"{as_shown(limit.maximum, unit):g}" if limit else "",
        "delay_minimum": f"{bounds.delay_minutes.minimum:g}",
        "delay_maximum": f"{bounds.delay_minutes.maximum:g}",
        "repeat_minimum": f"{bounds.repeat_minutes.minimum:g}",
        "repeat_maximum": f"{bounds.repeat_minutes.maximum:g}",
        "snooze_minimum": f"{bounds.snooze_minutes.minimum:g}",
        "snooze_maximum": f"{bounds.snooze_minutes.maximum:g}",
    }
