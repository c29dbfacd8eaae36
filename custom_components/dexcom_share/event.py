"""Events: each new reading, also one with the value of the last, and all there is to tell of the alerts."""

from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID, ATTR_NAME
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import ATTR_MESSAGE, EVENT_ALERT
from .display.payloads import alert_data, reading_event_data
from .display.sentences import alert_sentence
from .display.units import glucose_unit
from .entity import ChainEntity, DexcomShareEntity, FollowersEntity
from .glucose.alerts.kinds import AlertEvent, AlertEventType
from .night.events import ChainEvent, ChainEventType
from .person import DexcomShareConfigEntry
from .sharing.facts import FollowerEvent
from .watch.news import NewReading, alert_signal, reading_signal

PARALLEL_UPDATES = 0

READING: Final = EventEntityDescription(
    key="reading",
    translation_key="glucose_reading",
    event_types=["reading"],
    entity_registry_enabled_default=False,
)
ALERT: Final = EventEntityDescription(key="alert", translation_key="glucose_alert", event_types=list(AlertEventType))

FOLLOWER: Final = EventEntityDescription(
    key="follower",
    translation_key="follower",
    event_types=[event.value for event in FollowerEvent],
    entity_registry_enabled_default=False,
)

CHAIN: Final = EventEntityDescription(key="told", translation_key="chain", event_types=list(ChainEventType))


async def async_setup_entry(
    hass: HomeAssistant, entry: DexcomShareConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add a person's events."""
    coordinator = entry.runtime_data.glucose
    async_add_entities([DexcomShareReadingEvent(coordinator, READING), DexcomShareAlertEvent(coordinator, ALERT)])
    async_add_entities([DexcomShareFollowerEvent(entry.runtime_data.followers, FOLLOWER)])
    for runner in entry.runtime_data.chains.runners.values():
        async_add_entities([ChainEventEntity(runner, CHAIN)])


class DexcomShareReadingEvent(DexcomShareEntity, EventEntity):
    """A new reading; the values are mg/dL, whatever unit the glucose sensor shows."""

    @override
    async def async_added_to_hass(self) -> None:
        """Listen for readings."""
        await super().async_added_to_hass()
        signal = reading_signal(self.coordinator.config_entry)
        self.async_on_remove(async_dispatcher_connect(self.hass, signal, self._handle_reading))

    @callback
    def _handle_reading(self, new: NewReading) -> None:
        """Fire for one reading."""
        self._trigger_event(
            "reading",
            reading_event_data(new.reading, change_mgdl=new.change_mgdl, delay=new.delay, backfilled=new.backfilled),
        )
        self.async_write_ha_state()


class DexcomShareAlertEvent(DexcomShareEntity, EventEntity):
    """Everything the alerts tell; values are as this person's glucose is shown."""

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the alerts."""
        await super().async_added_to_hass()
        signal = alert_signal(self.coordinator.config_entry)
        self.async_on_remove(async_dispatcher_connect(self.hass, signal, self._handle_alert))

    @callback
    def _handle_alert(self, event: AlertEvent) -> None:
        """Fire for what an alert tells, and have it stand in the logbook as a sentence."""
        entry = self.coordinator.config_entry
        self._trigger_event(event.type, alert_data(event, glucose_unit(self.hass, entry)))
        self.async_write_ha_state()
        device = self.device_entry
        data = {
            ATTR_ENTITY_ID: self.entity_id,
            ATTR_DEVICE_ID: device.id if device else None,
            ATTR_NAME: (device.name_by_user or device.name) if device else entry.title,
            ATTR_MESSAGE: alert_sentence(self.hass, entry, event),
        }
        self.hass.bus.async_fire(EVENT_ALERT, data, context=self._context)


class DexcomShareFollowerEvent(FollowersEntity, EventEntity):
    """What became of an invitation or a follower, without saying whose."""

    @override
    async def async_added_to_hass(self) -> None:
        """Listen for events."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.async_add_event_listener(self._handle_event))

    @callback
    def _handle_event(self, event: FollowerEvent) -> None:
        """Fire for one event."""
        self._trigger_event(event.value)
        self.async_write_ha_state()


class ChainEventEntity(ChainEntity, EventEntity):
    """What a wake-up chain did, and what failed of it."""

    @callback
    @override
    def handle_chain(self, event: ChainEvent | None) -> None:
        """Fire for one event."""
        if event is None:
            return
        facts = {"step": event.step, "kind": event.kind, "reason": event.reason, "what": event.what}
        self._trigger_event(event.type, facts)
        self.async_write_ha_state()
