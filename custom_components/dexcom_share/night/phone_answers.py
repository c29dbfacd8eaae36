"""Answers that are given by the buttons of a notification on a phone."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context, Event, HomeAssistant, callback

from ..const import DOMAIN
from ..display.people import async_user_name
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
                    work = self._answer(answer, AlertKind(about), event.context)
                    self._entry.async_create_task(self._hass, work, f"{DOMAIN} answer")

    async def _answer(self, answer: str, kind: AlertKind, context: Context) -> None:
        """Answer an alert in the name of whose phone it is."""
        by = await async_user_name(self._hass, context)
        match answer:
            case "snooze":
                self._watched.alerts.async_snooze([kind], None, by=by)
            case "treated":
                self._watched.alerts.async_treat(by=by)
            case "acknowledge":
                self._watched.alerts.async_acknowledge([kind], by=by)
