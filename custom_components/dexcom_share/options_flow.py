"""Options flow: what is set of a person, on one page; what is saved counts at once."""

from collections.abc import Mapping
from datetime import time
from functools import partialmethod
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.helpers.selector import TimeSelector
import voluptuous as vol

from .const import CONF_ALERTS, CONF_UNIT
from .display.alert_summary import alert_summary
from .display.sensor_units import set_unit
from .display.texts import Say, async_say
from .display.units import glucose_unit
from .flows.alert_form import CONF_NIGHT, KindForm, kind_schema, placeholders_of, shown_settings
from .flows.followers import FollowerSteps
from .flows.person import UNIT_SELECTOR
from .glucose.alerts.kinds import AlertKind
from .glucose.alerts.settings import AlertSettings, validate

CONF_NIGHT_END: Final = "night_end"
CONF_NIGHT_START: Final = "night_start"


MENU: Final = (*AlertKind, CONF_NIGHT, CONF_UNIT, "followers", "done")
"""What can be set, and the way out; whatever is saved leads back to it."""


class DexcomShareOptionsFlow(FollowerSteps):
    """Set what can be set of one person."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show what is set, and let the user choose what to change."""
        say = await async_say(self.hass)
        settings = self._settings
        unit = glucose_unit(self.hass, self.config_entry)
        return self.async_show_menu(
            step_id="init",
            menu_options=MENU,
            description_placeholders={
                **{kind: alert_summary(settings, kind, unit, say) for kind in AlertKind},
                CONF_NIGHT: say(
                    "settings_hours", start=f"{settings.night_start:%H:%M}", end=f"{settings.night_end:%H:%M}"
                ),
                CONF_UNIT: unit,
                "followers": self._followers_told(say),
            },
        )

    def _followers_told(self, say: Say) -> str:
        """Return how many see the glucose of the person, as far as that is known."""
        is_loaded = self.config_entry.state is ConfigEntryState.LOADED
        count = self._followers.data.active_count if is_loaded else None
        if count is None:
            return say("followers_unknown")
        return say("followers_one") if count == 1 else say("followers_many", count=str(count))

    async def async_step_done(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Leave; everything is saved."""
        return self.async_create_entry(data=dict(self.config_entry.options))

    async def _step_kind(self, kind: AlertKind, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Set one kind."""
        settings = self._settings
        unit = glucose_unit(self.hass, self.config_entry)
        errors: dict[str, str] = {}
        if user_input is not None:
            form = KindForm(kind, unit, settings.kinds[kind])
            changed = form.read(user_input)
            settings = AlertSettings(
                kinds={**settings.kinds, kind: changed},
                night_start=settings.night_start,
                night_end=settings.night_end,
            )
            problems = [problem for problem in validate(settings) if kind in problem.split("_above_")]
            errors = form.errors or ({"base": problems[0]} if problems else {})
            if not errors:
                return await self._save({CONF_ALERTS: settings.to_dict()})
        stored = self._settings.kinds[kind]
        schema = kind_schema(kind, unit, has_night=stored.night is not None, has_error="base" in errors)
        shown = shown_settings(kind, stored, unit) if user_input is None else user_input
        return self.async_show_form(
            step_id=kind,
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=errors,
            description_placeholders=placeholders_of(kind, unit),
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
                return await self._save({CONF_ALERTS: settings.to_dict()})
            errors = {"base": "night_hours"}
        schema = vol.Schema({vol.Required(key): TimeSelector() for key in (CONF_NIGHT_START, CONF_NIGHT_END)})
        shown = {
            CONF_NIGHT_START: settings.night_start.isoformat(),
            CONF_NIGHT_END: settings.night_end.isoformat(),
        }
        return self.async_show_form(
            step_id=CONF_NIGHT, data_schema=self.add_suggested_values_to_schema(schema, shown), errors=errors
        )

    async def async_step_unit(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Set the unit of the person's glucose."""
        if user_input is not None:
            set_unit(self.hass, self.config_entry, user_input[CONF_UNIT])
            return await self.async_step_init()
        unit = glucose_unit(self.hass, self.config_entry)
        return self.async_show_form(
            step_id=CONF_UNIT, data_schema=vol.Schema({vol.Required(CONF_UNIT, default=unit): UNIT_SELECTOR})
        )

    @property
    def _settings(self) -> AlertSettings:
        """Return what is set now."""
        return AlertSettings.from_dict(self.config_entry.options.get(CONF_ALERTS, {}))

    async def _save(self, options: Mapping[str, Any]) -> ConfigFlowResult:
        """Store options beside the others, at once, and go back to the menu."""
        self.hass.config_entries.async_update_entry(self.config_entry, options={**self.config_entry.options, **options})
        return await self.async_step_init()
