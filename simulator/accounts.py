"""The wearers: credentials, sessions, lockout, the monitored receiver and the readings Share has of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import count
from typing import Final, Literal

from . import dice
from .faults import Faults, Limited, at_time
from .followers import Followers
from .readings.records import Record
from .readings.sources import ListSource, Source

type Region = Literal["us", "ous", "jp", "any"]
REGIONS: Final[tuple[Region, ...]] = ("us", "ous", "jp", "any")

LONGEST_PASSWORD: Final = 20
"""Share's log-in never accepts a longer one, though the account may have it."""


@dataclass(kw_only=True, slots=True)
class Account:
    """One wearer; everything may be changed while the simulator runs."""

    account_id: str
    name: str
    password: str = field(repr=False)
    display_name: str
    region: Region
    source: Source
    time_zone: tzinfo = UTC
    email: str = ""
    sharing: bool = True
    """Whether the wearer's app has Share switched on, which is the remote monitoring session of the wire."""
    receiver: str | None = None
    receiver_id: str
    followers: Followers
    faults: Faults = field(default_factory=Faults)
    failed_logins: int = 0
    locked_until: datetime | None = None
    sessions: dict[str, datetime] = field(default_factory=dict, repr=False)
    """When each session ends, by its id."""
    runtime_info: dict[str, str] = field(default_factory=dict)
    served: set[datetime] = field(default_factory=set, repr=False)
    """The times of readings that a client has seen."""
    _added: ListSource = field(default_factory=ListSource, repr=False)
    _numbers: Iterator[int] = field(default_factory=count, repr=False)

    def add_reading(
        self, time: datetime, value: int, trend: str = "Flat", available_at: datetime | None = None
    ) -> Record:
        """Add a reading next to those of the source, there at once or from `available_at` on."""
        record = Record(time=time, value=value, trend=trend, available_at=available_at)
        self.add_record(record)
        return record

    def add_record(self, record: Record) -> None:
        """Add a reading with all its details."""
        self._added.add(record)

    def remember_served(self, records: Sequence[Record]) -> None:
        """Keep in mind which readings a client has seen, those of the latest call and the ones not far behind."""
        if len(self.served) > 2000:
            self.served.clear()
        self.served.update(record.time for record in records)

    def accepts(self, password: str) -> bool:
        """Return whether this is the password, as far as Share can tell."""
        return password == self.password and len(password) <= LONGEST_PASSWORD

    def lock(self, until: datetime) -> None:
        """Refuse all log-ins until a time."""
        self.locked_until = until
        self.failed_logins = 0

    def open_session(self, ends: datetime) -> str:
        """Return the id of a new session; the ones before it live on."""
        session_id = dice.uuid(self.account_id, "session", next(self._numbers))
        self.sessions[session_id] = ends
        return session_id

    def end_sessions(self, *, forget: bool = False) -> int:
        """End all sessions, so that they are expired, or with `forget` unknown; return how many there were."""
        number = len(self.sessions)
        if forget:
            self.sessions.clear()
        else:
            self.sessions = dict.fromkeys(self.sessions, datetime.min.replace(tzinfo=UTC))
        return number

    def records(self, after: datetime, until: datetime) -> list[Record]:
        """Return all readings taken later than `after` and not later than `until`, uploaded or not, oldest first."""
        found = [*self.source.between(after, until), *self._added.between(after, until)]
        # Stable, and nearly sorted already.
        found.sort(key=lambda record: record.time)
        return found

    def available(self, after: datetime, now: datetime, layers: tuple[Faults, ...] = ()) -> list[Record]:
        """Return what Share has at `now` of the readings taken later than `after`, oldest first.

        `layers` are further switches, those of the simulator; those of the account always count.
        """
        layers = (self.faults, *layers)
        return [
            record
            for record in self.records(after, now)
            if (uploaded := _uploaded(record, layers)) is not None and uploaded <= now
        ]

    def latest(self, after: datetime, now: datetime, count: int, layers: tuple[Faults, ...] = ()) -> list[Record]:
        """Return the last `count` of what `available` returns, without looking further back than it must."""
        step = timedelta(hours=1)
        while (begin := now - step) > after:
            found = self.available(begin, now, layers)
            if len(found) >= count:
                return found[-count:]
            step *= 4
        return self.available(after, now, layers)[-count:]


def _uploaded(record: Record, layers: tuple[Faults, ...]) -> datetime | None:
    """Return when Share gets a reading, with the wearer's phone off line or not; None for not in sight."""
    available = record.available
    for layer in layers:
        offline = layer.offline
        if isinstance(offline, Limited) and offline.holds_at(available):
            lost = at_time(layers, lambda faults: faults.offline_loses, available)
            return available if not offline.value else None if lost else offline.until
        if isinstance(offline, bool):
            return None if offline else available
    return available
