"""What all answers have in common: routes, headers, compression.

Also tests `routes/table.py`.
"""

from simulator.routes import contacts, general, login, reading, status_page, uploading
from simulator.server import ROUTES

from .conftest import READ, SERVICES, Wire


def test_no_two_modules_claim_a_path() -> None:
    """The joined table holds every route of every module."""
    modules = (contacts, general, login, reading, status_page, uploading)
    assert len(ROUTES) == sum(len(module.ROUTES) for module in modules)


async def test_headers_are_those_of_the_recordings(wire: Wire, session: str) -> None:
    """Log-ins say that they must not be cached, all say who serves them."""
    login, read = await wire.authenticate(), await wire.read(session)
    for answer in (login, read):
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Server"] == "cloudflare"
        assert len(answer.headers["x-trace-id"]) == 36
    assert login.headers["Cache-Control"] == "no-cache, no-store, max-age=0, must-revalidate"
    assert "Cache-Control" not in read.headers
    assert login.headers["Content-Length"] == "38"


async def test_compressed_on_request(wire: Wire, session: str) -> None:
    """Gzip when the request takes it, plain when it asks for something odd."""
    url = f"{SERVICES}{READ}?sessionId={session}&minutes=60&maxCount=9"
    plain = await wire.client.post(url, headers={"Accept-Encoding": "application/json"})
    assert "Content-Encoding" not in plain.headers
    packed = await wire.client.post(url, headers={"Accept-Encoding": "gzip, deflate"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Transfer-Encoding"] == "chunked"
    assert await packed.text() == await plain.text()


async def test_wrong_path_and_wrong_method(wire: Wire) -> None:
    """Fault objects with the status that fits; nobody knows what the real server says."""
    assert (await wire.call("Publisher/Nothing")).status == 404
    assert (await wire.call("General/AuthenticatePublisherAccount", method="GET")).status == 405
    assert (await wire.call("elsewhere", base="/")).code == "ResourceNotFound"


async def test_stray_slash_is_forgiven(wire: Wire) -> None:
    """An old example ends with one."""
    assert (await wire.call("General/SystemUtcTime/", method="GET")).status == 200
