"""Several persons together: one device that tells who needs somebody first. It comes and goes by itself.

Entities need a config entry. One person's carries them: the first that is set up. When that is removed or disabled they
move to another at once; when it is unloaded for longer than a reload takes, they move then. With fewer than two persons
who are not disabled there is no household.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorEntityDescription
from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_call_later
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, HOUSEHOLD
from .display.speech import person_name, spoken
from .display.texts import async_say, say_at_once
from .display.units import glucose_unit
from .glucose.alerts.kinds import AlertKind
from .glucose.snapshot import Snapshot
from .glucose.urgency import by_urgency, is_all_known
from .person import DexcomShareConfigEntry

DATA_HOUSEHOLD: HassKey[Household] = HassKey(f"{DOMAIN}_household")
NONE: Final = "none"
LONGEST_STATE: Final = 255
MOVE_AFTER: Final = 60.0
"""So many seconds the entities wait for the person who carries them: a restart or a reload takes less."""

PERSON: Final = SensorEntityDescription(key="urgent_person", translation_key="urgent_person")
ALERT: Final = SensorEntityDescription(
    key="urgent_alert",
    translation_key="urgent_alert",
    device_class=SensorDeviceClass.ENUM,
    options=[NONE, *AlertKind],
)
SUMMARY: Final = SensorEntityDescription(key="summary", translation_key="household_summary")


class Household:
    """The persons of this Home Assistant, and who of them carries the entities."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Start without anybody who is at work."""
        self.hass = hass
        self._adders: dict[str, AddConfigEntryEntitiesCallback] = {}
        self._carrier: str | None = None
        self._is_shown = False
        self._stop_waiting: Callable[[], None] | None = None
        self._listeners: list[Callable[[], None]] = []
        async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._handle_change)

    @callback
    def async_join(self, entry: DexcomShareConfigEntry, add: AddConfigEntryEntitiesCallback) -> None:
        """Take in a person until the entry is unloaded; `add` adds sensors to the entry."""
        self._adders[entry.entry_id] = add

        @callback
        def leave() -> None:
            del self._adders[entry.entry_id]
            if entry.entry_id == self._carrier:
                self._is_shown = False
            self._settle()

        entry.async_on_unload(leave)
        entry.async_on_unload(entry.runtime_data.glucose.async_add_listener(self._tell))
        self._settle()

    @callback
    def async_listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have a listener called when anything of anybody may have changed; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def entries(self) -> list[DexcomShareConfigEntry]:
        """Return all persons who are not disabled."""
        return self.hass.config_entries.async_entries(DOMAIN, include_disabled=False)

    def persons(self) -> dict[str, Snapshot]:
        """Return what is known of each person, by entry; of those who are not at work that is nothing."""
        return {
            entry.entry_id: entry.runtime_data.glucose.data if entry.entry_id in self._adders else Snapshot()
            for entry in self.entries()
        }

    @callback
    def _handle_change(self, change: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Settle anew once a person is removed."""
        if change is ConfigEntryChange.REMOVED and entry.domain == DOMAIN:
            self._settle()

    @callback
    def _settle(self) -> None:
        """Have the entities where they belong."""
        entries = {entry.entry_id for entry in self.entries()}
        if len(entries) < 2:
            self._carrier, self._is_shown = None, False
            self._remove_devices(keep=None)
        elif self._carrier not in entries:
            self._carrier = self._next(entries)
        if self._carrier in self._adders:
            self._show(self._carrier)
        elif self._carrier and not self._stop_waiting:
            job = HassJob(self._move, f"{DOMAIN} household", cancel_on_shutdown=True)
            self._stop_waiting = async_call_later(self.hass, MOVE_AFTER, job)
        self._tell()

    def _next(self, entries: set[str]) -> str | None:
        """Return who is to carry the entities: who did so before, or else the first person at work."""
        devices = dr.async_get(self.hass)
        holders = (each for each in entries if devices.async_get_device_by_identifier((DOMAIN, HOUSEHOLD), each))
        return next(holders, next(iter(self._adders), None))

    def _show(self, carrier: str) -> None:
        """Add the entities to the entry of a person at work, unless they are there."""
        if self._stop_waiting:
            self._stop_waiting()
            self._stop_waiting = None
        if not self._is_shown:
            self._is_shown = True
            self._remove_devices(keep=carrier)
            self._adders[carrier]([sensor(self) for sensor in (PersonSensor, AlertSensor, SummarySensor)])

    @callback
    def _move(self, _: datetime) -> None:
        """Let somebody else carry the entities, if anybody is at work."""
        self._stop_waiting = None
        self._carrier = next(iter(self._adders), self._carrier)
        if self._adders:
            self._settle()

    @callback
    def _remove_devices(self, keep: str | None) -> None:
        """Remove the device from all entries but one; its entities go with it."""
        devices = dr.async_get(self.hass)
        for entry in self.hass.config_entries.async_entries(DOMAIN):
            device = devices.async_get_device_by_identifier((DOMAIN, HOUSEHOLD), entry.entry_id)
            if device and entry.entry_id != keep:
                devices.async_remove_device(device.id)

    @callback
    def _tell(self) -> None:
        """Call the listeners."""
        for listener in list(self._listeners):
            listener()


@callback
def async_join_household(
    hass: HomeAssistant, entry: DexcomShareConfigEntry, add: AddConfigEntryEntitiesCallback
) -> None:
    """Make a person part of the household."""
    if DATA_HOUSEHOLD not in hass.data:
        hass.data[DATA_HOUSEHOLD] = Household(hass)
    hass.data[DATA_HOUSEHOLD].async_join(entry, add)


class HouseholdSensor(SensorEntity):
    """A fact about several persons."""

    _attr_has_entity_name = True
    _attr_should_poll = False
    _shown: object = None

    def __init__(self, household: Household, description: SensorEntityDescription) -> None:
        """Tie the description to the household."""
        self._household = household
        self.entity_description = description
        self._attr_unique_id = f"{HOUSEHOLD}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, HOUSEHOLD)},
            translation_key=HOUSEHOLD,
            manufacturer="Dexcom",
            model="Share",
            entry_type=DeviceEntryType.SERVICE,
        )

    @override
    async def async_added_to_hass(self) -> None:
        """Follow everybody, with the texts at hand."""
        await async_say(self.hass)
        self.async_on_remove(self._household.async_listen(self._handle_news))

    @callback
    def _handle_news(self) -> None:
        """Write what has changed."""
        if (shows := self.native_value) != self._shown:
            self._shown = shows
            self.async_write_ha_state()

    def _spoken(self, entry_id: str, snapshot: Snapshot) -> str:
        """Return the sentence about one person."""
        entry = self.hass.config_entries.async_get_known_entry(entry_id)
        return spoken(snapshot, person_name(self.hass, entry), glucose_unit(self.hass, entry), say_at_once(self.hass))


class PersonSensor(HouseholdSensor):
    """Who has the gravest alert."""

    def __init__(self, household: Household) -> None:
        """Show the name."""
        super().__init__(household, PERSON)

    @property
    @override
    def native_value(self) -> str | None:
        """Return the name of the most urgent person, unknown where nobody can say that there is none."""
        persons = self._household.persons()
        first = next(iter(by_urgency(persons)), None)
        if first is not None and persons[first].alerts.gravest:
            return person_name(self.hass, self.hass.config_entries.async_get_known_entry(first))
        return NONE if is_all_known(persons) else None


class AlertSensor(HouseholdSensor):
    """The gravest alert of all."""

    def __init__(self, household: Household) -> None:
        """Show the kind."""
        super().__init__(household, ALERT)

    @property
    @override
    def native_value(self) -> str | None:
        """Return the kind of the gravest alert, unknown where nobody can say that there is none."""
        persons = self._household.persons()
        first = next(iter(by_urgency(persons)), None)
        return (first and persons[first].alerts.gravest) or (NONE if is_all_known(persons) else None)


class SummarySensor(HouseholdSensor):
    """Whom there is something to tell of, to be spoken."""

    def __init__(self, household: Household) -> None:
        """Show the sentences."""
        super().__init__(household, SUMMARY)

    @property
    @override
    def native_value(self) -> str:
        """Return a sentence for each person of whom there is something to tell, as many as a state can hold."""
        persons = self._household.persons()
        said = ""
        for entry_id in by_urgency(persons):
            longer = f"{said} {self._spoken(entry_id, persons[entry_id])}".strip()
            if said and len(longer) > LONGEST_STATE:
                break
            said = longer
        return said[:LONGEST_STATE] or say_at_once(self.hass)("speech_nobody")
