"""What would keep actions from working: missing actions and devices, and targets that are unavailable."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from homeassistant.const import ENTITY_MATCH_ALL, ENTITY_MATCH_NONE, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

SWITCHED: Final = frozenset(
    {"light", "switch", "fan", "siren", "media_player", "input_boolean", "remote", "humidifier"}
)
"""Of these domains an entity whose state is not known can't be reached; others, as a scene, have none before use."""
TARGET_KEYS: Final = ("entity_id", "device_id", "area_id", "floor_id", "label_id")


def problems_of(hass: HomeAssistant, actions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of what is missing or unavailable for actions, each once; templates can't be told beforehand."""
    found: list[str] = []
    for call in _calls(actions):
        name = str(call.get("action", call.get("service", "")))
        domain, _, service = name.partition(".")
        if name and "{" not in name and not hass.services.has_service(domain, service):
            found.append(name)
        found += [entity_id for entity_id in targets_of(hass, call) if not is_available(hass, entity_id)]
        for device_id in _listed(_target(call).get("device_id")):
            if "{" not in device_id and dr.async_get(hass).async_get(device_id) is None:
                found.append(device_id)
    return list(dict.fromkeys(found))


def targets_of_all(hass: HomeAssistant, actions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the entities that actions are for, each once."""
    found = [entity_id for call in _calls(actions) for entity_id in targets_of(hass, call)]
    return list(dict.fromkeys(found))


def targets_of(hass: HomeAssistant, call: Mapping[str, Any]) -> list[str]:
    """Return the entities that one call is for: those named, and those of devices, areas and labels it can act on."""
    entities = er.async_get(hass)
    target = {key: _named(value) for key, value in _target(call).items()}
    # The picker of devices names an entity by its id in the registry.
    named = [er.async_resolve_entity_id(entities, each) or each for each in target.get("entity_id", ())]
    target["entity_id"] = named
    selected = async_extract_referenced_entity_ids(hass, TargetSelection(target))
    domain = str(call.get("action", call.get("service", ""))).partition(".")[0]
    indirect = {
        entity_id
        for entity_id in selected.indirectly_referenced
        if domain in {"homeassistant", entity_id.partition(".")[0]}
    }
    data = call.get("data")
    spoken_at = _listed(data.get("media_player_entity_id") if isinstance(data, Mapping) else None)
    return sorted({*selected.referenced, *indirect, *(each for each in spoken_at if "{" not in each)})


def is_available(hass: HomeAssistant, entity_id: str) -> bool:
    """Return whether an entity can be reached, as far as it says."""
    state = hass.states.get(entity_id)
    if state is None or state.state == STATE_UNAVAILABLE:
        return False
    return state.state != STATE_UNKNOWN or state.domain not in SWITCHED


def _calls(actions: object) -> Iterator[Mapping[str, Any]]:
    """Return the calls among actions, those of choices and parallel branches too."""
    if isinstance(actions, Mapping):
        if actions.get("enabled") is False:
            return
        if "action" in actions or "service" in actions or "device_id" in actions:
            yield actions
            return
        for value in actions.values():
            yield from _calls(value)
    elif isinstance(actions, list | tuple):
        for value in actions:
            yield from _calls(value)


def _target(call: Mapping[str, Any]) -> dict[str, Any]:
    """Return the target of a call, wherever it is written."""
    parts = [part for part in (call, call.get("data"), call.get("target")) if isinstance(part, Mapping)]
    return {key: part[key] for part in parts for key in TARGET_KEYS if part.get(key) is not None}


def _named(value: object) -> list[str]:
    """Return the ids that are told beforehand."""
    return [each for each in _listed(value) if "{" not in each and each not in {ENTITY_MATCH_ALL, ENTITY_MATCH_NONE}]


def _listed(value: object) -> list[str]:
    """Return one or several ids as a list."""
    if value is None:
        return []
    if isinstance(value, list | tuple | set):
        return [str(each) for each in value]
    return [each.strip() for each in str(value).split(",")] if "{" not in str(value) else [str(value)]
