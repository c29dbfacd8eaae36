"""The card in a dashboard: a low is told and answered, a silence shows dashes, reloads lose nothing."""

import asyncio
from typing import Any, Final

from playwright.async_api import ConsoleMessage, Locator, Page, expect

from scripts.instance.api import Api

from .conftest import DESKTOP, DOMAIN, PHONE, SCREENSHOTS, World, log_in

PATH: Final = "glucose-test"
RELOADS: Final = 5


async def make_dashboard(api: Api) -> None:
    """Make the dashboard of the strategy, once."""
    if PATH in await api.dashboards():
        return
    await api._send(
        {"type": "lovelace/dashboards/create", "url_path": PATH, "title": "Glucose", "icon": "mdi:water"},
        {"type": "lovelace/config/save", "url_path": PATH, "config": {"strategy": {"type": "custom:dexcom-share"}}},
    )


async def update(api: Api) -> None:
    """Have the reading fetched at once."""
    entities = await api.entities(DOMAIN)
    await api._post("/api/services/homeassistant/update_entity", {"entity_id": entities["glucose_value"]})


async def shot(page: Page, name: str, **options: Any) -> None:
    """Keep what is seen."""
    SCREENSHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"card-{name}.png", animations="disabled", **options)


def errors_of(page: Page) -> list[str]:
    """Return the list into which errors of the page's console come."""
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "dexcom" in f"{message.text} {message.location}".lower():
            errors.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    return errors


async def opened(world: World, page: Page, view: str = "now") -> Locator:
    """Open a view of the dashboard, and return its first card."""
    await page.goto(f"{world.home_assistant.url}/{PATH}/{view}")
    card = page.locator("dexcom-share-card").first
    await expect(card).to_be_visible()
    return card


async def test_a_low_is_told_and_answered(world: World, page: Page) -> None:
    """The bar tells what and since when; a press on its button acknowledges, another one snoozes."""
    errors = errors_of(page)
    api = await log_in(world, page)
    await make_dashboard(api)
    for place, value in enumerate((182, 190, 199, 214, 230, 255, 262, 251, 230, 208, 180, 160, 141, 128, 117, 104)):
        await world.add_reading(value, minutes_ago=64 + (16 - place) * 5)
    await world.add_reading(65)
    await update(api)
    card = await opened(world, page)
    await expect(card.locator(".value")).to_have_text("65")
    await expect(card.locator(".bar .what")).to_contain_text("low")
    await expect(card.locator(".bar .told")).to_contain_text("since")
    await shot(page, "low-desktop-light")
    await card.get_by_role("button", name="Acknowledge").click()
    await expect(card.locator(".bar .told")).to_contain_text("Acknowledged")
    await card.get_by_role("button", name="Snooze 30 min").click()
    await expect(card.locator(".bar .told")).to_contain_text("Quiet until")

    curve = card.locator("svg.curve")
    await curve.focus()
    await page.keyboard.press("ArrowLeft")
    await expect(card.locator(".read")).to_contain_text("65 mg/dL")
    await page.keyboard.press("ArrowLeft")
    await expect(card.locator(".read")).to_contain_text("95 mg/dL")
    await card.locator("svg.strip").focus()
    await page.keyboard.press("PageUp")
    await expect(card.locator("svg.strip")).not_to_have_attribute("aria-valuetext", "Now")
    await page.keyboard.press("End")
    await expect(card.locator("svg.strip")).to_have_attribute("aria-valuetext", "Now")
    assert errors == []


async def test_every_view_at_every_size(world: World, page: Page) -> None:
    """No view overflows a phone, in light and dark; none complains."""
    errors = errors_of(page)
    api = await log_in(world, page)
    await make_dashboard(api)
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        for name, size in (
            ("desktop", DESKTOP),
            ("phone", PHONE),
            ("320", {"width": 320, "height": 700}),
            ("1920", {"width": 1920, "height": 1080}),
        ):
            await page.set_viewport_size(size)  # type: ignore[arg-type]
            for view in (
                ("now", "today", "profile", "alerts", "followers") if name in {"desktop", "phone"} else ("now",)
            ):
                card = page.locator("dexcom-share-card").first
                if view == "alerts":
                    await page.goto(f"{world.home_assistant.url}/{PATH}/{view}")
                    await expect(page.locator("hui-tile-card").first).to_be_visible()
                else:
                    card = await opened(world, page, view)
                    await expect(card.locator("ha-card")).to_be_visible()
                    assert await card.evaluate("card => card.scrollWidth <= card.clientWidth + 1")
                await asyncio.sleep(0.3)
                await shot(page, f"{view}-{name}-{scheme}")
    assert errors == []


async def test_the_element_is_there_after_every_reload(world: World, page: Page) -> None:
    """However often the page is loaded, the card is defined."""
    api = await log_in(world, page)
    await make_dashboard(api)
    card = await opened(world, page)
    for _ in range(RELOADS):
        await page.reload()
        await expect(card.locator(".value")).to_be_visible()


async def test_mmol_and_german(world: World, page: Page) -> None:
    """Unit and language are the user's."""
    api = await log_in(world, page)
    await make_dashboard(api)
    entity = (await api.entities(DOMAIN))["glucose_value"]
    options = {"type": "config/entity_registry/update", "entity_id": entity, "options_domain": "sensor"}
    await api._send({**options, "options": {"unit_of_measurement": "mmol/L"}})
    await page.add_init_script("localStorage.selectedLanguage = JSON.stringify('de')")
    try:
        card = await opened(world, page)
        await expect(card.locator(".value")).to_have_text("3,6")
        await expect(card.locator(".word")).to_contain_text("Niedrig")
        await shot(page, "german-mmol")
    finally:
        await api._send({**options, "options": None})


async def test_a_silence_shows_dashes(world: World, page: Page) -> None:
    """Once no reading has come for too long there is no number, but a cause in words."""
    api = await log_in(world, page)
    await make_dashboard(api)
    await page.clock.install()
    card = await opened(world, page)
    await expect(card.locator(".value")).to_be_visible()
    await page.clock.fast_forward("12:00")
    await expect(card.locator(".value")).to_have_text("– –")
    await expect(card.locator(".cause")).not_to_be_empty()
    await shot(page, "stale")


async def test_night_clock_and_tile(world: World, page: Page) -> None:
    """Small and large they show the same value; the form and the suggestion know the persons."""
    errors = errors_of(page)
    api = await log_in(world, page)
    path = "glucose-views"
    cards = [
        {"type": "custom:dexcom-share-card", "view": view, "grid_options": {"columns": columns}}
        for view, columns in (("night", 12), ("tile", 6))
    ]
    config = {"views": [{"type": "sections", "sections": [{"type": "grid", "cards": cards}]}]}
    await api.add_dashboard(path, title="Views", icon="mdi:water", config=config)
    await page.goto(f"{world.home_assistant.url}/{path}")
    values = page.locator("dexcom-share-card .value")
    await expect(values).to_have_count(2)
    assert await values.nth(0).text_content() == await values.nth(1).text_content()
    form = await page.evaluate("customElements.get('dexcom-share-card').getConfigForm()")
    assert [option["label"] for option in form["schema"][0]["selector"]["select"]["options"]] == [world.person.name]
    entities = await api.entities(DOMAIN)
    suggest = "id => customCards[0].getEntitySuggestion(document.querySelector('home-assistant').hass, id)"
    assert (await page.evaluate(suggest, entities["glucose_value"]))["config"]["entity"] == entities["glucose_value"]
    assert await page.evaluate(suggest, entities["glucose_change"]) is None
    await shot(page, "night-and-tile")
    assert errors == []
