"""How the front end comes to load the card: one resource, whatever happens, and none when nobody is left."""

import json
from typing import Any
from unittest.mock import patch

from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL, UrlManager
from homeassistant.components.lovelace import LOVELACE_DATA
from homeassistant.components.lovelace.dashboard import LovelaceStorage
from homeassistant.components.lovelace.resources import ResourceStorageCollection
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.dexcom_share import frontend
from custom_components.dexcom_share.frontend import BASE, FILES, async_offer_card, async_withdraw_card
from custom_components.dexcom_share.frontend.dashboard import STRATEGY, async_add_dashboard, can_add_dashboard

from .common import Share
from .test_config_flow import PERSON, form, start, submit

BYTES_AT_MOST = 60_000


@pytest.fixture
def mode() -> dict[str, Any]:
    """Return how dashboards are configured: in the storage."""
    return {}


@pytest.fixture
async def dashboards(hass: HomeAssistant, share: Share, mode: dict[str, Any]) -> None:
    """Set up the web server and the dashboards, without the files of Home Assistant's own front end."""
    assert await async_setup_component(hass, "http", {})
    hass.data[DATA_EXTRA_MODULE_URL] = UrlManager(lambda *_: None, [])
    with patch("homeassistant.components.onboarding.async_setup", return_value=True):
        assert await async_setup_component(hass, "lovelace", mode)


def resources(hass: HomeAssistant) -> list[str]:
    """Return the addresses of the resources."""
    return [item["url"] for item in hass.data[LOVELACE_DATA].resources.async_items()]


@pytest.mark.usefixtures("dashboards")
async def test_the_card_is_one_resource(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """Two persons, a reload and an older version lead to one resource, which browsers may keep; the last removes it."""
    share.add_readings()
    collection = hass.data[LOVELACE_DATA].resources
    assert isinstance(collection, ResourceStorageCollection)
    other = await collection.async_create_item({"res_type": "module", "url": "/local/other.js"})
    for _ in range(2):
        await collection.async_create_item({"res_type": "module", "url": f"{BASE}0/dexcom-share-card.js?v=0"})
    await share.set_up(hass, entry)
    await hass.config_entries.async_reload(entry.entry_id)
    second = MockConfigEntry(domain=entry.domain, title="Ben", unique_id="ben", data={**entry.data})
    second.add_to_hass(hass)
    _, ours = resources(hass)
    assert ours.startswith(BASE)
    assert "?v=" in ours

    client = await hass_client()
    for path in FILES.iterdir():
        answer = await client.get(f"{ours.partition('?')[0].rpartition('/')[0]}/{path.name}")
        assert answer.status == 200
        assert "max-age" in answer.headers["Cache-Control"]
        assert "javascript" in answer.headers["Content-Type"]

    await hass.config_entries.async_remove(entry.entry_id)
    assert len(resources(hass)) == 2
    await hass.config_entries.async_remove(second.entry_id)
    assert resources(hass) == [other["url"]]


@pytest.mark.usefixtures("dashboards")
@pytest.mark.parametrize("mode", [{"lovelace": {"resource_mode": "yaml"}}])
async def test_with_resources_in_yaml_it_is_an_extra_module(hass: HomeAssistant) -> None:
    """Nothing is written into what the user keeps by hand."""
    for _ in range(2):
        await async_offer_card(hass)
        [address] = hass.data[DATA_EXTRA_MODULE_URL].urls
        assert address.startswith(BASE)
    assert resources(hass) == []
    await async_withdraw_card(hass)
    assert not hass.data[DATA_EXTRA_MODULE_URL].urls
    del hass.data[DATA_EXTRA_MODULE_URL]
    await async_offer_card(hass)
    await async_withdraw_card(hass)


@pytest.mark.usefixtures("dashboards")
async def test_an_older_version_gives_way(hass: HomeAssistant) -> None:
    """Its one resource is changed, not doubled; the current one is left alone."""
    collection = hass.data[LOVELACE_DATA].resources
    assert isinstance(collection, ResourceStorageCollection)
    old = await collection.async_create_item({"res_type": "module", "url": f"{BASE}0/dexcom-share-card.js?v=0"})
    for _ in range(2):
        await async_offer_card(hass)
        [item] = collection.async_items()
        assert item["id"] == old["id"]
        assert item["url"] != old["url"]
    collection.data.clear()
    await async_offer_card(hass)
    assert len(resources(hass)) == 1


async def test_without_a_front_end_nothing_is_missing(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """A Home Assistant without dashboards sets up and removes a person as ever."""
    assert await hass.config_entries.async_remove(loaded.entry_id)


@pytest.mark.usefixtures("dashboards")
async def test_what_fails_keeps_nobody_from_the_glucose(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """Resources that can't be written are told in the log; the person is set up."""
    share.add_readings()
    with patch.object(frontend, "_digest", side_effect=OSError("disk")):
        await share.set_up(hass, entry)
    assert "The card could not be offered" in caplog.text


def test_the_files_are_small_and_load_nothing_from_outside() -> None:
    """No address of another server, no text of a server as HTML."""
    texts = {path.name: path.read_text() for path in FILES.iterdir()}
    assert sum(len(text.encode()) for text in texts.values()) < BYTES_AT_MOST
    for name, text in texts.items():
        assert "innerHTML" not in text, name
        assert "http:" not in text.replace("http://www.w3.org/2000/svg", ""), name
        assert "https:" not in text, name


def test_the_card_names_things_as_the_integration_does() -> None:
    """Alerts, causes and trends have one name in English, whoever shows them."""
    sensors = json.loads((FILES.parent.parent / "translations/en.json").read_text())["entity"]["sensor"]
    english = (FILES / "strings.js").read_text().partition("const GERMAN")[0]
    for sensor, left_out in (("alert", {"none"}), ("data_status", {"ok"}), ("glucose_trend", set())):
        for key, name in sensors[sensor]["state"].items():
            assert key in left_out or f'  {key}: "{name}",' in english, key


class TestDashboard:
    """Set-up offers the dashboard, once, and never fails for it."""

    @pytest.fixture(autouse=True)
    async def _commands(self, hass: HomeAssistant) -> None:
        """Offer the commands of the WebSocket, as the front end uses them."""
        assert await async_setup_component(hass, "websocket_api", {})

    @staticmethod
    async def named(hass: HomeAssistant, share: Share) -> ConfigFlowResult:
        """Return what is asked last, or the entry."""
        share.add_readings()
        flow = await submit(hass, await submit(hass, await start(hass), form(share)), PERSON)
        return await submit(hass, flow, {})

    @staticmethod
    async def done(hass: HomeAssistant, flow: ConfigFlowResult) -> None:
        """Hold the end of a set-up to this: there is an entry."""
        await hass.async_block_till_done()
        assert flow["type"] is FlowResultType.CREATE_ENTRY

    @pytest.mark.usefixtures("dashboards")
    async def test_it_is_made(self, hass: HomeAssistant, share: Share, hass_ws_client: WebSocketGenerator) -> None:
        """It stands among the user's own, shows the strategy, and can be removed like any of them."""
        flow = await self.named(hass, share)
        assert flow["step_id"] == "dashboard"
        await self.done(hass, await submit(hass, flow, {}))
        client = await hass_ws_client()
        await client.send_json_auto_id({"type": "lovelace/dashboards/list"})
        [made] = (await client.receive_json())["result"]
        assert (made["title"], made["mode"], made["show_in_sidebar"]) == ("Glucose", "storage", True)
        await client.send_json_auto_id({"type": "lovelace/config", "url_path": made["url_path"]})
        assert (await client.receive_json())["result"] == {"strategy": {"type": "custom:dexcom-share"}}
        assert not await can_add_dashboard(hass)
        await client.send_json_auto_id({"type": "lovelace/dashboards/delete", "dashboard_id": made["id"]})
        assert (await client.receive_json())["success"]
        assert await can_add_dashboard(hass)

    @pytest.mark.usefixtures("dashboards")
    async def test_it_can_be_declined(self, hass: HomeAssistant, share: Share) -> None:
        """Then nothing is made."""
        await self.done(hass, await submit(hass, await self.named(hass, share), {"add_dashboard": False}))
        assert await can_add_dashboard(hass)

    @pytest.mark.usefixtures("dashboards")
    async def test_it_is_not_offered_twice(self, hass: HomeAssistant, share: Share) -> None:
        """A dashboard of the strategy that the user has made, under whatever name, is enough."""
        hass.data[LOVELACE_DATA].dashboards["mine"] = mine = LovelaceStorage(hass, {"id": "mine", "url_path": "mine"})
        await mine.async_save({"views": []})
        assert await can_add_dashboard(hass)
        await mine.async_save(dict(STRATEGY))
        await self.done(hass, await self.named(hass, share))

    async def test_without_dashboards_it_is_not_offered(self, hass: HomeAssistant, share: Share) -> None:
        """A Home Assistant without a front end is set up as ever."""
        assert not await async_add_dashboard(hass, "Glucose")
        await self.done(hass, await self.named(hass, share))

    @pytest.mark.usefixtures("dashboards")
    async def test_what_can_not_be_read_is_not_offered(self, hass: HomeAssistant, share: Share) -> None:
        """A dashboard that breaks keeps nobody from the glucose."""
        hass.data[LOVELACE_DATA].dashboards["broken"] = broken = LovelaceStorage(hass, None)
        with patch.object(broken, "async_load", side_effect=OSError("disk")):
            await self.done(hass, await self.named(hass, share))

    @pytest.mark.usefixtures("dashboards")
    async def test_what_can_not_be_made_is_said(self, hass: HomeAssistant, share: Share) -> None:
        """The user is told how to make it, and the person is set up."""
        flow = await self.named(hass, share)
        with patch.object(LovelaceStorage, "async_save", side_effect=OSError("disk")):
            flow = await submit(hass, flow, {"add_dashboard": True})
        assert flow["step_id"] == "no_dashboard"
        await self.done(hass, await submit(hass, flow, {}))
