"""A fresh Home Assistant, a Share server with one person, and a browser."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Final

import aiohttp
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect
import pytest

from scripts.instance.api import Api, Owner
from scripts.instance.browser import FLAGS, find
from scripts.instance.home_assistant import HomeAssistant, Settings, prepare
from scripts.instance.program import free_port
from scripts.instance.simulator import ShareServer

DOMAIN: Final = "dexcom_share"
SCREENSHOTS: Final = Path(__file__).parent / "screenshots"
DESKTOP: Final = ViewportSize(width=1280, height=800)
PHONE: Final = ViewportSize(width=390, height=844)
WRONG_PASSWORD: Final = "wrong horse"
WAIT_MS: Final = 60_000

expect.set_options(timeout=WAIT_MS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who shares their glucose."""

    name: str = "Anna"
    username: str = "anna@example.com"
    password: str = "correct horse"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The two servers, and what can be asked of them directly."""

    home_assistant: HomeAssistant
    share: ShareServer
    session: aiohttp.ClientSession
    person: Person

    async def add_reading(self, value: int, *, minutes_ago: float = 0) -> None:
        """Let the sensor take a reading."""
        await self._control("readings", {"value": value, "trend": "Flat", "minutes_ago": minutes_ago})

    async def _control(self, path: str, body: dict[str, object]) -> None:
        body = {"account": self.person.username, **body}
        async with self.session.post(f"{self.share.url}/_simulator/{path}", json=body) as response:
            assert response.ok, await response.text()


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Start Home Assistant as after its installation, and a Share server with one person without readings."""
    folder = tmp_path_factory.mktemp("home_assistant")
    settings = Settings(folder=folder, port=free_port(), log_level="debug")
    prepare(settings)
    person = Person()
    async with (
        ShareServer(port=0, log=folder / "simulator.log") as share,
        HomeAssistant(settings) as home_assistant,
        aiohttp.ClientSession() as session,
    ):
        await share.ready()
        await home_assistant.ready(session)
        account = {"name": person.username, "password": person.password, "empty": True}
        async with session.post(f"{share.url}/_simulator/accounts", json=account) as response:
            assert response.ok, await response.text()
        yield World(home_assistant=home_assistant, share=share, session=session, person=person)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Start the browser."""
    path = find()
    assert path is not None, "there is no Chromium; scripts/setup browser gets one"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """Open a page for a visitor who was never here; the last sight of it is kept."""
    context = await browser.new_context(viewport=DESKTOP, reduced_motion="reduce", locale="en-US")
    context.set_default_timeout(WAIT_MS)
    page = await context.new_page()
    yield page
    await picture(page, "last")
    await context.close()


async def log_in(world: World, page: Page, *, is_set_up: bool = True) -> Api:
    """Be the owner in the browser, with the person set up if wanted, whatever was done before."""
    api = Api(world.session, world.home_assistant.url)
    await api.sign_in(Owner())
    if is_set_up and not await api.entries(DOMAIN):
        for minutes in range(60, 0, -5):
            await world.add_reading(95, minutes_ago=minutes - 0.3)
        person = world.person
        server = {"base_url": world.share.base_url}
        form = {"region": "us", "username": person.username, "password": person.password, "server": server}
        await api.add(DOMAIN, form, {"person": {"name": person.name, "unit": "mg/dL"}})
    await page.add_init_script(f"localStorage.hassTokens = {json.dumps(api.browser_tokens)}")
    return api


async def picture(page: Page, name: str) -> None:
    """Keep what is seen, on a desktop and on a phone."""
    SCREENSHOTS.mkdir(exist_ok=True)
    for device, viewport in (("phone", PHONE), ("desktop", DESKTOP)):
        await page.set_viewport_size(viewport)
        await page.screenshot(path=SCREENSHOTS / f"{name}-{device}.png", animations="disabled")
