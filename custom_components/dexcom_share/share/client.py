"""The client of the Share web API: one method an endpoint."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Final, override

import aiohttp

from .address import Region, check_base_url
from .errors import AccountLockedError, AuthenticationError, SessionError, ShareRequestError
from .faults import Credential
from .identity import normalize_account_id, normalize_username
from .login import Login
from .models import GlucoseReading
from .transport import CallRecord, Transport, utcnow as system_utcnow
from .wire import decode_readings

MAX_MINUTES: Final = 1440
MAX_COUNT: Final = 288


class ShareClient:
    """Reads, uploads and manages followers for one account of Dexcom Share.

    Every method may raise, and raises nothing but, the errors below `ShareError`.

    A refused password is never sent twice by itself. After an `AuthenticationError` (or its kind
    `AccountLockedError`) every method raises the same again without sending anything, until `login` is called,
    which is one deliberate new attempt, and succeeds.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        password: str,
        username: str | None = None,
        account_id: str | None = None,
        region: Region = Region.US,
        base_url: str | None = None,
        timeout: float = 10,
        on_call: Callable[[CallRecord], None] | None = None,
        around_login: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
        utcnow: Callable[[], datetime] = system_utcnow,
    ) -> None:
        """Take a session that stays the caller's, the account, and where it lives; nothing is sent yet.

        Args:
            session: sends the calls; never closed here.
            password: of the wearer's own account.
            username: user name, e-mail address or phone number; not needed when the account id is known.
            account_id: UUID with or without hyphens; saves the first of the two steps of a log-in.
            region: the service the account lives on.
            base_url: takes the place of the region's address; https, or http to this machine.
            timeout: seconds that one exchange may take, body included.
            on_call: is told of every call that ended.
            around_login: is entered before each log-in is sent, the automatic ones too, and left with its outcome; an
                `AuthenticationError` it raises on entering holds the log-in back without counting as a refusal.
            utcnow: the own clock that `clock_offset` compares with the server's.

        Raises:
            ShareRequestError: neither a name nor an account id is given, or the base URL is not a safe one.
        """
        name = normalize_username(username) if username else None
        known_id = normalize_account_id(account_id) if account_id else None
        if not name and not known_id:
            raise ShareRequestError("A user name or an account id is needed", code="InvalidArgument")
        self._region = region
        self._transport = Transport(
            session,
            check_base_url(base_url) if base_url is not None else self._region.base_url,
            timeout_seconds=timeout,
            on_call=on_call,
            utcnow=utcnow,
        )
        self._login = Login(
            self._transport,
            username=name,
            account_id=known_id,
            password=password,
            application_id=self._region.application_id,
            around=around_login,
        )

    @override
    def __repr__(self) -> str:
        """Return what tells clients apart without telling whose they are."""
        return f"<ShareClient region={self._region.value} has_session={self.has_session}>"

    @property
    def account_id(self) -> str | None:
        """Return the account's UUID, None until a log-in told it."""
        return self._login.account_id

    @property
    def has_session(self) -> bool:
        """Return whether a session is there that Share has not disowned yet."""
        return self._login.session_id is not None

    @property
    def clock_offset(self) -> timedelta | None:
        """Return how far the server's clock was ahead of the own at the latest answer, None where it told no time.

        The server tells whole seconds, so the offset is right to about a second plus the way of the answer.
        """
        return self._transport.clock_offset

    def forget_session(self) -> None:
        """Make the next call log in."""
        self._login.forget(self._login.session_id)

    async def login(self) -> str:
        """Log in anew, with one attempt, and return the account id (UUID).

        Calls that run at the same time share the attempt. This alone may follow a refusal.

        Raises:
            AuthenticationError: Share refused the credentials.
            AccountLockedError: too many log-ins failed; trying again soon makes it worse.
        """
        account_id, _ = await self._login.log_in()
        return account_id

    async def login_by_name(self) -> None:
        """Log in by the older call of one step, with one attempt; it tells no account id.

        Newer accounts are refused here whatever the password: `login` is the one to use.

        Raises:
            AuthenticationError: Share refused the credentials, or does not serve this account this way.
            ShareRequestError: the client has no user name.
        """
        await self._login.log_in_by_name()

    async def read_glucose(self, minutes: int = MAX_MINUTES, max_count: int = MAX_COUNT) -> list[GlucoseReading]:
        """Return the newest readings of the last `minutes`, at most `max_count`, oldest first.

        Logs in where there is no session, and once more where Share says that it is gone. Duplicates stay. A
        reading without a value or a time is left out alone.

        Raises:
            ShareRequestError: minutes outside 0 to 1440 or a count outside 0 to 288, which Share does not promise.
            SessionError: Share disowns even a fresh session.
        """
        if not 0 <= minutes <= MAX_MINUTES or not 0 <= max_count <= MAX_COUNT:
            raise ShareRequestError("Share keeps a day, 1440 minutes or 288 readings", code="InvalidArgument")
        return await self._call(
            "Publisher/ReadPublisherLatestGlucoseValues",
            decode_readings,
            params={"minutes": str(minutes), "maxCount": str(max_count)},
            body={},
        )

    async def _call[T](
        self,
        endpoint: str,
        decode: Callable[[bytes], T],
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> T:
        """Return the answer of a call that needs a session; a session that is gone is replaced once."""

        def decode_something(answer: bytes) -> T:
            if not answer.strip():
                raise SessionError("Share does not know the session any more (empty answer)")
            return decode(answer)

        async def send(session_id: str) -> T:
            return await self._transport.request(
                endpoint,
                decode_something,
                credential=Credential.SESSION,
                params={"sessionId": session_id, **(params or {})},
                body=body,
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
