"""Buttons: answer the alerts that are raised, and test the wake-up chains."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import DexcomShareCoordinator
from .display.failures import mistake
from .display.people import async_user_name
from .entity import ChainEntity, DexcomShareEntity
from .night.proving import ChainProver
from .night.runner import ChainRunner
from .person import DexcomShareConfigEntry

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class DexcomShareButtonDescription(ButtonEntityDescription):
    """Something to do for a person as a button."""

    press_fn: Callable[[DexcomShareCoordinator, str | None], object]
    """Does it for the person; the name is that of the user who pressed."""


BUTTONS: Final = (
    DexcomShareButtonDescription(
        key="snooze_alerts",
        translation_key="snooze_alerts",
        press_fn=lambda coordinator, by: coordinator.alerts.async_snooze(None, None, by=by),
    ),
    DexcomShareButtonDescription(
        key="acknowledge_alerts",
        translation_key="acknowledge_alerts",
        press_fn=lambda coordinator, by: coordinator.alerts.async_acknowledge(None, by=by),
    ),
    DexcomShareButtonDescription(
        key="treated",
        translation_key="treated",
        press_fn=lambda coordinator, by: coordinator.alerts.async_treat(by=by),
    ),
)

CHECK_CHAIN: Final = ButtonEntityDescription(
    key="check", translation_key="check_chain", entity_category=EntityCategory.DIAGNOSTIC
)
TEST_CHAIN: Final = ButtonEntityDescription(
    key="test", translation_key="test_chain", entity_category=EntityCategory.DIAGNOSTIC
)


async def async_setup_entry(
    hass: HomeAssistant, entry: DexcomShareConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add a person's buttons."""
    async_add_entities(DexcomShareButton(entry.runtime_data.glucose, description) for description in BUTTONS)
    chains = entry.runtime_data.chains
    for chain_id, runner in chains.runners.items():
        buttons = [ChainButton(runner, each, chains.provers[chain_id]) for each in (CHECK_CHAIN, TEST_CHAIN)]
        async_add_entities(buttons)


class DexcomShareButton(DexcomShareEntity, ButtonEntity):
    """Something to do for a person."""

    entity_description: DexcomShareButtonDescription

    @override
    async def async_press(self) -> None:
        """Do it."""
        self.entity_description.press_fn(self.coordinator, await async_user_name(self.hass, self._context))


class ChainButton(ChainEntity, ButtonEntity):
    """Looks whether a wake-up chain is in order, or runs all of it as a test."""

    def __init__(self, runner: ChainRunner, description: ButtonEntityDescription, prover: ChainProver) -> None:
        """Know who proves the chain."""
        super().__init__(runner, description)
        self._prover = prover

    @override
    async def async_press(self) -> None:
        """Check or test, and tell what is wrong."""
        is_test = self.entity_description is TEST_CHAIN
        if problems := await self._prover.async_test() if is_test else self._prover.async_check():
            raise mistake("chain_not_in_order", chain=self.runner.title, problems=" ".join(problems))
