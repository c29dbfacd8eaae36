"""The actions that answer with statistics of a span of time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType, JsonValueType
import voluptuous as vol

from ..const import DOMAIN
from ..display.failures import mistake
from ..display.figures import report_data, statistics_data
from ..display.report_text import report_text
from ..display.texts import Say, async_say
from ..display.units import glucose_unit
from ..glucose.reading_columns import ReadingColumns
from ..glucose.statistics.counted import Readings
from ..glucose.statistics.goals import TARGET_SETS, TargetKey, TargetSet
from ..glucose.statistics.report import make_report, make_statistics
from ..glucose.statistics.time_of_day import HoursOfDay
from ..glucose.statistics.windowed import Window
from .persons import readable_entries
from .spans import SPAN_FIELDS, span_of

ATTR_HOURS_FROM: Final = "hours_from"
ATTR_HOURS_TO: Final = "hours_to"
ATTR_TARGETS: Final = "targets"

USUAL_SPAN: Final = timedelta(days=14)
LOOK_BACK: Final = timedelta(days=2)
"""Readings so long before a window decide which of its own count, and whether an episode began in it."""

SCHEMA: Final = cv.make_entity_service_schema(
    {
        **SPAN_FIELDS,
        vol.Optional(ATTR_TARGETS, default=TargetKey.STANDARD.value): vol.Coerce(TargetKey),
        vol.Inclusive(ATTR_HOURS_FROM, "hours"): cv.time,
        vol.Inclusive(ATTR_HOURS_TO, "hours"): cv.time,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked for, and in which unit and words it is answered."""

    window: Window
    targets: TargetSet
    unit: str
    say: Say


type Answer = Callable[[Readings, Question], JsonObjectType]
"""Makes an answer from readings; it may take some tenths of a second."""


@callback
def async_setup_statistics_actions(hass: HomeAssistant) -> None:
    """Register the actions, for everybody who may read the glucose."""
    for name, answer in (("get_statistics", _statistics), ("get_report", _report)):
        hass.services.async_register(
            DOMAIN, name, partial(_async_answer, answer), SCHEMA, supports_response=SupportsResponse.ONLY
        )


async def _async_answer(answer: Answer, call: ServiceCall) -> ServiceResponse:
    """Return the answers for all persons meant."""
    hours = _hours_of(call.data)
    targets = TARGET_SETS[call.data[ATTR_TARGETS]]
    say = await async_say(call.hass)
    persons: list[JsonValueType] = []
    for entry in await readable_entries(call):
        glucose = entry.runtime_data.glucose
        start, end = span_of(call.data, glucose.now(), USUAL_SPAN)
        question = Question(
            window=Window(start=start, end=end, zone=dt_util.get_default_time_zone(), hours=hours),
            targets=targets,
            unit=glucose_unit(call.hass, entry),
            say=say,
        )
        columns = glucose.history.copy_since(start - LOOK_BACK)
        data = await call.hass.async_add_executor_job(_worked_out, answer, columns, question)
        persons.append({"name": entry.title, "unit": question.unit, **data})
    return {"persons": persons}


def _hours_of(data: Mapping[str, Any]) -> HoursOfDay | None:
    """Return the hours of the day that are asked for, None for all of them."""
    if ATTR_HOURS_FROM not in data:
        return None
    try:
        return HoursOfDay(data[ATTR_HOURS_FROM], data[ATTR_HOURS_TO])
    except ValueError:
        raise mistake("hours_empty") from None


def _worked_out(answer: Answer, columns: ReadingColumns, question: Question) -> JsonObjectType:
    """Return the answer from readings as they are kept; not for the event loop."""
    return answer(Readings.of(map(columns.reading, range(len(columns)))), question)


def _statistics(readings: Readings, question: Question) -> JsonObjectType:
    """Return the figures."""
    return statistics_data(make_statistics(readings, question.window, question.targets), question.unit)


def _report(readings: Readings, question: Question) -> JsonObjectType:
    """Return everything, and a text."""
    report = make_report(readings, question.window, question.targets)
    return {**report_data(report, question.unit), "text": report_text(report, question.unit, question.say)}
