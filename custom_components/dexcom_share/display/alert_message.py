"""What a person hears of an alert: a title and a sentence, in the language of the server."""

from collections.abc import Callable

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations

from ..const import DOMAIN
from ..glucose.alerts.kinds import AlertKind
from ..glucose.snapshot import Snapshot
from .units import as_shown
from .words import TREND_STATES

type Say = Callable[..., str]


@callback
def cached_say(hass: HomeAssistant) -> Say:
    """Return the texts under `common`, which are loaded with the integration; a text that is missing is its key."""
    texts = async_get_cached_translations(hass, hass.config.language, "common", DOMAIN)

    def say(key: str, **placeholders: str) -> str:
        return texts.get(f"component.{DOMAIN}.common.{key}", key).format(**placeholders)

    return say


@callback
def kind_name(hass: HomeAssistant, kind: AlertKind) -> str:
    """Return what a kind of alert is called."""
    texts = async_get_cached_translations(hass, hass.config.language, "selector", DOMAIN)
    return texts.get(f"component.{DOMAIN}.selector.alert_kind.options.{kind}", kind)


@callback
def reading_phrase(hass: HomeAssistant, snapshot: Snapshot, unit: str) -> str:
    """Return the newest reading in words; one that is no longer current is named with its age."""
    say = cached_say(hass)
    newest = snapshot.newest
    if newest is None:
        return say("alert_no_reading")
    value = f"{as_shown(newest.value, unit):g} {unit}"
    if not snapshot.is_current:
        minutes = snapshot.age_minutes
        return (
            say("alert_no_reading") if minutes is None else say("alert_last_known", value=value, minutes=str(minutes))
        )
    texts = async_get_cached_translations(hass, hass.config.language, "entity", DOMAIN)
    trend = TREND_STATES.get(newest.trend)
    word = texts.get(f"component.{DOMAIN}.entity.sensor.glucose_trend.state.{trend}") if trend else None
    return say("alert_reading_trend", value=value, trend=word.lower()) if word else value


@callback
def alert_message(hass: HomeAssistant, kind: AlertKind | None, snapshot: Snapshot, unit: str) -> str:
    """Return the sentence that tells of an alert, of a test where there is no kind."""
    say = cached_say(hass)
    name = kind_name(hass, kind) if kind else say("chain_test")
    return say("alert_message", kind=name, reading=reading_phrase(hass, snapshot, unit))
