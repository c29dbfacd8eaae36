"""The inner names of the integration that the player needs, all in one place."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random
from typing import Any, Final
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.coordinator import DexcomShareCoordinator
from custom_components.dexcom_share.watch.news import SIGNAL_NEWS, age_signal, alert_signal, reading_signal

_STATISTICS: Final = f"custom_components.{DOMAIN}.watch.long_term_statistics"

ENTITIES: Final = {
    "value": ("sensor", "value"),
    "age": ("sensor", "age"),
    "data_status": ("sensor", "data_status"),
    "stale": ("binary_sensor", "stale"),
    "alert": ("event", "alert"),
    "alerts": ("switch", "alerts"),
}
"""The entities by a short name: platform and end of the unique id."""


def listen(hass: HomeAssistant, entry: ConfigEntry, listener: Callable[[Any], None]) -> None:
    """Call a listener with everything that the alerts of a person tell."""
    async_dispatcher_connect(hass, alert_signal(entry), listener)


def told(event: Any, now: datetime) -> dict[str, Any]:
    """Return what an alert event tells, as the timeline has it; `now` is the true time.

    `getattr` with a default, and the age counted here, go when the event has `last_known` and `reading_age`.
    """
    age = getattr(event, "reading_age", None)
    if not hasattr(event, "reading_age") and event.reading_time:
        age = now - event.reading_time
    return {
        "told": str(event.type),
        "kind": str(event.kind),
        "value": event.value_mgdl,
        "reading_age": None if age is None else round(age.total_seconds(), 1),
        "overshadowed_by": None if event.overshadowed_by is None else str(event.overshadowed_by),
        "last_known": bool(getattr(event, "last_known", False)),
    }


def entity_id(hass: HomeAssistant, entry: ConfigEntry, name: str) -> str | None:
    """Return the entity of a short name, None where it is not there yet."""
    platform, key = ENTITIES[name]
    return er.async_get(hass).async_get_entity_id(platform, DOMAIN, f"{entry.unique_id}_{key}")


def kept(entry: ConfigEntry) -> int | None:
    """Return how many readings the history of a person holds, None where nothing is at work for them."""
    person = getattr(entry, "runtime_data", None)
    return None if person is None else _count(person.glucose)


def _count(coordinator: Any) -> int:
    return len(coordinator.history.recent(datetime.min.replace(tzinfo=UTC)))


@contextmanager
def watched_polls(
    note: Callable[[str], None], has_failed: Callable[[int], bool], calls: Sequence[Any]
) -> Iterator[None]:
    """Call `note` after each poll that found something new or failed; `has_failed` judges the calls from a place on."""
    original = DexcomShareCoordinator._async_update_data  # noqa: SLF001  (the name is Home Assistant's)

    async def update(self: DexcomShareCoordinator) -> Any:
        before, place = _count(self), len(calls)
        failed = True
        try:
            data = await original(self)
            failed = has_failed(place)
        finally:
            if failed:
                note("failed")
            elif _count(self) > before:
                note("new")
        return data

    with patch.object(DexcomShareCoordinator, "_async_update_data", update):
        yield


@contextmanager
def all_entities() -> Iterator[None]:
    """Let every entity be enabled from its first start on, as a timeline shows what some of them tell."""
    with patch("homeassistant.helpers.entity.Entity.entity_registry_enabled_default", new=True):
        yield


@contextmanager
def repeatable_pauses() -> Iterator[None]:
    """Let the pauses after faults be the same in every run."""
    with patch(f"custom_components.{DOMAIN}.glucose.schedule.Random", lambda: Random(1)):
        yield


def break_listeners(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Add listeners that raise to everything that a person's readings and alerts are told by, before all others."""
    for signal in (SIGNAL_NEWS, alert_signal(entry), reading_signal(entry), age_signal(entry)):
        async_dispatcher_connect(hass, signal, _raise)
        _put_first(hass.data["dispatcher"].get(signal, {}))
    coordinator = entry.runtime_data.glucose
    coordinator.async_add_listener(_raise)
    _put_first(coordinator._listeners)  # noqa: SLF001


def _put_first(listeners: dict[Any, Any]) -> None:
    """Move what was added last to the front."""
    if listeners:
        last = listeners.popitem()
        others = dict(listeners)
        listeners.clear()
        listeners.update([last, *others.items()])


def _raise(*_: object) -> None:
    raise RuntimeError("this listener is broken")


@contextmanager
def broken_recorder() -> Iterator[None]:
    """Let everything that the integration asks the recorder for raise."""
    with (
        patch(f"{_STATISTICS}.is_entity_recorded", lambda *_: True),
        patch(f"{_STATISTICS}.get_instance", _raise),
        patch(f"{_STATISTICS}.async_import_statistics", _raise),
    ):
        yield


def with_setting(options: Mapping[str, Any], setting: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of an entry with a setting of one kind of alert, stored as the options flow does."""
    alerts = options.get("alerts", {})
    kinds = alerts.get("kinds", {})
    names = {"limit_mgdl": "limit"}
    changed = {names.get(key, key): value for key, value in setting.items() if key != "kind"}
    kind = setting["kind"]
    return {**options, "alerts": {**alerts, "kinds": {**kinds, kind: {**kinds.get(kind, {}), **changed}}}}
