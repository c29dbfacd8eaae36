"""The client of the Share web API, one method an endpoint: readings here, the rest in the groups it is made of."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime
from typing import Final, override

import aiohttp

from .address import Region, check_base_url
from .calls import expecting
from .documents import decode_system_time
from .errors import ShareRequestError
from .faults import Credential
from .follower_calls import FollowerCalls
from .identity import normalize_account_id, normalize_username
from .login import Login
from .models import GlucoseReading
from .transport import CallRecord, Transport
from .upload_calls import UploadCalls
from .wire import decode_items, parse_readings

MAX_MINUTES: Final = 1440
DAY_COUNT: Final = 288
MAX_COUNT: Final = 2 * DAY_COUNT
"""A day of two uploaders: the duplicates count."""


class ShareClient(FollowerCalls, UploadCalls):
    """Reads, uploads and manages followers for one account of Dexcom Share.

    Every method may raise, and raises nothing but, the errors below `ShareError`.

    A refused password is never sent twice by itself. After an `AuthenticationError` (or its kind
    `AccountLockedError`) every method that needs a session raises the same again without sending anything, until
    `login` is called, which is one deliberate new attempt, and succeeds.

    Every method that needs a session logs in where there is none, and once more where Share says that it is gone;
    a `SessionError` means that Share disowned the fresh one too. All may raise what is the network's or the server's:
    `ShareConnectionError`, `ShareTimeoutError`, `ShareServerError`, `ShareResponseError`. A `ShareRequestError` is a
    refusal of just this request, with the reason in `code`; `InvalidArgument` also stands for arguments that were
    refused before sending. Ids are UUIDs as text.
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
        on_server_time: Callable[[datetime | None, float], None] | None = None,
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
            on_server_time: is told, of every answer that could be decoded and before it is returned, the server's time
                (aware UTC, whole seconds; None where it told none) and how many seconds the exchange took.

        Raises:
            ShareRequestError: neither a name nor an account id is given, or the base URL is not a safe one.
        """
        name = normalize_username(username) if username else None
        known_id = normalize_account_id(account_id) if account_id else None
        if not name and not known_id:
            raise ShareRequestError("A user name or an account id is needed", code="InvalidArgument")
        self._region = region
        transport = Transport(
            session,
            check_base_url(base_url) if base_url is not None else self._region.base_url,
            timeout_seconds=timeout,
            on_call=on_call,
            on_server_time=on_server_time,
        )
        login = Login(
            transport,
            username=name,
            account_id=known_id,
            password=password,
            application_id=self._region.application_id,
            around=around_login,
        )
        super().__init__(transport, login)

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

    async def read_glucose(self, minutes: int = MAX_MINUTES, max_count: int = DAY_COUNT) -> list[GlucoseReading]:
        """Return the newest readings of the last `minutes`, at most `max_count`, oldest first.

        Duplicates stay, and count; a reading without a value or a time is left out alone. Zero minutes or readings are
        none. Of an answer with more than was asked for the newest are kept.

        Raises:
            ShareRequestError: minutes outside 0 to 1440, which is all that Share keeps, or a count outside 0 to 576,
                a day of two devices that upload both.
        """
        if not 0 <= minutes <= MAX_MINUTES or not 0 <= max_count <= MAX_COUNT:
            raise ShareRequestError("Share keeps a day, 1440 minutes or 288 readings a device", code="InvalidArgument")
        items = await self._call(
            "Publisher/ReadPublisherLatestGlucoseValues",
            expecting(decode_items),
            params={"minutes": str(minutes), "maxCount": str(max_count)},
            body={},
        )
        return await parse_readings(items, max_count)

    async def read_system_time(self) -> datetime:
        """Return the server's time (aware UTC); needs no session."""
        return await self._transport.request(
            "General/SystemUtcTime", decode_system_time, credential=Credential.NONE, method="GET"
        )
