"""One person's followers: asked for seldom, told by numbers and events that name nobody."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from ..account.account import Account
from ..const import DOMAIN, LOGGER
from ..display.failures import list_failure
from ..display.issues import report_sharing_issues
from ..share import ShareError, Subscription, SubscriptionState
from ..storage import Storage, StoredFile
from .facts import FollowerEvent, FollowersFacts, derive_facts, follower_events
from .record import Record, load_record
from .removals import Removals

ASK_EVERY: Final = timedelta(hours=1)
ASK_OVERDUE_AFTER: Final = timedelta(minutes=20)
"""When a reading is overdue though Share answers, what is known of sharing may be no older than this."""
ASK_AT_EASE_EVERY: Final = timedelta(hours=8)
"""While readings come and nobody has an invitation to answer, less will do: most calls are for the readings."""


class FollowersCoordinator(DataUpdateCoordinator[FollowersFacts]):
    """Asks at the start, hourly where it matters, right after Share answered a call for glucose, and after each change.

    It shares the account with the readings, which it does not know: what it must know of them is told to it.
    """

    config_entry: ConfigEntry

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, account: Account, storage: Storage) -> None:
        """Prepare for one person; `async_load` reads what is stored."""
        super().__init__(hass, LOGGER, config_entry=entry, name=f"{DOMAIN} followers", update_interval=None)
        self.client = account.client
        self.now = account.now
        self.lock = asyncio.Lock()
        """Held while followers are changed, so that two changes do not mix."""
        self.data = FollowersFacts()
        self.subscriptions: tuple[Subscription, ...] = ()
        self.removals = Removals(hass, entry, account, self.lock, save=self.save, on_removed=self.async_refresh)
        self._storage = storage
        self._states: dict[str, SubscriptionState] | None = None
        self._asking = asyncio.Lock()
        self._asked: datetime | None = None
        self._is_answering = False
        self._has_current_reading = False
        self._is_cause_sought = True
        self._event_listeners: list[Callable[[FollowerEvent], None]] = []

    async def async_load(self) -> None:
        """Take up what was stored."""
        record = await load_record(self._storage)
        self._states = record.states
        self.removals.load(record.removals)

    async def save(self) -> None:
        """Write what must outlive a restart."""
        record = Record(states=self._states, removals=tuple(self.removals.pending))
        await self._storage.save(StoredFile.FOLLOWERS, record.to_dict())

    @callback
    def async_note_poll(self, *, is_answering: bool, has_current_reading: bool, is_overdue: bool) -> None:
        """Take in how the last poll for readings ended; ask when it is time and Share answers, remove what is due.

        `is_overdue` says that the next reading should be there: at the beginning of that, Share is asked for the cause.
        """
        self._is_answering = is_answering
        self._has_current_reading = has_current_reading
        now = self.now()
        if not is_overdue:
            self._is_cause_sought = True
        is_unknown = not self.last_update_success or self.data.sharing_active is None
        ask_every = ASK_OVERDUE_AFTER if is_overdue and (self._is_cause_sought or is_unknown) else self._ask_every
        is_due = self._asked is None or not timedelta(0) <= now - self._asked < ask_every
        if is_due and is_answering:
            self._is_cause_sought = False
            self.ask_soon()
        self.removals.check()
        self._report_issues()

    @property
    def _ask_every(self) -> timedelta:
        """Return the time between two asks: something may change where data are missing or an answer is awaited."""
        is_at_ease = self.last_update_success and self._has_current_reading and self.data.invited_count == 0
        return ASK_AT_EASE_EVERY if is_at_ease else ASK_EVERY

    @callback
    def ask_soon(self) -> None:
        """Ask in the background, unless this person has been unloaded."""
        if self._shutdown_requested:
            return
        self._asked = self.now()
        self.config_entry.async_create_background_task(
            self.hass, self.async_refresh(), f"{DOMAIN} followers", eager_start=False
        )

    @override
    async def _async_update_data(self) -> FollowersFacts:
        """Ask for the list, and whether Share is switched on."""
        async with self._asking:
            self._asked = self.now()
            try:
                subscriptions = await self.client.list_subscriptions()
            except ShareError as err:
                raise list_failure(err) from err
            await self._take_in(subscriptions)
            return derive_facts(subscriptions, await self._is_sharing())

    async def _is_sharing(self) -> bool | None:
        """Return whether Share is switched on, None where Share does not say."""
        try:
            return await self.client.is_monitoring_session_active()
        except ShareError:
            return None

    async def _take_in(self, subscriptions: list[Subscription]) -> None:
        """Keep the list, and tell what happened since the one before."""
        self.subscriptions = tuple(subscriptions)
        known = self._states or {}
        # A state that can't be read tells nothing new.
        states = {
            one.subscription_id: known.get(one.subscription_id, one.state)
            if one.state is SubscriptionState.UNKNOWN
            else one.state
            for one in subscriptions
        }
        if states == self._states:
            return
        # The first answer tells how things are, not what happened.
        events = [] if self._states is None else follower_events(self._states, states)
        self._states = states
        await self.save()
        for event in events:
            for listener in list(self._event_listeners):
                self._tell(listener, event)

    @callback
    def _tell(self, listener: Callable[[FollowerEvent], None], event: FollowerEvent) -> None:
        """Call one listener; whatever it does, the others hear the event too."""
        try:
            listener(event)
        except Exception:  # noqa: BLE001  (whatever a listener does)
            LOGGER.exception("A listener failed on what became of a follower")

    @callback
    @override
    def _async_refresh_finished(self) -> None:
        """Tell what the user can mend."""
        self._report_issues()

    @callback
    def _report_issues(self) -> None:
        """Say why no readings come, while none come though Share answers."""
        report_sharing_issues(
            self.hass,
            self.config_entry,
            is_missing=self._is_answering and not self._has_current_reading,
            sharing=self.data.sharing_active,
            has_follower=self.data.has_follower,
        )

    @override
    async def async_shutdown(self) -> None:
        """Stop the removals as well: from now on nothing is begun, whatever an action that goes on still plans."""
        await super().async_shutdown()
        self.removals.close()

    @callback
    def async_add_event_listener(self, listener: Callable[[FollowerEvent], None]) -> CALLBACK_TYPE:
        """Call a listener with each event; return how to stop it."""
        self._event_listeners.append(listener)
        return partial(self._event_listeners.remove, listener)
