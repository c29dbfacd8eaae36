"""The session of one account: who logs in, when, and when never again by itself."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final

from .errors import AuthenticationError, ShareRequestError
from .faults import Credential
from .identity import NIL_ID
from .transport import Transport
from .wire import decode_id

_AUTHENTICATE: Final = "General/AuthenticatePublisherAccount"
_LOGIN_BY_ID: Final = "General/LoginPublisherAccountById"
_LOGIN_BY_NAME: Final = "General/LoginPublisherAccountByName"


@dataclass(frozen=True, slots=True)
class _Flight:
    """One log-in under way, and the calls that wait for it."""

    task: asyncio.Task[tuple[str, str]]
    waiters: set[object] = field(default_factory=set)


class Login:
    """Keeps the session; one log-in at a time serves all who need one, and a refusal is remembered."""

    def __init__(
        self,
        transport: Transport,
        *,
        username: str | None,
        account_id: str | None,
        password: str,
        application_id: str,
        around: Callable[[], AbstractAsyncContextManager[None]],
    ) -> None:
        """Take what identifies the account, and what to enter around each log-in; nothing is sent yet."""
        self._transport = transport
        self._username = username
        self._password = password
        self._application_id = application_id
        self._around = around
        self._flight: _Flight | None = None
        self._refusal: AuthenticationError | None = None
        self.account_id = account_id
        self.session_id: str | None = None

    async def session(self) -> str:
        """Return the session's id, after a log-in where there is none.

        Raises:
            AuthenticationError: the credentials were refused, now or before; then nothing is sent.
        """
        if self.session_id is not None:
            return self.session_id
        if self._refusal is not None and self._flight is None:
            raise _like(self._refusal)
        return (await self.log_in())[1]

    async def log_in(self) -> tuple[str, str]:
        """Return account id and session id of a new session; joins a log-in that is under way.

        A waiting call that is cancelled leaves the log-in to the others; without others it is given up.
        """
        if self._flight is None:
            self._flight = _Flight(asyncio.create_task(self._log_in()))
            self._flight.task.add_done_callback(self._landed)
        flight, me = self._flight, object()
        flight.waiters.add(me)
        try:
            # Unlike awaiting the task itself, this passes no cancellation on to it.
            await asyncio.wait((flight.task,))
        finally:
            flight.waiters.remove(me)
            if not flight.waiters and not flight.task.done():
                flight.task.cancel()
                self._flight = None
        return flight.task.result()

    def _landed(self, task: asyncio.Task[tuple[str, str]]) -> None:
        """Make room for the next log-in; retrieve its outcome, which nobody may be waiting for any more."""
        if self._flight is not None and self._flight.task is task:
            self._flight = None
        if not task.cancelled():
            task.exception()

    async def log_in_by_name(self) -> None:
        """Open a session by the older call, which needs a name and tells no account id."""
        if self._username is None:
            raise ShareRequestError("This log-in needs a user name", code="InvalidArgument")
        async with self._around():
            session_id = await self._send(_LOGIN_BY_NAME, {"accountName": self._username})
        self._opened(session_id)

    def forget(self, session_id: str | None) -> None:
        """Drop the session, unless it has been replaced by another since."""
        if session_id == self.session_id:
            self.session_id = None

    def refuse(self, error: AuthenticationError) -> None:
        """Remember a refusal: until a log-in succeeds that somebody asked for, none is tried."""
        self._refusal = _like(error)
        self.session_id = None

    async def _log_in(self) -> tuple[str, str]:
        """Log in, in two steps where the account id is not known yet."""
        async with self._around():
            account_id = self.account_id
            if account_id is None:
                account_id = (await self._send(_AUTHENTICATE, {"accountName": self._username})).lower()
                self.account_id = account_id
            session_id = await self._send(_LOGIN_BY_ID, {"accountId": account_id})
        self._opened(session_id)
        return account_id, session_id

    def _opened(self, session_id: str) -> None:
        """Take over a new session."""
        self.session_id = session_id
        self._refusal = None

    async def _send(self, endpoint: str, who: dict[str, object]) -> str:
        """Return the id that a step of the log-in yields."""
        try:
            return await self._transport.request(
                endpoint,
                _decode_login_id,
                credential=Credential.PASSWORD,
                body={**who, "password": self._password, "applicationId": self._application_id},
            )
        except AuthenticationError as err:
            self.refuse(err)
            raise


def _decode_login_id(body: bytes) -> str:
    """Return the id a log-in yields; the nil id is Share's way to refuse with a success."""
    answer = decode_id(body)
    if answer == NIL_ID:
        raise AuthenticationError("Share refused the credentials (nil id)")
    return answer


def _like(error: AuthenticationError) -> AuthenticationError:
    """Return an equal error without the frames of the first."""
    return type(error)(str(error), code=error.code, shown_code=error.shown_code)
