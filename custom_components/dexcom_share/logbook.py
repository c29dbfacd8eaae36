"""The logbook: what the alerts tell and who answered, as sentences."""

from collections.abc import Callable

from homeassistant.components.logbook import LOGBOOK_ENTRY_ENTITY_ID, LOGBOOK_ENTRY_MESSAGE, LOGBOOK_ENTRY_NAME
from homeassistant.const import ATTR_ENTITY_ID, ATTR_NAME
from homeassistant.core import Event, HomeAssistant, callback

from .const import ATTR_MESSAGE, DOMAIN, EVENT_ALERT

type Describe = Callable[[Event], dict[str, str | None]]


@callback
def async_describe_events(hass: HomeAssistant, async_describe_event: Callable[[str, str, Describe], None]) -> None:
    """Describe what the alerts tell."""

    @callback
    def describe(event: Event) -> dict[str, str | None]:
        """Return one row: the person, the sentence, and the entity whose history it belongs to."""
        return {
            LOGBOOK_ENTRY_NAME: event.data.get(ATTR_NAME),
            LOGBOOK_ENTRY_MESSAGE: event.data.get(ATTR_MESSAGE),
            LOGBOOK_ENTRY_ENTITY_ID: event.data.get(ATTR_ENTITY_ID),
        }

    async_describe_event(DOMAIN, EVENT_ALERT, describe)
