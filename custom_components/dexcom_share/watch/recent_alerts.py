"""What was told of the alerts of the last day, for whoever draws it; a restart forgets it."""

from collections import deque
from datetime import datetime
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..glucose.alerts.kinds import AlertEvent
from .news import SIGNAL_NEWS, AlertNews, News

MOST_KEPT: Final = 500
"""Of each person; a day in which alerts repeat every five minutes has fewer."""

_RECENT: Final[HassKey[dict[str, deque[AlertEvent]]]] = HassKey(f"{DOMAIN}_recent_alerts")


@callback
def async_note_alerts(hass: HomeAssistant) -> None:
    """Note from now on what is told of the alerts of every person; rehearsals are left out."""
    recent = hass.data.setdefault(_RECENT, {})

    @callback
    def note(news: News) -> None:
        if isinstance(news, AlertNews) and not news.event.test:
            recent.setdefault(news.entry_id, deque(maxlen=MOST_KEPT)).append(news.event)

    async_dispatcher_connect(hass, SIGNAL_NEWS, note)


@callback
def recent_alerts(hass: HomeAssistant, entry_id: str, start: datetime, end: datetime) -> list[AlertEvent]:
    """Return what was told of a person's alerts between two moments, oldest first."""
    return [event for event in hass.data[_RECENT].get(entry_id, ()) if start <= event.time <= end]
