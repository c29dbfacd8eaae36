"""What many tests of the house need: a person at a Share server, and the passing of time."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from aiohttp.test_utils import TestServer
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util
from homeassistant.util.signal_type import SignalType
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.dexcom_share.const import DOMAIN
from simulator import Account, Simulator

USERNAME: Final = "anna@example.com"
PASSWORD: Final = "correct horse"
SERVICES: Final = "/ShareWebServices/Services/"
MINUTE: Final = timedelta(minutes=1)
VALUE: Final = "sensor.anna_example_com_glucose_value"


@dataclass(frozen=True)
class Share:
    """A running Share server and its one person."""

    simulator: Simulator
    account: Account
    server: TestServer

    @property
    def base_url(self) -> str:
        """Return the address that takes the place of a region's."""
        return str(self.server.make_url(SERVICES))

    def add_readings(self, *values: int) -> None:
        """Add readings, the last one taken 20 seconds ago and each five minutes after the one before."""
        for place, value in enumerate(reversed(values or (104, 112))):
            self.account.add_reading(dt_util.utcnow() - timedelta(seconds=20) - place * 5 * MINUTE, value)

    def add_reading(self, value: int, trend: str = "Flat", ago: timedelta = timedelta(seconds=20)) -> None:
        """Add a reading that was taken some time ago."""
        self.account.add_reading(dt_util.utcnow() - ago, value, trend)

    async def set_up(
        self, hass: HomeAssistant, entry: MockConfigEntry, expected: ConfigEntryState = ConfigEntryState.LOADED
    ) -> None:
        """Set a config entry up and see that it ends as expected."""
        if entry.entry_id not in {known.entry_id for known in hass.config_entries.async_entries()}:
            entry.add_to_hass(hass)
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert entry.state is expected


def make_entry(share: Share, **data: str) -> MockConfigEntry:
    """Return a config entry as the flow would make it."""
    return MockConfigEntry(
        domain=DOMAIN,
        title=USERNAME,
        unique_id=share.account.account_id,
        data={"region": "us", "username": USERNAME, "password": PASSWORD, "base_url": share.base_url, **data},
    )


def listen(hass: HomeAssistant, *signals: SignalType[Any]) -> list[Any]:
    """Return the list into which what is sent with these signals comes, in its order.

    The bare `append` of a list is no callback: Home Assistant would call it in threads, in any order.
    """
    heard: list[Any] = []

    @callback
    def note(sent: Any) -> None:
        heard.append(sent)

    for signal in signals:
        async_dispatcher_connect(hass, signal, note)
    return heard


async def pass_time(hass: HomeAssistant, freezer: FrozenDateTimeFactory, span: timedelta) -> None:
    """Let time pass at once, and everything that is due happen."""
    freezer.tick(span)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
