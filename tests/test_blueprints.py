"""The blueprints load in Home Assistant and do what they say."""

from pathlib import Path
from typing import Any

from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.components.blueprint import BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from .common import MINUTE
from .watching import Watch

FOLDER = Path(__file__).parent.parent / "blueprints" / "automation" / "dexcom_share"
BLUEPRINTS = sorted(path.name for path in FOLDER.glob("*.yaml"))


def load(name: str) -> Blueprint:
    """Return a blueprint as Home Assistant loads it."""
    return Blueprint(
        load_yaml_dict(str(FOLDER / name)),
        expected_domain="automation",
        path=f"dexcom_share/{name}",
        schema=BLUEPRINT_SCHEMA,
    )


async def use(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, name: str, action: str, inputs: dict[str, Any]
) -> list[ServiceCall]:
    """Make an automation of a blueprint, and return the list into which the calls of its action come."""
    domain, service = action.split(".")
    calls: list[ServiceCall] = async_mock_service(hass, domain, service)
    assert await async_setup_component(hass, "automation", {})
    blueprints = async_get_blueprints(hass)

    async def get(path: str) -> Blueprint:
        return load(Path(path).name)

    monkeypatch.setattr(blueprints, "async_get_blueprint", get)
    config = {"alias": "used", "use_blueprint": {"path": f"dexcom_share/{name}", "input": inputs}}
    monkeypatch.setattr("homeassistant.config.load_yaml_config_file", lambda *_: {"automation": config}, raising=True)
    await hass.services.async_call("automation", "reload", blocking=True)
    await hass.async_block_till_done()
    assert hass.states.is_state("automation.used", "on")
    return calls


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_a_blueprint_is_complete(name: str) -> None:
    """It can be imported, and says where it comes from, what it needs and what it is not."""
    blueprint = load(name)
    assert blueprint.validate() is None
    assert blueprint.metadata["source_url"].endswith(f"/blueprints/automation/dexcom_share/{name}")
    assert blueprint.metadata["homeassistant"]["min_version"] == "2026.10.0"
    assert "Not a medical device" in blueprint.metadata["description"]


async def test_an_alert_comes_to_the_phone_and_can_be_answered_there(
    hass: HomeAssistant, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The notification says who and what, an urgent one comes through, and its buttons answer the alert."""
    await watch.set_up(110, 108)
    calls = await use(
        hass,
        monkeypatch,
        "alert_notification.yaml",
        "notify.phone",
        {"person": watch.device_id, "notify_action": "notify.phone"},
    )
    await watch.read(65, trend="FortyFiveDown")
    (call,) = calls
    assert call.data["title"] == "anna@example.com: Low"
    assert call.data["message"] == "65 mg/dL, falling slightly"
    assert call.data["data"]["push"]["interruption-level"] == "time-sensitive"
    acknowledge, snooze = (action["action"] for action in call.data["data"]["actions"])
    hass.bus.async_fire("mobile_app_notification_action", {"action": "something/else/altogether"})
    hass.bus.async_fire("mobile_app_notification_action", {"action": snooze.replace(watch.device_id, "nobody")})
    await hass.async_block_till_done(wait_background_tasks=True)
    assert watch.status("low") == "active"
    hass.bus.async_fire("mobile_app_notification_action", {"action": snooze})
    await hass.async_block_till_done(wait_background_tasks=True)
    assert watch.status("low") == "snoozed"
    hass.bus.async_fire("mobile_app_notification_action", {"action": acknowledge})
    await hass.async_block_till_done(wait_background_tasks=True)
    assert watch.status("low") == "acknowledged"
    await watch.read(54)
    assert calls[-1].data["data"]["push"]["interruption-level"] == "critical"
    await watch.wait(30 * MINUTE, 5 * MINUTE)
    told = {(call.data["title"].partition(": ")[2], call.data["message"]) for call in calls}
    assert ("No data", "No current reading") in told
    # An urgent low that nobody answered goes on as what is known last.
    assert ("Urgent low", "Last known 54 mg/dL, steady, 20 min ago") in told


@pytest.mark.parametrize(("clock", "lit"), [("23:00", True), ("03:00", True), ("12:00", False)])
async def test_a_low_at_night_turns_the_lights_on(
    hass: HomeAssistant, watch: Watch, monkeypatch: pytest.MonkeyPatch, clock: str, lit: bool
) -> None:
    """Lights go on at night only."""
    watch.freezer.move_to(f"2026-11-22 {clock}:00+00:00")
    await watch.set_up(110, 108)
    calls = await use(
        hass,
        monkeypatch,
        "night_low_lights.yaml",
        "light.turn_on",
        {"person": watch.device_id, "lights": {"entity_id": "light.nursery"}},
    )
    await watch.read(65)
    assert [call.data for call in calls] == ([{"entity_id": ["light.nursery"], "brightness_pct": 100}] if lit else [])
