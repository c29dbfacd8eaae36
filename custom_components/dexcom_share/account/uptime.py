"""The monotonic clock by which the account clock counts."""

import asyncio
import time
from typing import Final

_BOOTTIME: Final[int | None] = getattr(time, "CLOCK_BOOTTIME", None)
"""The clock that also runs while the machine is suspended, where the system has it."""
_NO_SUSPENSION_SECONDS: Final = 1.0
"""The two clocks are not read at the same instant, so that they seem to differ a little."""


class Uptime:
    """A monotonic clock, in seconds, that goes on while the machine is suspended, where the system has one."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the loop whose clock it is while nothing is suspended."""
        self._loop = loop
        self._suspended = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        if _BOOTTIME is not None:
            suspended = time.clock_gettime(_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
            if suspended - self._suspended > _NO_SUSPENSION_SECONDS:
                self._suspended = suspended
        return self._loop.time() + self._suspended
