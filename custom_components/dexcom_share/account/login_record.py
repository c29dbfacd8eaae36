"""The record of log-ins on disk: restraint outlives a restart, and storage never holds up a log-in."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant

from ..const import LOGGER
from ..share.login_guard import LoginGuard, Moment
from ..storage import Storage, StoredFile

STORAGE_SECONDS: Final = 5.0
"""How long reading or writing may take; a log-in then goes on without."""
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


class LoginRecord:
    """Loads and saves a log-in guard; failures are logged once and harm nothing, as memory has it all."""

    def __init__(
        self,
        hass: HomeAssistant,
        storage: Storage,
        uptime: Callable[[], float],
        now: Callable[[], datetime],
        *,
        is_time_sure: Callable[[], bool] = lambda: False,
    ) -> None:
        """Take the clocks that a stored record is dated by: a monotonic one in seconds, and one of the wall.

        `is_time_sure` tells whether Share has confirmed the latter.
        """
        self._hass = hass
        self._storage = storage
        self._uptime = uptime
        self._now = now
        self._is_time_sure = is_time_sure
        self.resumed_time: datetime | None = None
        """The time by a clock that Share had confirmed before this start, where the machine has run on since."""
        self._boot = ""
        self._is_storage_fine = True
        self._saving = asyncio.Lock()

    async def load(self) -> LoginGuard | None:
        """Return the stored guard, None where there is none or it can't be read; to be called before `save`."""
        self._boot = await _read_boot_id(self._hass)
        moment = self._moment()
        try:
            async with asyncio.timeout(STORAGE_SECONDS):
                return await self._storage.load(StoredFile.LOGIN, lambda data: self._parse(data, moment))
        except Exception as err:  # noqa: BLE001  (storage must not keep anybody from reading)
            self._note_failure(err)
            return None

    async def save(self, guard: LoginGuard) -> None:
        """Store a guard as it is when its turn comes; what fails or hangs is given up."""
        try:
            async with asyncio.timeout(STORAGE_SECONDS), self._saving:
                data = {**guard.to_dict(self._moment()), "is_time_sure": self._is_time_sure()}
                await self._storage.save(StoredFile.LOGIN, data)
        except Exception as err:  # noqa: BLE001  (storage must not keep anybody from reading)
            self._note_failure(err)
        else:
            self._is_storage_fine = True

    def _parse(self, data: Mapping[str, object], moment: Moment) -> LoginGuard:
        """Return the guard, and note the time where the record tells it."""
        guard = LoginGuard.from_dict(data, moment)
        match data:
            case {
                "is_time_sure": True,
                "saved": {"at": str(at), "uptime": float(uptime), "boot": str(boot)},
            } if boot and boot == moment.boot and uptime <= moment.uptime:
                self.resumed_time = datetime.fromisoformat(at) + timedelta(seconds=moment.uptime - uptime)
        return guard

    def _moment(self) -> Moment:
        """Return the present by all clocks there are."""
        return Moment(self._uptime(), self._now(), self._boot)

    def _note_failure(self, err: Exception) -> None:
        """Log once that storage fails."""
        if self._is_storage_fine:
            LOGGER.warning("The record of log-ins can't be kept on disk (%s)", type(err).__name__)
        self._is_storage_fine = False


async def _read_boot_id(hass: HomeAssistant) -> str:
    """Return what tells this run of the machine from others, empty where the system does not say."""
    try:
        return (await hass.async_add_executor_job(_BOOT_ID.read_text)).strip()
    except OSError:
        return ""
