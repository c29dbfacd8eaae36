"""What must be remembered about alerts from one moment to the next, and across restarts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Self

from .settings import PRIORITY, AlertKind

VERSION: Final = 1


class AlertStage(StrEnum):
    """Where an alert stands."""

    INACTIVE = "inactive"
    PENDING = "pending"
    ACTIVE = "active"
    SNOOZED = "snoozed"
    ACKNOWLEDGED = "acknowledged"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert and its times, all aware UTC.

    By the stamps of readings: `since`, the first of those that make it pending or raised; `beyond_at`, the last one
    beyond the limit; `covered_until`, the last one that needs no announcement any more, None to announce the next.
    By our clock: `raised_at`, `announced_at` (the last time, None while nobody was told), `acknowledged_at`,
    `snoozed_until`, `recovered_at`.
    """

    since: datetime | None = None
    beyond_at: datetime | None = None
    covered_until: datetime | None = None
    raised_at: datetime | None = None
    announced_at: datetime | None = None
    acknowledged_at: datetime | None = None
    snoozed_until: datetime | None = None
    recovered_at: datetime | None = None

    @property
    def is_raised(self) -> bool:
        """Return whether the alert holds, heard or not."""
        return self.raised_at is not None

    @property
    def state(self) -> AlertStage:
        """Return where the alert stands; one snoozed ahead of time is snoozed, too."""
        if self.snoozed_until:
            return AlertStage.SNOOZED
        if self.raised_at:
            return AlertStage.ACKNOWLEDGED if self.acknowledged_at else AlertStage.ACTIVE
        if self.since:
            return AlertStage.PENDING
        return AlertStage.RECOVERED if self.recovered_at else AlertStage.INACTIVE


INACTIVE: Final = Alert()
_TIMES: Final = tuple(each.name for each in fields(Alert))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """All alerts of one person.

    `reading_time` is the stamp of the newest reading evaluated, `heard_at` the moment on our clock from which data are
    missed: when that reading was taken, at the latest when it came; before any reading, the first evaluation.
    `left_range` is the kind that last told of glucose out of range, until the news of its return.
    """

    kinds: Mapping[AlertKind, Alert] = field(default_factory=lambda: dict.fromkeys(AlertKind, INACTIVE))
    reading_time: datetime | None = None
    heard_at: datetime | None = None
    left_range: AlertKind | None = None

    @property
    def raised(self) -> tuple[AlertKind, ...]:
        """Return the kinds that hold, the gravest first."""
        return tuple(kind for kind in PRIORITY if self.kinds[kind].is_raised)

    def with_status(self, kind: AlertKind, status: Alert) -> Self:
        """Return the state with another status of one kind."""
        return replace(self, kinds={**self.kinds, kind: status})

    def to_dict(self) -> dict[str, object]:
        """Return the state as plain JSON, times in ISO format."""
        return {
            "version": VERSION,
            "reading_time": _text(self.reading_time),
            "heard_at": _text(self.heard_at),
            "left_range": self.left_range,
            "kinds": {
                kind.value: {name: _text(getattr(status, name)) for name in _TIMES if getattr(status, name)}
                for kind, status in self.kinds.items()
            },
        }

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """Return the state from JSON, a fresh one where that is damaged or of another version."""
        try:
            return cls._parse(data)
        except AttributeError, KeyError, OverflowError, TypeError, ValueError:
            return cls()

    @classmethod
    def _parse(cls, data: object) -> Self:
        """Return the state from JSON; whatever is wrong with it raises."""
        if not isinstance(data, Mapping) or data["version"] != VERSION:
            raise ValueError("not a state of this version")
        left_range = data["left_range"]
        return cls(
            kinds={
                kind: Alert(**{name: _time(data["kinds"][kind.value].get(name)) for name in _TIMES})
                for kind in AlertKind
            },
            reading_time=_time(data["reading_time"]),
            heard_at=_time(data["heard_at"]),
            left_range=None if left_range is None else AlertKind(left_range),
        )


def _text(time: datetime | None) -> str | None:
    """Return a time as text."""
    return None if time is None else time.isoformat()


def _time(text: str | None) -> datetime | None:
    """Return an aware time from text; a time without a zone is a ValueError."""
    if text is None:
        return None
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError("a time without a zone")
    return time.astimezone(UTC)
