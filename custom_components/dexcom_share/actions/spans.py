"""The span of time that an action is asked about: its fields, and what they mean at a moment."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..display.failures import mistake
from ..glucose.history import KEPT
from .persons import time_span

ATTR_DAYS: Final = "days"
ATTR_DURATION: Final = "duration"
ATTR_END: Final = "end"
ATTR_START: Final = "start"

SPAN_FIELDS: Final[Mapping[vol.Marker, Any]] = {
    vol.Exclusive(ATTR_DAYS, "beginning"): vol.All(vol.Coerce(int), vol.Range(min=1, max=KEPT.days)),
    vol.Exclusive(ATTR_DURATION, "beginning"): time_span,
    vol.Exclusive(ATTR_START, "beginning"): cv.datetime,
    vol.Optional(ATTR_END): cv.datetime,
}
"""From a start, or so long before the end; the end is now where it is not told. A time without a zone is the user's."""


def span_of(data: Mapping[str, Any], now: datetime, usual: timedelta) -> tuple[datetime, datetime]:
    """Return start and end (aware UTC) of what the fields ask for, `usual` long where they don't say; never beyond now.

    Raises:
        ServiceValidationError: nothing can be in it, or it begins before what is kept.
    """
    try:
        end = min(dt_util.as_utc(data[ATTR_END]), now) if ATTR_END in data else now
        if ATTR_START in data:
            start = dt_util.as_utc(data[ATTR_START])
        else:
            start = end - data.get(ATTR_DURATION, timedelta(days=data[ATTR_DAYS]) if ATTR_DAYS in data else usual)
    except OverflowError:
        # At either end of the calendar.
        raise _too_early() from None
    if start < now - KEPT:
        raise _too_early()
    if start >= end:
        raise mistake("span_empty")
    return start, end


def _too_early() -> Exception:
    """Return the error for a time of which nothing is kept."""
    return mistake("span_too_early", days=str(KEPT.days))
