"""One account's line to Share: the client, the guarded log-in, the count of calls, the clock."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..share import AccountLockedError, AuthenticationError, ShareClient
from ..share.call_log import CallLog
from ..share.login_guard import LockPausedError, LoginGuard, LoginPausedError
from ..storage import Storage, StoredFile
from .client import make_client

CLOCK_TOLERANCE: Final = timedelta(seconds=30)
"""A clock that differs more than this from Share's is taken for wrong, and Share's is used."""


class AccountClock:
    """The time of one account."""

    def __init__(self, client: ShareClient) -> None:
        """Compare with the server of this client."""
        self._client = client

    @property
    def is_confirmed(self) -> bool:
        """Return whether Share has told the time since the start."""
        return self._client.clock_offset is not None

    def now(self) -> datetime:
        """Return the time by our clock, or by Share's where ours is plainly wrong."""
        now = dt_util.utcnow()
        offset = self._client.clock_offset
        return now + offset if offset is not None and abs(offset) > CLOCK_TOLERANCE else now


class Account:
    """What every user of one account shares."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, storage: Storage, *, on_login: Callable[[], None] | None = None
    ) -> None:
        """Prepare for one config entry; `async_load` reads what is stored."""
        self._storage = storage
        self._on_login = on_login
        self.calls = CallLog()
        self.guard = LoginGuard()
        self.client = make_client(
            hass,
            entry.data,
            account_id=entry.unique_id,
            around_login=self._guarded_login,
            on_call=lambda call: self.calls.record(call, dt_util.utcnow()),
        )
        self.clock = AccountClock(self.client)

    def now(self) -> datetime:
        """Return the time of this account."""
        return self.clock.now()

    async def async_load(self, *, has_history: bool = False) -> None:
        """Take up the stored record of log-ins."""
        self.guard = await self._storage.load(StoredFile.LOGIN, LoginGuard.from_dict) or LoginGuard()

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
            if self._on_login:
                self._on_login()
        finally:
            await self._save_guard()

    async def _save_guard(self) -> None:
        """Keep the record of log-ins."""
        await self._storage.save(StoredFile.LOGIN, self.guard.to_dict())


async def forget_refusals(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Let the next set-up log in at once: the user gave credentials that Share accepts."""
    storage = Storage(hass, entry.entry_id)
    guard = await storage.load(StoredFile.LOGIN, LoginGuard.from_dict) or LoginGuard()
    guard.reset()
    await storage.save(StoredFile.LOGIN, guard.to_dict())
