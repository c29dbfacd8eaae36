"""When a silence is told: by the clock of the account and the loop's, once, and whatever the wall clock does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect, async_dispatcher_send
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_fire_time_changed

from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.glucose.history import History
from custom_components.dexcom_share.watch.alert_keeper import AlertKeeper
from custom_components.dexcom_share.watch.memory import AlertMemory
from custom_components.dexcom_share.watch.news import SIGNAL_NEWS, Announcer, News, SilenceNews
from custom_components.dexcom_share.watch.silence import SilenceWatch

from ..common import MINUTE

SPAN = 30 * MINUTE
# The clock of the account is years away from that of the machine: only differences may count.
HEARD_AT = datetime(2020, 1, 1, 12, tzinfo=UTC)


class Listener:
    """A watch over silences of half an hour, and the silences that it told."""

    def __init__(self, hass: HomeAssistant, entry_id: str, *known: SilenceNews) -> None:
        """Begin to watch."""
        self.hass = hass
        self.entry_id = entry_id
        self.told: list[datetime] = []
        self.stop = SilenceWatch(hass, SPAN, lambda silence: self.told.append(silence.heard_at)).async_start(known)

    def hear(self, lasted: timedelta = timedelta(), heard_at: datetime = HEARD_AT) -> None:
        """Let there be news of a silence that has lasted for a while."""
        async_dispatcher_send(self.hass, SIGNAL_NEWS, silence(self.entry_id, lasted, heard_at))


def silence(entry_id: str, lasted: timedelta, heard_at: datetime = HEARD_AT) -> SilenceNews:
    """Return news of a silence."""
    return SilenceNews(entry_id=entry_id, heard_at=heard_at, now=heard_at + lasted)


def run_timers(hass: HomeAssistant) -> None:
    """Run every timer of the loop, also those that are not due."""
    async_fire_time_changed(hass, fire_all=True)


def pass_time(hass: HomeAssistant, freezer: FrozenDateTimeFactory, span: timedelta) -> None:
    """Let time pass on every clock."""
    freezer.tick(span)
    run_timers(hass)


@pytest.fixture
def person(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> MockConfigEntry:
    """Return the entry of a person who is watched, while time stands still."""
    entry = MockConfigEntry(domain=DOMAIN, state=ConfigEntryState.LOADED)
    entry.add_to_hass(hass)
    return entry


@pytest.mark.parametrize("lasted", [timedelta(), 10 * MINUTE, 29 * MINUTE])
async def test_it_is_told_when_it_has_lasted(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, person: MockConfigEntry, lasted: timedelta
) -> None:
    """What the account's clock says has passed, the loop completes; then nothing more until the next reading."""
    listener = Listener(hass, person.entry_id)
    listener.hear(lasted)
    pass_time(hass, freezer, SPAN - lasted - timedelta(seconds=1))
    assert not listener.told
    pass_time(hass, freezer, timedelta(seconds=1))
    assert listener.told == [HEARD_AT]
    pass_time(hass, freezer, 10 * SPAN)
    listener.hear(11 * SPAN)
    assert listener.told == [HEARD_AT]
    listener.hear(heard_at=HEARD_AT + 11 * SPAN)
    pass_time(hass, freezer, SPAN)
    assert listener.told == [HEARD_AT, HEARD_AT + 11 * SPAN]


async def test_a_reading_puts_it_off(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, person: MockConfigEntry
) -> None:
    """A silence that ended in time is never told."""
    listener = Listener(hass, person.entry_id)
    for place in range(5):
        listener.hear(heard_at=HEARD_AT + place * 20 * MINUTE)
        pass_time(hass, freezer, 20 * MINUTE)
    assert not listener.told
    listener.stop()


@pytest.mark.parametrize("step", [timedelta(hours=-3), timedelta(hours=3)])
async def test_a_step_of_the_wall_clock_moves_nothing(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, person: MockConfigEntry, step: timedelta
) -> None:
    """The machine's clock is set right: nothing is told earlier or later by that."""
    listener = Listener(hass, person.entry_id)
    start = 1000.0
    with patch.object(hass.loop, "time", return_value=start):
        listener.hear()
    freezer.tick(step)
    for seconds, told in ((0, []), (SPAN.total_seconds() - 1, []), (SPAN.total_seconds(), [HEARD_AT])):
        with patch.object(hass.loop, "time", return_value=start + seconds):
            run_timers(hass)
        assert listener.told == told


async def test_a_clock_that_is_set_right_counts_anew(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, person: MockConfigEntry
) -> None:
    """When Share corrects the account's clock, further news of the same silence say how long it has lasted really."""
    listener = Listener(hass, person.entry_id)
    listener.hear(29 * MINUTE)
    listener.hear(5 * MINUTE)
    pass_time(hass, freezer, 24 * MINUTE)
    assert not listener.told
    pass_time(hass, freezer, MINUTE)
    assert listener.told == [HEARD_AT]


async def test_what_is_known_at_first(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, person: MockConfigEntry
) -> None:
    """A silence that has lasted when the watch begins is old; one that is heard of later has to be told at once."""
    old = Listener(hass, person.entry_id, silence(person.entry_id, SPAN))
    young = Listener(hass, person.entry_id, silence(person.entry_id, SPAN - MINUTE))
    unknown = Listener(hass, person.entry_id)
    pass_time(hass, freezer, MINUTE)
    unknown.hear(SPAN)
    assert (old.told, young.told, unknown.told) == ([], [HEARD_AT], [HEARD_AT])


async def test_a_reload_neither_loses_nor_doubles(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, person: MockConfigEntry
) -> None:
    """What is due while the entry is not loaded is told when it is loaded anew, once."""
    listener = Listener(hass, person.entry_id)
    listener.hear()
    person.mock_state(hass, ConfigEntryState.NOT_LOADED)
    pass_time(hass, freezer, SPAN)
    assert not listener.told
    person.mock_state(hass, ConfigEntryState.LOADED)
    listener.hear(SPAN)
    listener.hear(SPAN)
    assert listener.told == [HEARD_AT]


async def test_a_removed_person_is_not_missed(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, person: MockConfigEntry
) -> None:
    """Nothing is told of an entry that exists no more, nor of anybody after the end of the watch."""
    gone = Listener(hass, "gone")
    gone.hear()
    pass_time(hass, freezer, SPAN)
    assert not gone.told
    stopped = Listener(hass, person.entry_id)
    stopped.hear()
    stopped.stop()
    pass_time(hass, freezer, SPAN)
    stopped.hear(SPAN)
    assert not stopped.told


def start_keeper(hass: HomeAssistant, person: MockConfigEntry) -> tuple[list[SilenceNews], AlertKeeper, Announcer]:
    """Return a keeper that heard of somebody last at `HEARD_AT`, with its announcer and what is told of silence."""
    silences: list[SilenceNews] = []

    @callback
    def hear(news: News) -> None:
        if isinstance(news, SilenceNews):
            silences.append(news)

    async_dispatcher_connect(hass, SIGNAL_NEWS, hear)
    announcer = Announcer(hass, person)
    memory = AlertMemory(alerts=replace(AlertMemory().alerts, reading_time=HEARD_AT))
    keeper = AlertKeeper(hass, person, memory, announcer, now=lambda: HEARD_AT, refresh=lambda: None)
    keeper.async_start()
    announcer.async_start()
    return silences, keeper, announcer


@pytest.mark.parametrize(("step", "times"), [(timedelta(), 1), (timedelta(hours=1), 2), (timedelta(hours=-1), 2)])
async def test_it_is_news_again_when_the_clock_of_the_account_is_set(
    hass: HomeAssistant, person: MockConfigEntry, step: timedelta, times: int
) -> None:
    """How long a silence has lasted changes with the clock, so who counts it is told again; time alone is no news."""
    silences, keeper, announcer = start_keeper(hass, person)
    start = 1000.0
    for seconds, offset in ((7200, timedelta()), (7320, step), (7440, step)):
        with patch.object(hass.loop, "time", return_value=start + seconds):
            keeper.judge(History(), HEARD_AT + timedelta(seconds=seconds) + offset)
        announcer.async_tell()
    assert [each.heard_at for each in silences] == [HEARD_AT] * times
    assert silences[-1].now - HEARD_AT == (timedelta(seconds=7320) + step if step else timedelta(seconds=7200))


async def test_it_is_no_news_while_the_clock_is_in_doubt(hass: HomeAssistant, person: MockConfigEntry) -> None:
    """What a clock says that is about to be set could tell a silence that there never was."""
    silences, keeper, announcer = start_keeper(hass, person)
    for is_known in (False, True):
        keeper.judge(History(), HEARD_AT + 60 * MINUTE, is_silence_known=is_known)
        announcer.async_tell()
        assert bool(silences) is is_known
