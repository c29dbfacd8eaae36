"""One exchange: bounded, never redirected, and every failure an error of ours."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
import gzip
import logging
import socket
import ssl
from unittest.mock import Mock

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
import pytest

from custom_components.dexcom_share.share import (
    CallRecord,
    ShareClient,
    ShareConnectionError,
    ShareError,
    ShareResponseError,
    ShareServerError,
    ShareTimeoutError,
)
from custom_components.dexcom_share.share.transport import MAX_BODY_BYTES

from .conftest import AUTHENTICATE, LOGIN, NAME, PASSWORD, READ, FakeShare, Handler, fault, text

NOW = datetime(2025, 4, 19, 16, 47, 53, tzinfo=UTC)


@pytest.fixture
def client(http: ClientSession, share: FakeShare) -> ShareClient:
    """Return a client whose clock stands still."""
    return ShareClient(http, username=NAME, password=PASSWORD, base_url=share.url)


def stalling_body(share: FakeShare) -> Handler:
    """Return a handler that begins an answer and does not end it."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b"[")
        await share.release.wait()
        return response

    return handler


async def endless_body(request: web.Request) -> web.StreamResponse:
    """Answer without an end."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    try:
        while True:
            await response.write(b" " * 65536)
    except ConnectionError:
        return response


async def no_gzip(_: web.Request) -> web.StreamResponse:
    """Send a body that is not what its header says, longer than the 10 bytes that a decompressor may wait for."""
    return web.Response(body=b"this is no gzip", headers={"Content-Encoding": "gzip"})


async def broken_body(request: web.Request) -> web.StreamResponse:
    """Begin an answer and hang up."""
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b"[")
    assert request.transport
    request.transport.close()
    return response


async def hang_up(request: web.Request) -> web.StreamResponse:
    """Hang up without an answer."""
    assert request.transport
    request.transport.abort()
    return web.Response()


async def test_a_server_that_does_not_answer_is_a_time_out(client: ShareClient, share: FakeShare) -> None:
    """The next call succeeds."""
    share.script(AUTHENTICATE, share.stall)
    client._transport._timeout_seconds = 0.01
    with pytest.raises(ShareTimeoutError):
        await client.login()
    share.scripts.clear()
    client._transport._timeout_seconds = 10
    await client.login()


async def test_a_body_that_does_not_end_is_a_time_out(client: ShareClient, share: FakeShare) -> None:
    """The body is part of the exchange."""
    await client.login()
    share.script(READ, stalling_body(share))
    client._transport._timeout_seconds = 0.01
    with pytest.raises(ShareTimeoutError):
        await client.read_glucose()
    share.scripts.clear()
    client._transport._timeout_seconds = 10
    assert await client.read_glucose() == []


async def test_the_time_out_is_the_callers(http: ClientSession, share: FakeShare) -> None:
    """In seconds, for each exchange."""
    client = ShareClient(http, username=NAME, password=PASSWORD, base_url=share.url, timeout=0.01)
    share.script(AUTHENTICATE, share.stall)
    with pytest.raises(ShareTimeoutError):
        await client.login()


@pytest.mark.parametrize("status", [200, 500])
async def test_a_body_longer_than_any_answer_is_an_error(client: ShareClient, share: FakeShare, status: int) -> None:
    """Memory stays bounded, also where a few bytes unfold to many."""
    share.script(READ, endless_body)
    with pytest.raises(ShareResponseError):
        await client.read_glucose()
    bomb = gzip.compress(b" " * (MAX_BODY_BYTES + 1))
    share.script(READ, web.Response(body=bomb, status=status, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(ShareResponseError):
        await client.read_glucose()
    assert await client.read_glucose() == []


async def test_a_packed_answer_is_unpacked(client: ShareClient, share: FakeShare) -> None:
    """Share packs where the request allows it."""
    packed = gzip.compress(b'[{"WT": "Date(1745081013817)", "Value": 85, "Trend": 4}]')
    share.script(READ, web.Response(body=packed, headers={"Content-Encoding": "gzip"}))
    assert [reading.value for reading in await client.read_glucose()] == [85]
    assert "gzip" in share.calls[-1].headers["Accept-Encoding"]


@pytest.mark.parametrize(
    "broken",
    [
        broken_body,
        hang_up,
        no_gzip,
    ],
)
async def test_an_answer_that_breaks_off_is_a_failed_connection(
    client: ShareClient, share: FakeShare, broken: Handler
) -> None:
    """The session is kept and the next call succeeds."""
    await client.login()
    share.script(READ, broken, broken)
    with pytest.raises(ShareConnectionError) as caught:
        await client.read_glucose()
    assert caught.value.__suppress_context__
    share.scripts.clear()
    assert await client.read_glucose() == []
    assert share.logins == 1


async def test_a_port_where_nobody_listens_is_a_failed_connection(http: ClientSession) -> None:
    """The error names its kind and no address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    client = ShareClient(http, username=NAME, password=PASSWORD, base_url=f"http://127.0.0.1:{port}")
    with pytest.raises(ShareConnectionError) as caught:
        await client.login()
    assert str(caught.value) == "The server could not be reached (ClientConnectorError)"


@pytest.mark.parametrize("error", [ssl.SSLError("secret"), OSError("secret"), socket.gaierror("secret")])
async def test_trouble_below_http_is_a_failed_connection(
    client: ShareClient, http: ClientSession, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    """Whatever the operating system or the cipher has to say."""
    monkeypatch.setattr(http, "request", Mock(side_effect=error))
    with pytest.raises(ShareConnectionError) as caught:
        await client.login()
    assert "secret" not in str(caught.value)


async def test_a_closed_session_is_a_failed_connection(client: ShareClient, http: ClientSession) -> None:
    """Nothing else leaves the client while Home Assistant stops."""
    await http.close()
    with pytest.raises(ShareConnectionError):
        await client.login()


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize("endpoint", [AUTHENTICATE, LOGIN, READ])
async def test_a_redirect_is_never_followed(client: ShareClient, share: FakeShare, status: int, endpoint: str) -> None:
    """No other server sees a call, let alone a password."""
    elsewhere = FakeShare()
    app = web.Application()
    app.router.add_route("*", "/{endpoint:.*}", elsewhere.handle)
    async with TestServer(app) as server:
        location = {"Location": str(server.make_url("/here"))}
        share.script(endpoint, web.Response(status=status, headers=location))
        with pytest.raises(ShareResponseError) as caught:
            await client.read_glucose()
        assert caught.value.code == f"HTTP {status}"
        assert elsewhere.calls == []
    assert await client.read_glucose() == []


@pytest.mark.parametrize("status", [403, 404, 429, 500, 502, 503, 504, 520])
async def test_a_page_of_the_gateway_is_a_fault_of_the_server(
    client: ShareClient, share: FakeShare, status: int
) -> None:
    """For a log-in as for a reading, and never a refused password."""
    for endpoint in (AUTHENTICATE, LOGIN, READ):
        share.script(endpoint, text("<html>Attention required</html>", status=status, content_type="text/html"))
        with pytest.raises(ShareServerError) as caught:
            await client.read_glucose()
        assert caught.value.code == f"HTTP {status}"
        assert caught.value.retry_after_seconds is None
    assert await client.read_glucose() == []


@pytest.mark.parametrize(
    ("retry_after", "date", "seconds"),
    [
        ("120", None, 120),
        (" 7 ", None, 7),
        ("0", None, 0),
        ("Sat, 19 Apr 2025 16:48:53 GMT", None, None),
        ("Sat, 19 Apr 2025 16:48:53 GMT", "Sat, 19 Apr 2025 16:48:23 GMT", 30),
        ("Sat, 19 Apr 2025 16:00:00 GMT", "Sat, 19 Apr 2025 16:48:23 GMT", 0),
        ("soon", None, None),
        ("-5", None, None),
        ("1.5", None, None),
        ("9" * 400, None, None),
        (None, None, None),
    ],
)
async def test_the_pause_a_server_asks_for_is_told(
    client: ShareClient, share: FakeShare, retry_after: str | None, date: str | None, seconds: float | None
) -> None:
    """In seconds, or until a date, which counts only by the server's own clock."""
    headers = {"Date": date or "unknown"} | ({"Retry-After": retry_after} if retry_after else {})
    share.script(READ, text("slow down", status=429, content_type="text/plain", **headers))
    with pytest.raises(ShareServerError) as caught:
        await client.read_glucose()
    assert caught.value.code == "HTTP 429"
    assert caught.value.retry_after_seconds == seconds


@pytest.mark.parametrize(
    ("date", "told"),
    [
        ("Sat, 19 Apr 2025 16:47:53 GMT", datetime(2025, 4, 19, 16, 47, 53, tzinfo=UTC)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("unknown", None),
    ],
)
async def test_the_time_of_a_decoded_answer_is_told(
    http: ClientSession, share: FakeShare, date: str, told: datetime | None
) -> None:
    """Also that it told none; of a fault, or of what can't be decoded, nothing is told."""
    heard: list[tuple[datetime | None, float]] = []
    client = ShareClient(
        http,
        username=NAME,
        password=PASSWORD,
        base_url=share.url,
        on_server_time=lambda time, took_seconds: heard.append((time, took_seconds)),
    )
    await client.login()
    heard.clear()
    share.script(READ, text("[]", Date=date), text("[]", status=500, Date=date), text("{}", Date=date))
    await client.read_glucose()
    for _ in range(2):
        with pytest.raises(ShareError):
            await client.read_glucose()
    assert [time for time, _ in heard] == [told]
    assert all(0 <= took_seconds < 10 for _, took_seconds in heard)


async def test_who_hears_the_time_can_not_stop_a_reading(http: ClientSession, share: FakeShare) -> None:
    """Its errors stay with it."""

    def fail(time: datetime | None, took_seconds: float) -> None:
        raise RuntimeError

    client = ShareClient(http, username=NAME, password=PASSWORD, base_url=share.url, on_server_time=fail)
    assert await client.read_glucose() == []


async def test_it_is_known_when_nothing_was_sent(http: ClientSession, share: FakeShare) -> None:
    """A connection that was never made carried no password; one that broke off may have."""
    share.script(AUTHENTICATE, hang_up, hang_up)
    client = ShareClient(http, username=NAME, password=PASSWORD, base_url=share.url)
    with pytest.raises(ShareConnectionError) as caught:
        await client.login()
    assert caught.value.is_sent
    nowhere = ShareClient(http, username=NAME, password=PASSWORD, base_url="http://127.0.0.1:1/")
    with pytest.raises(ShareConnectionError) as caught:
        await nowhere.login()
    assert not caught.value.is_sent


async def test_an_unknown_code_is_not_recorded(http: ClientSession, share: FakeShare) -> None:
    """Letters of a server's choice can be a name."""
    records: list[CallRecord] = []
    client = ShareClient(http, username=NAME, password=PASSWORD, base_url=share.url, on_call=records.append)
    share.script(READ, fault("AnnaMustermann"))
    with pytest.raises(ShareServerError) as caught:
        await client.read_glucose()
    assert records[-1].code == caught.value.shown_code == "unknown"


async def test_every_call_is_recorded_without_its_contents(http: ClientSession, share: FakeShare) -> None:
    """Which endpoint, how it ended, and whether it was a refused log-in."""
    records: list[CallRecord] = []
    client = ShareClient(http, username=NAME, password=PASSWORD, base_url=share.url, on_call=records.append)
    share.script(READ, fault("SessionNotValid"), text("", status=503))
    share.script(LOGIN, text("<html>"))
    with pytest.raises(ShareResponseError):
        await client.read_glucose()
    with pytest.raises(ShareServerError):
        await client.read_glucose()
    client.forget_session()
    share.script(LOGIN, fault("AccountPasswordInvalid"))
    with pytest.raises(ShareError):
        await client.read_glucose()
    assert [(record.endpoint, record.outcome, record.code, record.is_refused_login) for record in records] == [
        (AUTHENTICATE, "ok", None, False),
        (LOGIN, "ShareResponseError", None, False),
        (LOGIN, "ok", None, False),
        (READ, "SessionError", "SessionNotValid", False),
        (LOGIN, "ok", None, False),
        (READ, "ShareServerError", "HTTP 503", False),
        (LOGIN, "AuthenticationError", "AccountPasswordInvalid", True),
    ]
    assert all(record.duration_seconds >= 0 for record in records)


async def test_a_call_that_was_cancelled_is_not_recorded(http: ClientSession, share: FakeShare) -> None:
    """It has no outcome."""
    records: list[CallRecord] = []
    client = ShareClient(http, username=NAME, password=PASSWORD, base_url=share.url, on_call=records.append)
    await client.login()
    records.clear()
    share.script(READ, share.stall)
    read = asyncio.create_task(client.read_glucose())
    await share.seen(3)
    read.cancel()
    await asyncio.wait((read,))
    assert records == []
    assert client.has_session


async def test_an_observer_that_fails_stops_nothing(
    http: ClientSession, share: FakeShare, caplog: pytest.LogCaptureFixture
) -> None:
    """It only looks on."""
    caplog.set_level(logging.DEBUG)
    observer: Callable[[CallRecord], None] = Mock(side_effect=RuntimeError)
    client = ShareClient(http, username=NAME, password=PASSWORD, base_url=share.url, on_call=observer)
    assert await client.read_glucose() == []
    assert "An observer of calls failed" in caplog.text


async def test_the_log_tells_endpoint_status_and_duration(
    client: ShareClient, share: FakeShare, caplog: pytest.LogCaptureFixture
) -> None:
    """And nothing else, at no level but debug."""
    caplog.set_level(logging.DEBUG, "custom_components.dexcom_share.share")
    share.script(AUTHENTICATE, hang_up, text("", status=503))
    for _ in range(2):
        with pytest.raises(ShareError):
            await client.login()
    await client.read_glucose()
    lines = [record.getMessage().rpartition(" in ")[0] for record in caplog.records if "share" in record.name]
    assert lines == [
        f"POST {AUTHENTICATE}: no answer",
        f"POST {AUTHENTICATE}: 503",
        f"POST {AUTHENTICATE}: 200",
        f"POST {LOGIN}: 200",
        f"POST {READ}: 200",
    ]
    assert {record.levelno for record in caplog.records if "share" in record.name} == {logging.DEBUG}


async def test_cookies_of_the_gateway_change_nothing(client: ShareClient, share: FakeShare) -> None:
    """The session for HTTP may keep them; Share asks for none."""
    share.script(AUTHENTICATE, text(f'"{"1" * 8}-1111-4111-8111-{"1" * 12}"', Set_Cookie="_cfuvid=x; path=/; HttpOnly"))
    assert await client.read_glucose() == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        *(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: 7\r\n\r\ngarbage" % encoding
            for encoding in (b"gzip", b"deflate", b"br", b"zstd")
        ),
    ],
    ids=lambda raw: raw[:40].decode(),
)
async def test_bytes_that_are_no_proper_http_are_errors_of_ours(http: ClientSession, raw: bytes) -> None:
    """Whatever stands in the way to Share may send anything."""

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}")
        writer.write(raw)
        writer.close()

    async with await asyncio.start_server(send, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = ShareClient(http, username=NAME, password=PASSWORD, base_url=f"http://127.0.0.1:{port}/")
        with pytest.raises((ShareConnectionError, ShareResponseError, ShareServerError)):
            await client.login()
