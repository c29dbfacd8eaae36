"""Set-up asks whose phones are told: who wants an alert gets one, and nobody is kept from going on."""

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from custom_components.dexcom_share.glucose.alerts.kinds import AlertKind
from custom_components.dexcom_share.watch.chain_settings import SUBENTRY_TYPE, ChainSettings, StepKind

from ..common import Share
from ..test_config_flow import PERSON, errors, form, start, submit, suggested

SERVICE = "mobile_app_mum_s_phone"


@pytest.fixture
def phone(hass: HomeAssistant) -> str:
    """Return the device of a phone with the app."""
    app = MockConfigEntry(domain="mobile_app", title="Mum's phone", data={"device_name": "Mum's phone"})
    app.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(config_entry_id=app.entry_id, identifiers={("mobile_app", "1")})
    return device.id


async def asked(hass: HomeAssistant, share: Share) -> ConfigFlowResult:
    """Return what comes after name and unit."""
    share.add_readings()
    return await submit(hass, await submit(hass, await start(hass), form(share)), PERSON)


async def test_the_phones_chosen_are_told_from_now_on(hass: HomeAssistant, share: Share, phone: str) -> None:
    """The entry has the simplest chain: every alert but those of the rate goes to these phones at once."""
    flow = await asked(hass, share)
    assert flow["step_id"] == "phones"
    assert flow["description_placeholders"] == {"person": "Anna"}
    result = await submit(hass, flow, {"devices": [phone]})
    await hass.async_block_till_done(wait_background_tasks=True)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    [subentry] = result["result"].subentries.values()
    assert (subentry.subentry_type, subentry.title) == (SUBENTRY_TYPE, "Phones")
    settings = ChainSettings.from_dict(subentry.data)
    assert settings.kinds >= {AlertKind.LOW, AlertKind.URGENT_LOW, AlertKind.HIGH, AlertKind.NO_DATA}
    [step] = settings.steps
    assert (step.kind, step.after.total_seconds(), list(step.data["devices"])) == (StepKind.PHONE, 0, [phone])  # type: ignore[call-overload]
    assert list(result["result"].runtime_data.chains.runners) == [subentry.subentry_id]


@pytest.mark.usefixtures("phone")
async def test_left_empty_there_is_no_chain(hass: HomeAssistant, share: Share) -> None:
    """The step can be skipped."""
    result = await submit(hass, await asked(hass, share), {})
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert not result["result"].subentries


async def test_without_the_app_it_is_said(hass: HomeAssistant, share: Share) -> None:
    """An app whose device is gone can't be told either; set-up goes on."""
    MockConfigEntry(domain="mobile_app", title="Gone").add_to_hass(hass)
    flow = await asked(hass, share)
    assert flow["step_id"] == "no_phones"
    result = await submit(hass, flow, {})
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert not result["result"].subentries


async def test_a_test_is_sent_and_asked_about(hass: HomeAssistant, share: Share, phone: str) -> None:
    """What does not go out is an error that can be mended; what went out is asked about, and can be sent again."""
    flow = await asked(hass, share)
    assert errors(await submit(hass, flow, {"send_test": True})) == {"base": "no_phone_chosen"}
    flow = await submit(hass, flow, {"devices": [phone], "send_test": True})
    assert errors(flow) == {"base": "test_failed"}
    assert suggested(flow) == {"devices": [phone], "send_test": True}

    calls = async_mock_service(hass, "notify", SERVICE)
    flow = await submit(hass, flow, {"devices": [phone], "send_test": True})
    assert flow["step_id"] == "test_sent"
    assert [call.data for call in calls] == [{"title": "Anna", "message": "Test of the wake-up chain"}]

    flow = await submit(hass, flow, {"next_step_id": "phones"})
    assert suggested(flow) == {"devices": [phone]}
    flow = await submit(hass, flow, {"devices": [phone], "send_test": True})
    assert len(calls) == 2
    result = await submit(hass, flow, {"next_step_id": "test_arrived"})
    await hass.async_block_till_done()
    assert len(result["result"].subentries) == 1


async def test_phones_can_be_taken_out_again(hass: HomeAssistant, share: Share, phone: str) -> None:
    """What counts is the last answer: after a test that failed, nobody is told if nobody is chosen."""
    flow = await submit(hass, await asked(hass, share), {"devices": [phone], "send_test": True})
    result = await submit(hass, flow, {})
    await hass.async_block_till_done()
    assert not result["result"].subentries
