"""Actions that answer and rehearse alerts, on the devices or entities of the persons they are for."""

from typing import Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_extract_config_entry_ids
import voluptuous as vol

from ..const import DOMAIN
from ..coordinator import DexcomShareCoordinator
from ..glucose.alerts.kinds import AlertKind
from ..person import DexcomShareConfigEntry

ATTR_DURATION: Final = "duration"
ATTR_KIND: Final = "kind"
ATTR_KINDS: Final = "kinds"

_KIND: Final = vol.Coerce(AlertKind)
_KINDS: Final = {vol.Optional(ATTR_KINDS): vol.All(cv.ensure_list, vol.Length(min=1), [_KIND])}
ANSWER_SCHEMA: Final = cv.make_entity_service_schema(_KINDS)
SNOOZE_SCHEMA: Final = cv.make_entity_service_schema({**_KINDS, vol.Optional(ATTR_DURATION): cv.positive_time_period})
TEST_SCHEMA: Final = cv.make_entity_service_schema({vol.Required(ATTR_KIND): _KIND})


@callback
def async_setup_alert_actions(hass: HomeAssistant) -> None:
    """Offer the actions; they stay while no entry is loaded."""
    hass.services.async_register(DOMAIN, "snooze", _snooze, SNOOZE_SCHEMA)
    hass.services.async_register(DOMAIN, "unsnooze", _unsnooze, ANSWER_SCHEMA)
    hass.services.async_register(DOMAIN, "acknowledge", _acknowledge, ANSWER_SCHEMA)
    hass.services.async_register(DOMAIN, "test_alert", _test_alert, TEST_SCHEMA)


async def _snooze(call: ServiceCall) -> None:
    """Keep alerts quiet for a while; a kind named that can't be is an error."""
    kinds = call.data.get(ATTR_KINDS)
    for person in await _persons(call):
        is_quiet = person.alerts.async_snooze(kinds, call.data.get(ATTR_DURATION), person.now())
        if kinds and not is_quiet:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="nothing_to_snooze",
                translation_placeholders={"person": person.config_entry.title},
            )


async def _unsnooze(call: ServiceCall) -> None:
    """End snoozes."""
    for person in await _persons(call):
        person.alerts.async_unsnooze(call.data.get(ATTR_KINDS), person.now())


async def _acknowledge(call: ServiceCall) -> None:
    """Note that somebody knows of the alerts."""
    for person in await _persons(call):
        person.alerts.async_acknowledge(call.data.get(ATTR_KINDS), person.now())


async def _test_alert(call: ServiceCall) -> None:
    """Rehearse an alert."""
    for person in await _persons(call):
        person.alerts.async_rehearse(call.data[ATTR_KIND], person.now())


async def _persons(call: ServiceCall) -> list[DexcomShareCoordinator]:
    """Return the persons to whom the targets belong; all of them must be loaded."""
    targeted = await async_extract_config_entry_ids(call)
    entries: list[DexcomShareConfigEntry] = [
        entry for entry in call.hass.config_entries.async_entries(DOMAIN) if entry.entry_id in targeted
    ]
    if not entries:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_person_targeted")
    for entry in entries:
        if entry.state is not ConfigEntryState.LOADED:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="person_not_loaded",
                translation_placeholders={"person": entry.title},
            )
    return [entry.runtime_data.glucose for entry in entries]
