"""What is kept on disk: known to be there or not, within a time limit, and with nothing lost that can be read."""

from collections.abc import Callable, Generator, Mapping
from datetime import timedelta
import json
import logging
from pathlib import Path
from threading import Event
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util, json as json_util
from homeassistant.util.file import write_utf8_file_atomic
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.dexcom_share import storage as module
from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.storage import Storage, StorageError, StoredFile

ENTRY = "entry-1"
LOGIN = f"{DOMAIN}.{ENTRY}.login"
WRITE = "homeassistant.helpers.storage.write_utf8_file_atomic"


def same(stored: Mapping[str, object]) -> Mapping[str, object]:
    """Take stored data as they are."""
    return stored


@pytest.fixture
def storage(hass: HomeAssistant, storage_folder: Path) -> Storage:
    """Return the files of an entry; since 2026.11 Home Assistant fixes their folder when they are prepared."""
    return Storage(hass, ENTRY)


def impatient() -> Any:
    """Let nobody wait for the disk longer than it takes to see that it hangs."""
    return patch.object(module, "LIMIT_SECONDS", 0.01)


def files(folder: Path, pattern: str = "*") -> list[Path]:
    """Return the files in a folder."""
    return sorted(folder.glob(pattern))


class Hang:
    """A disk that answers no write until it is released."""

    def __init__(self) -> None:
        self.released = Event()
        self.begun = 0

    def write(self, *args: Any, **kwargs: Any) -> None:
        self.begun += 1
        self.released.wait(30)
        write_utf8_file_atomic(*args, **kwargs)


@pytest.fixture
def hang() -> Generator[Hang]:
    """Let writes hang until the end of the test or until they are released."""
    hang = Hang()
    with patch(WRITE, hang.write):
        yield hang
        hang.released.set()


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the integration itself has warned of."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(f"custom_components.{DOMAIN}") and record.levelno >= logging.WARNING
    ]


async def test_what_was_saved_is_loaded(hass: HomeAssistant, storage: Storage) -> None:
    """Also where tests replace the files by a dictionary."""
    assert await storage.load(StoredFile.LOGIN, same) is None
    assert await storage.save(StoredFile.LOGIN, {"a": [1, None, "b"]})
    assert await Storage(hass, ENTRY).load(StoredFile.LOGIN, same) == {"a": [1, None, "b"]}


async def test_what_was_saved_is_in_a_file(storage: Storage, storage_folder: Path) -> None:
    """Of this name, which must stay, and readable by its owner alone."""
    assert await storage.save(StoredFile.LOGIN, {"a": 1})
    assert json.loads((storage_folder / LOGIN).read_text())["data"] == {"a": 1}
    assert (storage_folder / LOGIN).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), RuntimeError("no more threads")])
async def test_a_write_that_failed_is_known_to_have_failed(
    storage: Storage, storage_folder: Path, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    """A full disk leaves the old file, is logged once, and counts as mended with the next write."""
    caplog.set_level(logging.INFO)
    assert await storage.save(StoredFile.LOGIN, {"a": 1})
    with patch("homeassistant.util.file.AtomicWriter", side_effect=error):
        assert not await storage.save(StoredFile.LOGIN, {"a": 2})
        assert not await storage.save(StoredFile.LOGIN, {"a": 3})
    assert await storage.load(StoredFile.LOGIN, same) == {"a": 1}
    assert warnings(caplog) == ["The login data could not be stored"]
    assert await storage.save(StoredFile.LOGIN, {"a": 3})
    assert await storage.load(StoredFile.LOGIN, same) == {"a": 3}
    assert "The login data are stored again" in caplog.text


async def test_a_folder_that_can_not_be_made(storage: Storage, storage_folder: Path) -> None:
    """Home Assistant lets this error through; whoever saves does not meet it."""
    with patch("homeassistant.helpers.storage.os.makedirs", side_effect=PermissionError):
        assert not await storage.save(StoredFile.LOGIN, {"a": 1})
    with patch.object(Store, "path", "/dev/null/file"):
        assert not await Storage(storage._hass, ENTRY).save(StoredFile.LOGIN, {"a": 1})


async def test_a_write_that_did_nothing_has_failed(storage: Storage, storage_folder: Path) -> None:
    """What counts is what can be read again, not that no error was seen."""
    with patch(WRITE):
        assert not await storage.save(StoredFile.LOGIN, {"a": 1})


async def test_data_that_are_no_json(storage: Storage, storage_folder: Path) -> None:
    """They can't be written, and are known not to be."""
    assert not await storage.save(StoredFile.LOGIN, {"a": object()})


async def test_a_disk_that_hangs_holds_nobody_up(
    hass: HomeAssistant, storage: Storage, storage_folder: Path, hang: Hang
) -> None:
    """Saving comes back; one write waits, and after it the newest data are written, once."""
    with impatient():
        results = [await storage.save(StoredFile.LOGIN, {"a": number}) for number in range(5)]
    assert results == [False] * 5
    assert hang.begun == 1
    hang.released.set()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert hang.begun == 2
    assert await storage.load(StoredFile.LOGIN, same) == {"a": 4}
    assert await storage.save(StoredFile.LOGIN, {"a": 5})


async def test_a_write_that_hangs_keeps_no_other_file(storage: Storage, storage_folder: Path, hang: Hang) -> None:
    """Each file has its own."""
    with impatient():
        assert not await storage.save(StoredFile.ARCHIVE, {"a": 1})
    with patch(WRITE, write_utf8_file_atomic):
        assert await storage.save(StoredFile.LOGIN, {"a": 1})


async def test_a_file_that_can_not_be_read_in_time(storage: Storage, storage_folder: Path) -> None:
    """It is an error, not an empty file, and what is saved after it does not replace what could not be read."""
    assert await storage.save(StoredFile.LOGIN, {"a": 1})
    released = Event()

    def read(*_: object) -> None:
        released.wait(30)

    with patch.object(json_util, "load_json", read), impatient(), pytest.raises(StorageError):
        await storage.load(StoredFile.LOGIN, same)
    released.set()
    assert await storage.save(StoredFile.LOGIN, {"a": 2})
    [kept] = files(storage_folder, f"{LOGIN}.damaged.*")
    assert json.loads(kept.read_text())["data"] == {"a": 1}
    assert await storage.save(StoredFile.LOGIN, {"a": 3})
    assert len(files(storage_folder, f"{LOGIN}.damaged.*")) == 1


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), HomeAssistantError("wrapped")])
async def test_a_read_that_fails_for_once_is_no_damage(
    storage: Storage, storage_folder: Path, error: Exception
) -> None:
    """The file stays where it is, and is read the next time."""
    if isinstance(error, HomeAssistantError):
        error.__cause__ = OSError(5, "Input/output error")
    assert await storage.save(StoredFile.LOGIN, {"a": 1})
    with patch.object(json_util, "load_json", side_effect=error), pytest.raises(StorageError):
        await storage.load(StoredFile.LOGIN, same)
    assert await storage.load(StoredFile.LOGIN, same) == {"a": 1}
    assert await storage.save(StoredFile.LOGIN, {"a": 2})
    assert [path.name for path in files(storage_folder)] == [LOGIN]


def failing(error: Exception) -> Callable[[Mapping[str, object]], object]:
    """Return a parser that raises."""

    def parse(_: Mapping[str, object]) -> object:
        raise error

    return parse


@pytest.mark.parametrize("error", [ValueError(), KeyError(), TypeError(), AttributeError(), HomeAssistantError()])
async def test_a_damaged_file_is_set_aside(
    storage: Storage, storage_folder: Path, issue_registry: ir.IssueRegistry, error: Exception
) -> None:
    """Its user is told, and the place is free."""
    assert await storage.save(StoredFile.LOGIN, {"a": 1})
    assert await storage.load(StoredFile.LOGIN, failing(error)) is None
    [kept] = files(storage_folder)
    assert kept.name.startswith(f"{LOGIN}.damaged.")
    assert issue_registry.async_get_issue(DOMAIN, f"storage_damaged_{ENTRY}_login")
    assert await storage.load(StoredFile.LOGIN, same) is None


async def test_a_removed_entry_leaves_nothing(
    hass: HomeAssistant, storage: Storage, storage_folder: Path, issue_registry: ir.IssueRegistry
) -> None:
    """No files, no damaged copies, no repair issues; those of others stay."""
    other = Storage(hass, "entry-2")
    for one in (storage, other):
        assert await one.save(StoredFile.LOGIN, {"a": 1})
        assert await one.load(StoredFile.LOGIN, failing(ValueError())) is None
        assert await one.save(StoredFile.RECENT, {"a": 1})
    (storage_folder / f"{LOGIN}.corrupt.2026-11-01").touch()
    await storage.remove()
    assert all("entry-2" in path.name for path in files(storage_folder))
    assert len(files(storage_folder)) == 2
    assert {issue for _, issue in issue_registry.issues} == {"storage_damaged_entry-2_login"}


async def test_a_file_that_can_not_be_removed(storage: Storage, storage_folder: Path) -> None:
    """It keeps the others from nothing."""
    assert await storage.save(StoredFile.LOGIN, {"a": 1})
    assert await storage.save(StoredFile.SCHEDULE, {"a": 1})
    with patch.object(Path, "glob", side_effect=PermissionError):
        await storage.remove()
    assert files(storage_folder) == []


class TestLater:
    """Writing that can wait."""

    async def test_later_calls_postpone_nothing(
        self, hass: HomeAssistant, storage: Storage, storage_folder: Path, freezer: FrozenDateTimeFactory
    ) -> None:
        """However often it is called, the first call sets the time, and what is true then is written."""
        data = {"calls": 0}
        for _ in range(12):
            storage.save_later(StoredFile.SCHEDULE, lambda: dict(data), 3600)
            data["calls"] += 1
            freezer.tick(timedelta(seconds=301))
            async_fire_time_changed(hass)
            await hass.async_block_till_done()
        assert await Storage(hass, ENTRY).load(StoredFile.SCHEDULE, same) == {"calls": 12}
        storage.save_later(StoredFile.SCHEDULE, lambda: {"calls": "next"}, 60)
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
        await hass.async_block_till_done()
        assert await Storage(hass, ENTRY).load(StoredFile.SCHEDULE, same) == {"calls": "next"}

    async def test_saving_at_once_takes_its_place(
        self, hass: HomeAssistant, storage: Storage, storage_folder: Path
    ) -> None:
        """And the next time it can wait again."""
        storage.save_later(StoredFile.SCHEDULE, lambda: {"a": "later"}, 60)
        assert await storage.save(StoredFile.SCHEDULE, {"a": "now"})
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=61))
        await hass.async_block_till_done()
        assert await storage.load(StoredFile.SCHEDULE, same) == {"a": "now"}
        storage.save_later(StoredFile.SCHEDULE, lambda: {"a": "later"}, 60)
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=122))
        await hass.async_block_till_done()
        assert await Storage(hass, ENTRY).load(StoredFile.SCHEDULE, same) == {"a": "later"}

    async def test_it_is_written_when_home_assistant_stops(
        self, hass: HomeAssistant, storage: Storage, storage_folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """What waits, and what is saved while it stops, which is no failure to warn of."""
        storage.save_later(StoredFile.SCHEDULE, lambda: {"a": 1}, 3600)
        with patch.object(hass, "state", CoreState.stopping):
            assert not await storage.save(StoredFile.LOGIN, {"a": 2})
        assert warnings(caplog) == []
        hass.bus.async_fire("homeassistant_final_write")
        await hass.async_block_till_done()
        assert json.loads((storage_folder / f"{DOMAIN}.{ENTRY}.schedule").read_text())["data"] == {"a": 1}
        assert json.loads((storage_folder / LOGIN).read_text())["data"] == {"a": 2}


async def test_errors_are_known_where_tests_replace_the_files(storage: Storage) -> None:
    """The check needs no real file."""
    with patch.object(Store, "_async_write_data", side_effect=OSError):
        assert not await storage.save(StoredFile.LOGIN, {"a": 1})
