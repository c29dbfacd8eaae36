"""One account at work: its client, the restraint in its log-ins, its calls and its clock."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..const import LOGGER
from ..share import AccountLockedError, AuthenticationError, ShareClient, ShareError
from ..share.call_log import CallLog
from ..share.login_guard import LockPausedError, LoginGuard, LoginPausedError, is_answer_lost
from ..storage import Storage
from .client import make_client
from .clock import AccountClock
from .login_record import LoginRecord
from .uptime import Uptime


def _nothing() -> None:
    """Do nothing after a log-in."""


class Account:
    """One account's line to Share; its log-ins are restrained, also across restarts and steps of the clock."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, storage: Storage, *, on_login: Callable[[], None] = _nothing
    ) -> None:
        """Prepare for one config entry; `on_login` is called after each log-in that Share accepted."""
        self._hass = hass
        self._entry = entry
        self._on_login = on_login
        self._uptime = Uptime(hass.loop)
        self.clock = AccountClock(self._uptime, dt_util.utcnow)
        self._record = LoginRecord(hass, storage, self._uptime, self.now, is_time_sure=lambda: self.clock.is_confirmed)
        self.calls = CallLog()
        self.guard = LoginGuard()
        self.client: ShareClient = make_client(
            hass,
            entry.data,
            account_id=entry.unique_id,
            around_login=self._guarded_login,
            on_call=lambda call: self.calls.record(call, self.now()),
            on_server_time=self.clock.heard,
        )

    async def async_load(self, *, has_history: bool = False) -> None:
        """Take up the record of log-ins; `has_history` says that readings are kept, so that the account has worked.

        Storage that fails or hangs is treated like a lost record.
        """
        guard = await self._record.load()
        if self._record.resumed_time:
            self.clock.resume(self._record.resumed_time)
        if guard is not None:
            self.guard = guard
            self.guard.has_worked |= has_history
        elif has_history:
            self.guard = LoginGuard.after_loss(self._uptime())

    def now(self) -> datetime:
        """Return the time by this account's clock (aware UTC); never raises."""
        return self.clock.now()

    def next_login(self) -> float | None:
        """Return in how many seconds a log-in may be sent, None when it may be sent at once."""
        return self.guard.wait(self._uptime())

    def next_login_at(self) -> datetime | None:
        """Return when a log-in may be sent, None when it may be sent at once."""
        wait = self.next_login()
        return None if wait is None else self.now() + timedelta(seconds=wait)

    def locked_until(self) -> datetime | None:
        """Return until when Share is taken to keep the account locked, None where it does not."""
        wait = self.guard.lock_wait(self._uptime())
        return None if wait is None else self.now() + timedelta(seconds=wait)

    def refused_since(self) -> datetime | None:
        """Return since when Share has refused every log-in, None where it does not."""
        since = self.guard.refused_since
        return None if since is None else self.now() - timedelta(seconds=self._uptime() - since)

    def refusal(self) -> AuthenticationError | None:
        """Return the refusal that keeps from logging in since before the start, None where there is none."""
        if self.refused_since() is None:
            return None
        msg = "Share refused the log-in"
        return AccountLockedError(msg) if self.locked_until() else AuthenticationError(msg)

    @asynccontextmanager
    async def _guarded_login(self) -> AsyncGenerator[None]:
        """Let a log-in pass when it is time, and remember how it ended, also across restarts.

        Raises:
            LoginPausedError: it is not time yet; a `LockPausedError` where the account was locked.
            ShareError: the log-in before was lost, and Share still does not answer.
        """
        if self.next_login() is not None:
            msg = "Waiting before the next log-in"
            raise LockPausedError(msg) if self.locked_until() else LoginPausedError(msg)
        if self.guard.is_last_lost:
            await self._await_sign_of_life()
        self.guard.begin(self._uptime())
        try:
            # A kill from here on must not make it forgotten.
            await self._record.save(self.guard)
            yield
        except BaseException as err:
            self.guard.fail(err, self._uptime())
            raise
        else:
            self.guard.succeed()
            try:
                self._on_login()
            except Exception:  # noqa: BLE001  (the log-in has succeeded whatever its listener does)
                LOGGER.exception("What follows a log-in failed")
        finally:
            # Nothing waits for it: a reading may be on its way.
            self._entry.async_create_task(self._hass, self._record.save(self.guard), "dexcom_share log-in record")

    async def _await_sign_of_life(self) -> None:
        """Ask for something that needs no password, as passwords sent in vain may be refusals nobody hears of.

        Any answer will do: Share need not know the question.
        """
        try:
            await self.client.read_system_time()
        except ShareError as err:
            if is_answer_lost(err):
                raise


async def forget_refusals(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Let the next set-up log in at once: the user gave credentials that Share accepts."""
    record = LoginRecord(hass, Storage(hass, entry.entry_id), Uptime(hass.loop), dt_util.utcnow)
    guard = await record.load() or LoginGuard()
    guard.reset()
    await record.save(guard)
