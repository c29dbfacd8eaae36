"""Fixtures: a simulator whose time stands still, and a client of it over a real socket."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import json
from typing import Final

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request
import pytest

from simulator import Account, ListSource, Simulator, make_app
from simulator.wire import Json

START: Final = datetime(2026, 3, 14, 9, 26, 53, 589000, tzinfo=UTC)
NAME: Final = "anna@example.com"
PASSWORD: Final = "correct horse"
APPLICATION_ID: Final = "d89443d2-327c-4a6f-89e5-496bbb0317db"
JAPANESE_APPLICATION_ID: Final = "d8665ade-9673-4e27-9ff6-92db4ce13d13"
NIL: Final = "00000000-0000-0000-0000-000000000000"
READ: Final = "Publisher/ReadPublisherLatestGlucoseValues"
SERVICES: Final = "/ShareWebServices/Services/"
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Answer:
    """An answer with its body read."""

    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def json(self) -> Json:
        """Return the body as JSON."""
        value: Json = json.loads(self.text)
        return value

    @property
    def fault(self) -> dict[str, str]:
        """Return the fault object."""
        assert self.status >= 400
        value: dict[str, str] = json.loads(self.text)
        return value

    @property
    def code(self) -> str:
        """Return the code of the fault object."""
        return self.fault["Code"]


@dataclass(frozen=True)
class Wire:
    """A client that adds nothing to what the test says."""

    client: TestClient[Request, Application]

    async def call(
        self,
        path: str,
        body: object = None,
        *,
        method: str = "POST",
        base: str = SERVICES,
        headers: Mapping[str, str] | None = None,
        **query: str | int,
    ) -> Answer:
        """Send one call; values for the query are keyword arguments."""
        data = None if body is None else json.dumps(body)
        response = await self.client.request(
            method, base + path, params=query, data=data, headers=headers, allow_redirects=False
        )
        return await _answer(response)

    async def control(self, path: str, body: object = None, *, method: str = "GET", **query: str) -> Answer:
        """Send one call to the control interface."""
        return await self.call(path, body, method=method, base="/_simulator/", headers=None, **query)

    async def authenticate(
        self, name: str = NAME, password: str = PASSWORD, application_id: str = APPLICATION_ID, base: str = SERVICES
    ) -> Answer:
        """Ask for the account id."""
        body = {"accountName": name, "password": password, "applicationId": application_id}
        return await self.call("General/AuthenticatePublisherAccount", body, base=base)

    async def login(self, account_id: object, password: str = PASSWORD, application_id: str = APPLICATION_ID) -> Answer:
        """Ask for a session id."""
        body = {"accountId": account_id, "password": password, "applicationId": application_id}
        return await self.call("General/LoginPublisherAccountById", body)

    async def session(self, account: Account) -> str:
        """Return the id of a new session."""
        answer = await self.login(account.account_id, account.password)
        assert isinstance(answer.json, str)
        return answer.json

    async def read(self, session: str, minutes: int = 1440, count: int = 288) -> Answer:
        """Ask for readings."""
        return await self.call(READ, {}, sessionId=session, minutes=minutes, maxCount=count)

    async def readings(self, session: str, minutes: int = 1440, count: int = 288) -> list[dict[str, Json]]:
        """Return the elements of the list of readings."""
        answer = await self.read(session, minutes, count)
        assert answer.status == 200
        elements: list[dict[str, Json]] = json.loads(answer.text)
        return elements


async def _answer(response: ClientResponse) -> Answer:
    return Answer(response.status, await response.text(), {**response.headers})


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def tick(self, step: timedelta) -> None:
        self.time += step


@pytest.fixture
def clock() -> Clock:
    """Return the clock of the simulator."""
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Simulator:
    """Return a simulator with one person."""
    simulator = Simulator(clock=clock, seed=1)
    simulator.add_account(NAME, PASSWORD, source=ListSource())
    return simulator


@pytest.fixture
def account(simulator: Simulator) -> Account:
    """Return that person, whose readings lie five minutes apart and rise from 100, the newest taken now."""
    account = simulator.accounts[0]
    for number in range(12):
        account.add_reading(START - (11 - number) * 5 * MINUTE, 100 + number)
    return account


@pytest.fixture
async def wire(simulator: Simulator, socket_enabled: None) -> AsyncGenerator[Wire]:
    """Return a client of the simulator."""
    async with TestClient(TestServer(make_app(simulator))) as client:
        yield Wire(client)


@pytest.fixture
async def session(wire: Wire, account: Account) -> str:
    """Return the id of a session of that person."""
    return await wire.session(account)
