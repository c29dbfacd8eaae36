"""Calls that need a session: it is made where there is none, and replaced once where it is gone."""

from collections.abc import Callable, Mapping

from .errors import AccountLockedError, AuthenticationError, SessionError
from .faults import Credential
from .login import Login
from .transport import Transport


class Calls:
    """What the groups of endpoints have in common: the log-in and the way of a call."""

    def __init__(self, transport: Transport, login: Login) -> None:
        """Take what sends the calls, and what gives them their session."""
        self._transport = transport
        self._login = login

    async def _call[T](
        self,
        endpoint: str,
        decode: Callable[[bytes], T],
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        is_session_in_body: bool = False,
    ) -> T:
        """Return the answer of a call that needs a session; a session that is gone is replaced once."""

        async def send(session_id: str) -> T:
            session = {"sessionId": session_id}
            return await self._transport.request(
                endpoint,
                decode,
                credential=Credential.SESSION,
                params=None if is_session_in_body else {**session, **(params or {})},
                body={**session, **(body or {})} if is_session_in_body else body,
            )

        session_id = await self._login.session()
        try:
            return await send(session_id)
        except AccountLockedError as err:
            self._login.refuse(err)
            raise
        except SessionError, AuthenticationError:
            # No password went along, so a refusal here speaks of the session: it is what some saw after a day.
            self._login.forget(session_id)
        session_id = await self._login.session()
        try:
            return await send(session_id)
        except SessionError:
            self._login.forget(session_id)
            raise
        except AuthenticationError as err:
            self._login.refuse(err)
            raise


def expecting[T](decode: Callable[[bytes], T]) -> Callable[[bytes], T]:
    """Return the decoder for calls that have a result: none at all is how Share answers a nil session."""

    def decode_result(body: bytes) -> T:
        if not body.strip():
            raise SessionError("Share does not know the session any more (empty answer)")
        return decode(body)

    return decode_result
