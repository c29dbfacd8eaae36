"""A tool for language models: it reads what is known of the glucose of the persons they may be told of."""

from datetime import timedelta
from typing import Final, override

from homeassistant.auth.models import User
from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.components.llm import LLMTools
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.llm import LLM_API_ASSIST, LLMContext, Tool, ToolAnnotations, ToolInput, ToolResult
from homeassistant.util.json import JsonObjectType, JsonValueType
import voluptuous as vol

from .actions.persons import READ_GLUCOSE, may
from .const import DOMAIN
from .display.speech import person_name, spoken, spoken_trend, spoken_value
from .display.texts import Say, async_say
from .display.times import local_iso
from .display.units import glucose_unit
from .glucose.snapshot import Snapshot
from .person import DexcomShareConfigEntry

# The id of the API for administrators; older versions of Home Assistant have no name for it.
API_IDS: Final = frozenset({LLM_API_ASSIST, "homeassistant"})

DESCRIPTION: Final = (
    "Returns what is known of people's glucose: value, trend and age of the current reading, alerts, and the time in "
    "range of the last 24 hours. Where `current` is null, the glucose is not known: say so and since when, and name no "
    "earlier value. Read only. It gives no basis for treatment or doses."
)


@callback
def async_get_tools(hass: HomeAssistant, llm_context: LLMContext, api_id: str) -> LLMTools | None:
    """Return the tool where somebody is exposed to the assistant; what the user may read is seen at each call."""
    if api_id not in API_IDS or not _exposed(hass, llm_context, api_id):
        return None
    return LLMTools(tools=[GetGlucoseTool(api_id)])


class GetGlucoseTool(Tool):
    """Tells the glucose of now, or that it is not known."""

    name = f"{DOMAIN}__get_glucose"
    title = "Get glucose"
    description = DESCRIPTION
    parameters = vol.Schema({vol.Optional("person", description="Name of one person; all when left out"): cv.string})
    annotations = ToolAnnotations(read_only=True, destructive=False, idempotent=True, open_world=False)
    integration = DOMAIN

    def __init__(self, api_id: str) -> None:
        """Answer for one API."""
        self._api_id = api_id

    @override
    async def async_call(self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext) -> ToolResult:
        """Return what is known of those who may be told of; exposure and permission are as they are by now."""
        user, is_allowed = await _user(hass, llm_context)
        say = await async_say(hass, llm_context.language)
        persons = {
            entry.entry_id: (person_name(hass, entry), entry)
            for entry in _exposed(hass, llm_context, self._api_id)
            if is_allowed and (user is None or may(hass, user, entry, READ_GLUCOSE))
        }
        asked = str(tool_input.tool_args.get("person") or "").strip().casefold()
        found = [(name, entry) for name, entry in persons.values() if asked in name.casefold()]
        if not found:
            names: list[JsonValueType] = [name for name, _ in persons.values()]
            return ToolResult(data={"error": "There is no such person to tell of", "persons": names}, error=True)
        for _, entry in found:
            await entry.runtime_data.glucose.windows.async_load()
        return ToolResult(data={"persons": [_told(hass, entry, name, say) for name, entry in found]})


async def _user(hass: HomeAssistant, llm_context: LLMContext) -> tuple[User | None, bool]:
    """Return who asks, None where that is no user, and whether they may ask at all: a user who is gone may not."""
    user_id = llm_context.context.user_id if llm_context.context else None
    user = await hass.auth.async_get_user(user_id) if user_id else None
    return user, user is not None or (not user_id and bool(llm_context.assistant))


@callback
def _exposed(hass: HomeAssistant, llm_context: LLMContext, api_id: str) -> list[DexcomShareConfigEntry]:
    """Return the persons who are loaded, and whose glucose is exposed to the assistant.

    Outside of Assist there may be no assistant to expose something to; then the permission of the user alone counts.
    """
    registry = er.async_get(hass)
    entries: list[DexcomShareConfigEntry] = []
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        entity_id = registry.async_get_entity_id(Platform.SENSOR, DOMAIN, f"{entry.unique_id}_value")
        if llm_context.assistant:
            if entity_id and async_should_expose(hass, llm_context.assistant, entity_id):
                entries.append(entry)
        elif api_id != LLM_API_ASSIST:
            entries.append(entry)
    return entries


def _told(hass: HomeAssistant, entry: DexcomShareConfigEntry, name: str, say: Say) -> JsonObjectType:
    """Return what is known of one person."""
    glucose = entry.runtime_data.glucose
    snapshot, unit = glucose.data, glucose_unit(hass, entry)
    raised: list[JsonValueType] = [
        {
            "kind": say(f"speech_alert_{kind}"),
            "status": snapshot.alerts.state.alerts[kind].stage.value,
            "last_known": snapshot.alerts.state.alerts[kind].is_last_known,
        }
        for kind in snapshot.alerts.state.raised
    ]
    is_unknown = snapshot.current is None
    day = glucose.windows.statistics(1, glucose.now()) if snapshot.is_time_known else None
    return {
        "name": name,
        "summary": spoken(snapshot, name, unit, say),
        "current": _current(snapshot, unit, say),
        "unknown_since": local_iso(snapshot.newest.time) if is_unknown and snapshot.newest else None,
        "reason_unknown": snapshot.status.value if is_unknown else None,
        "time_in_range_24h_percent": round(day.figures.ranges.in_range_percent) if day and day.figures else None,
        "time_in_range_is_of_sufficient_data": day.sufficiency.is_sufficient if day else None,
        "alerts": raised,
        "alerts_muted": snapshot.alerts.is_muted,
    }


def _current(snapshot: Snapshot, unit: str, say: Say) -> JsonObjectType | None:
    """Return the reading of now, None where there is none: no old value is told."""
    reading = snapshot.current
    if reading is None or snapshot.age is None:
        return None
    return {
        "value": spoken_value(reading, unit, say),
        "trend": spoken_trend(reading, say),
        "age_minutes": snapshot.age // timedelta(minutes=1),
        "range": snapshot.range.value if snapshot.range else None,
    }
