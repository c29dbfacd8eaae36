"""The switch that keeps alerts quiet, and what it never keeps quiet."""

import pytest

from .watching import ALERTS_SWITCH, Watch


async def switch(watch: Watch, turn: str) -> None:
    """Turn the switch."""
    await watch.hass.services.async_call("switch", turn, {"entity_id": ALERTS_SWITCH}, blocking=True)
    await watch.hass.async_block_till_done(wait_background_tasks=True)


async def test_off_keeps_every_alert_quiet_but_urgent_low(watch: Watch) -> None:
    """A low is shown and not told; an urgent low is told, and the switch says so."""
    await watch.set_up(110, 108)
    assert watch.state(ALERTS_SWITCH) == "on"
    await switch(watch, "turn_off")
    state = watch.hass.states.get(ALERTS_SWITCH)
    assert state
    assert state.state == "off"
    assert state.attributes["always_announced"] == ["urgent_low"]
    await watch.read(68, 64, 62)
    assert watch.status("low") == "active"
    assert not watch.heard()
    await watch.read(55)
    assert watch.heard() == [("raised", "urgent_low")]


async def test_on_tells_what_still_holds(watch: Watch) -> None:
    """A low that began while the switch was off is told at once when it is turned on."""
    await watch.set_up(110, 108)
    await switch(watch, "turn_off")
    await watch.read(68)
    assert not watch.heard()
    await switch(watch, "turn_on")
    assert watch.heard() == [("raised", "low")]


@pytest.mark.parametrize(("turn", "shown"), [("turn_off", "off"), ("turn_on", "on")])
async def test_a_restart_keeps_the_switch_as_it_was(watch: Watch, turn: str, shown: str) -> None:
    """Who has switched alerts off finds them off."""
    await watch.set_up(110, 108)
    await switch(watch, turn)
    await watch.restart()
    assert watch.state(ALERTS_SWITCH) == shown
    await watch.read(68)
    assert watch.heard() == ([] if shown == "off" else [("raised", "low")])
