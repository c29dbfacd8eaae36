"""Triggers: they listen to the news of persons, and stay connected when a config entry is reloaded."""

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar, Final, cast, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import (
    ATTR_DEVICE_ID,
    ATTR_ENTITY_ID,
    ATTR_NAME,
    CONF_FOR,
    CONF_OPTIONS,
    CONF_TARGET,
    Platform,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv, device_registry as dr, entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.target import TargetSelection
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType
import voluptuous as vol

from .const import ATTR_MESSAGE, DOMAIN
from .display.payloads import EventData, alert_data, reading_data
from .display.sentences import alert_sentence, data_back_sentence, silence_sentence
from .display.units import glucose_unit
from .fields import KINDS, SPAN_NOT_ZERO
from .glucose.alerts.kinds import AlertEventType, AlertKind
from .glucose.ranges import GlucoseRange
from .person import DexcomShareConfigEntry
from .targets import is_targeted, validate_target
from .threshold import CROSSED, Threshold
from .watch.news import SIGNAL_NEWS, AlertNews, News, ReadingNews, SilenceNews
from .watch.silence import SilenceWatch

CONF_ENDINGS: Final = "endings"
CONF_KINDS: Final = "kinds"
CONF_REPEATS: Final = "repeats"
CONF_THRESHOLD: Final = "threshold"

# Entities that stand for the glucose of a person, and for their alerts. The editor offers glucose for both.
GLUCOSE_KEYS: Final = frozenset({"value"})
ENDINGS: Final = (
    AlertEventType.RECOVERED,
    AlertEventType.ENDED,
    AlertEventType.ACKNOWLEDGED,
    AlertEventType.SNOOZED,
    AlertEventType.TREATED,
)
"""How an alert can end: it is over, or somebody has answered it."""
OVER: Final = [AlertEventType.RECOVERED.value, AlertEventType.ENDED.value]
DATA_BACK_AFTER: Final = timedelta(minutes=20)
ALERT_KEYS: Final = GLUCOSE_KEYS | {"alert", *(f"{kind}_alert" for kind in AlertKind)}


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
        """Return the configuration with its defaults; `vol.Invalid` where the trigger could never fire."""
        config = cast("ConfigType", cls._schema(config))
        validate_target(hass, config[CONF_TARGET], cls._keys)
        return config

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
    """A trigger that decides at each piece of news whether to fire."""

    @abstractmethod
    def _data(self, news: News) -> EventData | None:
        """Return what the automation gets to know, None where the trigger doesn't fire."""

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


class AlertTrigger(NewsTrigger):
    """A trigger on what the alerts tell."""

    _keys = ALERT_KEYS
    _entity = (Platform.EVENT, "alert")

    def _alert(self, news: AlertNews) -> EventData:
        """Return what there is to know of an alert, and as a sentence."""
        message = alert_sentence(self._hass, self._entry(news.entry_id), news.event)
        data = alert_data(news.event, self._unit(news.entry_id))
        return {"event_type": news.event.type, **data, ATTR_MESSAGE: message}


class AlertRaisedTrigger(AlertTrigger):
    """Fires when an alert is raised, and unless told otherwise when it repeats.

    An alert that is overshadowed by a graver one is left out, if the trigger listens to the graver kind as well.
    """

    _schema = _make_schema(
        {
            vol.Optional(CONF_KINDS): KINDS,
            vol.Optional(CONF_REPEATS, default=True): cv.boolean,
        }
    )

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
        return self._alert(news)


class AlertEndedTrigger(AlertTrigger):
    """Fires when an alert is over, or when somebody has answered it."""

    _schema = _make_schema(
        {
            vol.Optional(CONF_KINDS): KINDS,
            vol.Optional(CONF_ENDINGS, default=OVER): vol.All(
                cv.ensure_list, vol.Length(min=1), [vol.All(vol.Coerce(AlertEventType), vol.In(ENDINGS))]
            ),
        }
    )

    @override
    def _data(self, news: News) -> EventData | None:
        """Return the alert, if it is one of the kinds asked for and ended as asked for."""
        if not isinstance(news, AlertNews) or news.event.type not in self._options[CONF_ENDINGS]:
            return None
        if news.event.kind not in (self._options.get(CONF_KINDS) or tuple(AlertKind)):
            return None
        return self._alert(news) if self._means(news.entry_id) else None


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

    _schema = _make_schema({vol.Required(CONF_THRESHOLD): CROSSED})

    @classmethod
    @override
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Return the configuration; `vol.Invalid` also where the threshold can't be crossed."""
        config = await super().async_validate_config(hass, config)
        Threshold(hass, config[CONF_OPTIONS][CONF_THRESHOLD]).validate()
        return config

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take the limits."""
        super().__init__(hass, config)
        self._threshold = Threshold(hass, self._options[CONF_THRESHOLD])

    @override
    def _data(self, news: News) -> EventData | None:
        """Return the reading, if it is inside and something told or read before it wasn't."""
        if not isinstance(news, ReadingNews) or not self._means(news.entry_id):
            return None
        if (limits := self._threshold.limits()) is None or not self._threshold.is_inside(news.newest.value, limits):
            return None
        if news.before and all(self._threshold.is_inside(reading.value, limits) for reading in news.before):
            return None
        return reading_data(news.newest, self._unit(news.entry_id))


class DataBackTrigger(NewsTrigger):
    """Fires with the first current reading after a while in which none was heard."""

    _schema = _make_schema({vol.Optional(CONF_FOR, default=DATA_BACK_AFTER): SPAN_NOT_ZERO})

    @override
    def _data(self, news: News) -> EventData | None:
        """Return the reading, if the one told before it is old enough; who never had one can't have them back."""
        if not isinstance(news, ReadingNews) or not news.before or not self._means(news.entry_id):
            return None
        if news.newest.heard_at - news.before[0].time < self._options[CONF_FOR]:
            return None
        reading = reading_data(news.newest, self._unit(news.entry_id))
        return {**reading, ATTR_MESSAGE: data_back_sentence(self._hass)}


class NoDataForTrigger(PersonTrigger):
    """Fires once when nothing was heard of a person for a while, for whatever reason, and anew after each reading.

    A silence that was long enough before Home Assistant started fires after the start, one that was long enough before
    the automation was loaded while Home Assistant runs does not.
    """

    _schema = _make_schema({vol.Required(CONF_FOR): SPAN_NOT_ZERO})

    @override
    async def async_attach_runner(
        self, run_action: TriggerActionRunner, did_not_trigger: TriggerNotTriggeredReporter | None = None
    ) -> CALLBACK_TYPE:
        """Watch the silence of each person until the returned callback is called."""

        @callback
        def tell(silence: SilenceNews) -> None:
            if self._means(silence.entry_id):
                self._fire(run_action, silence.entry_id, self._silence(silence))

        return SilenceWatch(self._hass, self._options[CONF_FOR], tell).async_start(self._known_silences())

    def _silence(self, silence: SilenceNews) -> EventData:
        """Return since when nothing was heard, and as a sentence with the cause."""
        entry: DexcomShareConfigEntry = self._entry(silence.entry_id)
        length = max(entry.runtime_data.glucose.now() - silence.heard_at, self._options[CONF_FOR])
        return {"since": silence.heard_at.isoformat(), ATTR_MESSAGE: silence_sentence(self._hass, entry, length)}

    def _known_silences(self) -> Iterator[SilenceNews]:
        """Return since when nothing was heard of each person who is watched now."""
        entries: list[DexcomShareConfigEntry] = self._hass.config_entries.async_loaded_entries(DOMAIN)
        for entry in entries:
            glucose = entry.runtime_data.glucose
            if silence := glucose.alerts.silence(glucose.now()):
                yield silence


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    "alert_ended": AlertEndedTrigger,
    "alert_raised": AlertRaisedTrigger,
    "data_back": DataBackTrigger,
    "glucose_back_in_range": GlucoseBackInRangeTrigger,
    "glucose_became_high": GlucoseBecameHighTrigger,
    "glucose_became_low": GlucoseBecameLowTrigger,
    "glucose_crossed_threshold": GlucoseCrossedThresholdTrigger,
    "no_data_for": NoDataForTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers."""
    return TRIGGERS
