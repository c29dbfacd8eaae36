"""The readings of the last hours, each with what was known after it, so that only what is new or changed is judged."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final

from ...share.models import GlucoseReading
from ..freshness import is_current
from ..history import History
from .engine import KEPT_FOR, MEASURED_READINGS, fold, judge
from .moment import Moment
from .settings import AlertSettings
from .state import EPISODE_TIMES, NO_EPISODE, Judged

FIRST_LOOK_BACK: Final = timedelta(hours=5)
"""So far back readings are judged where nothing is known from before: the longest delay, and a gap."""
CONTEXT: Final = timedelta(hours=2)
"""Readings before the first one to judge, which rates, forecasts and rehearsals look back to."""


class JudgedSequence:
    """Judges readings in order of effective time; late ones are put in their place and all after them judged again."""

    def __init__(self, base: Judged) -> None:
        """Begin with what was known some hours ago."""
        self._base = _plausible(base)
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
        if self._base.time and self._base.time > now:
            # Only a damaged file or a clock that ran fast says so; readings must not wait for that time to come.
            self._base, self._settings = Judged(), None
        first = self._base.time or (newest.time if newest else now) - FIRST_LOOK_BACK
        readings = history.recent(first - CONTEXT)
        judged = self._judge(readings, settings, now, tz)
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

    def _judge(self, readings: Sequence[GlucoseReading], settings: AlertSettings, now: datetime, tz: tzinfo) -> Judged:
        """Return what the readings (oldest first) tell."""
        if settings is not self._settings:
            self._readings, self._results, self._settings = (), [], settings
        first = self._first_new(readings)
        start = self._start(readings)
        known = self._results[: first - start]
        before = known[-1] if known else self._base
        self._results = known + fold(before, readings, first, settings=settings, tz=tz)
        self._readings = tuple(readings[start:])
        self._judge_at_turn(readings, settings, now, tz)
        self._advance_base()
        return self._results[-1] if self._results else self._base

    def _judge_at_turn(
        self, readings: Sequence[GlucoseReading], settings: AlertSettings, now: datetime, tz: tzinfo
    ) -> None:
        """Judge the newest reading by what is in force now, where the night has begun or ended since it was taken."""
        if not self._results or not is_current(readings[-1].time, now):
            return
        is_night = settings.is_night(now, tz)
        if is_night != settings.is_night(readings[-1].time, tz):
            before = self._results[-2] if len(self._results) > 1 else self._base
            kinds = settings.in_force(is_night=is_night)
            self._results[-1] = judge(before, readings[-MEASURED_READINGS:], kinds)

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


def _plausible(base: Judged) -> Judged:
    """Return a base without what can't be known from readings up to its time, as a damaged file leaves it behind."""
    if base.time is None:
        return Judged()
    episodes = {
        kind: NO_EPISODE if any(_is_after(getattr(episode, name), base.time) for name in EPISODE_TIMES) else episode
        for kind, episode in base.episodes.items()
    }
    return Judged(time=base.time, episodes=episodes)


def _is_after(time: datetime | None, other: datetime) -> bool:
    """Return whether a time is known and after another."""
    return time is not None and time > other
