"""The blueprints load in Home Assistant and do what they say."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.components.blueprint import BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from .common import MINUTE, VALUE, pass_time
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


TYPED: Final = {"dashboard", "sitter_name", "email", "display_name"}
"""What can't be picked. The notify action of the oldest blueprint is for groups, which no picker offers."""


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_what_exists_is_picked(name: str) -> None:
    """No device or entity is typed; each input has a name, and a default unless only the user can know."""
    for key, field in load(name).inputs.items():
        assert field["name"], key
        [kind] = field["selector"]
        is_for_groups = (name, key) == ("alert_notification.yaml", "notify_action")
        assert kind != "text" or key in TYPED or is_for_groups, key
        assert "default" in field or kind in {"device", "entity", "target"} or key in TYPED or is_for_groups, key


@pytest.mark.parametrize("name", BLUEPRINTS)
def test_each_blueprint_has_its_import_button(name: str) -> None:
    """In `docs/blueprints.md`, with the address that the blueprint names as its own."""
    page = (FOLDER.parent.parent.parent / "docs" / "blueprints.md").read_text()
    assert f"blueprint_url={quote(load(name).metadata['source_url'], safe='')}" in page


def add_phone(hass: HomeAssistant, name: str = "Anna's Phone") -> str:
    """Return the device of a phone with the Home Assistant app."""
    entry = MockConfigEntry(domain="mobile_app")
    entry.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("mobile_app", name)}, name=name
    )
    return device.id


async def answer(hass: HomeAssistant, action: str) -> None:
    """Press a button of a notification."""
    hass.bus.async_fire("mobile_app_notification_action", {"action": action})
    await hass.async_block_till_done(wait_background_tasks=True)


PHONE: Final = "notify.mobile_app_anna_s_phone"


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
async def test_a_low_at_night_turns_the_lights_on_and_puts_them_back(
    hass: HomeAssistant, watch: Watch, monkeypatch: pytest.MonkeyPatch, clock: str, lit: bool
) -> None:
    """Lights go on at night only, and are as before once glucose is back in range; once, though a low repeats."""
    assert await async_setup_component(hass, "scene", {})
    watch.freezer.move_to(f"2026-11-22 {clock}:00+00:00")
    await watch.set_up(110, 108)
    hass.states.async_set("light.nursery", "off")
    off = async_mock_service(hass, "light", "turn_off")
    calls = await use(
        hass,
        monkeypatch,
        "night_low_lights.yaml",
        "light.turn_on",
        {"person": watch.device_id, "lights": {"entity_id": "light.nursery"}},
    )
    await watch.read(65)
    assert [call.data for call in calls] == ([{"entity_id": ["light.nursery"], "brightness_pct": 100}] if lit else [])
    hass.states.async_set("light.nursery", "on" if lit else "off")
    await watch.read(54, 65)
    assert not off
    await watch.read(110)
    assert [call.data["entity_id"] for call in off] == (["light.nursery"] if lit else [])
    # Whoever turns the lights on afterwards keeps them on.
    hass.states.async_set("light.nursery", "on")
    await watch.read(72, 110)
    assert len(off) == lit


async def test_phones_get_chart_and_answers_and_hear_of_the_end(
    hass: HomeAssistant, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a low that becomes urgent; each message takes the place of the one before, the end comes quietly."""
    await watch.set_up(110, 108)
    treated = async_mock_service(hass, "dexcom_share", "treated")
    inputs = {"person": watch.device_id, "phones": ["gone", add_phone(hass)], "dashboard": "/glucose"}
    calls = await use(hass, monkeypatch, "phone_alert.yaml", PHONE, inputs)
    await watch.read(65, trend="FortyFiveDown")
    [call] = calls
    assert call.data["title"] == "anna@example.com: Low"
    assert call.data["message"] == "65 mg/dL, falling slightly"
    data = call.data["data"]
    assert data["image"].startswith(f"/api/dexcom_share/chart/{watch.entry.entry_id}.png?hours=3&authSig=")
    assert (data["url"], data["clickAction"]) == ("/glucose", "/glucose")
    assert data["push"] == {"interruption-level": "time-sensitive", "sound": "default"}
    assert [action["title"] for action in data["actions"]] == ["Acknowledge", "Treated", "Snooze"]
    acknowledge, treat, snooze = (action["action"] for action in data["actions"])
    await answer(hass, snooze.replace(watch.device_id, "nobody"))
    assert watch.status("low") == "active"
    await answer(hass, snooze)
    assert watch.status("low") == "snoozed"
    await answer(hass, acknowledge)
    assert watch.status("low") == "acknowledged"
    await answer(hass, treat)
    assert [call.data["device_id"] for call in treated] == [watch.device_id]
    await watch.read(54)
    urgent = calls[-1].data["data"]
    assert urgent["push"]["interruption-level"] == "critical"
    assert urgent["push"]["sound"]["critical"] == 1
    assert urgent["channel"] == "alarm_stream"
    await watch.read(90)
    assert calls[-1].data["title"] == "anna@example.com: back in range"
    assert calls[-1].data["data"]["push"]["interruption-level"] == "passive"
    assert {call.data["data"]["tag"] for call in calls} == {f"dexcom_share-{watch.device_id}"}
    assert "image" not in calls[-1].data["data"]


async def test_a_phone_that_fails_keeps_no_other_from_being_told(
    hass: HomeAssistant, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is gone, one that is not set up at the moment, one that can't be reached; the last one is told."""
    await watch.set_up(110, 108)
    unloaded, unreachable = (add_phone(hass, name) for name in ("Unloaded", "Unreachable"))
    entity = er.async_get(hass).async_get_or_create("notify", "mobile_app", "unloaded", device_id=unloaded)
    hass.states.async_set(entity.entity_id, "unavailable")
    async_mock_service(hass, "notify", "mobile_app_unreachable", raise_exception=HomeAssistantError("no push"))
    inputs = {"person": watch.device_id, "phones": ["gone", unloaded, unreachable, add_phone(hass)]}
    calls = await use(hass, monkeypatch, "phone_alert.yaml", PHONE, inputs)
    await watch.read(65)
    assert len(calls) == 1


async def test_phones_hear_why_there_are_no_data(
    hass: HomeAssistant, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The alert names the cause; nothing can be treated then."""
    await watch.set_up(110, 108)
    inputs = {"person": watch.device_id, "phones": add_phones(hass)}
    calls = await use(hass, monkeypatch, "phone_alert.yaml", PHONE, inputs)
    await watch.wait(25 * MINUTE)
    [call] = calls
    assert call.data["message"].startswith("No current reading. The phone that wears the sensor uploads nothing")
    assert [action["title"] for action in call.data["data"]["actions"]] == ["Acknowledge", "Snooze"]


@pytest.fixture
def waiting(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go on while an automation waits: Home Assistant itself would wait for it, and time passes in leaps here."""

    async def settle(*, wait_background_tasks: bool = False) -> None:
        for _ in range(40):
            for _ in range(10):
                await asyncio.sleep(0)
            await hass.async_add_executor_job(int)

    monkeypatch.setattr(hass, "async_block_till_done", settle)


def add_phones(hass: HomeAssistant) -> list[str]:
    """Return one phone, as the picker of several gives it."""
    return [add_phone(hass)]


@pytest.mark.usefixtures("waiting")
async def test_somebody_else_is_told_when_nobody_answers(
    hass: HomeAssistant, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More phones first, then what was chosen; and the message goes away when it is answered after all."""
    await watch.set_up(110, 108)
    siren = async_mock_service(hass, "siren", "turn_on")
    inputs = {
        "person": watch.device_id,
        "phones": add_phones(hass),
        "second_actions": [{"action": "siren.turn_on", "target": {"entity_id": "siren.hall"}}],
    }
    calls = await use(hass, monkeypatch, "escalation.yaml", PHONE, inputs)
    await watch.read(65)
    await pass_minutes(watch, 4)
    assert not calls
    await pass_minutes(watch, 1)
    [call] = calls
    assert call.data["message"] == "For 5 min nobody has answered. It began at 65 mg/dL."
    assert not siren
    await pass_minutes(watch, 5)
    assert len(siren) == 1
    assert len(calls) == 1
    await answer_alert(watch)
    assert [call.data["message"] for call in calls[1:]] == ["clear_notification"]


async def pass_minutes(watch: Watch, minutes: int) -> None:
    """Let time pass, with only what is due happening: what waits longer goes on waiting."""
    for _ in range(minutes):
        await pass_time(watch.hass, watch.freezer, MINUTE)


async def read_calmly(watch: Watch, *values: int) -> None:
    """Let readings come, with only what is due happening."""
    for value in values:
        watch.freezer.tick(5 * MINUTE)
        watch.share.add_reading(value)
        await pass_time(watch.hass, watch.freezer, MINUTE)


async def answer_alert(watch: Watch) -> None:
    """Acknowledge what is raised."""
    await watch.call("acknowledge")
    await watch.hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("answered_after", [1, 7])
async def test_nobody_else_is_told_once_somebody_answers(
    hass: HomeAssistant, watch: Watch, monkeypatch: pytest.MonkeyPatch, answered_after: int
) -> None:
    """Before the first step there is no message, before the second the message goes away and nothing follows."""
    await watch.set_up(110, 108)
    siren = async_mock_service(hass, "siren", "turn_on")
    inputs = {"person": watch.device_id, "phones": add_phones(hass), "second_actions": [{"action": "siren.turn_on"}]}
    calls = await use(hass, monkeypatch, "escalation.yaml", PHONE, inputs)
    await watch.read(65)
    await pass_minutes(watch, answered_after)
    await answer_alert(watch)
    await pass_minutes(watch, 12)
    assert not siren
    assert [call.data["message"] == "clear_notification" for call in calls] == (
        [] if answered_after < 5 else [False, True]
    )


@pytest.mark.usefixtures("waiting")
async def test_an_answer_to_an_earlier_alert_is_none_to_this_one(
    hass: HomeAssistant, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each alert must be answered for itself."""
    await watch.set_up(110, 108)
    inputs = {"person": watch.device_id, "phones": add_phones(hass)}
    calls = await use(hass, monkeypatch, "escalation.yaml", PHONE, inputs)
    await watch.read(65)
    await answer_alert(watch)
    await watch.read(110, 110, 110, 110, 110, 65)
    assert watch.status("low") == "active"
    await pass_minutes(watch, 5)
    assert len(calls) == 1


async def test_a_light_shows_the_colour_and_is_put_back(
    hass: HomeAssistant, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Low and high have colours; in range, and when nobody knows, the light is as it was."""
    assert await async_setup_component(hass, "scene", {})
    await watch.set_up(110, 108)
    hass.states.async_set("light.hall", "off")
    off = async_mock_service(hass, "light", "turn_off")
    inputs = {"glucose": VALUE, "lights": ["light.hall"]}
    calls = await use(hass, monkeypatch, "light_colour.yaml", "light.turn_on", inputs)
    await watch.read(65)
    assert calls[-1].data == {"entity_id": ["light.hall"], "rgb_color": [255, 40, 0], "brightness_pct": 50}
    hass.states.async_set("light.hall", "on")
    await watch.read(110)
    assert len(off) == 1
    hass.states.async_set("light.hall", "off")
    await watch.read(260)
    assert calls[-1].data["rgb_color"] == [255, 190, 0]
    hass.states.async_set("light.hall", "on")
    await watch.wait(20 * MINUTE)
    assert len(off) == 2
    assert len(calls) == 2


async def test_a_light_can_show_that_all_is_well(
    hass: HomeAssistant, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where that is asked for."""
    assert await async_setup_component(hass, "scene", {})
    await watch.set_up(65)
    hass.states.async_set("light.hall", "off")
    inputs = {"glucose": VALUE, "lights": ["light.hall"], "show_in_range": True}
    calls = await use(hass, monkeypatch, "light_colour.yaml", "light.turn_on", inputs)
    await watch.read(110)
    assert calls[-1].data["rgb_color"] == [0, 160, 120]


@pytest.mark.usefixtures("waiting")
async def test_loudspeakers_say_the_alert_and_get_their_volume_back(
    hass: HomeAssistant, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the value; a speaker that is off has no volume to put back."""
    await watch.set_up(110, 108)
    hass.states.async_set("media_player.kitchen", "idle", {"volume_level": 0.2})
    hass.states.async_set("media_player.hall", "off")
    volume = async_mock_service(hass, "media_player", "volume_set")
    speakers = ["media_player.kitchen", "media_player.hall"]
    inputs = {"person": watch.device_id, "speakers": speakers, "voice": "tts.home"}
    calls = await use(hass, monkeypatch, "spoken_alert.yaml", "tts.speak", inputs)
    await watch.read(65, trend="SingleDown")
    [call] = calls
    assert call.data["message"] == "anna@example.com: Low. 65, falling."
    assert call.data["media_player_entity_id"] == speakers
    assert [(call.data["entity_id"], call.data["volume_level"]) for call in volume] == [(speakers, 0.5)]
    await watch.wait(MINUTE)
    assert [(call.data["entity_id"], call.data["volume_level"]) for call in volume[1:]] == [(speakers[:1], 0.2)]


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize(
    ("hours", "heard"),
    [
        ({"speaks_from": "08:00:00", "speaks_until": "20:00:00"}, True),
        ({"speaks_from": "13:00:00", "speaks_until": "20:00:00"}, False),
        ({"speaks_from": "20:00:00", "speaks_until": "08:00:00"}, False),
        ({"speaks_from": "20:00:00", "speaks_until": "13:00:00"}, True),
    ],
)
async def test_loudspeakers_are_silent_at_other_hours(
    hass: HomeAssistant, watch: Watch, monkeypatch: pytest.MonkeyPatch, hours: dict[str, str], heard: bool
) -> None:
    """The hours may run past midnight."""
    await watch.set_up(110, 108)
    async_mock_service(hass, "media_player", "volume_set")
    inputs = {"person": watch.device_id, "speakers": ["media_player.hall"], "voice": "tts.home", **hours}
    calls = await use(hass, monkeypatch, "spoken_alert.yaml", "tts.speak", inputs)
    await watch.read(65)
    assert bool(calls) == heard


@pytest.mark.parametrize("expected_lingering_timers", [True])
async def test_missing_data_are_told_with_their_cause(
    hass: HomeAssistant, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, and the message goes away with the next reading."""
    await watch.set_up(110, 108)
    inputs = {"person": watch.device_id, "phones": add_phones(hass)}
    calls = await use(hass, monkeypatch, "no_data.yaml", PHONE, inputs)
    await watch.wait(40 * MINUTE)
    [call] = calls
    assert call.data["title"] == "anna@example.com: no glucose data"
    assert call.data["message"].startswith("No reading since 11:59. The phone that wears the sensor uploads nothing;")
    await watch.read(110)
    assert [call.data["message"] for call in calls[1:]] == ["clear_notification"]
    assert calls[0].data["data"]["tag"] == calls[1].data["data"]["tag"]


async def test_back_in_range_is_told_quietly(
    hass: HomeAssistant, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a low."""
    await watch.set_up(110, 108)
    inputs = {"person": watch.device_id, "phones": add_phones(hass)}
    calls = await use(hass, monkeypatch, "back_in_range.yaml", PHONE, inputs)
    await watch.read(65, 60)
    assert not calls
    await watch.read(85, trend="FortyFiveUp")
    [call] = calls
    assert call.data["message"] == "85 mg/dL, rising slightly"
    assert call.data["data"]["push"]["interruption-level"] == "passive"


@pytest.mark.parametrize("expected_lingering_timers", [True])
async def test_the_night_is_summed_up_at_breakfast(
    hass: HomeAssistant, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its lows and a chart."""
    watch.freezer.move_to("2026-11-23 06:00:00+00:00")
    await watch.set_up(*[110] * 40, *[60] * 6, *[110] * 30)
    inputs = {"person": watch.device_id, "phones": add_phones(hass), "at": "06:20:00"}
    calls = await use(hass, monkeypatch, "morning_summary.yaml", PHONE, inputs)
    await watch.wait(20 * MINUTE, 5 * MINUTE)
    [call] = calls
    assert call.data["title"] == "anna@example.com: the night"
    assert call.data["message"].startswith("1 low. From 2026-11-22 21:20 to 2026-11-23 06:20,")
    assert "hours=9" in call.data["data"]["image"]


@pytest.mark.parametrize("expected_lingering_timers", [True])
async def test_a_babysitter_follows_for_the_evening(
    hass: HomeAssistant, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the switch on, until it goes off or the evening is over; the invitation ends by itself as well."""
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": {"sitter": {}}})
    await watch.set_up(110, 108)
    invited = async_mock_service(hass, "dexcom_share", "invite_follower")
    inputs = {
        "person": watch.device_id,
        "switch": "input_boolean.sitter",
        "sitter_name": "Kim",
        "email": "kim@example.org",
        "display_name": "Anna",
    }
    removed = await use(hass, monkeypatch, "babysitter.yaml", "dexcom_share.remove_follower", inputs)
    await switch(hass, "input_boolean.sitter", "on")
    [call] = invited
    assert call.data == {
        "config_entry_id": watch.entry.entry_id,
        "name": "Kim",
        "email": "kim@example.org",
        "display_name": "Anna",
        "duration": {"hours": 8},
    }
    await switch(hass, "input_boolean.sitter", "off")
    assert [call.data for call in removed] == [{"config_entry_id": watch.entry.entry_id, "name": "Kim"}]
    await switch(hass, "input_boolean.sitter", "on")
    await watch.wait(timedelta(hours=8, minutes=1), timedelta(hours=1))
    await watch.wait(2 * MINUTE)
    assert watch.state("input_boolean.sitter") == "off"
    assert len(removed) == 2


async def switch(hass: HomeAssistant, entity_id: str, state: str) -> None:
    """Turn a toggle helper on or off."""
    await hass.services.async_call("input_boolean", f"turn_{state}", {"entity_id": entity_id}, blocking=True)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize("expected_lingering_timers", [True])
@pytest.mark.parametrize(("limit", "unit"), [(125, "mg/dL"), (7, "mmol/L")])
async def test_exercise_mode_tells_earlier(
    hass: HomeAssistant, watch: Watch, monkeypatch: pytest.MonkeyPatch, limit: float, unit: str
) -> None:
    """At the start where glucose is below already, and at each crossing while it lasts; then no more."""
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": {"sport": {}}})
    await watch.set_up(150, 120)
    inputs = {
        "person": watch.device_id,
        "phones": add_phones(hass),
        "switch": "input_boolean.sport",
        "limit": limit,
        "unit": unit,
    }
    calls = await use(hass, monkeypatch, "exercise_mode.yaml", PHONE, inputs)
    await watch.read(150, 120)
    assert not calls
    await switch(hass, "input_boolean.sport", "on")
    assert [call.data["title"] for call in calls] == [f"anna@example.com: below {limit} {unit} during exercise"]
    assert calls[0].data["message"] == "120 mg/dL"
    await read_calmly(watch, 119)
    assert len(calls) == 1
    await read_calmly(watch, 150, 118)
    assert len(calls) == 2
    await pass_time(hass, watch.freezer, timedelta(hours=4))
    assert watch.state("input_boolean.sport") == "off"
    await watch.read(150, 110)
    assert len(calls) == 2


async def test_the_lock_screen_shows_no_old_value(
    hass: HomeAssistant, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each reading renews it, also one of the same value; it ends itself when the next one is overdue."""
    await watch.set_up(110, 108)
    inputs = {"glucose": VALUE, "phones": add_phones(hass)}
    calls = await use(hass, monkeypatch, "lock_screen.yaml", PHONE, inputs)
    await watch.read(108, 65)
    assert [call.data["title"] for call in calls] == ["108 mg/dL", "65 mg/dL"]
    assert calls[-1].data["message"] == "Low, at 12:09"
    data = calls[-1].data["data"]
    assert (data["live_update"], data["critical_text"], data["timeout"]) == (True, "65 mg/dL", 640)
    await watch.wait(9 * MINUTE)
    assert len(calls) == 2
    await watch.wait(2 * MINUTE)
    assert calls[-1].data["message"] == "clear_notification"
    assert calls[-1].data["data"]["tag"] == data["tag"]
