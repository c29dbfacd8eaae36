"""What outlives a restart: written after it was told, tried again where the disk fails, loaded in spite of damage."""

import asyncio
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from types import SimpleNamespace
from typing import Any, override
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.glucose.alerts.kinds import AlertKind
from custom_components.dexcom_share.glucose.alerts.state import Alert, Alerts
from custom_components.dexcom_share.glucose.history import History
from custom_components.dexcom_share.glucose.ranges import GlucoseRange
from custom_components.dexcom_share.glucose.schedule import PollSchedule
from custom_components.dexcom_share.share import GlucoseReading
from custom_components.dexcom_share.storage import Storage, StorageError, StoredFile
from custom_components.dexcom_share.watch import memory as module
from custom_components.dexcom_share.watch.memory import AlertMemory, LastTold, MemoryWriter, Remembered, async_load

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LOW = Alerts(reading_time=NOON).with_alert(AlertKind.LOW, Alert(since=NOON, is_raised=True, is_told=True))
MEMORY = AlertMemory(alerts=LOW, is_muted=True, last_told=LastTold(time=NOON, range=GlucoseRange.LOW))


def history_of(count: int) -> History:
    """Return a history of so many readings, the newest taken at noon."""
    history = History()
    history.merge(
        [GlucoseReading(NOON - place * timedelta(minutes=5), 100 + place % 9) for place in range(count)], NOON
    )
    return history


class Disk(Storage):
    """Files in memory, which refuse what is named in `broken` and hang while `gate` is not set."""

    def __init__(self, hass: HomeAssistant) -> None:
        super().__init__(hass, "entry-1")
        self.files: dict[StoredFile, Mapping[str, Any]] = {}
        self.broken: set[StoredFile] = set()
        self.tries: list[StoredFile] = []
        self.gate = asyncio.Event()
        self.gate.set()

    @override
    async def save(self, part: StoredFile, data: dict[str, object]) -> bool:
        self.tries.append(part)
        await self.gate.wait()
        if part not in self.broken:
            self.files[part] = json.loads(json.dumps(data))
        return part not in self.broken

    @override
    async def load[T](self, part: StoredFile, parse: Callable[[Mapping[str, object]], T]) -> T | None:
        if part in self.broken:
            raise StorageError("no answer")
        return parse(self.files[part]) if part in self.files else None


class Pauses(list[float]):
    """The pauses that were begun; each ends when the test says so."""

    def __init__(self) -> None:
        self._ends: list[asyncio.Future[None]] = []

    async def sleep(self, seconds: float) -> None:
        self.append(seconds)
        self._ends.append(asyncio.get_running_loop().create_future())
        await self._ends[-1]

    def end(self) -> None:
        self._ends.pop().set_result(None)

    @property
    def waiting(self) -> int:
        """Return how many pauses are going on."""
        return sum(not end.done() for end in self._ends)


@pytest.fixture
def pauses() -> Generator[Pauses]:
    """Let pauses end when the test says so."""
    pauses = Pauses()
    with patch.object(module, "asyncio", SimpleNamespace(Lock=asyncio.Lock, sleep=pauses.sleep)):
        yield pauses


@pytest.fixture
def disk(hass: HomeAssistant) -> Disk:
    """Return a disk without any file."""
    return Disk(hass)


class Writing:
    """A writer for one entry, and what it writes."""

    def __init__(self, hass: HomeAssistant, disk: Disk, count: int = 3) -> None:
        self._hass = hass
        self.entry = MockConfigEntry(domain=DOMAIN)
        self.history = history_of(count)
        self.memory = AlertMemory()
        self.pruned = 0
        self.writer = MemoryWriter(
            hass,
            self.entry,
            disk,
            Remembered(history=self.history, alerts=self.memory, schedule=PollSchedule()),
            alerts=lambda: self.memory,
            prune=self._prune,
        )

    def _prune(self) -> None:
        self.pruned += 1

    async def write(self) -> None:
        """Write what is due, and let happen what does not wait for a pause."""
        self.writer.async_write()
        await self._hass.async_block_till_done()


@pytest.fixture
def writing(hass: HomeAssistant, disk: Disk, pauses: Pauses) -> Writing:
    """Return a writer with three readings that are not on the disk yet."""
    writing = Writing(hass, disk)
    writing.writer.async_note_readings()
    return writing


async def test_only_what_is_new_is_written(writing: Writing, disk: Disk) -> None:
    """Readings, then alerts; without either nothing."""
    await writing.write()
    await writing.write()
    assert disk.tries == [StoredFile.RECENT]
    writing.memory = MEMORY
    await writing.write()
    assert disk.tries == 2 * [StoredFile.RECENT]
    loaded = await async_load(disk)
    assert loaded.alerts == MEMORY
    assert loaded.history.latest(9) == writing.history.latest(9)


async def test_a_write_that_failed_is_tried_again_after_a_growing_pause(
    writing: Writing, disk: Disk, pauses: Pauses, hass: HomeAssistant
) -> None:
    """Up to ten minutes; once the disk works all of it is there, and the next failure begins with the first pause."""
    disk.broken.add(StoredFile.RECENT)
    await writing.write()
    for _ in range(8):
        pauses.end()
        await hass.async_block_till_done()
    assert pauses == [15, 30, 60, 120, 240, 480, 600, 600, 600]
    disk.broken.clear()
    pauses.end()
    await hass.async_block_till_done()
    assert disk.files[StoredFile.RECENT]["count"] == 3
    assert not pauses.waiting
    disk.broken.add(StoredFile.RECENT)
    writing.memory = MEMORY
    await writing.write()
    assert pauses[9:] == [15]


async def test_one_retry_waits_at_most(writing: Writing, disk: Disk, pauses: Pauses, hass: HomeAssistant) -> None:
    """However much comes meanwhile, which is tried at once; a retry that finds everything written writes nothing."""
    disk.broken.add(StoredFile.RECENT)
    for _ in range(3):
        await writing.write()
    assert len(disk.tries) == 3
    assert pauses.waiting == 1
    disk.broken.clear()
    await writing.write()
    pauses.end()
    await hass.async_block_till_done()
    assert len(disk.tries) == 4


async def test_alerts_that_changed_while_they_were_written_are_written_again(
    writing: Writing, disk: Disk, hass: HomeAssistant
) -> None:
    """The later state is what is on the disk in the end; three calls that wait for one write make one more of it."""
    disk.gate.clear()
    writing.writer.async_write()
    writing.memory = MEMORY
    for _ in range(3):
        writing.writer.async_write()
    disk.gate.set()
    await hass.async_block_till_done()
    assert disk.tries == 2 * [StoredFile.RECENT]
    assert (await async_load(disk)).alerts == MEMORY


async def test_the_recent_part_keeps_what_the_archive_may_lack(hass: HomeAssistant, disk: Disk, pauses: Pauses) -> None:
    """Readings leave it only once the archive is known to be on the disk; before that what is too old is forgotten."""
    writing = Writing(hass, disk, 800)
    writing.writer.async_note_readings()
    disk.broken.add(StoredFile.ARCHIVE)
    await writing.write()
    assert disk.tries == [StoredFile.ARCHIVE, StoredFile.RECENT]
    assert disk.files[StoredFile.RECENT]["count"] == 800
    disk.broken.clear()
    writing.writer.async_note_readings()
    await writing.write()
    assert disk.files[StoredFile.ARCHIVE]["count"] == 800
    assert disk.files[StoredFile.RECENT]["count"] < 500
    assert writing.pruned == 2
    assert len((await async_load(disk)).history) == 800


async def test_a_stop_writes_what_is_due_and_leaves_no_retry(
    writing: Writing, disk: Disk, pauses: Pauses, hass: HomeAssistant
) -> None:
    """What is loaded next owns the files: nothing may write older data over its own a pause later."""
    disk.broken.add(StoredFile.RECENT)
    await writing.writer.async_stop()
    await hass.async_block_till_done()
    assert disk.tries == [StoredFile.SCHEDULE, StoredFile.RECENT]
    assert not pauses
    disk.broken.clear()
    await writing.writer.async_stop()
    assert disk.files[StoredFile.RECENT]["count"] == 3


async def test_an_unload_waits_for_a_write_but_for_no_retry(
    hass: HomeAssistant, disk: Disk, loaded: MockConfigEntry
) -> None:
    """A write under way is finished; the pause of one that failed is not waited for."""
    glucose = loaded.runtime_data.glucose
    glucose._writer._storage = disk
    disk.broken.add(StoredFile.RECENT)
    glucose.alerts.memory = replace(glucose.alerts.memory, is_muted=True)
    glucose._writer.async_write()
    await hass.async_block_till_done()
    assert disk.tries == [StoredFile.RECENT]
    disk.broken.clear()
    disk.gate.clear()
    glucose._writer.async_write()
    unload = hass.async_create_task(hass.config_entries.async_unload(loaded.entry_id))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not unload.done()
    disk.gate.set()
    async with asyncio.timeout(5):
        assert await unload
    assert loaded.state is ConfigEntryState.NOT_LOADED
    assert disk.files[StoredFile.RECENT]["alerts"]["is_muted"] is True


RECENT = {**history_of(3).recent_to_dict(), "alerts": MEMORY.to_dict()}


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        ({}, MEMORY),
        ({"alerts": None}, AlertMemory()),
        ({"alerts": [1]}, AlertMemory()),
        ({"alerts": {**MEMORY.to_dict(), "alerts": "?"}}, replace(MEMORY, alerts=Alerts())),
        ({"alerts": {**MEMORY.to_dict(), "is_muted": "yes"}}, replace(MEMORY, is_muted=False)),
        ({"alerts": {**MEMORY.to_dict(), "told": None}}, replace(MEMORY, last_told=None)),
        ({"alerts": {**MEMORY.to_dict(), "told": {"time": "noon", "range": "low"}}}, replace(MEMORY, last_told=None)),
        ({"alerts": {**MEMORY.to_dict(), "of_a_later_version": 1}}, MEMORY),
    ],
)
async def test_damaged_alerts_cost_no_reading_and_nothing_else(
    disk: Disk, damage: dict[str, Any], expected: AlertMemory
) -> None:
    """Each field that can be read counts."""
    disk.files[StoredFile.RECENT] = json.loads(json.dumps({**RECENT, **damage}))
    loaded = await async_load(disk)
    assert loaded.alerts == expected
    assert len(loaded.history) == 3


async def test_damaged_readings_cost_no_alert(hass: HomeAssistant) -> None:
    """Where an alert stands does not depend on the readings beside it, which Share serves again."""
    storage = Storage(hass, "entry-1")
    await storage.save(StoredFile.ARCHIVE, history_of(5).archive_to_dict())
    await storage.save(StoredFile.RECENT, {**RECENT, "columns": "?"})
    loaded = await async_load(storage)
    assert loaded.alerts == MEMORY
    assert len(loaded.history) == 5


@pytest.mark.parametrize("part", [StoredFile.ARCHIVE, StoredFile.RECENT, StoredFile.SCHEDULE])
async def test_a_file_that_can_not_be_read_costs_no_other(disk: Disk, part: StoredFile) -> None:
    """A disk that does not answer keeps nobody from being watched."""
    disk.files[StoredFile.ARCHIVE] = history_of(5).archive_to_dict()
    disk.files[StoredFile.RECENT] = RECENT
    disk.broken.add(part)
    loaded = await async_load(disk)
    assert len(loaded.history) == (3 if part is StoredFile.ARCHIVE else 5)
    assert loaded.alerts == (AlertMemory() if part is StoredFile.RECENT else MEMORY)
