"""Uploading of readings from elsewhere: in the order that Share wants, and only what it should get."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from homeassistant.const import MAJOR_VERSION, MINOR_VERSION
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..account.account import Account
from ..display.failures import MISTAKES, failure, is_unsure, mistake, nothing_changed, sentence
from ..share import EgvRecord, GlucoseReading, ReceiverAssignment, RuntimeInfo, ShareError, ShareRequestError

OLDEST: Final = timedelta(hours=8)
"""Source: the practice of xdripswift."""
LEAST_SPACING: Final = timedelta(minutes=4, seconds=45)
"""Readings closer than this are those of two uploaders, or one reading twice; source: the practice of xdripswift."""
CLOCK_TOLERANCE: Final = timedelta(minutes=1)
"""A reading of a clock that is off by more would be shown to followers at the wrong time."""
CHECK_CLOCK_EVERY: Final = timedelta(hours=1)


type Steps = list[str]
"""What one call has done so far, by the keys of its sentences."""


class LeftOut(StrEnum):
    """Why a reading is not uploaded."""

    TOO_OLD = "too_old"
    TOO_CLOSE = "too_close"
    IN_FUTURE = "in_future"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is uploaded, oldest first, and what is not."""

    uploaded: list[GlucoseReading]
    left_out: list[tuple[GlucoseReading, LeftOut]]


def select(readings: Iterable[GlucoseReading], known: Iterable[datetime], now: datetime) -> Selection:
    """Return which readings to upload; `known` are the times of those that Share has already."""
    taken = list(known)
    selection = Selection(uploaded=[], left_out=[])
    for reading in sorted(readings, key=lambda reading: reading.time):
        if now - reading.time > OLDEST:
            selection.left_out.append((reading, LeftOut.TOO_OLD))
        elif reading.time > now + CLOCK_TOLERANCE:
            selection.left_out.append((reading, LeftOut.IN_FUTURE))
        elif any(abs(reading.time - time) < LEAST_SPACING for time in taken):
            selection.left_out.append((reading, LeftOut.TOO_CLOSE))
        else:
            selection.uploaded.append(reading)
            taken.append(reading.time)
    return selection


class Uploader:
    """Makes one account ready for a receiver once, and uploads from then on; one call at a time."""

    def __init__(
        self, hass: HomeAssistant, account: Account, known_since: Callable[[datetime], Iterable[datetime]]
    ) -> None:
        """Use the session of the account; `known_since` returns the times of readings that Share has already."""
        self._hass = hass
        self._account = account
        self._client = account.client
        self._known_since = known_since
        self._lock = asyncio.Lock()
        self._clock_checked: datetime | None = None
        self._ready_for: str | None = None
        self._uploaded: list[datetime] = []

    async def check(self, serial_number: str) -> ReceiverAssignment:
        """Return whose a receiver is."""
        try:
            return await self._client.check_receiver_assignment(serial_number)
        except ShareError as err:
            raise nothing_changed(self._hass, err) from err

    async def assign(self, serial_number: str) -> bool:
        """Assign a receiver to the account; return whether that was still to do."""
        async with self._steps() as steps:
            return await self._assign(steps, serial_number)

    async def start(self, serial_number: str) -> bool:
        """Switch Share on for a receiver; return whether it was off."""
        async with self._steps() as steps:
            return await self._start(steps, serial_number)

    async def stop(self) -> bool:
        """Switch Share off; return whether it was on."""
        async with self._steps() as steps:
            return await _step(steps, "stopped", self._client.stop_monitoring_session(), _NOT_ACTIVE)

    async def upload(self, serial_number: str, readings: Iterable[GlucoseReading]) -> Selection:
        """Upload readings; those that are too old, too close to one that Share has or in the future are left out."""
        async with self._steps() as steps:
            now = self._account.now()
            known = self._known_since(now - OLDEST - LEAST_SPACING)
            selection = select(readings, [*known, *self._uploaded], now)
            if selection.uploaded:
                await self._upload(steps, serial_number, selection.uploaded, now)
                newest = selection.uploaded[-1].time
                self._uploaded = [time for time in self._uploaded if newest - time < OLDEST]
                self._uploaded += [reading.time for reading in selection.uploaded]
            return selection

    @asynccontextmanager
    async def _steps(self) -> AsyncGenerator[Steps]:
        """Let one call at a time through, with a list of its own of what it did, and say that list if it fails."""
        async with self._lock:
            steps: Steps = []
            try:
                yield steps
            except ShareError as err:
                raise _failure(self._hass, err, steps) from err

    async def _upload(self, steps: Steps, serial_number: str, readings: list[GlucoseReading], now: datetime) -> None:
        """Send readings, with all that must come before."""
        await self._check_clock(now)
        if self._ready_for != serial_number:
            await self._client.update_runtime_info(RUNTIME_INFO)
            await self._assign(steps, serial_number)
            await self._start(steps, serial_number)
        records = [EgvRecord.from_reading(reading) for reading in readings]
        self._ready_for = None
        try:
            await self._post(steps, serial_number, records)
        except ShareRequestError as err:
            if err.code in _NOT_ASSIGNED:
                await self._assign(steps, serial_number)
            elif err.code not in _NOT_ACTIVE:
                raise
            await self._start(steps, serial_number)
            await self._post(steps, serial_number, records)
        self._ready_for = serial_number

    async def _post(self, steps: Steps, serial_number: str, records: list[EgvRecord]) -> None:
        """Send readings."""
        await _step(steps, "uploaded", self._client.post_readings(serial_number, records), frozenset())

    async def _check_clock(self, now: datetime) -> None:
        """Refuse to upload while the clock of this machine is wrong: what is uploaded was timed by it."""
        if self._clock_checked and timedelta(0) <= now - self._clock_checked < CHECK_CLOCK_EVERY:
            return
        offset = await self._client.read_system_time() - dt_util.utcnow()
        if abs(offset) > CLOCK_TOLERANCE:
            raise mistake("own_clock_wrong", seconds=str(round(abs(offset).total_seconds())))
        self._clock_checked = now

    async def _assign(self, steps: Steps, serial_number: str) -> bool:
        """Assign a receiver that is nobody's; return whether that was still to do."""
        assignment = await self._client.check_receiver_assignment(serial_number)
        if assignment is ReceiverAssignment.ASSIGNED_TO_YOU:
            return False
        if assignment is ReceiverAssignment.ASSIGNED_TO_SOMEONE_ELSE:
            raise ShareRequestError("The receiver is another account's", code="SerialNumberAssignedToSomeoneElse")
        return await _step(steps, "assigned", self._client.replace_receiver(serial_number), _ALREADY_ASSIGNED)

    async def _start(self, steps: Steps, serial_number: str) -> bool:
        """Switch Share on; return whether it was off."""
        return await _step(steps, "started", self._client.start_monitoring_session(serial_number), _ALREADY_ACTIVE)


async def _step(steps: Steps, name: str, call: Awaitable[None], done_before: frozenset[str]) -> bool:
    """Make one change, and remember it for what is told of a failure; return whether it was still to do."""
    try:
        await call
    except ShareRequestError as err:
        if err.code not in done_before:
            raise
        return False
    except ShareError as err:
        if is_unsure(err):
            steps.append(f"{name}_unsure")
        raise
    steps.append(name)
    return True


def _failure(hass: HomeAssistant, err: ShareError, steps: Steps) -> HomeAssistantError:
    """Return the error that says what happened, what was done and what was not."""
    if not steps:
        return nothing_changed(hass, err)
    key = MISTAKES.get(err.code) if isinstance(err, ShareRequestError) else None
    done = " ".join(sentence(hass, f"step_{name}") for name in steps)
    if key:
        return mistake("mistake_after", reason=sentence(hass, key), done=done)
    return failure(hass, "failed_after", err, done=done)


_ALREADY_ACTIVE: Final = frozenset({"MonitoringSessionAlreadyActive"})
_ALREADY_ASSIGNED: Final = frozenset({"SerialNumberAssignedToYou"})
_NOT_ACTIVE: Final = frozenset({"MonitoringSessionNotActive"})
_NOT_ASSIGNED: Final = frozenset({"MonitoredReceiverNotAssigned", "MonitoredReceiverSerialNumberDoesNotMatch"})

RUNTIME_INFO: Final = RuntimeInfo(
    device_manufacturer="Home Assistant",
    device_model="Home Assistant",
    device_os_name="Home Assistant",
    device_os_version=f"{MAJOR_VERSION}.{MINOR_VERSION}",
    app_name="dexcom_share",
    app_number="1",
    app_version="1",
)
