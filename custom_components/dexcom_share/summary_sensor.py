"""What is known of a person in one sentence, as a sensor."""

from typing import Final, override

from homeassistant.components.sensor import SensorEntity, SensorEntityDescription

from .display.speech import person_name, spoken
from .display.texts import async_say, say_at_once
from .display.units import glucose_unit
from .entity import DexcomShareEntity

SUMMARY: Final = SensorEntityDescription(
    key="summary", translation_key="summary", entity_registry_enabled_default=False
)


class SummarySensor(DexcomShareEntity, SensorEntity):
    """What is known in one sentence, to be spoken."""

    @override
    async def async_added_to_hass(self) -> None:
        """Have the texts at hand."""
        await super().async_added_to_hass()
        await async_say(self.hass)

    @property
    @override
    def shows(self) -> object:
        """Return the sentence."""
        return self.native_value

    @property
    @override
    def native_value(self) -> str:
        """Return the sentence in the language of the server."""
        entry = self.coordinator.config_entry
        unit = glucose_unit(self.hass, entry)
        return spoken(self.coordinator.data, person_name(self.hass, entry), unit, say_at_once(self.hass))
