"""The sensors of statistics: what they show, and when they are silent."""

from collections.abc import Iterable
from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.dexcom_share.statistics_sensors import STATISTICS_SENSORS

from .common import MINUTE, VALUE, Share, pass_time

PREFIX = "sensor.anna_example_com_"
DAY = timedelta(days=1)


def found(hass: HomeAssistant, name: str) -> State:
    """Return the state of one of the person's sensors."""
    state = hass.states.get(f"{PREFIX}{name}")
    assert state, name
    return state


def fill(share: Share, values: Iterable[int]) -> None:
    """Add the readings of a span that ends 20 seconds ago."""
    for place, value in enumerate(values):
        share.account.add_reading(dt_util.utcnow() - timedelta(seconds=20) - place * 5 * MINUTE, value)


@pytest.fixture
async def a_day(hass: HomeAssistant, share: Share, entry: MockConfigEntry) -> None:
    """Set up a person with a day of readings: of each eight one low, one high, and the others in range."""
    fill(share, [65, 200, 100, 110, 120, 130, 140, 150] * 36)
    await share.set_up(hass, entry)


@pytest.mark.usefixtures("a_day")
async def test_shows_what_the_statistics_tell(hass: HomeAssistant) -> None:
    """Rounded to the digit that is shown, in the units of the field."""
    shown = {name: found(hass, f"{name}_24_h") for name in ("time_in_range", "time_below_range", "mean_glucose")}
    assert {name: state.state for name, state in shown.items()} == {
        "time_in_range": "75",
        "time_below_range": "12.5",
        "mean_glucose": "127",
    }
    assert shown["time_in_range"].attributes["unit_of_measurement"] == "%"
    assert shown["time_in_range"].attributes["sufficient"] is True
    assert shown["mean_glucose"].attributes["unit_of_measurement"] == "mg/dL"
    # 3.31 + 0.02392 * 126.875; SD 37.06.
    assert found(hass, "glucose_management_indicator_24_h").state == "6.3"
    assert found(hass, "glucose_variation_24_h").state == "29.2"
    # 12.5 % low at 2.4, 12.5 % high at 0.8.
    assert found(hass, "glycemia_risk_index_24_h").state == "40"


@pytest.mark.usefixtures("a_day")
async def test_too_little_data_is_marked(hass: HomeAssistant) -> None:
    """A day is too little for 14 days: GMI is withheld, other figures say so."""
    assert found(hass, "glucose_management_indicator_14_d").state == STATE_UNKNOWN
    state = found(hass, "time_in_range_14_d")
    assert state.state == "75"
    assert state.attributes["sufficient"] is False


@pytest.mark.usefixtures("a_day")
async def test_the_mean_has_the_unit_of_the_person(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """The one in which the glucose value is shown, with its decimals."""
    er.async_get(hass).async_update_entity_options(VALUE, "sensor", {"unit_of_measurement": "mmol/L"})
    await hass.async_block_till_done()
    await pass_time(hass, freezer, 15 * MINUTE)
    state = found(hass, "mean_glucose_24_h")
    assert state.state == "7.0"
    assert state.attributes["unit_of_measurement"] == "mmol/L"


@pytest.mark.usefixtures("a_day")
async def test_an_unseen_change_writes_nothing(
    hass: HomeAssistant, share: Share, freezer: FrozenDateTimeFactory
) -> None:
    """A reading changes most figures by less than their last digit."""
    written: list[str] = []
    hass.bus.async_listen(EVENT_STATE_CHANGED, lambda event: _note(event, written))
    for _ in range(3):
        await pass_time(hass, freezer, 4 * MINUTE)
        share.add_reading(131)
        await pass_time(hass, freezer, MINUTE)
    assert f"{PREFIX}glucose_value" in written
    assert f"{PREFIX}time_in_range_14_d" not in written
    assert written.count(f"{PREFIX}time_in_range_24_h") <= 1


def _note(event: Event[EventStateChangedData], written: list[str]) -> None:
    """Note which entity changed."""
    written.append(event.data["entity_id"])


@pytest.mark.usefixtures("a_day")
async def test_readings_leave_the_window_while_none_comes(
    hass: HomeAssistant, share: Share, freezer: FrozenDateTimeFactory
) -> None:
    """The last 24 hours end now, not with the last reading."""
    share.simulator.faults.disconnect = "before"
    for _ in range(4):
        await pass_time(hass, freezer, timedelta(hours=3))
    assert found(hass, "time_in_range_24_h").attributes["sufficient"] is False
    for _ in range(5):
        await pass_time(hass, freezer, timedelta(hours=3))
    assert found(hass, "time_in_range_24_h").state == STATE_UNKNOWN
    assert found(hass, "time_in_range_7_d").state == "75"


@pytest.mark.usefixtures("a_day")
async def test_goes_on_after_a_restart(hass: HomeAssistant, share: Share, entry: MockConfigEntry) -> None:
    """From what is kept; but while no clock tells when the windows end, nothing is told."""
    share.simulator.faults.disconnect = "before"
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    is_time_known = entry.runtime_data.glucose.data.is_time_known
    assert found(hass, "time_in_range_24_h").state == ("75" if is_time_known else STATE_UNKNOWN)
    share.simulator.faults.disconnect = None
    await entry.runtime_data.glucose.async_refresh()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert found(hass, "time_in_range_24_h").state == "75"


def test_each_figure_has_each_window() -> None:
    """Keys are those of the entities' unique ids."""
    keys = [description.key for description in STATISTICS_SENSORS]
    assert len(keys) == len(set(keys)) == 30
    assert [each.key for each in STATISTICS_SENSORS if each.entity_registry_enabled_default] == [
        "time_in_range_24h",
        "time_in_range_14d",
        "gmi_14d",
    ]
