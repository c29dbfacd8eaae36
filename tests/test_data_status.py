"""Why there are no data: the sensor and the repair issues, fault by fault, each with its recovery."""

from datetime import timedelta
from typing import Any

from aiohttp.test_utils import TestServer
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.dexcom_share.const import DOMAIN
from simulator import Limited, make_app

from .common import MINUTE, Share, pass_time

READ = ["ReadPublisherLatestGlucoseValues"]


def status(hass: HomeAssistant) -> str:
    """Return what the sensor says."""
    state = hass.states.get("sensor.anna_example_com_data_status")
    assert state
    return state.state


def issue(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> ir.IssueEntry | None:
    """Return an issue of this person."""
    return ir.async_get(hass).async_get_issue(DOMAIN, f"{key}_{entry.entry_id}")


async def wait(hass: HomeAssistant, freezer: FrozenDateTimeFactory, minutes: int) -> None:
    """Let minutes pass one by one."""
    for _ in range(minutes):
        await pass_time(hass, freezer, MINUTE)


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        ({"disconnect": Limited("before", endpoints=READ)}, "share_unreachable"),
        ({"html_status": Limited(503, endpoints=READ)}, "share_faulty"),
        ({"html_status": Limited(503, endpoints=READ), "status_page": "major"}, "outage"),
        ({"offline": True, "status_page": "critical"}, "outage"),
        ({"offline": True, "status_page": "minor"}, "outage"),
        ({"raw_body": Limited("<html>", endpoints=READ)}, "share_faulty"),
        ({"offline": True}, "not_uploading"),
        ({"empty_list": True}, "not_uploading"),
    ],
)
async def test_each_cause_and_its_end(
    hass: HomeAssistant,
    share: Share,
    loaded: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    faults: dict[str, Any],
    told: str,
) -> None:
    """Fine at first, the cause once a reading is overdue, fine again when it is mended."""
    assert status(hass) == "ok"
    for name, value in faults.items():
        setattr(share.simulator.faults, name, value)
    await wait(hass, freezer, 6)
    assert status(hass) == "ok"
    await wait(hass, freezer, 8)
    assert status(hass) == told
    for name in faults:
        setattr(share.simulator.faults, name, None)
    share.add_reading(95)
    # The longest pause after faults is 5 min and a quarter more.
    await wait(hass, freezer, 7)
    assert status(hass) == "ok"


async def test_sharing_switched_off(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Share itself says that it is switched off; within the hour it is known, and that it is on again."""
    share.account.sharing = False
    await wait(hass, freezer, 75)
    assert status(hass) == "sharing_off"
    share.account.sharing = True
    share.add_reading(95)
    await wait(hass, freezer, 6)
    assert status(hass) == "ok"


async def test_no_follower(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Without any follower Share gives no readings, and the user is told so from the start."""
    share.account.followers.subscriptions.clear()
    await share.set_up(hass, entry)
    await wait(hass, freezer, 2)
    assert status(hass) == "no_follower"


async def test_our_own_network(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Where not even the status page answers it is our own network; with it everything comes back."""
    port = share.server.port
    await share.server.close()
    await wait(hass, freezer, 14)
    assert status(hass) == "own_network"
    server = TestServer(make_app(share.simulator), port=port)
    await server.start_server(access_log=None)
    share.add_reading(95)
    await wait(hass, freezer, 10)
    assert status(hass) == "ok"
    await server.close()


async def test_a_refused_log_in(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What only the user can mend is told at once, and stays told while the next log-in waits."""
    share.account.end_sessions()
    share.account.password = "changed"
    await wait(hass, freezer, 5)
    assert status(hass) == "login_refused"
    await wait(hass, freezer, 20)
    assert status(hass) == "login_refused"


async def test_a_locked_account(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A locked account is told from a refused one, also while the next log-in waits."""
    share.account.end_sessions()
    share.account.lock(share.simulator.now() + timedelta(minutes=30))
    await wait(hass, freezer, 5)
    assert status(hass) == "account_locked"
    await wait(hass, freezer, 5)
    assert status(hass) == "account_locked"


async def test_the_status_page_is_asked_seldom_and_only_without_data(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Every ten minutes at most, and never while readings come."""

    def asked() -> int:
        return sum(call.endpoint == "summary.json" for call in share.simulator.calls)

    for _ in range(4):
        await wait(hass, freezer, 5)
        share.add_reading(95)
        await wait(hass, freezer, 1)
    assert asked() == 0
    share.simulator.faults.offline = True
    await wait(hass, freezer, 60)
    assert 4 <= asked() <= 6
    assert status(hass) == "not_uploading"


async def test_no_readings_for_an_hour_is_an_issue_until_they_come(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """The user is told what to look at on the phone, and the notice goes with the next reading."""
    share.simulator.faults.offline = True
    await wait(hass, freezer, 50)
    assert not issue(hass, loaded, "not_uploading")
    await wait(hass, freezer, 15)
    found = issue(hass, loaded, "not_uploading")
    assert found
    assert found.translation_placeholders
    assert found.translation_placeholders["person"] == loaded.title
    share.simulator.faults.offline = None
    share.add_reading(95)
    await wait(hass, freezer, 10)
    assert not issue(hass, loaded, "not_uploading")


async def test_a_person_who_never_shared_is_an_issue(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Without any reading the notice is there from the start."""
    await share.set_up(hass, entry)
    assert status(hass) == "not_uploading"
    found = issue(hass, entry, "not_uploading")
    assert found
    assert found.translation_placeholders
    assert found.translation_placeholders["since"] == "-"


async def test_a_wrong_clock_is_an_issue_until_it_is_set(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A clock that is minutes off at the start is told by how much."""
    share.simulator.faults.date_header_skew_seconds = 300.0
    share.add_readings()
    await share.set_up(hass, entry)
    await wait(hass, freezer, 6)
    found = issue(hass, entry, "clock_wrong")
    assert found
    assert found.translation_placeholders
    assert found.translation_placeholders["minutes"] == "5"
    share.simulator.faults.date_header_skew_seconds = None
    await wait(hass, freezer, 12)
    assert not issue(hass, entry, "clock_wrong")
