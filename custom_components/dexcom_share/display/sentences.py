"""One sentence about an alert, in the language of Home Assistant: for notifications, the logbook and chains."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..glucose.alerts.kinds import ANNOUNCEMENTS, AlertEvent, AlertEventType, AlertKind
from ..glucose.data_status import DataStatus
from ..share.models import HIGH_LIMIT_MGDL, LOW_LIMIT_MGDL, Trend
from .times import in_users_zone
from .units import as_shown, glucose_unit
from .words import TREND_STATES

_MINUTE: Final = timedelta(minutes=1)
_ANSWERS: Final = frozenset(
    {AlertEventType.SNOOZED, AlertEventType.UNSNOOZED, AlertEventType.ACKNOWLEDGED, AlertEventType.TREATED}
)
_KINDS: Final = "selector.alert_kind.options"
_TRENDS: Final = "entity.sensor.glucose_trend.state"
_CAUSES: Final = "entity.sensor.data_status.state"


@callback
def alert_sentence(hass: HomeAssistant, entry: ConfigEntry, event: AlertEvent) -> str:
    """Return what an alert tells as one sentence without a full stop, values as the person's glucose is shown.

    Waits for nothing. No data is told with its cause as it is known now.
    """
    texts = _Texts(hass)
    sentence = _sentence(texts, event, glucose_unit(hass, entry), _cause(texts, entry))
    if event.note:
        sentence = texts.say("sentence_note", sentence=sentence, note=event.note)
    return texts.say("sentence_test", sentence=sentence) if event.test else sentence


@callback
def silence_sentence(hass: HomeAssistant, entry: ConfigEntry, silence: timedelta) -> str:
    """Return for how long there are no data, and why, as one sentence."""
    now = dt_util.utcnow()
    event = AlertEvent(type=AlertEventType.RAISED, kind=AlertKind.NO_DATA, time=now, reading_age=silence)
    return alert_sentence(hass, entry, event)


@callback
def data_back_sentence(hass: HomeAssistant) -> str:
    """Return that data are back as one sentence."""
    return _Texts(hass).say("sentence_data_back")


@callback
def trend_word(hass: HomeAssistant, trend: Trend) -> str | None:
    """Return the trend as a word within a sentence, None where it is not known."""
    state = TREND_STATES.get(trend)
    return _Texts(hass).word(_TRENDS, state).lower() if state else None


class _Texts:
    """The texts that are loaded since the integration is; one that is missing stands as its key."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._texts: dict[str, str] = {}
        for category in ("common", "selector", "entity"):
            self._texts |= async_get_cached_translations(hass, hass.config.language, category, DOMAIN)

    def say(self, key: str, **placeholders: str) -> str:
        """Return the text of a key under `common`, with its placeholders filled in."""
        return self.word("common", key).format(**placeholders)

    def word(self, path: str, key: str) -> str:
        """Return a word from elsewhere."""
        return self._texts.get(f"component.{DOMAIN}.{path}.{key}", key)


def _sentence(texts: _Texts, event: AlertEvent, unit: str, cause: str | None) -> str:
    """Return what is told, without note and without saying that it is a test."""
    words = {"kind": texts.word(_KINDS, event.kind), "value": _value(texts, event.value_mgdl, unit)}
    if event.type in ANNOUNCEMENTS:
        is_silence = event.kind is AlertKind.NO_DATA
        return _no_data(texts, event, words, cause) if is_silence else _announcement(texts, event, words)
    if event.type is AlertEventType.RECOVERED and event.kind is AlertKind.NO_DATA:
        return texts.say("sentence_data_back")
    if event.type in {AlertEventType.RECOVERED, AlertEventType.BACK_IN_RANGE} and event.value_mgdl is not None:
        return texts.say(f"sentence_{event.type}_value", **words)
    return _answer(texts, event, words)


def _announcement(texts: _Texts, event: AlertEvent, words: Mapping[str, str]) -> str:
    """Return what is announced of glucose, with the age of a value that is not current."""
    if event.value_mgdl is None:
        return words["kind"]
    if event.last_known:
        return texts.say("sentence_last_known", **words, minutes=_minutes(event.reading_age))
    return texts.say(f"sentence_{event.type}", **words)


def _answer(texts: _Texts, event: AlertEvent, words: Mapping[str, str]) -> str:
    """Return what was answered by whom, or that an alert is over."""
    by = "_by" if event.answered_by and event.type in _ANSWERS else ""
    return texts.say(
        f"sentence_{event.type}{by}",
        **words,
        by=event.answered_by or "",
        until=f"{in_users_zone(event.until):%H:%M}" if event.until else "",
        minutes=_minutes(event.time - event.since if event.since else None),
    )


def _no_data(texts: _Texts, event: AlertEvent, words: Mapping[str, str], cause: str | None) -> str:
    """Return since when there are no data, and why."""
    if event.reading_age is None:
        return texts.say("sentence_no_data_cause", **words, cause=cause) if cause else words["kind"]
    minutes = _minutes(event.reading_age)
    if cause:
        return texts.say("sentence_no_data_since_cause", **words, minutes=minutes, cause=cause)
    return texts.say("sentence_no_data_since", **words, minutes=minutes)


def _cause(texts: _Texts, entry: ConfigEntry) -> str | None:
    """Return in words why no data come, None where it is not known or the person is not loaded."""
    person = getattr(entry, "runtime_data", None)
    status = person.glucose.data.status if person else DataStatus.OK
    return None if status is DataStatus.OK else texts.word(_CAUSES, status)


def _value(texts: _Texts, mgdl: int | None, unit: str) -> str:
    """Return glucose with its unit, and in words where it is beyond what a sensor measures."""
    if mgdl is None:
        return ""
    if mgdl <= LOW_LIMIT_MGDL:
        return texts.say("sentence_value_low")
    return texts.say("sentence_value_high") if mgdl >= HIGH_LIMIT_MGDL else f"{as_shown(mgdl, unit)} {unit}"


def _minutes(span: timedelta | None) -> str:
    """Return a span in whole minutes."""
    return str(max(span or timedelta(0), timedelta(0)) // _MINUTE)
