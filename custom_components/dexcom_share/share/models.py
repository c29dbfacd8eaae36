"""What Share speaks of, typed: readings, followers, alert settings, receivers.

Names, addresses and ids stay out of every repr.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, IntFlag, StrEnum
from typing import Final, Self

LOW_LIMIT_MGDL = 39
"""The value Share sends for "LOW", below what the sensor can measure."""
HIGH_LIMIT_MGDL = 401
"""The value Share sends for "HIGH", above what the sensor can measure."""


class Trend(StrEnum):
    """Direction and speed of the change, by the names of the wire and in the order of its numbers."""

    NONE = "None"
    DOUBLE_UP = "DoubleUp"
    SINGLE_UP = "SingleUp"
    FORTY_FIVE_UP = "FortyFiveUp"
    FLAT = "Flat"
    FORTY_FIVE_DOWN = "FortyFiveDown"
    SINGLE_DOWN = "SingleDown"
    DOUBLE_DOWN = "DoubleDown"
    NOT_COMPUTABLE = "NotComputable"
    RATE_OUT_OF_RANGE = "RateOutOfRange"


@dataclass(frozen=True, slots=True)
class GlucoseReading:
    """One reading of the sensor.

    `time` is an aware UTC datetime (milliseconds kept), `value` whole mg/dL with 39 and 401 for "LOW" and "HIGH",
    `utc_offset` the wearer's offset at that reading where Share told it.
    """

    time: datetime
    value: int
    trend: Trend = Trend.NONE
    utc_offset: timedelta | None = None

    @property
    def is_low_limit(self) -> bool:
        """Return whether the true value is somewhere below what the sensor measures."""
        return self.value <= LOW_LIMIT_MGDL

    @property
    def is_high_limit(self) -> bool:
        """Return whether the true value is somewhere above what the sensor measures."""
        return self.value >= HIGH_LIMIT_MGDL


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowerAlert:
    """One alert on a follower's phone: for values from `min_value_mgdl` to `max_value_mgdl`, both included.

    `delay` is how long the state must last, `repeat` after what time the alert comes again (zero: never); both whole
    minutes. `sound` is the name of a file on that phone.
    """

    is_enabled: bool
    min_value_mgdl: int
    max_value_mgdl: int
    delay: timedelta
    repeat: timedelta
    sound: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowerAlerts:
    """The four alerts a follower is invited with."""

    high: FollowerAlert
    low: FollowerAlert
    urgent_low: FollowerAlert
    no_data: FollowerAlert


DEFAULT_ALERT_SETTINGS: Final = FollowerAlerts(
    high=FollowerAlert(
        is_enabled=False,
        min_value_mgdl=200,
        max_value_mgdl=HIGH_LIMIT_MGDL,
        delay=timedelta(hours=1),
        repeat=timedelta(hours=2),
        sound="High.wav",
    ),
    low=FollowerAlert(
        is_enabled=False,
        min_value_mgdl=LOW_LIMIT_MGDL,
        max_value_mgdl=70,
        delay=timedelta(minutes=30),
        repeat=timedelta(hours=2),
        sound="Low.wav",
    ),
    urgent_low=FollowerAlert(
        is_enabled=True,
        min_value_mgdl=LOW_LIMIT_MGDL,
        max_value_mgdl=55,
        delay=timedelta(0),
        repeat=timedelta(minutes=30),
        sound="UrgentLow.wav",
    ),
    no_data=FollowerAlert(
        is_enabled=False,
        min_value_mgdl=LOW_LIMIT_MGDL,
        max_value_mgdl=HIGH_LIMIT_MGDL,
        delay=timedelta(hours=1),
        repeat=timedelta(0),
        sound="NoData.wav",
    ),
)
"""What the official app proposes: only the urgent low is switched on."""


class Permissions(IntFlag):
    """What a follower may do beyond the latest value and alerts; bits nobody knows are kept."""

    NONE = 0
    GRAPH = 1


class SubscriptionState(IntEnum):
    """How far a follower's subscription has come, by the numbers of the wire."""

    UNKNOWN = 0
    CREATED = 1
    INVITE_WAITING = 2
    INVITE_FAILED = 3
    INVITE_REJECTED = 4
    INVITE_EXPIRED = 5
    ACTIVE = 6
    PAUSED_BY_PUBLISHER = 7
    PAUSED_BY_SUBSCRIBER = 8
    CANCELED_BY_PUBLISHER = 9
    CANCELED_BY_SUBSCRIBER = 10
    CANCELED_BY_BOTH = 11
    ABANDONED_BY_SUBSCRIBER = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One follower, or one invitation, as the publisher's list shows it.

    `contact_name` is the publisher's name for the follower, `display_name` the publisher's own as the follower sees
    it; `subscriber_id` is None until the invitation is accepted. Times are aware UTC.
    """

    subscription_id: str = field(repr=False)
    contact_id: str = field(repr=False)
    contact_name: str = field(repr=False)
    display_name: str = field(repr=False)
    subscriber_id: str | None = field(repr=False)
    state: SubscriptionState
    permissions: Permissions
    is_enabled: bool
    is_monitoring_session_active: bool
    created: datetime | None
    modified: datetime | None
    invite_expires: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One person the publisher has invited; `subscription_id` is None where there is no subscription."""

    contact_id: str = field(repr=False)
    name: str = field(repr=False)
    email: str = field(repr=False)
    subscription_id: str | None = field(repr=False)
    created: datetime | None
    modified: datetime | None


class ReceiverAssignment(StrEnum):
    """Whose a receiver or transmitter is, by the words of the wire."""

    ASSIGNED_TO_YOU = "AssignedToYou"
    NOT_ASSIGNED = "NotAssigned"
    ASSIGNED_TO_SOMEONE_ELSE = "AssignedToSomeoneElse"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeInfo:
    """The uploading device and app, as Share files it."""

    device_manufacturer: str
    device_model: str
    device_os_name: str
    device_os_version: str
    app_name: str
    app_number: str
    app_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EgvRecord:
    """One reading to upload ("estimated glucose value"): aware times, whole mg/dL.

    `system_time` is the device's clock, `display_time` its wall clock written as if that were UTC.
    """

    system_time: datetime
    display_time: datetime
    value: int
    trend: Trend = Trend.NONE

    @classmethod
    def from_reading(cls, reading: GlucoseReading) -> Self:
        """Return the record as uploaders of today send it: both times UTC, in whole seconds."""
        time = reading.time.replace(microsecond=0)
        return cls(system_time=time, display_time=time, value=reading.value, trend=reading.trend)
