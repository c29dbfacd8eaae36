"""The switches described: what each takes and does; the control interface goes by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .readings.records import TRENDS

_FOREVER: Final = 1e9


@dataclass(frozen=True, slots=True)
class Kind:
    """What a switch takes and does.

    `is_header` ones end up in a header of the answer. `by_time` ones hold for readings of a time, not for calls.
    """

    type: type
    help: str
    choices: Sequence[object] = ()
    limits: tuple[float, float] = (-_FOREVER, _FOREVER)
    is_header: bool = False
    by_time: bool = False


_WAIT: Final = (0.0, 3600.0)

SWITCHES: Final = {
    "html_status": Kind(int, "answer with this status and an HTML page, as a gateway does", limits=(200, 599)),
    "retry_after": Kind(str, "the `Retry-After` header that goes with `html_status`", is_header=True),
    "redirect": Kind(str, "answer 307 with this address", is_header=True),
    "disconnect": Kind(str, "close the connection before or inside the answer", choices=("before", "inside")),
    "delay_seconds": Kind(float, "wait before the answer", limits=_WAIT),
    "body_delay_seconds": Kind(float, "wait in the middle of the body", limits=_WAIT),
    "body": Kind(
        str,
        "answer 200 with a body that is not what the API promises",
        choices=("empty", "truncated", "html", "unquoted", "null", "string", "number", "object", "list"),
    ),
    "raw_body": Kind(str, "answer 200 with exactly this body"),
    "content_type": Kind(str, "the content type of the answer", is_header=True),
    "date_header_skew_seconds": Kind(float, "the `Date` header alone is off by this"),
    "clock_skew_seconds": Kind(float, "the server's clock is off by this: `Date`, fault objects, readings"),
    "fault_code": Kind(str, "refuse with a fault object of this code"),
    "fault_message": Kind(str, "the message that goes with `fault_code`"),
    "subcode_format": Kind(int, "form of `SubCode`: .NET XML, Java XML (without the switch), JSON", choices=(1, 2, 3)),
    "login_failure": Kind(
        str,
        "the code for wrong credentials; the last one stands for the old pair `…AccountNotFound`, `…PasswordInvalid`",
        choices=("AccountPasswordInvalid", "SSO_InternalError", "SSO_Authenticate"),
    ),
    "refuse_login": Kind(bool, "refuse right credentials like wrong ones"),
    "lock_login": Kind(bool, "refuse log-ins as after too many failures"),
    "lock_spelling": Kind(str, "end of `SSO_AuthenticateMaxAttempts…`", choices=("Exceeed", "Exceeded")),
    "nil_id": Kind(bool, "the log-in calls give the nil UUID"),
    "session": Kind(
        str, "what is wrong with the session of a call", choices=("expired", "unknown", "malformed", "nil")
    ),
    "empty_list": Kind(bool, "no readings"),
    "sharing_off": Kind(bool, "the wearer switched Share off: no readings"),
    "no_follower": Kind(bool, "nobody follows: no readings"),
    "trend_as": Kind(str, "form of `Trend`", choices=("string", "int")),
    "date_slashes": Kind(bool, "dates as `/Date(…)/`"),
    "omit_wt": Kind(bool, "readings without `WT`"),
    "system_time_skew_seconds": Kind(float, "`ST` is off by this, as with old receivers"),
    "duplicate_after_seconds": Kind(float, "each reading again, this much later, as from a second uploader"),
    "shift_seconds": Kind(float, "a reading that was served before comes back moved by this"),
    "jitter_ms": Kind(int, "stamps move by up to this, differently at every call", limits=(0, 60_000)),
    "malformed_readings": Kind(bool, "broken readings between the good ones"),
    "value": Kind(
        int, "readings have this value: 39 LOW, 401 HIGH, 0 to 12 sensor codes", limits=(-1000, 10_000), by_time=True
    ),
    "trend": Kind(str, "readings have this trend", choices=TRENDS, by_time=True),
    "utc_offset_minutes": Kind(
        int, "the wearer's offset from UTC: travel, summer time", limits=(-1080, 1080), by_time=True
    ),
    "offline": Kind(bool, "the wearer's phone uploads nothing; afterwards it makes up for it", by_time=True),
    "offline_loses": Kind(bool, "what `offline` held back never comes", by_time=True),
    "invitation_delay_seconds": Kind(float, "no invitation so soon after `CreateContact`", limits=(0, _FOREVER)),
    "state_as": Kind(str, "form of a subscription's `State`", choices=("int", "string")),
    "system_time_as": Kind(str, "form of `SystemUtcTime`", choices=("json", "xml")),
    "status_page": Kind(
        str, "what the status page says", choices=("none", "minor", "major", "critical", "maintenance")
    ),
}
"""Every switch of `Faults` by its name, in the same order."""
