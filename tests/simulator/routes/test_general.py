"""What needs no log-in: the system time."""

from simulator import Simulator

from ..conftest import Wire


async def test_system_time(wire: Wire, simulator: Simulator) -> None:
    """JSON, or XML as somebody saw it once."""
    answer = await wire.call("General/SystemUtcTime", method="GET")
    assert answer.text == '{"DateTime":"/Date(1773480413589)/","OffsetMinutes":0}'
    simulator.faults.system_time_as = "xml"
    xml = await wire.call("General/SystemUtcTime", method="GET")
    assert xml.headers["Content-Type"] == "application/xml"
    assert "<DateTime>2026-03-14T09:26:53.589Z</DateTime>" in xml.text
