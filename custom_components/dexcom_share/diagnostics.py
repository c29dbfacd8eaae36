"""Diagnostics: what support needs, and nothing that tells who somebody is or what their glucose was."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.util import dt as dt_util

from .account.account import Account
from .const import CONF_BASE_URL, CONF_REGION
from .coordinator import DexcomShareCoordinator
from .person import DexcomShareConfigEntry
from .share import GlucoseReading
from .sharing.coordinator import FollowersCoordinator

SHOWN: Final = timedelta(hours=24)
# Of an entity's options only these tell how it is shown, and none of them names anything.
ENTITY_OPTIONS: Final = ("unit_of_measurement", "display_precision")


async def async_get_config_entry_diagnostics(hass: HomeAssistant, entry: DexcomShareConfigEntry) -> dict[str, Any]:
    """Return the state of one person's parts."""
    data = {
        "entry": {
            "version": f"{entry.version}.{entry.minor_version}",
            "state": entry.state.value,
            "source": entry.source,
            "region": entry.data.get(CONF_REGION),
            "has_own_server": CONF_BASE_URL in entry.data,
            "options": sorted(entry.options),
            "polling_disabled": entry.pref_disable_polling,
        },
        "time_zone_offset_minutes": _minutes(dt_util.now().utcoffset()),
    }
    if entry.state is not ConfigEntryState.LOADED:
        # Nothing runs: that is what there is to know.
        return data
    person = entry.runtime_data
    return {
        **data,
        "client": _client(person.account),
        "login": _login(person.account),
        "glucose": _glucose(person.glucose),
        "followers": _followers(person.followers),
        "calls_since": _iso(person.account.calls.since(person.account.now())),
        "calls_24h": [
            {"endpoint": kind.endpoint, "outcome": kind.outcome, "code": kind.code, "count": count}
            for kind, count in person.account.calls.counts(person.account.now()).items()
        ],
    }


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: DexcomShareConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Return the same, and the entities by what they are; their ids would name the person."""
    entities = er.async_entries_for_device(er.async_get(hass), device.id, include_disabled_entities=True)
    return {
        **await async_get_config_entry_diagnostics(hass, entry),
        "entities": [
            {
                "kind": f"{entity.domain}.{entity.translation_key}",
                "disabled_by": entity.disabled_by,
                "hidden_by": entity.hidden_by,
                "options": {
                    name: value
                    for options in entity.options.values()
                    for name, value in options.items()
                    if name in ENTITY_OPTIONS
                },
                "is_available": (state := hass.states.get(entity.entity_id)) is not None
                and state.state != "unavailable",
            }
            for entity in sorted(entities, key=lambda entity: (entity.domain, str(entity.translation_key)))
        ],
    }


def _client(account: Account) -> dict[str, Any]:
    """Return how the client stands with the server."""
    clock = account.clock
    return {
        "has_session": account.client.has_session,
        "clock_offset_seconds": round(-clock.offset_to_machine.total_seconds()) if clock.is_heard else None,
        "clock_confirmed": clock.is_confirmed,
        "last_success": _iso(account.calls.last_success),
    }


def _login(account: Account) -> dict[str, Any]:
    """Return what keeps from logging in."""
    return {
        "has_worked": account.guard.has_worked,
        "refused_since": _iso(account.refused_since()),
        "locked_until": _iso(account.locked_until()),
        "next_attempt": _iso(account.next_login_at()),
    }


def _glucose(glucose: DexcomShareCoordinator) -> dict[str, Any]:
    """Return counts and timings of readings, without a value."""
    now = glucose.now()
    recent = glucose.history.recent(now - SHOWN)
    error = glucose.last_exception
    return {
        "status": glucose.data.status,
        "last_update_success": glucose.last_update_success,
        "last_error": None if glucose.last_update_success or error is None else type(error.__cause__ or error).__name__,
        "seconds_to_next_poll": (glucose.next_poll - glucose.account.now()).total_seconds(),
        "readings_kept": len(glucose.history),
        "readings_24h": len(recent),
        "age_seconds": None if glucose.data.age is None else round(glucose.data.age.total_seconds()),
        "ages_of_latest_seconds": [round((now - reading.time).total_seconds()) for reading in recent[-12:]],
        "spacings_24h_minutes": _spacings(recent),
        "utc_offset_minutes": _minutes(recent[-1].utc_offset) if recent else None,
        # How many readings of an hour (UTC) came in which interval, from the last ask in vain to the one that found.
        "upload_delay_seconds_by_hour": glucose.schedule.histogram.to_dict(),
    }


def _spacings(readings: Sequence[GlucoseReading]) -> dict[str, int]:
    """Return how often two readings lie so many minutes apart."""
    minutes = (round((newer.time - older.time) / timedelta(minutes=1)) for older, newer in pairwise(readings))
    return {str(spacing): count for spacing, count in sorted(Counter(minutes).items())}


def _followers(followers: FollowersCoordinator) -> dict[str, Any]:
    """Return how many followers are in which state."""
    return {
        "sharing_active": followers.data.sharing_active,
        "states": dict(sorted(Counter(one.state.name.lower() for one in followers.subscriptions).items())),
        "last_update_success": followers.last_update_success,
        "removals_due": [_iso(removal.due) for removal in followers.removals.pending],
    }


def _iso(time: datetime | None) -> str | None:
    """Return a time as text."""
    return time.isoformat() if time else None


def _minutes(span: timedelta | None) -> int | None:
    """Return a span in minutes."""
    return None if span is None else round(span / timedelta(minutes=1))
