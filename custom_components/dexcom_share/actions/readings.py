"""The action that answers with the readings of a span of time."""

from bisect import bisect_right
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonValueType
import voluptuous as vol

from ..const import DOMAIN
from ..display.times import local_iso
from ..display.units import MGDL, MMOL, as_shown, glucose_unit
from ..display.words import TREND_STATES
from ..glucose.reading_columns import ReadingColumns, milliseconds
from .persons import readable_entries
from .spans import SPAN_FIELDS, span_of

ATTR_LIMIT: Final = "limit"
ATTR_UNIT: Final = "unit"

USUAL_SPAN: Final = timedelta(days=1)

SCHEMA: Final = cv.make_entity_service_schema(
    {
        **SPAN_FIELDS,
        vol.Optional(ATTR_UNIT): vol.In([MGDL, MMOL]),
        vol.Optional(ATTR_LIMIT): vol.All(vol.Coerce(int), vol.Range(min=1)),
    }
)


@callback
def async_setup_reading_actions(hass: HomeAssistant) -> None:
    """Register the action, for everybody who may read the glucose."""
    hass.services.async_register(DOMAIN, "get_readings", _async_get, SCHEMA, supports_response=SupportsResponse.ONLY)


async def _async_get(call: ServiceCall) -> ServiceResponse:
    """Return the readings of all persons meant."""
    persons: list[JsonValueType] = []
    for entry in await readable_entries(call):
        glucose = entry.runtime_data.glucose
        start, end = span_of(call.data, glucose.now(), USUAL_SPAN)
        unit = call.data.get(ATTR_UNIT) or glucose_unit(call.hass, entry)
        columns = glucose.history.copy_since(start)
        persons.append(
            {
                "name": entry.title,
                "unit": unit,
                "start": local_iso(start),
                "end": local_iso(end),
                "readings": await call.hass.async_add_executor_job(
                    _readings, columns, start, end, unit, call.data.get(ATTR_LIMIT)
                ),
            }
        )
    return {"persons": persons}


def _readings(
    columns: ReadingColumns, start: datetime, end: datetime, unit: str, limit: int | None
) -> list[JsonValueType]:
    """Return those of some readings that are in a span, the newest `limit` of them, oldest first."""
    first = bisect_right(columns.times_ms, milliseconds(start))
    after = bisect_right(columns.times_ms, milliseconds(end))
    places = range(first if limit is None else max(first, after - limit), after)
    return [
        {
            "time": local_iso(reading.time),
            "value": as_shown(reading.value, unit),
            "trend": TREND_STATES.get(reading.trend),
        }
        for reading in map(columns.reading, places)
    ]
