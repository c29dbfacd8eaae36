"""Times as the user's clock shows them; a time that the user's zone can't express is shown in its own."""

from datetime import datetime

from homeassistant.util import dt as dt_util


def in_users_zone(time: datetime) -> datetime:
    """Return an aware time in the user's zone; one at the end of the calendar stays in its own."""
    try:
        return dt_util.as_local(time)
    except OverflowError:
        return time


def local_time(time: datetime | None) -> str:
    """Return date and time to the minute, empty where there is none."""
    return f"{in_users_zone(time):%Y-%m-%d %H:%M}" if time else ""


def local_iso(time: datetime | None) -> str | None:
    """Return a time as ISO text with the offset of the user's zone, None where there is none."""
    return in_users_zone(time).isoformat() if time else None
