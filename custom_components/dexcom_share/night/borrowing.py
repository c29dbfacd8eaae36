"""What a chain has switched on in the house: noted before, and put back when the alert is over.

Put back is only what a step changed and nobody has changed since. Where several chains use the same light, the last one
puts it back as it was before the first.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from homeassistant.core import (
    CALLBACK_TYPE,
    Context,
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.state import async_reproduce_state
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, LOGGER

KEPT: Final[Mapping[str, tuple[str, ...]]] = {
    "light": ("brightness", "color_mode", "color_temp_kelvin", "hs_color", "effect"),
    "switch": (),
    "input_boolean": (),
    "siren": (),
    "fan": ("percentage", "preset_mode"),
    "media_player": ("volume_level",),
}
"""What is put back, by domain: on or off, and these attributes; of a media player the volume alone."""
SETTLING: Final = timedelta(seconds=10)
"""For so long after a step began, what its targets do is taken for its effect."""

type Look = tuple[str, tuple[Any, ...]]
"""The state of an entity, and its attributes that are kept."""


@dataclass(frozen=True, slots=True)
class Loan:
    """How an entity was before a chain used it, and how the chain left it."""

    before: Look
    after: Look


_LOANS: Final[HassKey[dict[str, dict[str, Loan]]]] = HassKey(f"{DOMAIN}_loans")
"""The loans of all chains, by entity and chain."""


class Borrowed:
    """What one chain has borrowed of the house."""

    def __init__(self, hass: HomeAssistant, chain_id: str, on_change: Callable[[], None]) -> None:
        """Begin with nothing; `on_change` is called when a target has followed a step."""
        self._hass = hass
        self._on_change = on_change
        self._chain_id = chain_id
        self._all = hass.data.setdefault(_LOANS, {})
        self._until: dict[str, float] = {}
        self._unsubscribe: CALLBACK_TYPE | None = None

    @property
    def loans(self) -> dict[str, Loan]:
        """Return the loans of this chain, by entity."""
        return {entity_id: loans[self._chain_id] for entity_id, loans in self._all.items() if self._chain_id in loans}

    @callback
    def async_take(self, entity_ids: Iterable[str]) -> None:
        """Note how entities are, as a step is about to use them."""
        for entity_id in entity_ids:
            if (now := self._look(entity_id)) is None:
                continue
            loans = self._all.setdefault(entity_id, {})
            before = next((loan.before for loan in loans.values() if loan.after == now), now)
            loans[self._chain_id] = Loan(before, now)
            self._until[entity_id] = self._hass.loop.time() + SETTLING.total_seconds()
        self._listen()

    async def async_give_back(self, context: Context) -> None:
        """Put back what nobody has changed since; a failure keeps nothing else from being put back."""
        loans = self.loans
        self.async_forget()
        for entity_id, loan in loans.items():
            if entity_id in self._all or loan.before == loan.after or self._look(entity_id) != loan.after:
                continue
            try:
                await self._put_back(entity_id, loan.before, context)
            except Exception:  # noqa: BLE001  (whatever an integration raises)
                LOGGER.warning("Something that a wake-up chain switched on could not be put back")

    @callback
    def async_forget(self) -> None:
        """Let go of everything as it is."""
        for entity_id in self.loans:
            del self._all[entity_id][self._chain_id]
            if not self._all[entity_id]:
                del self._all[entity_id]
        self._until.clear()
        self._listen()

    @callback
    def async_stop(self) -> None:
        """Listen no more, and leave the loans to whoever is loaded next."""
        self.async_forget()

    def to_dict(self) -> dict[str, object]:
        """Return the loans as plain JSON."""
        return {
            entity_id: {"before": _look_to_list(loan.before), "after": _look_to_list(loan.after)}
            for entity_id, loan in self.loans.items()
        }

    @callback
    def async_restore(self, stored: object) -> None:
        """Take up loans from JSON; what is damaged is left as it is in the house."""
        for entity_id, loan in stored.items() if isinstance(stored, Mapping) else ():
            try:
                taken = Loan(_look_from_list(loan["before"]), _look_from_list(loan["after"]))
            except KeyError, TypeError, ValueError:
                continue
            self._all.setdefault(entity_id, {})[self._chain_id] = taken

    def _look(self, entity_id: str) -> Look | None:
        """Return how an entity is now, None where it is not one that is put back."""
        state = self._hass.states.get(entity_id)
        return None if state is None or state.domain not in KEPT else _look_of(state)

    @callback
    def _listen(self) -> None:
        """Listen to what is borrowed."""
        if self._unsubscribe:
            self._unsubscribe()
            self._unsubscribe = None
        if self._until:
            self._unsubscribe = async_track_state_change_event(self._hass, list(self._until), self._note)

    @callback
    def _note(self, event: Event[EventStateChangedData]) -> None:
        """Note what a step has done to an entity."""
        entity_id, state = event.data["entity_id"], event.data["new_state"]
        loan = self.loans.get(entity_id)
        if loan and state and self._hass.loop.time() <= self._until[entity_id]:
            self._all[entity_id][self._chain_id] = replace(loan, after=_look_of(state))
            self._on_change()

    async def _put_back(self, entity_id: str, before: Look, context: Context) -> None:
        """Put one entity back."""
        domain = entity_id.partition(".")[0]
        state, values = before
        target = {"entity_id": entity_id}
        if domain == "media_player":
            if values[0] is not None:
                data = {**target, "volume_level": values[0]}
                await self._hass.services.async_call(domain, "volume_set", data, blocking=True, context=context)
        elif state == "off":
            await self._hass.services.async_call(domain, "turn_off", target, blocking=True, context=context)
        else:
            attributes = {name: value for name, value in zip(KEPT[domain], values, strict=True) if value is not None}
            await async_reproduce_state(self._hass, State(entity_id, state, attributes), context=context)


def _look_of(state: State) -> Look:
    """Return what of a state is put back."""
    values = tuple(
        tuple(value) if isinstance(value := state.attributes.get(name), list) else value for name in KEPT[state.domain]
    )
    return ("" if state.domain == "media_player" else state.state), values


def _look_to_list(look: Look) -> list[object]:
    """Return a look as plain JSON."""
    return [look[0], [list(value) if isinstance(value, tuple) else value for value in look[1]]]


def _look_from_list(stored: Any) -> Look:
    """Return a look from JSON."""
    state, values = stored
    return str(state), tuple(tuple(value) if isinstance(value, list) else value for value in values)
