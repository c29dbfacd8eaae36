"""Subentry flow: a wake-up chain of a person, step by step, with a picker for each kind of step."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partialmethod
from typing import Any, Final

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    ActionSelector,
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TimeSelector,
)
import voluptuous as vol

from .display.texts import say_at_once
from .flows.phones import CONF_SEND_TEST, PHONE_FIELDS
from .glucose.alerts.kinds import AlertKind
from .night.simplest import async_send_test
from .night.steps import CONF_ACTIONS, CONF_BRIGHTNESS, CONF_DEVICES, CONF_ENTITIES, CONF_TTS, CONF_VOLUME
from .watch.chain_settings import LONGEST_WAIT, ChainSettings, ChainStep, StepKind

CONF_AFTER: Final = "after_minutes"
CONF_CHECK: Final = "check_at"
CONF_FROM: Final = "hours_from"
CONF_GROWING: Final = "growing"
CONF_KINDS: Final = "kinds"
CONF_MORE: Final = "more"
CONF_REMIND: Final = "remind"
CONF_REMOVE: Final = "remove"
CONF_REPEAT: Final = "repeat_minutes"
CONF_STEP: Final = "step"
CONF_TO: Final = "hours_to"

DEFAULT_NAME: Final = "Night"
NEXT_AFTER: Final = timedelta(minutes=3)
"""A further step is proposed so long after the one before."""
_MINUTE: Final = timedelta(minutes=1)


class ChainFlow(ConfigSubentryFlow):
    """Makes or changes one chain."""

    def __init__(self) -> None:
        """Begin with a chain without steps."""
        self._name = DEFAULT_NAME
        self._settings = ChainSettings()
        self._place: int | None = None
        """The step that is being changed, None for a new one."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for what the chain is, then for its steps."""
        return await self.async_step_settings(user_input, step_id="user")

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show the chain as it is."""
        subentry = self._get_reconfigure_subentry()
        self._name = subentry.title
        self._settings = ChainSettings.from_dict(subentry.data)
        return await self.async_step_steps()

    async def async_step_settings(
        self, user_input: dict[str, Any] | None = None, *, step_id: str = "settings"
    ) -> SubentryFlowResult:
        """Ask for name, alerts and hours; hours are given both or not at all."""
        errors: dict[str, str] = {}
        if user_input is not None:
            flat = {**user_input, **user_input.get(CONF_MORE, {})}
            if (flat.get(CONF_FROM) is None) != (flat.get(CONF_TO) is None):
                errors = {CONF_FROM: "one_hour"}
            elif not flat[CONF_KINDS]:
                errors = {CONF_KINDS: "no_kinds"}
            else:
                self._name = flat[CONF_NAME].strip() or DEFAULT_NAME
                # A time that was emptied is not among what was filled in.
                emptied = (CONF_FROM, CONF_TO, *((CONF_CHECK,) if CONF_MORE in user_input else ()))
                stored = {**self._settings.to_dict(), **dict.fromkeys(emptied), **flat}
                self._settings = ChainSettings.from_dict(stored)
                return await self.async_step_steps()
        shown = user_input or _shown(self._name, self._settings)
        return self.async_show_form(
            step_id=step_id, data_schema=self.add_suggested_values_to_schema(SETTINGS, shown), errors=errors
        )

    async def async_step_steps(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show the steps so far, and what can be done next."""
        self._place = None
        options = [*StepKind, "edit", "settings", "finish"] if self._settings.steps else [*StepKind, "settings"]
        return self.async_show_menu(
            step_id="steps",
            menu_options=[str(option) for option in options],
            description_placeholders={"chain": self._name, "steps": self._told()},
        )

    async def async_step_edit(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask which step to change or remove."""
        if user_input is not None:
            self._place = int(user_input[CONF_STEP])
            return await self._step_of(self._settings.steps[self._place].kind)
        steps = [SelectOptionDict(value=str(place), label=line) for place, line in enumerate(self._told().splitlines())]
        selector = SelectSelector(SelectSelectorConfig(options=steps, mode=SelectSelectorMode.LIST))
        return self.async_show_form(step_id="edit", data_schema=vol.Schema({vol.Required(CONF_STEP): selector}))

    async def _step_of(self, kind: StepKind, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add or change a step of one kind."""
        errors: dict[str, str] = {}
        place = self._place
        if user_input is not None:
            filled = dict(user_input)
            is_removed, is_tested = filled.pop(CONF_REMOVE, False), filled.pop(CONF_SEND_TEST, False)
            if is_removed:
                return await self._keep(None)
            if not any(filled.get(key) for key in WHAT):
                errors = {"base": "nothing_chosen"}
            elif is_tested and not await self._send_test(filled):
                errors = {"base": "test_failed"}
            else:
                return await self._keep(ChainStep.from_dict({**filled, "kind": kind}))
        shown = user_input or self._proposed(place)
        schema = {vol.Required(CONF_AFTER): _minutes(), **FIELDS[kind]}
        if place is not None:
            schema[vol.Optional(CONF_REMOVE)] = BooleanSelector()
        return self.async_show_form(
            step_id=kind, data_schema=self.add_suggested_values_to_schema(vol.Schema(schema), shown), errors=errors
        )

    async_step_phone = partialmethod(_step_of, StepKind.PHONE)
    async_step_light = partialmethod(_step_of, StepKind.LIGHT)
    async_step_speaker = partialmethod(_step_of, StepKind.SPEAKER)
    async_step_switch = partialmethod(_step_of, StepKind.SWITCH)
    async_step_actions = partialmethod(_step_of, StepKind.ACTIONS)

    async def async_step_finish(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Keep the chain; it is at work at once."""
        data = self._settings.to_dict()
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(), self._get_reconfigure_subentry(), title=self._name, data=data
            )
        return self.async_create_entry(title=self._name, data=data)

    async def _keep(self, step: ChainStep | None) -> SubentryFlowResult:
        """Take in a step in place of the one that is being changed; None removes that one."""
        steps = [each for place, each in enumerate(self._settings.steps) if place != self._place]
        stored = [each.to_dict() for each in [*steps, *([step] if step else [])]]
        self._settings = ChainSettings.from_dict({**self._settings.to_dict(), "steps": stored})
        return await self.async_step_steps()

    async def _send_test(self, filled: Mapping[str, Any]) -> bool:
        """Send a test to the phones chosen, and return whether they took it."""
        return await async_send_test(self.hass, filled.get(CONF_DEVICES, ()), self._get_entry().title)

    def _proposed(self, place: int | None) -> dict[str, Any]:
        """Return what the form of a step begins with."""
        steps = self._settings.steps
        if place is not None:
            return steps[place].to_dict()
        after = steps[-1].after + NEXT_AFTER if steps else timedelta(0)
        return {CONF_AFTER: min(after, LONGEST_WAIT) / _MINUTE, CONF_BRIGHTNESS: 100, CONF_VOLUME: 60}

    def _told(self) -> str:
        """Return the steps in words, one a line."""
        say = say_at_once(self.hass)
        lines = [
            say(f"chain_step_{step.kind}", minutes=f"{step.after / _MINUTE:g}", count=str(_count(step)))
            for step in self._settings.steps
        ]
        return "\n".join(lines) or say("chain_no_step_yet")


def _count(step: ChainStep) -> int:
    """Return how many things a step uses."""
    things = next((step.data[key] for key in WHAT if key in step.data), ())
    return len(things) if isinstance(things, list | tuple) else 0


def _minutes(*, step: float = 0.5) -> NumberSelector:
    """Return the field of a number of minutes."""
    longest = LONGEST_WAIT / _MINUTE
    return NumberSelector(
        NumberSelectorConfig(min=0, max=longest, step=step, mode=NumberSelectorMode.BOX, unit_of_measurement="min")
    )


def _percent(minimum: int) -> NumberSelector:
    """Return the field of a percentage."""
    return NumberSelector(
        NumberSelectorConfig(min=minimum, max=100, step=5, mode=NumberSelectorMode.SLIDER, unit_of_measurement="%")
    )


def _entities(*domains: str, multiple: bool = True) -> EntitySelector:
    """Return a picker of entities."""
    return EntitySelector(EntitySelectorConfig(domain=list(domains), multiple=multiple))


def _shown(name: str, settings: ChainSettings) -> dict[str, Any]:
    """Return the form that shows these settings."""
    stored = {key: value for key, value in settings.to_dict().items() if value is not None}
    more = {key: stored.pop(key) for key in (CONF_REPEAT, CONF_GROWING, CONF_CHECK, CONF_REMIND) if key in stored}
    return {CONF_NAME: name, **stored, CONF_MORE: more}


WHAT: Final = (CONF_DEVICES, CONF_ENTITIES, CONF_ACTIONS)
"""The fields that say what a step uses; each kind has one of them."""
FIELDS: Final[Mapping[StepKind, Mapping[vol.Marker, object]]] = {
    StepKind.PHONE: PHONE_FIELDS,
    StepKind.LIGHT: {
        vol.Optional(CONF_ENTITIES): _entities("light"),
        vol.Required(CONF_BRIGHTNESS): _percent(5),
    },
    StepKind.SPEAKER: {
        vol.Optional(CONF_ENTITIES): _entities("media_player"),
        vol.Required(CONF_TTS): _entities("tts", multiple=False),
        vol.Required(CONF_VOLUME): _percent(10),
    },
    StepKind.SWITCH: {vol.Optional(CONF_ENTITIES): _entities("switch", "siren", "input_boolean", "fan")},
    StepKind.ACTIONS: {vol.Optional(CONF_ACTIONS): ActionSelector()},
}
SETTINGS: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Required(CONF_KINDS): SelectSelector(
            SelectSelectorConfig(
                options=[kind.value for kind in AlertKind],
                multiple=True,
                translation_key="alert_kind",
                mode=SelectSelectorMode.DROPDOWN,
            )
        ),
        vol.Optional(CONF_FROM): TimeSelector(),
        vol.Optional(CONF_TO): TimeSelector(),
        vol.Optional(CONF_MORE): section(
            vol.Schema(
                {
                    vol.Required(CONF_REPEAT): _minutes(),
                    vol.Required(CONF_GROWING): BooleanSelector(),
                    vol.Optional(CONF_CHECK): TimeSelector(),
                    vol.Required(CONF_REMIND): BooleanSelector(),
                }
            ),
            {"collapsed": True},
        ),
    }
)
