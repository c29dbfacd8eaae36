"""What a chain has switched on in the house: noted before, and put back when the alert is over.

Put back is only what a step changed and nobody has changed since. Where several chains use the same light, the last one
puts it back as it was before the first. A loan is kept until it has been put back, so that a restart cuts none off.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from homeassistant.const import STATE_ON, STATE_UNAVAILABLE
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
from ..watch.chain import STEP_LIMIT

KEPT: Final[Mapping[str, tuple[str, ...]]] = {
    "light": (
        "brightness",
        "color_mode",
        "color_temp_kelvin",
        "hs_color",
        "effect",
        "rgb_color",
        "rgbw_color",
        "rgbww_color",
        "xy_color",
    ),
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
        taken = {entity_id: now for entity_id in entity_ids if (now := self._look(entity_id)) is not None}
        for entity_id, now in taken.items():
            loans = self._all.setdefault(entity_id, {})
            self._until[entity_id] = self._hass.loop.time() + SETTLING.total_seconds()
            if now[0] == STATE_UNAVAILABLE and self._chain_id in loans:
                # How it was is known from the step before.
                continue
            before = next((loan.before for loan in loans.values() if loan.after == now), now)
            loans[self._chain_id] = Loan(before, now)
        if taken:
            self._listen()
            self._on_change()

    @callback
    def async_settle(self) -> None:
        """Take what was used just before a restart as the step has left it: what it did was not noted."""
        for entity_id, loan in self.loans.items():
            if loan.before == loan.after and (now := self._look(entity_id)) is not None and now[0] != STATE_UNAVAILABLE:
                self._all[entity_id][self._chain_id] = replace(loan, after=now)

    async def async_give_back(self, context: Context) -> None:
        """Put back what nobody has changed since, all at once; a failure keeps nothing else from being put back."""
        self._until.clear()
        self._listen()
        due: list[tuple[str, Loan]] = []
        for entity_id, loan in self.loans.items():
            if len(self._all[entity_id]) > 1 or loan.before == loan.after or self._look(entity_id) != loan.after:
                self._forget(entity_id, loan)
            else:
                due.append((entity_id, loan))
        await asyncio.gather(*(self._put_back_in_time(entity_id, loan, context) for entity_id, loan in due))
        self._on_change()

    async def _put_back_in_time(self, entity_id: str, loan: Loan, context: Context) -> None:
        """Put one entity back, or give it up; its loan is kept where this is cut off by the end of Home Assistant."""
        try:
            async with asyncio.timeout(STEP_LIMIT.total_seconds()):
                await self._put_back(entity_id, loan.before, context)
        except Exception:  # noqa: BLE001  (whatever an integration raises)
            LOGGER.warning("Something that a wake-up chain switched on could not be put back")
        self._forget(entity_id, loan)

    @callback
    def _forget(self, entity_id: str, loan: Loan) -> None:
        """Let go of a loan, unless another one has taken its place."""
        loans = self._all.get(entity_id, {})
        if loans.get(self._chain_id) is loan:
            del loans[self._chain_id]
            if not loans:
                del self._all[entity_id]

    @callback
    def async_forget(self) -> None:
        """Let go of everything as it is."""
        for entity_id, loan in self.loans.items():
            self._forget(entity_id, loan)
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
        if loan and state and state.state != STATE_UNAVAILABLE and self._hass.loop.time() <= self._until[entity_id]:
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
        elif state != STATE_ON:
            # Also what was unavailable, or had told nothing yet: the step has switched it on.
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
