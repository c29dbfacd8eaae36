"""What a client asked for: one entry a call, without secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(kw_only=True, slots=True)
class Call:
    """One call in the order of arrival; `status` and `code` are filled in with the answer.

    `endpoint` is the last part of the path, `parameters` hold nothing that identifies anybody, `account` is the name of
    the account that the call is about, None where it is about none that exists. A connection that the simulator closed
    has no status. `code` is that of the fault object.
    """

    time: datetime
    method: str
    path: str
    endpoint: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    account: str | None = None
    status: int | None = None
    code: str | None = None
