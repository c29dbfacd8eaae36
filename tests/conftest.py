"""Fixtures: a Share server on loopback with one person, and a config entry for them."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from unittest.mock import patch

from aiohttp.test_utils import TestServer
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from hypothesis import HealthCheck, settings
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

import custom_components.dexcom_share  # noqa: F401  (before the kit's own `custom_components` shadows ours)
from simulator import Account, ListSource, Simulator, make_app

from .common import PASSWORD, USERNAME, Share, make_entry
from .watching import NOON, Watch

# How fast a machine makes up its examples is no matter of a test, and what fails is to be the change's doing: the same
# examples every time. `--hypothesis-profile=explore` looks for new ones.
_ANY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeat", _ANY_MACHINE, derandomize=True)
settings.register_profile("explore", _ANY_MACHINE, max_examples=2000)
settings.load_profile("repeat")

STORE_METHODS = {name: vars(Store)[name] for name in ("_async_load", "_async_write_data", "async_remove")}


@pytest.fixture(autouse=True)
def _enable_custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant load this integration, with all entities, where a test uses it; after the recorder."""
    if "recorder_mock" in request.fixturenames:
        request.getfixturevalue("recorder_mock")
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")
        if "enabled_by_default" not in request.keywords:
            request.getfixturevalue("all_entities")


@pytest.fixture(autouse=True)
async def enable_event_loop_debug(request: pytest.FixtureRequest) -> None:
    """Debug the event loop with `--asyncio-debug` alone, while the kit always does: that doubles the time of a test.

    What it would find besides, calls from another thread, Home Assistant finds by itself.
    """
    asyncio.get_running_loop().set_debug(request.config.getoption("asyncio_debug") is True)


@pytest.fixture
def all_entities() -> Generator[None]:
    """Let every entity be enabled from its first start on."""
    with patch.object(Entity, "entity_registry_enabled_default", new=True):
        yield


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Write Home Assistant's objects as its own tests do."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture
def storage_folder(hass: HomeAssistant, tmp_path: Path) -> Generator[Path]:
    """Let Home Assistant store in real files, and return their folder; the kit replaces them by a dictionary."""
    folder = tmp_path / ".storage"
    folder.mkdir()
    with patch.multiple(Store, **STORE_METHODS), patch.object(hass.config, "config_dir", str(tmp_path)):
        yield folder


@pytest.fixture
async def share(socket_enabled: None) -> AsyncGenerator[Share]:
    """Return a running Share server with one person, who has no readings yet."""
    simulator = Simulator(clock=lambda: dt_util.utcnow(), seed=1, latency=False)  # noqa: PLW0108
    account = simulator.add_account(USERNAME, PASSWORD, source=ListSource())
    server = TestServer(make_app(simulator))
    # The server keeps connections open, as time passes in leaps here; the client lets go of them by itself.
    await server.start_server(access_log=None, keepalive_timeout=31_536_000)
    yield Share(simulator=simulator, account=account, server=server)
    await server.close()


@pytest.fixture
def account(share: Share) -> Account:
    """Return the person of the Share server."""
    return share.account


@pytest.fixture
def entry(share: Share, freezer: FrozenDateTimeFactory) -> MockConfigEntry:
    """Return the config entry of that person, not added yet; from here on time passes only in leaps.

    To stop a clock that an account already goes by would let its monotonic clock jump.
    """
    return make_entry(share)


@pytest.fixture
async def loaded(hass: HomeAssistant, share: Share, entry: MockConfigEntry) -> MockConfigEntry:
    """Return the config entry of that person, set up, with the two readings of `Share.add_readings`."""
    share.add_readings()
    await share.set_up(hass, entry)
    return entry


@pytest.fixture
async def watch(hass: HomeAssistant, share: Share, entry: MockConfigEntry, freezer: FrozenDateTimeFactory) -> Watch:
    """Return that person, not set up yet, with what their alerts tell; it is noon in Home Assistant's time zone."""
    freezer.move_to(NOON)
    await hass.config.async_set_time_zone("UTC")
    return Watch(hass, share, entry, freezer)
