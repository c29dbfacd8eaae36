"""The action that draws a chart: where it is found, for whom and how long, and the file it can be written to."""

from collections.abc import Generator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from PIL import Image
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
import voluptuous as vol

from ..common import VALUE, Share
from ..following import act
from ..watching import Watch


@pytest.fixture(autouse=True)
async def _web_server(hass: HomeAssistant) -> None:
    """Set up what the address is served by; Home Assistant itself does so before any integration that has one."""
    assert await async_setup_component(hass, "http", {})


@pytest.fixture
def folder(hass: HomeAssistant, tmp_path: Path) -> Generator[Path]:
    """Return a folder that Home Assistant may write to."""
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    yield tmp_path
    hass.config.allowlist_external_dirs = set()


async def ask(watch: Watch, context: Context | None = None, **data: Any) -> dict[str, Any]:
    """Return what the action answers for the person."""
    response = await act(watch.hass, "draw_chart", {"device_id": watch.device_id, **data}, context=context)
    [person] = response["persons"]
    assert isinstance(person, dict)
    return person


async def test_a_chart_can_be_fetched_for_an_hour_without_a_log_in(
    hass: HomeAssistant,
    watch: Watch,
    hass_client_no_auth: ClientSessionGenerator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """By whoever has its address, and by nobody else; and it is drawn anew each time."""
    await watch.set_up(110, 108)
    path = (await ask(watch))["path"]
    client = await hass_client_no_auth()
    answer = await client.get(path)
    assert (answer.status, answer.content_type) == (200, "image/png")
    assert answer.headers["Cache-Control"] == "no-store"
    first = await answer.read()
    assert Image.open(BytesIO(first)).size == (1200, 600)
    await watch.read(60)
    assert await (await client.get(path)).read() != first
    assert (await client.get(path.replace("hours=3", "hours=6"))).status == 401
    assert (await client.get(path.partition("?")[0])).status == 401
    freezer.tick(timedelta(hours=1))
    assert (await client.get(path)).status == 401


async def test_fields_change_the_picture(
    hass: HomeAssistant, watch: Watch, hass_client_no_auth: ClientSessionGenerator
) -> None:
    """Hours, dark and the name; each makes another picture."""
    await watch.set_up(*([110] * 100))
    client = await hass_client_no_auth()
    wishes: list[dict[str, Any]] = [{}, {"hours": 24}, {"dark": True}, {"show_name": True}]
    pictures = [await (await client.get((await ask(watch, **wish))["path"])).read() for wish in wishes]
    assert len(set(pictures)) == len(wishes)


async def test_the_whole_address_is_told_where_there_is_one(hass: HomeAssistant, watch: Watch) -> None:
    """For what is no part of Home Assistant, such as a loudspeaker with a screen."""
    await watch.set_up(110)
    hass.config.internal_url = "http://home.example:8123"
    person = await ask(watch)
    assert person["name"] == "anna@example.com"
    assert person["url"] == f"http://home.example:8123{person['path']}"
    hass.config.internal_url = None
    hass.config.api = None
    assert (await ask(watch))["url"] is None


@pytest.mark.parametrize(
    ("policy", "may"),
    [({"entity_ids": {VALUE: {"read": True}}}, True), ({"entity_ids": {VALUE: {"control": True}}}, False)],
)
async def test_only_who_may_see_the_glucose_gets_a_chart(
    hass: HomeAssistant, watch: Watch, hass_client: ClientSessionGenerator, policy: dict[str, Any], may: bool
) -> None:
    """From the action, and at the address with a log-in of one's own."""
    await watch.set_up(110, 108)
    user = MockUser().add_to_hass(hass)
    user.mock_policy({"entities": policy})
    token = await hass.auth.async_create_refresh_token(user, "http://client.example")
    client = await hass_client(hass.auth.async_create_access_token(token))
    path = f"/api/dexcom_share/chart/{watch.entry.entry_id}.png"
    assert (await client.get(path)).status == (200 if may else 401)
    if may:
        await ask(watch, Context(user_id=user.id))
    else:
        with pytest.raises(Unauthorized):
            await ask(watch, Context(user_id=user.id))


async def test_what_is_not_there_is_not_found(
    hass: HomeAssistant, watch: Watch, hass_client: ClientSessionGenerator
) -> None:
    """Nobody of this id, another integration's entry, and a person who is not loaded; hours that make no sense."""
    await watch.set_up(110)
    other = MockConfigEntry(domain="sun")
    other.add_to_hass(hass)
    client = await hass_client()
    path = f"/api/dexcom_share/chart/{watch.entry.entry_id}.png"
    assert (await client.get(f"{path}?hours=12&dark=true")).status == 200
    assert (await client.get(f"{path}?hours=2")).status == 400
    assert (await client.get("/api/dexcom_share/chart/nobody.png")).status == 404
    assert (await client.get(f"/api/dexcom_share/chart/{other.entry_id}.png")).status == 404
    await hass.config_entries.async_unload(watch.entry.entry_id)
    assert (await client.get(path)).status == 404


@pytest.mark.parametrize("data", [{"hours": 2}, {"hours": 25}, {"hours": "many"}, {"dark": "perhaps"}])
async def test_fields_that_make_no_sense_are_refused(watch: Watch, data: dict[str, Any]) -> None:
    """Before anything is drawn."""
    await watch.set_up(110)
    with pytest.raises(vol.Invalid):
        await ask(watch, **data)


async def test_a_chart_is_written_where_home_assistant_may_write(watch: Watch, folder: Path) -> None:
    """Whole, in a folder that need not be there yet, over the one before; elsewhere not."""
    await watch.set_up(110)
    file = folder / "screens" / "glucose.png"
    await ask(watch, filename=str(file))
    first = file.read_bytes()
    assert Image.open(BytesIO(first)).size == (1200, 600)
    await ask(watch, filename=str(file), dark=True)
    assert file.read_bytes() != first
    assert [path.name for path in file.parent.iterdir()] == ["glucose.png"]
    with pytest.raises(ServiceValidationError) as refused:
        await ask(watch, filename="/somewhere/else.png")
    assert refused.value.translation_key == "chart_path_not_allowed"
    with pytest.raises(ServiceValidationError) as failed:
        await ask(watch, filename=str(folder / "screens"))
    assert failed.value.translation_key == "chart_not_written"


async def test_a_file_is_of_one_person(hass: HomeAssistant, share: Share, watch: Watch, folder: Path) -> None:
    """Two persons in one file would leave one of them out."""
    await watch.set_up(110)
    ben = share.simulator.add_account("ben@example.com", "secret")
    other = MockConfigEntry(
        domain="dexcom_share",
        title="Ben",
        unique_id=ben.account_id,
        data={**watch.entry.data, "username": "ben@example.com", "password": "secret"},
    )
    await share.set_up(hass, other)
    both = [watch.entry.entry_id, other.entry_id]
    devices = [device.id for device in _devices(hass, both)]
    assert len((await act(hass, "draw_chart", {"device_id": devices}))["persons"]) == 2
    with pytest.raises(ServiceValidationError) as refused:
        await act(hass, "draw_chart", {"device_id": devices, "filename": str(folder / "both.png")})
    assert refused.value.translation_key == "chart_file_several"


def _devices(hass: HomeAssistant, entry_ids: list[str]) -> list[Any]:
    """Return the devices of some persons."""
    registry = dr.async_get(hass)
    return [device for each in entry_ids for device in dr.async_entries_for_config_entry(registry, each)]


async def test_only_administrators_and_automations_write_files(
    hass: HomeAssistant, watch: Watch, folder: Path, hass_read_only_user: MockUser, hass_admin_user: MockUser
) -> None:
    """A file may lie where anybody can fetch it, so who may only look makes none."""
    await watch.set_up(110)
    file = folder / "glucose.png"
    with pytest.raises(Unauthorized):
        await ask(watch, Context(user_id=hass_read_only_user.id), filename=str(file))
    assert not file.exists()
    await ask(watch, Context(user_id=hass_admin_user.id), filename=str(file))
    assert file.exists()
