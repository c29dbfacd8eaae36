"""Taking over the log-in of Home Assistant's own `dexcom`: picked, not typed, and never shown."""

from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_IGNORE, SOURCE_USER, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.dexcom_share.const import DOMAIN

from .common import PASSWORD, USERNAME, Share

BASE_URL = "custom_components.dexcom_share.share.address.Region.base_url"


def built_in(hass: HomeAssistant, **data: str) -> MockConfigEntry:
    """Add an entry of `dexcom`."""
    entry = MockConfigEntry(
        domain="dexcom",
        title=USERNAME,
        data={"username": USERNAME, "password": PASSWORD, "server": "EU", **data},
    )
    entry.add_to_hass(hass)
    return entry


async def start(hass: HomeAssistant) -> ConfigFlowResult:
    """Begin to add a person."""
    return await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})


async def choose(hass: HomeAssistant, flow: ConfigFlowResult, data: dict[str, Any]) -> ConfigFlowResult:
    """Answer a menu or a form."""
    return await hass.config_entries.flow.async_configure(flow["flow_id"], data)


async def name(hass: HomeAssistant, flow: ConfigFlowResult) -> ConfigFlowResult:
    """Answer what is asked after the log-in."""
    assert flow["step_id"] == "person"
    flow = await choose(hass, flow, {"name": "Anna", "unit": "mg/dL"})
    return await choose(hass, flow, {})


@pytest.mark.parametrize(("server", "region"), [("EU", "ous"), ("US", "us")])
async def test_an_account_is_taken_over(hass: HomeAssistant, share: Share, server: str, region: str) -> None:
    """User name, password and region are those of the other entry; the form shows the account only."""
    share.add_readings()
    other = built_in(hass, server=server)
    menu = await start(hass)
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == ["take_over", "user"]
    form = await choose(hass, menu, {"next_step_id": "take_over"})
    assert form["type"] is FlowResultType.FORM
    assert form["data_schema"] is not None
    assert PASSWORD not in str(form["data_schema"].schema)
    with patch(BASE_URL, share.base_url):
        done = await name(hass, await choose(hass, form, {"account": other.entry_id}))
        await hass.async_block_till_done(wait_background_tasks=True)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert done["data"] == {"region": region, "username": USERNAME, "password": PASSWORD}
    assert done["result"].unique_id == share.account.account_id
    assert hass.config_entries.async_get_entry(other.entry_id)


async def test_another_log_in_can_be_typed(hass: HomeAssistant, share: Share) -> None:
    """The offer is one, and the form of the user step comes right after it."""
    share.add_readings()
    built_in(hass)
    form = await choose(hass, await start(hass), {"next_step_id": "user"})
    assert form["step_id"] == "user"
    data = {"region": "us", "username": USERNAME, "password": PASSWORD, "server": {"base_url": share.base_url}}
    done = await name(hass, await choose(hass, form, data))
    assert done["type"] is FlowResultType.CREATE_ENTRY


async def test_a_refused_log_in_can_be_tried_again(hass: HomeAssistant, share: Share) -> None:
    """An error comes back to the form, which keeps the choice; then it works."""
    share.add_readings()
    other = built_in(hass)
    form = await choose(hass, await start(hass), {"next_step_id": "take_over"})
    share.account.password = "another"
    with patch(BASE_URL, share.base_url):
        form = await choose(hass, form, {"account": other.entry_id})
        assert form["errors"] == {"base": "invalid_auth"}
        assert form["step_id"] == "take_over"
        assert form["description_placeholders"] is not None
        assert form["description_placeholders"]["region"] == "Outside the United States"
        share.account.password = PASSWORD
        done = await name(hass, await choose(hass, form, {"account": other.entry_id}))
        await hass.async_block_till_done(wait_background_tasks=True)
    assert done["type"] is FlowResultType.CREATE_ENTRY


async def test_what_is_set_up_is_not_offered(hass: HomeAssistant, share: Share, loaded: MockConfigEntry) -> None:
    """An account that is here already, one of an unknown server and ignored entries make no menu."""
    built_in(hass)
    built_in(hass, username="ben@example.com", server="MARS")
    MockConfigEntry(domain="dexcom", source=SOURCE_IGNORE, data={}).add_to_hass(hass)
    flow = await start(hass)
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "user"
