"""The switch that keeps alerts quiet, and what it never keeps quiet."""

from datetime import timedelta
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import area_registry as ar, device_registry as dr, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockUser
import voluptuous as vol

from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.storage import Storage, StoredFile

from .common import MINUTE
from .watching import ALERTS_SWITCH, ANSWER, Watch

HOUR = timedelta(hours=1)
MORNING = "2026-11-23T07:00:00+00:00"


@pytest.fixture(autouse=True)
async def _at_home_it_is_utc(hass: HomeAssistant) -> None:
    """Let the clocks at home show UTC."""
    await hass.config.async_set_time_zone("UTC")


def attributes(watch: Watch, entity_id: str = ALERTS_SWITCH) -> dict[str, Any]:
    """Return what an entity says besides its state."""
    state = watch.hass.states.get(entity_id)
    assert state
    return dict(state.attributes)


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


async def test_off_ends_by_itself_in_the_morning(watch: Watch) -> None:
    """Nobody can forget it: what holds then is told."""
    await watch.set_up(110, 108)
    await switch(watch, "turn_off")
    assert attributes(watch)["until"] == MORNING
    watch.freezer.move_to("2026-11-23T06:58:00+00:00")
    watch.share.add_readings(66, 66)
    await watch.wait(MINUTE)
    assert watch.state(ALERTS_SWITCH) == "off"
    assert not [told for told in watch.heard() if told[1] == "low"]
    await watch.wait(2 * MINUTE)
    assert watch.state(ALERTS_SWITCH) == "on"
    assert attributes(watch)["until"] is None
    assert ("raised", "low") in watch.heard()


async def test_a_mute_has_its_time_also_across_a_restart(watch: Watch) -> None:
    """It goes on, and one whose time is over when Home Assistant starts is over."""
    user = MockUser(name="Demo", is_owner=True).add_to_hass(watch.hass)
    await watch.set_up(110, 108)
    await watch.hass.services.async_call(
        DOMAIN,
        "mute",
        {"device_id": watch.device_id, "duration": {"hours": 2}},
        blocking=True,
        context=Context(user_id=user.id),
    )
    await watch.restart()
    for entity_id in (ALERTS_SWITCH, ANSWER):
        assert attributes(watch, entity_id)["until"] == "2026-11-22T14:00:00+00:00"
    assert watch.state(ANSWER) == "muted"
    assert attributes(watch, ANSWER)["by"] == "Demo"
    await watch.read(66)
    assert not watch.heard()
    await watch.stop()
    watch.freezer.tick(2 * HOUR)
    watch.share.add_readings(66)
    await watch.start()
    assert watch.state(ALERTS_SWITCH) == "on"
    assert ("raised", "low") in watch.heard()


async def test_unmute_tells_what_holds(watch: Watch) -> None:
    """As turning the switch on does."""
    await watch.set_up(110, 108)
    await watch.call("mute")
    assert attributes(watch)["until"] == MORNING
    await watch.read(66)
    assert not watch.heard()
    await watch.call("unmute")
    assert watch.heard() == [("raised", "low")]


async def test_a_long_mute_is_a_repair_issue(hass: HomeAssistant, watch: Watch) -> None:
    """Until it is over."""
    await watch.set_up(110, 108)
    issue_id = f"muted_long_{watch.entry.entry_id}"
    for days, is_told in ((1, False), (3, True), (1, False)):
        await watch.call("mute", duration={"days": days})
        issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
        assert bool(issue) is is_told
        if issue:
            assert issue.translation_placeholders
            assert issue.translation_placeholders["until"] == "2026-11-25 12:00"


async def test_what_can_not_be_muted(watch: Watch) -> None:
    """Nothing for no time, and nothing for ever."""
    await watch.set_up(110, 108)
    with pytest.raises(vol.Invalid):
        await watch.call("mute", duration={"seconds": 0})
    with pytest.raises(ServiceValidationError) as refusal:
        await watch.call("mute", duration={"days": 32})
    assert refusal.value.translation_key == "mute_too_long"
    assert watch.state(ALERTS_SWITCH) == "on"


async def test_muting_needs_the_right_to_turn_the_switch(hass: HomeAssistant, watch: Watch) -> None:
    """Who may only look may not mute."""
    await watch.set_up(110, 108)
    user = MockUser(name="Guest").add_to_hass(hass)
    user.mock_policy({"entities": {"all": {"read": True}}})
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN, "mute", {"device_id": watch.device_id}, blocking=True, context=Context(user_id=user.id)
        )
    assert watch.state(ALERTS_SWITCH) == "on"


async def test_a_whole_area_turned_off_leaves_the_alerts_on(hass: HomeAssistant, watch: Watch) -> None:
    """A script for the night that turns off all of a room mutes nobody."""
    await watch.set_up(110, 108)
    area = ar.async_get(hass).async_create("Nursery")
    dr.async_get(hass).async_update_device(watch.device_id, area_id=area.id)
    await hass.services.async_call("switch", "turn_off", {"area_id": area.id}, blocking=True)
    assert watch.state(ALERTS_SWITCH) == "on"


async def test_a_mute_of_the_version_before_gets_an_end(hass: HomeAssistant, watch: Watch) -> None:
    """It lasts until the next morning."""
    await watch.set_up(110, 108)
    readings = watch.glucose.history.recent_to_dict()
    await watch.stop()
    await Storage(hass, watch.entry.entry_id).save(StoredFile.RECENT, {**readings, "alerts": {"is_muted": True}})
    await watch.start()
    assert watch.state(ALERTS_SWITCH) == "off"
    assert attributes(watch)["until"] == MORNING
