"""What needs no log-in: the system time, the status page; and what all answers have in common."""

import pytest

from simulator import Limited, Simulator

from .conftest import READ, SERVICES, Wire


async def test_system_time(wire: Wire, simulator: Simulator) -> None:
    """JSON, or XML as somebody saw it once."""
    answer = await wire.call("General/SystemUtcTime", method="GET")
    assert answer.text == '{"DateTime":"/Date(1773480413589)/","OffsetMinutes":0}'
    simulator.faults.system_time_as = "xml"
    xml = await wire.call("General/SystemUtcTime", method="GET")
    assert xml.headers["Content-Type"] == "application/xml"
    assert "<DateTime>2026-03-14T09:26:53.589Z</DateTime>" in xml.text


@pytest.mark.parametrize(
    ("indicator", "description", "component", "incidents"),
    [
        ("none", "All Systems Operational", "operational", 0),
        ("minor", "Partially Degraded Service", "degraded_performance", 1),
        ("major", "Partial System Outage", "partial_outage", 1),
        ("critical", "Major Service Outage", "major_outage", 1),
        ("maintenance", "Service Under Maintenance", "under_maintenance", 0),
    ],
)
async def test_status_page(
    wire: Wire, simulator: Simulator, indicator: str, description: str, component: str, incidents: int
) -> None:
    """Statuspage's shapes; the summary holds what the short form holds."""
    simulator.faults.status_page = indicator
    short = (await wire.call("api/v2/status.json", method="GET", base="/")).json
    summary = (await wire.call("api/v2/summary.json", method="GET", base="/")).json
    assert isinstance(short, dict)
    assert isinstance(summary, dict)
    assert short["status"] == {"indicator": indicator, "description": description}
    assert short.items() <= summary.items()
    components = summary["components"]
    assert isinstance(components, list)
    assert isinstance(components[0], dict)
    assert components[0]["status"] == component
    assert isinstance(summary["incidents"], list)
    assert len(summary["incidents"]) == incidents
    assert isinstance(summary["scheduled_maintenances"], list)
    assert bool(summary["scheduled_maintenances"]) == (indicator == "maintenance")


async def test_outage_of_share_leaves_the_status_page_alone(wire: Wire, simulator: Simulator) -> None:
    """It has a host of its own; faults reach it only by name."""
    simulator.faults.html_status = 503
    simulator.faults.fault_code = "Broken"
    assert (await wire.call("api/v2/status.json", method="GET", base="/")).status == 200
    simulator.faults.html_status = Limited(503, endpoints=["status.json"])
    assert (await wire.call("api/v2/status.json", method="GET", base="/")).status == 503


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
