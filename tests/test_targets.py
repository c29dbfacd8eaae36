"""Whom a target means, as the actions ask it: any entity of a person will do. Triggers and conditions: their tests."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.target import TargetSelection
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.targets import is_targeted, owner

from .common import VALUE
from .watching import PREDICTED, Watch


@pytest.mark.parametrize(
    ("target", "meant"),
    [({}, False), ({"entity_id": PREDICTED}, True), ({"entity_id": "sensor.y"}, False), ({"device_id": "x"}, False)],
)
async def test_any_entity_of_a_person_means_them(
    hass: HomeAssistant, watch: Watch, target: dict[str, Any], meant: bool
) -> None:
    """Where no keys are asked for, all entities of a person are alike."""
    await watch.set_up(110)
    assert is_targeted(hass, TargetSelection(target), watch.entry.entry_id) is meant


async def test_persons_are_told_apart(hass: HomeAssistant, watch: Watch) -> None:
    """The device of one person does not mean another one."""
    await watch.set_up(110)
    other = MockConfigEntry(domain=DOMAIN, unique_id="other")
    other.add_to_hass(hass)
    target = TargetSelection({"device_id": watch.device_id, "entity_id": VALUE})
    assert not is_targeted(hass, target, other.entry_id)


async def test_whose_fact_an_entity_shows(hass: HomeAssistant, watch: Watch) -> None:
    """Keys say which facts count; an entity without an entry, or of another integration, is nobody's."""
    await watch.set_up(110)
    orphan = er.async_get(hass).async_get_or_create("sensor", DOMAIN, "y")
    assert owner(hass, VALUE) == owner(hass, VALUE, {"value"}) == watch.entry.entry_id
    assert owner(hass, VALUE, {"trend"}) is None
    assert owner(hass, orphan.entity_id) is None
    assert owner(hass, "sensor.unknown") is None
