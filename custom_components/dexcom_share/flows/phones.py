"""The form that asks whose phones are told."""

from collections.abc import Mapping
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.selector import BooleanSelector, DeviceSelector, DeviceSelectorConfig
import voluptuous as vol

from ..night.steps import CONF_DEVICES, MOBILE_APP

CONF_SEND_TEST: Final = "send_test"

PHONE_FIELDS: Final[Mapping[vol.Marker, object]] = {
    vol.Optional(CONF_DEVICES): DeviceSelector(
        DeviceSelectorConfig(filter=[{"integration": MOBILE_APP}], multiple=True)
    ),
    vol.Optional(CONF_SEND_TEST): BooleanSelector(),
}
"""A picker of phones with the Home Assistant app, and whether a test is sent to them."""


@callback
def has_phones(hass: HomeAssistant) -> bool:
    """Return whether there is a phone with the Home Assistant app."""
    devices = dr.async_get(hass)
    return any(
        dr.async_entries_for_config_entry(devices, entry.entry_id)
        for entry in hass.config_entries.async_entries(MOBILE_APP)
    )
