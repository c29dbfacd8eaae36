"""Switches: whether this person's alerts are announced."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .display.people import async_user_name
from .entity import DexcomShareEntity
from .glucose.alerts.kinds import AlertKind
from .person import DexcomShareConfigEntry

PARALLEL_UPDATES = 0

# Configuration: no assistant is given it unless the user exposes it, and switching off all of a room mutes no alerts.
ALERTS: Final = SwitchEntityDescription(key="alerts", translation_key="alerts", entity_category=EntityCategory.CONFIG)
ALWAYS_ANNOUNCED: Final = (AlertKind.URGENT_LOW,)


async def async_setup_entry(
    hass: HomeAssistant, entry: DexcomShareConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add a person's switches."""
    async_add_entities([DexcomShareAlertsSwitch(entry.runtime_data.glucose, ALERTS)])


class DexcomShareAlertsSwitch(DexcomShareEntity, SwitchEntity):
    """Off, only what is always announced is announced; the alerts themselves go on. It turns itself on again."""

    @property
    @override
    def shows(self) -> object:
        """Return whether all alerts are announced, and when they will be."""
        return self.coordinator.data.alerts.mute

    @property
    @override
    def is_on(self) -> bool:
        """Return whether all alerts are announced."""
        return not self.coordinator.data.alerts.is_muted

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Return what this switch never silences, and until when it silences the rest."""
        mute = self.coordinator.data.alerts.mute
        return {"always_announced": list(ALWAYS_ANNOUNCED), "until": mute.until.isoformat() if mute else None}

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Announce all alerts again."""
        self.coordinator.alerts.async_unmute()

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Announce only what is always announced, until the night ends next."""
        self.coordinator.alerts.async_mute(None, by=await async_user_name(self.hass, self._context))
