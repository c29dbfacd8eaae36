"""One person at work: makes the parts that run for a config entry, and wires them."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Final

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry
from homeassistant.core import HomeAssistant, callback

from .account.account import Account
from .account.uptime import Uptime
from .const import DOMAIN
from .coordinator import DexcomShareCoordinator
from .glucose.data_status import SharingFacts
from .glucose.freshness import is_current
from .night.keeper import ChainKeeper
from .night.watched import Watched
from .sharing.coordinator import FollowersCoordinator
from .sharing.uploader import Uploader
from .storage import Storage
from .watch.memory import async_load

type DexcomShareConfigEntry = ConfigEntry[Person]

FIRST_POLL_SECONDS: Final = 5.0
"""So long the set-up of a person who is known waits for Share; then what is on the disk is shown meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The parts that are at work for one person."""

    account: Account
    glucose: DexcomShareCoordinator
    followers: FollowersCoordinator
    uploader: Uploader
    chains: ChainKeeper
    first_poll: asyncio.Future[None] | None = None

    @callback
    def async_start(self, entry: ConfigEntry) -> None:
        """Keep polling and watch the alerts, once all entities are there and the first poll has ended."""
        self.chains.async_start()
        if self.first_poll and not self.first_poll.done():
            # What an answer that is late is about to tell is not to be told as silence.
            newest = self.glucose.history.newest
            if newest and is_current(newest.time, self.glucose.now()):
                # A chain that was cut off goes on: what it was about is not so old that it may be over.
                self.chains.async_begin()
            self.first_poll.add_done_callback(partial(self._start_after, entry))
        else:
            self._start(entry)

    @callback
    def _start_after(self, entry: ConfigEntry, first_poll: asyncio.Future[None]) -> None:
        """Start after the first poll, unless the entry was unloaded before it ended."""
        if not first_poll.cancelled():
            self._start(entry)

    @callback
    def _start(self, entry: ConfigEntry) -> None:
        """Keep polling, and let the followers know how each poll ended."""
        self.glucose.async_start()
        self.chains.async_begin()
        entry.async_on_unload(self.glucose.async_add_listener(self._tell_followers))
        # What is found out of sharing may be why no readings come.
        entry.async_on_unload(self.followers.async_add_listener(self.glucose.async_refresh_status))
        self._tell_followers()

    @callback
    def _tell_followers(self) -> None:
        """Tell whether Share answers, and whether the newest reading is current."""
        self.followers.async_note_poll(
            is_answering=self.glucose.last_update_success,
            has_current_reading=self.glucose.data.is_current,
            is_overdue=self.glucose.data.is_stale,
        )


async def async_make_person(hass: HomeAssistant, entry: ConfigEntry) -> Person:
    """Return the parts of one person, after a first poll; who is known is shown as remembered where that takes long.

    Raises:
        ConfigEntryNotReady: Share could not be asked, and nothing is known of this person yet.
        ConfigEntryAuthFailed: Share refused the log-in, which never worked before.
    """
    storage = Storage(hass, entry.entry_id)
    account = Account(hass, entry, storage, on_login=lambda: _withdraw_reauth(hass, entry))
    remembered = await async_load(storage)
    await account.async_load(has_history=remembered.history.newest is not None)
    followers = FollowersCoordinator(hass, entry, account, storage)
    glucose = DexcomShareCoordinator(
        hass,
        entry,
        account,
        storage,
        remembered,
        sharing_facts=lambda: SharingFacts(
            sharing=followers.data.sharing_active, has_follower=followers.data.has_follower
        ),
    )
    first_poll = None
    if glucose.history.newest is None:
        await glucose.async_config_entry_first_refresh()
    else:
        # A person already known is watched also through an outage: that no data come must be told.
        first_poll = entry.async_create_background_task(hass, glucose.async_refresh(), f"{DOMAIN} first poll")
        await asyncio.wait({first_poll}, timeout=FIRST_POLL_SECONDS)
    await followers.async_load()
    uploader = Uploader(hass, account, lambda since: (reading.time for reading in glucose.history.recent(since)))
    chains = ChainKeeper(hass, entry, storage, _watched(hass, entry, account, glucose))
    await chains.async_load()
    return Person(
        account=account,
        glucose=glucose,
        followers=followers,
        uploader=uploader,
        chains=chains,
        first_poll=first_poll,
    )


def _watched(hass: HomeAssistant, entry: ConfigEntry, account: Account, glucose: DexcomShareCoordinator) -> Watched:
    """Return the person as a wake-up chain sees them."""

    def problems() -> list[str]:
        failing = {
            "chain_login_refused": account.refused_since() is not None,
            "chain_share_fails": account.refused_since() is None and not glucose.last_update_success,
            "chain_data_old": not glucose.data.is_current,
            "chain_clock_unsure": not account.clock.is_confirmed,
        }
        return [key for key, is_failing in failing.items() if is_failing]

    return Watched(
        hass=hass,
        entry=entry,
        alerts=glucose.alerts,
        now=account.now,
        uptime=Uptime(hass.loop),
        snapshot=lambda: glucose.data,
        problems=problems,
    )


@callback
def _withdraw_reauth(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Stop asking for a password that works after all."""
    for flow in entry.async_get_active_flows(hass, {SOURCE_REAUTH}):
        hass.config_entries.flow.async_abort(flow["flow_id"])
