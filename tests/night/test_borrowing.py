"""What a chain switched on is put back when the alert is over."""

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
import pytest

from custom_components.dexcom_share.night.borrowing import Borrowed

from ..common import MINUTE
from ..waking import add_chain, keeper_of, runner_of
from ..watching import Watch

LAMP = "input_boolean.lamp"
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
