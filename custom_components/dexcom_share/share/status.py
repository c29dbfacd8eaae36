"""The public status page of Dexcom, which tells an outage from a fault of one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self, override

import aiohttp
from yarl import URL

from .errors import ShareResponseError, ShareServerError
from .transport import fetch
from .wire import decode_json

STATUS_URL: Final = "https://status.dexcom.com/api/v2/summary.json"


class _TolerantEnum(StrEnum):
    """An enum that takes a word nobody knows for `UNKNOWN`."""

    @classmethod
    @override
    def _missing_(cls, value: object) -> Self:
        """Return the member for unknown words."""
        return cls("unknown")


class StatusIndicator(_TolerantEnum):
    """How bad it is altogether; also the impact of one incident."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"


class ComponentStatus(_TolerantEnum):
    """How one component does, the worst first."""

    MAJOR_OUTAGE = "major_outage"
    PARTIAL_OUTAGE = "partial_outage"
    DEGRADED_PERFORMANCE = "degraded_performance"
    UNDER_MAINTENANCE = "under_maintenance"
    UNKNOWN = "unknown"
    OPERATIONAL = "operational"


_RANKS: Final = {status: rank for rank, status in enumerate(ComponentStatus)}
_RESOLVED: Final = frozenset({"resolved", "postmortem"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One part of Dexcom's services, by the page's own name."""

    name: str
    status: ComponentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident that is not resolved; `status` is the page's word, such as `investigating`."""

    name: str
    status: str
    impact: StatusIndicator


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusSummary:
    """The state of Dexcom's services; `components` has the worst first, each group by its parts."""

    indicator: StatusIndicator
    description: str
    incidents: tuple[Incident, ...]
    components: tuple[Component, ...]

    @property
    def affected(self) -> tuple[Component, ...]:
        """Return the components that are said not to work as they should, the worst first."""
        fine = (ComponentStatus.OPERATIONAL, ComponentStatus.UNKNOWN)
        return tuple(component for component in self.components if component.status not in fine)


async def read_status_summary(
    session: aiohttp.ClientSession, url: str = STATUS_URL, timeout: float = 10
) -> StatusSummary:
    """Return what the status page says (format: Statuspage's public API, version 2).

    Raises:
        ShareConnectionError: there was no answer; a `ShareTimeoutError` where it took longer than `timeout` seconds.
        ShareServerError: the page answered with a status of failure.
        ShareResponseError: the page answered with something else than a summary.
    """
    answer = await fetch(session, "GET", URL(url), timeout_seconds=timeout)
    if not answer.is_success:
        code = f"HTTP {answer.status}"
        raise ShareServerError(f"The status page reported a fault ({code})", code=code)
    summary = _object(decode_json(answer.body))
    status = _object(summary.get("status"))
    components = [
        Component(name=_text(item, "name"), status=ComponentStatus(_text(item, "status")))
        for item in _objects(summary, "components")
        if item.get("group") is not True
    ]
    return StatusSummary(
        indicator=StatusIndicator(_text(status, "indicator")),
        description=_text(status, "description"),
        incidents=tuple(
            Incident(
                name=_text(item, "name"),
                status=_text(item, "status"),
                impact=StatusIndicator(_text(item, "impact")),
            )
            for item in _objects(summary, "incidents")
            if _text(item, "status") not in _RESOLVED
        ),
        components=tuple(sorted(components, key=lambda component: _RANKS[component.status])),
    )


def _object(value: object) -> Mapping[str, object]:
    """Return a JSON object."""
    if not isinstance(value, dict):
        raise ShareResponseError("The status page's answer is not a summary")
    return value


def _objects(document: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    """Return a list of JSON objects, empty where there is none."""
    value = document.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(document: Mapping[str, object], key: str) -> str:
    """Return a text, empty where there is none."""
    value = document.get(key)
    return value if isinstance(value, str) else ""
