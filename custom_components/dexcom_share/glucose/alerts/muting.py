"""Muting with an end: every alert but urgent low is quiet until then, and nobody can forget to switch it back on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, Self

from .settings import AlertSettings

LONG_FROM: Final = timedelta(hours=24)
"""Whoever mutes for longer is reminded of it."""
LONGEST: Final = timedelta(days=31)
"""Who wants quiet for longer switches the alerts off in their settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """A time of quiet by the account's clock; `by` names who asked for it, None where that is not known."""

    since: datetime
    until: datetime
    by: str | None = None

    @property
    def is_long(self) -> bool:
        """Return whether it is longer than one is expected to remember."""
        return self.until - self.since > LONG_FROM

    def at(self, now: datetime) -> Self | None:
        """Return the mute as it holds at a moment, None where it is over.

        One that begins later was set by a clock that ran ahead, or comes from a damaged file: it keeps its length, at
        most the longest there is.
        """
        if now >= self.until:
            return None
        if self.since <= now and self.until - self.since <= LONGEST:
            return self
        length = min(self.until - self.since, LONGEST)
        since = min(self.since, now)
        moved = type(self)(since=since, until=since + length, by=self.by)
        return moved if now < moved.until else None

    def to_dict(self) -> dict[str, object]:
        """Return the mute as plain JSON."""
        return {"since": self.since.isoformat(), "until": self.until.isoformat(), "by": self.by}

    @classmethod
    def from_dict(cls, stored: object) -> Self | None:
        """Return the mute from JSON, None where it is damaged or none."""
        if not isinstance(stored, Mapping):
            return None
        try:
            since, until = (
                datetime.fromisoformat(str(stored.get(name))).astimezone(UTC) for name in ("since", "until")
            )
        except OverflowError, ValueError:
            return None
        by = stored.get("by")
        return cls(since=since, until=until, by=by if isinstance(by, str) else None) if since < until else None


def until_morning(now: datetime, settings: AlertSettings, tz: tzinfo, *, by: str | None = None) -> Mute:
    """Return the mute from now until the night, as it is set, ends next: tomorrow morning at the latest."""
    today = now.astimezone(tz).date()
    mornings = (
        datetime.combine(today + timedelta(days=days), settings.night_end, tz).astimezone(UTC) for days in range(3)
    )
    return Mute(since=now, until=min(morning for morning in mornings if morning > now), by=by)
