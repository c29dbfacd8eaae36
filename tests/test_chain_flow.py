"""A newcomer sets up "phone, then bedroom light, then siren" by pickers, and changes it later."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from custom_components.dexcom_share.night.simplest import simplest_chain
from custom_components.dexcom_share.watch.chain_settings import SUBENTRY_TYPE, ChainSettings, StepKind

from .common import MINUTE

MORE = {"repeat_minutes": 5, "growing": True, "check_at": "20:30:00", "remind": False}
NIGHT = {"name": "Night", "kinds": ["urgent_low", "low"], "hours_from": "22:00:00", "hours_to": "07:00:00"}


@pytest.fixture
def phone(hass: HomeAssistant) -> str:
    """Return the device of a phone with the app."""
    app = MockConfigEntry(domain="mobile_app", title="Mum's phone", data={"device_name": "Mum's phone"})
    app.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(config_entry_id=app.entry_id, identifiers={("mobile_app", "1")})
    return device.id


class Flow:
    """A subentry flow as the front end drives it."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        """Prepare for one person."""
        self._manager = hass.config_entries.subentries
        self._entry = entry
        self.result: Any = None

    async def begin(self, subentry_id: str | None = None) -> Any:
        """Begin a new chain, or change one."""
        context: Any = {"source": "reconfigure", "subentry_id": subentry_id} if subentry_id else {"source": "user"}
        self.result = await self._manager.async_init((self._entry.entry_id, SUBENTRY_TYPE), context=context)
        return self.result

    async def fill(self, **fields: Any) -> Any:
        """Send a form."""
        self.result = await self._manager.async_configure(self.result["flow_id"], fields)
        return self.result

    async def choose(self, option: str) -> Any:
        """Choose from a menu."""
        return await self.fill(next_step_id=option)


async def test_phone_then_light_then_siren(hass: HomeAssistant, loaded: MockConfigEntry, phone: str) -> None:
    """Three steps by pickers, proposed three minutes apart; the chain is at work at once."""
    flow = Flow(hass, loaded)
    assert (await flow.begin())["step_id"] == "user"
    menu = await flow.fill(**NIGHT, more=MORE)
    assert menu["step_id"] == "steps"
    assert "finish" not in menu["menu_options"]
    assert "no step yet" in menu["description_placeholders"]["steps"]
    await flow.choose("phone")
    await flow.fill(after_minutes=0, devices=[phone])
    form = await flow.choose("light")
    assert next(each.description for each in form["data_schema"].schema) == {"suggested_value": 3}
    await flow.fill(after_minutes=3, entities=["light.bed"], brightness=100)
    await flow.choose("switch")
    menu = await flow.fill(after_minutes=6, entities=["siren.hall"])
    assert menu["description_placeholders"]["steps"].splitlines() == [
        "After 0 min: phones (1)",
        "After 3 min: lights (1)",
        "After 6 min: sirens and switches (1)",
    ]
    done = await flow.choose("finish")
    assert done["type"] == "create_entry"
    await hass.async_block_till_done(wait_background_tasks=True)
    [subentry] = loaded.subentries.values()
    assert subentry.title == "Night"
    settings = ChainSettings.from_dict(subentry.data)
    assert [step.kind for step in settings.steps] == [StepKind.PHONE, StepKind.LIGHT, StepKind.SWITCH]
    assert settings.repeat == 5 * MINUTE
    assert settings.hours
    assert loaded.state is ConfigEntryState.LOADED
    assert list(loaded.runtime_data.chains.runners) == [subentry.subentry_id]


async def test_a_chain_is_changed(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """Steps are moved by their minutes and removed; hours that are emptied mean always."""
    flow = Flow(hass, loaded)
    await flow.begin()
    await flow.fill(**NIGHT, more=MORE)
    await flow.choose("actions")
    await flow.fill(after_minutes=0, actions=[{"action": "homeassistant.update_entity"}])
    await flow.choose("light")
    await flow.fill(after_minutes=2, entities=["light.bed"], brightness=50)
    await flow.choose("speaker")
    await flow.fill(after_minutes=4, entities=["media_player.hall"], tts="tts.voice", volume=40)
    await flow.choose("finish")
    await hass.async_block_till_done(wait_background_tasks=True)
    [subentry_id] = loaded.subentries
    assert (await flow.begin(subentry_id))["step_id"] == "steps"
    await flow.choose("edit")
    form = await flow.fill(step="1")
    assert form["step_id"] == "light"
    await flow.fill(after_minutes=10, entities=["light.bed", "light.hall"], brightness=50)
    await flow.choose("edit")
    await flow.fill(step="0")
    await flow.fill(after_minutes=0, remove=True)
    await flow.choose("settings")
    changed = {"name": " ", "kinds": ["low"], "more": {"repeat_minutes": 0, "growing": False, "remind": True}}
    await flow.fill(**changed)
    done = await flow.choose("finish")
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done(wait_background_tasks=True)
    [subentry] = loaded.subentries.values()
    settings = ChainSettings.from_dict(subentry.data)
    assert [(step.kind, step.after / MINUTE) for step in settings.steps] == [("speaker", 4), ("light", 10)]
    assert (settings.hours, settings.check_at, settings.remind, settings.repeat / MINUTE) == (None, None, True, 0)
    [runner] = loaded.runtime_data.chains.runners.values()
    assert runner.settings == settings


async def test_what_is_missing_is_said(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """One hour alone, no alerts, and a step without anything."""
    flow = Flow(hass, loaded)
    await flow.begin()
    form = await flow.fill(name="Night", kinds=["low"], hours_from="22:00:00")
    assert form["errors"] == {"hours_from": "one_hour"}
    form = await flow.fill(name="Night", kinds=[])
    assert form["errors"] == {"kinds": "no_kinds"}
    await flow.fill(name="Night", kinds=["low"])
    await flow.choose("light")
    form = await flow.fill(after_minutes=0, brightness=100)
    assert form["errors"] == {"base": "nothing_chosen"}


async def test_a_test_is_sent_to_the_phones(hass: HomeAssistant, loaded: MockConfigEntry, phone: str) -> None:
    """Where it does not arrive, the form says so."""
    flow = Flow(hass, loaded)
    await flow.begin()
    await flow.fill(**NIGHT)
    await flow.choose("phone")
    form = await flow.fill(after_minutes=0, devices=[phone], send_test=True)
    assert form["errors"] == {"base": "test_failed"}
    calls = async_mock_service(hass, "notify", "mobile_app_mum_s_phone")
    assert (await flow.fill(after_minutes=0, devices=[phone], send_test=True))["step_id"] == "steps"
    [call] = calls
    assert call.data == {"title": "anna@example.com", "message": "Test of the wake-up chain"}


async def test_a_removed_chain_is_gone(hass: HomeAssistant, loaded: MockConfigEntry, phone: str) -> None:
    """The simplest chain is what the set-up can add; it is removed like any other."""
    simplest = simplest_chain("Phones", [phone])
    flow = Flow(hass, loaded)
    await flow.begin()
    await flow.fill(**NIGHT)
    await flow.choose("phone")
    await flow.fill(after_minutes=0, devices=[phone])
    await flow.choose("finish")
    await hass.async_block_till_done(wait_background_tasks=True)
    [subentry] = loaded.subentries.values()
    assert subentry.data["steps"] == simplest["data"]["steps"]
    hass.config_entries.async_remove_subentry(loaded, subentry.subentry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not loaded.runtime_data.chains.runners
