"""Actions that answer and rehearse alerts, on the devices or entities of the persons they are for."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..const import DOMAIN
from ..display.failures import mistake
from ..glucose.alerts.kinds import AlertKind
from ..person import Person
from .persons import Refusals, press, targeted_entries, time_span

ATTR_DURATION: Final = "duration"
ATTR_KIND: Final = "kind"
ATTR_KINDS: Final = "kinds"

LONGEST_SNOOZE: Final = timedelta(days=31)
"""Who wants quiet for longer has the settings of the alert, and its switch."""

_KIND: Final = vol.Coerce(AlertKind)
_KINDS: Final = {vol.Optional(ATTR_KINDS): vol.All(cv.ensure_list, vol.Length(min=1), [_KIND])}
ANSWER_SCHEMA: Final = cv.make_entity_service_schema(_KINDS)
SNOOZE_SCHEMA: Final = cv.make_entity_service_schema({**_KINDS, vol.Optional(ATTR_DURATION): time_span})
TEST_SCHEMA: Final = cv.make_entity_service_schema({vol.Required(ATTR_KIND): _KIND})

# Each with the button that the caller must be allowed to press.
SNOOZE_BUTTON: Final = "snooze_alerts"
ACKNOWLEDGE_BUTTON: Final = "acknowledge_alerts"

type Answer = Callable[[Person, ServiceCall], str | None]
"""Answers the alerts of one person; returns the key of the reason where that can't be done."""


@callback
def async_setup_alert_actions(hass: HomeAssistant) -> None:
    """Register the actions, for everybody who may press the buttons."""
    for name, answer, button, schema in (
        ("snooze", _snooze, SNOOZE_BUTTON, SNOOZE_SCHEMA),
        ("unsnooze", _unsnooze, SNOOZE_BUTTON, ANSWER_SCHEMA),
        ("acknowledge", _acknowledge, ACKNOWLEDGE_BUTTON, ANSWER_SCHEMA),
        ("test_alert", _test_alert, ACKNOWLEDGE_BUTTON, TEST_SCHEMA),
    ):
        hass.services.async_register(DOMAIN, name, partial(_async_answer, answer, button), schema)


async def _async_answer(answer: Answer, button: str, call: ServiceCall) -> None:
    """Answer the alerts of all persons meant; who could not be answered for is told at the end."""
    entries = await targeted_entries(call, press(button))
    if call.data.get(ATTR_DURATION, timedelta(0)) > LONGEST_SNOOZE:
        raise mistake("snooze_too_long", days=str(LONGEST_SNOOZE.days))
    refusals = Refusals(call)
    for entry in refusals.loaded(entries):
        if key := answer(entry.runtime_data, call):
            refusals.add(key, entry)
    refusals.raise_any()


def _snooze(person: Person, call: ServiceCall) -> str | None:
    """Keep alerts quiet for a while; that a kind that was named can't be is a reason to tell."""
    kinds = call.data.get(ATTR_KINDS)
    is_quiet = person.glucose.alerts.async_snooze(kinds, call.data.get(ATTR_DURATION))
    return "nothing_to_snooze" if kinds and not is_quiet else None


def _unsnooze(person: Person, call: ServiceCall) -> None:
    """End snoozes."""
    person.glucose.alerts.async_unsnooze(call.data.get(ATTR_KINDS))


def _acknowledge(person: Person, call: ServiceCall) -> None:
    """Note that somebody knows of the alerts."""
    person.glucose.alerts.async_acknowledge(call.data.get(ATTR_KINDS))


def _test_alert(person: Person, call: ServiceCall) -> None:
    """Rehearse an alert."""
    person.glucose.alerts.async_rehearse(call.data[ATTR_KIND])
