"""A phone is told critically, answers by its buttons, and hears that the alert is over."""

from types import SimpleNamespace

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.dexcom_share.night.steps import notify_service

from ..common import MINUTE
from ..waking import add_chain, runner_of
from ..watching import PREFIX, Watch


class Phone:
    """A phone with the app."""

    def __init__(self, hass: HomeAssistant, name: str) -> None:
        """Register it as the app does."""
        self.hass = hass
        app = MockConfigEntry(domain="mobile_app", title=name, data={"device_name": name})
        app.add_to_hass(hass)
        devices = dr.async_get(hass)
        device = devices.async_get_or_create(config_entry_id=app.entry_id, identifiers={("mobile_app", name)})
        self.device_id = device.id
        self.service = f"mobile_app_{name}"
        self.calls: list[ServiceCall] = async_mock_service(hass, "notify", self.service)

    def step(self, after: float = 0) -> dict[str, object]:
        """Return the step that tells this phone."""
        return {"kind": "phone", "after_minutes": after, "devices": [self.device_id]}

    async def press(self, answer: str, call: ServiceCall | None = None) -> None:
        """Press a button of a notification, by default of the last one."""
        buttons = (call or self.calls[-1]).data["data"]["actions"]
        action = next(each["action"] for each in buttons if f"/{answer}/" in each["action"])
        self.hass.bus.async_fire("mobile_app_notification_action", {"action": action})
        await self.hass.async_block_till_done(wait_background_tasks=True)


@pytest.fixture
def phone(hass: HomeAssistant) -> Phone:
    """Return a phone."""
    return Phone(hass, "mum")


async def test_a_critical_notification_with_answers(hass: HomeAssistant, watch: Watch, phone: Phone) -> None:
    """It comes through silent modes, and an answer on it ends the chain; the notification is cleared."""
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry, phone.step(), phone.step(3))
    await watch.read(65, trend="SingleDown")
    [call] = phone.calls
    assert call.data["title"] == "anna@example.com"
    assert call.data["message"] == "Low: 65 mg/dL, falling"
    data = call.data["data"]
    assert data["push"]["interruption-level"] == "critical"
    assert data["channel"] == "alarm_stream"
    assert data["tag"] == f"dexcom_share-{chain_id}"
    assert [each["title"] for each in data["actions"]] == ["Acknowledge", "Treated", "Snooze"]
    assert data["url"] == f"entityId:sensor.{PREFIX}_glucose_value"
    await phone.press("acknowledge")
    assert watch.status("low") == "acknowledged"
    assert phone.calls[-1].data["message"] == "clear_notification"
    assert phone.calls[-1].data["data"] == {"tag": f"dexcom_share-{chain_id}"}
    await watch.wait(5 * MINUTE)
    assert len(phone.calls) == 2


async def test_back_in_range_replaces_it(hass: HomeAssistant, watch: Watch, phone: Phone) -> None:
    """With the value; after a silence of readings it says that it is over."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, phone.step())
    await watch.read(65)
    await watch.read(95)
    assert phone.calls[-1].data["message"] == "Low has recovered: 95 mg/dL"
    await watch.wait(21 * MINUTE)
    assert phone.calls[-1].data["message"].startswith("No data for 2")
    await watch.read(250)
    assert phone.calls[-1].data["message"] == "Data are back"


async def test_a_snooze_and_answers_of_others(hass: HomeAssistant, watch: Watch, phone: Phone) -> None:
    """Each button does what it says; buttons of other people, tests and blueprints are not ours."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, phone.step(), phone.step(5))
    await watch.read(65)
    for action in (
        "dexcom_share/acknowledge/someone/low",
        f"dexcom_share/unknown/{watch.entry.entry_id}/low",
        f"dexcom_share/acknowledge/{watch.entry.entry_id}/test",
        "x",
    ):
        hass.bus.async_fire("mobile_app_notification_action", {"action": action})
    hass.bus.async_fire("mobile_app_notification_action", {})
    await hass.async_block_till_done()
    assert watch.status("low") == "active"
    await phone.press("snooze")
    assert watch.status("low") == "snoozed"


async def test_a_low_can_be_answered_as_treated(hass: HomeAssistant, watch: Watch, phone: Phone) -> None:
    """The chain ends, and the alert is quiet for a while."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, phone.step(), phone.step(3))
    await watch.read(65)
    await phone.press("treated")
    assert watch.status("low") == "treated"
    await watch.wait(5 * MINUTE)
    assert len([call for call in phone.calls if call.data["message"] != "clear_notification"]) == 1


async def test_what_is_no_low_can_not_be_treated(hass: HomeAssistant, watch: Watch, phone: Phone) -> None:
    """The button is left out."""
    await watch.set_up(110, 112)
    await add_chain(hass, watch.entry, phone.step())
    await watch.wait(21 * MINUTE)
    buttons = [each["action"].split("/")[1] for each in phone.calls[-1].data["data"]["actions"]]
    assert buttons == ["acknowledge", "snooze"]


async def test_one_phone_that_is_gone_keeps_no_other_from_being_told(
    hass: HomeAssistant, watch: Watch, phone: Phone
) -> None:
    """The step counts as failed; and a phone that can't be told that it is over disturbs nobody."""
    await watch.set_up(90, 88)
    both = {"kind": "phone", "after_minutes": 0, "devices": ["gone", phone.device_id]}
    chain_id = await add_chain(hass, watch.entry, both)
    await watch.read(65)
    assert len(phone.calls) == 1
    assert runner_of(watch, chain_id).chain.failures
    await watch.call("acknowledge")
    assert phone.calls[-1].data["message"] == "clear_notification"


async def test_two_chains_of_a_person_end_with_one_answer(hass: HomeAssistant, watch: Watch, phone: Phone) -> None:
    """An answer on one phone is about the alert, whichever chain told of it."""
    await watch.set_up(90, 88)
    other = Phone(hass, "dad")
    await add_chain(hass, watch.entry, phone.step(), title="One", kinds=["low"])
    await add_chain(hass, watch.entry, other.step(), title="Two", kinds=["low"])
    await watch.read(65)
    await other.press("acknowledge")
    assert phone.calls[-1].data["message"] == "clear_notification"


async def test_a_chart_is_shown_where_there_is_a_web_server(
    hass: HomeAssistant, watch: Watch, phone: Phone, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """As the picture of the notification, which the phone fetches without a log-in; without it the rest comes."""
    assert await async_setup_component(hass, "http", {})
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, phone.step())
    await watch.read(65)
    client = await hass_client_no_auth()
    answer = await client.get(phone.calls[-1].data["data"]["image"])
    assert (answer.status, answer.content_type) == (200, "image/png")
    await watch.read(95)
    hass.config.components.remove("http")
    await watch.read(65)
    assert phone.calls[-1].data["message"] == "Low: 65 mg/dL, steady"
    assert "image" not in phone.calls[-1].data["data"]


def test_the_app_itself_knows_the_name_of_its_action(hass: HomeAssistant) -> None:
    """Where it is loaded, it is asked; a device that is no phone has none."""
    targets = {"mobile_app_other": "w0", "mobile_app_mum_2": "w1"}
    app = {"devices": {"w1": SimpleNamespace(id="abc")}, "notify": SimpleNamespace(registered_targets=targets)}
    hass.data["mobile_app"] = app
    assert notify_service(hass, "abc") == "mobile_app_mum_2"
    assert notify_service(hass, "none") == "unknown"


async def test_a_name_is_no_template(hass: HomeAssistant, watch: Watch, phone: Phone) -> None:
    """Whatever it looks like, the phone is told that it is over; a removed person's notification is cleared."""
    await watch.set_up(90, 88)
    hass.config_entries.async_update_entry(watch.entry, title="{{ broken")
    await add_chain(hass, watch.entry, phone.step())
    await watch.read(65)
    assert phone.calls[-1].data["title"] == "{{ broken"
    await watch.read(95)
    assert phone.calls[-1].data["title"] == "{{ broken"
    await watch.read(65)
    await hass.config_entries.async_remove(watch.entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert phone.calls[-1].data["message"] == "clear_notification"


async def test_a_device_of_another_integration_is_no_phone(hass: HomeAssistant, watch: Watch) -> None:
    """Though it has a config entry."""
    await watch.set_up(90, 88)
    assert notify_service(hass, watch.device_id) == "unknown"


async def test_without_the_glucose_sensor_a_tap_opens_nothing(
    hass: HomeAssistant, watch: Watch, phone: Phone, entity_registry: er.EntityRegistry
) -> None:
    """The phone is told all the same."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, phone.step())
    entity_registry.async_remove(f"sensor.{PREFIX}_glucose_value")
    await watch.read(65)
    assert "url" not in phone.calls[-1].data["data"]


async def test_a_removed_person_without_an_alert_tells_no_phone(
    hass: HomeAssistant, watch: Watch, phone: Phone
) -> None:
    """Only a notification that is there is cleared."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, phone.step())
    await watch.read(65)
    await watch.read(95)
    count = len(phone.calls)
    await hass.config_entries.async_remove(watch.entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(phone.calls) == count
