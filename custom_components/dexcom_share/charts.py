"""A person's chart as a picture, drawn at the moment somebody asks for it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .coordinator import DexcomShareCoordinator
from .display.picture import Headline, draw
from .display.times import in_users_zone
from .display.units import MGDL, MMOL, glucose_unit, to_mgdl
from .glucose.alerts.kinds import AlertKind
from .glucose.alerts.settings import DEFAULT_KINDS, KindSettings
from .glucose.chart import Limits, Zone, make_chart
from .glucose.snapshot import Snapshot, grow_older
from .share.models import Trend

STEP_MGDL: Final = {MGDL: 50, MMOL: to_mgdl(2, MMOL)}
"""Between the values marked, so that they are round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a picture is to show: so many of the last hours (3 to 24), light or dark, with the person's name or not."""

    hours: int = 3
    dark: bool = False
    with_name: bool = False


async def async_draw_chart(hass: HomeAssistant, glucose: DexcomShareCoordinator, wish: Wish) -> bytes:
    """Return the picture of a person's glucose as PNG, as it is now."""
    entry = glucose.config_entry
    now = glucose.now()
    # Between two ticks of the clock the snapshot is up to a minute behind, after a sleep of the machine much more.
    snapshot = grow_older(glucose.data, now)
    span = timedelta(hours=wish.hours)
    readings = glucose.history.recent(now - span)
    limits = limits_of(snapshot)
    unit = glucose_unit(hass, entry)
    headline = _headline(snapshot, limits, unit, entry.title if wish.with_name else None)
    zone = dt_util.get_default_time_zone()
    forecast = None if snapshot.is_stale else snapshot.forecast

    def make() -> bytes:
        chart = make_chart(readings, now, span, limits, zone, forecast=forecast, step_mgdl=STEP_MGDL[unit])
        return draw(chart, headline, dark=wish.dark)

    return await hass.async_add_executor_job(make)


def limits_of(snapshot: Snapshot) -> Limits:
    """Return the limits in force, by day or night; one that is not watched is none, but for the range itself."""
    kinds = snapshot.alerts.kinds
    urgent_high = kinds[AlertKind.URGENT_HIGH]
    return Limits(
        low=_limit(kinds[AlertKind.LOW], AlertKind.LOW),
        high=_limit(kinds[AlertKind.HIGH], AlertKind.HIGH),
        urgent_low=kinds[AlertKind.URGENT_LOW].limit,
        urgent_high=urgent_high.limit if urgent_high.enabled else None,
    )


def _limit(settings: KindSettings, kind: AlertKind) -> float:
    """Return the limit of a kind that always has one."""
    return settings.limit or DEFAULT_KINDS[kind].limit or 0


def _headline(snapshot: Snapshot, limits: Limits, unit: str, name: str | None) -> Headline:
    """Return what stands above the curve."""
    newest, current = snapshot.newest, snapshot.current
    return Headline(
        value_mgdl=current.value if current else None,
        zone=limits.zone(current) if current else Zone.IN_RANGE,
        trend=current.trend if current else Trend.NONE,
        time=in_users_zone(newest.time) if newest else None,
        age=snapshot.age,
        is_stale=snapshot.is_stale,
        unit=unit,
        name=name,
    )
