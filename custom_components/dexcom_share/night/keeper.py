"""All wake-up chains of one person: made from the subentries, told of the alerts, and kept on disk."""

from collections.abc import Mapping
from types import MappingProxyType

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.start import async_at_started

from ..const import DOMAIN, LOGGER
from ..glucose.alerts.kinds import AlertEvent
from ..storage import Storage, StorageError, StoredFile
from ..watch.chain_settings import SUBENTRY_TYPE, ChainSettings
from ..watch.news import alert_signal
from .phone_answers import PhoneAnswers
from .proving import ChainProver, withdraw_issues
from .runner import CHAIN_IDS, ChainRunner
from .stored import parse_chains
from .watched import Watched


class ChainKeeper:
    """The chains of one person at work."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, storage: Storage, watched: Watched) -> None:
        """Make a runner for each chain that is configured."""
        self._hass = hass
        self._entry = entry
        self._storage = storage
        self._made_of = _chains_of(entry)
        self.runners = {
            chain_id: ChainRunner(hass, chain_id, title, ChainSettings.from_dict(data), watched, save=self.async_save)
            for chain_id, (title, data) in self._made_of.items()
        }
        self.provers = {chain_id: ChainProver(hass, runner) for chain_id, runner in self.runners.items()}
        self._answers = PhoneAnswers(hass, entry, watched)
        self._has_begun = self._is_stopped = False

    async def async_load(self) -> None:
        """Take up where the chains stood; where that is lost, the alerts themselves tell what is unanswered."""
        try:
            stored = await self._storage.load(StoredFile.CHAINS, parse_chains)
        except StorageError:
            stored = None
            for runner in self.runners.values():
                runner.is_new = False
        for chain_id, (state, loans) in (stored or {}).items():
            if chain_id in self.runners:
                runner = self.runners[chain_id]
                runner.is_new = False
                runner.state = state
                runner.borrowed.async_restore(loans)

    @callback
    def _remove_entities(self) -> None:
        """Remove the entities of chains that are gone."""
        entities = er.async_get(self._hass)
        for entity in er.async_entries_for_config_entry(entities, self._entry.entry_id):
            is_of_chain = entity.unique_id.startswith(f"{self._entry.unique_id}{CHAIN_IDS}")
            known = (runner.unique_id_prefix for runner in self.runners.values())
            if is_of_chain and not entity.unique_id.startswith(tuple(known)):
                entities.async_remove(entity.entity_id)

    @callback
    def async_start(self) -> None:
        """Listen to the alerts from now on; begin steps once Home Assistant has started. Before the alerts start."""
        entry = self._entry
        entry.async_on_unload(async_dispatcher_connect(self._hass, alert_signal(entry), self._hear))
        entry.async_on_unload(
            async_dispatcher_connect(self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._handle_entry_change)
        )
        entry.async_on_unload(self.async_stop)
        self._answers.async_start()
        self._remove_entities()

    @callback
    def async_begin(self) -> None:
        """Begin steps once Home Assistant has started and other integrations offer their actions; twice is as once."""
        if self._has_begun:
            return
        self._has_begun = True
        self._entry.async_on_unload(async_at_started(self._hass, self._begin))

    @callback
    def async_stop(self) -> None:
        """Stop; what is stored goes on when the person is loaded next. Of a person switched off nothing stays on."""
        if self._entry.disabled_by:
            for runner in self.runners.values():
                runner.async_leave()
            self.async_save()
        self._is_stopped = True
        for prover in self.provers.values():
            prover.async_stop()
        for runner in self.runners.values():
            runner.async_stop()

    @callback
    def async_save(self) -> None:
        """Write where the chains stand, at once; nothing waits for it."""
        if not self._is_stopped and self.runners:
            work = self._storage.save(StoredFile.CHAINS, self._to_dict())
            self._hass.async_create_background_task(work, f"{DOMAIN} chains", eager_start=True)

    def _to_dict(self) -> dict[str, object]:
        """Return what is kept of all chains as plain JSON."""
        return {
            "chains": {
                chain_id: {
                    "chain": runner.chain.to_dict(),
                    "proof": runner.state.proof.to_dict(),
                    "loans": runner.borrowed.to_dict(),
                }
                for chain_id, runner in self.runners.items()
            }
        }

    @callback
    def _begin(self, _hass: HomeAssistant) -> None:
        """Go on with every chain."""
        for chain_id, runner in self.runners.items():
            try:
                runner.async_start()
                self.provers[chain_id].async_start()
            except Exception:  # noqa: BLE001  (whatever it is, the other chains begin)
                LOGGER.exception("A wake-up chain could not go on after the start")

    @callback
    def _hear(self, event: AlertEvent) -> None:
        """Have every chain hear of an alert; one that fails keeps no other from it."""
        for runner in self.runners.values():
            try:
                runner.async_hear(event)
            except Exception:  # noqa: BLE001  (whatever it is, it keeps nobody from the alerts)
                LOGGER.exception("A wake-up chain failed; the alerts and the other chains go on")

    @callback
    def _handle_entry_change(self, change: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Load the person anew when a chain was made, changed or removed."""
        if entry is not self._entry or change is not ConfigEntryChange.UPDATED:
            return
        chains = _chains_of(entry)
        if chains == self._made_of or self._is_stopped:
            return
        for chain_id in self._made_of.keys() - chains.keys():
            withdraw_issues(self._hass, entry.entry_id, chain_id)
            self.runners[chain_id].async_leave()
        self._made_of = chains
        self._hass.config_entries.async_schedule_reload(entry.entry_id)


def _chains_of(entry: ConfigEntry) -> dict[str, tuple[str, Mapping[str, object]]]:
    """Return title and data of each chain, by the id of its subentry."""
    return {
        subentry.subentry_id: (subentry.title, MappingProxyType(dict(subentry.data)))
        for subentry in entry.subentries.values()
        if subentry.subentry_type == SUBENTRY_TYPE
    }
