"""Automations on the news of a person, run by Home Assistant: also on what began in a gap or during a restart."""

from datetime import timedelta
from typing import Any

from homeassistant.components.websocket_api.automation import async_get_triggers_for_target
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    label_registry as lr,
    trigger as trigger_helper,
)
from homeassistant.helpers.target import TargetSelection
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from .common import MINUTE, VALUE
from .watching import ALERT_EVENT, PREDICTED, PREFIX, Watch, attach, automate

REPORT = {
    "kind": "{{ trigger.kind }}",
    "event": "{{ trigger.event_type }}",
    "value": "{{ trigger.value }} {{ trigger.unit }}",
    "name": "{{ trigger.name }}",
}


def on(trigger: str, target: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """Return one of our triggers on the glucose sensor, or another target."""
    return {"trigger": f"dexcom_share.{trigger}", "target": target or {"entity_id": VALUE}, "options": options}


def on_alert(**options: Any) -> dict[str, Any]:
    """Return the trigger on alerts."""
    return on("alert_raised", {"entity_id": ALERT_EVENT}, **options)


def number(value: float, unit: str = "mg/dL") -> dict[str, Any]:
    """Return a limit of a threshold."""
    return {"number": value, "unit_of_measurement": unit}


async def test_every_trigger_is_described(hass: HomeAssistant, watch: Watch) -> None:
    """What can be used is offered by the automation editor, with its target."""
    await watch.set_up(100)
    await automate(hass, on_alert())
    described = await trigger_helper.async_get_all_descriptions(hass)
    ours = {key: description for key, description in described.items() if key.startswith("dexcom_share.")}
    assert set(ours) == {
        f"dexcom_share.{key}"
        for key in (
            "alert_ended",
            "alert_raised",
            "data_back",
            "glucose_back_in_range",
            "glucose_became_high",
            "glucose_became_low",
            "glucose_crossed_threshold",
            "no_data_for",
        )
    }
    assert all(description and description["target"] for description in ours.values())


async def test_the_editor_offers_what_counts(hass: HomeAssistant, watch: Watch) -> None:
    """For a person's device each trigger is proposed, for a lamp none."""
    await watch.set_up(100)
    await automate(hass, on_alert())
    hass.states.async_set("light.lamp", "on")

    async def offered(target: dict[str, Any]) -> set[str]:
        found = await async_get_triggers_for_target(hass, target, expand_group=True)
        return {key.removeprefix("dexcom_share.") for key in found if key.startswith("dexcom_share.")}

    assert await offered({"device_id": [watch.device_id]}) == await offered({"entity_id": [VALUE]})
    assert len(await offered({"device_id": [watch.device_id]})) == 8
    assert not await offered({"entity_id": ["light.lamp", ALERT_EVENT]})


async def test_an_alert_turns_on_the_lights(hass: HomeAssistant, watch: Watch) -> None:
    """The automation runs with what there is to know, when raised and when repeated."""
    await watch.set_up(110, 108)
    calls = await automate(hass, on_alert(), domain="light", service="turn_on", data=REPORT)
    await watch.read(65)
    assert [call.data for call in calls] == [
        {"kind": "low", "event": "raised", "value": "65 mg/dL", "name": "anna@example.com"}
    ]
    await watch.read(*[64] * 6)
    assert [call.data["event"] for call in calls] == ["raised", "repeated"]


async def test_an_alert_speaks_and_notifies(hass: HomeAssistant, watch: Watch) -> None:
    """Several automations hear of the same alert."""
    await watch.set_up(110, 108)
    spoken = await automate(
        hass,
        on_alert(kinds=["low"]),
        domain="tts",
        service="speak",
        data={"message": "Glucose of {{ trigger.name }} is {{ trigger.value }}"},
    )
    await watch.read(65)
    assert [call.data["message"] for call in spoken] == ["Glucose of anna@example.com is 65"]


async def test_only_the_kinds_asked_for(hass: HomeAssistant, watch: Watch) -> None:
    """An automation for urgent lows hears of no other alert."""
    await watch.set_up(110, 108)
    calls = await automate(hass, on_alert(kinds=["urgent_low"]), data=REPORT)
    await watch.read(65)
    assert not calls
    await watch.read(54)
    assert [call.data["kind"] for call in calls] == ["urgent_low"]


@pytest.mark.parametrize(
    ("kinds", "heard"),
    [
        ({}, ["urgent_low"]),
        ({"kinds": []}, ["urgent_low"]),
        ({"kinds": ["low"]}, ["low"]),
        ({"kinds": ["low", "high"]}, ["low"]),
    ],
)
async def test_a_sudden_urgent_low_is_told_once_and_to_everybody(
    hass: HomeAssistant, watch: Watch, kinds: dict[str, list[str]], heard: list[str]
) -> None:
    """Of two alerts raised at once the graver one is told; who hears only of the lesser one is told that."""
    await watch.set_up(110, 108)
    calls = await automate(hass, on_alert(**kinds), data=REPORT)
    await watch.read(54)
    assert [call.data["kind"] for call in calls] == heard


async def test_repeats_can_be_left_out(hass: HomeAssistant, watch: Watch) -> None:
    """Who asks for it hears of an alert once."""
    await watch.set_up(110, 108)
    calls = await automate(hass, on_alert(repeats=False), data=REPORT)
    await watch.read(54, 53, 53)
    assert [call.data["event"] for call in calls] == ["raised"]


async def test_a_rehearsal_runs_the_automation(hass: HomeAssistant, watch: Watch) -> None:
    """A test alert shows what an automation does."""
    await watch.set_up(110, 108)
    calls = await automate(hass, on_alert(), data={"test": "{{ trigger.test }}", "kind": "{{ trigger.kind }}"})
    await watch.call("test_alert", kind="high")
    assert [call.data for call in calls] == [{"test": True, "kind": "high"}]


async def test_an_alert_that_began_during_a_restart_runs_the_automation(hass: HomeAssistant, watch: Watch) -> None:
    """The automation that waits for the start of Home Assistant misses nothing."""
    await watch.set_up(110, 108)
    await watch.stop()
    watch.freezer.tick(10 * MINUTE)
    watch.share.add_readings(75, 66)
    hass.set_state(CoreState.starting)
    calls = await automate(hass, on_alert(), data=REPORT)
    assert await hass.config_entries.async_setup(watch.entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not calls
    watch.started()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert [call.data["kind"] for call in calls] == ["low"]


async def test_a_trigger_outlives_a_reload_of_the_entry(hass: HomeAssistant, watch: Watch) -> None:
    """Credentials may change and the entry be loaded anew: the automation goes on, and is not run by it."""
    await watch.set_up(110, 108)
    calls = await automate(hass, on_alert(), data=REPORT)
    ranges = await attach(hass, on("glucose_became_low"))
    await hass.config_entries.async_reload(watch.entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not calls
    await watch.read(65)
    assert len(calls) == len(ranges) == 1
    await hass.config_entries.async_reload(watch.entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(calls) == len(ranges) == 1


async def test_a_detached_trigger_is_silent(hass: HomeAssistant, watch: Watch) -> None:
    """An automation that is switched off runs no more."""
    await watch.set_up(110, 108)
    low = await attach(hass, on("glucose_became_low"))
    silent = await attach(hass, on("no_data_for", **{"for": {"minutes": 30}}))
    low.detach()
    silent.detach()
    await watch.read(65)
    await watch.wait(40 * MINUTE, 5 * MINUTE)
    assert not low
    assert not silent


TARGETS = ["value", "device", "area", "label", "alert_entity", "predicted", "foreign", "another_person"]


@pytest.mark.parametrize(
    ("trigger", "meant"),
    [
        ("glucose_became_low", {"value", "device", "area", "label"}),
        ("alert_raised", {"value", "device", "area", "label", "alert_entity"}),
        ("alert_ended", {"value", "device", "area", "label", "alert_entity"}),
        ("no_data_for", {"value", "device", "area", "label"}),
    ],
)
@pytest.mark.parametrize("target", TARGETS)
async def test_whom_a_target_means(
    hass: HomeAssistant, watch: Watch, trigger: str, meant: set[str], target: str
) -> None:
    """A person is meant by device, area, label or the entity the trigger is about; anything else is refused."""
    await watch.set_up(110, 108)
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    devices = dr.async_get(hass)
    foreign = devices.async_get_or_create(config_entry_id=other.entry_id, identifiers={("other", "x")})
    area, label = ar.async_get(hass).async_create("Nursery"), lr.async_get(hass).async_create("Children")
    devices.async_update_device(watch.device_id, area_id=area.id, labels={label.label_id})
    stranger = er.async_get(hass).async_get_or_create("sensor", "other", "y", config_entry=other)
    targets: dict[str, dict[str, Any]] = {
        "value": {"entity_id": VALUE},
        "device": {"device_id": watch.device_id},
        "area": {"area_id": area.id},
        "label": {"label_id": label.label_id},
        "alert_entity": {"entity_id": f"binary_sensor.{PREFIX}_low_alert"},
        "predicted": {"entity_id": PREDICTED},
        "foreign": {"device_id": foreign.id},
        "another_person": {"entity_id": [stranger.entity_id, "sensor.unknown"]},
    }
    options = {"for": "00:10:00"} if trigger == "no_data_for" else {}
    if target not in meant:
        with pytest.raises(vol.Invalid, match="neither a person's device nor an entity of theirs that counts here"):
            await attach(hass, on(trigger, targets[target], **options))
        return
    runs = await attach(hass, on(trigger, targets[target], **options))
    await watch.read(65)
    await watch.wait(10 * MINUTE)
    await watch.read(108)
    assert runs
    runs.detach()


async def test_hiding_the_sensor_silences_nothing(hass: HomeAssistant, watch: Watch) -> None:
    """A person targeted by device is heard of whatever is hidden or disabled."""
    await watch.set_up(110, 108)
    er.async_get(hass).async_update_entity(VALUE, hidden_by=er.RegistryEntryHider.USER)
    runs = await attach(hass, on("glucose_became_low", {"device_id": watch.device_id}))
    await watch.read(65)
    assert len(runs) == 1


async def test_became_low_tells_the_reading(hass: HomeAssistant, watch: Watch) -> None:
    """The automation knows who, what and when."""
    await watch.set_up(110, 108)
    runs = await attach(hass, on("glucose_became_low"))
    await watch.read(65, trend="SingleDown")
    (run,) = runs
    newest = watch.glucose.data.newest
    assert newest
    assert {key: run[key] for key in ("name", "device_id", "entity_id", "value", "unit", "trend")} == {
        "name": "anna@example.com",
        "device_id": watch.device_id,
        "entity_id": VALUE,
        "value": 65,
        "unit": "mg/dL",
        "trend": "falling",
    }
    assert run["measurement_timestamp"] == newest.time.isoformat()


# For each story the steps, and the values at which each trigger fires. A number is a reading five minutes after the one
# before, a tuple are readings that come together after a gap, "restart" a restart, "off" and "on" its parts.
STORIES: dict[str, tuple[list[Any], dict[str, list[float]]]] = {
    "there and back": (
        [100, 70, 71, 250, 249],
        {"low": [70], "high": [250], "back": [71, 249], "below 80": [70], "above 200": [250]},
    ),
    "low stays low": ([100, 69, 60, 60, 65], {"low": [69], "below 80": [69]}),
    "low after a gap": ([100, "gap", 60, 59], {"low": [60], "below 80": [60]}),
    "low before and after a gap": ([100, 60, "gap", 58], {"low": [60], "below 80": [60]}),
    "low again in a gap": ([100, 60, (95, 58)], {"low": [60, 58], "below 80": [60, 58]}),
    "fallen in a gap": ([100, (66, 62, 58)], {"low": [58], "below 80": [58]}),
    "a dip in a gap": ([100, (60, 100)], {"back": [100]}),
    "low during a restart": ([100, "off", (75, 60), "on", 59], {"low": [60], "below 80": [60]}),
    "low before and after a restart": ([100, 60, "restart", 58], {"low": [60], "below 80": [60]}),
    "LOW and HIGH": ([100, 39, 401], {"low": [39], "high": [401], "below 80": [39], "above 200": [401]}),
}
TRIGGERS = {
    "low": on("glucose_became_low"),
    "high": on("glucose_became_high"),
    "back": on("glucose_back_in_range"),
    "below 80": on("glucose_crossed_threshold", threshold={"type": "below", "value": number(80)}),
    "above 200": on("glucose_crossed_threshold", threshold={"type": "above", "value": number(200)}),
}


@pytest.mark.parametrize("story", STORIES)
async def test_when_triggers_fire(hass: HomeAssistant, watch: Watch, story: str) -> None:
    """A trigger fires when glucose came to be there, however it came, once."""
    steps, expected = STORIES[story]
    first, *steps = steps
    await watch.set_up(first)
    runs = {name: await attach(hass, trigger) for name, trigger in TRIGGERS.items()}
    for step in steps:
        match step:
            case int():
                await watch.read(step)
            case tuple():
                watch.freezer.tick(len(step) * 5 * MINUTE)
                watch.share.add_readings(*step)
                if hass.is_running:
                    await watch.wait(MINUTE)
            case "gap":
                await watch.wait(30 * MINUTE, 5 * MINUTE)
            case "off":
                await watch.stop()
            case "on":
                await watch.start()
            case _:
                await watch.restart()
    fired = {name: [run["value"] for run in told] for name, told in runs.items()}
    assert fired == {name: expected.get(name, []) for name in TRIGGERS}


async def test_a_first_reading_counts(hass: HomeAssistant, watch: Watch) -> None:
    """Somebody who is low when first seen is low; nobody who was never away comes back."""
    hass.set_state(CoreState.starting)
    runs = {name: await attach(hass, trigger) for name, trigger in TRIGGERS.items()}
    await watch.set_up(60)
    watch.started()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert [run["value"] for run in runs["low"]] == [60]
    assert not runs["back"]


async def test_a_changed_limit_counts_with_the_next_reading(hass: HomeAssistant, watch: Watch) -> None:
    """Low is what the settings call low."""
    await watch.set_up(110, 78)
    runs = await attach(hass, on("glucose_became_low"))
    await watch.set_options(low={"limit": 80})
    await watch.read(78)
    assert [run["value"] for run in runs] == [78]


# Thresholds, readings, and the places of the readings at which they are crossed.
THRESHOLDS: list[tuple[dict[str, Any], list[int], list[int]]] = [
    ({"type": "below", "value": number(3.9, "mmol/L")}, [100, 71, 70, 69, 66], [3]),
    ({"type": "above", "value": number(10, "mmol/L")}, [100, 180, 181, 182, 190], [3]),
    ({"type": "below", "value": number(70)}, [100, 70, 69, 68], [2]),
    ({"type": "between", "value_min": number(70), "value_max": number(180)}, [60, 70, 180, 181, 180], [1, 4]),
    ({"type": "outside", "value_min": number(70), "value_max": number(180)}, [100, 70, 69, 180, 181], [2, 4]),
    ({"type": "below", "value": {"entity": "input_number.limit"}}, [100, 90, 79], [1]),
    ({"type": "below", "value": {"entity": "input_number.limit_mmol"}}, [100, 90, 79], [2]),
    ({"type": "below", "value": {"entity": "input_number.unset"}}, [100, 60], []),
]


@pytest.mark.parametrize("unit", ["mg/dL", "mmol/L"])
@pytest.mark.parametrize(("threshold", "readings", "crossed"), THRESHOLDS)
async def test_thresholds_are_crossed_as_shown(
    hass: HomeAssistant, watch: Watch, threshold: dict[str, Any], readings: list[int], crossed: list[int], unit: str
) -> None:
    """A limit in either unit, or that of an entity, compares with what is shown; on the limit is not beyond."""
    hass.states.async_set("input_number.limit", "95", {"unit_of_measurement": "mg/dL"})
    hass.states.async_set("input_number.limit_mmol", "4.5", {"unit_of_measurement": "mmol/L"})
    hass.states.async_set("input_number.unset", "unknown", {"unit_of_measurement": "mg/dL"})
    first, *rest = readings
    await watch.set_up(first)
    er.async_get(hass).async_update_entity_options(VALUE, "sensor", {"unit_of_measurement": unit})
    runs = await attach(hass, on("glucose_crossed_threshold", threshold=threshold))
    await watch.read(*rest)
    taken = watch.glucose.history.latest(len(readings))
    assert [run["measurement_timestamp"] for run in runs] == [taken[place].time.isoformat() for place in crossed]
    shown = [readings[place] if unit == "mg/dL" else round(readings[place] / 18.016, 1) for place in crossed]
    assert [(run["value"], run["unit"]) for run in runs] == [(value, unit) for value in shown]


HALF_AN_HOUR = on("no_data_for", **{"for": {"minutes": 30}})


async def test_no_data_for_counts_from_the_last_reading(hass: HomeAssistant, watch: Watch) -> None:
    """It fires once a silence, to the minute, and anew after the next reading."""
    await watch.set_up(110, 108)
    runs = await attach(hass, HALF_AN_HOUR)
    newest = watch.glucose.data.newest
    assert newest
    await watch.wait(29 * MINUTE)
    assert not runs
    await watch.wait(MINUTE)
    assert [run["since"] for run in runs] == [newest.time.isoformat()]
    await watch.wait(60 * MINUTE, 5 * MINUTE)
    assert len(runs) == 1
    await watch.read(100)
    await watch.wait(30 * MINUTE)
    assert len(runs) == 2


async def test_a_reading_starts_the_count_anew(hass: HomeAssistant, watch: Watch) -> None:
    """Somebody who is heard of in time is not missed."""
    await watch.set_up(110, 108)
    runs = await attach(hass, HALF_AN_HOUR)
    for _ in range(4):
        await watch.wait(20 * MINUTE, 5 * MINUTE)
        await watch.read(100)
    assert not runs
    runs.detach()


async def test_a_silence_that_is_over_when_the_automation_is_loaded_is_old(hass: HomeAssistant, watch: Watch) -> None:
    """An automation saved during an outage isn't run by being saved; one that still has to wait waits."""
    await watch.set_up(110, 108)
    await watch.wait(29 * MINUTE)
    in_time = await attach(hass, HALF_AN_HOUR)
    await watch.wait(2 * MINUTE)
    too_late = await attach(hass, HALF_AN_HOUR)
    await watch.wait(30 * MINUTE, 5 * MINUTE)
    await hass.config_entries.async_reload(watch.entry.entry_id)
    await watch.wait(30 * MINUTE, 5 * MINUTE)
    assert len(in_time) == 1
    assert not too_late


@pytest.mark.parametrize("off_for", [timedelta(minutes=10), timedelta(hours=1)])
async def test_a_silence_goes_on_across_a_restart(hass: HomeAssistant, watch: Watch, off_for: timedelta) -> None:
    """Home Assistant that comes back without network tells when it is time, or at once where that was meanwhile."""
    await watch.set_up(110, 108)
    await watch.stop()
    watch.share.simulator.faults.disconnect = "before"
    watch.freezer.tick(off_for)
    before = await attach(hass, HALF_AN_HOUR)
    assert await hass.config_entries.async_setup(watch.entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    after = await attach(hass, HALF_AN_HOUR)
    assert not before
    watch.started()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(before) == len(after) == (off_for > timedelta(minutes=30))
    await watch.wait(30 * MINUTE)
    assert len(before) == len(after) == 1


async def test_a_silence_that_ends_while_the_entry_is_unloaded_is_told_when_it_is_back(
    hass: HomeAssistant, watch: Watch
) -> None:
    """Nobody says anything about a person who is not watched, and nothing is forgotten."""
    await watch.set_up(110, 108)
    watch.share.simulator.faults.disconnect = "before"
    runs = await attach(hass, HALF_AN_HOUR)
    await watch.wait(25 * MINUTE, 5 * MINUTE)
    await hass.config_entries.async_unload(watch.entry.entry_id)
    await watch.wait(10 * MINUTE, 5 * MINUTE)
    assert not runs
    await hass.config_entries.async_setup(watch.entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(runs) == 1


async def test_a_removed_person_is_not_missed(hass: HomeAssistant, watch: Watch) -> None:
    """Who was removed is none of our business."""
    await watch.set_up(110, 108)
    runs = await attach(hass, HALF_AN_HOUR)
    await hass.config_entries.async_remove(watch.entry.entry_id)
    await watch.wait(40 * MINUTE, 5 * MINUTE)
    assert not runs


@pytest.mark.parametrize("lost", [("unknown", "mg/dL"), ("95", "%"), ("95", None), None])
async def test_a_limit_that_is_lost_is_never_crossed(
    hass: HomeAssistant, watch: Watch, lost: tuple[str, str | None] | None
) -> None:
    """Where the entity of a limit loses its number, its unit or itself, there is nothing to compare with."""
    hass.states.async_set("input_number.limit", "95", {"unit_of_measurement": "mg/dL"})
    await watch.set_up(100)
    runs = await attach(
        hass, on("glucose_crossed_threshold", threshold={"type": "below", "value": {"entity": "input_number.limit"}})
    )
    if lost:
        hass.states.async_set("input_number.limit", lost[0], {"unit_of_measurement": lost[1]})
    else:
        hass.states.async_remove("input_number.limit")
    await watch.read(80)
    assert not runs
    hass.states.async_set("input_number.limit", "75", {"unit_of_measurement": "mg/dL"})
    await watch.read(70)
    assert len(runs) == 1


@pytest.mark.parametrize("trigger", ["glucose_became_low", "glucose_crossed_threshold", "alert_raised", "no_data_for"])
async def test_whoever_is_in_an_area_at_the_time_is_meant(hass: HomeAssistant, watch: Watch, trigger: str) -> None:
    """An area may be empty when the automation is saved, and persons may come to it later."""
    await watch.set_up(110, 108)
    area = ar.async_get(hass).async_create("Nursery")
    options: dict[str, dict[str, Any]] = {
        "glucose_crossed_threshold": {"threshold": {"type": "below", "value": number(80)}},
        "no_data_for": {"for": {"minutes": 15}},
    }
    runs = await attach(hass, on(trigger, {"area_id": area.id}, **options.get(trigger, {})))
    await watch.read(65)
    await watch.wait(20 * MINUTE, 5 * MINUTE)
    await watch.read(*[100] * 4)
    assert not runs
    dr.async_get(hass).async_update_device(watch.device_id, area_id=area.id)
    await watch.read(65)
    await watch.wait(20 * MINUTE, 5 * MINUTE)
    assert runs


async def test_who_is_excluded_is_not_meant(hass: HomeAssistant, watch: Watch) -> None:
    """A person whose glucose is excluded from an area is not heard of, also if somebody else of the area is."""
    await watch.set_up(110, 108)
    area = ar.async_get(hass).async_create("Nursery")
    dr.async_get(hass).async_update_device(watch.device_id, area_id=area.id)
    everybody = await attach(hass, on("glucose_became_low", {"area_id": area.id}))
    target = {"area_id": area.id, "exclude": {"entity_id": [VALUE]}}
    if not hasattr(TargetSelection({}), "exclude"):
        with pytest.raises(vol.Invalid):
            await attach(hass, on("glucose_became_low", target))
        return
    others = await attach(hass, on("glucose_became_low", target))
    await watch.read(65)
    assert len(everybody) == 1
    assert not others


def crossed(kind: str, *limits: dict[str, Any]) -> dict[str, Any]:
    """Return the trigger on a threshold."""
    keys = ("value",) if len(limits) == 1 else ("value_min", "value_max")
    return on("glucose_crossed_threshold", threshold={"type": kind, **dict(zip(keys, limits, strict=True))})


async def hear_why_not(hass: HomeAssistant, wrong: dict[str, Any]) -> str:
    """Return why a trigger is refused."""
    with pytest.raises(vol.Invalid) as refusal:
        await attach(hass, wrong)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (on("no_data_for"), "required key"),
        (on("no_data_for", **{"for": {"seconds": 0}}), "at least one second"),
        (on("no_data_for", **{"for": {"days": 9999999}}), "longer than 90 days"),
        (on("glucose_crossed_threshold"), "required key"),
        (crossed("below", {"number": 70}), "Missing unit_of_measurement"),
        (crossed("below", number(70, "kg")), "Invalid unit_of_measurement"),
        (crossed("below", number(39)), "Glucose is never told as less than 39"),
        (crossed("above", number(401)), "Glucose is never told as less than 39"),
        (crossed("above", number(22.3, "mmol/L")), "Glucose is never told as less than 39"),
        (crossed("outside", number(20), number(500)), "Glucose is never told as less than 39"),
        (crossed("between", number(70.2), number(70.8)), "Glucose is never told as less than 39"),
        (crossed("between", number(70), number(70)), "lower limit of the threshold must be less"),
        (crossed("outside", number(10, "mmol/L"), number(70)), "lower limit of the threshold must be less"),
        (crossed("below", {"entity": "input_number.percent"}), "has the unit %, expected mg/dL or mmol/L"),
        (crossed("below", {"entity": "input_number.bare"}), "has no unit"),
        (crossed("below", {"entity": "input_number.missing"}), "input_number.missing does not exist"),
        (crossed("between", {"entity": "input_number.bare"}, number(70)), "has no unit"),
        (on_alert(kinds=["hungry"]), "AlertKind"),
        ({"trigger": "dexcom_share.glucose_became_low"}, "required key"),
        ({"trigger": "dexcom_share.glucose_became_low", "target": {}}, "target is empty"),
        (on("glucose_became_low", {"entity_id": PREDICTED}), f"{PREDICTED}: neither"),
        (on("glucose_became_low", {"device_id": "x", "entity_id": "sensor.y"}), "device x, sensor.y: neither"),
    ],
)
async def test_what_could_never_fire_is_refused(
    hass: HomeAssistant, watch: Watch, wrong: dict[str, Any], why: str
) -> None:
    """An automation that could never run is not accepted in silence."""
    hass.states.async_set("input_number.percent", "50", {"unit_of_measurement": "%"})
    hass.states.async_set("input_number.bare", "50")
    await watch.set_up(110, 108)
    assert why in await hear_why_not(hass, wrong)


async def test_what_is_not_there_yet_is_accepted_at_the_start(hass: HomeAssistant, watch: Watch) -> None:
    """An automation is loaded before what it names, also a person who is set up anew; what is known is refused."""
    await watch.set_up(110, 108)
    hass.states.async_set("sensor.restored", "unavailable", {"restored": True})
    hass.states.async_set("input_number.bare", "50")
    hass.set_state(CoreState.starting)
    for target in ({"device_id": "x"}, {"entity_id": ["sensor.y", PREDICTED]}):
        await attach(hass, on("glucose_became_low", target))
    for entity in ("sensor.restored", "input_number.later"):
        await attach(hass, crossed("below", {"entity": entity}))
    await hear_why_not(hass, on("glucose_became_low", {"entity_id": PREDICTED}))
    await hear_why_not(hass, crossed("below", {"entity": "input_number.bare"}))


async def test_a_message_is_ready(hass: HomeAssistant, watch: Watch) -> None:
    """What is raised is told as a sentence in the unit of the person, no data with its cause."""
    await watch.set_up(110, 108)
    raised, silent = await attach(hass, on_alert()), await attach(hass, HALF_AN_HOUR)
    await watch.read(65)
    assert [run["message"] for run in raised] == ["Low: 65 mg/dL"]
    await watch.wait(31 * MINUTE)
    assert [run["message"] for run in raised[1:]] == ["No data for 20 min: Phone does not upload"]
    assert [run["message"] for run in silent] == ["No data for 30 min: Phone does not upload"]


ALERT_ENDED = "alert_ended"


@pytest.mark.parametrize(
    ("options", "heard"),
    [
        ({}, [("recovered", "low"), ("recovered", "no_data")]),
        ({"kinds": ["low"]}, [("recovered", "low")]),
        ({"kinds": [], "endings": ["acknowledged", "treated"]}, [("acknowledged", "low"), ("treated", "low")]),
        ({"kinds": ["high"], "endings": ["acknowledged"]}, []),
    ],
)
async def test_an_alert_that_ended(
    hass: HomeAssistant, watch: Watch, options: dict[str, Any], heard: list[tuple[str, str]]
) -> None:
    """By kind, and by how: over, or answered by somebody."""
    await watch.set_up(110, 65)
    ended = await attach(hass, on(ALERT_ENDED, **options))
    await watch.call("acknowledge")
    await watch.call("treated")
    await watch.read(108)
    await watch.wait(21 * MINUTE)
    await watch.read(108)
    assert [(run["event_type"], run["kind"]) for run in ended] == heard
    assert all(run["message"] for run in ended)


@pytest.mark.parametrize("endings", [[], ["raised"], ["eaten"]])
async def test_an_ending_that_is_none_is_refused(hass: HomeAssistant, watch: Watch, endings: list[str]) -> None:
    """A trigger that could never fire is not saved."""
    await watch.set_up(110, 108)
    with pytest.raises(vol.Invalid):
        await attach(hass, on(ALERT_ENDED, endings=endings))


async def test_data_are_back(hass: HomeAssistant, watch: Watch) -> None:
    """With the first reading after a silence as long as asked for, also where one upload fills the gap."""
    await watch.set_up(110, 108)
    default, long = await attach(hass, on("data_back")), await attach(hass, on("data_back", **{"for": {"hours": 1}}))
    await watch.read(107, 106)
    assert not default
    watch.freezer.tick(25 * MINUTE)
    watch.share.add_readings(105, 104, 103, 102, 101)
    await watch.wait(MINUTE)
    await watch.wait(4 * MINUTE)
    assert [(run["value"], run["message"]) for run in default] == [(101, "Data are back")]
    assert not long
    await watch.restart()
    watch.freezer.tick(90 * MINUTE)
    await watch.read(100)
    assert [run["value"] for run in default] == [101, 100]
    assert [run["value"] for run in long] == [100]
