"""The machine: its disk, which can fail or hang for the integration's files, and its clock, which begins at a boot."""

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant

from custom_components.dexcom_share.account import login_record
from custom_components.dexcom_share.account.uptime import Uptime
from custom_components.dexcom_share.const import DOMAIN

from ..virtual import NeverReturnsError, VirtualLoop


@contextmanager
def disk(broken: Collection[str]) -> Iterator[None]:
    """Let writing the integration's files raise while `broken` holds `storage`, never return with `storage hangs`."""
    with ExitStack() as stack:
        for module in ("homeassistant.helpers.storage", "homeassistant.helpers.json", "homeassistant.util.file"):
            for name in ("write_utf8_file", "write_utf8_file_atomic"):
                original = getattr(import_module(module), name)
                stack.enter_context(patch(f"{module}.{name}", _writing(original, broken)))
        yield


class Boots:
    """Which boot of the machine it is, and since when it runs."""

    def __init__(self, loop: VirtualLoop) -> None:
        """Begin with a machine that runs."""
        self._loop = loop
        self._count = 0
        self._began = 0.0

    def add(self) -> None:
        """Boot the machine: its monotonic clock begins at nothing."""
        self._count += 1
        self._began = self._loop.time()

    @contextmanager
    def seen(self) -> Iterator[None]:
        """Let the integration see this machine's clock and the name of its boot."""

        async def boot_id(_hass: HomeAssistant) -> str:
            return f"boot-{self._count}"

        def uptime(_self: Uptime) -> float:
            return self._loop.time() - self._began

        with patch.object(login_record, "_read_boot_id", boot_id), patch.object(Uptime, "__call__", uptime):
            yield


def _writing(write: Callable[..., None], broken: Collection[str]) -> Callable[..., None]:
    def write_or_not(filename: str, *args: Any, **kwargs: Any) -> None:
        if Path(filename).name.startswith(f"{DOMAIN}."):
            if "storage hangs" in broken:
                raise NeverReturnsError
            if "storage" in broken:
                raise OSError("the disk is broken")
        write(filename, *args, **kwargs)

    return write_or_not
