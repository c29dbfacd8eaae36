"""The alerts of a person at work: raised, answered, kept across restarts, also when nothing can be reached."""

from datetime import timedelta

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.dexcom_share.glucose.ranges import GlucoseRange
from custom_components.dexcom_share.storage import Storage, StoredFile
from custom_components.dexcom_share.watch.memory import async_load
from custom_components.dexcom_share.watch.news import SIGNAL_NEWS, AlertNews, News, ReadingNews, SilenceNews

from ..common import MINUTE, VALUE, pass_time
from ..watching import ALERT_EVENT, ALERT_SENSOR, PREDICTED, PREFIX, Watch


async def test_a_low_is_shown_and_told(hass: HomeAssistant, watch: Watch) -> None:
    """A low raises its binary sensor, the gravest alert and an event with what there is to know, and recovers."""
    await watch.set_up(90, 88)
    assert watch.state(ALERT_SENSOR) == "none"
    assert watch.state(f"binary_sensor.{PREFIX}_low_alert") == "off"
    await watch.read(69, trend="SingleDown")
    assert watch.state(ALERT_SENSOR) == "low"
    sensor = hass.states.get(ALERT_SENSOR)
    assert sensor
    assert sensor.attributes["active"] == ["low"]
    low = hass.states.get(f"binary_sensor.{PREFIX}_low_alert")
    event = hass.states.get(ALERT_EVENT)
    assert low
    assert event
    since = watch.glucose.data.newest
    assert since
    assert low.state == "on"
    assert low.attributes["since"] == since.time.isoformat()
    assert low.attributes["limit"] == 70
    assert low.attributes["status"] == "active"
    assert low.attributes["snoozed_until"] is None
    assert {
        key: event.attributes[key] for key in ("event_type", "kind", "value", "unit", "limit", "trend", "test")
    } == {
        "event_type": "raised",
        "kind": "low",
        "value": 69,
        "unit": "mg/dL",
        "limit": 70,
        "trend": "falling",
        "test": False,
    }
    assert event.attributes["since"] == event.attributes["measurement_timestamp"] == since.time.isoformat()
    await watch.read(80)
    assert watch.heard() == [("raised", "low"), ("recovered", "low"), ("back_in_range", "low")]
    assert watch.state(ALERT_SENSOR) == "none"
    assert watch.state(f"binary_sensor.{PREFIX}_low_alert") == "off"


async def test_an_urgent_low_repeats_until_it_is_acknowledged(watch: Watch) -> None:
    """Each reading tells it again, and 5 minutes do; once acknowledged it keeps quiet for its repeat."""
    await watch.set_up(60, 54)
    await watch.read(53, 52)
    told = watch.heard()
    assert told[0] == ("raised", "urgent_low")
    assert told.count(("repeated", "urgent_low")) >= 2
    await watch.call("acknowledge")
    assert ("acknowledged", "urgent_low") in watch.heard()
    await watch.read(52, 51, 52, 51, 52)
    assert ("repeated", "urgent_low") not in watch.heard()
    await watch.read(52)
    assert ("repeated", "urgent_low") in watch.heard()


async def test_what_is_told_finds_the_entities_up_to_date(hass: HomeAssistant, watch: Watch) -> None:
    """Whoever hears of an alert and looks at the glucose sees the low, not the value before it."""
    seen: list[str] = []

    @callback
    def look(news: News) -> None:
        if isinstance(news, AlertNews):
            seen.append(watch.state(VALUE))

    async_dispatcher_connect(hass, SIGNAL_NEWS, look)
    await watch.set_up(90, 88)
    await watch.read(65)
    assert seen == ["65"]


async def test_an_urgent_low_soon_is_told_by_the_forecast(hass: HomeAssistant, watch: Watch) -> None:
    """A steep fall shows where it leads and raises the alert before the low is there."""
    await watch.set_up(160, 145)
    hass.config_entries.async_update_entry(watch.entry, options={})
    await watch.read(130, 110, 90, 72, trend="DoubleDown")
    assert float(watch.state(PREDICTED)) < 72
    assert watch.heard()[0] == ("raised", "urgent_low_soon")
    assert watch.state(ALERT_SENSOR) == "urgent_low_soon"


async def test_the_chance_of_an_urgent_low_is_shown_in_steps_of_5(hass: HomeAssistant, watch: Watch) -> None:
    """With the predicted glucose, and with what the alert tells; unknown without a current reading."""

    def attribute(entity_id: str, name: str) -> object:
        state = hass.states.get(entity_id)
        assert state
        return state.attributes[name]

    await watch.set_up(110, 108)
    hass.config_entries.async_update_entry(watch.entry, options={})
    assert attribute(PREDICTED, "urgent_low_chance") == 0
    await watch.read(100, 86, 71)
    assert watch.heard() == [("raised", "urgent_low_soon")]
    expected = attribute(PREDICTED, "urgent_low_chance")
    assert expected in range(20, 60, 5)
    assert attribute(ALERT_EVENT, "chance") == expected
    await watch.wait(16 * MINUTE)
    assert attribute(PREDICTED, "urgent_low_chance") is None


RESTARTS = {
    "inactive": (100,),
    "pending": (260,),
    "active": (65,),
    "recovered": (65, 90),
}


@pytest.mark.parametrize("status", RESTARTS)
async def test_a_restart_changes_nothing(watch: Watch, status: str) -> None:
    """An alert stands after a restart where it stood, and is not told anew."""
    kind = "high" if status == "pending" else "low"
    await watch.set_up(110, 108)
    await watch.read(*RESTARTS[status])
    assert watch.status(kind) == status
    before = watch.glucose.data.alerts.state.alerts
    watch.heard()
    await watch.restart()
    assert watch.glucose.data.alerts.state.alerts == before
    assert not watch.heard()


@pytest.mark.parametrize("action", ["snooze", "acknowledge"])
async def test_an_answer_outlives_a_restart(watch: Watch, action: str) -> None:
    """Who has answered an alert is not asked again because Home Assistant restarted."""
    await watch.set_up(110, 65)
    await watch.call(action)
    before = watch.glucose.data.alerts.state.alerts
    watch.heard()
    await watch.restart()
    assert watch.glucose.data.alerts.state.alerts == before
    assert watch.status("low") == ("snoozed" if action == "snooze" else "acknowledged")
    await watch.read(65, 64, 65)
    assert not watch.heard()


async def test_a_delay_goes_on_across_a_restart(watch: Watch) -> None:
    """A high that has waited half its delay waits the other half, not the whole again."""
    await watch.set_up(110, 255)
    await watch.read(*[256] * 6)
    await watch.restart()
    await watch.read(*[256] * 5)
    assert not watch.heard()
    await watch.read(256)
    assert watch.heard() == [("raised", "high")]


async def test_a_low_that_began_during_a_restart_is_told(watch: Watch) -> None:
    """What Home Assistant slept through it tells when it has started, once."""
    await watch.set_up(110, 108)
    await watch.stop()
    watch.freezer.tick(10 * MINUTE)
    watch.share.add_readings(75, 66)
    await watch.start()
    assert watch.heard() == [("raised", "low")]
    assert watch.status("low") == "active"


async def test_nothing_is_told_before_home_assistant_has_started(hass: HomeAssistant, watch: Watch) -> None:
    """A low found while Home Assistant starts waits until automations listen."""
    await watch.set_up(110, 108)
    await watch.stop()
    watch.freezer.tick(10 * MINUTE)
    watch.share.add_readings(75, 66)
    watch.news.clear()
    assert await hass.config_entries.async_setup(watch.entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert watch.state(VALUE) == "66"
    await watch.wait(2 * MINUTE)
    assert not watch.news
    watch.started()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert watch.heard() == [("raised", "low")]


async def test_an_unload_before_the_start_tells_nothing(hass: HomeAssistant, watch: Watch) -> None:
    """An entry that is gone when Home Assistant has started is not watched."""
    await watch.set_up(110, 108)
    await watch.stop()
    assert await hass.config_entries.async_setup(watch.entry.entry_id)
    assert await hass.config_entries.async_unload(watch.entry.entry_id)
    watch.news.clear()
    watch.started()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not watch.news


OUTAGES = ["disconnect", "refused", "empty"]


def break_(watch: Watch, outage: str) -> None:
    """Let Share fail."""
    if outage == "disconnect":
        watch.share.simulator.faults.disconnect = "before"
    elif outage == "refused":
        watch.share.account.end_sessions()
        watch.share.account.password = "changed"


@pytest.mark.parametrize("outage", OUTAGES)
async def test_no_data_is_told_whatever_the_cause(watch: Watch, outage: str) -> None:
    """Our own clock counts: without a server, without a log-in, or when simply nothing comes."""
    await watch.set_up(110, 108)
    break_(watch, outage)
    await watch.wait(19 * MINUTE)
    assert not watch.heard()
    await watch.wait(MINUTE)
    assert watch.heard() == [("raised", "no_data")]
    assert watch.state(f"binary_sensor.{PREFIX}_no_data_alert") == "on"
    await watch.wait(60 * MINUTE)
    assert watch.heard() == [("repeated", "no_data")]


async def test_a_failed_poll_tells_what_is_due(watch: Watch) -> None:
    """What time has brought is told with whatever looks first, be it the latest of many polls that fail."""
    await watch.set_up(110, 108)
    break_(watch, "disconnect")
    await watch.glucose.async_refresh()
    watch.glucose._timer.async_stop()
    watch.freezer.tick(20 * MINUTE)
    await watch.glucose.async_refresh()
    await watch.hass.async_block_till_done(wait_background_tasks=True)
    assert watch.heard() == [("raised", "no_data")]


async def test_a_snooze_ends_on_time_while_readings_are_overdue(watch: Watch) -> None:
    """Not only at the next whole minute of the age."""
    await watch.set_up(110, 65)
    watch.share.simulator.faults.disconnect = "before"
    for _ in range(11):
        await watch.wait(MINUTE)
    watch.glucose.alerts.async_snooze(None, 1.5 * MINUTE)
    watch.heard()
    await pass_time(watch.hass, watch.freezer, MINUTE)
    assert not watch.heard()
    await pass_time(watch.hass, watch.freezer, 0.5 * MINUTE)
    assert ("repeated", "low") in watch.heard()


async def test_no_data_ends_with_the_next_reading(watch: Watch) -> None:
    """A reading that is current ends it."""
    await watch.set_up(110, 108)
    await watch.wait(25 * MINUTE)
    await watch.read(100)
    assert watch.heard() == [("raised", "no_data"), ("recovered", "no_data")]


@pytest.mark.parametrize("outage", OUTAGES)
async def test_no_data_is_told_after_a_restart_without_network(watch: Watch, outage: str) -> None:
    """A machine that comes back without network tells, at the time it would have told."""
    await watch.set_up(110, 108)
    await watch.stop()
    break_(watch, outage)
    watch.freezer.tick(10 * MINUTE)
    await watch.start()
    await watch.wait(9 * MINUTE)
    assert not watch.heard()
    await watch.wait(MINUTE)
    assert watch.heard() == [("raised", "no_data")]


async def test_no_data_is_no_news_when_data_come_with_the_start(watch: Watch) -> None:
    """Home Assistant that was off for an hour does not cry about that hour."""
    await watch.set_up(110, 108)
    await watch.stop()
    watch.freezer.tick(timedelta(hours=1))
    watch.share.add_readings(100, 101)
    await watch.start()
    assert not watch.heard()


async def test_an_alert_ends_on_time_while_nothing_can_be_reached(watch: Watch) -> None:
    """A low whose readings stop is over once 15 minutes without one are certain: what was is not told as what is."""
    await watch.set_up(110, 65)
    watch.heard()
    break_(watch, "disconnect")
    await watch.wait(14 * MINUTE)
    assert watch.state(f"binary_sensor.{PREFIX}_low_alert") == "on"
    await watch.wait(3 * MINUTE)
    assert watch.state(f"binary_sensor.{PREFIX}_low_alert") == "unknown"
    assert watch.heard() == [("ended", "low")]


async def test_what_is_not_known_is_not_clear(watch: Watch) -> None:
    """Without a current reading nobody can say that no alert holds; no data is known all the same."""
    await watch.set_up(110, 108)
    assert watch.state(f"binary_sensor.{PREFIX}_low_alert") == "off"
    assert watch.state(ALERT_SENSOR) == "none"
    await watch.wait(16 * MINUTE)
    assert watch.state(f"binary_sensor.{PREFIX}_low_alert") == "unknown"
    assert watch.state(f"binary_sensor.{PREFIX}_no_data_alert") == "off"
    assert watch.state(ALERT_SENSOR) == "unknown"
    await watch.wait(5 * MINUTE)
    assert watch.state(f"binary_sensor.{PREFIX}_no_data_alert") == "on"
    assert watch.state(ALERT_SENSOR) == "no_data"


async def test_a_kind_that_is_switched_off_is_unavailable(watch: Watch) -> None:
    """It does not say that all is well."""
    await watch.set_up(110, 310)
    assert watch.state(f"binary_sensor.{PREFIX}_urgent_high_alert") == "unavailable"


async def test_late_readings_raise_nothing(watch: Watch) -> None:
    """A low that is known only after it was over is history."""
    await watch.set_up(110, 108)
    watch.freezer.tick(15 * MINUTE)
    watch.share.add_readings(52, 58, 100)
    await watch.wait(MINUTE)
    assert watch.state(VALUE) == "100"
    assert not watch.heard()


async def test_settings_count_at_once_and_disturb_nothing(watch: Watch) -> None:
    """A new limit is judged by the reading there is; neither the entry nor the polling begins anew."""
    await watch.set_up(110, 75)
    glucose, calls = watch.glucose, len(watch.share.simulator.calls)
    await watch.set_options(low={"limit": 80})
    assert watch.heard() == [("raised", "low")]
    await watch.set_options(low={"enabled": False})
    assert watch.heard() == [("ended", "low"), ("back_in_range", "low")]
    assert watch.glucose is glucose
    assert len(watch.share.simulator.calls) == calls


async def test_the_limit_is_shown_in_the_unit_of_the_glucose(watch: Watch, entity_registry: er.EntityRegistry) -> None:
    """From the next look on, although the alert itself has not changed."""
    await watch.set_up(110, 108)
    entity_registry.async_update_entity_options(VALUE, "sensor", {"unit_of_measurement": "mmol/L"})
    await watch.read(107)
    low = watch.hass.states.get(f"binary_sensor.{PREFIX}_low_alert")
    assert low
    assert low.attributes["limit"] == 3.9


async def test_another_entry_s_change_is_none_of_ours(hass: HomeAssistant, watch: Watch) -> None:
    """Only this person's settings are looked at."""
    await watch.set_up(110, 75)
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    data = watch.glucose.data
    hass.config_entries.async_update_entry(other, options={"alerts": {}})
    hass.config_entries.async_update_entry(watch.entry, title="Anna")
    assert watch.glucose.data is data


async def test_settings_that_make_no_sense_are_the_defaults(watch: Watch, hass: HomeAssistant) -> None:
    """Options from elsewhere never weaken the guard."""
    await watch.set_up(110, 108)
    hass.config_entries.async_update_entry(watch.entry, options={"alerts": "none"})
    await watch.read(54)
    assert ("raised", "urgent_low") in watch.heard()


async def test_the_night_begins_by_the_clock(watch: Watch) -> None:
    """A limit of the night counts from the first minute of the night, also without a new reading."""
    watch.freezer.move_to("2026-11-22 21:57:00+00:00")
    await watch.set_up(110, 78)
    await watch.set_options(low={"night": {"limit": 80}})
    assert not watch.heard()
    await watch.wait(2 * MINUTE)
    assert not watch.heard()
    await watch.wait(MINUTE)
    assert watch.heard() == [("raised", "low")]


async def test_the_state_is_on_disk_at_once(hass: HomeAssistant, watch: Watch) -> None:
    """What was told survives a kill of Home Assistant."""
    await watch.set_up(110, 65)
    kept = await async_load(Storage(hass, watch.entry.entry_id))
    assert kept.alerts.alerts == watch.glucose.data.alerts.state
    assert kept.alerts.last_told
    assert kept.alerts.last_told.range is GlucoseRange.LOW
    await watch.call("snooze")
    kept = await async_load(Storage(hass, watch.entry.entry_id))
    assert kept.alerts.alerts == watch.glucose.data.alerts.state


@pytest.mark.parametrize(
    "told",
    [
        {"time": "2026-11-22T12:00:00", "range": "low"},
        {"time": "noon", "range": "low"},
        {"time": "2026-11-22T12:00:00+00:00", "range": "lost"},
        {},
    ],
)
async def test_a_damaged_memory_costs_no_reading_and_the_low_is_told(
    hass: HomeAssistant, watch: Watch, told: dict[str, str]
) -> None:
    """Damage costs no more than itself: what holds is told anew, and no reading is lost."""
    await watch.set_up(110, 65)
    watch.heard()
    readings = watch.glucose.history.recent_to_dict()
    await watch.stop()
    damaged = {"alerts": {}, "is_muted": False, "told": told}
    await Storage(hass, watch.entry.entry_id).save(StoredFile.RECENT, {**readings, "alerts": damaged})
    await watch.start()
    assert watch.heard() == [("raised", "low")]
    assert [reading.value for reading in watch.glucose.history.latest(3)] == [110, 65]


async def test_readings_are_told_with_what_came_between(watch: Watch) -> None:
    """Who listens learns of the reading told last, of late ones since, and of the new one; each is told once."""
    await watch.set_up(110, 108)
    first = [news for news in watch.news if isinstance(news, ReadingNews)]
    assert [(news.newest.value, news.before, news.ranges_before) for news in first] == [(108, (), ())]
    watch.news.clear()
    watch.freezer.tick(15 * MINUTE)
    watch.share.add_readings(65, 95, 60)
    await watch.wait(MINUTE)
    await watch.wait(4 * MINUTE)
    (news,) = [news for news in watch.news if isinstance(news, ReadingNews)]
    assert [reading.value for reading in news.before] == [108, 65, 95]
    assert news.newest.value == 60
    assert news.range is GlucoseRange.LOW
    assert news.ranges_before == (GlucoseRange.IN_RANGE, GlucoseRange.LOW, GlucoseRange.IN_RANGE)


async def test_silence_is_told_at_the_start_and_after_each_reading(watch: Watch) -> None:
    """Who counts the time without readings learns from when on."""
    await watch.set_up(110, 108)
    await watch.read(107)
    await watch.wait(4 * MINUTE)
    heard = [news.heard_at for news in watch.news if isinstance(news, SilenceNews)]
    assert len(heard) == 2
    newest = watch.glucose.data.newest
    assert newest
    assert heard[1] == newest.time
    await watch.restart()
    heard = [news.heard_at for news in watch.news if isinstance(news, SilenceNews)]
    assert heard[2:] == heard[1:2]


async def test_a_person_without_any_reading_is_watched(watch: Watch) -> None:
    """No data is told also of somebody who has never shared a reading."""
    await watch.share.set_up(watch.hass, watch.entry)
    assert watch.state(PREDICTED) == "unknown"
    await watch.wait(20 * MINUTE)
    assert watch.heard() == [("raised", "no_data")]
