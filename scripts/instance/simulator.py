"""The simulated Share server as a program."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
import re
import sys
from typing import Final

from .program import Program, ProgramError

ROOT: Final = Path(__file__).parent.parent.parent
START_SECONDS: Final = 60
USERNAME: Final = "demo@example.com"
PASSWORD: Final = "demo"
NAME: Final = "Anna"


class ShareServer(Program):
    """A simulator on the loopback interface."""

    def __init__(self, *, port: int, log: Path, options: Sequence[str] = ()) -> None:
        """Describe the simulator; port 0 takes any that is free."""
        super().__init__(
            "the simulator",
            [sys.executable, "-m", "simulator", "--port", str(port), *options],
            folder=ROOT,
            log=log,
        )
        self.url = ""

    async def ready(self) -> None:
        """Wait until it listens."""
        async with asyncio.timeout(START_SECONDS):
            while not (found := re.search(r"^listening on (\S+)", self.log.read_text(), re.MULTILINE)):
                self.check()
                await asyncio.sleep(0.05)
        self.url = found[1]

    @property
    def base_url(self) -> str:
        """Return what the form asks for as the address of a server."""
        if not self.url:
            raise ProgramError("the simulator is not ready")
        return f"{self.url}/ShareWebServices/Services/"

    @property
    def form(self) -> dict[str, object]:
        """Return the filled form of the config flow for the person on this server."""
        return {
            "region": "us",
            "username": USERNAME,
            "password": PASSWORD,
            "server": {"base_url": self.base_url},
        }

    @property
    def later_forms(self) -> dict[str, dict[str, object]]:
        """Return the filled forms of the config flow after the log-in, by their step."""
        return {"person": {"name": NAME, "unit": "mg/dL"}}
