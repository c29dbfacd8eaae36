"""A chart of the last hours as plain geometry: what lies where, for whoever draws it.

Places are fractions of the drawing area: x from its left, y from its bottom, both 0 to 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from ..share.models import HIGH_LIMIT_MGDL, GlucoseReading
from .forecast import Forecast
from .snapshot import LARGEST_STEP

SHORTEST: Final = timedelta(hours=3)
LONGEST: Final = timedelta(hours=24)
FORECAST_AHEAD: Final = timedelta(minutes=20)
"""How far ahead of its reading the forecast is meant."""

BOTTOM_MGDL: Final = 30
LEAST_TOP_MGDL: Final = 250
_ROOM_ABOVE_MGDL: Final = 20
_MOST_TIME_TICKS: Final = 6
_HOURS_BETWEEN_TICKS: Final = (1, 2, 3, 6)
_QUARTER: Final = timedelta(minutes=15)
_TICKS_APART: Final = 0.18
"""Labels closer than this share of the height would run into each other."""


class Zone(StrEnum):
    """Where a reading is by the limits of a person."""

    URGENT_LOW = "urgent_low"
    LOW = "low"
    IN_RANGE = "in_range"
    HIGH = "high"
    URGENT_HIGH = "urgent_high"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """A person's limits in mg/dL; None where there is no such limit."""

    low: float
    high: float
    urgent_low: float | None = None
    urgent_high: float | None = None

    def zone(self, reading: GlucoseReading) -> Zone:
        """Return where a reading is; a limit belongs to the zone outside, "LOW" and "HIGH" are beyond every limit."""
        value = reading.value
        if self.urgent_low is not None and (reading.is_low_limit or value <= self.urgent_low):
            return Zone.URGENT_LOW
        if reading.is_low_limit or value <= self.low:
            return Zone.LOW
        if self.urgent_high is not None and (reading.is_high_limit or value >= self.urgent_high):
            return Zone.URGENT_HIGH
        return Zone.HIGH if reading.is_high_limit or value >= self.high else Zone.IN_RANGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One reading at its place."""

    x: float
    y: float
    zone: Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueTick:
    """A value at the edge, in mg/dL; `is_limit` where it is one of the person's limits."""

    y: float
    mgdl: float
    is_limit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeTick:
    """A whole hour on the clock on the wall."""

    x: float
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What is to be drawn.

    `segments` are the readings, oldest first, apart where there is a gap between them; `forecast` is the line from the
    newest reading to what is expected; `band` the lower and upper edge of the range; `now_x` the moment it was made.
    """

    segments: tuple[tuple[Dot, ...], ...]
    band: tuple[float, float]
    value_ticks: tuple[ValueTick, ...]
    time_ticks: tuple[TimeTick, ...]
    now_x: float
    forecast: tuple[tuple[float, float], tuple[float, float]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Turns times and values into places; what lies beyond an edge is put on it."""

    start: datetime
    end: datetime
    top_mgdl: float

    def x(self, time: datetime) -> float:
        """Return how far to the right a time is."""
        return min(max((time - self.start) / (self.end - self.start), 0.0), 1.0)

    def y(self, mgdl: float) -> float:
        """Return how far up a value is."""
        return min(max((mgdl - BOTTOM_MGDL) / (self.top_mgdl - BOTTOM_MGDL), 0.0), 1.0)


def make_chart(
    readings: Sequence[GlucoseReading],
    now: datetime,
    span: timedelta,
    limits: Limits,
    tz: tzinfo,
    *,
    forecast: Forecast | None = None,
    step_mgdl: float = 50,
) -> Chart:
    """Return the chart of the last `span` before `now` (aware).

    `readings` are oldest first and may reach beyond the span. Whole hours are those of `tz`, values between the limits
    are marked at multiples of `step_mgdl`, so that the numbers are round in the unit they are shown in. `forecast` is
    that of the newest reading.
    """
    start = now - span
    shown = [reading for reading in readings if start <= reading.time <= now]
    ahead = shown[-1].time + FORECAST_AHEAD if forecast and shown else now
    # A margin at the right keeps the newest dot whole.
    scale = Scale(start=start, end=max(ahead, now) + span / 40, top_mgdl=_top(shown, limits))
    line = None
    if forecast and shown:
        newest = shown[-1]
        line = (
            (scale.x(newest.time), scale.y(newest.value)),
            (scale.x(newest.time + FORECAST_AHEAD), scale.y(forecast.value_mgdl)),
        )
    return Chart(
        segments=tuple(
            tuple(Dot(x=scale.x(each.time), y=scale.y(each.value), zone=limits.zone(each)) for each in segment)
            for segment in _segments(shown)
        ),
        band=(scale.y(limits.low), scale.y(limits.high)),
        value_ticks=_value_ticks(scale, limits, step_mgdl),
        time_ticks=_time_ticks(scale, now, span, tz),
        now_x=scale.x(now),
        forecast=line,
    )


def _top(readings: Iterable[GlucoseReading], limits: Limits) -> float:
    """Return the value at the upper edge, above all that is to be seen."""
    highest = max((reading.value for reading in readings), default=0)
    return max(LEAST_TOP_MGDL, min(max(highest, limits.high), HIGH_LIMIT_MGDL) + _ROOM_ABOVE_MGDL)


def _segments(readings: Sequence[GlucoseReading]) -> list[list[GlucoseReading]]:
    """Return the readings in runs without a gap."""
    segments: list[list[GlucoseReading]] = []
    for reading in readings:
        if segments and reading.time - segments[-1][-1].time <= LARGEST_STEP:
            segments[-1].append(reading)
        else:
            segments.append([reading])
    return segments


def _value_ticks(scale: Scale, limits: Limits, step_mgdl: float) -> tuple[ValueTick, ...]:
    """Return the limits, and round values where there is room between them, lowest first."""
    ticks = [ValueTick(y=scale.y(mgdl), mgdl=mgdl, is_limit=True) for mgdl in (limits.low, limits.high)]
    # Every second round value first, then those between, where there is room.
    rounds = range(1, int(scale.top_mgdl / step_mgdl) + 1)
    for number in sorted(rounds, key=lambda number: number % 2):
        y = scale.y(number * step_mgdl)
        if all(abs(y - tick.y) >= _TICKS_APART for tick in ticks) and _TICKS_APART / 2 <= y <= 1 - _TICKS_APART / 4:
            ticks.append(ValueTick(y=y, mgdl=number * step_mgdl, is_limit=False))
    return tuple(sorted(ticks, key=lambda tick: tick.y))


def _time_ticks(scale: Scale, now: datetime, span: timedelta, tz: tzinfo) -> tuple[TimeTick, ...]:
    """Return whole hours by the clock on the wall, every 1, 2, 3 or 6 of them, oldest first."""
    step = next(hours for hours in _HOURS_BETWEEN_TICKS if span / timedelta(hours=hours) <= _MOST_TIME_TICKS)
    # Every offset of a zone is a multiple of a quarter of an hour, also on a day that has 23 or 25 hours.
    time = datetime.fromtimestamp(-(-scale.start.timestamp() // 900) * 900, UTC)
    ticks = []
    while time <= now:
        wall = time.astimezone(tz)
        if wall.minute == 0 and wall.hour % step == 0:
            ticks.append(TimeTick(x=scale.x(time), time=wall))
        time += _QUARTER
    return tuple(ticks)
