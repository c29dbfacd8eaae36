"""What a chain switched on is put back when the alert is over."""

import asyncio
from datetime import timedelta
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
import pytest

from custom_components.dexcom_share.night import borrowing
from custom_components.dexcom_share.night.borrowing import Borrowed

from ..common import MINUTE
from ..waking import add_chain, keeper_of, runner_of
from ..watching import Watch

LAMP = "input_boolean.lamp"
SIREN = "siren.hall"
TV = "media_player.tv"


def switch(*entity_ids: str, after: float = 0) -> dict[str, object]:
    """Return a step that switches something on."""
    return {"kind": "switch", "after_minutes": after, "entities": list(entity_ids)}


@pytest.fixture(autouse=True)
async def _lamp(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": {"lamp": {}, "fan": {}}})


async def turn(hass: HomeAssistant, service: str, entity_id: str = LAMP) -> None:
    """Have somebody use a switch."""
    await hass.services.async_call("input_boolean", service, {"entity_id": entity_id}, blocking=True)


def note_siren(hass: HomeAssistant, *, hangs: bool = False) -> None:
    """Offer a siren; one that hangs never ends being switched off."""

    async def note(call: ServiceCall) -> None:
        if hangs and call.service == "turn_off":
            await asyncio.Future[None]()
        hass.states.async_set(SIREN, call.service.removeprefix("turn_"))

    for service in ("turn_on", "turn_off"):
        hass.services.async_register("siren", service, note)


async def test_it_is_switched_off_again_when_the_alert_is_answered(hass: HomeAssistant, watch: Watch) -> None:
    """Also after a restart in the middle."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, switch(LAMP, "input_boolean.fan"), switch(LAMP, after=3))
    await watch.read(65)
    await watch.wait(4 * MINUTE)
    assert watch.state(LAMP) == "on"
    await watch.restart()
    assert watch.state(LAMP) == "on"
    await watch.call("acknowledge")
    assert watch.state(LAMP) == "off"
    assert watch.state("input_boolean.fan") == "off"


async def test_what_was_on_stays_on(hass: HomeAssistant, watch: Watch) -> None:
    """Nothing is put back that the chain did not change."""
    await watch.set_up(90, 88)
    await turn(hass, "turn_on")
    await add_chain(hass, watch.entry, switch(LAMP))
    await watch.read(65)
    await watch.read(90)
    assert watch.state(LAMP) == "on"


async def test_what_somebody_changed_since_is_left_alone(hass: HomeAssistant, watch: Watch) -> None:
    """Who switched the lamp off and on again wants it on."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, switch(LAMP))
    await watch.read(65)
    await watch.wait(MINUTE)
    await turn(hass, "turn_off")
    await watch.call("acknowledge")
    assert watch.state(LAMP) == "off"


async def test_the_last_of_several_chains_puts_it_back(hass: HomeAssistant, watch: Watch) -> None:
    """As it was before the first of them."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, switch(LAMP), title="Low", kinds=["low"])
    await add_chain(hass, watch.entry, switch(LAMP), title="Urgent", kinds=["urgent_low"])
    await watch.read(65)
    await watch.read(50)
    await watch.call("acknowledge", kinds=["low"])
    assert watch.state(LAMP) == "on"
    await watch.call("acknowledge")
    assert watch.state(LAMP) == "off"


async def test_a_speaker_that_told_no_volume_is_left_as_it_is(hass: HomeAssistant, watch: Watch) -> None:
    """There is nothing to put back."""
    calls: list[str] = []

    async def note(call: ServiceCall) -> None:
        calls.append(call.service)
        hass.states.async_set(TV, "playing", {"volume_level": 0.5})

    hass.services.async_register("media_player", "volume_set", note)
    hass.services.async_register("tts", "speak", note)
    hass.states.async_set(TV, "idle", {})
    hass.states.async_set("tts.voice", "unknown")
    await watch.set_up(90, 88)
    speaker = {"kind": "speaker", "after_minutes": 0, "entities": [TV], "tts": "tts.voice", "volume": 50}
    await add_chain(hass, watch.entry, speaker)
    await watch.read(65)
    await watch.call("acknowledge")
    assert calls == ["volume_set", "speak"]


async def test_a_volume_is_put_back(hass: HomeAssistant, watch: Watch) -> None:
    """Of a speaker the volume alone; a speaker that is gone keeps nothing else from being put back."""
    calls: list[tuple[str, dict[str, object]]] = []

    async def note(call: ServiceCall) -> None:
        calls.append((call.service, dict(call.data)))
        if call.service == "volume_set":
            for entity_id in call.data["entity_id"] if isinstance(call.data["entity_id"], list) else [TV]:
                hass.states.async_set(entity_id, "playing", {"volume_level": call.data["volume_level"]})

    hass.services.async_register("media_player", "volume_set", note)
    hass.services.async_register("tts", "speak", note)
    hass.states.async_set(TV, "playing", {"volume_level": 0.2})
    hass.states.async_set("tts.voice", "unknown")
    await watch.set_up(90, 88)
    speaker = {"kind": "speaker", "after_minutes": 0, "entities": [TV], "tts": "tts.voice", "volume": 50}
    await add_chain(hass, watch.entry, speaker, switch(LAMP), repeat_minutes=1, growing=True)
    await watch.read(65)
    assert calls[0][1]["volume_level"] == 0.5
    assert calls[1][1]["message"] == "Low: 65 mg/dL, steady"
    assert calls[1][1]["media_player_entity_id"] == TV
    await watch.wait(MINUTE)
    assert calls[2][1]["volume_level"] == 0.7
    await watch.call("acknowledge")
    assert calls[-1] == ("volume_set", {"entity_id": TV, "volume_level": 0.2})
    assert watch.state(LAMP) == "off"


async def test_a_light_gets_back_its_brightness(hass: HomeAssistant, watch: Watch) -> None:
    """By Home Assistant's own means; what fails there keeps nothing else from being put back."""
    lamp = "light.bed"
    hass.states.async_set(lamp, "on", {"brightness": 30, "color_mode": "hs", "hs_color": (10, 20)})
    calls: list[dict[str, object]] = []

    async def note(call: ServiceCall) -> None:
        calls.append(dict(call.data))
        hass.states.async_set(lamp, "on", {"brightness": 255})

    hass.services.async_register("light", "turn_on", note)
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, {"kind": "light", "after_minutes": 0, "entities": [lamp], "brightness": 80})
    await watch.read(65)
    assert calls == [{"entity_id": [lamp], "brightness_pct": 80}]
    await watch.restart()
    await watch.call("acknowledge")
    assert calls[-1]["brightness"] == 30


async def test_damaged_loans_cost_no_more_than_themselves(hass: HomeAssistant, watch: Watch) -> None:
    """And what can't be put back is left."""
    borrowed = Borrowed(hass, "test", lambda: None)
    borrowed.async_restore({"light.bed": {"before": 1}, LAMP: {"before": ["off", []], "after": ["off", []]}, "x": 3})
    borrowed.async_restore("nothing")
    assert list(borrowed.loans) == [LAMP]
    borrowed.async_forget()
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry, switch(LAMP))
    await watch.read(65)
    hass.services.async_remove("input_boolean", "turn_off")
    await watch.call("acknowledge")
    assert watch.state(LAMP) == "on"
    assert not runner_of(watch, chain_id).borrowed.loans
    assert keeper_of(watch)


async def test_a_light_gets_back_its_colour_of_whatever_mode(hass: HomeAssistant, watch: Watch) -> None:
    """Each mode has an attribute of its own, without which Home Assistant puts nothing back."""
    colours: dict[str, dict[str, object]] = {
        "xy": {"xy_color": (0.3, 0.4)},
        "rgb": {"rgb_color": (1, 2, 3)},
        "rgbw": {"rgbw_color": (1, 2, 3, 4)},
        "rgbww": {"rgbww_color": (1, 2, 3, 4, 5)},
        "color_temp": {"color_temp_kelvin": 2700},
    }
    calls: dict[str, dict[str, object]] = {}
    for mode, colour in colours.items():
        hass.states.async_set(f"light.{mode}", "on", {"brightness": 30, "color_mode": mode, **colour})

    async def note(call: ServiceCall) -> None:
        ids = call.data["entity_id"]
        for entity_id in [ids] if isinstance(ids, str) else ids:
            calls[entity_id] = dict(call.data)
            hass.states.async_set(entity_id, "on", {"brightness": 255, "color_mode": "white"})

    hass.services.async_register("light", "turn_on", note)
    await watch.set_up(90, 88)
    lights = [f"light.{mode}" for mode in colours]
    await add_chain(hass, watch.entry, {"kind": "light", "after_minutes": 0, "entities": lights})
    await watch.read(65)
    await watch.restart()
    await watch.call("acknowledge")
    assert {entity_id.partition(".")[2]: call for entity_id, call in calls.items()} == {
        mode: {"entity_id": f"light.{mode}", "brightness": 30, **colour} for mode, colour in colours.items()
    }


@pytest.mark.parametrize("before", ["unknown", "unavailable"])
async def test_what_told_nothing_before_is_switched_off(hass: HomeAssistant, watch: Watch, before: str) -> None:
    """A siren must not go on because nobody knows how it was; and how it was is not forgotten with its connection."""
    hass.states.async_set(SIREN, before)
    note_siren(hass)
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, switch(SIREN), switch(SIREN, after=3))
    await watch.read(65)
    assert watch.state(SIREN) == "on"
    await watch.call("acknowledge")
    assert watch.state(SIREN) == "off"


async def test_a_lost_connection_does_not_hide_how_it_was(hass: HomeAssistant, watch: Watch) -> None:
    """What is unavailable at a later step was known at the first."""
    hass.states.async_set(SIREN, "off")
    note_siren(hass)
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, switch(SIREN), switch(SIREN, after=1), switch("input_boolean.fan", after=1))
    await watch.read(65)
    hass.states.async_set(SIREN, "unavailable")
    hass.services.async_remove("siren", "turn_on")
    await watch.wait(MINUTE)
    hass.states.async_set(SIREN, "on")
    await watch.call("acknowledge")
    assert watch.state(SIREN) == "off"


async def test_what_hangs_keeps_nothing_else_from_being_put_back(hass: HomeAssistant, watch: Watch) -> None:
    """A siren whose hub does not answer is given up after a while; a further alert finds nothing left over."""
    hass.states.async_set(SIREN, "off")
    note_siren(hass, hangs=True)
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry, switch(SIREN, LAMP))
    await watch.read(65)
    with patch.object(borrowing, "STEP_LIMIT", timedelta(0)):
        await watch.call("acknowledge")
    assert watch.state(LAMP) == "off"
    assert not runner_of(watch, chain_id).borrowed.loans


async def test_a_test_cut_off_by_a_restart_leaves_nothing_on(hass: HomeAssistant, watch: Watch) -> None:
    """What it had switched on is put back after the start."""
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry, switch(LAMP))
    test = hass.async_create_task(keeper_of(watch).provers[chain_id].async_test())
    for _ in range(20):
        await asyncio.sleep(0)
    assert watch.state(LAMP) == "on"
    await hass.config_entries.async_reload(watch.entry.entry_id)
    with pytest.raises(ServiceValidationError):
        await test
    await hass.async_block_till_done(wait_background_tasks=True)
    assert watch.state(LAMP) == "off"


async def test_an_end_cut_off_by_a_restart_is_made_up_for(hass: HomeAssistant, watch: Watch) -> None:
    """A loan is kept until it has been put back."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, switch(LAMP))
    await watch.read(65)
    with patch.object(Borrowed, "async_give_back", return_value=None):
        await watch.call("acknowledge")
    assert watch.state(LAMP) == "on"
    await watch.restart()
    assert watch.state(LAMP) == "off"


async def test_a_kill_before_the_effect_was_noted_is_survived(hass: HomeAssistant, watch: Watch) -> None:
    """How it was is on the disk before the step begins."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, switch(LAMP))
    with patch.object(Borrowed, "_note"):
        await watch.read(65)
    await watch.restart()
    await watch.call("acknowledge")
    assert watch.state(LAMP) == "off"


async def test_the_house_is_put_back_when_the_chain_is_removed(hass: HomeAssistant, watch: Watch) -> None:
    """In the middle, with the other chains going on."""
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry, switch(LAMP))
    await add_chain(hass, watch.entry, switch("input_boolean.fan"), title="Other")
    await watch.read(65)
    hass.config_entries.async_remove_subentry(watch.entry, chain_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert watch.state(LAMP) == "off"
    assert watch.state("input_boolean.fan") == "on"


async def test_the_house_is_put_back_when_the_person_is_removed_or_switched_off(
    hass: HomeAssistant, watch: Watch
) -> None:
    """Nobody would be there to do it later; switched on again, the chain goes on."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, switch(LAMP), switch("input_boolean.fan", after=3))
    await watch.read(65)
    await hass.config_entries.async_set_disabled_by(watch.entry.entry_id, ConfigEntryDisabler.USER)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert watch.state(LAMP) == "off"
    await hass.config_entries.async_set_disabled_by(watch.entry.entry_id, None)
    await hass.async_block_till_done(wait_background_tasks=True)
    await watch.wait(3 * MINUTE)
    assert watch.state("input_boolean.fan") == "on"
    await hass.config_entries.async_remove(watch.entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert watch.state("input_boolean.fan") == "off"
