"""What tests of the alerts need: readings that come one by one, restarts, and a record of what was told."""

from datetime import timedelta
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CALLBACK_TYPE, CoreState, HomeAssistant, ServiceCall, callback
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.trigger import async_initialize_triggers, async_validate_trigger_config
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed, async_mock_service

from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.coordinator import DexcomShareCoordinator
from custom_components.dexcom_share.glucose.alerts.kinds import AlertKind
from custom_components.dexcom_share.glucose.alerts.state import AlertStage
from custom_components.dexcom_share.watch.news import SIGNAL_NEWS, News

from .common import MINUTE, Share, listen

PREFIX: Final = "anna_example_com"
ALERT_EVENT: Final = f"event.{PREFIX}_glucose_alert"
ALERT_SENSOR: Final = f"sensor.{PREFIX}_alert"
ANSWER: Final = f"sensor.{PREFIX}_answer"
PREDICTED: Final = f"sensor.{PREFIX}_predicted_glucose"
ALERTS_SWITCH: Final = f"switch.{PREFIX}_alerts"
QUIET: Final[dict[str, dict[str, Any]]] = {"urgent_low_soon": {"enabled": False}}
"""The forecast has tests of its own; here it would mix in."""
NOON: Final = "2026-11-22 12:00:00+00:00"


class Watch:
    """One person who is watched, and what their alerts told."""

    def __init__(
        self, hass: HomeAssistant, share: Share, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
    ) -> None:
        """Listen to all news from now on."""
        self.hass = hass
        self.share = share
        self.entry = entry
        self.freezer = freezer
        self.news: list[News] = listen(hass, SIGNAL_NEWS)
        self.told: list[tuple[str, str]] = []
        self._marks: list[tuple[str, str, str]] = []
        hass.bus.async_listen("state_changed", self._note)

    @callback
    def _note(self, event: Any) -> None:
        state = event.data["new_state"]
        # A reload restores the last event; only a new one has a new time.
        if event.data["entity_id"] != ALERT_EVENT or not state or state.state in {"unknown", "unavailable"}:
            return
        mark = (state.state, state.attributes["event_type"], state.attributes["kind"])
        if mark not in self._marks:
            self._marks.append(mark)
            self.told.append(mark[1:])

    def heard(self) -> list[tuple[str, str]]:
        """Return the types and kinds of the alert events since the last call."""
        heard = self.told[:]
        self.told.clear()
        return heard

    @property
    def glucose(self) -> DexcomShareCoordinator:
        """Return the person's coordinator."""
        coordinator: DexcomShareCoordinator = self.entry.runtime_data.glucose
        return coordinator

    @property
    def device_id(self) -> str:
        """Return the person's device."""
        device = dr.async_get(self.hass).async_get_device_by_identifier(
            (DOMAIN, self.share.account.account_id), self.entry.entry_id
        )
        assert device
        return device.id

    def status(self, kind: AlertKind | str) -> AlertStage:
        """Return where an alert stands."""
        return self.glucose.data.alerts.state.alerts[AlertKind(kind)].stage

    def state(self, entity_id: str) -> str:
        """Return what an entity shows."""
        state = self.hass.states.get(entity_id)
        assert state, entity_id
        return state.state

    async def set_up(self, *values: int) -> None:
        """Set the person up with readings five minutes apart, the last one just taken."""
        self.share.add_readings(*values)
        self.entry.add_to_hass(self.hass)
        await self.set_options()
        await self.share.set_up(self.hass, self.entry)

    async def read(self, *values: int, after: timedelta = 5 * MINUTE, trend: str = "Flat") -> None:
        """Let readings come, each some time after the one before."""
        for value in values:
            self.freezer.tick(after)
            self.share.add_reading(value, trend)
            await self._happen()

    async def wait(self, span: timedelta, step: timedelta = MINUTE) -> None:
        """Let time pass without readings."""
        for _ in range(span // step):
            self.freezer.tick(step)
            await self._happen()

    async def _happen(self) -> None:
        async_fire_time_changed(self.hass, fire_all=True)
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def stop(self) -> None:
        """Unload the person, as a restart of Home Assistant does."""
        assert await self.hass.config_entries.async_unload(self.entry.entry_id)
        await self.hass.async_block_till_done(wait_background_tasks=True)
        self.hass.set_state(CoreState.not_running)

    async def start(self) -> None:
        """Set the person up while Home Assistant starts, then let it have started."""
        await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.hass.async_block_till_done(wait_background_tasks=True)
        assert self.entry.state is ConfigEntryState.LOADED
        self.started()
        await self.hass.async_block_till_done(wait_background_tasks=True)

    def started(self) -> None:
        """Let Home Assistant have started."""
        self.hass.set_state(CoreState.running)
        self.hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)

    async def restart(self) -> None:
        """Restart Home Assistant at once."""
        await self.stop()
        await self.start()

    async def set_options(self, **kinds: dict[str, Any]) -> None:
        """Set kinds of alerts as the options flow would."""
        self.hass.config_entries.async_update_entry(self.entry, options={"alerts": {"kinds": {**QUIET, **kinds}}})
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def call(self, service: str, **data: Any) -> None:
        """Call one of our actions on the person's device."""
        await self.hass.services.async_call(DOMAIN, service, {"device_id": self.device_id, **data}, blocking=True)
        await self.hass.async_block_till_done(wait_background_tasks=True)


async def automate(
    hass: HomeAssistant,
    trigger: dict[str, Any],
    condition: dict[str, Any] | None = None,
    *,
    domain: str = "test",
    service: str = "automation",
    data: dict[str, Any] | None = None,
) -> list[ServiceCall]:
    """Set up one automation, and return the list into which the calls of its action come."""
    calls: list[ServiceCall] = async_mock_service(hass, domain, service)
    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": {
                "alias": "watch",
                "triggers": trigger,
                "conditions": [condition] if condition else [],
                "actions": {"action": f"{domain}.{service}", "data": data or {}},
            }
        },
    )
    await hass.async_block_till_done()
    assert hass.states.is_state("automation.watch", "on")
    return calls


class Runs(list[dict[str, Any]]):
    """What a trigger told an automation, run by run."""

    detach: CALLBACK_TYPE


async def attach(hass: HomeAssistant, trigger: dict[str, Any]) -> Runs:
    """Attach a trigger as an automation does, and return its runs."""
    runs = Runs()

    async def run(variables: dict[str, Any], context: object = None) -> None:
        runs.append(variables["trigger"])

    config = await async_validate_trigger_config(hass, cv.TRIGGER_SCHEMA(trigger))
    detach = await async_initialize_triggers(hass, config, run, "test", "attached", lambda *_: None)
    assert detach
    runs.detach = detach
    return runs
