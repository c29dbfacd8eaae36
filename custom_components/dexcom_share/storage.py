"""What is kept on disk for one person: small files, each written whole and at once, each set aside when damaged."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import DOMAIN, LOGGER

VERSION: Final = 1


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


class Storage:
    """Reads and writes the parts of one config entry."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Prepare the files of one entry; nothing is read or written yet."""
        self._hass = hass
        self._entry_id = entry_id
        self._stores: dict[StoredFile, Store[dict[str, object]]] = {
            part: Store(hass, VERSION, f"{DOMAIN}.{entry_id}.{part}", private=True, atomic_writes=True)
            for part in StoredFile
        }

    async def load[T](self, part: StoredFile, parse: Callable[[Mapping[str, object]], T]) -> T | None:
        """Return what a part holds, None when there is nothing or it was damaged and has been set aside.

        `parse` makes the value from plain JSON and raises ValueError when it can't.
        """
        store = self._stores[part]
        try:
            data = await store.async_load()
            return None if data is None else parse(data)
        except HomeAssistantError, AttributeError, KeyError, NotImplementedError, TypeError, ValueError:
            # Home Assistant itself sets aside what is no JSON; the rest is a foreign version, shape or content.
            await self._set_aside(part, Path(store.path))
            return None

    async def _set_aside(self, part: StoredFile, path: Path) -> None:
        """Rename a damaged file, so that nothing is lost, and tell the user."""
        kept = path.with_name(f"{path.name}.damaged.{dt_util.utcnow():%Y%m%dT%H%M%S}")
        # A file that can't even be renamed must not stop the set-up.
        with suppress(OSError):
            await self._hass.async_add_executor_job(path.replace, kept)
        LOGGER.warning("The stored %s data were damaged and have been set aside", part)
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            f"storage_damaged_{self._entry_id}_{part}",
            is_fixable=False,
            is_persistent=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key="storage_damaged",
            translation_placeholders={"file": kept.name},
        )

    async def save(self, part: StoredFile, data: dict[str, object]) -> None:
        """Write a part now; a crash leaves either the old or the new file."""
        await self._stores[part].async_save(data)

    def save_later(self, part: StoredFile, collect: Callable[[], dict[str, object]], seconds: float) -> None:
        """Write a part some time later, and at the latest when Home Assistant stops."""
        self._stores[part].async_delay_save(collect, seconds)

    async def remove(self) -> None:
        """Remove every file of this entry."""
        for store in self._stores.values():
            await store.async_remove()
