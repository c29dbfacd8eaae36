"""The switches described: what each takes and does, for the control interface."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .records import TRENDS


@dataclass(frozen=True, slots=True)
class Kind:
    """What a switch takes and does; `by_time` ones are compared with the time of a reading, not counted by calls."""

    type: type
    help: str
    choices: Sequence[object] = ()
    by_time: bool = False


WRONG_BODIES: Final = (
    "empty",
    "truncated",
    "html",
    "unquoted",
    "null",
    "string",
    "number",
    "object",
    "list",
)


SWITCHES: Final = {
    "html_status": Kind(int, "answer with this status and an HTML page, as a gateway does"),
    "retry_after": Kind(str, "the `Retry-After` header that goes with `html_status`"),
    "redirect": Kind(str, "answer 307 with this address"),
    "disconnect": Kind(str, "close the connection", choices=("before", "inside")),
    "delay_seconds": Kind(float, "wait before the answer"),
    "body_delay_seconds": Kind(float, "wait in the middle of the body"),
    "body": Kind(str, "status 200 with a body that is not what the API promises", choices=WRONG_BODIES),
    "raw_body": Kind(str, "status 200 with exactly this body"),
    "content_type": Kind(str, "the content type of the answer"),
    "date_header_skew_seconds": Kind(float, "the `Date` header is off by this"),
    "clock_skew_seconds": Kind(float, "the server's clock is off by this: `Date`, and all stamps"),
    "fault_code": Kind(str, "refuse with this code"),
    "fault_message": Kind(str, "the message that goes with `fault_code`"),
    "subcode_format": Kind(int, "form of `SubCode`", choices=(1, 2, 3)),
    "login_failure": Kind(
        str,
        "the code for wrong credentials",
        choices=("AccountPasswordInvalid", "SSO_InternalError", "SSO_Authenticate"),
    ),
    "refuse_login": Kind(bool, "refuse right credentials like wrong ones"),
    "lock_login": Kind(bool, "refuse log-ins as after too many failures"),
    "lock_spelling": Kind(str, "end of `SSO_AuthenticateMaxAttempts…`", choices=("Exceeed", "Exceeded")),
    "nil_id": Kind(bool, "log-ins give the nil UUID"),
    "session": Kind(str, "what is wrong with the session", choices=("expired", "unknown", "malformed", "nil")),
    "empty_list": Kind(bool, "no readings"),
    "sharing_off": Kind(bool, "the wearer switched Share off: no readings"),
    "no_follower": Kind(bool, "nobody follows: no readings"),
    "trend_as": Kind(str, "form of `Trend`", choices=("string", "int")),
    "date_slashes": Kind(bool, "dates as `/Date(…)/`"),
    "omit_wt": Kind(bool, "readings without `WT`"),
    "system_time_skew_seconds": Kind(float, "`ST` is off by this, as with old receivers"),
    "duplicate_after_seconds": Kind(float, "each reading again, this much later (second uploader)"),
    "shift_seconds": Kind(float, "a reading served before comes back moved by this"),
    "jitter_ms": Kind(int, "stamps differ by up to this at every call"),
    "malformed_readings": Kind(bool, "broken readings between the good ones"),
    "value": Kind(int, "the readings have this value: 39 low, 401 high, 0-12 sensor codes", by_time=True),
    "trend": Kind(str, "the readings have this trend", choices=TRENDS, by_time=True),
    "utc_offset_minutes": Kind(int, "the wearer's offset from UTC: travel, summer time", by_time=True),
    "offline": Kind(bool, "the wearer's phone uploads nothing", by_time=True),
    "offline_loses": Kind(bool, "what `offline` held back never comes"),
    "invitation_delay_seconds": Kind(float, "no invitation so soon after `CreateContact`"),
    "state_as": Kind(str, "form of a subscription's `State`", choices=("int", "string")),
    "system_time_as": Kind(str, "form of `SystemUtcTime`", choices=("json", "xml")),
    "status_page": Kind(
        str, "what the status page says", choices=("none", "minor", "major", "critical", "maintenance")
    ),
}
"""Every switch: what it takes and does."""
