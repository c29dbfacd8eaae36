"""Actions of an uploader: Share on and off, the receiver, and readings from elsewhere; for administrators."""

from datetime import datetime
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import DOMAIN
from ..display.words import TREND_STATES
from ..share import HIGH_LIMIT_MGDL, LOW_LIMIT_MGDL, GlucoseReading, ReceiverAssignment, Trend
from .persons import ENTRY_FIELDS, person_of

ATTR_READINGS: Final = "readings"
ATTR_SERIAL_NUMBER: Final = "serial_number"
ATTR_TIME: Final = "time"
ATTR_TREND: Final = "trend"
ATTR_VALUE: Final = "value"

# The words of the trend sensor; Share takes no others from an uploader.
TRENDS: Final = {
    word: trend for trend, word in TREND_STATES.items() if trend not in {Trend.NOT_COMPUTABLE, Trend.RATE_OUT_OF_RANGE}
}
ASSIGNMENTS: Final = {
    ReceiverAssignment.ASSIGNED_TO_YOU: "assigned_to_you",
    ReceiverAssignment.NOT_ASSIGNED: "not_assigned",
    ReceiverAssignment.ASSIGNED_TO_SOMEONE_ELSE: "assigned_to_someone_else",
    ReceiverAssignment.UNKNOWN: "unknown",
}

ENTRY_SCHEMA: Final = vol.Schema(ENTRY_FIELDS)
RECEIVER_FIELDS: Final[dict[vol.Marker, Any]] = {
    **ENTRY_FIELDS,
    vol.Required(ATTR_SERIAL_NUMBER): vol.All(cv.string, vol.Strip, vol.Upper, vol.Match(r"^[A-Z0-9]{6,16}$")),
}
RECEIVER_SCHEMA: Final = vol.Schema(RECEIVER_FIELDS)
READING_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_TIME): cv.datetime,
        vol.Required(ATTR_VALUE): vol.All(
            vol.Coerce(float), vol.Range(min=LOW_LIMIT_MGDL, max=HIGH_LIMIT_MGDL), vol.Coerce(round)
        ),
        vol.Optional(ATTR_TREND): vol.In(TRENDS),
    }
)
UPLOAD_SCHEMA: Final = vol.Schema(
    {
        **RECEIVER_FIELDS,
        vol.Required(ATTR_READINGS): vol.All(cv.ensure_list, [READING_SCHEMA], vol.Length(min=1, max=288)),
    }
)


@callback
def async_setup_uploading_actions(hass: HomeAssistant) -> None:
    """Register the actions, for administrators."""
    for name, handler, schema in (
        ("check_receiver", _async_check, RECEIVER_SCHEMA),
        ("assign_receiver", _async_assign, RECEIVER_SCHEMA),
        ("start_sharing", _async_start, RECEIVER_SCHEMA),
        ("stop_sharing", _async_stop, ENTRY_SCHEMA),
        ("upload_readings", _async_upload, UPLOAD_SCHEMA),
    ):
        response = SupportsResponse.ONLY if name == "check_receiver" else SupportsResponse.OPTIONAL
        async_register_admin_service(hass, DOMAIN, name, handler, schema, supports_response=response)


async def _async_check(call: ServiceCall) -> ServiceResponse:
    """Return whose a receiver is."""
    return {"assignment": ASSIGNMENTS[await person_of(call).uploader.check(call.data[ATTR_SERIAL_NUMBER])]}


async def _async_assign(call: ServiceCall) -> ServiceResponse:
    """Assign a receiver to the account."""
    return {"changed": await person_of(call).uploader.assign(call.data[ATTR_SERIAL_NUMBER])}


async def _async_start(call: ServiceCall) -> ServiceResponse:
    """Switch Share on."""
    person = person_of(call)
    changed = await person.uploader.start(call.data[ATTR_SERIAL_NUMBER])
    await person.followers.async_refresh()
    return {"changed": changed}


async def _async_stop(call: ServiceCall) -> ServiceResponse:
    """Switch Share off."""
    person = person_of(call)
    changed = await person.uploader.stop()
    await person.followers.async_refresh()
    return {"changed": changed}


async def _async_upload(call: ServiceCall) -> ServiceResponse:
    """Upload readings."""
    selection = await person_of(call).uploader.upload(
        call.data[ATTR_SERIAL_NUMBER], [_reading(item) for item in call.data[ATTR_READINGS]]
    )
    return {
        "uploaded": len(selection.uploaded),
        "left_out": [
            {"time": dt_util.as_local(reading.time).isoformat(), "reason": reason.value}
            for reading, reason in selection.left_out
        ],
    }


def _reading(item: dict[str, Any]) -> GlucoseReading:
    """Return the reading of a field; a time without a zone is the user's."""
    time: datetime = item[ATTR_TIME]
    return GlucoseReading(
        time=dt_util.as_utc(time),
        value=item[ATTR_VALUE],
        trend=TRENDS.get(item.get(ATTR_TREND, ""), Trend.NONE),
    )
