"""Whom a target means: a person is targeted by their device, its area or label, or by an entity of theirs."""

from collections.abc import Collection

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

from .const import DOMAIN


@callback
def is_targeted(
    hass: HomeAssistant, target: TargetSelection, entry_id: str, keys: Collection[str] | None = None
) -> bool:
    """Return whether a target means this person; where it means entities, one of them must show one of `keys`.

    A device counts as a whole, so that hiding or disabling an entity of it silences nothing.
    """
    found = async_extract_referenced_entity_ids(hass, target, expand_group=False)
    devices = dr.async_get(hass)
    return any(
        (device := devices.async_get(device_id)) and device.config_entry_id == entry_id
        for device_id in found.referenced_devices
    ) or any(owner(hass, entity_id, keys) == entry_id for entity_id in found.referenced | found.indirectly_referenced)


@callback
def owner(hass: HomeAssistant, entity_id: str, keys: Collection[str] | None = None) -> str | None:
    """Return the config entry of the person whose fact an entity shows, None if it is not ours or none of `keys`."""
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None or entity.platform != DOMAIN or entity.config_entry_id is None:
        return None
    entry = hass.config_entries.async_get_known_entry(entity.config_entry_id)
    if keys is not None and entity.unique_id.removeprefix(f"{entry.unique_id}_") not in keys:
        return None
    return entry.entry_id
