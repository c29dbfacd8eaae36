"""The chains of a person: what is kept of them, and that none of them disturbs another."""

from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest

from custom_components.dexcom_share.night.ending import async_leave_house
from custom_components.dexcom_share.storage import Storage, StorageError, StoredFile

from ..waking import House, add_chain, keeper_of, runner_of, step
from ..watching import Watch


@pytest.fixture
def house(hass: HomeAssistant) -> House:
    """Return the house and its actions."""
    return House(hass)


@pytest.mark.parametrize(
    "stored", [None, {"chains": []}, {"chains": {"ID": 7}}, {"chains": {"ID": {"chain": 7, "proof": 7, "loans": 7}}}]
)
async def test_a_lost_file_lets_the_alerts_tell(
    hass: HomeAssistant, watch: Watch, house: House, stored: dict[str, object] | None
) -> None:
    """Where nobody knows how far the chain was, an unanswered alert begins it, and an answered one does not."""
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry, step(0, "bell"), step(60, "lamp"))
    await watch.read(65)
    await watch.stop()
    house.calls.clear()
    if stored is None:
        load = Storage.load

        async def fail(self: Storage, part: StoredFile, parse: object) -> object:
            if part is StoredFile.CHAINS:
                raise StorageError
            return await load(self, part, parse)  # type: ignore[arg-type]

        with patch.object(Storage, "load", fail):
            await watch.start()
    else:
        chains = stored["chains"]
        renamed = {chain_id: chains["ID"]} if isinstance(chains, dict) else chains
        await Storage(hass, watch.entry.entry_id).save(StoredFile.CHAINS, {"chains": renamed})
        await watch.start()
    assert house.heard() == (["bell"] if chains_are_known(stored) else [])
    await watch.call("acknowledge")
    await watch.restart()
    assert house.heard() == []


def chains_are_known(stored: dict[str, object] | None) -> bool:
    """Return whether it is known that there was a chain, though not how far it was."""
    return stored is None or isinstance(stored["chains"], dict)


async def test_a_chain_that_fails_at_the_start_keeps_no_other_from_it(
    hass: HomeAssistant, watch: Watch, house: House
) -> None:
    """Nor what shows it."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, step(0, "siren"), title="Broken", kinds=["no_data"])
    other = await add_chain(hass, watch.entry, step(0, "bell"), title="Good")
    with patch(
        "custom_components.dexcom_share.night.proving.ChainProver.async_start", side_effect=[RuntimeError, None]
    ):
        await watch.restart()
    runner = runner_of(watch, other)

    def fail(_: object) -> None:
        raise RuntimeError

    remove = runner.async_add_listener(fail)
    await watch.read(65)
    remove()
    assert house.heard() == ["bell"]


async def test_other_changes_of_the_entry_load_nothing_anew(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """A chain in the middle is not cut off by a change of the settings of alerts."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, step(0, "bell"))
    keeper = keeper_of(watch)
    await watch.set_options(high={"enabled": False})
    assert keeper_of(watch) is keeper


async def test_a_removed_person_whose_file_is_lost_is_removed_all_the_same(
    hass: HomeAssistant, watch: Watch, house: House
) -> None:
    """Nothing is known that could be put back."""
    await watch.set_up(90, 88)
    with patch.object(Storage, "load", side_effect=StorageError):
        await async_leave_house(hass, watch.entry, Storage(hass, watch.entry.entry_id))
    await Storage(hass, watch.entry.entry_id).remove()
    await async_leave_house(hass, watch.entry, Storage(hass, watch.entry.entry_id))
    assert house.heard() == []
