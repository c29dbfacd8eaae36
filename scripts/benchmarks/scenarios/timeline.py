"""What a person saw and heard, in order of true time."""

from collections.abc import Mapping
from datetime import datetime
from itertools import zip_longest
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, ServiceCall, State, callback

from custom_components.dexcom_share.const import DOMAIN

from ..virtual import VirtualLoop
from .integration import entity_id, listen, told
from .steps import KINDS, ZERO

type Entry = dict[str, Any]

_EVENT: Final = "event.wearer_example_com_glucose_alert"
RUN_ACTION: Final = ("scenario", "ran")
"""The action that the automations call, with the kind they are for."""
_NO_STATE: Final = (STATE_UNAVAILABLE, STATE_UNKNOWN)
_COMPARED: Final = ("told", "kind", "value", "overshadowed_by")
"""What the signal and the event entity must tell alike."""


class Timeline:
    """The entries of one scenario."""

    def __init__(self, loop: VirtualLoop) -> None:
        """Begin without any; the times are those of the loop."""
        self._loop = loop
        self.entries: list[Entry] = []

    @property
    def now(self) -> float:
        """Return the true time in seconds from the zero of scenarios."""
        return self._loop.timestamp() - ZERO.timestamp()

    @property
    def time(self) -> datetime:
        """Return the true time."""
        return self._loop.utcnow()

    def add(self, entry: Mapping[str, Any], at: float | None = None) -> None:
        """Add what happened now, or at another time."""
        self.entries.append({"at": round(self.now if at is None else at, 2), **entry})

    def sorted(self) -> list[Entry]:
        """Return the entries in order of time."""
        return sorted(self.entries, key=lambda entry: float(entry["at"]))

    @property
    def has_errors(self) -> bool:
        """Return whether something was told in one way and not in the other."""
        return any("error" in entry for entry in self.entries)


class Recorder:
    """Writes down what one run of Home Assistant shows and tells of one person."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, timeline: Timeline) -> None:
        """Begin to listen; the person need not be set up yet."""
        self._hass = hass
        self._entry = entry
        self._timeline = timeline
        self.is_open = True
        self._is_showing = True
        self._shown: Mapping[str, Any] | None = None
        self._is_due = False
        self._names: dict[str, str] = {}
        # What was told by the signal and by the entity, to be compared.
        self._signalled: list[Entry] = []
        self._fired: list[Entry] = []
        self._written: str | None = None
        listen(hass, entry, self._note_signal)
        hass.bus.async_listen(EVENT_STATE_CHANGED, self._note_state)
        hass.services.async_register(*RUN_ACTION, self._note_run)

    def hide(self) -> None:
        """Write down nothing more of what is shown: Home Assistant stops."""
        self._is_showing = False

    def close(self) -> None:
        """Write down nothing more, and compare what was told in both ways."""
        if not self.is_open:
            return
        self.is_open = self._is_showing = False
        for signalled, fired in zip_longest(self._signalled, self._fired):
            if signalled is None or fired is None or _told(signalled) != _told(fired):
                either = signalled or fired
                self._timeline.add(
                    {"error": f"the signal told {_told(signalled)}, the event entity {_told(fired)}"}, either["at"]
                )
                return

    @callback
    def _note_signal(self, event: Any) -> None:
        if not self.is_open or getattr(event, "test", False):
            return
        entry = told(event, self._timeline.time)
        self._timeline.add(entry)
        self._signalled.append({"at": self._timeline.now, **entry})

    async def _note_run(self, call: ServiceCall) -> None:
        if self.is_open:
            self._timeline.add({"ran": call.data["kind"]})

    @callback
    def _note_state(self, event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if not self.is_open or state is None or (name := self._name(event.data["entity_id"])) is None:
            return
        if name == "alert":
            # What the entity shows first is what it told before this start.
            if (old := event.data["old_state"]) is not None and old.state != STATE_UNAVAILABLE:
                self._note_event(state)
        elif self._is_showing and not self._is_due:
            # All entities are written one after the other; what they show together is what counts.
            self._is_due = True
            self._hass.loop.call_soon(self._note_shown)

    def _name(self, changed: str) -> str | None:
        """Return the short name of an entity, None for one that is not looked at."""
        if changed not in self._names:
            for name in ("value", "age", "data_status", "stale", "alert"):
                if (known := entity_id(self._hass, self._entry, name)) is not None:
                    self._names[known] = name
        return self._names.get(changed)

    def _note_event(self, state: State) -> None:
        """Note what the event entity tells, unless only other attributes have changed."""
        if state.state in _NO_STATE or state.attributes.get("test"):
            return
        fired = {name: _plain(state.attributes.get(name)) for name in _COMPARED if name != "told"}
        fired["told"] = _plain(state.attributes["event_type"])
        if self._written == state.state:
            return
        # Events of one moment get times a little apart.
        self._written = state.state
        self._fired.append({"at": self._timeline.now, **fired})

    @callback
    def _note_shown(self) -> None:
        """Write down what is shown, if it has changed; within one moment only the last counts."""
        self._is_due = False
        states = {name: self._state(name) for name in ("value", "age", "stale", "data_status")}
        if not self._is_showing or all(state is None for state in states.values()):
            return
        value, age = _number(states["value"]), _number(states["age"])
        stale = states["stale"].state if states["stale"] else None
        status = states["data_status"].state if states["data_status"] else None
        shown = {
            "shown": value,
            "age_minutes": age,
            "stale": {"on": True, "off": False}.get(stale or ""),
            "data_status": None if status in _NO_STATE else status,
        }
        if shown == self._shown:
            return
        self._shown = shown
        entries = self._timeline.entries
        last = next((entry for entry in reversed(entries) if "shown" in entry), None)
        if last and last["at"] == round(self._timeline.now, 2):
            last.update(shown)
        else:
            self._timeline.add(shown)

    def _state(self, name: str) -> State | None:
        known = entity_id(self._hass, self._entry, name)
        return self._hass.states.get(known) if known else None


def _told(entry: Mapping[str, Any] | None) -> tuple[object, ...] | None:
    """Return what must be the same in both ways."""
    return None if entry is None else tuple(entry[key] for key in _COMPARED)


def _plain(value: object) -> object:
    """Return a value without its enumeration."""
    return str(value) if isinstance(value, str) else value


def _number(state: State | None) -> int | None:
    """Return the number of a sensor, None where it has none."""
    return None if state is None or state.state in _NO_STATE else round(float(state.state))


def automations() -> list[dict[str, Any]]:
    """Return one automation for each kind of alert, which hears no repeats."""
    return [
        {
            "id": kind,
            "alias": kind,
            "mode": "queued",
            "triggers": {
                "trigger": f"{DOMAIN}.alert_raised",
                "target": {"entity_id": _EVENT},
                "options": {"kinds": [kind], "repeats": False},
            },
            "actions": {"action": ".".join(RUN_ACTION), "data": {"kind": kind}},
        }
        for kind in KINDS
    ]
