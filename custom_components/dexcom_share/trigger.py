"""Triggers on the news of a person: they hear what began in a gap or a restart, and outlive the loading of entries."""

from abc import abstractmethod
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, Final, cast, override

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import (
    ATTR_DEVICE_ID,
    ATTR_ENTITY_ID,
    ATTR_NAME,
    ATTR_UNIT_OF_MEASUREMENT,
    CONF_FOR,
    CONF_OPTIONS,
    CONF_TARGET,
    Platform,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv, device_registry as dr, entity_registry as er
from homeassistant.helpers.automation import ThresholdConfig
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.helpers.selector import (
    NumericThresholdMode,
    NumericThresholdSelector,
    NumericThresholdSelectorConfig,
    NumericThresholdType,
)
from homeassistant.helpers.target import TargetSelection
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .const import DOMAIN
from .display.payloads import EventData, alert_data, reading_data
from .display.units import MGDL, MMOL, as_shown, glucose_unit
from .glucose.alerts.kinds import AlertEventType, AlertKind
from .glucose.ranges import GlucoseRange
from .person import DexcomShareConfigEntry
from .share import GlucoseReading
from .targets import is_targeted
from .watch.news import SIGNAL_NEWS, AlertNews, News, ReadingNews, SilenceNews

CONF_KINDS: Final = "kinds"
CONF_REPEATS: Final = "repeats"
CONF_THRESHOLD: Final = "threshold"

# Entities that stand for the glucose of a person, and for their alerts.
GLUCOSE_KEYS: Final = frozenset({"value"})
ALERT_KEYS: Final = frozenset({"alert", *(f"{kind}_alert" for kind in AlertKind)})


def _make_schema(options: Mapping[vol.Marker, Any]) -> vol.Schema:
    """Return the schema of a trigger with a target and these options."""
    return vol.Schema({vol.Required(CONF_TARGET): cv.TARGET_FIELDS, vol.Required(CONF_OPTIONS, default={}): options})


class PersonTrigger(Trigger):
    """A trigger on the persons its target means."""

    _schema: ClassVar[vol.Schema] = _make_schema({})
    _keys: ClassVar[Collection[str]] = GLUCOSE_KEYS
    # The entity that stands for the person in what the automation gets to know.
    _entity: ClassVar[tuple[str, str]] = (Platform.SENSOR, "value")

    @classmethod
    @override
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Return the configuration with its defaults."""
        return cast("ConfigType", cls._schema(config))

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take the configuration."""
        super().__init__(hass, config)
        self._options = config.options or {}
        self._target = TargetSelection(config.target or {})

    def _means(self, entry_id: str) -> bool:
        """Return whether the target means this person."""
        return is_targeted(self._hass, self._target, entry_id, self._keys)

    def _entry(self, entry_id: str) -> ConfigEntry:
        """Return the config entry of a person."""
        return self._hass.config_entries.async_get_known_entry(entry_id)

    def _unit(self, entry_id: str) -> str:
        """Return the unit in which a person's glucose is shown."""
        return glucose_unit(self._hass, self._entry(entry_id))

    @callback
    def _fire(self, run_action: TriggerActionRunner, entry_id: str, data: EventData) -> None:
        """Run the automation with what there is to know, and whom it is about."""
        entry = self._entry(entry_id)
        domain, key = self._entity
        device = dr.async_get(self._hass).async_get_device_by_identifier((DOMAIN, str(entry.unique_id)), entry_id)
        payload = {
            ATTR_NAME: (device.name_by_user or device.name) if device else entry.title,
            ATTR_DEVICE_ID: device.id if device else None,
            ATTR_ENTITY_ID: er.async_get(self._hass).async_get_entity_id(domain, DOMAIN, f"{entry.unique_id}_{key}"),
            **data,
        }
        run_action(payload, f"news of {payload[ATTR_NAME]}")


class NewsTrigger(PersonTrigger):
    """Fires at the time of the news, or not at all."""

    @abstractmethod
    def _data(self, news: News) -> EventData | None:
        """Return what to tell of the news, None where they don't fire."""

    @override
    async def async_attach_runner(
        self, run_action: TriggerActionRunner, did_not_trigger: TriggerNotTriggeredReporter | None = None
    ) -> CALLBACK_TYPE:
        """Listen for news until the returned callback is called."""

        @callback
        def handle_news(news: News) -> None:
            if (data := self._data(news)) is not None:
                self._fire(run_action, news.entry_id, data)

        return async_dispatcher_connect(self._hass, SIGNAL_NEWS, handle_news)


class AlertRaisedTrigger(NewsTrigger):
    """Fires when an alert is raised, and unless told otherwise when it repeats.

    An alert that a graver one says it all for is left out, if this trigger hears of the graver one.
    """

    _schema = _make_schema(
        {
            vol.Optional(CONF_KINDS): vol.All(cv.ensure_list, [vol.Coerce(AlertKind)]),
            vol.Optional(CONF_REPEATS, default=True): cv.boolean,
        }
    )
    _keys = ALERT_KEYS
    _entity = (Platform.EVENT, "alert")

    @override
    def _data(self, news: News) -> EventData | None:
        """Return the alert, if it is one of the kinds asked for."""
        if not isinstance(news, AlertNews):
            return None
        kinds = self._options.get(CONF_KINDS) or tuple(AlertKind)
        event = news.event
        types = {AlertEventType.RAISED, *([AlertEventType.REPEATED] if self._options[CONF_REPEATS] else [])}
        if event.type not in types or event.kind not in kinds or event.overshadowed_by in kinds:
            return None
        if not self._means(news.entry_id):
            return None
        return {"event_type": event.type, **alert_data(event, self._unit(news.entry_id))}


class RangeTrigger(NewsTrigger):
    """Fires when glucose came to be in a range."""

    _range: ClassVar[GlucoseRange]

    @override
    def _data(self, news: News) -> EventData | None:
        """Return the reading, if it is in the range and something told or read before it wasn't."""
        if not isinstance(news, ReadingNews) or not self._came(news) or not self._means(news.entry_id):
            return None
        return reading_data(news.newest, self._unit(news.entry_id))

    def _came(self, news: ReadingNews) -> bool:
        """Return whether the range is new."""
        return news.range is self._range and set(news.ranges_before) != {self._range}


class GlucoseBecameLowTrigger(RangeTrigger):
    """Fires when glucose came to be at or below the limit of the low alert; the first reading ever counts."""

    _range = GlucoseRange.LOW


class GlucoseBecameHighTrigger(RangeTrigger):
    """Fires when glucose came to be at or above the limit of the high alert; the first reading ever counts."""

    _range = GlucoseRange.HIGH


class GlucoseBackInRangeTrigger(RangeTrigger):
    """Fires when glucose came back between the limits of the low and the high alert."""

    _range = GlucoseRange.IN_RANGE

    @override
    def _came(self, news: ReadingNews) -> bool:
        """Return whether the range is new; who was never out of range can't come back."""
        return bool(news.ranges_before) and super()._came(news)


class GlucoseCrossedThresholdTrigger(NewsTrigger):
    """Fires when glucose came to be beyond, between or outside limits of one's own, compared as it is shown."""

    _schema = _make_schema(
        {
            vol.Required(CONF_THRESHOLD): NumericThresholdSelector(
                NumericThresholdSelectorConfig(mode=NumericThresholdMode.CROSSED, unit_of_measurement=[MGDL, MMOL])
            )
        }
    )

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take the limits."""
        super().__init__(hass, config)
        threshold = self._options[CONF_THRESHOLD]
        self._type = threshold["type"]
        self._limits = tuple(
            limit
            for key in ("value", "value_min", "value_max")
            if (limit := ThresholdConfig.from_config(threshold.get(key)))
        )

    @override
    def _data(self, news: News) -> EventData | None:
        """Return the reading, if it is inside and something told or read before it wasn't."""
        if not isinstance(news, ReadingNews) or not self._means(news.entry_id):
            return None
        limits = [self._limit(limit) for limit in self._limits]
        if any(limit is None for limit in limits):
            return None
        known = [limit for limit in limits if limit is not None]
        if not self._is_inside(news.newest, known) or (
            news.before and all(self._is_inside(reading, known) for reading in news.before)
        ):
            return None
        return reading_data(news.newest, self._unit(news.entry_id))

    def _limit(self, limit: ThresholdConfig) -> tuple[float, str] | None:
        """Return a limit and its unit, None where an entity has no number or another unit."""
        if limit.numerical:
            return cast("float", limit.number), cast("str", limit.unit)
        if (state := self._hass.states.get(cast("str", limit.entity))) is None:
            return None
        try:
            number = float(state.state)
        except ValueError:
            return None
        unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
        return (round(number, 1), unit) if unit in {MGDL, MMOL} else None

    def _is_inside(self, reading: GlucoseReading, limits: list[tuple[float, str]]) -> bool:
        """Return whether a reading is where the threshold asks for."""
        # By what is shown in the unit of the limit: 3.9 mmol/L on the display is not below 3.9.
        distances = [as_shown(reading.value, unit) - number for number, unit in limits]
        match self._type:
            case NumericThresholdType.ABOVE:
                return distances[0] > 0
            case NumericThresholdType.BELOW:
                return distances[0] < 0
            case NumericThresholdType.BETWEEN:
                return distances[0] >= 0 >= distances[1]
            case _:
                return not distances[0] >= 0 >= distances[1]


class NoDataForTrigger(PersonTrigger):
    """Fires once when nothing was heard of a person for a while, for whatever reason, and anew after each reading.

    A silence that was long enough before Home Assistant started fires after the start, one that was long enough before
    the automation was loaded while Home Assistant runs does not.
    """

    _schema = _make_schema({vol.Required(CONF_FOR): cv.positive_time_period})

    @override
    async def async_attach_runner(
        self, run_action: TriggerActionRunner, did_not_trigger: TriggerNotTriggeredReporter | None = None
    ) -> CALLBACK_TYPE:
        """Watch the silence of each person until the returned callback is called."""
        timers: dict[str, CALLBACK_TYPE] = {}
        settled: dict[str, datetime] = {}

        @callback
        def disarm(entry_id: str) -> None:
            if cancel := timers.pop(entry_id, None):
                cancel()

        @callback
        def fire(silence: SilenceNews) -> None:
            settled[silence.entry_id] = silence.heard_at
            if self._means(silence.entry_id):
                self._fire(run_action, silence.entry_id, {"since": silence.heard_at.isoformat()})

        @callback
        def arm(silence: SilenceNews, *, is_old: bool) -> None:
            disarm(silence.entry_id)
            missing = silence.heard_at + self._options[CONF_FOR] - silence.now
            if settled.get(silence.entry_id) == silence.heard_at:
                return
            if missing.total_seconds() > 0:
                timers[silence.entry_id] = async_track_point_in_utc_time(
                    self._hass, partial(handle_time, silence), dt_util.utcnow() + missing
                )
            elif is_old:
                settled[silence.entry_id] = silence.heard_at
            else:
                fire(silence)

        @callback
        def handle_time(silence: SilenceNews, _: datetime) -> None:
            del timers[silence.entry_id]
            entry = self._hass.config_entries.async_get_entry(silence.entry_id)
            # Of somebody who isn't watched nothing is known; what is due by then is told when the watch begins anew.
            if entry and entry.state is ConfigEntryState.LOADED:
                fire(silence)

        @callback
        def handle_news(news: News) -> None:
            if isinstance(news, SilenceNews):
                arm(news, is_old=False)

        entries: list[DexcomShareConfigEntry] = self._hass.config_entries.async_loaded_entries(DOMAIN)
        for entry in entries:
            glucose = entry.runtime_data.glucose
            if silence := glucose.alerts.silence(glucose.now()):
                arm(silence, is_old=True)
        unsubscribe = async_dispatcher_connect(self._hass, SIGNAL_NEWS, handle_news)

        @callback
        def detach() -> None:
            unsubscribe()
            for entry_id in list(timers):
                disarm(entry_id)

        return detach


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    "alert_raised": AlertRaisedTrigger,
    "glucose_back_in_range": GlucoseBackInRangeTrigger,
    "glucose_became_high": GlucoseBecameHighTrigger,
    "glucose_became_low": GlucoseBecameLowTrigger,
    "glucose_crossed_threshold": GlucoseCrossedThresholdTrigger,
    "no_data_for": NoDataForTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers."""
    return TRIGGERS
