"""Action that tests wake-up chains, on the devices or entities of the persons they are for."""

from typing import Final

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonValueType
import voluptuous as vol

from ..const import DOMAIN
from ..display.failures import mistake
from .persons import Refusals, press, targeted_entries

ATTR_CHAIN: Final = "chain"
ATTR_QUIET: Final = "quiet"
TEST_SCHEMA: Final = cv.make_entity_service_schema(
    {vol.Optional(ATTR_QUIET, default=True): cv.boolean, vol.Optional(ATTR_CHAIN): cv.string}
)


@callback
def async_setup_chain_actions(hass: HomeAssistant) -> None:
    """Register the action, for everybody who may answer the alerts."""
    hass.services.async_register(
        DOMAIN, "test_chain", _async_test, TEST_SCHEMA, supports_response=SupportsResponse.OPTIONAL
    )


async def _async_test(call: ServiceCall) -> ServiceResponse:
    """Test the chains of all persons meant, by name or all of them, one after the other.

    Raises:
        ServiceValidationError: there is no such chain, or one is at work; without a response, also what is wrong.
    """
    entries = await targeted_entries(call, press("acknowledge_alerts"))
    refusals = Refusals(call)
    tested: list[tuple[str, str, list[str]]] = []
    for entry in refusals.loaded(entries):
        chains = entry.runtime_data.chains
        for chain_id, runner in chains.runners.items():
            if call.data.get(ATTR_CHAIN, runner.title) != runner.title:
                continue
            prover = chains.provers[chain_id]
            problems = prover.async_check() if call.data[ATTR_QUIET] else await prover.async_test()
            tested.append((entry.title, runner.title, problems))
    refusals.raise_any()
    if not tested:
        raise mistake("no_chain")
    if call.return_response:
        chains_told: list[JsonValueType] = [
            {"person": person, "chain": chain, "problems": [*problems]} for person, chain, problems in tested
        ]
        return {"chains": chains_told}
    for _, chain, problems in tested:
        if problems:
            raise mistake("chain_not_in_order", chain=chain, problems=" ".join(problems))
    return None
