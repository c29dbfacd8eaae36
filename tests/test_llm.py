"""The tool for language models, as Home Assistant hands it to them: who is told of whom, and what."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.models import User
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.llm import async_get_tools as get_tools_of_all
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.llm import LLMContext, ToolInput, ToolResult
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.dexcom_share import llm

from .common import MINUTE, VALUE, Share, pass_time

TOOL = "dexcom_share__get_glucose"
ASSISTANT = "conversation"


@pytest.fixture(autouse=True)
async def _exposed(hass: HomeAssistant, share: Share, entry: MockConfigEntry, freezer: FrozenDateTimeFactory) -> None:
    """Set up a person whose glucose is exposed."""
    assert await async_setup_component(hass, "homeassistant", {})
    freezer.move_to("2026-11-22 12:00:20+00:00")
    await hass.config.async_set_time_zone("UTC")
    share.add_readings(118, 104)
    await share.set_up(hass, entry)
    async_expose_entity(hass, ASSISTANT, VALUE, should_expose=True)


def asked_by(
    user: User | MockUser | None = None, assistant: str | None = ASSISTANT, language: str = "en"
) -> LLMContext:
    """Return who asks by which assistant."""
    return LLMContext(
        platform="test",
        context=Context(user_id=user.id) if user else None,
        language=language,
        assistant=assistant,  # type: ignore[arg-type]
        device_id=None,
    )


async def ask(hass: HomeAssistant, context: LLMContext, api_id: str = "assist", **args: str) -> ToolResult | None:
    """Return what the tool answers, None where there is no tool."""
    tools = llm.async_get_tools(hass, context, api_id)
    if tools is None:
        return None
    [tool] = tools.tools
    result = await tool.async_call(hass, ToolInput(tool_name=TOOL, tool_args=args), context)
    assert isinstance(result, ToolResult)
    return result


async def persons(hass: HomeAssistant, context: LLMContext, api_id: str = "assist", **args: str) -> list[Any]:
    """Return the persons that are told of."""
    result = await ask(hass, context, api_id, **args)
    assert result
    found = result.data["persons"]
    assert isinstance(found, list)
    return found


async def test_home_assistant_finds_the_tool(hass: HomeAssistant) -> None:
    """It reads only, and carries the prefix and the domain that Home Assistant asks for."""
    assert await async_setup_component(hass, "llm", {})
    await hass.async_block_till_done()
    found = await get_tools_of_all(hass, asked_by(), "assist")
    [tool] = [tool for tool in found.tools if tool.integration == "dexcom_share"]
    assert tool.name == TOOL
    assert tool.annotations.read_only
    assert not tool.annotations.destructive
    assert tool.parameters({"person": "Anna"}) == {"person": "Anna"}


@pytest.mark.parametrize("api_id", ["assist", "homeassistant"])
async def test_tells_what_is_known(hass: HomeAssistant, api_id: str) -> None:
    """In words and in the user's unit, with its age."""
    [person] = await persons(hass, asked_by(), api_id)
    assert person == {
        "name": "anna@example.com",
        "summary": "The glucose of anna@example.com is 104 mg/dL, steady.",
        "current": {"value": "104 mg/dL", "trend": "steady", "age_minutes": 0, "range": "in_range"},
        "unknown_since": None,
        "reason_unknown": None,
        "time_in_range_24h_percent": 100,
        "time_in_range_is_of_sufficient_data": False,
        "alerts": [],
        "alerts_muted": False,
    }


async def test_tells_the_unit_of_the_person(hass: HomeAssistant) -> None:
    """The one that is chosen for the sensor."""
    er.async_get(hass).async_update_entity_options(VALUE, "sensor", {"unit_of_measurement": "mmol/L"})
    [person] = await persons(hass, asked_by())
    assert person["current"]["value"] == "5.8 mmol/L"


async def test_tells_no_old_value(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """But since when the glucose is not known, and why."""
    await pass_time(hass, freezer, timedelta(minutes=30))
    [person] = await persons(hass, asked_by())
    assert person["current"] is None
    assert person["unknown_since"] == "2026-11-22T12:00:00+00:00"
    assert person["reason_unknown"] == "not_uploading"
    assert "104" not in str(person)


async def test_tells_no_statistics_while_nobody_knows_the_time(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Neither is the value current then."""
    glucose = entry.runtime_data.glucose
    with patch.object(type(glucose.data), "current", None):
        glucose.data = type(glucose.data)(is_time_known=False)
        [person] = await persons(hass, asked_by())
    assert person["current"] is None
    assert person["unknown_since"] is None
    assert person["time_in_range_24h_percent"] is None


async def test_tells_alerts(hass: HomeAssistant, share: Share, freezer: FrozenDateTimeFactory) -> None:
    """In words, with whether they were answered."""
    share.add_reading(52, ago=timedelta(0))
    freezer.tick(5 * MINUTE)
    share.add_reading(51)
    await pass_time(hass, freezer, MINUTE)
    [person] = await persons(hass, asked_by())
    assert person["alerts"][0] == {"kind": "urgent low", "status": "active", "last_known": False}


async def test_exposure_is_honoured(hass: HomeAssistant) -> None:
    """Also when it ends between the offer of the tool and its call."""
    context = asked_by()
    tools = llm.async_get_tools(hass, context, "assist")
    assert tools
    async_expose_entity(hass, ASSISTANT, VALUE, should_expose=False)
    result = await tools.tools[0].async_call(hass, ToolInput(tool_name=TOOL, tool_args={}), context)
    assert isinstance(result, ToolResult)
    assert result.error
    assert result.data["persons"] == []
    for api_id in ("assist", "homeassistant"):
        assert await ask(hass, context, api_id) is None


async def test_there_is_no_tool_elsewhere(hass: HomeAssistant) -> None:
    """Neither for another API, nor for Assist without an assistant, nor for a sensor that is gone."""
    assert await ask(hass, asked_by(), "another") is None
    assert await ask(hass, asked_by(assistant=None)) is None
    er.async_get(hass).async_remove(VALUE)
    assert await ask(hass, asked_by()) is None


async def test_a_user_must_be_allowed_to_read(hass: HomeAssistant) -> None:
    """A user who may not, or is gone, is told of nobody."""
    allowed = MockUser().add_to_hass(hass)
    allowed.mock_policy({"entities": {"entity_ids": {VALUE: {"read": True}}}})
    assert await persons(hass, asked_by(allowed))
    refused = MockUser().add_to_hass(hass)
    refused.mock_policy({})
    for user in (refused, MockUser()):
        assert await persons(hass, asked_by(user)) == []


async def test_without_an_assistant_the_permission_counts(hass: HomeAssistant) -> None:
    """Home Assistant's own API may come without one; then a user must ask."""
    user = MockUser(is_owner=True).add_to_hass(hass)
    assert await persons(hass, asked_by(user, assistant=None), "homeassistant")
    assert await persons(hass, asked_by(assistant=None), "homeassistant") == []


async def test_one_person_can_be_named(hass: HomeAssistant) -> None:
    """By a part of the name; for a name nobody has, those there are are told."""
    assert await persons(hass, asked_by(), person="ANNA")
    result = await ask(hass, asked_by(), person="Bert")
    assert result
    assert result.error
    assert result.data["persons"] == ["anna@example.com"]


async def test_answers_in_the_language_of_the_question(hass: HomeAssistant) -> None:
    """Whatever the language of the server is."""
    german = {
        "speech_value": "{value} {unit}",
        "speech_trend_steady": "gleichbleibend",
        "speech_current_trend": "Glukose von {person}: {value}, {trend}.",
    }

    async def translations(hass: HomeAssistant, language: str, category: str, domains: set[str]) -> dict[str, str]:
        assert (language, category, domains) == ("de", "common", {"dexcom_share"})
        return {f"component.dexcom_share.common.{key}": text for key, text in german.items()}

    with patch("custom_components.dexcom_share.display.texts.async_get_translations", translations):
        [person] = await persons(hass, asked_by(language="de"))
    assert person["summary"] == "Glukose von anna@example.com: 104 mg/dL, gleichbleibend."
    assert person["current"]["trend"] == "gleichbleibend"
