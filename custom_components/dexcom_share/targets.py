"""Whom a target means: a person is targeted by their device, its area or label, or by an entity of theirs."""

from collections.abc import Collection, Mapping
from typing import Any

from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids
import voluptuous as vol

from .const import DOMAIN, HOUSEHOLD


@callback
def is_targeted(
    hass: HomeAssistant, target: TargetSelection, entry_id: str, keys: Collection[str] | None = None
) -> bool:
    """Return whether a target means this person; where it means entities, one of them must show one of `keys`.

    A device counts as a whole, so that hiding or disabling an entity of it silences nothing; only excluding an entity
    that shows one of `keys` does.
    """
    # Only Home Assistant 2026.11 and later can exclude.
    excluded = exclude.entity_ids if (exclude := getattr(target, "exclude", None)) else ()
    found = async_extract_referenced_entity_ids(hass, target, expand_group=False)
    devices = dr.async_get(hass)
    return entry_id not in {owner(hass, entity_id, keys) for entity_id in excluded} and (
        any(
            (device := devices.async_get(device_id))
            and device.config_entry_id == entry_id
            and not _is_household(device)
            for device_id in found.referenced_devices
        )
        or any(owner(hass, entity_id, keys) == entry_id for entity_id in found.referenced | found.indirectly_referenced)
    )


@callback
def entries_meant(hass: HomeAssistant, target: TargetSelection) -> set[str]:
    """Return the config entries of the persons whom a target means; the household is nobody, whoever carries it."""
    found = async_extract_referenced_entity_ids(hass, target)
    devices = dr.async_get(hass)
    of_devices = {
        device.config_entry_id
        for device_id in found.referenced_devices
        if (device := devices.async_get(device_id, include_composite_devices=False)) and not _is_household(device)
    }
    entities = found.referenced | found.indirectly_referenced
    return of_devices | {entry_id for entity_id in entities if (entry_id := owner(hass, entity_id))}


def _is_household(device: dr.DeviceEntry | dr.ChildDeviceEntry) -> bool:
    """Return whether a device is that of the household."""
    return (DOMAIN, HOUSEHOLD) in device.identifiers


@callback
def owner(hass: HomeAssistant, entity_id: str, keys: Collection[str] | None = None) -> str | None:
    """Return the config entry of the person whose fact an entity shows, None if it is not ours or none of `keys`."""
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None or entity.platform != DOMAIN or entity.config_entry_id is None:
        return None
    if entity.unique_id.startswith(f"{HOUSEHOLD}_"):
        return None
    entry = hass.config_entries.async_get_known_entry(entity.config_entry_id)
    if keys is not None and entity.unique_id.removeprefix(f"{entry.unique_id}_") not in keys:
        return None
    return entry.entry_id


@callback
def validate_target(hass: HomeAssistant, target: Mapping[str, Any], keys: Collection[str]) -> None:
    """Raise `vol.Invalid` where a target can never mean a person; as an entity it must show one of `keys`."""
    selection = TargetSelection(dict(target))
    if not selection.has_any_target:
        raise vol.Invalid("The target is empty: choose a person's device, an entity of theirs, an area or a label")
    if selection.area_ids or selection.floor_ids or selection.label_ids:
        # Persons can come to an area, a floor or a label at any time.
        return
    if any(is_targeted(hass, selection, entry.entry_id, keys) for entry in hass.config_entries.async_entries(DOMAIN)):
        return
    if hass.state is not CoreState.running and _has_unknown(hass, selection):
        # A person who was removed and is set up anew gets back the same device and entities, but an automation that is
        # refused while Home Assistant starts stays refused.
        return
    named = ", ".join(sorted({*selection.entity_ids, *(f"device {device_id}" for device_id in selection.device_ids)}))
    raise vol.Invalid(f"{named}: neither a person's device nor an entity of theirs that counts here")


def _has_unknown(hass: HomeAssistant, target: TargetSelection) -> bool:
    """Return whether one of the devices or entities named is in no registry."""
    entities, devices = er.async_get(hass), dr.async_get(hass)
    return any(entities.async_get(entity_id) is None for entity_id in target.entity_ids) or any(
        devices.async_get(device_id) is None for device_id in target.device_ids
    )
