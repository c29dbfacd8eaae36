"""When somebody who follows for some time only is to be removed again."""

from datetime import datetime, timedelta
from typing import Final

from homeassistant.util import dt as dt_util

from ..display.failures import mistake

LATEST_END: Final = timedelta(days=3653)
"""An end further ahead is a slip: nobody plans for more than ten years."""


def end_of(now: datetime, until: datetime | None, duration: timedelta | None) -> datetime | None:
    """Return when the follower is to be removed again, None where never.

    Raises:
        ServiceValidationError: the end is past or absurdly far.
    """
    if until is not None:
        # By the year first: at either end of the calendar a time can't be converted.
        if until.year < now.year - 1:
            raise mistake("end_in_past")
        if until.year > (now + LATEST_END).year + 1:
            raise mistake("end_too_far")
        # A time without a zone is the user's.
        duration = dt_util.as_utc(until) - now
    if duration is None:
        return None
    if duration <= timedelta(0):
        raise mistake("end_in_past")
    if duration > LATEST_END:
        raise mistake("end_too_far")
    return now + duration
