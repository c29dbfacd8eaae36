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
    choice = page.locator("add-automation-element-dialog")
    await choice.get_by_text("Services", exact=True).click()
    await choice.get_by_text(world.person.name, exact=True).first.click()
    await expect(choice.get_by_text("Glucose became low").first).to_be_attached()
    await choice.get_by_text("Alert raised").first.click()
    await expect(page.get_by_text("Also triggers each time the alert repeats.")).to_be_visible()

    await page.get_by_role("button", name="Add action").click()
    await choice.get_by_placeholder("Search").fill("persistent notification")
    await choice.get_by_role("button", name="Create persistent notification").click()
    await page.locator("ha-service-control wa-input input").first.fill(MESSAGE)
    # A template gets an editor in place of the plain field.
    await expect(page.locator("ha-service-control .cm-content")).to_contain_text(MESSAGE)
    await save(page)

    await world.add_reading(65)
    await update_now(api)
    await page.get_by_text("Notifications", exact=True).first.click()
    await expect(page.get_by_text("low: 65 mg/dL", exact=True)).to_be_visible()
    await picture(page, "alert_told")


async def save(page: Page) -> None:
    """Press "Save" on the page, and then in the dialog that asks for the name."""
    await page.get_by_role("button", name="Save", exact=True).click()
    dialog = page.get_by_role("dialog", name="Save", exact=True)
    await expect(dialog).to_be_visible()
    # What the dialog shows is passed into it by the element around it.
    content = page.locator("ha-dialog-automation-save")
    await expect(content.get_by_role("textbox", name="Name")).to_have_value("New automation")
    button = content.get_by_role("button", name="Save", exact=True)
    await expect(button).to_be_enabled()
    await button.click()
    await expect(dialog).to_be_hidden()
    await expect(page.get_by_role("link", name="Traces")).to_be_visible()


async def update_now(api: Api) -> None:
    """Have the reading fetched without waiting for the time at which it is expected."""
    entities = await api.entities(DOMAIN)
    await api._post("/api/services/homeassistant/update_entity", {"entity_id": entities["glucose_value"]})
