"""The disk of the machine, which can fail or hang for the files of the integration."""

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

from custom_components.dexcom_share.const import DOMAIN

from ..virtual import NeverReturnsError


@contextmanager
def disk(broken: Collection[str]) -> Iterator[None]:
    """Let writing the integration's files raise while `broken` holds `storage`, never return with `storage hangs`."""
    with ExitStack() as stack:
        for module in ("homeassistant.helpers.storage", "homeassistant.helpers.json", "homeassistant.util.file"):
            for name in ("write_utf8_file", "write_utf8_file_atomic"):
                original = getattr(import_module(module), name)
                stack.enter_context(patch(f"{module}.{name}", _writing(original, broken)))
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
