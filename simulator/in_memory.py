"""The simulator without sockets: a client session whose connections end in the same event loop.

It answers for every host, `https://share2.dexcom.com` too, so a client needs no other address; and since nothing waits
for a network, it also runs on a loop whose time is virtual.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from typing import override

import aiohttp
from aiohttp import ClientRequest, ClientTimeout, web
from aiohttp.client_proto import ResponseHandler
from aiohttp.tracing import Trace

from .server import make_app
from .world import Simulator


@asynccontextmanager
async def in_memory(simulator: Simulator) -> AsyncGenerator[aiohttp.ClientSession]:
    """Yield a session whose every request goes to the simulator."""
    # A slow answer ends when its client goes, so that nothing is left behind.
    runner = web.AppRunner(make_app(simulator), access_log=None, handler_cancellation=True)
    await runner.setup()
    try:
        async with aiohttp.ClientSession(connector=MemoryConnector(runner)) as session:
            yield session
    finally:
        await runner.cleanup()


class MemoryConnector(aiohttp.BaseConnector):
    """Connects to an application of the same event loop, whatever the address."""

    def __init__(self, runner: web.AppRunner) -> None:
        """Take the runner of the application; it must be set up before the first request."""
        super().__init__()
        self._runner = runner

    @override
    async def _create_connection(
        self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout
    ) -> ResponseHandler:
        """Return the client's end of a new connection."""
        if self._runner.server is None:
            raise aiohttp.ClientConnectionError("the simulator does not run")
        loop = asyncio.get_running_loop()
        client = ResponseHandler(loop)
        server = self._runner.server()
        client_end, server_end = _End(loop, client), _End(loop, server)
        client_end.peer, server_end.peer = server_end, client_end
        server.connection_made(server_end)
        client.connection_made(client_end)
        return client


class _End(asyncio.Transport):
    """One end of a connection; what is written here is read at the other end, one turn of the loop later."""

    peer: _End

    def __init__(self, loop: asyncio.AbstractEventLoop, protocol: asyncio.Protocol) -> None:
        super().__init__({"peername": ("127.0.0.1", 0)})
        self._loop = loop
        self._protocol = protocol
        self._closing = False

    @override
    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._closing:
            self._loop.call_soon(self.peer.receive, bytes(data))

    @override
    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(list_of_data))

    @override
    def is_closing(self) -> bool:
        return self._closing

    @override
    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._protocol.connection_lost, None)
            # After whatever was written before.
            self._loop.call_soon(self.peer.close)

    @override
    def abort(self) -> None:
        self.close()

    def receive(self, data: bytes) -> None:
        """Hand on what the other end wrote."""
        if not self._closing:
            self._protocol.data_received(data)
