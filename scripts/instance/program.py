"""Child processes that end when they are told to."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
import contextlib
from contextlib import AbstractAsyncContextManager
import ctypes
import os
from pathlib import Path
import signal
import socket
import sys
from types import TracebackType
from typing import Final, Self, override

STOP_SECONDS: Final = 30
_PR_SET_PDEATHSIG: Final = 1


class ProgramError(Exception):
    """A program did not do what was asked of it; the message is for the user."""


class Program(AbstractAsyncContextManager["Program"]):
    """A program that runs between entering and leaving; its output is kept in a file."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        folder: Path,
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Describe the program; nothing is started yet."""
        self.name = name
        self.log = log
        self._arguments = arguments
        self._folder = folder
        self._environment = {**os.environ, **(environment or {})}
        self._process: Process | None = None

    @override
    async def __aenter__(self) -> Self:
        """Start the program."""
        await self.start()
        return self

    @override
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the program, and with it whatever it started itself."""
        await self.stop()

    async def start(self) -> None:
        """Start the program in a session of its own: a Ctrl-C in the terminal reaches it only through us."""
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._arguments,
                cwd=self._folder,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )

    @property
    def exit_code(self) -> int | None:
        """Return how the program ended, None while it runs."""
        return self._process.returncode if self._process else None

    async def wait(self) -> int:
        """Wait until the program ends by itself; return its exit code."""
        if self._process is None:
            raise ProgramError(f"{self.name} was not started")
        return await self._process.wait()

    async def stop(self) -> None:
        """Ask the program to end, and end it if it does not."""
        process = self._process
        if process is None:
            return
        try:
            if process.returncode is None:
                process.terminate()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), STOP_SECONDS)
        finally:
            # Also when the wait is interrupted: nothing is left behind.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        await process.wait()

    def check(self) -> None:
        """Raise ProgramError with the end of its output when the program has ended."""
        if self.exit_code is not None:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])
            raise ProgramError(f"{self.name} ended with code {self.exit_code}; the end of {self.log}:\n{tail}")


def _end_with_parent() -> None:
    """Let the kernel end this process when ours is killed without a chance to do it."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def check_port(host: str, port: int) -> None:
    """Raise OSError when a server could not listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def free_port() -> int:
    """Return a port of the loopback interface that nothing listens on at present."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
