"""Take the picture for the README from a demo that runs: python -m scripts.instance.picture [ADDRESS]."""

import asyncio
import json
import sys
from typing import Final

import aiohttp
from playwright.async_api import ViewportSize, async_playwright, expect

from . import dashboard
from .api import Api, Owner
from .browser import FLAGS, find
from .home_assistant import ROOT

PICTURE: Final = ROOT / "docs/images/dashboard.png"
WAIT_MS: Final = 60_000
SIZE: Final = ViewportSize(width=1180, height=600)


async def _take(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        api = Api(session, url)
        await api.sign_in(Owner())
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find(), args=list(FLAGS))
        page = await browser.new_page(viewport=SIZE, reduced_motion="reduce", locale="en-US", device_scale_factor=1.5)
        await page.add_init_script(f"localStorage.setItem('hassTokens', {json.dumps(api.browser_tokens)})")
        await page.goto(f"{url}/{dashboard.PATH}")
        await expect(page.locator("dexcom-share-card .value")).to_be_visible(timeout=WAIT_MS)
        PICTURE.parent.mkdir(exist_ok=True)
        await page.screenshot(path=PICTURE)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(_take(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8123"))
