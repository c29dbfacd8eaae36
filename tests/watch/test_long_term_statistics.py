"""Long-term statistics, with the real recorder on SQLite."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType, StatisticMetaData
from homeassistant.components.recorder.statistics import (
    async_import_statistics,
    get_metadata,
    statistics_during_period,
)
from homeassistant.const import UnitOfBloodGlucoseConcentration
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import async_wait_recording_done

from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.watch import long_term_statistics as module

from ..common import MINUTE, VALUE, Share, pass_time

NOW = datetime(2026, 11, 22, 12, 30, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
MMOL = UnitOfBloodGlucoseConcentration.MILLIMOLE_PER_LITER
MGDL = UnitOfBloodGlucoseConcentration.MILLIGRAMS_PER_DECILITER


@pytest.fixture(autouse=True)
def _recorder_before_everything(recorder_mock: Recorder, freezer: FrozenDateTimeFactory) -> None:
    """Have the recorder at work, at half past noon."""
    freezer.move_to(NOW)


def fill(share: Share, start: datetime, values: Iterable[int]) -> None:
    """Add a reading each five minutes from a time on."""
    for place, value in enumerate(values):
        share.account.add_reading(start + place * 5 * MINUTE, value)


async def hours(hass: HomeAssistant) -> dict[int, dict[str, Any]]:
    """Return the sensor's statistics of the day, by the hour."""
    await async_wait_recording_done(hass)
    rows = await get_instance(hass).async_add_executor_job(
        statistics_during_period, hass, NOW - 2 * 24 * HOUR, None, {VALUE}, "hour", None, {"mean", "min", "max"}
    )
    return {
        int((datetime.fromtimestamp(row["start"], UTC) - NOW.replace(hour=0, minute=0, second=0)) / HOUR): {
            key: round(float(row[key] or 0), 2) for key in ("mean", "min", "max")
        }
        for row in rows.get(VALUE, [])
    }


def known(unit: str, value: float, hour: datetime, hass: HomeAssistant) -> None:
    """Put an hour into the statistics as the recorder would have done."""
    async_import_statistics(
        hass,
        StatisticMetaData(
            has_sum=False,
            mean_type=StatisticMeanType.ARITHMETIC,
            name=None,
            source="recorder",
            statistic_id=VALUE,
            unit_class="blood_glucose_concentration",
            unit_of_measurement=unit,
        ),
        [StatisticData(start=hour, mean=value, min=value, max=value)],
    )


async def test_hours_before_the_set_up_are_filled(hass: HomeAssistant, share: Share, entry: MockConfigEntry) -> None:
    """What Share still has is in the statistics from the start: whole hours that are over, and no others."""
    fill(share, NOW.replace(hour=9, minute=50, second=0), [90, 91, *range(100, 112), *range(200, 212), 150, 151])
    await share.set_up(hass, entry)
    assert await hours(hass) == {
        9: {"mean": 90.5, "min": 90, "max": 91},
        10: {"mean": 105.5, "min": 100, "max": 111},
        11: {"mean": 205.5, "min": 200, "max": 211},
    }


async def test_the_hour_that_the_window_cuts_is_left_out(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry
) -> None:
    """Of the hour 24 hours ago only a part is known."""
    fill(share, NOW - 25 * HOUR, [100] * 300)
    await share.set_up(hass, entry)
    found = await hours(hass)
    assert min(found) == -11
    assert max(found) == 11


async def test_an_outage_is_filled_in_afterwards(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Hours in which readings came late are imported once they are over, and nothing is imported twice differently."""
    fill(share, NOW - HOUR, [100] * 13)
    await share.set_up(hass, entry)
    before = await hours(hass)
    share.simulator.faults.offline = True
    await pass_time(hass, freezer, 2 * HOUR)
    assert await hours(hass) == before | {12: {"mean": 100, "min": 100, "max": 100}}
    share.simulator.faults.offline = None
    fill(share, NOW + 5 * MINUTE, [160] * 24)
    await pass_time(hass, freezer, 5 * MINUTE)
    after = await hours(hass)
    assert after[13] == {"mean": 160, "min": 160, "max": 160}
    assert after[12] == {"mean": 125, "min": 100, "max": 160}
    assert 14 not in after
    await pass_time(hass, freezer, HOUR)
    assert (await hours(hass))[14] == {"mean": 160, "min": 160, "max": 160}


async def test_what_the_recorder_had_stays(hass: HomeAssistant, share: Share, entry: MockConfigEntry) -> None:
    """An hour with figures is not touched by a restart."""
    fill(share, NOW.replace(hour=9, minute=50, second=0), [90] * 32)
    await share.set_up(hass, entry)
    await async_wait_recording_done(hass)
    known(MGDL, 77, NOW.replace(hour=10, minute=0, second=0), hass)
    await async_wait_recording_done(hass)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert (await hours(hass))[10]["mean"] == 77


async def test_a_missing_hour_is_found_after_a_restart(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    """An hour that is in the history and not in the statistics is imported at the next start."""
    fill(share, NOW.replace(hour=9, minute=50, second=0), [90] * 32)
    entity_registry.async_get_or_create(
        "sensor",
        DOMAIN,
        f"{entry.unique_id}_value",
        suggested_object_id="anna_example_com_glucose_value",
        disabled_by=er.RegistryEntryDisabler.USER,
    )
    await share.set_up(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    entity_registry.async_update_entity(VALUE, disabled_by=None)
    await share.set_up(hass, entry)
    assert set(await hours(hass)) == {9, 10, 11}


async def test_mmol_per_litre(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    """Statistics kept in mmol/L stay in it, and what is imported is converted, whatever the sensor shows now."""
    known(MMOL, 5.0, NOW.replace(hour=5, minute=0, second=0), hass)
    await async_wait_recording_done(hass)
    fill(share, NOW.replace(hour=9, minute=50, second=0), [90] * 32)
    await share.set_up(hass, entry)
    found = await hours(hass)
    assert found[5]["mean"] == 90.08
    assert found[10]["mean"] == 90.0
    metadata = await get_instance(hass).async_add_executor_job(lambda: get_metadata(hass, statistic_ids={VALUE}))
    assert metadata[VALUE][1]["unit_of_measurement"] == MMOL


async def test_a_sensor_that_begins_in_mmol_per_litre(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, entity_registry: er.EntityRegistry
) -> None:
    """Without statistics so far they begin in the unit that the sensor shows."""
    entity_registry.async_get_or_create(
        "sensor", DOMAIN, f"{entry.unique_id}_value", suggested_object_id="anna_example_com_glucose_value"
    )
    entity_registry.async_update_entity_options(VALUE, "sensor", {"unit_of_measurement": MMOL})
    fill(share, NOW.replace(hour=9, minute=50, second=0), [90] * 32)
    await share.set_up(hass, entry)
    assert (await hours(hass))[10]["mean"] == 5.0


@pytest.mark.parametrize("recorder_config", [{"exclude": {"entities": [VALUE]}}])
async def test_a_sensor_that_is_not_recorded_gets_no_statistics(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry
) -> None:
    """Who excludes the sensor from the recorder wants no statistics of it."""
    fill(share, NOW.replace(hour=9, minute=50, second=0), [90] * 32)
    await share.set_up(hass, entry)
    assert await hours(hass) == {}


ALL = {9, 10, 11}
IMPORT = "custom_components.dexcom_share.watch.long_term_statistics.async_import_statistics"


def last_hours(share: Share) -> None:
    """Let there be readings of three hours that are over."""
    fill(share, NOW.replace(hour=9, minute=50, second=0), [90] * 32)


def failures(caplog: pytest.LogCaptureFixture) -> int:
    """Return how often the failure was logged."""
    return caplog.text.count("The recorder did not take hours of long-term statistics")


@pytest.mark.parametrize("failure", [RuntimeError("database is locked"), lambda *_: None], ids=["raises", "drops"])
async def test_hours_that_the_recorder_did_not_take_are_imported_later(
    hass: HomeAssistant,
    share: Share,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    failure: RuntimeError | Callable[..., None],
) -> None:
    """Whether it raises or loses them without a word; tried again after a pause that grows, and logged once."""
    last_hours(share)
    with patch(IMPORT, side_effect=failure) as attempted:
        await share.set_up(hass, entry)
        assert attempted.call_count == 1
        await pass_time(hass, freezer, 4 * MINUTE)
        assert attempted.call_count == 1
        await pass_time(hass, freezer, 4 * MINUTE)
        assert attempted.call_count == 2
        await pass_time(hass, freezer, 8 * MINUTE)
        assert attempted.call_count == 2
        assert await hours(hass) == {}
    await pass_time(hass, freezer, 5 * MINUTE)
    assert set(await hours(hass)) == ALL
    assert failures(caplog) == 1


async def test_a_recorder_that_can_not_be_asked_is_asked_again(
    hass: HomeAssistant,
    share: Share,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The last day is looked through once that has succeeded; readings come and are shown meanwhile."""
    last_hours(share)
    with patch.object(module, "statistics_during_period", side_effect=OSError):
        await share.set_up(hass, entry)
        state = hass.states.get(VALUE)
        assert state
        assert state.state == "90"
    assert failures(caplog) == 1
    await pass_time(hass, freezer, 10 * MINUTE)
    assert set(await hours(hass)) == ALL


async def test_a_recorder_that_hangs_holds_nobody_up(
    hass: HomeAssistant,
    share: Share,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """After the limit it is let go of, and tried again later."""
    monkeypatch.setattr(module, "LIMIT_SECONDS", 0.01)
    last_hours(share)
    released = Event()
    with patch.object(module, "get_metadata", lambda *_, **__: released.wait(0.3) and {}):
        await share.set_up(hass, entry)
        released.set()
    monkeypatch.undo()
    assert failures(caplog) == 1
    await pass_time(hass, freezer, 10 * MINUTE)
    assert set(await hours(hass)) == ALL


async def test_an_import_under_way_is_not_begun_again(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry
) -> None:
    """However often it is asked whether one is due."""
    await share.set_up(hass, entry)
    filler = entry.runtime_data.glucose._statistics
    filler._hours.add(NOW - 5 * HOUR)
    filler._looked_back = True
    assert filler.is_due(NOW)
    filler._is_filling = True
    assert not filler.is_due(NOW)


async def test_an_hour_without_readings_is_forgotten(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """Its readings were dropped meanwhile: there is nothing to import."""
    await share.set_up(hass, entry)
    filler = entry.runtime_data.glucose._statistics
    filler._hours.add(NOW.replace(minute=0, second=0) - 5 * HOUR)
    filler._looked_back = True
    await filler.fill(NOW)
    assert not filler.is_due(NOW + HOUR)
    assert failures(caplog) == 0
