"""A chain proves itself: the evening check names what would fail tonight, and the test runs everything."""

import asyncio
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.night.checking import problems_of
from custom_components.dexcom_share.night.proof import Proof

from ..common import MINUTE
from ..waking import House, add_chain, keeper_of, runner_of, step
from ..watching import PREFIX, Watch

PROBLEM = f"binary_sensor.{PREFIX}_night_chain_problem"
PROVED = f"sensor.{PREFIX}_night_chain_last_proved"
STEP = f"sensor.{PREFIX}_night_chain_step"
EVENT = f"event.{PREFIX}_night_chain"


@pytest.fixture
def house(hass: HomeAssistant) -> House:
    """Return the house and its actions."""
    return House(hass)


def issue(hass: HomeAssistant, key: str) -> ir.IssueEntry | None:
    """Return a repair issue about a chain."""
    found = [each for (domain, _), each in ir.async_get(hass).issues.items() if domain == DOMAIN]
    return next((each for each in found if each.translation_key == key), None)


def event_type(hass: HomeAssistant) -> object:
    """Return what was told last."""
    state = hass.states.get(EVENT)
    assert state
    return state.attributes["event_type"]


async def test_the_evening_check_names_what_would_fail_tonight(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """A missing action and an unavailable light become an issue and an event, without waking anybody."""
    hass.states.async_set("light.bed", "unavailable")
    await watch.set_up(90, 88)
    light = {"kind": "light", "after_minutes": 3, "entities": ["light.bed"]}
    await add_chain(hass, watch.entry, step(0, "bell", "gone"), light)
    assert watch.state(PROBLEM) == "off"
    watch.freezer.move_to("2026-11-22 20:58:00+00:00")
    await watch.read(100, after=timedelta(seconds=90))
    watch.freezer.move_to("2026-11-22 21:00:00+00:00")
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    found = issue(hass, "chain_would_fail")
    assert found
    assert found.translation_placeholders
    assert found.translation_placeholders["chain"] == "Night"
    assert found.translation_placeholders["problems"].splitlines() == [
        "- Step 1: not available or missing: house.gone.",
        "- Step 2: not available or missing: light.turn_on, light.bed.",
    ]
    assert watch.state(PROBLEM) == "on"
    assert event_type(hass) == "check_failed"
    assert house.heard() == []


async def test_what_is_mended_is_withdrawn(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """By the button as by the action; a chain without steps is no chain."""
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry)
    press = {"entity_id": f"button.{PREFIX}_check_night_chain"}
    with pytest.raises(ServiceValidationError, match="has no steps"):
        await hass.services.async_call("button", "press", press, blocking=True)
    assert issue(hass, "chain_would_fail")
    data = {"steps": [step(0, "bell")]}
    hass.config_entries.async_update_subentry(watch.entry, watch.entry.subentries[chain_id], data=data)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert watch.state(PROBLEM) == "on"
    await hass.services.async_call("button", "press", press, blocking=True)
    assert not issue(hass, "chain_would_fail")
    assert watch.state(PROBLEM) == "off"
    assert event_type(hass) == "check_passed"
    hass.config_entries.async_remove_subentry(watch.entry, chain_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert hass.states.get(PROBLEM) is None


async def test_the_check_looks_at_the_data_too(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """A chain is of no use without current readings, and says so."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, step(0, "bell"))
    await watch.wait(16 * MINUTE, 4 * MINUTE)
    answer = await hass.services.async_call(
        DOMAIN, "test_chain", {"device_id": watch.device_id}, blocking=True, return_response=True
    )
    told = answer and answer["chains"]
    assert told == [
        {"person": "anna@example.com", "chain": "Night", "problems": ["There is no current reading."]},
    ]
    with pytest.raises(ServiceValidationError, match="no current reading"):
        await watch.call("test_chain")
    with pytest.raises(ServiceValidationError, match="no such wake-up chain"):
        await watch.call("test_chain", chain="Day")


async def run_test(hass: HomeAssistant, watch: Watch) -> list[str]:
    """Test the chain with everything."""
    [prover] = keeper_of(watch).provers.values()
    task = hass.async_create_task(prover.async_test())
    while not task.done():
        await asyncio.sleep(0)
        async_fire_time_changed(hass, fire_all=True)
    return await task


async def test_a_test_with_everything_proves_the_chain(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """Every step runs at once, marked as a test; the lamp is put back."""
    await watch.set_up(90, 88)
    text = "{{ message }}|{{ is_test }}|{{ kind }}"
    await add_chain(hass, watch.entry, step(0, "bell", text=text), step(30, "lamp"))
    assert watch.state(PROVED) == "unknown"
    assert watch.state(STEP) == "idle"
    assert await run_test(hass, watch) == []
    assert house.calls[0].data["text"] == "Test of the wake-up chain|True|test"
    assert house.heard() == ["bell", "lamp"]
    await hass.async_block_till_done(wait_background_tasks=True)
    assert watch.state(PROVED) != "unknown"
    assert watch.state(STEP) == "idle"
    assert event_type(hass) == "test_passed"
    await watch.restart()
    assert watch.state(PROVED) != "unknown"


async def test_a_test_tells_every_step_that_failed(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """It goes on with the next one, and proves nothing."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, step(0, "broken"), step(1, "lamp"))
    assert await run_test(hass, watch) == ["Step 1 failed: The bulb is gone."]
    assert house.heard() == ["broken", "lamp"]
    assert watch.state(PROVED) == "unknown"
    assert watch.state(PROBLEM) == "on"
    house.is_mended = True
    assert await run_test(hass, watch) == []
    assert watch.state(PROBLEM) == "off"


async def test_an_alert_ends_a_test_and_an_alert_is_not_disturbed_by_one(
    hass: HomeAssistant, watch: Watch, house: House
) -> None:
    """What counts comes first."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, step(0, "bell"), step(3, "lamp"))
    [prover] = keeper_of(watch).provers.values()
    with patch("custom_components.dexcom_share.night.proving.SHOWN_FOR_SECONDS", 3600.0):
        test = hass.async_create_task(prover.async_test(), eager_start=True)
        for _ in range(50):
            await asyncio.sleep(0)
        watch.freezer.tick(5 * MINUTE)
        watch.share.add_reading(65)
        await watch.glucose.async_refresh()
        with pytest.raises(ServiceValidationError, match="because an alert came"):
            await test
    assert house.heard() == ["bell", "lamp", "bell"]
    assert watch.state(STEP) == "1"
    with pytest.raises(ServiceValidationError, match="is at work"):
        await prover.async_test()


async def test_a_real_run_proves_the_chain_too(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """When all its steps have worked before somebody answered."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, step(0, "bell"), step(1, "lamp"))
    await watch.read(65)
    await watch.wait(2 * MINUTE)
    assert watch.state(PROVED) == "unknown"
    await watch.call("acknowledge")
    assert watch.state(PROVED) != "unknown"
    assert event_type(hass) == "ended"


async def test_the_weekly_reminder(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """A week after the chain was made or proved; a check that was missed is made up for after the start."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, step(0, "bell"))
    await watch.stop()
    watch.freezer.tick(timedelta(days=7))
    watch.share.add_reading(100)
    await watch.start()
    assert not issue(hass, "chain_not_proved")
    await watch.read(100)
    assert issue(hass, "chain_not_proved")
    assert await run_test(hass, watch) == []
    assert not issue(hass, "chain_not_proved")


async def test_a_chain_that_is_never_checked(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """Who wants no check has none; one at work is not checked."""
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry, step(0, "bell"), check_at=None)
    await watch.wait(timedelta(hours=10), timedelta(hours=1))
    assert runner_of(watch, chain_id).state.proof.checked_at is None


async def test_the_entities_belong_to_the_person(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """To the same device, and go with the chain."""
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry, step(0, "bell"))
    entities = er.async_get(hass)
    for entity_id in (PROBLEM, PROVED, STEP, EVENT, f"button.{PREFIX}_test_night_chain_with_everything"):
        entity = entities.async_get(entity_id)
        assert entity, entity_id
        assert entity.device_id == watch.device_id
    hass.config_entries.async_remove_subentry(watch.entry, chain_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entities.async_get(PROBLEM) is None
    assert entities.async_get(f"sensor.{PREFIX}_glucose_value")


async def test_what_can_be_told_of_actions(hass: HomeAssistant, house: House) -> None:
    """Of nested ones too; of templates and of what is switched off, nothing can be told."""
    hass.states.async_set("switch.plug", "unknown")
    hass.states.async_set("scene.night", "unknown")
    actions: list[dict[str, Any]] = [
        {"if": [], "then": [{"action": "house.gone"}, {"action": "{{ service }}"}]},
        {"parallel": [{"sequence": [{"service": "house.bell", "target": {"entity_id": "switch.plug"}}]}]},
        {"action": "house.bell", "data": {"entity_id": ["scene.night", "{{ lamp }}"]}, "target": {"device_id": "none"}},
        {"action": "house.away", "enabled": False},
        {"delay": 1},
        {"device_id": "lost", "domain": "mobile_app", "type": "notify"},
    ]
    assert problems_of(hass, actions) == ["house.gone", "switch.plug", "none", "lost"]


async def test_a_device_that_is_there_is_no_problem(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """What it can't reach of it is told by the entities."""
    await watch.set_up(90, 88)
    actions: list[dict[str, Any]] = [{"action": "house.bell", "target": {"device_id": watch.device_id}}]
    assert watch.device_id not in problems_of(hass, actions)


async def test_a_check_that_fails_ends_no_later_one(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """And while a chain is at work nobody looks at it."""
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry, step(0, "bell"), kinds=["low"])
    runner = runner_of(watch, chain_id)
    for span, is_failing in ((1, True), (2, False)):
        with patch.object(runner, "actions_of", side_effect=RuntimeError) if is_failing else nullcontext():
            watch.freezer.move_to(f"2026-11-{21 + span} 21:00:00+00:00")
            async_fire_time_changed(hass)
            await hass.async_block_till_done(wait_background_tasks=True)
        assert (runner.state.proof.checked_at is None) == is_failing
    checked_at = runner.state.proof.checked_at
    await watch.read(65)
    assert runner.chain.is_running
    watch.freezer.move_to("2026-11-24 21:00:00+00:00")
    async_fire_time_changed(hass)
    assert runner.state.proof.checked_at == checked_at


async def test_a_chain_without_steps_proves_nothing(hass: HomeAssistant, watch: Watch) -> None:
    """And a chain of another name is not tested."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry)
    await add_chain(hass, watch.entry, title="Day")
    [prover, _] = keeper_of(watch).provers.values()
    task = hass.async_create_task(prover.async_test())
    while not task.done():
        await asyncio.sleep(0)
        async_fire_time_changed(hass, fire_all=True)
    assert await task == ["The chain has no steps."]
    with pytest.raises(ServiceValidationError, match="chain Day is not in order"):
        await watch.call("test_chain", chain="Day")


async def test_the_action_is_silent_where_all_is_well(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """Without a response only what is wrong is told."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, step(0, "bell"))
    await watch.call("test_chain", quiet=True)
    assert house.heard() == []


def test_a_damaged_proof_is_none() -> None:
    """It costs no more than itself."""
    assert Proof.from_dict(None) == Proof()
    assert Proof.from_dict({"proved_at": "soon", "checked_at": "2026-11-22", "problems": "x"}) == Proof()


def test_what_the_action_editor_writes_is_understood(hass: HomeAssistant) -> None:
    """An entity by its id in the registry, several in one text, all of them, and data that are a template."""
    lamp = er.async_get(hass).async_get_or_create("light", "test", "lamp")
    hass.services.async_register("light", "turn_on", lambda _: None)
    by_id = {"domain": "light", "type": "turn_on", "entity_id": lamp.id}
    listed = {"action": "light.turn_on", "target": {"entity_id": f"{lamp.entity_id}, light.gone"}}
    every = {"action": "light.turn_on", "target": {"entity_id": "all"}, "data": "{{ {} }}"}
    hass.states.async_set(lamp.entity_id, "on")
    assert problems_of(hass, [{"action": "light.turn_on", **by_id}, every]) == []
    assert problems_of(hass, [listed]) == ["light.gone"]
