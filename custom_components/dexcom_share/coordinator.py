"""One person's glucose: asks Share at the right moments, takes in what comes, and publishes one snapshot."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .account.account import Account
from .const import CONF_BASE_URL, DOMAIN, LOGGER
from .display.failures import polling_failure
from .display.issues import report_person_issues
from .glucose.data_status import DataStatus, SharingFacts
from .glucose.history import TWINS_WITHIN, complete_since
from .glucose.schedule import interval_until
from .glucose.snapshot import Snapshot, grow_older, holds_until, next_minute, take_snapshot
from .share import AuthenticationError, GlucoseReading, ShareError, ShareTimeoutError
from .share.login_guard import LoginPausedError
from .storage import Storage
from .watch.alert_keeper import AlertKeeper
from .watch.cause import CauseFinder
from .watch.long_term_statistics import StatisticsFiller
from .watch.memory import MemoryWriter, Remembered
from .watch.news import Announcer, age_signal
from .watch.status_page import status_page
from .watch.timer import MomentTimer
from .watch.windows_keeper import WindowsKeeper

POLL_LIMIT_SECONDS: Final = 45.0
"""A poll takes at most this long, log-in and second try included; each call has a shorter limit of its own."""
SETTLING_SECONDS: Final = 11.0
"""Two answers so far apart tell which clock is right (alert rule T1)."""


class DexcomShareCoordinator(DataUpdateCoordinator[Snapshot]):
    """Polls for one person, and tells its listeners also what time alone changes."""

    config_entry: ConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        account: Account,
        storage: Storage,
        remembered: Remembered,
        *,
        sharing_facts: Callable[[], SharingFacts],
    ) -> None:
        """Go on from what is remembered; `sharing_facts` tells what of the account keeps readings from coming."""
        super().__init__(hass, LOGGER, config_entry=entry, name=DOMAIN, update_interval=timedelta(minutes=5))
        self.account = account
        self.history = remembered.history
        self.schedule = remembered.schedule
        self.windows = WindowsKeeper(hass, self.history)
        self.announcer = Announcer(hass, entry)
        self.alerts = AlertKeeper(
            hass, entry, remembered.alerts, self.announcer, now=self.now, refresh=self.async_refresh_snapshot
        )
        self._writer = MemoryWriter(
            hass, entry, storage, remembered, alerts=lambda: self.alerts.memory, prune=self._prune
        )
        page = status_page(hass, entry.data.get(CONF_BASE_URL))
        self._cause = CauseFinder(page, sharing_facts, error=account.refusal())
        self._statistics = StatisticsFiller(hass, f"{entry.unique_id}_value", self.history)
        self.next_poll = account.now()
        self._timer = MomentTimer(hass, self.now, self._handle_time)
        self.data = self._derive_snapshot()

    def now(self) -> datetime:
        """Return the time by the account's clock; while it is not sure, the later one, which makes readings older."""
        return self.account.clock.oldest_now()

    @override
    async def _async_update_data(self) -> Snapshot:
        """Ask Share for what is new, and aim the next poll, whatever comes of this one."""
        minutes, max_count = self.schedule.window(self.account.now())
        try:
            readings = await self._ask(minutes, max_count)
            self._take_in(readings, timedelta(minutes=minutes), max_count)
        except ShareError as err:
            if not isinstance(err, LoginPausedError):
                self._cause.note_failure(err)
                self.schedule.record_failure(self.account.now(), getattr(err, "retry_after_seconds", None))
            raise self._failure(err) from err
        except Exception:
            # Whatever it is, it must not keep from asking again, after a growing pause (alert rule N3).
            self.schedule.record_failure(self.account.now(), None)
            raise
        else:
            self._cause.note_success()
            return self._derive_snapshot()
        finally:
            self._aim()

    async def _ask(self, minutes: int, max_count: int) -> list[GlucoseReading]:
        """Return what Share has, after a log-in where there is no session."""
        client = self.account.client
        try:
            async with asyncio.timeout(POLL_LIMIT_SECONDS):
                if not client.has_session:
                    # Also after a refusal, which the client does not repeat by itself; the guard says when it is time.
                    await client.login()
                return await client.read_glucose(minutes=minutes, max_count=max_count)
        except TimeoutError as err:
            raise ShareTimeoutError("The poll took too long") from err

    def _take_in(self, readings: list[GlucoseReading], span: timedelta, max_count: int) -> None:
        """Merge an answer into the history, and note what is new: it may tell which clock is right, and so the time."""
        self.account.clock.note_newest(readings[-1].time if readings else None)
        now = self.account.now()
        if self.account.clock.is_confirmed and self.windows.drop_future(now):
            self._writer.async_note_readings()
        readings = [reading for reading in readings if reading.time <= now + self.account.clock.longest_ahead]
        knew = self.history.newest
        merge = self.history.merge(readings, now)
        newest = self.history.newest if readings else None
        self.schedule.record_success(newest.stamp if newest else None, now)
        self._writer.async_note_schedule()
        self.schedule.note_duplicates(self.history.has_twins, now)
        if not merge.added:
            return
        self.windows.add(merge.added)
        self._writer.async_note_readings()
        self.announcer.add_readings(self.history, merge.added if knew else merge.added[-1:], now)
        asked_since = complete_since(readings, now - span, max_count)
        self._statistics.note(
            merge.added[:-1] if merge.newest_added else merge.added,
            known_since=None if knew and knew.time >= asked_since else asked_since,
        )

    def _failure(self, err: ShareError) -> Exception:
        """Return the translated failure, and ask for the password where its refusal persists."""
        guard = self.account.guard
        if isinstance(err, AuthenticationError) and guard.should_ask:
            if self.config_entry.state is ConfigEntryState.SETUP_IN_PROGRESS and not guard.has_worked:
                return ConfigEntryAuthFailed(translation_domain=DOMAIN, translation_key="invalid_auth")
            self.config_entry.async_start_reauth(self.hass)
        return polling_failure(
            err, refused_since=self.account.refused_since(), next_attempt=self.account.next_login_at()
        )

    def _aim(self) -> None:
        """Set the time of the next poll: the schedule's, but no log-in before its time."""
        now = self.account.now()
        seconds = self.schedule.interval_seconds(now, self.hass.loop.time())
        if self.account.clock.is_settling:
            seconds = min(seconds, SETTLING_SECONDS)
        if not self._cause.is_asked_to_wait and (chance := self.alerts.last_chance(now)):
            seconds = min(seconds, interval_until(chance, now, self.hass.loop.time()))
        if not self.account.client.has_session and (pause := self.account.next_login()):
            seconds = max(seconds, pause + 1)
        self.update_interval = timedelta(seconds=seconds)
        self.next_poll = now + self.update_interval

    def _derive_snapshot(self) -> Snapshot:
        """Return what is known now, and hand on what there is to tell."""
        now = self.now()
        clock = self.account.clock
        newest = self.history.newest
        previous = self.history.previous(newest, at_least=TWINS_WITHIN) if newest else None
        snapshot = take_snapshot(newest, previous, now, is_time_known=clock.may_be_current)
        is_silence_known = clock.is_confirmed or not clock.is_settling
        judged = self.alerts.judge(
            self.history, now, may_be_current=clock.may_be_current, is_silence_known=is_silence_known
        )
        return replace(
            snapshot, status=self._status(snapshot), range=judged.range, forecast=judged.forecast, alerts=judged.facts
        )

    def _status(self, snapshot: Snapshot) -> DataStatus:
        """Return what keeps readings from coming."""
        return self._cause.status(snapshot, self.now(), may_be_current=self.account.clock.may_be_current)

    @callback
    def async_start(self) -> None:
        """Keep asking from now on, also when no entity listens, and announce what came before anybody could."""
        self.config_entry.async_on_unload(self.async_add_listener(lambda: None))  # Without one it would not poll.
        self.announcer.async_start()
        self.alerts.async_start()

    @callback
    def async_refresh_snapshot(self) -> None:
        """Publish what changed without a poll: by time, by settings, or by a person's hand."""
        self.data = self._derive_snapshot()
        self.async_update_listeners()

    @callback
    def async_refresh_status(self) -> None:
        """Publish what was found out of the cause; alerts, which may wait for a poll, do not rest on it."""
        self.data = replace(self.data, status=self._status(self.data))
        self.async_update_listeners()

    @callback
    @override
    def _async_refresh_finished(self) -> None:
        """Publish also what a failure leaves as it is: time may have brought an alert."""
        if not self.last_update_success:
            self.async_refresh_snapshot()

    @callback
    @override
    def async_update_listeners(self) -> None:
        """Have the entities show the snapshot and tell what is new; all else follows after that."""
        self._set_timer()
        self.announcer.async_call(update for update, _ in list(self._listeners.values()))
        self.announcer.async_tell()
        async_dispatcher_send(self.hass, age_signal(self.config_entry))
        self._follow_up()

    @callback
    def _follow_up(self) -> None:
        """Write, find causes, tell the user what to mend, fill the statistics; nobody waits for it."""
        now = self.now()
        self._writer.async_write()
        if self.data.is_stale or self._cause.error:
            self._in_background(self._ask_status_page(now), "status page")
        if self._statistics.is_due(now):
            self._in_background(self._statistics.fill(now), "statistics")
        report_person_issues(self.hass, self.config_entry, self.data, self.account.clock.offset_to_machine)

    async def _ask_status_page(self, now: datetime) -> None:
        """Ask the status page when it is time, and show what it says of the cause."""
        if await self._cause.ask(now):
            self.async_refresh_status()

    def _in_background(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Let work go on by itself until the entry is unloaded."""
        self.config_entry.async_create_background_task(self.hass, work, f"{DOMAIN} {name}", eager_start=True)

    @callback
    def _set_timer(self) -> None:
        """Wake up when the age is a whole minute more, and when time changes anything else."""
        now = self.now()
        minute = next_minute(self.data, now)
        turns = (holds_until(self.data, now) or minute, self.alerts.next_deadline() or minute)
        self._timer.async_set(minute=minute, turn=min(turns))

    @callback
    def _handle_time(self, *, is_turn: bool, has_slept: bool) -> None:
        """Publish what time changed: most often the age alone."""
        if has_slept and not self._cause.is_asked_to_wait:
            self.hass.async_create_task(self.async_request_refresh(), f"{DOMAIN} after sleep")
        if self.data.age is None or (is_turn and not has_slept):
            self.async_refresh_snapshot()
            return
        self.data = grow_older(self.data, self.now())
        if has_slept:
            # An old value ends at once. Alerts wait for the poll: readings may have come all the while (alert rule A1).
            self.async_update_listeners()
            return
        self._set_timer()
        async_dispatcher_send(self.hass, age_signal(self.config_entry))

    def _prune(self) -> None:
        """Forget what is too old by a clock that is sure."""
        self.windows.prune(self.account.now(), is_confirmed=self.account.clock.is_confirmed)

    @override
    async def async_shutdown(self) -> None:
        """Stop the timer as well, and keep what is not on the disk yet."""
        await super().async_shutdown()
        self._timer.async_stop()
        await self._writer.async_stop()
