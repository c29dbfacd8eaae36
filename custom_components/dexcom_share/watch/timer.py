"""The next moment at which time alone changes something."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..const import DOMAIN

SLEPT_FOR: Final = timedelta(seconds=30)
"""A timer so late tells that the machine slept."""


class Handler(Protocol):
    """What is called when time has come."""

    def __call__(self, *, is_turn: bool, has_slept: bool) -> None:
        """Handle a moment; `is_turn` where more than the age has changed, `has_slept` where the machine slept."""


class MomentTimer:
    """Calls back at the next moment, by the monotonic clock; setting it anew replaces it."""

    def __init__(self, hass: HomeAssistant, now: Callable[[], datetime], handle: Handler) -> None:
        """Take what to call."""
        self._hass = hass
        self._now = now
        self._handle = handle
        self._job = HassJob(self._fire, f"{DOMAIN} timer", cancel_on_shutdown=True)
        self._turn = self._due = now()
        self._cancel: CALLBACK_TYPE | None = None
        self._is_stopped = False

    @callback
    def async_set(self, *, minute: datetime, turn: datetime) -> None:
        """Call back at the earlier moment that is to come, `turn` being when more than the age changes."""
        self._unset()
        if self._is_stopped:
            return
        now = self._now()
        self._turn = turn
        self._due = min(moment for moment in (minute, turn) if moment > now or moment is minute)
        self._cancel = async_call_later(self._hass, max(self._due - now, timedelta(0)), self._job)

    @callback
    def async_stop(self) -> None:
        """Call back no more."""
        self._is_stopped = True
        self._unset()

    @callback
    def _unset(self) -> None:
        """Forget the next moment."""
        if self._cancel:
            self._cancel()
            self._cancel = None

    @callback
    def _fire(self, _: datetime) -> None:
        """Call back; a handler that fails is called again a minute later."""
        self._cancel = None
        now = self._now()
        is_turn, has_slept = now >= self._turn, now - self._due > SLEPT_FOR
        self.async_set(minute=now + timedelta(minutes=1), turn=self._turn)
        self._handle(is_turn=is_turn, has_slept=has_slept)
