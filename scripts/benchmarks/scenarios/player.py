"""Plays a scenario with the real integration in a Home Assistant in virtual time, against the simulator."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
import logging
from pathlib import Path
from shutil import copytree
import sys
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
import voluptuous as vol

from custom_components.dexcom_share.const import DOMAIN
from simulator import SERVICES, Simulator
from simulator.control.input import parse_setting

from ..home import storage_folder
from ..virtual import ANSWER_SECONDS, VirtualLoop, home_assistant, run_virtually
from .integration import (
    all_entities,
    break_listeners,
    broken_recorder,
    entity_id,
    kept,
    repeatable_pauses,
    watched_polls,
    with_setting,
)
from .machine import Boots, disk
from .server import LOGIN_REFUSALS, Sensor, count_logins
from .steps import ZERO, Scenario, Step
from .timeline import Entry, Recorder, Timeline, automations

_NAME: Final = "wearer@example.com"
_PASSWORD: Final = "a password"
_ENTRY_ID: Final = "01K8SCENARI0000000000000000"
_BOOT_SECONDS: Final = 300.0
"""So long Home Assistant waits for an integration while it starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a scenario: its timeline and figures."""

    name: str
    timeline: Sequence[Entry]
    offered: int
    kept: int
    calls: int
    logins: int
    refused_logins: int
    has_errors: bool

    def to_dict(self) -> dict[str, Any]:
        """Return what the contract asks for, as plain JSON."""
        names = ("name", "timeline", "offered", "kept", "calls", "logins", "refused_logins")
        return {name: getattr(self, name) for name in names}


def play(scenario: Scenario) -> Outcome:
    """Return what a person saw and heard."""
    begin = min([0.0, scenario.end, *(step.at for step in scenario.steps)])

    async def main(loop: VirtualLoop) -> Outcome:
        return await _Player(loop, scenario).run()

    disabled = logging.root.manager.disable
    try:
        return run_virtually(ZERO + timedelta(seconds=begin), 1, main, loop_type=VirtualLoop)
    finally:
        logging.disable(disabled)


@dataclass(slots=True)
class _Run:
    """One run of Home Assistant."""

    hass: HomeAssistant
    entry: ConfigEntry
    recorder: Recorder
    closing: AsyncExitStack
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    """What goes on beside the steps: the start, and actions that were called."""


class _Player:
    """Goes through the steps of one scenario."""

    def __init__(self, loop: VirtualLoop, scenario: Scenario) -> None:
        self._loop = loop
        self._scenario = scenario
        self._timeline = Timeline(loop)
        self._sensor = Sensor(scenario.readings)
        self._simulator = Simulator(clock=loop.utcnow, seed=1)
        self._account = self._simulator.add_account(_NAME, _PASSWORD, source=self._sensor)
        self._sensor.account, self._sensor.simulator = self._account, self._simulator
        self._switches: dict[str, object] = {}
        self._options: dict[str, Any] = {}
        self._broken: set[str] = set()
        self._boots = Boots(loop)
        self._stack = ExitStack()
        self._folder = Path()
        self._kept = 0
        self._invited = 0
        self._run: _Run | None = None
        self._steps: Mapping[str, Callable[[Step], Awaitable[None]]] = {
            "start": self._start,
            "stop": self._stop,
            "kill": self._kill,
            "set": self._set,
            "clock": self._clock,
            "share_clock": self._share_clock,
            "faults": self._faults,
            "break": self._break,
            "hang": self._break,
        }

    async def run(self) -> Outcome:
        """Play all steps, and return what came of it."""
        with self._stack as stack:
            self._folder = stack.enter_context(storage_folder())
            stack.enter_context(disk(self._broken))
            stack.enter_context(self._boots.seen())
            stack.enter_context(all_entities())
            stack.enter_context(repeatable_pauses())
            stack.enter_context(watched_polls(self._note_poll, self._has_failed, self._simulator.calls))
            for step in self._scenario.steps:
                if step.at > self._scenario.end:
                    break
                await asyncio.sleep(max(0.0, step.at - self._timeline.now))
                await self._steps.get(step.do, self._act)(step)
            await asyncio.sleep(max(0.0, self._scenario.end - self._timeline.now))
            outcome_time = self._timeline.now
            if self._run:
                self._run.recorder.close()
                await self._leave(self._run)
        return self._outcome(outcome_time)

    def _outcome(self, end: float) -> Outcome:
        """Return the figures of what has been."""
        until = ZERO + timedelta(seconds=end)
        calls = [call for call in self._simulator.calls if call.path.startswith(SERVICES) and call.time <= until]
        for call in calls:
            if call.endpoint == "DeleteContact" and call.status == 200 and call.code is None:
                self._timeline.add({"removed": True}, (call.time - ZERO).total_seconds())
        return Outcome(
            name=self._scenario.name,
            timeline=[entry for entry in self._timeline.sorted() if entry["at"] <= round(end, 2)],
            offered=len(self._sensor.offered),
            kept=self._kept,
            calls=len(calls),
            logins=count_logins(calls),
            refused_logins=sum(bool(call.code and call.code.startswith(LOGIN_REFUSALS)) for call in calls),
            has_errors=self._timeline.has_errors,
        )

    def _note_poll(self, what: str) -> None:
        if self._run and self._run.recorder.is_open:
            self._timeline.add({"poll": what})

    def _has_failed(self, place: int) -> bool:
        """Return whether the last call since a place in the list of calls was answered with a failure."""
        calls = [call for call in self._simulator.calls[place:] if call.path.startswith(SERVICES)]
        return bool(calls) and calls[-1].status != 200

    async def _start(self, step: Step) -> None:
        """Start Home Assistant; what takes longer than a moment goes on while the next steps come."""
        if step.data.get("reboot"):
            self._boots.add()
        closing = AsyncExitStack()
        hass = await closing.enter_async_context(home_assistant(self._simulator, self._folder, is_started=False))
        self._simulator.faults.delay_seconds = ANSWER_SECONDS
        self._apply_switches()
        entry = await self._entry(hass)
        self._run = _Run(hass=hass, entry=entry, recorder=Recorder(hass, entry, self._timeline), closing=closing)
        self._do(self._run, self._boot(self._run))
        if "recorder" in self._broken:
            hass.config.components.add("recorder")

    @staticmethod
    def _do(run: _Run, what: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Begin something that may take its time."""
        task = asyncio.create_task(what)
        run.tasks.add(task)
        return task

    async def _entry(self, hass: HomeAssistant) -> ConfigEntry:
        """Return the config entry as it is stored, with the options that are set; a new one where there is none."""
        if (known := hass.config_entries.async_get_entry(_ENTRY_ID)) is not None:
            hass.config_entries.async_update_entry(known, options=self._options)
            return known
        return ConfigEntry(
            data={"region": "us", "username": _NAME, "password": _PASSWORD},
            discovery_keys=MappingProxyType({}),
            domain=DOMAIN,
            entry_id=_ENTRY_ID,
            minor_version=1,
            options=self._options,
            source=SOURCE_USER,
            subentries_data=(),
            title=_NAME,
            unique_id=self._account.account_id,
            version=1,
        )

    async def _boot(self, run: _Run) -> None:
        """Set up the automations and the person, then let Home Assistant have started."""
        hass, entry = run.hass, run.entry
        if not await async_setup_component(hass, "automation", {"automation": automations()}):
            raise RuntimeError("the automations could not be set up")
        known = hass.config_entries.async_get_entry(_ENTRY_ID)
        config_entries = hass.config_entries
        set_up = self._do(run, config_entries.async_setup(_ENTRY_ID) if known else config_entries.async_add(entry))
        await asyncio.wait([set_up], timeout=_BOOT_SECONDS)
        if set_up.done():
            set_up.result()
        if entry.state is not ConfigEntryState.LOADED:
            print(f"{self._scenario.name}: the set-up ended as {entry.state.value}: {entry.reason}", file=sys.stderr)
        if "listener" in self._broken and entry.state is ConfigEntryState.LOADED:
            break_listeners(hass, entry)
        await hass.async_start()

    async def _stop(self, _: Step) -> None:
        """Stop Home Assistant in order; a disk that hangs gives up with it."""
        if (run := self._run) is None:
            return
        self._kept = kept(run.entry) or self._kept
        run.recorder.hide()
        self._loop.end_hanging(OSError("the machine goes down"))
        await self._leave(run)

    async def _kill(self, _: Step) -> None:
        """End Home Assistant at once: the next start finds what was on the disk at this moment."""
        if (run := self._run) is None:
            return
        survived = self._stack.enter_context(storage_folder())
        copytree(self._folder, survived, dirs_exist_ok=True)
        run.recorder.close()
        calls = len(self._simulator.calls)
        await self._leave(run)
        del self._simulator.calls[calls:]
        self._folder = survived

    async def _leave(self, run: _Run) -> None:
        """End a run of Home Assistant."""
        self._kept = kept(run.entry) or self._kept
        for task in run.tasks:
            task.cancel()
        stopping = asyncio.ensure_future(run.hass.async_stop(force=True))
        while not stopping.done():
            self._loop.end_hanging(OSError("the machine goes down"))
            await asyncio.wait([stopping], timeout=1)
        run.recorder.close()
        await run.closing.aclose()
        self._run = None

    async def _set(self, step: Step) -> None:
        """Change a setting, at once where Home Assistant runs, else for its next start."""
        self._options = with_setting(self._options, step.data)
        if self._run and self._run.hass.config_entries.async_get_entry(_ENTRY_ID):
            self._run.hass.config_entries.async_update_entry(self._run.entry, options=self._options)

    async def _clock(self, step: Step) -> None:
        self._loop.move_wall_clock(step.data["seconds"])

    async def _share_clock(self, step: Step) -> None:
        self._simulator.clock_offset += timedelta(seconds=step.data["seconds"])

    async def _faults(self, step: Step) -> None:
        """Set switches of the simulator, with the times of now."""
        for name, value in step.data["switches"].items():
            self._switches[name] = parse_setting(name, value, self._simulator.now())
        self._apply_switches()

    def _apply_switches(self) -> None:
        for name, setting in self._switches.items():
            setattr(self._simulator.faults, name, setting)
        if self._switches.get("delay_seconds") is None:
            self._simulator.faults.delay_seconds = ANSWER_SECONDS

    async def _break(self, step: Step) -> None:
        """Break a part, now and at every start from here on."""
        part = step.data["part"] if step.do == "break" else f"{step.data['part']} hangs"
        if part in self._broken:
            return
        self._broken.add(part)
        if part == "recorder":
            self._stack.enter_context(broken_recorder())
        if (run := self._run) is None:
            return
        if part == "recorder":
            run.hass.config.components.add("recorder")
        if part == "listener" and run.entry.state is ConfigEntryState.LOADED:
            break_listeners(run.hass, run.entry)

    async def _act(self, step: Step) -> None:
        """Call an action, or press the switch, as a person would; it goes on beside the next steps."""
        if (run := self._run) is None:
            _note(self._scenario, step, "Home Assistant does not run")
            return
        domain, action, data = DOMAIN, step.do, dict(step.data)
        minutes = data.pop("minutes", None)
        if step.do in {"mute", "unmute"}:
            domain, action = "switch", "turn_off" if step.do == "mute" else "turn_on"
            data["entity_id"] = entity_id(run.hass, run.entry, "alerts")
        elif step.do == "invite":
            self._invited += 1
            who = f"follower{self._invited}"
            action = "invite_follower"
            data = {"name": who, "email": f"{who}@example.com", "display_name": "wearer"}
        else:
            data["entity_id"] = entity_id(run.hass, run.entry, "alert")
        if minutes is not None:
            data["duration"] = {"minutes": minutes}
        self._do(run, self._call(run, step, domain, action, data))
        # It begins at once, also where the next step is at the same time.
        await asyncio.sleep(0)

    async def _call(self, run: _Run, step: Step, domain: str, action: str, data: dict[str, Any]) -> None:
        try:
            await run.hass.services.async_call(domain, action, data, blocking=True)
        except (HomeAssistantError, vol.Invalid) as error:
            _note(self._scenario, step, f"refused: {type(error).__name__}")


def _note(scenario: Scenario, step: Step, text: str) -> None:
    """Tell whoever plays a scenario that a step did nothing."""
    print(f"{scenario.name}: `{step.do}` at {step.at:g}: {text}", file=sys.stderr)
