"""What is kept on disk for one person: small files, each written whole and at once, each set aside when damaged.

No disk may keep readings from being told: every call has a time limit, and what could not be written is known.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import DOMAIN, LOGGER

VERSION: Final = 1
LIMIT_SECONDS: Final = 10.0
"""How long any call waits for the disk."""


class StorageError(HomeAssistantError):
    """The disk did not answer in time, or not with the file; what the file holds is not known."""


class StoredFile(StrEnum):
    """A file of its own, so that what changes often is small."""

    ARCHIVE = "archive"
    """Readings of the days before; written about once a day."""
    RECENT = "recent"
    """Readings of the last days, and where the alerts stand; written at each change of either."""
    LOGIN = "login"
    """Refused log-ins, written around each attempt."""
    SCHEDULE = "schedule"
    """What was learned of this account's upload delay."""
    FOLLOWERS = "followers"
    """Followers' states seen last, and who is to be removed when; written at each change."""
    CHAINS = "chains"
    """Where the wake-up chains stand, and what they switched on; written at each change."""


@dataclass(slots=True)
class _Request:
    """Data to be written, and whether they are on disk, once that is known."""

    data: dict[str, object]
    done: asyncio.Future[bool]


class _StoredPart:
    """One file: at most one write at a time, and after it the newest data that came meanwhile."""

    def __init__(self, hass: HomeAssistant, entry_id: str, part: StoredFile) -> None:
        """Prepare a file; nothing is read or written yet."""
        self._hass = hass
        self._part = part
        self.key = f"{DOMAIN}.{entry_id}.{part}"
        self._store = self._make_store()
        self._next: _Request | None = None
        self._is_writing = False
        self._has_failed = False
        self._is_delayed = False

    @property
    def path(self) -> Path:
        """Return where the file is."""
        return Path(self._store.path)

    async def load(self) -> dict[str, object] | None:
        """Return what the file holds, None where there is none; raise TimeoutError after the limit."""
        async with asyncio.timeout(LIMIT_SECONDS):
            return await self._store.async_load()

    async def save(self, data: dict[str, object]) -> bool:
        """Write data now, and return whether they, or newer ones, are known to be on disk within the limit."""
        self._is_delayed = False
        if self._next:
            self._next.data = data
        else:
            self._next = _Request(data, self._hass.loop.create_future())
        done = self._next.done
        if not self._is_writing:
            self._hass.async_create_background_task(self._write(), f"{DOMAIN} write {self._part}", eager_start=True)
        if not done.done():
            await asyncio.wait((done,), timeout=LIMIT_SECONDS)
        is_stored = done.done() and done.result()
        self._report(is_stored=is_stored)
        return is_stored

    @callback
    def save_later(self, collect: Callable[[], dict[str, object]], seconds: float) -> None:
        """Write later, and at the latest when Home Assistant stops; calls before that change nothing."""
        if self._is_delayed:
            return

        def collected() -> dict[str, object]:
            self._is_delayed = False
            return collect()

        self._is_delayed = True
        self._store.async_delay_save(collected, seconds)

    async def remove(self) -> None:
        """Remove the file; raise TimeoutError after the limit."""
        async with asyncio.timeout(LIMIT_SECONDS):
            await self._store.async_remove()

    def _make_store(self) -> Store[dict[str, object]]:
        """Return Home Assistant's own access to the file."""
        return Store(self._hass, VERSION, self.key, private=True, atomic_writes=True)

    async def _write(self) -> None:
        """Write what is to be written until there is no more."""
        self._is_writing = True
        try:
            while request := self._next:
                self._next = None
                is_stored = False
                try:
                    is_stored = await self._write_once(request.data)
                finally:
                    request.done.set_result(is_stored)
        finally:
            self._is_writing = False

    async def _write_once(self, data: dict[str, object]) -> bool:
        """Write data, and return whether they can be read again: Home Assistant hides errors of writing."""
        try:
            await self._store.async_save(data)
            return await self._make_store().async_load() == data
        except Exception:  # noqa: BLE001  (whatever the disk does must not reach who saves)
            return False

    @callback
    def _report(self, *, is_stored: bool) -> None:
        """Log the first failure of a row, and its end; while Home Assistant stops, it writes a little later."""
        if is_stored and self._has_failed:
            LOGGER.info("The %s data are stored again", self._part)
        elif not is_stored and not self._has_failed and self._hass.state is not CoreState.stopping:
            LOGGER.warning("The %s data could not be stored", self._part)
        self._has_failed = not is_stored


class Storage:
    """Reads and writes the parts of one config entry."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Prepare the files of one entry; nothing is read or written yet."""
        self._hass = hass
        self._entry_id = entry_id
        self._parts = {part: _StoredPart(hass, entry_id, part) for part in StoredFile}
        self._unread: set[StoredFile] = set()

    async def load[T](self, part: StoredFile, parse: Callable[[Mapping[str, object]], T]) -> T | None:
        """Return what a part holds, None when there is nothing or it was damaged and has been set aside.

        `parse` makes the value from plain JSON and raises ValueError when it can't. StorageError is raised when the
        disk does not answer; a part saved after that does not replace the file.
        """
        stored = self._parts[part]
        try:
            data = await stored.load()
            self._unread.discard(part)
            return None if data is None else parse(data)
        except (TimeoutError, HomeAssistantError, OSError) as err:
            if isinstance(err, OSError) or isinstance(err.__cause__, OSError):
                self._unread.add(part)
                raise StorageError(f"The stored {part} data could not be read") from err
            await self._set_aside(part, Path.replace)
            return None
        except AttributeError, KeyError, NotImplementedError, TypeError, ValueError:
            # Home Assistant itself sets aside what is no JSON; the rest is a foreign version, shape or content.
            await self._set_aside(part, Path.replace)
            return None

    async def save(self, part: StoredFile, data: dict[str, object]) -> bool:
        """Write a part now, and return whether it is on disk; a crash leaves either the old or the new file.

        Never raises, and returns within a few seconds more than the limit. What failed is to be saved again by the
        caller; what the disk takes too long for is written once it answers, unless newer data came.
        """
        if part in self._unread:
            self._unread.discard(part)
            await self._set_aside(part, Path.replace)
        return await self._parts[part].save(data)

    @callback
    def save_later(self, part: StoredFile, collect: Callable[[], dict[str, object]], seconds: float) -> None:
        """Write a part some time later, and at the latest when Home Assistant stops; the first call sets the time."""
        self._parts[part].save_later(collect, seconds)

    async def remove(self) -> None:
        """Remove every file of this entry, the damaged ones set aside, and the repair issues about them."""
        for part, stored in self._parts.items():
            with suppress(HomeAssistantError, OSError):
                await stored.remove()
                async with asyncio.timeout(LIMIT_SECONDS):
                    await self._hass.async_add_executor_job(_remove_copies, stored.path)
            ir.async_delete_issue(self._hass, DOMAIN, self._issue_id(part))

    async def _set_aside(self, part: StoredFile, keep: Callable[[Path, Path], object]) -> None:
        """Keep a damaged file under another name, so that nothing is lost, and tell the user."""
        path = self._parts[part].path
        kept = path.with_name(f"{path.name}.damaged.{dt_util.utcnow():%Y%m%dT%H%M%S}")
        # A file that can't even be renamed must not stop the set-up.
        with suppress(OSError):
            async with asyncio.timeout(LIMIT_SECONDS):
                await self._hass.async_add_executor_job(keep, path, kept)
        LOGGER.warning("The stored %s data were damaged and have been set aside", part)
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            self._issue_id(part),
            is_fixable=False,
            is_persistent=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key="storage_damaged",
            translation_placeholders={"file": kept.name},
        )

    def _issue_id(self, part: StoredFile) -> str:
        """Return the id of the repair issue about a damaged part."""
        return f"storage_damaged_{self._entry_id}_{part}"


def _remove_copies(path: Path) -> None:
    """Remove what was set aside of a file, here or by Home Assistant."""
    for kind in ("damaged", "corrupt"):
        for copy in path.parent.glob(f"{path.name}.{kind}.*"):
            copy.unlink(missing_ok=True)
