"""The next moment at which time alone changes something, counted by the account's clock."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.dexcom_share.watch.timer import SLEPT_FOR, MomentTimer

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class Moments:
    """A timer, and when it has called: seconds after noon, and what it said."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
        self._hass = hass
        self._freezer = freezer
        self.called: list[tuple[float, bool, bool]] = []
        self.error: Exception | None = None
        self.timer = MomentTimer(hass, dt_util.utcnow, self.handle)

    def handle(self, *, is_turn: bool, has_slept: bool) -> None:
        self.called.append(((dt_util.utcnow() - NOON) / SECOND, is_turn, has_slept))
        if self.error:
            raise self.error

    def set(self, minute: float, turn: float) -> None:
        """Set the timer to moments so many seconds after noon."""
        self.timer.async_set(minute=NOON + minute * SECOND, turn=NOON + turn * SECOND)

    async def go_to(self, second: float) -> None:
        """Let it be so many seconds after noon, at once."""
        self._freezer.move_to(NOON + second * SECOND)
        async_fire_time_changed(self._hass)
        await self._hass.async_block_till_done()


@pytest.fixture
def moments(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Moments:
    """Return a timer that is not set; it is noon."""
    freezer.move_to(NOON)
    return Moments(hass, freezer)


@pytest.mark.parametrize(
    ("minute", "turn", "called"),
    [
        (20, 50, [(20, False, False)]),
        (50, 20, [(20, True, False)]),
        (20, 20, [(20, True, False)]),
        (20, -5, [(20, True, False)]),
        (20, 0, [(20, True, False)]),
    ],
)
async def test_the_earlier_moment_to_come_counts(
    moments: Moments, minute: float, turn: float, called: list[tuple[float, bool, bool]]
) -> None:
    """A turn that is over by then is told with the minute, and never makes the timer fire at once."""
    moments.set(minute, turn)
    await moments.go_to(19)
    assert not moments.called
    await moments.go_to(20)
    assert moments.called == called


async def test_a_minute_that_is_over_is_called_at_once(moments: Moments) -> None:
    """As after a clock that was set ahead."""
    moments.set(-5, 90)
    await moments.go_to(1)
    assert moments.called == [(1, False, False)]


async def test_setting_it_anew_replaces_it(moments: Moments) -> None:
    """There is one next moment."""
    moments.set(20, 50)
    moments.set(30, 50)
    await moments.go_to(25)
    assert not moments.called
    await moments.go_to(30)
    assert len(moments.called) == 1


@pytest.mark.parametrize(("late", "has_slept"), [(SLEPT_FOR, False), (SLEPT_FOR + SECOND, True)])
async def test_a_call_far_too_late_tells_that_the_machine_slept(
    moments: Moments, late: timedelta, has_slept: bool
) -> None:
    """What was due meanwhile is told once, at waking (alert rule N5)."""
    moments.set(20, 9999)
    await moments.go_to(20 + late / SECOND)
    assert moments.called == [(20 + late / SECOND, False, has_slept)]


async def test_a_handler_that_fails_is_called_again_a_minute_later(hass: HomeAssistant, moments: Moments) -> None:
    """And what it should have told of a turn is told then."""
    moments.error = RuntimeError("broken")
    moments.set(20, 20)
    reported: list[object] = []
    handler = hass.loop.get_exception_handler()
    hass.loop.set_exception_handler(lambda _, context: reported.append(context["exception"]))
    await moments.go_to(20)
    hass.loop.set_exception_handler(handler)
    assert reported == [moments.error]
    moments.error = None
    await moments.go_to(79)
    assert len(moments.called) == 1
    await moments.go_to(80)
    assert moments.called[1:] == [(80, True, False)]


async def test_stopped_it_calls_no_more(moments: Moments) -> None:
    """Also when it is set afterwards, as a poll does that ends while the entry is unloaded."""
    moments.set(20, 50)
    moments.timer.async_stop()
    moments.set(30, 50)
    moments.timer.async_stop()
    await moments.go_to(200)
    assert not moments.called
