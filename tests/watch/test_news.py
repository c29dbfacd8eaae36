"""How news reach their listeners: in order, each listener guarded, and not before somebody can listen."""

from datetime import UTC, datetime, timedelta
import logging

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.glucose.alerts.kinds import AlertEvent, AlertEventType, AlertKind
from custom_components.dexcom_share.glucose.history import History
from custom_components.dexcom_share.share import GlucoseReading
from custom_components.dexcom_share.watch.news import (
    SIGNAL_NEWS,
    AlertNews,
    Announcer,
    NewReading,
    News,
    SilenceNews,
    alert_signal,
    reading_signal,
)

from ..common import MINUTE, VALUE, listen
from ..watching import Watch

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EVENT = AlertEvent(type=AlertEventType.RAISED, kind=AlertKind.LOW, time=NOON)
ALERT = AlertNews(entry_id="anna", event=EVENT)
SILENCE = SilenceNews(entry_id="anna", heard_at=NOON, now=NOON)


@pytest.fixture
def person() -> MockConfigEntry:
    """Return a config entry."""
    return MockConfigEntry(domain=DOMAIN)


@pytest.fixture
def announcer(hass: HomeAssistant, person: MockConfigEntry) -> Announcer:
    """Return what tells the news of that entry, not started yet."""
    return Announcer(hass, person)


async def test_news_wait_for_listeners_and_are_told_once(hass: HomeAssistant, announcer: Announcer) -> None:
    """In the order in which they came."""
    announcer.add(ALERT)
    announcer.add(SILENCE)
    announcer.async_tell()
    told: list[News] = listen(hass, SIGNAL_NEWS)
    announcer.async_start()
    assert told == [ALERT, SILENCE]
    announcer.async_tell()
    assert told == [ALERT, SILENCE]


async def test_an_alert_is_told_before_readings_and_to_its_own_listeners_too(
    hass: HomeAssistant, person: MockConfigEntry, announcer: Announcer
) -> None:
    """The entity and the triggers hear the same event; only of alerts."""
    told = listen(hass, SIGNAL_NEWS, alert_signal(person), reading_signal(person))
    history = History()
    added = history.merge([GlucoseReading(NOON, 62)], NOON).added
    announcer.add_readings(history, added, NOON)
    announcer.add(SILENCE)
    announcer.add(ALERT)
    announcer.async_start()
    assert [type(each) for each in told] == [SilenceNews, AlertEvent, AlertNews, NewReading]


async def test_a_reading_tells_its_change_delay_and_place(
    hass: HomeAssistant, person: MockConfigEntry, announcer: Announcer
) -> None:
    """The change is to the reading a cadence before, also where a second device uploads twins."""
    told: list[NewReading] = listen(hass, reading_signal(person))
    history = History()
    minutes_and_values = ((-10, 90), (-5, 100), (-4, 103), (0, 106), (20, 110))
    readings = [GlucoseReading(NOON + minutes * MINUTE, value) for minutes, value in minutes_and_values]
    now = NOON + 21 * MINUTE
    announcer.add_readings(history, history.merge(readings, now).added, now)
    announcer.async_start()
    assert [each.change_mgdl for each in told] == [None, 10, 13, 3, None]
    assert [each.delay for each in told] == [minutes * MINUTE for minutes in (31, 26, 25, 21, 1)]
    assert [each.backfilled for each in told] == [True, True, True, True, False]


async def test_a_listener_that_raises_keeps_nobody_from_hearing(
    hass: HomeAssistant, person: MockConfigEntry, announcer: Announcer
) -> None:
    """Neither the listeners after it, nor the news after this one (alert rule N2)."""

    @callback
    def fail(_: object) -> None:
        raise RuntimeError("an automation of somebody's")

    for signal in (SIGNAL_NEWS, alert_signal(person)):
        async_dispatcher_connect(hass, signal, fail)
    told = listen(hass, SIGNAL_NEWS, alert_signal(person))
    announcer.add(ALERT)
    announcer.add(SILENCE)
    announcer.async_start()
    assert told == [EVENT, ALERT, SILENCE]


async def test_an_entity_that_raises_keeps_nobody_from_being_updated(
    announcer: Announcer, caplog: pytest.LogCaptureFixture
) -> None:
    """Each is called each time; each that fails is logged once."""
    called: list[str] = []

    def fail() -> None:
        called.append("bad")
        raise RuntimeError

    def other() -> None:
        called.append("worse")
        raise ValueError

    for _ in range(3):
        announcer.async_call([fail, lambda: called.append("good"), other])
    assert called == 3 * ["bad", "good", "worse"]
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 2


async def test_a_low_is_told_whatever_listens(
    hass: HomeAssistant, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    """An entity and listeners of each kind that raise leave value, alert and storage as they are."""
    await watch.set_up(110, 108)

    @callback
    def fail(*_: object) -> None:
        raise RuntimeError

    watch.glucose._listeners = {-1: (fail, None), **watch.glucose._listeners}
    for signal in (SIGNAL_NEWS, alert_signal(watch.entry), reading_signal(watch.entry)):
        async_dispatcher_connect(hass, signal, fail)
    await watch.read(65, 64)
    assert watch.heard() == [("raised", "low")]
    assert watch.state(VALUE) == "64"
    assert caplog.text.count("failed to take in the news") == 1
    await watch.restart()
    assert not watch.heard()
    assert watch.glucose.data.age
    assert watch.glucose.data.age < timedelta(minutes=1)
