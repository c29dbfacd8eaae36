"""A server on a real socket that answers what a test tells it to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
import json
from typing import Any, Final

from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import TestServer
import pytest

from custom_components.dexcom_share.share import ShareClient

ACCOUNT_ID: Final = "11111111-1111-4111-8111-111111111111"
SESSION_IDS: Final = [f"{number:08}-2222-4222-8222-222222222222" for number in range(1, 100)]
NAME: Final = "wearer+test@example.com"
PASSWORD: Final = "correct horse & battery"
AUTHENTICATE: Final = "General/AuthenticatePublisherAccount"
LOGIN: Final = "General/LoginPublisherAccountById"
LOGIN_BY_NAME: Final = "General/LoginPublisherAccountByName"
READ: Final = "Publisher/ReadPublisherLatestGlucoseValues"

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call as the server saw it."""

    method: str
    endpoint: str
    query: dict[str, str]
    raw_query: str
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        """Return the body's document."""
        return json.loads(self.body)


def fault(code: str, message: str = "Fault.", sub_code: str = "<OnlineException />", status: int = 500) -> web.Response:
    """Return a fault as Share answers it."""
    return web.json_response(
        {"Code": code, "Message": message, "SubCode": sub_code, "TypeName": "FaultException"}, status=status
    )


def fault_body(code: str, message: str = "Fault.") -> bytes:
    """Return the body of a fault."""
    return json.dumps({"Code": code, "Message": message, "SubCode": "", "TypeName": "FaultException"}).encode()


def answer(document: object, status: int = 200) -> web.Response:
    """Return a JSON answer."""
    return web.json_response(document, status=status)


def text(body: str, status: int = 200, content_type: str = "application/json", **headers: str) -> web.Response:
    """Return an answer that is written as it stands."""
    return web.Response(
        text=body,
        status=status,
        content_type=content_type,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


@dataclass
class FakeShare:
    """Answers each endpoint by its script, then as a friendly server would; keeps every call."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    readings: list[object] = field(default_factory=list)
    scripts: dict[str, list[web.StreamResponse | Handler]] = field(default_factory=dict)
    logins: int = 0
    release: asyncio.Event = field(default_factory=asyncio.Event)
    called: asyncio.Condition = field(default_factory=asyncio.Condition)

    def script(self, endpoint: str, *responses: web.StreamResponse | Handler) -> None:
        """Set the next answers of an endpoint."""
        self.scripts.setdefault(endpoint, []).extend(responses)

    @property
    def endpoints(self) -> list[str]:
        """Return the endpoints called, in order."""
        return [call.endpoint.rpartition("/")[2] for call in self.calls]

    def count(self, endpoint: str) -> int:
        """Return how often an endpoint was called."""
        return sum(call.endpoint == endpoint for call in self.calls)

    async def seen(self, count: int) -> None:
        """Wait until so many calls have come in."""
        async with self.called:
            await self.called.wait_for(lambda: len(self.calls) >= count)

    async def stall(self, request: web.Request) -> web.StreamResponse:
        """Answer nothing until the test is over or sets `release`; then as a friendly server would."""
        await self.release.wait()
        return self.friendly(request.match_info["endpoint"])

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Keep the call and answer it."""
        endpoint = request.match_info["endpoint"]
        self.calls.append(
            Call(
                method=request.method,
                endpoint=endpoint,
                query=dict(request.query),
                raw_query=request.url.raw_query_string,
                body=await request.read(),
                headers=dict(request.headers),
            )
        )
        async with self.called:
            self.called.notify_all()
        if script := self.scripts.get(endpoint):
            scripted = script.pop(0)
            return scripted if isinstance(scripted, web.StreamResponse) else await scripted(request)
        return self.friendly(endpoint)

    def friendly(self, endpoint: str) -> web.Response:
        """Answer as a server does where all is well."""
        match endpoint:
            case "General/AuthenticatePublisherAccount":
                return answer(ACCOUNT_ID)
            case "General/LoginPublisherAccountById" | "General/LoginPublisherAccountByName":
                self.logins += 1
                return answer(SESSION_IDS[self.logins - 1])
            case "Publisher/ReadPublisherLatestGlucoseValues":
                return answer(self.readings)
            case _:
                return web.Response()


@pytest.fixture
async def http(socket_enabled: None) -> AsyncIterator[ClientSession]:
    """Return a session for HTTP."""
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        yield session


@pytest.fixture
async def share(socket_enabled: None) -> AsyncIterator[FakeShare]:
    """Return a server on a real socket."""
    fake = FakeShare()
    app = web.Application()
    app.router.add_route("*", "/Services/{endpoint:.*}", fake.handle)
    async with TestServer(app) as server:
        fake.url = str(server.make_url("/Services/"))
        yield fake
        fake.release.set()


@pytest.fixture
def client(http: ClientSession, share: FakeShare) -> ShareClient:
    """Return a client of the server, by name."""
    return ShareClient(http, username=NAME, password=PASSWORD, base_url=share.url)
