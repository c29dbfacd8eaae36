"""The repair of "no follower": a form that invites the first one."""

from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.repairs import async_create_fix_flow
from simulator import Limited

from .common import MINUTE, Share, pass_time
from .following import GRANDMA, names, without_followers


@pytest.fixture
async def issue_id(hass: HomeAssistant, share: Share, entry: MockConfigEntry, freezer: FrozenDateTimeFactory) -> str:
    """Return the id of the issue of a person whom nobody follows."""
    freezer.move_to("2026-11-22T18:00:00+00:00")
    without_followers(share.account)
    await async_setup_component(hass, REPAIRS, {})
    await share.set_up(hass, entry)
    issue_id = f"no_follower_{entry.entry_id}"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    return issue_id


async def start(hass: HomeAssistant, issue_id: str) -> dict[str, Any]:
    """Open the form."""
    manager = hass.data[REPAIRS]["flow_manager"]
    flow = dict(await manager.async_init(DOMAIN, data={"issue_id": issue_id}))
    assert not flow.get("errors")
    return flow


async def submit(hass: HomeAssistant, flow: dict[str, Any], data: dict[str, str]) -> dict[str, Any]:
    """Submit the form."""
    with patch("custom_components.dexcom_share.sharing.invitations.sleep"):
        return dict(await hass.data[REPAIRS]["flow_manager"].async_configure(flow["flow_id"], data))


async def test_the_first_follower_is_invited(
    hass: HomeAssistant, share: Share, issue_id: str, freezer: FrozenDateTimeFactory
) -> None:
    """The form names the person, and the issue is gone with the invitation."""
    flow = await start(hass, issue_id)
    assert flow["type"] is FlowResultType.FORM
    assert flow["description_placeholders"]["person"] == "anna@example.com"
    done = await submit(hass, flow, GRANDMA)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert names(share) == {"Grandma"}
    await pass_time(hass, freezer, MINUTE)
    assert not ir.async_get(hass).async_get_issue(DOMAIN, issue_id)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [({"email": "nonsense"}, "This is not an e-mail address"), ({"name": "  "}, "Both names must be given")],
)
async def test_what_is_wrong_is_shown_and_can_be_put_right(
    hass: HomeAssistant, share: Share, issue_id: str, wrong: dict[str, str], problem: str
) -> None:
    """The form comes back with what was typed and a sentence that says why."""
    flow = await submit(hass, await start(hass, issue_id), {**GRANDMA, **wrong})
    assert flow["errors"] == {"base": "failed"}
    assert problem in flow["description_placeholders"]["problem"]
    assert (await submit(hass, flow, GRANDMA))["type"] is FlowResultType.CREATE_ENTRY


async def test_a_failure_says_what_was_done(hass: HomeAssistant, share: Share, issue_id: str) -> None:
    """Also in the form nothing is left half done in silence."""
    share.simulator.faults.fault_code = Limited("InvalidArgument", endpoints=["CreateSubscriptionInvitation"])
    flow = await submit(hass, await start(hass, issue_id), GRANDMA)
    assert "Nobody was invited" in flow["description_placeholders"]["problem"]
    assert not names(share)


async def test_a_person_who_is_not_loaded_can_wait(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, issue_id: str
) -> None:
    """Without a running entry nobody can be invited; one that is gone needs nobody."""
    await hass.config_entries.async_unload(entry.entry_id)
    assert (await start(hass, issue_id))["reason"] == "not_loaded"
    await hass.config_entries.async_remove(entry.entry_id)
    assert await async_create_fix_flow(hass, issue_id, None)
