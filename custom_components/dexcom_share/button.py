"""Buttons: answer the alerts that are raised."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import DexcomShareCoordinator
from .display.people import async_user_name
from .entity import DexcomShareEntity
from .person import DexcomShareConfigEntry

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class DexcomShareButtonDescription(ButtonEntityDescription):
    """Something to do for a person as a button."""

    press_fn: Callable[[DexcomShareCoordinator, str | None], object]
    """Does it for the person; the name is that of the user who pressed."""


BUTTONS: Final = (
    DexcomShareButtonDescription(
        key="snooze_alerts",
        translation_key="snooze_alerts",
        press_fn=lambda coordinator, by: coordinator.alerts.async_snooze(None, None, by=by),
    ),
    DexcomShareButtonDescription(
        key="acknowledge_alerts",
        translation_key="acknowledge_alerts",
        press_fn=lambda coordinator, by: coordinator.alerts.async_acknowledge(None, by=by),
    ),
    DexcomShareButtonDescription(
        key="treated",
        translation_key="treated",
        press_fn=lambda coordinator, by: coordinator.alerts.async_treat(by=by),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: DexcomShareConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add a person's buttons."""
    async_add_entities(DexcomShareButton(entry.runtime_data.glucose, description) for description in BUTTONS)


class DexcomShareButton(DexcomShareEntity, ButtonEntity):
    """Something to do for a person."""

    entity_description: DexcomShareButtonDescription

    @override
    async def async_press(self) -> None:
        """Do it."""
        self.entity_description.press_fn(self.coordinator, await async_user_name(self.hass, self._context))
