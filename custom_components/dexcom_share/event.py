"""Events: each new reading, also one with the value of the last."""

from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import NewReading
from .entity import DexcomShareEntity
from .runtime import DexcomShareConfigEntry
from .sensor import TREND_STATES

PARALLEL_UPDATES = 0

READING: Final = EventEntityDescription(key="reading", translation_key="glucose_reading", event_types=["reading"])


async def async_setup_entry(
    hass: HomeAssistant, entry: DexcomShareConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add a person's events."""
    async_add_entities([DexcomShareReadingEvent(entry.runtime_data.glucose, READING)])


class DexcomShareReadingEvent(DexcomShareEntity, EventEntity):
    """A new reading; the values are mg/dL, whatever unit the glucose sensor shows."""

    @override
    async def async_added_to_hass(self) -> None:
        """Listen for readings."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.async_add_reading_listener(self._handle_reading))

    @callback
    def _handle_reading(self, new: NewReading) -> None:
        """Fire for one reading."""
        self._trigger_event(
            "reading",
            {
                "value_mg_dl": new.reading.value,
                "change_mg_dl": new.change_mgdl,
                "trend": TREND_STATES.get(new.reading.trend),
                "measurement_timestamp": new.reading.time.isoformat(),
                "upload_delay_seconds": round(new.delay.total_seconds()),
                "backfilled": new.backfilled,
            },
        )
        self.async_write_ha_state()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Ignore the snapshot: an event happens once."""
