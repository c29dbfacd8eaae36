"""An automation on an alert, made by hand in the editor, runs when glucose is low."""

from typing import Final

from playwright.async_api import Page, expect

from scripts.instance.api import Api

from .conftest import DOMAIN, World, log_in, picture

MESSAGE: Final = "{{ trigger.kind }}: {{ trigger.value }} {{ trigger.unit }}"


async def test_an_automation_made_by_hand_runs_at_a_low(world: World, page: Page) -> None:
    """The editor offers what a person's alerts tell, and the automation has its say."""
    api = await log_in(world, page)

    await page.goto(f"{world.home_assistant.url}/config/automation/edit/new")
    await page.get_by_role("button", name="Add trigger").click()
    await page.get_by_text("Services", exact=True).click()
    await page.get_by_text(world.person.username).first.click()
    await expect(page.get_by_text("Glucose became low").first).to_be_attached()
    await page.get_by_text("Alert raised").first.click()
    await expect(page.get_by_text("Also triggers each time the alert repeats.")).to_be_visible()

    await page.get_by_role("button", name="Add action").click()
    await page.keyboard.type("persistent notification")
    await page.get_by_text("Create persistent notification").first.click()
    await page.locator("ha-service-control wa-input input").first.fill(MESSAGE)
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("button", name="Save", exact=True).last.click()
    await expect(page.get_by_text("Traces")).to_be_visible()

    await world.add_reading(65)
    await look_now(api)
    await page.get_by_text("Notifications", exact=True).first.click()
    await expect(page.get_by_text("low: 65 mg/dL", exact=True)).to_be_visible()
    await picture(page, "alert_told")


async def look_now(api: Api) -> None:
    """Have the reading fetched without waiting for the time at which it is expected."""
    entities = await api.entities(DOMAIN)
    await api._post("/api/services/homeassistant/update_entity", {"entity_id": entities["glucose_value"]})
