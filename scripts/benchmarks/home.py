"""A Home Assistant without anything in it, and people added to it."""

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from homeassistant import loader
from homeassistant.bootstrap import async_load_base_functionality
from homeassistant.config_entries import SOURCE_USER, ConfigEntries, ConfigEntry, ConfigEntryState
from homeassistant.core import CoreState, HomeAssistant

from custom_components.dexcom_share.const import DOMAIN


@contextmanager
def storage_folder() -> Iterator[Path]:
    """Yield an empty folder, in memory where the system has that: the disk is not what is measured."""
    memory = Path("/dev/shm")  # noqa: S108
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@asynccontextmanager
async def home_in(folder: Path, *, is_started: bool = True) -> AsyncGenerator[HomeAssistant]:
    """Yield a Home Assistant with what is stored in a folder, nothing of it set up yet; it runs, or is yet to start."""
    # Trouble is made on purpose here, and counted.
    logging.disable(logging.CRITICAL)
    hass = HomeAssistant(str(folder))
    hass.config.skip_pip = True
    hass.config_entries = ConfigEntries(hass, {})
    loader.async_setup(hass)
    await async_load_base_functionality(hass)
    if is_started:
        await hass.async_start()
    try:
        yield hass
    finally:
        if hass.state is not CoreState.stopped:
            await hass.async_stop(force=True)
        # A process ends with its timers; here they would go on.
        for entry in hass.config_entries.async_loaded_entries(DOMAIN):
            await hass.config_entries.async_unload(entry.entry_id)


async def add_entry(hass: HomeAssistant, domain: str, unique_id: str, data: Mapping[str, str]) -> ConfigEntry:
    """Return the config entry of a person, set up and loaded."""
    entry = ConfigEntry(
        data=data,
        discovery_keys=MappingProxyType({}),
        domain=domain,
        minor_version=1,
        options={},
        source=SOURCE_USER,
        subentries_data=(),
        title=data["username"],
        unique_id=unique_id,
        version=1,
    )
    await hass.config_entries.async_add(entry)
    await hass.async_block_till_done()
    if entry.state is not ConfigEntryState.LOADED:
        raise RuntimeError(f"the set-up of {domain} ended as {entry.state}: {entry.reason}")
    return entry
