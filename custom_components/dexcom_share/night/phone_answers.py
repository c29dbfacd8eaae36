"""Answers that are given by the buttons of a notification on a phone."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN
from ..glucose.alerts.kinds import AlertKind
from .watched import Watched

EVENT: Final = "mobile_app_notification_action"


class PhoneAnswers:
    """Hears which button was pressed, and answers the alert it was about."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, watched: Watched) -> None:
        """Prepare for one person."""
        self._hass = hass
        self._entry = entry
        self._watched = watched

    @callback
    def async_start(self) -> None:
        """Listen until the person is unloaded."""
        self._entry.async_on_unload(self._hass.bus.async_listen(EVENT, self._handle))

    @callback
    def _handle(self, event: Event[Mapping[str, Any]]) -> None:
        """Answer what is ours: a button names the person and the alert; that of a test does nothing."""
        match str(event.data.get("action", "")).split("/"):
            case [domain, answer, entry_id, about] if domain == DOMAIN and entry_id == self._entry.entry_id:
                if about in set(AlertKind):
                    self._answer(answer, AlertKind(about), event)

    def _answer(self, answer: str, kind: AlertKind, event: Event[Mapping[str, Any]]) -> None:
        """Answer an alert; "treated" is an acknowledgement where there is no such action."""
        if answer == "snooze":
            self._watched.alerts.async_snooze([kind], None)
        elif answer == "treated" and self._hass.services.has_service(DOMAIN, "treated"):
            entities = er.async_get(self._hass)
            target = entities.async_get_entity_id("event", DOMAIN, f"{self._entry.unique_id}_alert")
            data = {"entity_id": target, "kinds": [kind]}
            call = self._hass.services.async_call(DOMAIN, "treated", data, context=event.context)
            self._hass.async_create_task(call, f"{DOMAIN} treated")
        elif answer in {"acknowledge", "treated"}:
            self._watched.alerts.async_acknowledge([kind])
