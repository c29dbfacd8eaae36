"""What a picture is made of: this person's limits, what is current, and nothing else."""

from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.dexcom_share.charts import Wish, async_draw_chart, limits_of
from custom_components.dexcom_share.display.picture import Headline
from custom_components.dexcom_share.glucose.alerts.facts import AlertFacts
from custom_components.dexcom_share.glucose.alerts.kinds import AlertKind
from custom_components.dexcom_share.glucose.alerts.settings import DEFAULT_KINDS
from custom_components.dexcom_share.glucose.chart import Chart, Zone
from custom_components.dexcom_share.glucose.snapshot import Snapshot

from .common import MINUTE, VALUE
from .watching import Watch


async def drawn(watch: Watch, wish: Wish) -> tuple[Chart, Headline]:
    """Return what is handed to who draws."""
    with patch("custom_components.dexcom_share.charts.draw", return_value=b"picture") as draw:
        assert await async_draw_chart(watch.hass, watch.glucose, wish) == b"picture"
    chart, headline = draw.call_args.args
    assert draw.call_args.kwargs == {"dark": wish.dark}
    return chart, headline


async def test_a_value_ends_when_it_says_nothing_about_now(watch: Watch) -> None:
    """Greyed once the next reading is overdue, dashes from 15 min on; the age goes on, the curve stays."""
    await watch.set_up(110, 108)
    chart, headline = await drawn(watch, Wish())
    assert (headline.value_mgdl, headline.zone, headline.is_stale) == (108, Zone.IN_RANGE, False)
    assert headline.time
    assert f"{headline.time:%H:%M}" == "11:59"
    assert headline.name is None
    assert chart.forecast
    await watch.wait(11 * MINUTE)
    chart, headline = await drawn(watch, Wish(dark=True))
    assert (headline.value_mgdl, headline.is_stale) == (108, True)
    assert chart.forecast is None
    await watch.wait(4 * MINUTE)
    chart, headline = await drawn(watch, Wish(with_name=True))
    assert (headline.value_mgdl, headline.is_stale, headline.name) == (None, True, "anna@example.com")
    assert headline.age is not None
    assert headline.age // MINUTE == 15
    assert len(chart.segments[0]) == 2


async def test_a_person_without_readings_has_a_picture(watch: Watch) -> None:
    """An empty one, without a time."""
    await watch.share.set_up(watch.hass, watch.entry)
    chart, headline = await drawn(watch, Wish())
    assert (chart.segments, headline.value_mgdl, headline.time, headline.age) == ((), None, None, None)


async def test_hours_and_unit_are_the_ones_asked_for(hass: HomeAssistant, watch: Watch) -> None:
    """Six hours have more readings than three; the unit is the one in which this person's glucose is shown."""
    await watch.set_up(*([110] * 60))
    assert [len((await drawn(watch, Wish(hours=hours)))[0].segments[0]) for hours in (3, 6)] == [36, 60]
    er.async_get(hass).async_update_entity_options(VALUE, "sensor", {"unit_of_measurement": "mmol/L"})
    chart, headline = await drawn(watch, Wish())
    assert headline.unit == "mmol/L"
    assert all(tick.mgdl % 36 == 0 for tick in chart.value_ticks if not tick.is_limit)


@pytest.mark.parametrize(("enabled", "limit"), [(True, 280), (False, None)])
def test_limits_are_those_of_the_person(enabled: bool, limit: float | None) -> None:
    """An urgent high that nobody watches for marks nothing; the range is there also where no alert is."""
    kinds = {
        **DEFAULT_KINDS,
        AlertKind.URGENT_HIGH: replace(DEFAULT_KINDS[AlertKind.URGENT_HIGH], enabled=enabled, limit=280),
        AlertKind.LOW: replace(DEFAULT_KINDS[AlertKind.LOW], enabled=False, limit=80),
        AlertKind.HIGH: replace(DEFAULT_KINDS[AlertKind.HIGH], limit=200),
    }
    limits = limits_of(Snapshot(alerts=AlertFacts(kinds=kinds)))
    assert (limits.low, limits.high, limits.urgent_low, limits.urgent_high) == (80, 200, 55, limit)


async def test_night_has_limits_of_its_own(watch: Watch) -> None:
    """The band is that of the limits in force."""
    await watch.set_up(110)
    day = (await drawn(watch, Wish()))[0].band
    await watch.set_options(low={"night": {"limit": 90}})
    watch.freezer.tick(timedelta(hours=11))
    await watch.read(110)
    night = (await drawn(watch, Wish()))[0].band
    assert night[0] > day[0]
    assert night[1] == day[1]
