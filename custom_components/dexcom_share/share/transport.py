"""One exchange with a server: sent once, bounded in time and size, with every failure as an error of ours."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import json
import logging
import re
from typing import Final

import aiohttp
from yarl import URL

from .errors import (
    AuthenticationError,
    ShareConnectionError,
    ShareError,
    ShareResponseError,
    ShareTimeoutError,
)
from .faults import Credential, fault_error
from .wire import parse_http_date

_LOGGER = logging.getLogger(__name__)

_JSON_HEADERS: Final = {"Accept": "application/json", "Content-Type": "application/json"}
# A day of readings takes 50 kB; more than this is not an answer.
MAX_BODY_BYTES: Final = 4 * 1024 * 1024
_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_NO_CLIENT_TIMEOUT: Final = aiohttp.ClientTimeout(total=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One call as diagnostics may keep it: which endpoint, how long, how it ended; nothing of its contents.

    `outcome` is "ok" or the name of the error's class, `code` the fault's code where there was one.
    """

    endpoint: str
    duration_seconds: float
    outcome: str
    code: str | None = None
    is_refused_login: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Return whether the status says so."""
        return 200 <= self.status < 300


async def fetch(
    session: aiohttp.ClientSession, method: str, url: URL, *, timeout_seconds: float, data: bytes | None = None
) -> Answer:
    """Return the answer of exactly this address, whatever its status but a redirect.

    Raises:
        ShareTimeoutError: the answer was not complete in time.
        ShareConnectionError: there was none, or it broke off.
        ShareResponseError: it is a redirect (never followed: it could lead a password astray) or too long.
    """
    if session.closed:
        raise ShareConnectionError("The session for HTTP is closed")
    try:
        async with (
            asyncio.timeout(timeout_seconds),
            session.request(
                method, url, data=data, headers=_JSON_HEADERS, allow_redirects=False, timeout=_NO_CLIENT_TIMEOUT
            ) as response,
        ):
            if 300 <= response.status < 400:
                raise ShareResponseError("The server answered with a redirect", code=f"HTTP {response.status}")
            return Answer(status=response.status, headers=response.headers, body=await _read(response))
    # The causes hold the address, and that the session id.
    except TimeoutError:
        raise ShareTimeoutError("The server did not answer in time") from None
    except (aiohttp.ClientError, OSError) as err:
        raise ShareConnectionError(f"The server could not be reached ({type(err).__name__})") from None


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Return the body, unless it is longer than any answer can be."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise ShareResponseError("The server's answer is too long")
    return bytes(body)


class Transport:
    """Calls endpoints below one base URL, keeps an eye on the server's clock and reports each call."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        *,
        timeout_seconds: float,
        on_call: Callable[[CallRecord], None] | None,
        utcnow: Callable[[], datetime],
    ) -> None:
        """Take the checked base URL that every call goes to."""
        self._session = session
        self._base_url = base_url
        self._timeout_seconds = timeout_seconds
        self._on_call = on_call
        self._utcnow = utcnow
        self.clock_offset: timedelta | None = None

    async def request[T](
        self,
        endpoint: str,
        decode: Callable[[bytes], T],
        *,
        credential: Credential,
        method: str = "POST",
        params: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> T:
        """Return the decoded answer of one call.

        Raises:
            ShareError: whatever went wrong, by `fetch`, by the fault answered or by `decode`.
        """
        loop = asyncio.get_running_loop()
        started = loop.time()
        status: int | None = None

        def report(error: ShareError | None = None) -> None:
            duration_seconds = loop.time() - started
            _LOGGER.debug("%s %s: %s in %.3f s", method, endpoint, status or "no answer", duration_seconds)
            self._record(endpoint, duration_seconds, credential, error)

        try:
            answer = await fetch(
                self._session,
                method,
                URL(f"{self._base_url}{endpoint}").with_query(params),
                timeout_seconds=self._timeout_seconds,
                data=None if body is None else json.dumps(body).encode(),
            )
            status = answer.status
            now = self._utcnow()
            date = parse_http_date(answer.headers.get("Date"))
            self.clock_offset = date - now if date else None
            if not answer.is_success:
                retry_after = _retry_after_seconds(answer.headers.get("Retry-After"), date or now)
                raise fault_error(status, answer.body, credential=credential, retry_after_seconds=retry_after)
            result = decode(answer.body)
        except ShareError as err:
            report(err)
            raise
        report()
        return result

    def _record(self, endpoint: str, duration_seconds: float, credential: Credential, error: ShareError | None) -> None:
        """Tell the observer of one call."""
        if self._on_call is None:
            return
        record = CallRecord(
            endpoint=endpoint,
            duration_seconds=duration_seconds,
            outcome=type(error).__name__ if error else "ok",
            code=(error.code or None) if error else None,
            is_refused_login=credential is Credential.PASSWORD and isinstance(error, AuthenticationError),
        )
        try:
            self._on_call(record)
        except Exception:
            # Whoever only looks on must not be able to stop a reading.
            _LOGGER.debug("The observer of calls failed", exc_info=True)


def _retry_after_seconds(text: str | None, now: datetime) -> float | None:
    """Return the pause a `Retry-After` header asks for, in seconds or until a date; None where it asks for none."""
    if text is not None and _SECONDS.fullmatch(text.strip()):
        return float(text)
    date = parse_http_date(text)
    return max(0.0, (date - now).total_seconds()) if date else None


def utcnow() -> datetime:
    """Return the time of this machine's clock."""
    return datetime.now(UTC)
