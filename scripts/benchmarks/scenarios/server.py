"""The simulator's side of a scenario: the readings as Share gets them, and the log-ins that reached it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from simulator import Account, Record, Simulator
from simulator.calls import Call

LOGIN_REFUSALS: Final = ("AccountPasswordInvalid", "SSO_")
"""How the codes of refused log-ins begin."""
_LOGIN: Final = "LoginPublisherAccountBy"
_DAY: Final = timedelta(days=1)


class Sensor:
    """The readings of a scenario as Share gets them; a stamp ahead of its time is served like any other."""

    def __init__(self, readings: Sequence[Record]) -> None:
        """Take all readings there will be."""
        self._readings = sorted(readings, key=lambda record: record.time)
        self.account: Account | None = None
        self.simulator: Simulator | None = None
        self.offered: set[int] = set()
        self._asked: datetime | None = None

    def between(self, after: datetime, until: datetime) -> Sequence[Record]:
        """Return the readings stamped later than `after` that Share has until then, oldest first."""
        if self._asked != until and self.account and self.simulator:
            self._asked = until
            served = self.account.available(until - _DAY, until, (self.simulator.faults,))
            self.offered.update(id(record) for record in served)
        return [record for record in self._readings if record.time > after and record.available <= until]


def count_logins(calls: Sequence[Call]) -> int:
    """Return how many log-ins were sent; the two steps of one count once."""
    number = 0
    is_second = False
    for call in calls:
        if call.endpoint == "AuthenticatePublisherAccount":
            number += 1
            is_second = call.status == 200
        elif call.endpoint.startswith(_LOGIN):
            number += not is_second
            is_second = False
    return number
