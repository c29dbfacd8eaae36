"""The config flow on every path; each error is followed by its recovery."""

from collections.abc import Generator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.share import Region
from simulator import Limited

from .common import PASSWORD, USERNAME, Share, make_entry

WRONG = "wrong password"


def form(share: Share, **data: str) -> dict[str, Any]:
    """Return the filled form of the user step."""
    return {
        "region": "us",
        "username": USERNAME,
        "password": PASSWORD,
        "server": {"base_url": share.base_url},
        **data,
    }


async def start(hass: HomeAssistant) -> ConfigFlowResult:
    """Open the form of the user step."""
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "user"
    return result


PERSON = {"name": "Anna", "unit": "mmol/L"}


async def submit(hass: HomeAssistant, flow: ConfigFlowResult, data: dict[str, Any]) -> ConfigFlowResult:
    """Submit a form."""
    return await hass.config_entries.flow.async_configure(flow["flow_id"], data)


async def add(hass: HomeAssistant, flow: ConfigFlowResult, data: dict[str, Any]) -> ConfigFlowResult:
    """Log in, and answer all that is asked after it."""
    result = await submit(hass, flow, data)
    return await finish(hass, result)


async def finish(hass: HomeAssistant, flow: ConfigFlowResult) -> ConfigFlowResult:
    """Give name and unit, and finish; without phones and dashboards nothing else is asked."""
    assert flow["step_id"] == "person", flow
    result = await submit(hass, flow, PERSON)
    assert result["step_id"] == "no_phones", result
    return await submit(hass, result, {})


def suggested(result: ConfigFlowResult) -> dict[str, Any]:
    """Return what a form is filled with."""
    assert result["data_schema"] is not None
    values = {}
    for key, value in result["data_schema"].schema.items():
        if hasattr(value, "schema") and hasattr(value.schema, "schema"):
            values[str(key)] = {
                str(inner): inner.description["suggested_value"] for inner in value.schema.schema if inner.description
            }
        elif key.description:
            values[str(key)] = key.description["suggested_value"]
    return values


def errors(result: ConfigFlowResult) -> dict[str, str]:
    """Return the errors of a form."""
    assert result["type"] is FlowResultType.FORM
    return result["errors"] or {}


async def test_a_person_is_added(hass: HomeAssistant, share: Share) -> None:
    """Log-in, name and unit make an entry with the name as its title and the account's id; no address is in ids."""
    share.add_readings()
    result = await add(hass, await start(hass), form(share))
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Anna"
    assert result["options"] == {"unit": "mmol/L"}
    assert result["data"] == {"region": "us", "username": USERNAME, "password": PASSWORD, "base_url": share.base_url}
    assert result["result"].unique_id == share.account.account_id
    assert hass.states.get("sensor.anna_glucose_value")
    assert not [state for state in hass.states.async_all() if "example" in state.entity_id]


async def test_a_person_of_a_region_needs_no_address(hass: HomeAssistant, share: Share) -> None:
    """Without an address of its own the region's server is asked, and nothing of it is stored."""
    share.add_readings()
    data = form(share)
    del data["server"]
    with patch("custom_components.dexcom_share.share.address.Region.base_url", share.base_url):
        result = await add(hass, await start(hass), data)
        await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"] == {"region": "us", "username": USERNAME, "password": PASSWORD}


@pytest.mark.parametrize("typed", ["+1 555 123-4567", "+1 (555) 123 4567", " +15551234567 "])
async def test_a_phone_number_may_be_typed_as_people_do(hass: HomeAssistant, share: Share, typed: str) -> None:
    """Spaces and dashes of a phone number do not reach Share."""
    share.account.name = "+15551234567"
    share.add_readings()
    result = await add(hass, await start(hass), form(share, username=typed))
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["username"] == "+15551234567"


async def test_the_form_keeps_all_but_the_password(hass: HomeAssistant, share: Share) -> None:
    """After an error only the password has to be typed again."""
    result = await submit(hass, await start(hass), form(share, password=WRONG))
    assert suggested(result) == {"region": "us", "username": USERNAME, "server": {"base_url": share.base_url}}


@pytest.mark.parametrize(
    ("faults", "data", "error"),
    [
        ({}, {"password": WRONG}, "invalid_auth"),
        ({}, {"password": "x" * 21}, "invalid_auth_long_password"),
        ({}, {"username": "somebody@example.com"}, "invalid_auth"),
        ({"nil_id": True}, {}, "invalid_auth"),
        ({"html_status": 503}, {}, "server_error"),
        ({"disconnect": "before"}, {}, "cannot_connect"),
        ({"raw_body": "<html>"}, {}, "invalid_response"),
    ],
)
async def test_each_error_has_its_text_and_can_be_mended(
    hass: HomeAssistant, share: Share, faults: dict[str, Any], data: dict[str, str], error: str
) -> None:
    """The form comes back with the error, and the next attempt succeeds."""
    share.add_readings()
    for name, value in faults.items():
        setattr(share.simulator.faults, name, value)
    flow = await start(hass)
    result = await submit(hass, flow, form(share, **data))
    assert errors(result) == {"base": error}
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["region"] == "United States"
    for name in faults:
        setattr(share.simulator.faults, name, None)
    assert (await add(hass, flow, form(share)))["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_a_locked_account_is_told(hass: HomeAssistant, share: Share) -> None:
    """A locked account has its own text; later the log-in works."""
    share.add_readings()
    share.account.lock(share.simulator.now() + timedelta(minutes=10))
    flow = await start(hass)
    assert errors(await submit(hass, flow, form(share))) == {"base": "account_locked"}
    share.account.locked_until = None
    assert (await add(hass, flow, form(share)))["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_a_server_that_does_not_answer_is_told(hass: HomeAssistant, share: Share) -> None:
    """A time-out has its own text; later the log-in works."""
    share.add_readings()
    share.simulator.faults.delay_seconds = 30.0
    flow = await start(hass)
    with patch("custom_components.dexcom_share.account.client.TIMEOUT_SECONDS", 0.05):
        assert errors(await submit(hass, flow, form(share))) == {"base": "timeout"}
    share.simulator.faults.delay_seconds = None
    assert (await add(hass, flow, form(share)))["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    "address",
    [
        "http://share.example.com/",
        "ftp://127.0.0.1/",
        "no address",
        "https://me:secret@x.example/",
        "http://[::]@/",
        "https://[::125eth0]/",
    ],
)
async def test_an_unsafe_address_gets_no_password(hass: HomeAssistant, share: Share, address: str) -> None:
    """An address that would not protect the password is refused before anything is sent."""
    share.add_readings()
    flow = await start(hass)
    result = await submit(hass, flow, form(share) | {"server": {"base_url": address}})
    assert errors(result) == {"base": "invalid_base_url"}
    assert share.simulator.calls == []
    assert (await add(hass, flow, form(share)))["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()


async def test_one_attempt_sends_the_password_once(hass: HomeAssistant, share: Share) -> None:
    """A refused password is not tried again by itself."""
    await submit(hass, await start(hass), form(share, password=WRONG))
    assert share.simulator.endpoints_called == ["AuthenticatePublisherAccount"]


async def test_a_person_is_added_once(hass: HomeAssistant, share: Share) -> None:
    """Whatever name is used for the log-in: the account decides."""
    make_entry(share).add_to_hass(hass)
    result = await submit(hass, await start(hass), form(share))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def test_nothing_shared_is_a_warning_only(hass: HomeAssistant, share: Share) -> None:
    """Without readings the user is told the usual causes, and may finish."""
    result = await submit(hass, await start(hass), form(share))
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "nothing_shared"
    result = await submit(hass, result, {})
    assert result["step_id"] == "person"
    result = await finish(hass, result)
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_flow_left_open_does_not_keep_from_beginning_again(hass: HomeAssistant, share: Share) -> None:
    """Who leaves at the warning and starts anew gets to the end, which ends the flow that was left."""
    left = await submit(hass, await start(hass), form(share))
    assert left["step_id"] == "nothing_shared"
    share.add_readings()
    assert (await add(hass, await start(hass), form(share)))["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert hass.config_entries.flow.async_progress() == []


async def test_a_failing_check_is_no_warning(hass: HomeAssistant, share: Share) -> None:
    """Whether anything is shared is no matter when that can't be found out."""
    share.simulator.faults.html_status = Limited(503, calls=1, endpoints=["ReadPublisherLatestGlucoseValues"])
    result = await add(hass, await start(hass), form(share))
    await hass.async_block_till_done()
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("country", "region", "unit"),
    [("US", "us", "mg/dL"), ("JP", "jp", "mg/dL"), ("GB", "ous", "mmol/L"), ("DE", "ous", "mg/dL"), (None, None, None)],
)
async def test_region_and_unit_are_proposed_by_country(
    hass: HomeAssistant, share: Share, country: str | None, region: str | None, unit: str | None
) -> None:
    """Where the country is not known, nothing is preset."""
    hass.config.country = country
    share.add_readings()
    flow = await start(hass)
    assert suggested(flow).get("region") == region
    flow = await submit(hass, flow, form(share))
    assert suggested(flow)["unit"] == unit
    assert suggested(flow)["name"] == "Anna"


async def test_the_name_is_the_one_that_followers_know(hass: HomeAssistant, share: Share) -> None:
    """What the person is called at Share goes before what their user name says."""
    share.add_readings()
    share.account.followers.add("Grandma", share.simulator.now()).display_name = "Anna Maria"
    flow = await submit(hass, await start(hass), form(share))
    assert suggested(flow)["name"] == "Anna Maria"


@pytest.mark.parametrize(
    ("name", "error"), [("  ", "name_missing"), (USERNAME, "name_is_address"), ("ben", "name_taken")]
)
async def test_a_name_is_there_no_address_and_unique(hass: HomeAssistant, share: Share, name: str, error: str) -> None:
    """It tells on phones and speakers whose alert it is; what was typed stays."""
    MockConfigEntry(domain=DOMAIN, title="Ben", data={"username": "ben@example.com"}).add_to_hass(hass)
    share.add_readings()
    flow = await submit(hass, await start(hass), form(share))
    flow = await submit(hass, flow, {**PERSON, "name": name})
    assert errors(flow) == {"name": error}
    assert suggested(flow) == {**PERSON, "name": name}
    flow = await finish(hass, flow)
    await hass.async_block_till_done()
    assert flow["type"] is FlowResultType.CREATE_ENTRY


class TestOtherRegions:
    """A log-in that is refused in one region is tried in the others by one press."""

    @pytest.fixture(autouse=True)
    def _regions(self, share: Share) -> Generator[None]:
        """Let every region be the server of the test; which of them is asked is told by `asked`."""
        self.asked: list[str] = []
        self.accepts = "jp"

        def base_url(region: Region) -> str:
            self.asked.append(region.value)
            share.account.password = PASSWORD if region == self.accepts else "another"
            return share.base_url

        with patch("custom_components.dexcom_share.share.address.Region.base_url", property(base_url)):
            yield

    @staticmethod
    async def refused(hass: HomeAssistant, share: Share) -> ConfigFlowResult:
        """Return the menu that comes after a refusal."""
        share.add_readings()
        data = form(share)
        del data["server"]
        menu = await submit(hass, await start(hass), data)
        assert menu["type"] is FlowResultType.MENU
        assert menu["step_id"] == "refused"
        assert menu["menu_options"] == ["other_regions", "user"]
        return menu

    async def test_the_region_that_accepts_is_kept(self, hass: HomeAssistant, share: Share) -> None:
        """Each region is asked once, until one accepts."""
        flow = await submit(hass, await self.refused(hass, share), {"next_step_id": "other_regions"})
        assert flow["step_id"] == "person"
        assert self.asked == ["us", "ous", "jp"]
        flow = await finish(hass, flow)
        await hass.async_block_till_done()
        assert flow["data"] == {"region": "jp", "username": USERNAME, "password": PASSWORD}

    async def test_all_refuse(self, hass: HomeAssistant, share: Share) -> None:
        """Then it is not the region, and what was typed is not sent again by a press."""
        self.accepts = "none"
        flow = await submit(hass, await self.refused(hass, share), {"next_step_id": "other_regions"})
        assert errors(flow) == {"base": "invalid_auth_everywhere"}
        assert share.simulator.endpoints_called == ["AuthenticatePublisherAccount"] * 3
        data = {key: value for key, value in form(share).items() if key != "server"}
        assert errors(await submit(hass, flow, data)) == {"base": "invalid_auth"}

    async def test_the_log_in_can_be_changed(self, hass: HomeAssistant, share: Share) -> None:
        """The form comes back with the error and what was typed, except the password."""
        flow = await submit(hass, await self.refused(hass, share), {"next_step_id": "user"})
        assert errors(flow) == {"base": "invalid_auth"}
        assert suggested(flow) == {"region": "us", "username": USERNAME, "server": {}}

    async def test_a_lock_ends_it(self, hass: HomeAssistant, share: Share) -> None:
        """Nothing more is sent."""
        menu = await self.refused(hass, share)
        share.account.lock(share.simulator.now() + timedelta(minutes=10))
        flow = await submit(hass, menu, {"next_step_id": "other_regions"})
        assert errors(flow) == {"base": "account_locked"}
        assert self.asked == ["us", "ous"]

    async def test_a_region_without_an_answer_is_told(self, hass: HomeAssistant, share: Share) -> None:
        """Where one could not be asked, nobody says that all refused."""
        menu = await self.refused(hass, share)
        share.simulator.faults.html_status = 503
        flow = await submit(hass, menu, {"next_step_id": "other_regions"})
        assert errors(flow) == {"base": "server_error"}


async def test_reauth(hass: HomeAssistant, share: Share, entry: MockConfigEntry) -> None:
    """A new password is checked, stored, and used at once."""
    share.add_readings()
    await share.set_up(hass, entry)
    share.account.password = "new password"
    result = await entry.start_reauth_flow(hass)
    assert result["step_id"] == "reauth_confirm"
    assert result["description_placeholders"]["username"] == USERNAME
    result = await submit(hass, result, {"password": WRONG})
    assert errors(result) == {"base": "invalid_auth"}
    assert suggested(result) == {}
    result = await submit(hass, result, {"password": "new password"})
    await hass.async_block_till_done(wait_background_tasks=True)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reauth_successful"
    assert entry.data["password"] == "new password"
    assert entry.runtime_data.glucose.last_update_success


async def test_reauth_with_another_person(hass: HomeAssistant, share: Share, entry: MockConfigEntry) -> None:
    """The log-in of somebody else never takes over an entry."""
    share.simulator.add_account("ben@example.com", PASSWORD)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, data={**entry.data, "username": "ben@example.com"})
    result = await submit(hass, await entry.start_reauth_flow(hass), {"password": PASSWORD})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "wrong_account"


async def test_reconfigure(hass: HomeAssistant, share: Share, entry: MockConfigEntry) -> None:
    """Name, region and server can change, the person can't; what is stored is offered, except the password."""
    share.add_readings()
    await share.set_up(hass, entry)
    share.account.name = "anna"
    result = await entry.start_reconfigure_flow(hass)
    assert result["step_id"] == "reconfigure"
    assert suggested(result) == {"region": "us", "username": USERNAME, "server": {"base_url": share.base_url}}
    result = await submit(hass, result, form(share, username="anna", password=WRONG))
    assert errors(result) == {"base": "invalid_auth"}
    result = await submit(hass, result, form(share, username="anna", region="ous"))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    assert entry.data == {"region": "ous", "username": "anna", "password": PASSWORD, "base_url": share.base_url}


async def test_reconfigure_without_an_address(hass: HomeAssistant, share: Share) -> None:
    """An entry of a region is offered without an address."""
    entry = make_entry(share)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        entry, data={key: value for key, value in entry.data.items() if key != "base_url"}
    )
    assert suggested(await entry.start_reconfigure_flow(hass))["server"] == {}


async def test_reconfigure_with_another_person(hass: HomeAssistant, share: Share, entry: MockConfigEntry) -> None:
    """The log-in of somebody else never takes over an entry."""
    share.simulator.add_account("ben@example.com", PASSWORD)
    entry.add_to_hass(hass)
    result = await submit(hass, await entry.start_reconfigure_flow(hass), form(share, username="ben@example.com"))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "wrong_account"
    assert entry.data["username"] == USERNAME
