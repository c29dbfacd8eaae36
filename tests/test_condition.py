"""Conditions on a person's glucose and alerts, checked by Home Assistant inside automations."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    condition as condition_helper,
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.dexcom_share.const import DOMAIN

from .common import MINUTE, VALUE
from .watching import ALERT_SENSOR, PREDICTED, PREFIX, Watch, automate

KEYS = {
    "is_above",
    "is_alert_active",
    "is_below",
    "is_falling",
    "is_high",
    "is_in_range",
    "is_low",
    "is_rising",
    "is_stale",
}


async def holds(hass: HomeAssistant, key: str, target: dict[str, Any], **options: Any) -> bool | None:
    """Return whether a condition holds now."""
    config = cv.CONDITION_SCHEMA({"condition": f"dexcom_share.{key}", "target": target, "options": options})
    config = await condition_helper.async_validate_condition_config(hass, config)
    checker = await condition_helper.async_from_config(hass, config)
    try:
        return checker.async_check()
    finally:
        checker.async_unload()


async def all_that_hold(watch: Watch) -> set[str]:
    """Return the conditions without a limit that hold for the person's device."""
    target = {"device_id": watch.device_id}
    return {key for key in KEYS - {"is_above", "is_below"} if await holds(watch.hass, key, target)}


async def test_every_condition_is_described(hass: HomeAssistant, watch: Watch) -> None:
    """What can be used is offered by the automation editor, with its target."""
    await watch.set_up(100)
    await automate(
        hass,
        {"trigger": "event", "event_type": "go"},
        {"condition": "dexcom_share.is_low", "target": {"entity_id": VALUE}},
    )
    described = await condition_helper.async_get_all_descriptions(hass)
    ours = {key: description for key, description in described.items() if key.startswith("dexcom_share.")}
    assert set(ours) == {f"dexcom_share.{key}" for key in KEYS}
    assert all(description and description["target"] for description in ours.values())


@pytest.mark.parametrize(
    ("value", "trend", "held"),
    [
        (39, "NotComputable", {"is_low", "is_alert_active"}),
        (70, "DoubleDown", {"is_low", "is_falling", "is_alert_active"}),
        (71, "FortyFiveDown", {"is_in_range", "is_falling"}),
        (120, "Flat", {"is_in_range"}),
        (249, "FortyFiveUp", {"is_in_range", "is_rising"}),
        (250, "SingleUp", {"is_high", "is_rising"}),
        (401, "None", {"is_high"}),
    ],
)
@pytest.mark.parametrize("unit", ["mg/dL", "mmol/L"])
async def test_what_holds_of_a_reading(watch: Watch, value: int, trend: str, held: set[str], unit: str) -> None:
    """The limits are those of the person's alerts, whatever unit the glucose is shown in."""
    await watch.set_up(120)
    er.async_get(watch.hass).async_update_entity_options(VALUE, "sensor", {"unit_of_measurement": unit})
    await watch.read(value, trend=trend)
    assert await all_that_hold(watch) == held


async def test_what_is_not_known_now_holds_for_nobody(watch: Watch) -> None:
    """After 15 minutes a value tells nothing: neither low nor in range, not even of all of nobody."""
    await watch.set_up(120, 60)
    await watch.wait(10 * MINUTE)
    assert "is_stale" not in await all_that_hold(watch)
    await watch.wait(2 * MINUTE)
    assert await all_that_hold(watch) == {"is_low", "is_stale", "is_alert_active"}
    await watch.wait(3 * MINUTE)
    # That its alert is over is certain a little later.
    assert await all_that_hold(watch) <= {"is_stale", "is_alert_active"}
    await watch.wait(2 * MINUTE)
    assert await all_that_hold(watch) == {"is_stale"}
    for key in ("is_low", "is_in_range", "is_falling"):
        assert not await holds(watch.hass, key, {"device_id": watch.device_id}, behavior="all")
    for key in ("is_above", "is_below"):
        limit = {"value": 100, "unit_of_measurement": "mg/dL"}
        assert not await holds(watch.hass, key, {"entity_id": VALUE}, behavior="all", **limit)


@pytest.mark.parametrize("shown_in", ["mg/dL", "mmol/L"])
@pytest.mark.parametrize(
    ("value", "limit", "unit", "above", "below"),
    [
        (70, 70, "mg/dL", False, False),
        (71, 70, "mg/dL", True, False),
        (69, 70, "mg/dL", False, True),
        (70, 3.9, "mmol/L", False, False),
        (71, 3.9, "mmol/L", False, False),
        (72, 3.9, "mmol/L", True, False),
        (69, 3.9, "mmol/L", False, True),
    ],
)
async def test_limits_compare_with_what_is_shown(
    watch: Watch, value: int, limit: float, unit: str, above: bool, below: bool, shown_in: str
) -> None:
    """On the limit is neither above nor below, as it is displayed in the unit of the limit."""
    await watch.set_up(120)
    er.async_get(watch.hass).async_update_entity_options(VALUE, "sensor", {"unit_of_measurement": shown_in})
    await watch.read(value)
    options = {"value": limit, "unit_of_measurement": unit}
    assert await holds(watch.hass, "is_above", {"entity_id": VALUE}, **options) is above
    assert await holds(watch.hass, "is_below", {"entity_id": VALUE}, **options) is below


async def test_an_alert_is_active_while_it_is_raised_heard_or_not(watch: Watch) -> None:
    """A snooze quiets an alert, it does not end it; kinds can be named."""
    await watch.set_up(120, 65)
    target = {"device_id": watch.device_id}
    await watch.call("snooze")
    assert await holds(watch.hass, "is_alert_active", target)
    assert await holds(watch.hass, "is_alert_active", target, kinds=["low", "high"])
    assert await holds(watch.hass, "is_alert_active", target, kinds=[])
    assert not await holds(watch.hass, "is_alert_active", target, kinds=["urgent_low"])
    await watch.read(90)
    assert not await holds(watch.hass, "is_alert_active", target)


async def test_for_counts_from_when_it_became_so(watch: Watch) -> None:
    """New readings that are low as well don't begin the count anew."""
    await watch.set_up(120)
    config = cv.CONDITION_SCHEMA(
        {
            "condition": "dexcom_share.is_low",
            "target": {"entity_id": VALUE},
            "options": {"for": {"minutes": 15}},
        }
    )
    config = await condition_helper.async_validate_condition_config(watch.hass, config)
    checker = await condition_helper.async_from_config(watch.hass, config)
    await watch.read(65, 64, 63)
    assert not checker.async_check()
    await watch.read(62)
    assert checker.async_check()
    checker.async_unload()


async def test_entities_of_others_are_none_of_ours(hass: HomeAssistant, watch: Watch) -> None:
    """Neither another integration's sensor nor another fact of the person stands for their glucose."""
    await watch.set_up(120, 90)
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    stranger = er.async_get(hass).async_get_or_create("sensor", "other", "x", config_entry=other)
    orphan = er.async_get(hass).async_get_or_create("sensor", DOMAIN, "y")
    limit = {"value": 70, "unit_of_measurement": "mg/dL"}
    for entity_id in (stranger.entity_id, orphan.entity_id, "sensor.unknown", f"sensor.{PREFIX}_glucose_change"):
        hass.states.async_set(entity_id, "60", {"unit_of_measurement": "mg/dL", "range": "low"})
        assert not await holds(hass, "is_low", {"entity_id": [VALUE, entity_id]})
        assert not await holds(hass, "is_below", {"entity_id": [VALUE, entity_id]}, **limit)
        with pytest.raises(vol.Invalid, match=f"{entity_id}: neither a person's device nor an entity"):
            await holds(hass, "is_low", {"entity_id": entity_id})


@pytest.mark.parametrize("behavior", ["any", "all"])
async def test_of_nobody_nothing_is_true(hass: HomeAssistant, watch: Watch, behavior: str) -> None:
    """A condition on an area without persons is false, whether one of them is enough or not."""
    await watch.set_up(120, 60)
    area = ar.async_get(hass).async_create("Nursery")
    limit = {"value": 70, "unit_of_measurement": "mg/dL"}
    for key in KEYS:
        options = limit if key in {"is_above", "is_below"} else {}
        assert await holds(hass, key, {"area_id": area.id}, behavior=behavior, **options) is False
    dr.async_get(hass).async_update_device(watch.device_id, area_id=area.id)
    assert await holds(hass, "is_low", {"area_id": area.id}, behavior=behavior)


async def test_an_automation_runs_only_where_its_condition_holds(hass: HomeAssistant, watch: Watch) -> None:
    """At an alert the condition sees the reading that raised it."""
    await watch.set_up(120)
    calls = await automate(
        hass,
        {"trigger": "dexcom_share.alert_raised", "target": {"device_id": watch.device_id}},
        {
            "condition": "dexcom_share.is_below",
            "target": {"device_id": watch.device_id},
            "options": {"value": 60, "unit_of_measurement": "mg/dL"},
        },
        domain="notify",
        service="phone",
        data={"message": "{{ trigger.kind }}"},
    )
    await watch.read(65)
    assert not calls
    await watch.read(54)
    assert [call.data["message"] for call in calls] == ["urgent_low"]


def of(key: str, **options: Any) -> dict[str, Any]:
    """Return one of our conditions on the glucose sensor."""
    return {"condition": f"dexcom_share.{key}", "target": {"entity_id": VALUE}, "options": options}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (of("is_above"), "required key"),
        (of("is_above", value=5, unit_of_measurement="kg"), "must be one of"),
        (of("is_above", value=401, unit_of_measurement="mg/dL"), "never told as above 401.0 mg/dL"),
        (of("is_below", value=2.2, unit_of_measurement="mmol/L"), "never told as below 2.2 mmol/L"),
        (of("is_low", **{"for": {"days": 9999999}}), "longer than 90 days"),
        ({**of("is_alert_active", kinds=["hungry"]), "target": {"entity_id": ALERT_SENSOR}}, "AlertKind"),
        (of("is_alert_active"), f"{VALUE}: neither a person's device nor an entity"),
        ({**of("is_low"), "target": {"entity_id": PREDICTED}}, f"{PREDICTED}: neither"),
        ({**of("is_low"), "target": {}}, "target is empty"),
        ({"condition": "dexcom_share.is_low"}, "required key"),
    ],
)
async def test_what_could_never_hold_is_refused(
    hass: HomeAssistant, watch: Watch, wrong: dict[str, Any], why: str
) -> None:
    """A condition that could never hold is not accepted in silence."""
    await watch.set_up(120)
    with pytest.raises(vol.Invalid) as refusal:
        await condition_helper.async_validate_condition_config(hass, cv.CONDITION_SCHEMA(wrong))
    assert why in str(refusal.value)
