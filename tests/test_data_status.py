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
    """The cause within two minutes of what fails or is overdue, fine again when it is mended."""
    assert status(hass) == "ok"
    for name, value in faults.items():
        setattr(share.simulator.faults, name, value)
    is_answering = told == "not_uploading" or faults.get("offline")
    await wait(hass, freezer, 10 if is_answering else 4)
    assert status(hass) == "ok"
    await wait(hass, freezer, 2 if is_answering else 3)
    assert status(hass) == told
    await wait(hass, freezer, 8)
    assert status(hass) == told
    for name in faults:
        setattr(share.simulator.faults, name, None)
    share.add_reading(95)
    # The longest pause after faults is 5 min and a quarter more.
    await wait(hass, freezer, 7)
    assert status(hass) == "ok"


async def test_a_lone_failure_is_no_cause(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Most are gone with the next try, seconds later."""
    share.simulator.faults.html_status = Limited(503, calls=1, endpoints=READ)
    for _ in range(36):
        await pass_time(hass, freezer, timedelta(seconds=10))
        assert status(hass) == "ok"
    assert share.simulator.faults.html_status.calls == 0


async def test_a_server_that_wants_to_be_left_alone_is_a_cause(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """The second failure would come only after the pause."""
    share.simulator.faults.html_status = 503
    share.simulator.faults.retry_after = "600"
    await wait(hass, freezer, 6)
    assert status(hass) == "share_faulty"


@pytest.mark.parametrize("restarts", [False, True])
async def test_sharing_switched_off(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory, *, restarts: bool
) -> None:
    """Share itself says that it is switched off; it is asked when a reading is overdue, and at the start."""
    await wait(hass, freezer, 4)
    share.account.sharing = False
    if restarts:
        await wait(hass, freezer, 30)
        await hass.config_entries.async_reload(loaded.entry_id)
        await wait(hass, freezer, 1)
    else:
        await wait(hass, freezer, 17)
    assert status(hass) == "sharing_off"
    share.account.sharing = True
    share.add_reading(95)
    await wait(hass, freezer, 6)
    assert status(hass) == "ok"


async def test_what_is_not_known_of_sharing_is_asked_for_again(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Where Share failed to say whether it is on, nobody has to wait for an hour."""
    share.simulator.faults.html_status = Limited(503, endpoints=["IsRemoteMonitoringSessionActive"])
    await wait(hass, freezer, 30)
    share.account.sharing = False
    assert status(hass) == "not_uploading"
    share.simulator.faults.html_status = None
    await wait(hass, freezer, 25)
    assert status(hass) == "sharing_off"


async def test_a_silence_costs_few_calls(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Asked at its beginning and hourly, whoever looks."""

    def asked() -> int:
        return sum(call.endpoint == "ListPublisherAccountSubscriptions" for call in share.simulator.calls)

    before = asked()
    share.simulator.faults.offline = True
    await wait(hass, freezer, 115)
    assert 1 <= asked() - before <= 2


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
