"""What tests of the wake-up chains need: chains of one step a call, and actions that record, fail or hang."""

import asyncio
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.dexcom_share.night.keeper import ChainKeeper
from custom_components.dexcom_share.night.runner import ChainRunner
from custom_components.dexcom_share.watch.chain_settings import SUBENTRY_TYPE

from .watching import Watch

KINDS: Final = ["urgent_low", "low", "no_data"]


class House:
    """The actions `house.*` of a house, and the calls they received."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Offer the actions: `bell` works, `broken` raises, `hangs` never ends."""
        self.hass = hass
        self.calls: list[ServiceCall] = []
        self.is_mended = False
        for name in ("bell", "lamp", "siren", "broken", "hangs"):
            hass.services.async_register("house", name, self._handle)

    async def _handle(self, call: ServiceCall) -> None:
        self.calls.append(call)
        if call.service == "broken" and not self.is_mended:
            raise HomeAssistantError("The bulb is gone")
        if call.service == "hangs":
            await asyncio.Future[None]()

    def heard(self) -> list[str]:
        """Return the names of the calls since the last time."""
        heard = [call.service for call in self.calls]
        self.calls.clear()
        return heard


def step(after: float, *services: str, **data: Any) -> dict[str, Any]:
    """Return a step that calls actions of the house."""
    actions = [{"action": f"house.{service}", "data": data} for service in services]
    return {"kind": "actions", "after_minutes": after, "actions": actions}


async def add_chain(
    hass: HomeAssistant, entry: MockConfigEntry, *steps: dict[str, Any], title: str = "Night", **settings: Any
) -> str:
    """Add a chain to a person, as the flow does, and return its id."""
    data = {"kinds": KINDS, "steps": list(steps), **settings}
    subentry = ConfigSubentry(data=data, subentry_type=SUBENTRY_TYPE, title=title, unique_id=None)  # type: ignore[arg-type]
    hass.config_entries.async_add_subentry(entry, subentry)
    await hass.async_block_till_done(wait_background_tasks=True)
    return subentry.subentry_id


def keeper_of(watch: Watch) -> ChainKeeper:
    """Return the chains of a person."""
    keeper: ChainKeeper = watch.entry.runtime_data.chains
    return keeper


def runner_of(watch: Watch, chain_id: str) -> ChainRunner:
    """Return one chain at work."""
    return keeper_of(watch).runners[chain_id]
