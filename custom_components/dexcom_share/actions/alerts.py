"""Actions that answer and rehearse alerts, on the devices or entities of the persons they are for."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..const import DOMAIN
from ..display.failures import mistake
from ..display.people import async_user_name
from ..glucose.alerts.kinds import AlertKind
from ..glucose.alerts.muting import LONGEST
from ..glucose.alerts.treatment import TREATED_FOR, TREATED_MINUTES
from ..person import Person
from .persons import Refusals, Right, press, targeted_entries, time_span

ATTR_DURATION: Final = "duration"
ATTR_KIND: Final = "kind"
ATTR_KINDS: Final = "kinds"
ATTR_NOTE: Final = "note"

LONGEST_NOTE: Final = 255
"""As long as a state may be."""

_KIND: Final = vol.Coerce(AlertKind)
_KINDS: Final = {vol.Optional(ATTR_KINDS): vol.All(cv.ensure_list, vol.Length(min=1), [_KIND])}
ANSWER_SCHEMA: Final = cv.make_entity_service_schema(_KINDS)
SNOOZE_SCHEMA: Final = cv.make_entity_service_schema({**_KINDS, vol.Optional(ATTR_DURATION): time_span})
TREATED_SCHEMA: Final = cv.make_entity_service_schema(
    {
        vol.Optional(ATTR_DURATION, default=TREATED_FOR): vol.All(
            cv.positive_time_period,
            vol.Range(
                min=timedelta(minutes=TREATED_MINUTES.minimum),
                max=timedelta(minutes=TREATED_MINUTES.maximum),
                msg="Must be 10 to 30 minutes",
            ),
        ),
        vol.Optional(ATTR_NOTE): vol.All(cv.string, vol.Length(max=LONGEST_NOTE)),
    }
)
MUTE_SCHEMA: Final = cv.make_entity_service_schema(
    {
        vol.Optional(ATTR_DURATION): vol.All(
            cv.positive_time_period, vol.Range(min=timedelta(seconds=1), msg="Must be at least one second")
        )
    }
)
UNMUTE_SCHEMA: Final = cv.make_entity_service_schema({})
TEST_SCHEMA: Final = cv.make_entity_service_schema({vol.Required(ATTR_KIND): _KIND})

# Each with what the caller must be allowed to do.
SNOOZE: Final = press("snooze_alerts")
ACKNOWLEDGE: Final = press("acknowledge_alerts")
TREAT: Final = press("treated")
MUTE: Final = Right(Platform.SWITCH, "alerts", POLICY_CONTROL)

type Answer = Callable[[Person, ServiceCall, str | None], str | None]
"""Answers the alerts of one person, for the user of a name; returns the key of the reason where that can't be done."""


@callback
def async_setup_alert_actions(hass: HomeAssistant) -> None:
    """Register the actions, for everybody who may press the buttons and turn the switch."""
    for name, answer, right, schema in (
        ("snooze", _snooze, SNOOZE, SNOOZE_SCHEMA),
        ("unsnooze", _unsnooze, SNOOZE, ANSWER_SCHEMA),
        ("acknowledge", _acknowledge, ACKNOWLEDGE, ANSWER_SCHEMA),
        ("treated", _treated, TREAT, TREATED_SCHEMA),
        ("mute", _mute, MUTE, MUTE_SCHEMA),
        ("unmute", _unmute, MUTE, UNMUTE_SCHEMA),
        ("test_alert", _test_alert, ACKNOWLEDGE, TEST_SCHEMA),
    ):
        hass.services.async_register(DOMAIN, name, partial(_async_answer, answer, right), schema)


async def _async_answer(answer: Answer, right: Right, call: ServiceCall) -> None:
    """Answer the alerts of all persons meant; who could not be answered for is told at the end."""
    entries = await targeted_entries(call, right)
    if call.data.get(ATTR_DURATION, timedelta(0)) > LONGEST:
        raise mistake("mute_too_long" if right is MUTE else "snooze_too_long", days=str(LONGEST.days))
    by = await async_user_name(call.hass, call.context)
    refusals = Refusals(call)
    for entry in refusals.loaded(entries):
        if key := answer(entry.runtime_data, call, by):
            refusals.add(key, entry)
    refusals.raise_any()


def _snooze(person: Person, call: ServiceCall, by: str | None) -> str | None:
    """Keep alerts quiet for a while; that a kind that was named can't be is a reason to tell."""
    kinds = call.data.get(ATTR_KINDS)
    is_quiet = person.glucose.alerts.async_snooze(kinds, call.data.get(ATTR_DURATION), by=by)
    return "nothing_to_snooze" if kinds and not is_quiet else None


def _unsnooze(person: Person, call: ServiceCall, by: str | None) -> None:
    """End snoozes."""
    person.glucose.alerts.async_unsnooze(call.data.get(ATTR_KINDS), by=by)


def _acknowledge(person: Person, call: ServiceCall, by: str | None) -> None:
    """Note that somebody knows of the alerts."""
    person.glucose.alerts.async_acknowledge(call.data.get(ATTR_KINDS), by=by)


def _treated(person: Person, call: ServiceCall, by: str | None) -> None:
    """Note that something was done against a low."""
    person.glucose.alerts.async_treat(call.data[ATTR_DURATION], by=by, note=call.data.get(ATTR_NOTE))


def _mute(person: Person, call: ServiceCall, by: str | None) -> None:
    """Keep every alert but urgent low quiet."""
    person.glucose.alerts.async_mute(call.data.get(ATTR_DURATION), by=by)


def _unmute(person: Person, _call: ServiceCall, _by: str | None) -> None:
    """Tell everything again."""
    person.glucose.alerts.async_unmute()


def _test_alert(person: Person, call: ServiceCall, _by: str | None) -> None:
    """Rehearse an alert."""
    person.glucose.alerts.async_rehearse(call.data[ATTR_KIND])
