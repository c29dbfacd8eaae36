"""One person's glucose: asks Share at the right moments, keeps what comes, and publishes one snapshot."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, Self, cast, override

from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util

from .account.client import make_client
from .account.status_page import status_page
from .const import CONF_BASE_URL, DOMAIN, LOGGER
from .display.issues import report_issue
from .glucose.data_status import DataStatus, Evidence, data_status
from .glucose.history import FUTURE_TOLERANCE, History
from .glucose.schedule import PollSchedule
from .glucose.snapshot import Snapshot, age_at, change_mgdl, holds_until, next_minute, take_snapshot
from .person import DexcomShareConfigEntry
from .share import (
    AccountLockedError,
    AuthenticationError,
    GlucoseReading,
    ShareConnectionError,
    ShareError,
    ShareServerError,
    ShareTimeoutError,
)
from .share.call_log import CallLog
from .share.login_guard import LoginGuard
from .storage import PartlyDamagedError, Storage, StoredFile
from .watch.alert_keeper import AlertKeeper, AlertMemory
from .watch.long_term_statistics import StatisticsFiller

CLOCK_TOLERANCE: Final = timedelta(seconds=30)
"""A clock that differs more than this from Share's is taken for wrong, and Share's is used."""
CLOCK_ISSUE_FROM: Final = timedelta(minutes=2)
NOT_UPLOADING_ISSUE_FROM: Final = timedelta(hours=1)
SCHEDULE_SAVE_SECONDS: Final = 3600.0

# From special to general, each with its translated message.
FAILURES: Final[tuple[tuple[type[ShareError], str], ...]] = (
    (AccountLockedError, "account_locked"),
    (AuthenticationError, "login_refused"),
    (ShareTimeoutError, "timeout"),
    (ShareConnectionError, "cannot_connect"),
    (ShareServerError, "server_error"),
    (ShareError, "invalid_response"),
)


class LoginPausedError(AuthenticationError):
    """A log-in would be due, but after the refusals before it is not time yet; nothing was sent."""


class LockPausedError(LoginPausedError, AccountLockedError):
    """A log-in would be due, but the account was locked and may still be; nothing was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReading:
    """A reading that was not known before, as it arrived."""

    reading: GlucoseReading
    change_mgdl: int | None
    delay: timedelta
    backfilled: bool


@dataclass(frozen=True, slots=True)
class Recent:
    """What changes with every reading: the readings of the last days, and where the alerts stand."""

    history: History
    alerts: AlertMemory

    def to_dict(self) -> dict[str, object]:
        """Return both as plain JSON."""
        return {**self.history.recent_to_dict(), "alerts": self.alerts.to_dict()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, object]) -> Self:
        """Return both from JSON; raise PartlyDamagedError with the other where one is damaged."""
        history, alerts = History(), AlertMemory()
        is_damaged = False
        try:
            history = History.from_dict(stored)
        except ValueError:
            is_damaged = True
        try:
            alerts = AlertMemory.from_dict(cast("Mapping[str, object]", stored["alerts"]))
        except AttributeError, KeyError, TypeError, ValueError:
            is_damaged = True
        if is_damaged:
            raise PartlyDamagedError(cls(history, alerts))
        return cls(history, alerts)


class DexcomShareCoordinator(DataUpdateCoordinator[Snapshot]):
    """Polls for one person, and tells its listeners also what the clock alone changes."""

    config_entry: DexcomShareConfigEntry

    def __init__(self, hass: HomeAssistant, entry: DexcomShareConfigEntry) -> None:
        """Prepare for one config entry; `_async_setup` reads what is stored."""
        super().__init__(hass, LOGGER, config_entry=entry, name=DOMAIN, update_interval=timedelta(minutes=5))
        self.storage = Storage(hass, entry.entry_id)
        self.calls = CallLog()
        self.client = make_client(
            hass,
            entry.data,
            account_id=entry.unique_id,
            around_login=self._guarded_login,
            on_call=lambda call: self.calls.record(call, dt_util.utcnow()),
        )
        self.history = History()
        self.schedule = PollSchedule()
        self.guard = LoginGuard()
        self.data = Snapshot()
        self._newest_seen: datetime | None = None
        self._new_readings: list[NewReading] = []
        self._reading_listeners: list[Callable[[NewReading], None]] = []
        self._clock_listeners: list[Callable[[], None]] = []
        self._unsub_clock: CALLBACK_TYPE | None = None
        self._clock_job = HassJob(self._handle_clock, f"{DOMAIN} clock", cancel_on_shutdown=True)
        # From the last look until the first of these turns the clock changes nothing but the age.
        self._looked_at = datetime.min.replace(tzinfo=UTC)
        self._turns = [self._looked_at]
        self._started = False
        self._error: ShareError | None = None
        self._sharing: bool | None = None
        self._has_follower: bool | None = None
        self._status_page = status_page(hass, entry.data.get(CONF_BASE_URL))
        self._statistics = StatisticsFiller(hass, f"{entry.unique_id}_value", self.history)
        self.alerts = AlertKeeper(hass, entry, self.async_refresh_snapshot)
        self._keeping = asyncio.Lock()
        self._are_readings_kept = True
        self._kept_memory = self.alerts.memory

    def now(self) -> datetime:
        """Return the time by our clock, or by Share's where ours is plainly wrong."""
        now = dt_util.utcnow()
        offset = self.client.clock_offset
        return now + offset if offset is not None and abs(offset) > CLOCK_TOLERANCE else now

    @override
    async def _async_setup(self) -> None:
        """Take up what was stored."""
        archive = await self.storage.load(StoredFile.ARCHIVE, History.from_dict)
        recent = await self.storage.load(StoredFile.RECENT, Recent.from_dict)
        self.history = History.from_parts(archive, recent.history if recent else None)
        self.alerts.memory = self._kept_memory = recent.alerts if recent else AlertMemory()
        self._statistics = StatisticsFiller(self.hass, f"{self.config_entry.unique_id}_value", self.history)
        self.schedule = await self.storage.load(StoredFile.SCHEDULE, PollSchedule.from_dict) or PollSchedule()
        self.guard = await self.storage.load(StoredFile.LOGIN, LoginGuard.from_dict) or LoginGuard()
        self.data = self._derive_snapshot()

    @override
    async def _async_update_data(self) -> Snapshot:
        """Ask Share for what is new, and aim the next poll, whatever comes of this one."""
        minutes, max_count = self.schedule.window(self.now())
        try:
            if not self.client.has_session:
                # Also after a refusal, which the client does not repeat by itself; the guard decides when it is time.
                await self.client.login()
            readings = await self.client.read_glucose(minutes=minutes, max_count=max_count)
        except ShareError as err:
            self._error = err
            if not isinstance(err, LoginPausedError):
                self.schedule.record_failure(self.now(), getattr(err, "retry_after_seconds", None))
            raise self._failure(err) from err
        else:
            self._error = None
            self._take_in(readings, self.now() - timedelta(minutes=minutes))
            return self._derive_snapshot()
        finally:
            self._aim()

    def _take_in(self, readings: list[GlucoseReading], asked_since: datetime) -> None:
        """Merge an answer into the history, and note what is new."""
        now = self.now()
        readings = [reading for reading in readings if reading.time <= now + FUTURE_TOLERANCE]
        self.schedule.record_success(readings[-1].time if readings else None, now)
        self.storage.save_later(StoredFile.SCHEDULE, self.schedule.to_dict, SCHEDULE_SAVE_SECONDS)
        knew = self.history.newest
        merge = self.history.merge(readings, now)
        self.schedule.note_duplicates(self.history.has_twins, now)
        if not merge.added:
            return
        self._are_readings_kept = False
        if merge.newest_added:
            self._newest_seen = now
        self._statistics.note(
            merge.added[:-1] if merge.newest_added else merge.added,
            known_since=None if knew and knew.time >= asked_since else asked_since,
        )
        for reading in merge.added if knew else merge.added[-1:]:
            previous = self.history.previous(reading)
            self._new_readings.append(
                NewReading(
                    reading=reading,
                    change_mgdl=change_mgdl(previous, reading) if previous else None,
                    delay=now - reading.time,
                    backfilled=reading != self.history.newest,
                )
            )

    @callback
    def _keep(self) -> None:
        """Write to disk at once what is not there yet, after it was told; an unload waits for it."""
        if not self._are_readings_kept or self.alerts.memory != self._kept_memory:
            self.config_entry.async_create_task(self.hass, self._save(), f"{DOMAIN} history")

    async def _save(self) -> None:
        """Write what is new, and once a day all readings, so that the daily writing stays small."""
        async with self._keeping:
            self._are_readings_kept = True
            self._kept_memory = self.alerts.memory
            if self.history.archive_is_due:
                self.history.prune(self.now(), is_confirmed=self.client.clock_offset is not None)
                if await self.storage.save(StoredFile.ARCHIVE, self.history.archive_to_dict()):
                    self.history.archive_saved()
            recent = Recent(self.history, self.alerts.memory)
            if not await self.storage.save(StoredFile.RECENT, recent.to_dict()):
                self._are_readings_kept = False

    def _failure(self, err: ShareError) -> UpdateFailed:
        """Return the translated failure, and ask for the password where its refusal persists."""
        if isinstance(err, AuthenticationError) and self.guard.should_ask:
            if not self.guard.has_worked:
                raise ConfigEntryAuthFailed(translation_domain=DOMAIN, translation_key="invalid_auth") from err
            self.config_entry.async_start_reauth(self.hass)
        return UpdateFailed(
            translation_domain=DOMAIN,
            translation_key=next(key for kind, key in FAILURES if isinstance(err, kind)),
            translation_placeholders={
                "since": _local(self.guard.refused_since),
                "until": _local(self.guard.next_attempt(self.now())),
                "code": err.code,
            },
        )

    def _aim(self) -> None:
        """Set the time of the next poll: the schedule's, but no log-in before its time."""
        now = self.now()
        seconds = self.schedule.interval_seconds(now, self.hass.loop.time())
        if not self.client.has_session and (attempt := self.guard.next_attempt(now)):
            seconds = max(seconds, (attempt - now).total_seconds() + 1)
        self.update_interval = timedelta(seconds=seconds)

    @asynccontextmanager
    async def _guarded_login(self) -> AsyncGenerator[None]:
        """Let a log-in pass when it is time, and remember how it ended, also across restarts."""
        now = self.now()
        if self.guard.next_attempt(now):
            msg = "Waiting before the next log-in"
            raise LockPausedError(msg) if self.guard.locked_until else LoginPausedError(msg)
        self.guard.begin(now)
        await self._save_guard()
        try:
            yield
        except AuthenticationError as err:
            if isinstance(err, AccountLockedError):
                self.guard.lock(now)
            raise
        except BaseException:
            self.guard.cancel()
            raise
        else:
            self.guard.succeed()
            self._withdraw_reauth()
        finally:
            await self._save_guard()

    async def _save_guard(self) -> None:
        """Keep the record of log-ins."""
        await self.storage.save(StoredFile.LOGIN, self.guard.to_dict())

    def _withdraw_reauth(self) -> None:
        """Stop asking for a password that works after all."""
        for flow in self.config_entry.async_get_active_flows(self.hass, {SOURCE_REAUTH}):
            self.hass.config_entries.flow.async_abort(flow["flow_id"])

    def _derive_snapshot(self) -> Snapshot:
        """Return what is known now."""
        now = self.now()
        snapshot = take_snapshot(self.history.latest(2), now, seen=self._newest_seen)
        evidence = Evidence(
            is_stale=snapshot.is_stale,
            error=self._error,
            status_page_reachable=self._status_page.is_reachable(now),
            outage_reported=self._status_page.reports_outage(now),
            sharing=self._sharing,
            has_follower=self._has_follower,
        )
        self.alerts.judge(self.history, snapshot.current, now)
        return replace(
            snapshot,
            status=data_status(evidence),
            range=self.alerts.range,
            forecast=self.alerts.forecast,
            alerts=self.alerts.facts,
        )

    @callback
    def async_note_sharing(self, *, sharing: bool | None, has_follower: bool | None) -> None:
        """Take into account what else keeps readings from coming; None where it is not known."""
        self._sharing = sharing
        self._has_follower = has_follower

    @callback
    def _follow_up(self) -> None:
        """Do what follows from what is known now: find causes, tell the user, fill the statistics, watch the clock."""
        now = self.now()
        if self.data.is_stale:
            self.config_entry.async_create_background_task(
                self.hass, self._status_page.ask(now), f"{DOMAIN} status page", eager_start=True
            )
        if self._started and self._statistics.is_due(now):
            self.config_entry.async_create_background_task(
                self.hass, self._statistics.fill(now), f"{DOMAIN} statistics", eager_start=True
            )
        self._report_issues()
        self._looked_at = now
        turns = (holds_until(self.data, now), self.alerts.next_deadline(now))
        self._turns = [turn for turn in turns if turn]
        self._watch_clock()

    @callback
    def _report_issues(self) -> None:
        """Show what the user can mend, and withdraw what is mended."""
        offset = self.client.clock_offset or timedelta(0)
        report_issue(
            self.hass,
            self.config_entry,
            "clock_wrong",
            is_true=abs(offset) > CLOCK_ISSUE_FROM,
            placeholders=lambda: {"minutes": str(round(abs(offset) / timedelta(minutes=1)))},
        )
        newest = self.data.newest
        report_issue(
            self.hass,
            self.config_entry,
            "not_uploading",
            is_true=self.data.status is DataStatus.NOT_UPLOADING
            and (self.data.age is None or self.data.age >= NOT_UPLOADING_ISSUE_FROM),
            placeholders=lambda: {"since": _local(newest.time) if newest else "-"},
        )

    @callback
    def async_add_reading_listener(self, listener: Callable[[NewReading], None]) -> CALLBACK_TYPE:
        """Call a listener with each new reading, oldest first; return how to stop it."""
        self._reading_listeners.append(listener)
        return partial(self._reading_listeners.remove, listener)

    @callback
    def async_add_clock_listener(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call a listener every minute, when only the age has changed, too; return how to stop it."""
        self._clock_listeners.append(listener)
        return partial(self._clock_listeners.remove, listener)

    @callback
    def async_start(self) -> None:
        """Keep asking from now on, also when no entity listens, and announce what came before anybody could."""
        self.config_entry.async_on_unload(self.async_add_listener(_nothing))
        self._started = True
        self._announce()
        self.alerts.async_start()

    @callback
    def _announce(self) -> None:
        """Tell the listeners of the readings not yet announced, once there are listeners."""
        while self._started and self._new_readings:
            reading = self._new_readings.pop(0)
            for listener in list(self._reading_listeners):
                listener(reading)

    @callback
    @override
    def _async_refresh_finished(self) -> None:
        """Look after what a poll brought, or that it brought nothing."""
        if self.last_update_success:
            self._follow_up()
        else:
            # After more than one failure nobody else would tell that time has brought an alert.
            self.async_refresh_snapshot()

    @callback
    @override
    def async_update_listeners(self) -> None:
        """Have the entities show the snapshot, then tell what is new, so that who hears of it sees it too."""
        super().async_update_listeners()
        self._announce()
        self.alerts.publish()
        self._tell_time()
        self._keep()

    @callback
    def _watch_clock(self) -> None:
        """Arm the timer for the next moment at which the clock alone changes something."""
        if self._unsub_clock:
            self._unsub_clock()
            self._unsub_clock = None
        if not self._shutdown_requested:
            now = self.now()
            moment = min([next_minute(self.data, now), *(turn for turn in self._turns if turn > now)])
            self._unsub_clock = async_call_later(self.hass, moment - now, self._clock_job)

    @callback
    def _handle_clock(self, _: datetime) -> None:
        """Publish what the clock changed: most often the age alone."""
        self._unsub_clock = None
        now = self.now()
        if not self.data.newest or not self._looked_at <= now < min(self._turns):
            self.async_refresh_snapshot()
            return
        self.data = replace(self.data, age=age_at(self.data.newest, now, seen=self._newest_seen))
        self._watch_clock()
        self._tell_time()

    @callback
    def _tell_time(self) -> None:
        """Call who follows the clock."""
        for listener in list(self._clock_listeners):
            listener()

    @callback
    def async_refresh_snapshot(self) -> None:
        """Publish what changed without a poll: by the clock, by settings, or by a person's hand."""
        self.data = self._derive_snapshot()
        self._follow_up()
        self.async_update_listeners()

    @override
    async def async_shutdown(self) -> None:
        """Stop the clock as well, and keep what was learned since it was last saved."""
        await super().async_shutdown()
        self._watch_clock()
        if self._started:
            await self.storage.save(StoredFile.SCHEDULE, self.schedule.to_dict())


async def forget_refusals(hass: HomeAssistant, entry: DexcomShareConfigEntry) -> None:
    """Let the next set-up log in at once: the user gave credentials that Share accepts."""
    storage = Storage(hass, entry.entry_id)
    guard = await storage.load(StoredFile.LOGIN, LoginGuard.from_dict) or LoginGuard()
    guard.reset()
    await storage.save(StoredFile.LOGIN, guard.to_dict())


def _nothing() -> None:
    """Listen without doing anything: a coordinator without listeners would not poll."""


def _local(time: datetime | None) -> str:
    """Return a time as the user's clock shows it."""
    return f"{dt_util.as_local(time):%Y-%m-%d %H:%M}" if time else ""
