"""The readings of the last hours, each with what was known after it, so that only what is new or changed is judged."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final

from ...share.models import GlucoseReading
from ..history import History
from .engine import KEPT_FOR, fold
from .moment import Moment
from .settings import AlertSettings
from .state import Judged

FIRST_LOOK_BACK: Final = timedelta(hours=5)
"""So far back readings are judged where nothing is known from before: the longest delay, and a gap."""
CONTEXT: Final = timedelta(hours=2)
"""Readings before the first one to judge, which rates, forecasts and rehearsals look back to."""


class JudgedSequence:
    """Judges readings in order of effective time; late ones are put in their place and all after them judged again."""

    def __init__(self, base: Judged) -> None:
        """Begin with what was known some hours ago."""
        self._base = base
        self._readings: tuple[GlucoseReading, ...] = ()
        self._results: list[Judged] = []
        self._settings: AlertSettings | None = None

    def moment(
        self,
        history: History,
        now: datetime,
        *,
        tz: tzinfo,
        settings: AlertSettings,
        watched_since: datetime,
        is_muted: bool = False,
        is_time_known: bool = True,
        is_silence_known: bool = True,
    ) -> Moment:
        """Return what is known at a moment; other settings than before judge all readings of the last hours again."""
        newest = history.newest
        first = self._base.time or (newest.time if newest else now) - FIRST_LOOK_BACK
        readings = history.recent(first - CONTEXT)
        judged = self._judge(readings, settings, tz)
        return Moment(
            now=now,
            tz=tz,
            settings=settings,
            readings=readings,
            judged=judged,
            base=self._base,
            watched_since=watched_since,
            is_muted=is_muted,
            is_time_known=is_time_known,
            is_silence_known=is_silence_known,
        )

    def _judge(self, readings: Sequence[GlucoseReading], settings: AlertSettings, tz: tzinfo) -> Judged:
        """Return what the readings (oldest first) tell."""
        if settings is not self._settings:
            self._readings, self._results, self._settings = (), [], settings
        first = self._first_new(readings)
        start = self._start(readings)
        known = self._results[: first - start]
        before = known[-1] if known else self._base
        self._results = known + fold(before, readings, first, settings=settings, tz=tz)
        self._readings = tuple(readings[start:])
        self._advance_base()
        return self._results[-1] if self._results else self._base

    def _start(self, readings: Sequence[GlucoseReading]) -> int:
        """Return the place of the first reading after the base."""
        base = self._base.time
        if base is None:
            return 0
        return next((place for place, reading in enumerate(readings) if reading.time > base), len(readings))

    def _first_new(self, readings: Sequence[GlucoseReading]) -> int:
        """Return the place of the first reading that was not judged at this place before."""
        start = self._start(readings)
        for place, known in enumerate(self._readings):
            if start + place >= len(readings) or readings[start + place] != known:
                return start + place
        return start + len(self._readings)

    def _advance_base(self) -> None:
        """Let go of what is too old to be judged again."""
        if not self._readings:
            return
        oldest = self._readings[-1].time - KEPT_FOR
        count = sum(1 for reading in self._readings[:-1] if reading.time < oldest)
        if count:
            self._base = self._results[count - 1]
            self._readings, self._results = self._readings[count:], self._results[count:]
