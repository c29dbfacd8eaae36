"""How long nothing was heard of a person, counted by the clock of their account and the loop's monotonic one."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_call_later

from .news import SIGNAL_NEWS, News, SilenceNews


class SilenceWatch:
    """Calls `tell` once for each silence of a person that lasts for `span`, also when their entry is reloaded.

    The clock of the account says how long a silence has lasted when it is heard of, the loop counts the rest. So a step
    of the machine's wall clock changes nothing.
    """

    def __init__(self, hass: HomeAssistant, span: timedelta, tell: Callable[[SilenceNews], None]) -> None:
        """Take how long a silence must last, and whom to call."""
        self._hass = hass
        self._span = span
        self._tell = tell
        self._timers: dict[str, CALLBACK_TYPE] = {}
        self._settled: dict[str, datetime] = {}
        """By config entry, since when nothing was heard in the silence that needs no telling any more."""

    @callback
    def async_start(self, known: Iterable[SilenceNews]) -> CALLBACK_TYPE:
        """Watch until the returned callback is called; what is known now and has lasted long enough is not told."""
        for silence in known:
            if self._missing(silence) <= 0:
                self._settled[silence.entry_id] = silence.heard_at
            self._follow(silence)
        unsubscribe = async_dispatcher_connect(self._hass, SIGNAL_NEWS, self._handle_news)

        @callback
        def stop() -> None:
            unsubscribe()
            for cancel in self._timers.values():
                cancel()
            self._timers.clear()

        return stop

    def _missing(self, silence: SilenceNews) -> float:
        """Return the seconds until the silence has lasted long enough."""
        return (self._span - (silence.now - silence.heard_at)).total_seconds()

    @callback
    def _handle_news(self, news: News) -> None:
        """Follow the silence that begins with each reading."""
        if isinstance(news, SilenceNews):
            self._follow(news)

    @callback
    def _follow(self, silence: SilenceNews) -> None:
        """Tell of a silence when it is time, in place of the one before."""
        if cancel := self._timers.pop(silence.entry_id, None):
            cancel()
        if self._settled.get(silence.entry_id) == silence.heard_at:
            return
        if (missing := self._missing(silence)) > 0:
            self._wait(silence, self._hass.loop.time() + missing)
        else:
            self._settle(silence)

    @callback
    def _wait(self, silence: SilenceNews, due: float) -> None:
        """Check the silence again when the loop's clock shows `due`."""
        self._timers[silence.entry_id] = async_call_later(
            self._hass, due - self._hass.loop.time(), partial(self._handle_time, silence, due)
        )

    @callback
    def _handle_time(self, silence: SilenceNews, due: float, _: datetime) -> None:
        """Tell of a silence that has lasted long enough."""
        del self._timers[silence.entry_id]
        if self._hass.loop.time() < due:
            # The loop runs a timer early by as much as its clock is coarse.
            self._wait(silence, due)
            return
        entry = self._hass.config_entries.async_get_entry(silence.entry_id)
        # Nothing is known of a person whose entry is not loaded; once it is, the silence is in the news again.
        if entry and entry.state is ConfigEntryState.LOADED:
            self._settle(silence)

    @callback
    def _settle(self, silence: SilenceNews) -> None:
        """Tell of a silence, once."""
        self._settled[silence.entry_id] = silence.heard_at
        self._tell(silence)
