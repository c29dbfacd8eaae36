"""What a table of routes holds: a handler for each path, what it is given and what it returns."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..accounts import Account, Region
from ..faults import Switches
from ..parameters import Parameters
from ..wire import NIL_UUID, FaultError, Json, dumps
from ..world import Simulator

POST: Final = frozenset({"POST"})
GET: Final = frozenset({"GET"})


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a call that went well; an empty body is how Share says "done"."""

    body: str = ""
    content_type: str = "application/json"
    chunked: bool = False


DONE: Final = Reply()


def json_reply(value: Json) -> Reply:
    """Return an answer that is one JSON value."""
    return Reply(dumps(value))


class NilSessionError(Exception):
    """The call carries the nil UUID as its session, which Share answers with 200 and nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One call on its way through a handler."""

    simulator: Simulator
    parameters: Parameters
    switches: Switches
    now: datetime
    region: Region | None
    """The region that the address of the request names, None where it names none."""

    def account(self) -> Account:
        """Return the account that the session belongs to; refuses the call where there is no good session."""
        session_id = self.parameters.uuid("sessionId")
        fault = self.switches.get(lambda faults: faults.session)
        if session_id == NIL_UUID or fault == "nil":
            raise NilSessionError
        if fault == "malformed":
            raise FaultError("InvalidArgument", f'Invalid UUID string: "{session_id}"')
        account = self.simulator.account_of_session(session_id)
        if account is None or fault == "unknown":
            raise FaultError("SessionIdNotFound", f"Failed to find session object. [SessionId = {session_id}]")
        if account.sessions[session_id] <= self.now or fault == "expired":
            raise FaultError("SessionNotValid", f"Session not active or timed out. [SessionId = {session_id}]")
        return account


type Handler = Callable[[Context], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """A handler and the methods it answers to."""

    handler: Handler
    methods: Collection[str] = POST


type Table = Mapping[str, Route]
"""Routes by their path, that of a service below `ShareWebServices/Services/`."""
