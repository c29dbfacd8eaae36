"""Windows that end now, kept up with a history."""

from asyncio import gather
from datetime import timedelta
from threading import Event
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest

from custom_components.dexcom_share.glucose.history import FUTURE_TOLERANCE, History
from custom_components.dexcom_share.glucose.statistics.windows import GlucoseWindows
from custom_components.dexcom_share.share import GlucoseReading
from custom_components.dexcom_share.watch import windows_keeper as module
from custom_components.dexcom_share.watch.windows_keeper import WindowsKeeper

from ..glucose.statistics.making import CADENCE, DAY, START, series

NOW = START + 2 * DAY


def history_of(readings: list[GlucoseReading]) -> History:
    """Return a history of some readings."""
    history = History()
    history.merge(readings, NOW)
    return history


def count(keeper: WindowsKeeper, days: int = 7) -> int | None:
    """Return how many readings a window has, None where it is not counted yet."""
    statistics = keeper.statistics(days, NOW)
    return statistics.sufficiency.n if statistics else None


async def test_counts_what_is_kept_and_what_comes(hass: HomeAssistant) -> None:
    """Readings enter and leave as in the history; those known already change nothing."""
    readings = series([100] * 12)
    history = history_of(readings)
    keeper = WindowsKeeper(hass, history)
    assert count(keeper) is None
    await keeper.async_load()
    assert count(keeper) == 12
    more = series([100] * 3, START + 12 * CADENCE)
    history.merge(more, NOW)
    keeper.add([readings[-1], *more])
    assert count(keeper) == 15
    assert keeper.drop_future(more[0].time - FUTURE_TOLERANCE)
    assert not keeper.drop_future(more[0].time - FUTURE_TOLERANCE)
    assert count(keeper) == len(history) == 13
    keeper.prune(NOW + 91 * DAY, is_confirmed=False)
    assert count(keeper) == 13
    history.merge(series([100], NOW + 91 * DAY), NOW + 91 * DAY)
    keeper.prune(NOW + 91 * DAY, is_confirmed=True)
    assert count(keeper) == 0


async def test_counts_once(hass: HomeAssistant) -> None:
    """However many entities ask at once."""
    keeper = WindowsKeeper(hass, history_of(series([100])))
    with patch.object(module, "_counted", wraps=module._counted) as counted:
        await gather(*(keeper.async_load() for _ in range(3)))
    assert counted.call_count == 1


async def test_loses_no_change_while_it_counts(hass: HomeAssistant) -> None:
    """The event loop goes on, and a reading may come or go meanwhile."""
    readings = series([100] * 12)
    history = history_of(readings)
    keeper = WindowsKeeper(hass, history)
    # Nobody asks yet: the history has it.
    keeper.add(readings)
    began, go_on, counted = Event(), Event(), module._counted

    def slowly(*columns: object) -> object:
        began.set()
        go_on.wait()
        return counted(*columns)  # type: ignore[arg-type]

    with patch.object(module, "_counted", slowly):
        loading = hass.async_create_task(keeper.async_load())
        await hass.async_add_executor_job(began.wait)
        keeper.add(series([100], START + 12 * CADENCE))
        assert keeper.drop_future(readings[-3].time - FUTURE_TOLERANCE)
        assert count(keeper) is None
        go_on.set()
        await loading
    assert count(keeper) == 11


async def test_holds_figures_for_a_minute(hass: HomeAssistant) -> None:
    """Then they are counted anew: readings leave a window although none comes."""
    keeper = WindowsKeeper(hass, history_of(series([100])))
    await keeper.async_load()
    end = START + DAY
    first = keeper.statistics(1, end - timedelta(seconds=1))
    assert first
    assert first.sufficiency.n == 1
    assert keeper.statistics(1, end + timedelta(seconds=58)) is first
    last = keeper.statistics(1, end + timedelta(seconds=59))
    assert last
    assert last.sufficiency.n == 0
    # A clock may be set back.
    assert count(keeper, 1) == 0
    again = keeper.statistics(1, end - timedelta(seconds=1))
    assert again
    assert again.sufficiency.n == 1


async def test_an_empty_history_has_windows(hass: HomeAssistant) -> None:
    """Without any reading."""
    keeper = WindowsKeeper(hass, History())
    await keeper.async_load()
    statistics = keeper.statistics(90, NOW)
    assert statistics
    assert statistics.figures is None


async def test_what_fails_holds_nothing_up(hass: HomeAssistant, caplog: pytest.LogCaptureFixture) -> None:
    """The statistics are unknown from then on; whoever brought the reading does not hear of it."""
    keeper = WindowsKeeper(hass, history_of(series([100])))
    await keeper.async_load()
    with patch.object(GlucoseWindows, "add", side_effect=ValueError):
        keeper.add(series([100], START + CADENCE))
    assert count(keeper) is None
    assert "could not be kept up" in caplog.text
    keeper.add(series([100], START + 2 * CADENCE))
    assert count(keeper) is None
