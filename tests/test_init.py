"""Set-up, unload, reload, removal, retry and reauth of a config entry."""

import asyncio
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.dexcom_share import person
from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.coordinator import DexcomShareCoordinator
from custom_components.dexcom_share.glucose.alerts.kinds import AlertKind
from custom_components.dexcom_share.glucose.history import History
from custom_components.dexcom_share.share import GlucoseReading, Trend
from custom_components.dexcom_share.storage import Storage, StoredFile
from custom_components.dexcom_share.watch.news import alert_signal

from .common import MINUTE, VALUE, Share, listen, pass_time

PASSED = -1.0
"""A limit that is over at once, while the clock of the loop stands still."""


def value(hass: HomeAssistant) -> str:
    """Return what the glucose sensor shows."""
    state = hass.states.get(VALUE)
    assert state
    return state.state


async def test_set_up_unload_reload(hass: HomeAssistant, share: Share, loaded: MockConfigEntry) -> None:
    """A person comes, goes, and comes back with their glucose."""
    assert value(hass) == "112"
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.NOT_LOADED
    assert value(hass) == STATE_UNAVAILABLE
    calls = len(share.simulator.calls)
    await share.set_up(hass, loaded)
    assert value(hass) == "112"
    assert len(share.simulator.calls) > calls


async def test_an_unloaded_person_is_left_alone(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """After unloading neither a poll nor the clock goes on."""
    await hass.config_entries.async_unload(loaded.entry_id)
    calls = len(share.simulator.calls)
    await pass_time(hass, freezer, timedelta(hours=1))
    assert len(share.simulator.calls) == calls


async def test_removal_leaves_nothing_stored(
    hass: HomeAssistant, share: Share, storage_folder: Path, entry: MockConfigEntry
) -> None:
    """The files of a person go with them."""
    share.add_readings()
    await share.set_up(hass, entry)
    assert files(storage_folder)
    await hass.config_entries.async_remove(entry.entry_id)
    assert not files(storage_folder)


async def test_a_new_person_waits_for_the_server(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A first set-up that meets no server is tried again."""
    share.add_readings()
    share.simulator.faults.html_status = 503
    await share.set_up(hass, entry, ConfigEntryState.SETUP_RETRY)
    share.simulator.faults.html_status = None
    await pass_time(hass, freezer, MINUTE)
    assert entry.state is ConfigEntryState.LOADED
    assert value(hass) == "112"


async def test_a_known_person_is_watched_through_an_outage(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A restart without a server sets up from what is stored, keeps a current value, and finds the server again."""
    await hass.config_entries.async_unload(loaded.entry_id)
    share.simulator.faults.disconnect = "before"
    await share.set_up(hass, loaded)
    assert value(hass) == "112"
    await pass_time(hass, freezer, 15 * MINUTE)
    assert value(hass) == STATE_UNKNOWN
    share.simulator.faults.disconnect = None
    share.add_reading(95)
    await pass_time(hass, freezer, 5 * MINUTE)
    assert value(hass) == "95"


async def test_a_known_person_is_shown_while_the_first_answer_takes_long(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What is stored is shown meanwhile, and of the silence nothing is told before the answer has come."""
    await hass.config_entries.async_unload(loaded.entry_id)
    freezer.tick(60 * MINUTE)
    share.add_reading(95)
    heard = listen(hass, alert_signal(loaded))
    answer: asyncio.Future[list[GlucoseReading]] = hass.loop.create_future()
    with (
        patch.object(person, "FIRST_POLL_SECONDS", PASSED),
        patch.object(DexcomShareCoordinator, "_ask", new=lambda *_: answer),
    ):
        await hass.config_entries.async_setup(loaded.entry_id)
        await hass.async_block_till_done()
        assert loaded.state is ConfigEntryState.LOADED
        assert value(hass) == STATE_UNKNOWN
        freezer.tick(MINUTE)
        async_fire_time_changed(hass)
        await hass.async_block_till_done()
        assert not heard
        answer.set_result([GlucoseReading(dt_util.utcnow() - MINUTE, 95, Trend.FLAT)])
        await hass.async_block_till_done(wait_background_tasks=True)
    assert value(hass) == "95"
    assert not heard
    await pass_time(hass, freezer, 21 * MINUTE)
    assert [event.kind for event in heard] == [AlertKind.NO_DATA]


async def test_a_person_unloaded_before_the_first_answer_is_left_alone(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry
) -> None:
    """The poll ends with the entry, and starts nothing."""
    await hass.config_entries.async_unload(loaded.entry_id)
    with (
        patch.object(person, "FIRST_POLL_SECONDS", PASSED),
        patch.object(DexcomShareCoordinator, "_ask", new=lambda *_: hass.loop.create_future()),
        patch.object(DexcomShareCoordinator, "async_start") as start,
    ):
        await hass.config_entries.async_setup(loaded.entry_id)
        await hass.config_entries.async_unload(loaded.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
    assert loaded.state is ConfigEntryState.NOT_LOADED
    assert not start.called


async def test_a_log_in_that_never_worked_asks_for_the_password(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry
) -> None:
    """Refused credentials of a new entry go to reauth at once, with one attempt."""
    share.account.password = "another"
    await share.set_up(hass, entry, ConfigEntryState.SETUP_ERROR)
    assert list(entry.async_get_active_flows(hass, {SOURCE_REAUTH}))
    assert share.simulator.logins == 1


async def test_a_refused_password_is_asked_for_at_once_and_no_more_when_it_works(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """An account that has worked is tried again after a pause; readings go on, and the question is withdrawn."""
    share.account.end_sessions()
    share.account.password = "glitch"
    await pass_time(hass, freezer, 5 * MINUTE)
    assert share.simulator.logins == 2
    assert list(loaded.async_get_active_flows(hass, {SOURCE_REAUTH}))
    share.account.password = loaded.data["password"]
    share.add_reading(95)
    await pass_time(hass, freezer, 6 * MINUTE)
    assert value(hass) == "95"
    assert not list(loaded.async_get_active_flows(hass, {SOURCE_REAUTH}))


async def test_a_changed_password_is_asked_for_and_never_locks_the_account(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Refusals that persist lead to reauth; no hour holds more than three, also across reloads."""
    share.account.end_sessions()
    share.account.password = "changed"
    refused = []
    for minute in range(200):
        before = share.simulator.logins
        await pass_time(hass, freezer, MINUTE)
        if minute % 7 == 0:
            await hass.config_entries.async_reload(loaded.entry_id)
            await hass.async_block_till_done(wait_background_tasks=True)
        refused += [minute] * (share.simulator.logins - before)
    assert len(refused) >= 4
    for minute in refused:
        assert sum(minute <= other <= minute + 60 for other in refused) <= 3
    flows = list(loaded.async_get_active_flows(hass, {SOURCE_REAUTH}))
    assert len(flows) == 1
    assert loaded.state is ConfigEntryState.LOADED


async def test_reauth_is_withdrawn_when_the_password_works_after_all(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Nobody is left with a question that has answered itself."""
    share.account.end_sessions()
    share.account.password = "glitch"
    for _ in range(30):
        await pass_time(hass, freezer, MINUTE)
    assert list(loaded.async_get_active_flows(hass, {SOURCE_REAUTH}))
    share.account.password = loaded.data["password"]
    for _ in range(60):
        await pass_time(hass, freezer, MINUTE)
    assert not list(loaded.async_get_active_flows(hass, {SOURCE_REAUTH}))
    assert loaded.runtime_data.glucose.last_update_success


async def test_a_locked_account_waits_and_says_until_when(
    hass: HomeAssistant,
    share: Share,
    loaded: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No log-in is sent while the account is locked."""
    share.account.end_sessions()
    share.account.lock(share.simulator.now() + timedelta(minutes=30))
    await pass_time(hass, freezer, 5 * MINUTE)
    logins = share.simulator.logins
    assert "the next log-in is tried at 20" in caplog.text
    for _ in range(14):
        await pass_time(hass, freezer, MINUTE)
    assert share.simulator.logins == logins
    share.add_reading(95)
    for _ in range(60):
        await pass_time(hass, freezer, MINUTE)
    assert loaded.runtime_data.glucose.last_update_success


async def test_the_session_is_kept_and_renewed(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """One log-in serves until the server ends it; its end is not seen by anybody."""
    assert share.simulator.logins == 1
    for _ in range(5):
        share.add_reading(95)
        await pass_time(hass, freezer, 5 * MINUTE)
    assert share.simulator.logins == 1
    share.account.end_sessions(forget=True)
    share.add_reading(96)
    await pass_time(hass, freezer, 5 * MINUTE)
    assert value(hass) == "96"
    assert share.simulator.logins == 2


async def test_no_secret_is_logged(
    hass: HomeAssistant,
    share: Share,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither credentials nor ids nor readings reach the log, whatever goes wrong, at any level."""
    caplog.set_level("DEBUG")
    share.add_readings(251, 253)
    await share.set_up(hass, entry)
    share.account.end_sessions()
    share.account.password = "changed"
    for _ in range(30):
        await pass_time(hass, freezer, MINUTE)
    share.simulator.faults.html_status = 503
    await pass_time(hass, freezer, 60 * MINUTE)
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("custom_components"))
    assert "login" in ours.lower()
    for secret in (
        entry.data["username"],
        entry.data["password"],
        share.account.account_id,
        *share.account.sessions,
        "253",
    ):
        assert secret not in ours


@pytest.mark.parametrize("part", [StoredFile.RECENT, StoredFile.LOGIN, StoredFile.SCHEDULE, StoredFile.ARCHIVE])
@pytest.mark.parametrize(
    "content",
    ['{"version": 1, "minor_version": 1, "key": "x", "data": {"wrong": 1}}', "[]", '{"version": 9, "data": {}}'],
)
async def test_a_damaged_file_is_set_aside(
    hass: HomeAssistant, share: Share, storage_folder: Path, entry: MockConfigEntry, part: StoredFile, content: str
) -> None:
    """Damage stops nothing, is told, and nothing is lost."""
    share.add_readings()
    name = f"{DOMAIN}.{entry.entry_id}.{part}"
    (storage_folder / name).write_text(content)
    await share.set_up(hass, entry)
    assert value(hass) == "112"
    assert kept(storage_folder, f"{name}.damaged") == [content]
    assert ir.async_get(hass).async_get_issue(DOMAIN, f"storage_damaged_{entry.entry_id}_{part}")


async def test_a_torn_file_is_set_aside_by_home_assistant(
    hass: HomeAssistant, share: Share, storage_folder: Path, entry: MockConfigEntry
) -> None:
    """What is no JSON at all stops nothing either."""
    share.add_readings()
    name = f"{DOMAIN}.{entry.entry_id}.{StoredFile.RECENT}"
    (storage_folder / name).write_text('{"version": 1, "da')
    await share.set_up(hass, entry)
    assert value(hass) == "112"
    assert kept(storage_folder, f"{name}.corrupt") == ['{"version": 1, "da']


async def test_readings_survive_a_kill(
    hass: HomeAssistant, share: Share, storage_folder: Path, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What was received is on the disk at once, without Home Assistant being stopped in order."""
    share.add_readings(100, 101, 102)
    await share.set_up(hass, entry)
    await pass_time(hass, freezer, 5 * MINUTE)
    share.add_reading(103)
    await pass_time(hass, freezer, MINUTE)
    stored = await Storage(hass, entry.entry_id).load(StoredFile.RECENT, History.from_dict)
    assert stored
    assert [reading.value for reading in stored.latest(9)] == [100, 101, 102, 103]


def kept(folder: Path, name: str) -> list[str]:
    """Return what is in the files whose names begin so."""
    return [path.read_text() for path in folder.glob(f"{name}.*")]


def files(folder: Path) -> list[str]:
    """Return the names of our files in a folder."""
    return [path.name for path in folder.glob(f"{DOMAIN}*")]


async def test_two_people_do_not_touch_each_other(hass: HomeAssistant, share: Share, loaded: MockConfigEntry) -> None:
    """Each person has a device, a session and a history of their own."""
    ben = share.simulator.add_account("ben@example.com", "secret of ben")
    other = MockConfigEntry(
        domain=DOMAIN,
        title="ben@example.com",
        unique_id=ben.account_id,
        data={**loaded.data, "username": "ben@example.com", "password": "secret of ben"},
    )
    await share.set_up(hass, other)
    assert value(hass) == "112"
    state = hass.states.get("sensor.ben_example_com_glucose_value")
    assert state
    assert len(other.runtime_data.glucose.history) > 100
    assert len(loaded.runtime_data.glucose.history) == 2


async def test_what_was_learned_outlives_a_reload(
    hass: HomeAssistant, share: Share, storage_folder: Path, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """The upload delay of an account is on the disk when the entry is unloaded, and nothing writes it later."""
    schedule = f"{DOMAIN}.{entry.entry_id}.{StoredFile.SCHEDULE}"
    share.add_readings()
    await share.set_up(hass, entry)
    assert schedule not in files(storage_folder)
    await hass.config_entries.async_unload(entry.entry_id)
    assert schedule in files(storage_folder)
    (storage_folder / schedule).unlink()
    await pass_time(hass, freezer, 2 * 60 * MINUTE)
    assert schedule not in files(storage_folder)


async def test_issues_go_with_the_person(hass: HomeAssistant, share: Share, loaded: MockConfigEntry) -> None:
    """What was told of a person who is removed is withdrawn, and nobody else's issue."""
    registry = ir.async_get(hass)
    for issue_id in (f"clock_wrong_{loaded.entry_id}", f"storage_damaged_{loaded.entry_id}_recent", "clock_wrong_x"):
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key="clock_wrong",
        )
    await hass.config_entries.async_remove(loaded.entry_id)
    assert {issue_id for domain, issue_id in registry.issues if domain == DOMAIN} == {"clock_wrong_x"}
