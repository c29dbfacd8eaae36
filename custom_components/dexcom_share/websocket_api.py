"""Websocket commands for cards: what is known of a person, as it comes, their readings, and their statistics."""

from datetime import timedelta
from typing import Any, Final

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components import websocket_api
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_entity_registry_updated_event
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType, JsonValueType
import voluptuous as vol

from .actions.alerts import ACKNOWLEDGE, SNOOZE
from .actions.persons import READ_GLUCOSE, may
from .actions.statistics import LOOK_BACK
from .const import DOMAIN
from .display.card_data import marks_data, person_data
from .display.failures import mistake
from .display.figures import report_data
from .display.units import glucose_unit
from .glucose.history import KEPT
from .glucose.reading_columns import EPOCH, MILLISECOND, ReadingColumns, milliseconds
from .glucose.statistics.counted import Readings
from .glucose.statistics.goals import TARGET_SETS, TargetKey
from .glucose.statistics.report import make_report
from .glucose.statistics.windowed import Window
from .person import DexcomShareConfigEntry
from .watch.news import SIGNAL_NEWS, AlertNews, News
from .watch.recent_alerts import recent_alerts

_KEPT_HOURS: Final = KEPT // timedelta(hours=1)
_KEPT_MS: Final = KEPT // MILLISECOND
HOURS: Final = vol.All(vol.Coerce(float), vol.Range(min=0.1, max=_KEPT_HOURS))
USUAL_HOURS: Final = 24


@callback
def async_setup_websocket_api(hass: HomeAssistant) -> None:
    """Offer the commands, to everybody who may read the glucose of a person."""
    for command in (async_list_persons, async_get_history, async_subscribe, async_get_statistics):
        websocket_api.async_register_command(hass, command)


@websocket_api.websocket_command({vol.Required("type"): "dexcom_share/persons"})
@callback
def async_list_persons(hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]) -> None:
    """List the persons whose glucose the user may read."""
    connection.send_result(
        msg["id"],
        [
            {"loaded": entry.state is ConfigEntryState.LOADED, **_identity(hass, connection.user, entry)}
            for entry in hass.config_entries.async_entries(DOMAIN, include_disabled=False)
            if may(hass, connection.user, entry, READ_GLUCOSE)
        ],
    )


@websocket_api.websocket_command(
    {
        vol.Required("type"): "dexcom_share/history",
        vol.Required("entry_id"): str,
        vol.Exclusive("hours", "span"): HOURS,
        vol.Exclusive("start", "span"): int,
        vol.Optional("end"): int,
    }
)
@callback
def async_get_history(hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]) -> None:
    """Answer with the readings and marks of a span: the last hours, or from `start` to `end` in milliseconds."""
    entry = _loaded(hass, connection, msg["entry_id"])
    glucose = entry.runtime_data.glucose
    now = glucose.now()
    now_ms = milliseconds(now)
    end_ms = min(msg.get("end", now_ms), now_ms)
    start_ms = msg.get("start", end_ms - int(msg.get("hours", USUAL_HOURS) * 3_600_000))
    if start_ms >= end_ms:
        raise mistake("span_empty")
    if end_ms < now_ms - _KEPT_MS:
        raise mistake("span_too_early", days=str(KEPT.days))
    start, end = (EPOCH + max(at, now_ms - _KEPT_MS) * MILLISECOND for at in (start_ms, end_ms))
    connection.send_result(
        msg["id"],
        {
            "start": milliseconds(start),
            "end": milliseconds(end),
            "readings": glucose.history.pairs(start, end),
            "marks": marks_data(recent_alerts(hass, entry.entry_id, start, end)),
        },
    )


@websocket_api.websocket_command(
    {
        vol.Required("type"): "dexcom_share/subscribe",
        vol.Required("entry_id"): vol.All(cv.ensure_list, vol.Length(min=1), [str]),
        vol.Optional("hours", default=USUAL_HOURS): HOURS,
    }
)
@callback
def async_subscribe(hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]) -> None:
    """Tell what is known of persons, each in an event of its own, at once and whenever it changes.

    Goes on while an entry is loaded anew. Readings and marks come along when there are new ones, the whole span each
    time: a reading can also come late.
    """
    entries = [_readable(hass, connection, entry_id) for entry_id in dict.fromkeys(msg["entry_id"])]
    span = timedelta(hours=msg["hours"])
    subscriptions = [_Subscription(hass, connection, msg["id"], entry, span) for entry in entries]

    @callback
    def stop() -> None:
        for subscription in subscriptions:
            subscription.async_stop()

    connection.subscriptions[msg["id"]] = stop
    connection.send_result(msg["id"])
    for subscription in subscriptions:
        subscription.async_start()


@websocket_api.websocket_command(
    {
        vol.Required("type"): "dexcom_share/statistics",
        vol.Required("entry_id"): str,
        vol.Optional("days", default=14): vol.All(vol.Coerce(int), vol.Range(min=1, max=KEPT.days)),
        vol.Optional("targets", default=TargetKey.STANDARD.value): vol.Coerce(TargetKey),
    }
)
@websocket_api.async_response
async def async_get_statistics(
    hass: HomeAssistant, connection: websocket_api.ActiveConnection, msg: dict[str, Any]
) -> None:
    """Answer with figures, episodes, profile and days, concentrations in the person's unit."""
    entry = _loaded(hass, connection, msg["entry_id"])
    glucose = entry.runtime_data.glucose
    end = glucose.now()
    window = Window(start=end - timedelta(days=msg["days"]), end=end, zone=dt_util.get_default_time_zone())
    columns = glucose.history.copy_since(window.start - LOOK_BACK)
    unit = glucose_unit(hass, entry)
    report = await hass.async_add_executor_job(_report, columns, window, msg["targets"], unit)
    connection.send_result(msg["id"], {"unit": unit, **report})


def _report(columns: ReadingColumns, window: Window, targets: TargetKey, unit: str) -> JsonObjectType:
    """Return the report of a window; not for the event loop."""
    readings = Readings.of(map(columns.reading, range(len(columns))))
    return report_data(make_report(readings, window, TARGET_SETS[targets]), unit)


class _Subscription:
    """What one connection is told of one person."""

    def __init__(
        self,
        hass: HomeAssistant,
        connection: websocket_api.ActiveConnection,
        subscription_id: int,
        entry: DexcomShareConfigEntry,
        span: timedelta,
    ) -> None:
        """Tell nothing yet."""
        self._hass = hass
        self._connection = connection
        self._id = subscription_id
        self._entry = entry
        self._span = span
        self._told: JsonObjectType = {}
        self._readings: list[tuple[int, int]] | None = None
        self._marks: list[JsonValueType] = []
        self._stops: list[CALLBACK_TYPE] = []
        self._stop_listening: CALLBACK_TYPE | None = None

    @callback
    def async_start(self) -> None:
        """Tell what is known, and go on with it."""
        self._stops.append(self._entry.async_on_state_change(self._follow))
        self._stops.append(async_dispatcher_connect(self._hass, SIGNAL_NEWS, self._handle_news))
        if entity_id := _entities(self._hass, self._entry).get("glucose_value"):
            # The user may choose another unit.
            self._stops.append(async_track_entity_registry_updated_event(self._hass, entity_id, self._handle_registry))
        self._follow()

    @callback
    def async_stop(self) -> None:
        """Tell nothing more."""
        self._let_go()
        while self._stops:
            self._stops.pop()()

    @callback
    def _handle_news(self, news: News) -> None:
        """Tell what has been announced: it is noted only after the facts have been told."""
        if isinstance(news, AlertNews) and news.entry_id == self._entry.entry_id:
            self._tell()

    @callback
    def _handle_registry(self, _event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        """Tell what another setting of the sensor changes."""
        self._tell()

    @callback
    def _follow(self) -> None:
        """Listen to the coordinator that is at work, if there is one."""
        self._let_go()
        if self._entry.state is ConfigEntryState.LOADED:
            self._stop_listening = self._entry.runtime_data.glucose.async_add_listener(self._tell)
        self._tell()

    @callback
    def _let_go(self) -> None:
        """Listen to no coordinator."""
        if self._stop_listening:
            self._stop_listening()
            self._stop_listening = None

    @callback
    def _tell(self) -> None:
        """Send what has changed."""
        data = self._facts()
        changes: JsonObjectType = {}
        if data["loaded"]:
            glucose = self._entry.runtime_data.glucose
            now = glucose.now()
            since = now - self._span
            readings = glucose.history.pairs(since, now)
            if self._readings is None or readings != self._readings[max(len(self._readings) - len(readings), 0) :]:
                self._readings = readings
                changes["readings"] = [list(pair) for pair in readings]
            marks = marks_data(recent_alerts(self._hass, self._entry.entry_id, since, now))
            if marks != self._marks:
                changes["marks"] = self._marks = marks
        told = {key: value for key, value in data.items() if key != "now"}
        if changes or told != self._told:
            self._told = told
            self._connection.send_event(self._id, {**data, **changes})

    def _facts(self) -> JsonObjectType:
        """Return who it is, and what is known of them while somebody watches."""
        entry = self._entry
        identity = _identity(self._hass, self._connection.user, entry)
        if entry.state is not ConfigEntryState.LOADED:
            return {"loaded": False, **identity}
        glucose = entry.runtime_data.glucose
        unit = glucose_unit(self._hass, entry)
        return {"loaded": True, **identity, **person_data(glucose.data, glucose.now(), unit)}


def _readable(hass: HomeAssistant, connection: websocket_api.ActiveConnection, entry_id: str) -> DexcomShareConfigEntry:
    """Return the entry of a person.

    Raises:
        ServiceValidationError: there is no such person.
        Unauthorized: the user may not read their glucose.
    """
    entry: DexcomShareConfigEntry | None = hass.config_entries.async_get_entry(entry_id)
    if entry is None or entry.domain != DOMAIN:
        raise mistake("person_unknown")
    if not may(hass, connection.user, entry, READ_GLUCOSE):
        raise Unauthorized(user_id=connection.user.id, config_entry_id=entry_id, permission=POLICY_READ)
    return entry


def _loaded(hass: HomeAssistant, connection: websocket_api.ActiveConnection, entry_id: str) -> DexcomShareConfigEntry:
    """Return the entry of a person who is watched; raise as `_readable` does, and where nobody watches."""
    entry = _readable(hass, connection, entry_id)
    if entry.state is not ConfigEntryState.LOADED:
        raise mistake("person_not_loaded", person=entry.title)
    return entry


def _identity(hass: HomeAssistant, user: User, entry: DexcomShareConfigEntry) -> JsonObjectType:
    """Return who a person is, which entities show them, and what the user may do for them."""
    return {
        "entry_id": entry.entry_id,
        "name": entry.title,
        "entities": {**_entities(hass, entry)},
        "may_snooze": may(hass, user, entry, SNOOZE),
        "may_acknowledge": may(hass, user, entry, ACKNOWLEDGE),
    }


def _entities(hass: HomeAssistant, entry: DexcomShareConfigEntry) -> dict[str, str]:
    """Return the enabled entities of a person by their translation keys."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {str(entity.translation_key): entity.entity_id for entity in entities if not entity.disabled}
