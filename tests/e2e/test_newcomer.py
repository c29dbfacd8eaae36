"""A newcomer, from the form to glucose on the dashboard and an alert on the phone, without YAML or a manual."""

from collections.abc import AsyncIterator
import time
from typing import Any, Final

from aiohttp import web
from playwright.async_api import Page, expect
import pytest

from scripts.instance.program import free_port

from .conftest import DESKTOP, DOMAIN, PHONE, SCREENSHOTS, World, log_in, picture
from .test_set_up import check_log, open_form

PHONE_NAME: Final = "Mum's phone"
ENOUGH_SECONDS: Final = 180
VALUES: Final = (142, 151, 163, 170, 174, 171, 165, 158, 150, 141, 133, 127, 122, 118, 115, 113, 112, 112, 111, 111)


class Phone:
    """What a phone with the app shows."""

    def __init__(self) -> None:
        """Begin without notifications."""
        self.url = f"http://127.0.0.1:{free_port()}/push"
        self.shown: list[dict[str, Any]] = []

    async def push(self, request: web.Request) -> web.Response:
        """Show a notification."""
        self.shown.append(await request.json())
        return web.json_response({}, status=201)

    def titles(self) -> list[str | None]:
        """Return the titles of what is shown."""
        return [each.get("title") for each in self.shown]


@pytest.fixture
async def phone() -> AsyncIterator[Phone]:
    """Return a phone that is reached."""
    phone = Phone()
    app = web.Application()
    app.router.add_post("/push", phone.push)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(phone.url.rpartition(":")[2].removesuffix("/push"))).start()
    yield phone
    await runner.cleanup()


async def test_from_the_form_to_glucose_and_an_alert(world: World, page: Page, phone: Phone) -> None:
    """Log in, name, phone with a test, dashboard: under three minutes; then a low reaches the phone by itself."""
    api = await log_in(world, page, is_set_up=False)
    await api.running()
    await api.register_phone(PHONE_NAME, phone.url)
    for place, value in enumerate(reversed(VALUES)):
        await world.add_reading(value, minutes_ago=place * 5 + 4.7)
    await page.goto(f"{world.home_assistant.url}/config/integrations/dashboard")
    begun = time.monotonic()
    await open_form(page)
    await page.get_by_role("textbox", name="User name").fill(world.person.username)
    await page.get_by_role("textbox", name="Password").fill(world.person.password)
    await page.get_by_role("button", name="Another server").click()
    await page.get_by_role("textbox", name="Address").fill(world.share.base_url)
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_role("textbox", name="Name")).to_have_value(world.person.name)
    await page.get_by_role("button", name="Submit").click()

    await choose_phone(page)
    await picture(page, "phones")
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_text("Did the test arrive?")).to_be_visible()
    assert phone.titles() == [world.person.name]
    await picture(page, "test_sent")
    await page.get_by_text("It arrived on every phone").click()

    await expect(page.get_by_text("Add the dashboard")).to_be_visible()
    await picture(page, "offered_dashboard")
    await page.get_by_role("button", name="Submit").click()
    await page.get_by_role("button", name="Skip and finish").click()
    await page.reload()
    await page.get_by_role("link", name="Glucose").click()
    card = page.locator("dexcom-share-card").first
    await expect(card.locator(".value")).to_have_text(str(VALUES[-1]))
    assert time.monotonic() - begun < ENOUGH_SECONDS

    await seen(page, "light", DESKTOP)
    await seen(page, "dark", PHONE)
    assert world.person.username not in await page.locator("body").inner_text()

    await world.add_reading(65)
    entities = await api.entities(DOMAIN)
    await api._post("/api/services/homeassistant/update_entity", {"entity_id": entities["glucose_value"]})
    await expect(card.locator(".value")).to_have_text("65")
    told = phone.shown[-1]
    assert told["title"] == world.person.name
    assert "65 mg/dL" in told["message"]
    assert told["data"]["push"]["interruption-level"] == "critical"
    await seen(page, "dark", PHONE, name="low")
    check_log(world)


async def choose_phone(page: Page) -> None:
    """Pick the phone, and ask for a test."""
    await expect(page.get_by_text("Whose phones?")).to_be_visible()
    await page.locator("ha-selector-device ha-picker-field").click()
    await page.get_by_role("option", name=PHONE_NAME).click()
    await expect(page.locator("ha-selector-device")).to_contain_text(PHONE_NAME)
    await page.get_by_role("switch", name="Send a test").press("Space")


async def seen(page: Page, scheme: str, size: Any, name: str = "dashboard") -> None:
    """Keep what is seen on a screen of this size, in light or dark."""
    SCREENSHOTS.mkdir(exist_ok=True)
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.set_viewport_size(size)
    await expect(page.locator("dexcom-share-card").first.locator("svg.curve")).to_be_visible()
    path = SCREENSHOTS / f"newcomer-{name}-{size['width']}-{scheme}.png"
    await page.screenshot(path=path, animations="disabled")
