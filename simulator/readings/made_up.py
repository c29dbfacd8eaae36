"""Plausible days of a person with diabetes, made up from a seed."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
import math
from random import Random
from typing import Final

from .. import dice
from .records import HIGH_MGDL, LOW_MGDL, Record, trend_between
from .sources import ListSource, Source

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SENSOR_LIFE: Final = timedelta(days=10)
_WARM_UP: Final = timedelta(minutes=30)
_DAY: Final = timedelta(days=1)
_QUIET: Final = timedelta(hours=3)
_CHUNK: Final = 288
_KEPT_CHUNKS: Final = 8
_HOUR: Final = 60.0


class _Bump:
    """A rise (or, below zero, a dip) that begins at a minute, peaks and fades."""

    __slots__ = ("_height", "_rise", "_start", "end")

    def __init__(self, start: float, rise: float, height: float) -> None:
        self._start = start
        self._rise = rise
        self._height = height
        # Beyond seven times the rise less than a thousandth is left.
        self.end = start + 7 * rise

    def at(self, minute: float) -> float:
        """Return its share of the glucose at a minute."""
        x = (minute - self._start) / self._rise
        return self._height * (x * math.exp(1 - x)) ** 2 if 0 < x < 7 else 0.0


class MadeUpSource:
    """A made-up wearer: meals, forgotten and too large boluses, exercise, nights, lows and highs, noise, gaps.

    The same seed always gives the same readings at the same times, whenever the program runs. The sensor measures every
    299.5 to 299.8 s, is changed every ten days, which shifts the phase, and now and then loses readings for good.
    `calm` names a time (usually the start of the simulator) around which none are lost. The time zone says
    when the wearer eats and sleeps.
    """

    def __init__(self, seed: object, *, time_zone: tzinfo = UTC, calm: datetime | None = None) -> None:
        """Make up a wearer from the seed."""
        self._seed = seed
        self._time_zone = time_zone
        self._calm = calm
        level, meals, rhythm, _ = dice.fractions(seed, "wearer")
        self._level = 112 + 18 * level
        self._meal_size = 0.85 + 0.3 * meals
        self._phase = _SENSOR_LIFE * rhythm
        self._days: dict[int, list[_Bump]] = {}
        self._chunks: dict[tuple[int, int], Source] = {}

    def between(self, after: datetime, until: datetime) -> Sequence[Record]:
        """Return the readings taken later than `after` and not later than `until`, oldest first."""
        found: list[Record] = []
        for sensor in range(self._sensor(after), self._sensor(until) + 1):
            begin, step = self._first_reading(sensor)
            # One reading more on each side, because the jitter moves them a little.
            low = max(0, (after - begin) // step - 1)
            high = min(_SENSOR_LIFE // step, (until - begin) // step + 1)
            for chunk in range(low // _CHUNK, high // _CHUNK + 1):
                found += self._chunk(sensor, chunk).between(after, until)
        return found

    def _sensor(self, time: datetime) -> int:
        """Return the number of the sensor that is worn at a time."""
        return (time - _EPOCH - self._phase) // _SENSOR_LIFE

    def _first_reading(self, sensor: int) -> tuple[datetime, timedelta]:
        """Return when a sensor measures first, and how long it takes from one reading to the next."""
        offset, step, *_ = dice.fractions(self._seed, "sensor", sensor)
        begin = _EPOCH + self._phase + sensor * _SENSOR_LIFE + _WARM_UP
        return begin + timedelta(seconds=300 * offset), timedelta(seconds=299.5 + 0.3 * step)

    def _chunk(self, sensor: int, chunk: int) -> Source:
        """Return about a day of readings of one sensor, made up once and kept for a while."""
        key = (sensor, chunk)
        if key not in self._chunks:
            while len(self._chunks) >= _KEPT_CHUNKS:
                del self._chunks[next(iter(self._chunks))]
            self._chunks[key] = ListSource(self._measure(sensor, range(chunk * _CHUNK, (chunk + 1) * _CHUNK)))
        return self._chunks[key]

    def _measure(self, sensor: int, numbers: range) -> Iterator[Record]:
        """Yield the readings of a sensor with these numbers, those that are lost left out."""
        begin, step = self._first_reading(sensor)
        end = _EPOCH + self._phase + (sensor + 1) * _SENSOR_LIFE
        before: tuple[datetime, float] | None = None
        for number in range(max(0, numbers.start - 1), numbers.stop):
            jitter = timedelta(milliseconds=round(40 * dice.fraction(self._seed, "jitter", sensor, number)))
            time = begin + number * step + jitter
            time = time.replace(microsecond=time.microsecond // 1000 * 1000)
            if time >= end:
                return
            if self._is_lost(time):
                continue
            value = self._value(time)
            if number in numbers:
                yield Record(time=time, value=value, trend=trend_between(before, time, value))
            before = (time, value)

    def _is_lost(self, time: datetime) -> bool:
        """Return whether the sensor loses the reading of this time."""
        if self._calm is not None and abs(time - self._calm) < _QUIET:
            return False
        day = (time - _EPOCH) // _DAY
        chance, place, length, _ = dice.fractions(self._seed, "gap", day)
        if chance >= 0.4:
            return False
        lasts = timedelta(minutes=10 + 40 * length)
        begin = _EPOCH + day * _DAY + (_DAY - lasts) * place
        return begin <= time < begin + lasts

    def _value(self, time: datetime) -> int:
        """Return what the sensor shows, 39 and 401 beyond what it can measure."""
        local = time + (self._time_zone.utcoffset(time.replace(tzinfo=None)) or timedelta())
        minutes = (local - _EPOCH) / timedelta(minutes=1)
        day = math.floor(minutes / (24 * _HOUR))
        glucose = self._level
        for bump in (*self._plan(day - 1), *self._plan(day)):
            if minutes < bump.end:
                glucose += bump.at(minutes)
        glucose += 18 * self._drift(minutes, 180) + 7 * self._drift(minutes, 35) + 3 * self._drift(minutes, 6)
        if glucose < 70:
            # The body defends itself: the deeper, the slower it falls.
            glucose = 70 - 40 * math.tanh((70 - glucose) / 55)
        return max(LOW_MGDL, min(HIGH_MGDL, round(glucose)))

    def _drift(self, minutes: float, spacing: float) -> float:
        """Return a smooth wandering between -1 and 1 that changes within `spacing` minutes."""
        cell, place = divmod(minutes / spacing, 1)
        left = 2 * dice.fraction(self._seed, "drift", spacing, int(cell)) - 1
        right = 2 * dice.fraction(self._seed, "drift", spacing, int(cell) + 1) - 1
        return left + (right - left) * place * place * (3 - 2 * place)

    def _plan(self, day: int) -> list[_Bump]:
        """Return what happens on a day, counted in local days since 1970."""
        if day not in self._days:
            while len(self._days) >= 4:
                del self._days[next(iter(self._days))]
            self._days[day] = list(self._make_up_day(day))
        return self._days[day]

    def _make_up_day(self, day: int) -> Iterator[_Bump]:
        """Yield meals and what comes with them, exercise and the night of one day."""
        random = Random(f"{self._seed}/day/{day}")
        midnight = day * 24 * _HOUR
        yield _Bump(midnight + 4 * _HOUR, 3 * _HOUR, random.uniform(5, 35))
        if random.random() < 0.2:
            yield _Bump(midnight + random.uniform(1, 4) * _HOUR, 50, random.uniform(-85, -45))
        if random.random() < 0.1:
            # The arm lies on the sensor: a sharp dip that is none.
            yield _Bump(midnight + random.uniform(2, 5) * _HOUR, 15, random.uniform(-65, -40))
        meals = [(7.4, 0.6, 85.0), (12.6, 0.7, 80.0), (18.9, 0.8, 100.0)]
        if random.random() < 0.5:
            meals.append((15.8, 0.8, 45.0))
        if random.random() < 0.25:
            meals.append((21.8, 0.5, 60.0))
        for hour, spread, size in meals:
            start = midnight + (hour + random.gauss(0, spread / 2)) * _HOUR
            height = size * self._meal_size * random.uniform(0.5, 1.4)
            luck = random.random()
            if luck < 0.1:
                height *= 1.6
            # Much food takes longer.
            yield _Bump(start, random.uniform(40, 65) + height / 5, height)
            if luck > 0.8:
                yield _Bump(start + random.uniform(90, 140), random.uniform(50, 75), random.uniform(-110, -60))
        if random.random() < 0.35:
            yield _Bump(midnight + random.uniform(16, 18.5) * _HOUR, 45, random.uniform(-75, -35))
