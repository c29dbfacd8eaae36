"""What can go wrong, as switches: for good, or for some calls, some endpoints, some time."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import KW_ONLY, dataclass, field, fields
from datetime import datetime
from random import Random


@dataclass(slots=True)
class Limited[T]:
    """A value of a switch that does not hold always.

    It holds for the next `calls` calls (counted down), for `endpoints` only (their last part), from `since` until
    `until`, and with a `probability`; what is None does not limit.
    """

    value: T
    _: KW_ONLY
    calls: int | None = None
    endpoints: Collection[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    probability: float | None = None

    def holds(self, endpoint: str, now: datetime, random: Random) -> bool:
        """Return whether the value holds for a call at this time; uses up one of its calls when it does."""
        if not self.holds_at(now) or (self.calls is not None and self.calls <= 0):
            return False
        if self.endpoints is not None and endpoint.lower() not in {name.lower() for name in self.endpoints}:
            return False
        if self.probability is not None and random.random() >= self.probability:
            return False
        if self.calls is not None:
            self.calls -= 1
        return True

    def holds_at(self, time: datetime) -> bool:
        """Return whether the value holds at a time, whatever the call."""
        return (self.since is None or self.since <= time) and (self.until is None or time < self.until)


type Setting[T] = T | Limited[T] | None
"""A switch: off (None), a value that holds always, or one that is limited."""


@dataclass(slots=True, kw_only=True)
class Faults:
    """All switches, off at first; the simulator has one set, each account another, which goes before."""

    # The way to the server.
    html_status: Setting[int] = None
    retry_after: Setting[str] = None
    redirect: Setting[str] = None
    disconnect: Setting[str] = None
    delay_seconds: Setting[float] = None
    body_delay_seconds: Setting[float] = None
    body: Setting[str] = None
    raw_body: Setting[str] = None
    content_type: Setting[str] = None
    date_header_skew_seconds: Setting[float] = None
    clock_skew_seconds: Setting[float] = None

    # Fault objects.
    fault_code: Setting[str] = None
    fault_message: Setting[str] = None
    subcode_format: Setting[int] = None

    # Log-in and session.
    login_failure: Setting[str] = None
    refuse_login: Setting[bool] = None
    lock_login: Setting[bool] = None
    lock_spelling: Setting[str] = None
    nil_id: Setting[bool] = None
    session: Setting[str] = None

    # The list of readings.
    empty_list: Setting[bool] = None
    sharing_off: Setting[bool] = None
    no_follower: Setting[bool] = None
    trend_as: Setting[str] = None
    date_slashes: Setting[bool] = None
    omit_wt: Setting[bool] = None
    system_time_skew_seconds: Setting[float] = None
    duplicate_after_seconds: Setting[float] = None
    shift_seconds: Setting[float] = None
    jitter_ms: Setting[int] = None
    malformed_readings: Setting[bool] = None

    # The wearer; these are compared with the time of the reading (`offline`: of its upload).
    value: Setting[int] = None
    trend: Setting[str] = None
    utc_offset_minutes: Setting[int] = None
    offline: Setting[bool] = None
    offline_loses: Setting[bool] = None

    # The rest.
    invitation_delay_seconds: Setting[float] = None
    state_as: Setting[str] = None
    system_time_as: Setting[str] = None
    status_page: Setting[str] = None


def of_status_page(faults: Faults) -> Faults:
    """Return what counts for the status page, which has a host of its own: its own switch, and what names it."""
    counting = Faults(status_page=faults.status_page)
    for switch in fields(faults):
        setting = getattr(faults, switch.name)
        if isinstance(setting, Limited) and setting.endpoints is not None:
            setattr(counting, switch.name, setting)
    return counting


@dataclass(slots=True, kw_only=True)
class Switches:
    """The switches as one call sees them: those of its account before those of the simulator."""

    layers: Sequence[Faults]
    endpoint: str
    now: datetime
    random: Random
    _held: dict[int, bool] = field(default_factory=dict)
    """What was found for each limited setting; it stays so for the call."""

    def get[T](self, pick: Callable[[Faults], Setting[T]]) -> T | None:
        """Return the value of a switch for this call, None for off; uses up one call of a limited one."""
        for layer in self.layers:
            setting = pick(layer)
            if isinstance(setting, Limited):
                if self._holds(setting):
                    return setting.value
            elif setting is not None:
                return setting
        return None

    def _holds[T](self, setting: Limited[T]) -> bool:
        key = id(setting)
        if key not in self._held:
            self._held[key] = setting.holds(self.endpoint, self.now, self.random)
        return self._held[key]


def at_time[T](layers: Sequence[Faults], pick: Callable[[Faults], Setting[T]], time: datetime) -> T | None:
    """Return the value of a switch at a time, None for off."""
    for layer in layers:
        setting = pick(layer)
        if isinstance(setting, Limited):
            if setting.holds_at(time):
                return setting.value
        elif setting is not None:
            return setting
    return None
