"""From a fresh Home Assistant to a glucose value on the screen, all of it by hand."""

import os
import re
from typing import Final

from playwright.async_api import Locator, Page, expect

from scripts.instance.api import Owner

from .conftest import WRONG_PASSWORD, World, picture

OWNER: Final = Owner()
NEXT_READING_MS: Final = 180_000
UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


async def test_a_person_is_set_up_by_hand(world: World, page: Page) -> None:
    """A wrong password is explained, the right one leads to the value on the server, and a new reading is followed."""
    await page.goto(world.home_assistant.url)
    await make_owner(page)

    await page.get_by_role("link", name="Settings").click()
    await page.get_by_role("link", name="Devices & services").click()
    await open_form(page)
    await expect(page.get_by_text("The password of that account.")).to_be_visible()
    await picture(page, "form")
    await page.get_by_role("textbox", name="User name").fill(world.person.username)
    await page.get_by_role("textbox", name="Password").fill(WRONG_PASSWORD)
    await page.get_by_role("button", name="Another server").click()
    await page.get_by_role("textbox", name="Address").fill(world.share.base_url)
    await page.get_by_role("button", name="Submit").click()

    await expect(page.locator("ha-alert")).to_contain_text("Share refused this log-in")
    await expect(page.get_by_role("textbox", name="User name")).to_have_value(world.person.username)
    await expect(page.get_by_role("textbox", name="Password")).to_have_value("")
    await page.get_by_role("button", name="Another server").click()
    await expect(page.get_by_role("textbox", name="Address")).to_have_value(world.share.base_url)
    await picture(page, "wrong_password")

    for minutes in range(60, 0, -5):
        await world.add_reading(118, minutes_ago=minutes - 0.3)
    await page.get_by_role("textbox", name="Password").fill(world.person.password)
    await page.get_by_role("button", name="Submit").click()

    await expect(page.get_by_role("textbox", name="Name")).to_have_value(world.person.name)
    await expect(page.get_by_role("radio", name="mg/dL")).to_be_checked()
    await picture(page, "name_and_unit")
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_text("no alert reaches a phone")).to_be_visible()
    await picture(page, "no_phones")
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_text("Add the dashboard")).to_be_visible()
    await page.get_by_role("button", name="Submit").click()
    await page.get_by_role("button", name="Skip and finish").click()

    await page.get_by_role("link", name="Dexcom Share").click()
    await page.locator("ha-config-entry-device-row", has_text=world.person.name).click()
    await expect(row(page, "Glucose value")).to_contain_text("118 mg/dL")
    await expect(row(page, "Glucose trend")).to_contain_text("Steady")
    await picture(page, "person")

    await world.add_reading(131)
    await expect(row(page, "Glucose value")).to_contain_text("131 mg/dL", timeout=NEXT_READING_MS)
    await expect(row(page, "Glucose change")).to_contain_text("13 mg/dL")
    await picture(page, "next_reading")

    assert world.person.username not in await page.locator("body").inner_text()
    check_log(world)


async def make_owner(page: Page) -> None:
    """Go through the screens that a fresh Home Assistant shows."""
    await page.get_by_role("button", name="Create my smart home").click()
    await page.get_by_role("textbox", name=re.compile("^Name")).fill(OWNER.name)
    await page.get_by_role("textbox", name=re.compile("^Username")).fill(OWNER.username)
    await page.get_by_role("textbox", name=re.compile("^Password")).fill(OWNER.password)
    await page.get_by_role("textbox", name=re.compile("^Confirm password")).fill(OWNER.password)
    await page.get_by_role("button", name="Create account").click()
    await page.get_by_role("button", name="Finish").click()


async def open_form(page: Page) -> None:
    """Find the integration among all others."""
    await page.get_by_role("button", name="Add integration").click()
    await page.get_by_placeholder("Search for a brand name").fill("Dexcom Share")
    await page.get_by_role("button", name="Dexcom Share", exact=True).click()


def row(page: Page, name: str) -> Locator:
    """Return the row of an entity on the page of its device."""
    return page.locator("hui-sensor-entity-row", has_text=name)


def check_log(world: World) -> None:
    """Hold the log to this: it follows what happens, complains of nothing, and knows no secrets and no names."""
    text = world.home_assistant.home_assistant_log.read_text()
    ours = [line for line in text.splitlines() if "[custom_components.dexcom_share" in line]
    assert any(" DEBUG " in line for line in ours)
    assert [line for line in ours if " DEBUG " not in line and " INFO " not in line] == []
    assert [line for line in ours if UUID.search(line)] == []
    for secret in (world.person.username, world.person.password, WRONG_PASSWORD):
        assert secret not in text
    # aiohttp itself fails to write where the browser has just left a page; that is none of ours.
    tracebacks = text.split("Traceback")[1:]
    assert [each for each in tracebacks if "Cannot write to closing transport" not in each] == []
    assert f"custom_components{os.sep}dexcom_share{os.sep}" not in text
