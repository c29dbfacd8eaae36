"""The general services that need no log-in."""

from datetime import timedelta
from typing import Final

from ..wire import stamp
from .table import GET, Context, Reply, Route, Table, json_reply


def system_utc_time(context: Context) -> Reply:
    """Return the server's clock."""
    get = context.switches.get
    now = (
        context.now
        + context.simulator.clock_offset
        + timedelta(seconds=get(lambda faults: faults.clock_skew_seconds) or 0)
    )
    if get(lambda faults: faults.system_time_as) == "xml":
        return Reply(
            '<DateTimeOffset xmlns="http://schemas.datacontract.org/2004/07/System">'
            f"<DateTime>{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}Z</DateTime>"
            "<OffsetMinutes>0</OffsetMinutes></DateTimeOffset>",
            content_type="application/xml",
        )
    return json_reply(stamp(now))


ROUTES: Final[Table] = {
    "General/SystemUtcTime": Route(system_utc_time, GET),
}
