"""The status page, in the shape of Statuspage's public API; what its components are called is made up."""

from datetime import datetime
from typing import Final

from .. import dice
from ..wire import Json
from .table import GET, Context, Reply, Route, Table, json_reply

_COMPONENTS: Final = ("Share", "Follow", "Data upload")
_DESCRIPTIONS: Final = {
    "none": "All Systems Operational",
    "minor": "Partially Degraded Service",
    "major": "Partial System Outage",
    "critical": "Major Service Outage",
    "maintenance": "Service Under Maintenance",
}
_COMPONENT_STATUS: Final = {
    "none": "operational",
    "minor": "degraded_performance",
    "major": "partial_outage",
    "critical": "major_outage",
    "maintenance": "under_maintenance",
}


def status(context: Context) -> Reply:
    """Return the one line of the status page."""
    return json_reply(_status(context))


def summary(context: Context) -> Reply:
    """Return the whole status page."""
    indicator = _indicator(context)
    incidents: list[Json] = []
    if indicator not in {"none", "maintenance"}:
        incidents.append(_incident(indicator, context.now))
    maintenances: list[Json] = []
    if indicator == "maintenance":
        maintenances.append(
            _incident(indicator, context.now)
            | {"status": "in_progress", "scheduled_for": _iso(context.now), "scheduled_until": _iso(context.now)}
        )
    return json_reply(
        _status(context)
        | {
            "components": [_component(number, indicator, context.now) for number in range(len(_COMPONENTS))],
            "incidents": incidents,
            "scheduled_maintenances": maintenances,
        }
    )


def _indicator(context: Context) -> str:
    return context.switches.get(lambda faults: faults.status_page) or "none"


def _status(context: Context) -> dict[str, Json]:
    indicator = _indicator(context)
    return {
        "page": {
            "id": "simulator",
            "name": "Dexcom",
            "url": "https://status.dexcom.com",
            "time_zone": "Etc/UTC",
            "updated_at": _iso(context.now),
        },
        "status": {"indicator": indicator, "description": _DESCRIPTIONS[indicator]},
    }


def _component(number: int, indicator: str, now: datetime) -> dict[str, Json]:
    """Return one component; trouble hits the first of them."""
    return {
        "id": dice.uuid("component", number),
        "name": _COMPONENTS[number],
        "status": _COMPONENT_STATUS[indicator if number == 0 else "none"],
        "created_at": _iso(now),
        "updated_at": _iso(now),
        "position": number + 1,
        "description": None,
        "showcase": True,
        "start_date": None,
        "group_id": None,
        "page_id": "simulator",
        "group": False,
        "only_show_if_degraded": False,
    }


def _incident(impact: str, now: datetime) -> dict[str, Json]:
    """Return the incident, or the maintenance, behind an indicator."""
    identifier = dice.uuid("incident", impact)
    update: Json = {
        "id": dice.uuid("update", impact),
        "status": "investigating",
        "body": "We are looking into it.",
        "incident_id": identifier,
        "created_at": _iso(now),
        "updated_at": _iso(now),
        "display_at": _iso(now),
        "affected_components": None,
    }
    return {
        "id": identifier,
        "name": _DESCRIPTIONS[impact],
        "status": "investigating",
        "created_at": _iso(now),
        "updated_at": _iso(now),
        "monitoring_at": None,
        "resolved_at": None,
        "impact": impact,
        "shortlink": "https://status.dexcom.com",
        "started_at": _iso(now),
        "page_id": "simulator",
        "incident_updates": [update],
        "components": [_component(0, impact, now)],
    }


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds")


ROUTES: Final[Table] = {
    "/api/v2/status.json": Route(status, GET),
    "/api/v2/summary.json": Route(summary, GET),
}
