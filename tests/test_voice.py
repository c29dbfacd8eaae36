"""The question that Home Assistant's own voice assistant answers: what the glucose of a person is."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity, async_should_expose
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.intent import IntentResponseErrorCode, IntentResponseType
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .common import VALUE, Share, pass_time

pytest.importorskip("hassil", reason="the sentences of the assistant come with a package of its own")

QUESTIONS = {"en": "what is the glucose value of Anna", "de": "was ist Glukose Anna"}


@pytest.fixture(autouse=True)
async def assistant(hass: HomeAssistant, share: Share, entry: MockConfigEntry) -> None:
    """Set up the assistant, and a person whose glucose has a name that can be spoken, exposed to it."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "conversation", {})
    share.add_readings(118, 104)
    await share.set_up(hass, entry)
    er.async_get(hass).async_update_entity(VALUE, aliases=["glucose value of Anna", "Glukose Anna"])
    async_expose_entity(hass, "conversation", VALUE, should_expose=True)
    await hass.async_block_till_done()


async def ask(hass: HomeAssistant, language: str = "en") -> tuple[IntentResponseType, str]:
    """Return what kind of answer there is, and how it is spoken."""
    # Imported here: the module can't be loaded without the package that the tests are skipped for.
    from homeassistant.components.conversation import async_converse

    result = await async_converse(hass, QUESTIONS[language], None, Context(), language)
    if result.response.error_code:
        assert result.response.error_code is IntentResponseErrorCode.NO_VALID_TARGETS
    return result.response.response_type, result.response.speech["plain"]["speech"]


@pytest.mark.parametrize("language", QUESTIONS)
async def test_tells_the_value_with_its_unit(hass: HomeAssistant, language: str) -> None:
    """In the language of the one who asks."""
    kind, speech = await ask(hass, language)
    assert kind is IntentResponseType.QUERY_ANSWER
    assert "104 mg/dL" in speech


async def test_tells_the_unit_of_the_person(hass: HomeAssistant) -> None:
    """The one that is chosen for the sensor."""
    er.async_get(hass).async_update_entity_options(VALUE, "sensor", {"unit_of_measurement": "mmol/L"})
    await hass.async_block_till_done()
    assert "5.8 mmol/L" in (await ask(hass))[1]


async def test_tells_no_old_value(hass: HomeAssistant, share: Share, freezer: FrozenDateTimeFactory) -> None:
    """What is too old to be current is not known."""
    await pass_time(hass, freezer, timedelta(minutes=30))
    _, speech = await ask(hass)
    assert "104" not in speech
    assert "unknown" in speech.lower()


async def test_tells_nothing_that_is_not_exposed(hass: HomeAssistant) -> None:
    """The user decides what is spoken aloud."""
    async_expose_entity(hass, "conversation", VALUE, should_expose=False)
    kind, speech = await ask(hass)
    assert kind is IntentResponseType.ERROR
    assert "104" not in speech


async def test_exposes_nothing_by_itself(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Alerts can't be muted, snoozed or acknowledged by voice unless the user exposes what does it."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    exposed = {each.entity_id for each in entities if async_should_expose(hass, "conversation", each.entity_id)}
    assert exposed == {VALUE}
