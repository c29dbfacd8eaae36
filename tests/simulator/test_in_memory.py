"""The simulator without sockets."""

import asyncio
from datetime import timedelta
import selectors
from typing import override

from aiohttp import ClientConnectionError, ClientPayloadError, ClientSession, ServerDisconnectedError, web
import pytest

from simulator import Account, Limited, MemoryConnector, Simulator, in_memory, make_app

from .conftest import APPLICATION_ID, NAME, PASSWORD, READ, START

US = "https://share2.dexcom.com/ShareWebServices/Services/"


async def login(session: ClientSession, base: str = US) -> str:
    """Return a session id."""
    body = {"accountName": NAME, "password": PASSWORD, "applicationId": APPLICATION_ID}
    async with session.post(f"{base}General/LoginPublisherAccountByName", json=body) as response:
        return str(await response.json())


async def test_real_addresses_lead_to_the_simulator(simulator: Simulator, account: Account) -> None:
    """Without a socket, and the host names the region."""
    account.region = "us"
    async with in_memory(simulator) as session:
        session_id = await login(session)
        assert session_id in account.sessions
        query = {"sessionId": session_id, "minutes": "1440", "maxCount": "288"}
        async with session.post(US + READ, params=query) as response:
            assert len(await response.json()) == 12
        refused = await login(session, US.replace("share2", "shareous1"))
        assert "AccountPasswordInvalid" in refused


async def test_calls_at_the_same_time(simulator: Simulator, account: Account) -> None:
    """Each has its own connection."""
    async with in_memory(simulator) as session:
        ids = await asyncio.gather(*(login(session) for _ in range(20)))
    assert len(set(ids)) == 20


async def test_large_bodies_arrive(simulator: Simulator, account: Account) -> None:
    """Larger than the client's buffers."""
    simulator.faults.raw_body = "x" * 3_000_000
    async with in_memory(simulator) as session, session.get(f"{US}General/SystemUtcTime") as response:
        await asyncio.sleep(0)
        assert len(await response.read()) == 3_000_000


async def test_connections_break_here_too(simulator: Simulator, account: Account) -> None:
    """Before and inside the answer, and after the end."""
    async with in_memory(simulator) as session:
        simulator.faults.disconnect = Limited("before", calls=1)
        with pytest.raises(ServerDisconnectedError):
            await login(session)
        simulator.faults.disconnect = Limited("inside", calls=1)
        with pytest.raises(ClientPayloadError):
            await login(session)
        assert await login(session) in account.sessions


async def test_nothing_to_connect_to(simulator: Simulator) -> None:
    """A runner that is not set up answers nothing."""
    runner = web.AppRunner(make_app(simulator))
    async with ClientSession(connector=MemoryConnector(runner)) as session:
        with pytest.raises(ClientConnectionError):
            await login(session)


class JumpingSelector(selectors.DefaultSelector):
    """A selector that never waits: instead the time of the loop jumps to the next timer."""

    now = 0.0

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += timeout or 0
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose time is virtual."""

    def __init__(self) -> None:
        self._selector_of_time = JumpingSelector()
        super().__init__(self._selector_of_time)

    @override
    def time(self) -> float:
        return self._selector_of_time.now


def test_virtual_time() -> None:
    """Days pass at once: the simulator takes its time from the loop, and waits for nothing but the loop's timers."""

    async def follow() -> tuple[float, list[int]]:
        loop = asyncio.get_running_loop()
        simulator = Simulator(clock=lambda: START + timedelta(seconds=loop.time()), seed=1)
        account = simulator.add_account(NAME, PASSWORD)
        simulator.faults.delay_seconds = 30
        counts: list[int] = []
        async with in_memory(simulator) as session:
            for _ in range(10):
                query = {"sessionId": await login(session), "minutes": "1440", "maxCount": "288"}
                async with session.post(US + READ, params=query) as response:
                    counts.append(len(await response.json()))
                await asyncio.sleep(86400)
        assert simulator.now() > account.latest(START, simulator.now(), 1)[0].time > START + timedelta(days=9.9)
        return loop.time(), counts

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        passed, counts = runner.run(follow())
    assert 864_600 <= passed < 864_700
    assert min(counts) > 250


async def test_server_stops_when_the_client_goes(simulator: Simulator, account: Account) -> None:
    """A slow answer that nobody waits for ends at once."""
    simulator.faults.delay_seconds = 3600
    async with in_memory(simulator) as session:
        call = asyncio.create_task(login(session))
        while not simulator.calls:  # noqa: ASYNC110  (nothing tells when it has arrived)
            await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert simulator.calls[0].status is None
