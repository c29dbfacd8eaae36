"""A follower is invited, seen and removed in Developer tools > Actions."""

import re
from typing import Final

from playwright.async_api import Locator, Page, expect

from .conftest import World, log_in, picture

FOLLOWER: Final = ("Grandma", "grandma@example.org", "Anna")


async def test_a_follower_is_invited_seen_and_removed(world: World, page: Page) -> None:
    """The form invites for one evening, the response shows the follower, and removing takes them away again."""
    await log_in(world, page)
    await open_action(world, page, "invite_follower")
    fields = page.locator("ha-service-control ha-selector-text input:visible")
    for place, text in enumerate(FOLLOWER):
        await fields.nth(place).fill(text)
    await page.get_by_role("button", name="For some time only").click()
    row = await tick(page, "After what time the follower is to be removed")
    await row.locator("ha-selector-duration input").nth(1).fill("6")
    await picture(page, "invite_follower")
    await perform(page)
    await expect(page.get_by_text("state: invited")).to_be_visible()
    await expect(page.get_by_text(re.compile(r"removed_at: \W?20"))).to_be_visible()
    assert "Grandma" in await followers(world)

    await open_action(world, page, "list_followers")
    await perform(page)
    await expect(page.get_by_text("name: Grandma")).to_be_visible()
    await picture(page, "list_followers")

    await open_action(world, page, "remove_follower")
    row = await tick(page, "The name of the follower")
    await row.locator("ha-selector-text input").fill("Grandma")
    await perform(page)
    await expect(page.get_by_text("state: removed")).to_be_visible()
    assert "Grandma" not in await followers(world)


async def open_action(world: World, page: Page, name: str) -> None:
    """Open the form of an action."""
    await page.goto(f"{world.home_assistant.url}/config/developer-tools/action")
    await page.locator("ha-service-picker").click()
    await page.locator("ha-picker-combo-box").get_by_placeholder("Search").fill(f"dexcom_share.{name}")
    await page.get_by_role("option").filter(has=page.get_by_text(f"dexcom_share.{name}", exact=True)).click()
    await expect(page.locator("ha-service-picker")).to_contain_text(f"dexcom_share.{name}")


async def followers(world: World) -> set[str]:
    """Return the names of those whom Share knows."""
    async with world.session.get(f"{world.share.url}/_simulator/state") as response:
        state = await response.json()
    return {one["name"] for account in state["accounts"] for one in account["followers"]}


async def tick(page: Page, text: str) -> Locator:
    """Make use of an optional field, and return its row."""
    row = page.locator("ha-settings-row", has_text=text)
    checkbox = row.get_by_role("checkbox")
    # By key: descriptions come later than the fields and move them, so that a click can miss.
    await checkbox.press("Space")
    await expect(checkbox).to_be_checked()
    return row


async def perform(page: Page) -> None:
    """Perform the action in the form."""
    await page.get_by_role("button", name="Perform action").click()
