"""Texts that are put together: in German they are whole sentences, with no placeholder and no English left over."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
import json
from pathlib import Path
import re
from types import SimpleNamespace
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_load_integrations
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.dexcom_share import const
from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.display.alert_summary import alert_summary
from custom_components.dexcom_share.display.failures import sentence as failure_sentence
from custom_components.dexcom_share.display.report_text import report_text
from custom_components.dexcom_share.display.sentences import (
    alert_sentence,
    data_back_sentence,
    silence_sentence,
    trend_word,
)
from custom_components.dexcom_share.display.speech import spoken
from custom_components.dexcom_share.display.texts import async_say, say_at_once
from custom_components.dexcom_share.display.units import MGDL, MMOL
from custom_components.dexcom_share.glucose.alerts.facts import NO_ALERTS, AlertFacts
from custom_components.dexcom_share.glucose.alerts.kinds import AlertEvent, AlertEventType, AlertKind
from custom_components.dexcom_share.glucose.alerts.settings import DEFAULTS, NightSettings
from custom_components.dexcom_share.glucose.alerts.state import Alert, Alerts
from custom_components.dexcom_share.glucose.data_status import DataStatus
from custom_components.dexcom_share.glucose.freshness import HeardReading
from custom_components.dexcom_share.glucose.snapshot import Snapshot
from custom_components.dexcom_share.glucose.statistics.counted import Readings
from custom_components.dexcom_share.glucose.statistics.goals import TARGET_SETS, TargetKey
from custom_components.dexcom_share.glucose.statistics.report import make_report
from custom_components.dexcom_share.glucose.statistics.windowed import Window
from custom_components.dexcom_share.share.models import GlucoseReading, Trend

NOW: Final = datetime(2026, 3, 1, 11, 22, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
FILES: Final = Path(const.__file__).parent / "translations"
PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
ALIKE: Final = {
    "Dexcom Share",
    "Follower",
    "Name",
    "Person",
    "Region",
    "Status",
    "Test",
    "Test: {message}",
    "Test: {sentence}",
    "Trend",
}
# Words of English that are none of German.
ENGLISH: Final = re.compile(
    r"\b(?:the|and|of|to|no|not|with|without|for|from|until|after|are|were|at|by|there|back|low|high|urgent|soon|"
    r"falling|rising|steady|slightly|quickly|range|reading|readings|data|glucose|alert|chain|step|ago|every|off|"
    r"is|has|its|it|this|that|when|which|who|how|left|unknown|removed|paused|recovered|ended|acknowledged|snoozed|treated)\b",
    re.IGNORECASE,
)


def flat(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Return every text with its path."""
    for key, value in tree.items():
        if isinstance(value, str):
            yield f"{path}{key}", value
        else:
            yield from flat(value, f"{path}{key}.")


GERMAN: Final = dict(flat(json.loads((FILES / "de.json").read_text())))


@pytest.fixture(name="german")
async def german_fixture(hass: HomeAssistant) -> HomeAssistant:
    """Load the texts as Home Assistant does with the integration, in a home where German is spoken."""
    hass.config.language = "de"
    await hass.config.async_set_time_zone("UTC")
    await async_load_integrations(hass, {DOMAIN})
    return hass


def assert_is_german(text: str) -> None:
    """Whole, and no word of another language."""
    assert text.strip() == text != ""
    assert not {"_", "{", "}"} & set(text), text
    assert not ENGLISH.search(text), text


def filled(text: str) -> dict[str, str]:
    """Return something for each placeholder of a text."""
    return dict.fromkeys(PLACEHOLDER.findall(text), "X")


def test_what_is_alike_in_both_languages_is_known() -> None:
    """Any other text that is alike was copied and not translated."""
    english = dict(flat(json.loads((FILES / "en.json").read_text())))
    alike = {
        text for key, text in GERMAN.items() if text == english[key] and re.search(r"\w", PLACEHOLDER.sub("", text))
    }
    assert alike <= ALIKE


def test_no_text_is_english() -> None:
    """A text that was copied and not translated shows by its words; names in the code and of files don't count."""
    bare = {key: re.sub(r"\{\w+\}|Variablen [\w, ]+", "", text) for key, text in GERMAN.items()}
    assert {key: text for key, text in bare.items() if ENGLISH.search(text)} == {}


@pytest.mark.parametrize("values", [(), (100,), (62, 48), (100, 200, 300), (40, 100, 100, 100, 300)])
@pytest.mark.parametrize("every", [1, 4])
async def test_a_report(german: HomeAssistant, values: tuple[int, ...], every: int) -> None:
    """With no, too few and enough readings, whatever is good or to look at."""
    start = NOW - timedelta(days=4)
    readings = [
        GlucoseReading(start + place * 5 * MINUTE, values[place // 12 % len(values)])
        for place in range(1, 4 * 288, every)
        if values
    ]
    for targets in TargetKey:
        report = make_report(Readings.of(readings), Window(start=start, end=NOW), TARGET_SETS[targets])
        assert_is_german(report_text(report, MMOL, await async_say(german)))


async def test_an_alert_in_a_sentence(german: HomeAssistant) -> None:
    """Each event of each kind, with and without a value, and answered by somebody or not."""
    entry = MockConfigEntry(domain=DOMAIN)
    for type_, kind, value, by in product(AlertEventType, AlertKind, (None, 39, 65, 401), (None, "Demo")):
        event = AlertEvent(type=type_, kind=kind, time=NOW, value_mgdl=value, answered_by=by, until=NOW, note="Saft")
        for told in (event, replace(event, test=True), replace(event, last_known=True, reading_age=MINUTE)):
            assert_is_german(alert_sentence(german, entry, told))


async def test_no_data_in_a_sentence(german: HomeAssistant) -> None:
    """With each cause."""
    entry = MockConfigEntry(domain=DOMAIN)
    for status in DataStatus:
        entry.runtime_data = SimpleNamespace(glucose=SimpleNamespace(data=SimpleNamespace(status=status)))
        assert_is_german(silence_sentence(german, entry, 23 * MINUTE))
    assert_is_german(data_back_sentence(german))


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (AlertEvent(type=AlertEventType.RAISED, kind=AlertKind.LOW, time=NOW, value_mgdl=65), "Niedrig: 65 mg/dL"),
        (
            AlertEvent(type=AlertEventType.ACKNOWLEDGED, kind=AlertKind.URGENT_LOW, time=NOW, answered_by="Demo"),
            "„Dringend niedrig“ von Demo nach 0 min bestätigt",
        ),
        (
            AlertEvent(type=AlertEventType.SNOOZED, kind=AlertKind.FALLING_FAST, time=NOW, until=NOW),
            "„Fällt schnell“ schlummert bis 11:22",
        ),
    ],
)
async def test_a_sentence_reads_well(german: HomeAssistant, event: AlertEvent, sentence: str) -> None:
    """The name of an alert fits into what is said of it."""
    assert alert_sentence(german, MockConfigEntry(domain=DOMAIN), event) == sentence


async def test_a_person_in_a_spoken_sentence(german: HomeAssistant) -> None:
    """Whatever is known, with each alert, also where texts are taken at once."""
    say = await async_say(german)
    alerts = [AlertFacts(state=Alerts().with_alert(kind, Alert(is_raised=True, since=NOW))) for kind in AlertKind]
    for trend, value, facts in product(Trend, (39, 104, 401), (NO_ALERTS, *alerts)):
        newest = HeardReading.of(GlucoseReading(NOW, value, trend), NOW)
        for known in (Snapshot(newest=newest, age=MINUTE), Snapshot(newest=newest, age=40 * MINUTE), Snapshot()):
            told = spoken(replace(known, alerts=facts), "Anna", MMOL, say)
            assert_is_german(told)
            assert told == spoken(replace(known, alerts=facts), "Anna", MMOL, say_at_once(german))


async def test_a_trend_within_a_sentence(german: HomeAssistant) -> None:
    """In lower case."""
    assert trend_word(german, Trend.DOUBLE_DOWN) == "schnell fallend"


@pytest.mark.parametrize("kind", AlertKind)
async def test_what_is_set_of_an_alert(german: HomeAssistant, kind: AlertKind) -> None:
    """On, off, and otherwise at night."""
    given = DEFAULTS.kinds[kind]
    for settings in (
        given,
        replace(given, enabled=False),
        replace(given, enabled=True, repeat=MINUTE, night=NightSettings(enabled=False)),
        replace(given, enabled=False, delay=MINUTE, night=NightSettings(enabled=True)),
        replace(given, enabled=True, delay=MINUTE, night=NightSettings(delay=2 * MINUTE)),
    ):
        everything = replace(DEFAULTS, kinds={**DEFAULTS.kinds, kind: settings})
        assert_is_german(alert_summary(everything, kind, MGDL, say_at_once(german)))


async def test_a_failure(german: HomeAssistant) -> None:
    """Each reason, as it stands inside another message."""
    for key, text in GERMAN.items():
        if match := re.fullmatch(r"exceptions\.(\w+)\.message", key):
            told = failure_sentence(german, match[1], filled(text))
            assert_is_german(told.replace("allowlist_external_dirs", ""))


async def test_every_text_that_is_put_together(german: HomeAssistant) -> None:
    """Followers, chains and whatever else is said with a key."""
    say = say_at_once(german)
    for key, text in GERMAN.items():
        if key.startswith("common."):
            assert_is_german(say(key.removeprefix("common."), **filled(text)))
