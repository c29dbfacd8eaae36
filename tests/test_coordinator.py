"""The coordinator through every fault of the server, jumps of the clock, and travel; each with its recovery."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import PropertyMock, patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.dexcom_share import coordinator as module
from custom_components.dexcom_share.glucose.history import History
from custom_components.dexcom_share.share import GlucoseReading, ShareClient, ShareTimeoutError
from custom_components.dexcom_share.storage import Storage, StoredFile
from custom_components.dexcom_share.watch.alert_keeper import AlertKeeper
from custom_components.dexcom_share.watch.memory import MemoryWriter
from simulator import Limited
from simulator.switches import SWITCHES

from .common import MINUTE, VALUE, Share, pass_time
from .watching import Watch

# What may be wrong with an answer without a reading being lost or late.
HARMLESS: list[tuple[str, Any]] = [
    ("subcode_format", 1),
    ("subcode_format", 3),
    ("trend_as", "int"),
    ("date_slashes", True),
    ("omit_wt", True),
    ("system_time_skew_seconds", 3600.0),
    ("duplicate_after_seconds", 10.0),
    ("shift_seconds", 40.0),
    ("jitter_ms", 900),
    ("malformed_readings", True),
    ("utc_offset_minutes", 540),
    ("content_type", "text/plain"),
    ("status_page", "major"),
    ("date_header_skew_seconds", 20.0),
    ("state_as", "string"),
    ("system_time_as", "xml"),
    ("invitation_delay_seconds", 2.0),
    ("lock_spelling", "Exceeded"),
    ("login_failure", "SSO_InternalError"),
    ("fault_message", "nothing"),
    ("retry_after", "5"),
    ("offline_loses", True),
    ("session", Limited("expired", calls=1)),
    ("session", Limited("unknown", calls=1)),
    ("session", Limited("malformed", calls=1)),
    ("session", Limited("nil", calls=1)),
    ("trend", "RateOutOfRange"),
]
# What keeps readings from coming as long as it lasts.
STOPPING: list[tuple[str, Any]] = [
    ("html_status", 403),
    ("html_status", 429),
    ("html_status", 502),
    ("redirect", "http://127.0.0.1:1/"),
    ("disconnect", "before"),
    ("disconnect", "inside"),
    ("body", "empty"),
    ("body", "truncated"),
    ("body", "html"),
    ("body", "null"),
    ("body", "string"),
    ("body", "number"),
    ("body", "object"),
    ("body", "list"),
    ("raw_body", "[{"),
    ("fault_code", "SomethingNew"),
    ("fault_code", "SSO_InternalError"),
    ("session", "expired"),
    ("session", "nil"),
    ("session", "malformed"),
    ("empty_list", True),
    ("sharing_off", True),
    ("no_follower", True),
    ("offline", True),
    ("value", 5),
]
ELSEWHERE = {
    # Tested with the log-in.
    "refuse_login",
    "lock_login",
    "nil_id",
    # Tested with the client: a time-out can't pass while the clock stands still.
    "delay_seconds",
    "body_delay_seconds",
    # Tested below.
    "clock_skew_seconds",
}


def value(hass: HomeAssistant) -> str:
    """Return what the glucose sensor shows."""
    state = hass.states.get(VALUE)
    assert state
    return state.state


async def minutes(hass: HomeAssistant, freezer: FrozenDateTimeFactory, count: int) -> None:
    """Let minutes pass one by one."""
    for _ in range(count):
        await pass_time(hass, freezer, MINUTE)


def test_every_fault_of_the_simulator_is_tried() -> None:
    """A switch added to the simulator must find its place here."""
    tried = {name for name, _ in [*HARMLESS, *STOPPING]} | ELSEWHERE
    assert tried == set(SWITCHES)


@pytest.mark.parametrize(("fault", "setting"), HARMLESS)
async def test_oddities_are_survived(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory, fault: str, setting: Any
) -> None:
    """The readings come on time, each once, however odd the answer looks."""
    setattr(share.simulator.faults, fault, setting)
    for reading in (120, 125, 131):
        await pass_time(hass, freezer, 4 * MINUTE)
        share.add_reading(reading)
        await pass_time(hass, freezer, MINUTE)
        assert value(hass) == str(reading)
    history = loaded.runtime_data.glucose.history
    assert [reading.value for reading in history.latest(9)] == [104, 112, 120, 125, 131]


@pytest.mark.parametrize(("fault", "setting"), STOPPING)
async def test_faults_are_survived(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory, fault: str, setting: Any
) -> None:
    """No reading, however long it lasts, is ever made up; afterwards everything that Share offers is there."""
    setattr(share.simulator.faults, fault, setting)
    for reading in range(90, 94):
        await pass_time(hass, freezer, 4 * MINUTE)
        share.add_reading(reading)
        await pass_time(hass, freezer, MINUTE)
    assert value(hass) == STATE_UNKNOWN
    setattr(share.simulator.faults, fault, None)
    await pass_time(hass, freezer, 4 * MINUTE)
    share.add_reading(94)
    await minutes(hass, freezer, 5)
    assert value(hass) == "94"
    history = loaded.runtime_data.glucose.history
    assert [reading.value for reading in history.latest(9)] == [104, 112, 90, 91, 92, 93, 94]


async def test_a_server_that_asks_for_a_pause_gets_it(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """After a 429 with a pause nothing is sent before it is over."""
    share.simulator.faults.html_status = Limited(429, calls=1)
    share.simulator.faults.retry_after = "900"
    await minutes(hass, freezer, 30)
    refused = next(place for place, call in enumerate(share.simulator.calls) if call.status == 429)
    before, after = [call for call in share.simulator.calls[refused:] if call.endpoint.startswith("Read")][:2]
    assert after.time - before.time >= 15 * MINUTE
    assert after.status == 200


@pytest.mark.parametrize(
    "jump", [timedelta(hours=-5), timedelta(minutes=-20), timedelta(minutes=20), timedelta(days=3)]
)
async def test_a_jump_of_our_clock_is_survived(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory, jump: timedelta
) -> None:
    """A step of the machine's clock moves nothing; what comes is shown, and is not lost."""
    loaded.runtime_data.glucose.account.clock._wall = lambda: dt_util.utcnow() + jump
    await minutes(hass, freezer, 6)
    now = share.simulator.now()
    share.account.add_reading(now - timedelta(seconds=20), 95)
    await minutes(hass, freezer, 6)
    assert value(hass) == "95"
    assert loaded.runtime_data.glucose.data.age < 8 * MINUTE
    await minutes(hass, freezer, 15)
    assert value(hass) == STATE_UNKNOWN


async def test_the_wearers_offset_is_kept_with_each_reading(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Summer time and travel move the wearer's clock, and never a reading."""
    await minutes(hass, freezer, 4)
    share.simulator.faults.utc_offset_minutes = 120
    share.add_reading(95)
    await minutes(hass, freezer, 5)
    share.simulator.faults.utc_offset_minutes = 60
    share.add_reading(96)
    await minutes(hass, freezer, 5)
    newest = loaded.runtime_data.glucose.history.latest(2)
    assert [reading.utc_offset for reading in newest] == [timedelta(hours=2), timedelta(hours=1)]
    assert newest[1].time - newest[0].time == 5 * MINUTE


async def test_polling_goes_on_without_entities(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Alerts need readings also where every entity was disabled."""
    share.add_readings()
    with patch("custom_components.dexcom_share.PLATFORMS", []):
        await share.set_up(hass, entry)
        calls = len(share.simulator.calls)
        await minutes(hass, freezer, 6)
        assert len(share.simulator.calls) > calls
        await hass.config_entries.async_unload(entry.entry_id)


async def test_a_reading_that_comes_late_takes_its_place(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A reading older than the newest fills its gap, and changes nothing of what is shown."""
    await pass_time(hass, freezer, 10 * MINUTE)
    share.add_reading(130)
    await minutes(hass, freezer, 5)
    assert value(hass) == "130"
    share.add_reading(120, ago=10 * MINUTE + timedelta(seconds=20))
    await minutes(hass, freezer, 5)
    assert value(hass) == "130"
    assert [reading.value for reading in loaded.runtime_data.glucose.history.latest(3)] == [112, 120, 130]


async def test_readings_far_ahead_of_a_confirmed_clock_are_dropped(
    hass: HomeAssistant, share: Share, storage_folder: Path, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A clock that ran fast has left them behind: they hide nothing any more, here and on the disk."""
    share.add_reading(110)
    await share.set_up(hass, entry)
    history = entry.runtime_data.glucose.history
    later = share.simulator.now() + timedelta(hours=2)
    history.merge([GlucoseReading(later, 250)], later)
    await pass_time(hass, freezer, 5 * MINUTE)
    share.add_reading(100)
    await minutes(hass, freezer, 6)
    assert value(hass) == "100"
    recent = await Storage(hass, entry.entry_id).load(StoredFile.RECENT, History.from_dict)
    assert recent
    assert [reading.value for reading in recent.latest(2)] == [110, 100]


async def test_the_archive_keeps_the_daily_writing_small(
    hass: HomeAssistant, share: Share, storage_folder: Path, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Once more than a day has gathered all of it is archived, and little is written after each reading again."""
    await share.set_up(hass, entry)
    history = entry.runtime_data.glucose.history
    now = share.simulator.now()
    history.merge([GlucoseReading(now - place * 5 * MINUTE, 100 + place % 9) for place in range(1, 800)], now)
    share.add_reading(130)
    await pass_time(hass, freezer, 5 * MINUTE)
    storage = Storage(hass, entry.entry_id)
    archive = await storage.load(StoredFile.ARCHIVE, History.from_dict)
    recent = await storage.load(StoredFile.RECENT, History.from_dict)
    assert archive
    assert recent
    assert len(archive) >= 799
    assert len(recent) < 500
    assert History.from_parts(archive, recent).latest(800) == history.latest(800)


def pauses(glucose: module.DexcomShareCoordinator) -> timedelta:
    """Return the pause before the next poll."""
    assert glucose.update_interval
    return glucose.update_interval


@pytest.mark.parametrize(
    ("owner", "name"),
    [(ShareClient, "read_glucose"), (History, "merge"), (MemoryWriter, "async_note_schedule")],
)
async def test_an_unexpected_exception_leads_to_a_growing_pause_and_another_poll(
    hass: HomeAssistant,
    share: Share,
    loaded: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    owner: type,
    name: str,
) -> None:
    """In the client, or when an answer is taken in (N3): the value ends meanwhile, and what comes is shown."""
    glucose = loaded.runtime_data.glucose
    found = []
    with patch.object(owner, name, side_effect=RuntimeError("unheard of")) as failing:
        for _ in range(30):
            before = failing.call_count
            await pass_time(hass, freezer, MINUTE)
            found += [pauses(glucose)] * (failing.call_count > before)
        assert value(hass) == STATE_UNKNOWN
        assert not glucose.last_update_success
        assert failing.call_count >= 4
    if name != "async_note_schedule":
        # An answer that was understood begins the pauses anew.
        assert found[0] < found[-1]
    assert max(found) <= timedelta(minutes=7)
    share.add_reading(95)
    await minutes(hass, freezer, 7)
    assert value(hass) == "95"


async def test_alerts_that_fail_leave_the_value_and_the_polling_as_they_are(
    hass: HomeAssistant, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    """A value is shown, grows old and ends also without alerts; what is due is told once they work again."""
    await watch.set_up(110, 108)
    with patch.object(AlertKeeper, "_judge", side_effect=RuntimeError("unheard of")):
        await watch.read(65)
        assert watch.state(VALUE) == "65"
        assert watch.glucose.last_update_success
        await watch.wait(16 * MINUTE)
        assert watch.state(VALUE) == STATE_UNKNOWN
    assert caplog.text.count("The alerts could not be judged") == 1
    assert not watch.heard()
    await watch.read(64)
    assert watch.heard() == [("raised", "low")]
    with patch.object(AlertKeeper, "_judge", side_effect=RuntimeError("again")):
        await watch.read(63)
    assert caplog.text.count("The alerts could not be judged") == 2


async def test_alerts_that_fail_keep_nobody_from_being_loaded(hass: HomeAssistant, watch: Watch) -> None:
    """From the first look at what is stored on."""
    with patch.object(AlertKeeper, "_judge", side_effect=RuntimeError("unheard of")):
        await watch.set_up(110, 108)
        assert watch.state(VALUE) == "108"


async def test_a_hung_answer_has_a_limit(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Whatever hangs in the client: the poll ends as one that timed out, and the next one comes soon."""
    glucose = loaded.runtime_data.glucose
    never = asyncio.Event()

    async def hang(*_: object, **__: object) -> list[GlucoseReading]:
        await never.wait()
        return []

    with patch.object(ShareClient, "read_glucose", hang), patch.object(module, "POLL_LIMIT_SECONDS", 0):
        await glucose.async_refresh()
    assert not glucose.last_update_success
    assert isinstance(glucose._cause.error, ShareTimeoutError)
    assert pauses(glucose) < MINUTE
    await pass_time(hass, freezer, 5 * MINUTE)
    share.add_reading(95)
    await pass_time(hass, freezer, MINUTE)
    assert value(hass) == "95"


@pytest.fixture(params=["loaded", "set up"])
def asked_for(request: pytest.FixtureRequest) -> str:
    """Return when the password is refused."""
    return str(request.param)


async def test_only_a_set_up_ends_with_a_refused_log_in(
    hass: HomeAssistant, share: Share, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory, asked_for: str
) -> None:
    """Once loaded, the password is asked for and polling goes on: `ConfigEntryAuthFailed` would end it (rule N3)."""
    glucose = loaded.runtime_data.glucose
    share.account.end_sessions()
    share.account.password = "changed"
    with patch.object(glucose.account.guard, "has_worked", new=False):
        if asked_for == "set up":
            loaded.mock_state(hass, ConfigEntryState.SETUP_IN_PROGRESS)
            with pytest.raises(ConfigEntryAuthFailed):
                await glucose._async_update_data()
            loaded.mock_state(hass, ConfigEntryState.LOADED)
            return
        await glucose.async_refresh()
    assert not isinstance(glucose.last_exception, ConfigEntryAuthFailed)
    assert list(loaded.async_get_active_flows(hass, {SOURCE_REAUTH}))
    share.account.password = loaded.data["password"]
    await minutes(hass, freezer, 70)
    assert glucose.last_update_success


async def test_readings_are_asked_for_before_an_alert_ends_for_want_of_them(watch: Watch) -> None:
    """Shortly before the 15 minutes are over, whatever pause the schedule has; only while an alert is raised."""
    await watch.set_up(110, 65)
    glucose = watch.glucose
    watch.share.simulator.faults.html_status = 503
    with patch.object(type(glucose.schedule), "interval_seconds", return_value=300.0):
        await watch.wait(11 * MINUTE)
        await glucose.async_refresh()
        newest = glucose.history.newest
        assert newest
        now = glucose.now()
        assert timedelta(minutes=10) < now - newest.time < timedelta(minutes=14)
        # Home Assistant adds 0.05 s at least.
        assert now + pauses(glucose) + timedelta(seconds=0.05) == newest.gap_known_at - timedelta(seconds=5)
        await watch.wait(5 * MINUTE)
        await glucose.async_refresh()
        assert pauses(glucose) == 5 * MINUTE


@pytest.mark.parametrize(("is_settling", "seconds"), [(True, 11), (False, 300)])
async def test_two_answers_in_a_row_tell_which_clock_is_right(
    hass: HomeAssistant, loaded: MockConfigEntry, is_settling: bool, seconds: float
) -> None:
    """While an answer contradicts the clock, the next poll comes 11 s later (alert rule T1)."""
    glucose = loaded.runtime_data.glucose
    settling = PropertyMock(return_value=is_settling)
    with (
        patch.object(type(glucose.account.clock), "is_settling", settling),
        patch.object(type(glucose.schedule), "interval_seconds", return_value=300.0),
    ):
        await glucose.async_refresh()
    assert pauses(glucose) == timedelta(seconds=seconds)


async def test_a_machine_that_slept_asks_at_waking(watch: Watch) -> None:
    """Before it judges: readings that came all the while go on with the alert, whose repeat is told once (N5, A1)."""
    await watch.set_up(110, 65)
    watch.heard()
    watch.glucose._async_unsub_refresh()
    calls = len(watch.share.simulator.calls)
    watch.freezer.tick(35 * MINUTE)
    watch.share.add_readings(*[65] * 7)
    await pass_time(watch.hass, watch.freezer, timedelta(0))
    assert len(watch.share.simulator.calls) > calls
    assert watch.state(VALUE) == "65"
    assert watch.heard() == [("repeated", "low")]


async def test_a_machine_that_slept_shows_no_old_value_while_it_asks(watch: Watch) -> None:
    """At waking it is unknown, and without an answer what was missed is told after the poll."""
    await watch.set_up(110, 65)
    watch.heard()
    never = asyncio.Event()

    async def hang(*_: object, **__: object) -> list[GlucoseReading]:
        await never.wait()
        return []

    with patch.object(ShareClient, "read_glucose", hang):
        watch.freezer.tick(35 * MINUTE)
        async_fire_time_changed(watch.hass)
        for _ in range(20):
            await asyncio.sleep(0)
        assert watch.state(VALUE) == STATE_UNKNOWN
        assert watch.glucose.data.range is None
        assert not watch.heard()
        never.set()
        await watch.hass.async_block_till_done(wait_background_tasks=True)
    assert watch.heard() == [("ended", "low"), ("raised", "no_data")]
