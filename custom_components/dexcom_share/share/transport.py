"""One exchange with a server: sent once, bounded in time and size, with every failure as an error of ours."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
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

    `outcome` is "ok" or the name of the error's class, `code` the fault's shown code where there was one.
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
        raise ShareConnectionError("The session for HTTP is closed", is_sent=False)
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
        is_sent = not isinstance(err, aiohttp.ClientConnectorError)
        raise ShareConnectionError(f"The server could not be reached ({type(err).__name__})", is_sent=is_sent) from None


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Return the body, unless it is longer than any answer can be."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise ShareResponseError("The server's answer is too long")
    return bytes(body)


class Transport:
    """Calls endpoints below one base URL, and reports each call and the time that each decoded answer told."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        *,
        timeout_seconds: float,
        on_call: Callable[[CallRecord], None] | None,
        on_server_time: Callable[[datetime | None, float], None] | None,
    ) -> None:
        """Take the checked base URL that every call goes to."""
        self._session = session
        self._base_url = base_url
        self._timeout_seconds = timeout_seconds
        self._on_call = on_call
        self._on_server_time = on_server_time

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
            if self._on_call:
                _tell(self._on_call, _call_record(endpoint, duration_seconds, credential, error))

        try:
            answer = await fetch(
                self._session,
                method,
                URL(f"{self._base_url}{endpoint}").with_query(params),
                timeout_seconds=self._timeout_seconds,
                data=None if body is None else json.dumps(body).encode(),
            )
            status = answer.status
            took_seconds = loop.time() - started
            date = parse_http_date(answer.headers.get("Date"))
            if not answer.is_success:
                retry_after = _retry_after_seconds(answer.headers.get("Retry-After"), date)
                raise fault_error(status, answer.body, credential=credential, retry_after_seconds=retry_after)
            result = decode(answer.body)
        except ShareError as err:
            report(err)
            raise
        if self._on_server_time:
            _tell(self._on_server_time, date, took_seconds)
        report()
        return result


def _call_record(
    endpoint: str, duration_seconds: float, credential: Credential, error: ShareError | None
) -> CallRecord:
    """Return what may be kept of one call."""
    return CallRecord(
        endpoint=endpoint,
        duration_seconds=duration_seconds,
        outcome=type(error).__name__ if error else "ok",
        code=(error.shown_code or None) if error else None,
        is_refused_login=credential is Credential.PASSWORD and isinstance(error, AuthenticationError),
    )


def _tell[*Ts](observer: Callable[[*Ts], None], *facts: *Ts) -> None:
    """Call an observer, whose exceptions must not stop a reading."""
    try:
        observer(*facts)
    except Exception:
        _LOGGER.debug("An observer of calls failed", exc_info=True)


def _retry_after_seconds(text: str | None, now: datetime | None) -> float | None:
    """Return the pause a `Retry-After` header asks for, in seconds or until a date; None where it asks for none.

    A date counts only by the server's own clock.
    """
    if text is not None and _SECONDS.fullmatch(text.strip()):
        return float(text)
    date = parse_http_date(text)
    return max(0.0, (date - now).total_seconds()) if date and now else None
