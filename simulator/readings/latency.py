"""How long a reading takes from the sensor to Share."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from .. import dice
from .records import Record
from .sources import Source

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BLOCK: Final = timedelta(hours=8)
_STEP: Final = timedelta(minutes=5)
_KEPT: Final = 4000


class UploadLatency:
    """The upload of one wearer's phone, made up from a seed; the same reading always takes the same time.

    A reading arrives 8 to 15 s after it was taken (85 %), 15 to 60 s (12 %) or up to 4 min (3 %). About once a day the
    phone has no network for 2 to 12 readings: three times out of four these come later, all together and in order of
    time, else never.
    """

    OUTAGE_CHANCE: Final = 1 / 3
    """Per block of eight hours."""
    LOSS_CHANCE: Final = 0.25
    """That the readings of an outage never come."""

    def __init__(self, seed: object, *, outages: bool = True) -> None:
        """Make up a phone from the seed, with or without times out of the network."""
        self._seed = seed
        self._outages = outages

    def available_at(self, time: datetime) -> datetime | None:
        """Return when Share has the reading of this time, None for never."""
        outage = self._outage((time - _EPOCH) // _BLOCK)
        if outage is not None:
            begin, end, delivered = outage
            if begin <= time < end:
                # A little after one another, so that they come in order of time.
                return end + timedelta(seconds=20) + (time - begin) / 600 if delivered else None
        return time + timedelta(seconds=self._delay_seconds(time))

    def _delay_seconds(self, time: datetime) -> float:
        share, place, *_ = dice.fractions(self._seed, "delay", time.isoformat())
        if share < 0.85:
            return 8 + 7 * place
        return 15 + 45 * place if share < 0.97 else 60 + 180 * place

    def _outage(self, block: int) -> tuple[datetime, datetime, bool] | None:
        """Return begin and end of the time without network in a block, and whether its readings come later."""
        chance, place, length, fate = dice.fractions(self._seed, "outage", block)
        if not self._outages or chance >= self.OUTAGE_CHANCE:
            return None
        lasts = _STEP * (2 + int(11 * length))
        begin = _EPOCH + block * _BLOCK + (_BLOCK - lasts) * place
        return begin, begin + lasts, fate >= self.LOSS_CHANCE


class DelayedSource:
    """Another source whose readings after `start` take the time that a latency says; older ones are all there."""

    def __init__(self, source: Source, latency: UploadLatency, *, start: datetime) -> None:
        """Delay the readings of a source from `start` on."""
        self._source = source
        self._latency = latency
        self._start = start
        self._known: dict[datetime, datetime | None] = {}

    def between(self, after: datetime, until: datetime) -> Sequence[Record]:
        """Return the readings that are ever uploaded, later than `after` and not later than `until`, oldest first."""
        found: list[Record] = []
        for record in self._source.between(after, until):
            if record.time <= self._start:
                found.append(record)
            elif (available_at := self._available_at(record.time)) is not None:
                found.append(replace(record, available_at=available_at))
        return found

    def _available_at(self, time: datetime) -> datetime | None:
        """Return when Share has the reading of this time; clients ask for the same day again and again."""
        if time not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[time] = self._latency.available_at(time)
        return self._known[time]
