"""One person's followers: asked for seldom, told by numbers and events that name nobody."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final, override

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from ..const import DOMAIN, LOGGER
from ..coordinator import DexcomShareCoordinator
from ..display.failures import reason_key
from ..display.issues import report_issue
from ..person import DexcomShareConfigEntry
from ..share import ShareError, Subscription, SubscriptionState
from ..storage import Storage, StoredFile
from .removals import Removal, Removals

ASK_EVERY: Final = timedelta(hours=1)
ASK_AT_EASE_EVERY: Final = timedelta(hours=8)
"""While readings come and nobody has an invitation to answer, less will do: most calls are for the readings."""
MOST_FOLLOWERS: Final = 10

INVITED: Final = frozenset({SubscriptionState.CREATED, SubscriptionState.INVITE_WAITING})
ENDED: Final = frozenset(
    {
        SubscriptionState.INVITE_FAILED,
        SubscriptionState.INVITE_REJECTED,
        SubscriptionState.INVITE_EXPIRED,
        SubscriptionState.CANCELED_BY_PUBLISHER,
        SubscriptionState.CANCELED_BY_SUBSCRIBER,
        SubscriptionState.CANCELED_BY_BOTH,
        SubscriptionState.ABANDONED_BY_SUBSCRIBER,
    }
)
"""States of somebody who does not follow and can't come to it any more; a state nobody knows is none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowersFacts:
    """What is known of sharing and followers, without saying who they are; None where it is not known.

    `active_count` see glucose, `invited_count` have not answered yet, `total` also counts those who are paused:
    they all take one of the ten places.
    """

    sharing_active: bool | None = None
    active_count: int | None = None
    invited_count: int | None = None
    total: int | None = None

    @property
    def has_follower(self) -> bool | None:
        """Return whether there is a follower, or somebody invited."""
        return None if self.total is None else self.total > 0


def derive_facts(subscriptions: Iterable[Subscription], sharing_active: bool | None) -> FollowersFacts:
    """Return what the publisher's list tells."""
    states = [subscription.state for subscription in subscriptions]
    return FollowersFacts(
        sharing_active=sharing_active,
        active_count=states.count(SubscriptionState.ACTIVE),
        invited_count=sum(state in INVITED for state in states),
        total=sum(state not in ENDED for state in states),
    )


class FollowerEvent(StrEnum):
    """What can become of an invitation or a follower."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    REMOVED = "removed"


_BECAME: Final = {
    SubscriptionState.INVITE_REJECTED: FollowerEvent.DECLINED,
    SubscriptionState.INVITE_EXPIRED: FollowerEvent.EXPIRED,
    SubscriptionState.CANCELED_BY_PUBLISHER: FollowerEvent.REMOVED,
    SubscriptionState.CANCELED_BY_SUBSCRIBER: FollowerEvent.REMOVED,
    SubscriptionState.CANCELED_BY_BOTH: FollowerEvent.REMOVED,
    SubscriptionState.ABANDONED_BY_SUBSCRIBER: FollowerEvent.REMOVED,
}
_NOT_YET: Final = INVITED | ENDED
"""Known states from which the way to active is an acceptance; from a pause it is none."""

type States = Mapping[str, SubscriptionState]
"""The state of each subscription, by its id."""


def follower_events(before: States, after: States) -> list[FollowerEvent]:
    """Return what happened between two looks at the list."""
    events = []
    for subscription_id, state in after.items():
        old = before.get(subscription_id, SubscriptionState.CREATED)
        if state is old:
            continue
        if state is SubscriptionState.ACTIVE and old in _NOT_YET:
            events.append(FollowerEvent.ACCEPTED)
        elif state in _BECAME and old not in ENDED:
            events.append(_BECAME[state])
    gone = [state for subscription_id, state in before.items() if subscription_id not in after]
    return events + [FollowerEvent.REMOVED for state in gone if state not in ENDED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is stored: the states seen last (None before the first look), and whom to remove when."""

    states: dict[str, SubscriptionState] | None = None
    removals: tuple[Removal, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the record as plain JSON."""
        return {
            "states": None if self.states is None else {key: int(state) for key, state in self.states.items()},
            "removals": [removal.to_dict() for removal in self.removals],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Record:
        """Return the record as it was stored; raise ValueError when the data are damaged."""
        states, removals = data["states"], data["removals"]
        if not isinstance(states, dict | None) or not isinstance(removals, list):
            msg = "Damaged record of followers"
            raise ValueError(msg)  # noqa: TRY004  (the contract of Storage.load)
        return cls(
            states=None if states is None else {str(key): SubscriptionState(state) for key, state in states.items()},
            removals=tuple(Removal.from_dict(removal) for removal in removals),
        )


class FollowersCoordinator(DataUpdateCoordinator[FollowersFacts]):
    """Asks at the start, hourly where it matters, right after Share answered a call for glucose, and after each change.

    It shares client, session and log-in guard with the glucose; nothing that fails here touches the readings.
    """

    config_entry: DexcomShareConfigEntry

    def __init__(self, hass: HomeAssistant, entry: DexcomShareConfigEntry, glucose: DexcomShareCoordinator) -> None:
        """Prepare for one person; `async_load` reads what is stored."""
        super().__init__(hass, LOGGER, config_entry=entry, name=f"{DOMAIN} followers", update_interval=None)
        self.client = glucose.client
        self.now = glucose.now
        self.lock = asyncio.Lock()
        """Held by whoever changes followers, so that two changes do not mix."""
        self.data = FollowersFacts()
        self.subscriptions: tuple[Subscription, ...] = ()
        self.removals = Removals(self)
        self._glucose = glucose
        self._states: dict[str, SubscriptionState] | None = None
        self._asking = asyncio.Lock()
        self._asked: datetime | None = None
        self._event_listeners: list[Callable[[FollowerEvent], None]] = []

    async def async_load(self) -> None:
        """Take up what was stored."""
        record = await self._glucose.storage.load(StoredFile.FOLLOWERS, Record.from_dict) or Record()
        self._states = record.states
        self.removals.load(record.removals)

    async def save(self) -> None:
        """Write what must outlive a restart."""
        record = Record(states=self._states, removals=tuple(self.removals.pending))
        await self._glucose.storage.save(StoredFile.FOLLOWERS, record.to_dict())

    @callback
    def async_start(self) -> None:
        """Begin to ask and to remove, in the background."""
        self.config_entry.async_on_unload(self._glucose.async_add_listener(self._follow_glucose))
        self.config_entry.async_on_unload(self.removals.stop)
        self._follow_glucose()

    @callback
    def _follow_glucose(self) -> None:
        """Ask when it is time and Share works."""
        now = self.now()
        is_due = self._asked is None or not timedelta(0) <= now - self._asked < self._ask_every
        if is_due and self._glucose.last_update_success:
            self.ask_soon()
        self.removals.check()
        self._report_issues()

    @property
    def _ask_every(self) -> timedelta:
        """Return the time between two asks: something may change where data are missing or an answer is awaited."""
        is_at_ease = self.last_update_success and self._glucose.data.is_current and self.data.invited_count == 0
        return ASK_AT_EASE_EVERY if is_at_ease else ASK_EVERY

    @callback
    def ask_soon(self) -> None:
        """Ask in the background."""
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
                raise UpdateFailed(
                    translation_domain=DOMAIN,
                    translation_key=reason_key(err),
                    translation_placeholders={"code": err.shown_code},
                ) from err
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
        # The first look tells how things are, not what happened.
        events = [] if self._states is None else follower_events(self._states, states)
        self._states = states
        await self.save()
        for event in events:
            for listener in list(self._event_listeners):
                listener(event)

    @callback
    @override
    def _async_refresh_finished(self) -> None:
        """Tell what keeps readings from coming, and what the user can mend."""
        self._glucose.async_note_sharing(sharing=self.data.sharing_active, has_follower=self.data.has_follower)
        self._report_issues()

    @callback
    def _report_issues(self) -> None:
        """Say why no readings come, while none come though Share answers; else both facts may be misreported."""
        is_missing = self._glucose.last_update_success and not self._glucose.data.is_current
        for key, is_true, is_fixable in (
            ("sharing_off", self.data.sharing_active is False, False),
            ("no_follower", self.data.has_follower is False, True),
        ):
            report_issue(self.hass, self.config_entry, key, is_true=is_missing and is_true, is_fixable=is_fixable)

    @callback
    def async_add_event_listener(self, listener: Callable[[FollowerEvent], None]) -> CALLBACK_TYPE:
        """Call a listener with each event; return how to stop it."""
        self._event_listeners.append(listener)
        return partial(self._event_listeners.remove, listener)


async def report_abandoned_removals(hass: HomeAssistant, entry: DexcomShareConfigEntry) -> None:
    """Say that nobody is left to remove followers who were to be removed later; before their record is deleted."""
    record = await Storage(hass, entry.entry_id).load(StoredFile.FOLLOWERS, Record.from_dict) or Record()
    if not record.removals:
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"removals_abandoned_{entry.entry_id}",
        is_fixable=False,
        is_persistent=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key="removals_abandoned",
        translation_placeholders={"count": str(len(record.removals))},
    )
