"""The public status page."""

from aiohttp import ClientSession
import pytest

from custom_components.dexcom_share.share import (
    STATUS_URL,
    Component,
    ComponentStatus,
    Incident,
    ShareResponseError,
    ShareServerError,
    ShareTimeoutError,
    StatusIndicator,
    StatusSummary,
    read_status_summary,
)

from .conftest import FakeShare, answer, text

SUMMARY = {
    "page": {"id": "x", "name": "Dexcom", "url": "https://status.example", "updated_at": "2025-01-01T00:00:00Z"},
    "status": {"indicator": "major", "description": "Partial System Outage"},
    "components": [
        {"name": "Store", "status": "operational", "group": False},
        {"name": "Apps", "status": "major_outage", "group": True, "components": ["a"]},
        {"name": "Follow", "status": "partial_outage", "group": False},
        {"name": "Clarity", "status": "shaky", "group": False},
        {"name": "Share", "status": "major_outage"},
        {"name": "Portal", "status": "under_maintenance"},
        {"name": "Uploads", "status": "degraded_performance"},
        None,
        {},
    ],
    "incidents": [
        {"name": "Share data delayed", "status": "investigating", "impact": "major"},
        {"name": "Over", "status": "resolved", "impact": "critical"},
        {"name": "Long over", "status": "postmortem", "impact": "critical"},
        {"name": "Odd", "status": "identified", "impact": "cosmic"},
    ],
    "scheduled_maintenances": [],
}


async def test_the_summary_has_the_worst_first(http: ClientSession, share: FakeShare) -> None:
    """Groups are known by their parts, incidents that are over are left out, unknown words are known as such."""
    share.script("summary.json", answer(SUMMARY))
    summary = await read_status_summary(http, f"{share.url}summary.json")
    assert summary == StatusSummary(
        indicator=StatusIndicator.MAJOR,
        description="Partial System Outage",
        incidents=(
            Incident(name="Share data delayed", status="investigating", impact=StatusIndicator.MAJOR),
            Incident(name="Odd", status="identified", impact=StatusIndicator.UNKNOWN),
        ),
        components=(
            Component(name="Share", status=ComponentStatus.MAJOR_OUTAGE),
            Component(name="Follow", status=ComponentStatus.PARTIAL_OUTAGE),
            Component(name="Uploads", status=ComponentStatus.DEGRADED_PERFORMANCE),
            Component(name="Portal", status=ComponentStatus.UNDER_MAINTENANCE),
            Component(name="Clarity", status=ComponentStatus.UNKNOWN),
            Component(name="", status=ComponentStatus.UNKNOWN),
            Component(name="Store", status=ComponentStatus.OPERATIONAL),
        ),
    )
    assert [component.name for component in summary.affected] == ["Share", "Follow", "Uploads", "Portal"]
    assert share.calls[0].method == "GET"


async def test_a_summary_may_be_short(http: ClientSession, share: FakeShare) -> None:
    """Only the overall status must be there."""
    share.script("summary.json", answer({"status": {"indicator": "none", "description": None}, "incidents": {}}))
    summary = await read_status_summary(http, f"{share.url}summary.json")
    assert summary == StatusSummary(indicator=StatusIndicator.NONE, description="", incidents=(), components=())


async def test_odd_fields_are_no_words(http: ClientSession, share: FakeShare) -> None:
    """A list where a word belongs is none, and does not break the page."""
    odd = {
        "status": {"indicator": []},
        "components": [{"name": {}, "status": ["operational"], "group": []}],
        "incidents": [{"name": [], "status": ["resolved"], "impact": {}}, {"status": {"a": 1}}],
    }
    share.script("summary.json", answer(odd))
    summary = await read_status_summary(http, f"{share.url}summary.json")
    assert summary.indicator is StatusIndicator.UNKNOWN
    assert summary.components == (Component(name="", status=ComponentStatus.UNKNOWN),)
    assert [incident.status for incident in summary.incidents] == ["", ""]


@pytest.mark.parametrize("body", ["<html>", "[]", "{}", '{"status": "none"}', ""])
async def test_what_is_no_summary_is_an_error(http: ClientSession, share: FakeShare, body: str) -> None:
    """An unreadable page never passes for one that reports no trouble."""
    share.script("summary.json", text(body))
    with pytest.raises(ShareResponseError):
        await read_status_summary(http, f"{share.url}summary.json")


async def test_failures_are_the_clients_own(http: ClientSession, share: FakeShare) -> None:
    """Redirects are not followed here either."""
    share.script(
        "summary.json", text("", status=503), text("", status=302, Location=f"{share.url}elsewhere"), share.stall
    )
    with pytest.raises(ShareServerError) as caught:
        await read_status_summary(http, f"{share.url}summary.json")
    assert caught.value.code == "HTTP 503"
    with pytest.raises(ShareResponseError):
        await read_status_summary(http, f"{share.url}summary.json")
    with pytest.raises(ShareTimeoutError):
        await read_status_summary(http, f"{share.url}summary.json", timeout=0.05)
    assert share.endpoints == ["summary.json"] * 3


def test_the_page_is_dexcoms() -> None:
    """Over https."""
    assert STATUS_URL == "https://status.dexcom.com/api/v2/summary.json"
