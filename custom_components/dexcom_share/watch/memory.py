"""What outlives a restart: readings, alerts and the learned schedule, and how they get to the disk."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from ..glucose.alerts.muting import Mute
from ..glucose.alerts.state import Alerts
from ..glucose.alerts.stored import alerts_from_dict, alerts_to_dict
from ..glucose.history import History
from ..glucose.ranges import GlucoseRange
from ..glucose.schedule import PollSchedule
from ..storage import Storage, StorageError, StoredFile

SCHEDULE_SAVE_SECONDS: Final = 3600.0
FIRST_RETRY_SECONDS: Final = 15.0
LONGEST_RETRY_SECONDS: Final = 600.0
"""A write that failed is tried again after a pause that doubles up to this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastTold:
    """The reading that was told last: its effective time and where it was."""

    time: datetime
    range: GlucoseRange


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMemory:
    """What must be remembered of the alerts of one person.

    Muted without a `mute` is what a version before left behind, or a damaged file: its end has yet to be set.
    """

    alerts: Alerts = field(default_factory=Alerts)
    is_muted: bool = False
    mute: Mute | None = None
    last_told: LastTold | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the memory as plain JSON."""
        told = self.last_told
        return {
            "alerts": alerts_to_dict(self.alerts),
            "is_muted": self.is_muted,
            "mute": self.mute.to_dict() if self.mute else None,
            "told": {"time": told.time.isoformat(), "range": told.range} if told else None,
        }

    @classmethod
    def from_dict(cls, stored: object) -> Self:
        """Return the memory from JSON; what is damaged of it is as at the beginning."""
        if not isinstance(stored, Mapping):
            return cls()
        return cls(
            alerts=alerts_from_dict(stored.get("alerts")),
            is_muted=stored.get("is_muted") is True,
            mute=Mute.from_dict(stored.get("mute")) if stored.get("is_muted") is True else None,
            last_told=_last_told(stored.get("told")),
        )


def _last_told(stored: object) -> LastTold | None:
    """Return the reading told last from JSON, None where it is damaged."""
    if not isinstance(stored, Mapping):
        return None
    try:
        time = datetime.fromisoformat(str(stored.get("time")))
        where = GlucoseRange(str(stored.get("range")))
    except ValueError:
        return None
    return LastTold(time=time, range=where) if time.tzinfo else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """Everything that is kept of the watch over one person."""

    history: History
    alerts: AlertMemory
    schedule: PollSchedule


async def async_load(storage: Storage) -> Remembered:
    """Return what is stored; what is damaged is set aside, and costs no more than itself."""
    alerts = AlertMemory()

    def parse_recent(stored: Mapping[str, object]) -> History:
        nonlocal alerts
        alerts = AlertMemory.from_dict(stored.get("alerts"))
        return History.from_dict(stored)

    archive = await _load(storage, StoredFile.ARCHIVE, History.from_dict)
    recent = await _load(storage, StoredFile.RECENT, parse_recent)
    schedule = await _load(storage, StoredFile.SCHEDULE, PollSchedule.from_dict)
    return Remembered(history=History.from_parts(archive, recent), alerts=alerts, schedule=schedule or PollSchedule())


async def _load[T](storage: Storage, part: StoredFile, parse: Callable[[Mapping[str, object]], T]) -> T | None:
    """Return what a part holds, None also where the disk does not answer: who is watched is watched without it."""
    try:
        return await storage.load(part, parse)
    except StorageError:
        return None


class MemoryWriter:
    """Writes readings and alerts after they were told; what could not be written is tried again."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        storage: Storage,
        remembered: Remembered,
        *,
        alerts: Callable[[], AlertMemory],
        prune: Callable[[], None],
    ) -> None:
        """Take what is to be written; `prune` forgets what is too old before all of it is."""
        self._hass = hass
        self._entry = entry
        self._storage = storage
        self._history = remembered.history
        self._schedule = remembered.schedule
        self._alerts = alerts
        self._prune = prune
        self._written_alerts = alerts()
        self._are_readings_written = True
        self._lock = asyncio.Lock()
        self._retry_seconds = FIRST_RETRY_SECONDS
        self._is_retry_due = False
        self._is_stopped = False

    @callback
    def async_note_readings(self) -> None:
        """Know that there are readings which are not on the disk yet."""
        self._are_readings_written = False

    @callback
    def async_note_schedule(self) -> None:
        """Write what was learned of the upload delay within the hour."""
        self._storage.save_later(StoredFile.SCHEDULE, self._schedule.to_dict, SCHEDULE_SAVE_SECONDS)

    async def async_stop(self) -> None:
        """Write everything now and try nothing again: whoever is loaded next owns the files."""
        self._is_stopped = True
        await self._storage.save(StoredFile.SCHEDULE, self._schedule.to_dict())
        await self._write()

    @callback
    def async_write(self) -> None:
        """Write at once what is not on the disk yet; an unload waits for it, nothing else does."""
        if self._is_due():
            self._entry.async_create_task(self._hass, self._write(), f"{DOMAIN} history")

    def _is_due(self) -> bool:
        """Return whether something is not on the disk yet."""
        return not self._are_readings_written or self._alerts() != self._written_alerts

    async def _write(self) -> None:
        """Write what is new, and once a day all readings, so that the daily writing stays small."""
        async with self._lock:
            if not self._is_due():
                return
            self._are_readings_written, alerts = True, self._alerts()
            if self._history.archive_is_due:
                self._prune()
                if await self._storage.save(StoredFile.ARCHIVE, self._history.archive_to_dict()):
                    self._history.archive_saved()
            data = {**self._history.recent_to_dict(), "alerts": alerts.to_dict()}
            if await self._storage.save(StoredFile.RECENT, data):
                self._written_alerts = alerts
                self._retry_seconds = FIRST_RETRY_SECONDS
            else:
                self._are_readings_written = False
                self._try_again()

    def _try_again(self) -> None:
        """Write again after a pause, unless that is to happen anyway or an unload has come between."""
        if not self._is_retry_due and not self._is_stopped:
            self._is_retry_due = True
            self._entry.async_create_background_task(self._hass, self._retry(), f"{DOMAIN} history again")

    async def _retry(self) -> None:
        """Wait, and write again."""
        pause, self._retry_seconds = self._retry_seconds, min(2 * self._retry_seconds, LONGEST_RETRY_SECONDS)
        await asyncio.sleep(pause)
        self._is_retry_due = False
        self.async_write()
