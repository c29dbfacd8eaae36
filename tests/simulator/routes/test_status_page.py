"""The status page, and which faults reach it."""

import pytest

from simulator import Limited, Simulator

from ..conftest import Wire


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
