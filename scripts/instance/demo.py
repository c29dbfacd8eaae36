"""The demo: Home Assistant with this integration, set up against a simulated Share server."""

import argparse
import asyncio
from collections.abc import Sequence
import contextlib
import fcntl
import json
from pathlib import Path
import shutil
import signal
import sys
from typing import Final, TextIO

import aiohttp

from . import dashboard
from .api import Api, Owner
from .home_assistant import RESTART_EXIT_CODE, ROOT, HomeAssistant, Settings, prepare
from .program import ProgramError, check_port
from .simulator import PASSWORD, USERNAME, ShareServer

DOMAIN: Final = "dexcom_share"
FOLDER: Final = ROOT / ".demo"
OWNER: Final = Owner()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo until a signal comes; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        asyncio.run(_until_signal(options))
    except ProgramError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except TimeoutError:
        print(f"demo: it takes too long; see the logs in {FOLDER}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/demo", description="Home Assistant with Dexcom Share, beside a simulated Share server."
    )
    parser.add_argument("--port", type=_port, default=8123, help="port of Home Assistant (default: %(default)s)")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address Home Assistant listens on (default: %(default)s, this machine only)",
    )
    parser.add_argument(
        "--simulator-port", type=_port, default=8765, help="port of the simulator (default: %(default)s)"
    )
    parser.add_argument("--trace", type=Path, metavar="CSV", help="play this trace instead of made-up days")
    parser.add_argument("--seed", type=int, help="make up other days")
    parser.add_argument("--fresh", action="store_true", help="begin anew: forget account, settings and history")
    return parser


def _port(text: str) -> int:
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError("not a port")


async def _until_signal(options: argparse.Namespace) -> None:
    """Run the demo; a signal ends it in good order."""
    task = asyncio.ensure_future(_run(options))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _run(options: argparse.Namespace) -> None:
    with _only_one() as lock:
        for name, host, port, option in (
            ("Home Assistant", options.host, options.port, "--port"),
            ("the simulator", "127.0.0.1", options.simulator_port, "--simulator-port"),
        ):
            try:
                check_port(host, port)
            except OSError as error:
                reason = f"{name} can't listen on port {port} of {host}: {error.strerror}"
                raise ProgramError(f"{reason}; choose another with {option}") from None
        if options.trace and not options.trace.is_file():
            raise ProgramError(f"there is no file {options.trace}")
        if options.fresh:
            _clear(keep=Path(lock.name))
        settings = Settings(folder=FOLDER, host=options.host, port=options.port)
        prepare(settings)
        server = ShareServer(port=options.simulator_port, log=FOLDER / "simulator.log", options=_days(options))
        print("demo: starting Home Assistant and the simulator", flush=True)
        async with server, HomeAssistant(settings) as home_assistant, aiohttp.ClientSession() as session:
            await server.ready()
            await home_assistant.ready(session)
            await _set_up(Api(session, home_assistant.url), server)
            _announce(home_assistant, server)
            try:
                await _watch(home_assistant, server)
            finally:
                print("\ndemo: stopping", flush=True)


def _only_one() -> TextIO:
    """Return the open file that keeps a second demo out of this folder."""
    FOLDER.mkdir(exist_ok=True)
    lock = (FOLDER / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise ProgramError("a demo is running already; stop it first") from None
    return lock


def _clear(*, keep: Path) -> None:
    for path in FOLDER.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path != keep:
            path.unlink()


def _days(options: argparse.Namespace) -> list[str]:
    """Return which days the simulator is to play."""
    days = []
    if options.trace:
        days += ["--trace", str(options.trace.resolve())]
    if options.seed is not None:
        days += ["--seed", str(options.seed)]
    return days


async def _set_up(api: Api, server: ShareServer) -> None:
    """Bring the instance to where a user would have brought it; do only what is still to be done."""
    await api.sign_in(OWNER)
    await api.running()
    known = FOLDER / "server.json"
    entries = await api.entries(DOMAIN)
    if not entries:
        await api.add(DOMAIN, server.form, server.later_forms)
    elif not known.exists() or json.loads(known.read_text()) != server.url:
        await api.reconfigure(DOMAIN, entries[0], server.form)
    known.write_text(json.dumps(server.url))
    if dashboard.PATH not in await api.dashboards():
        await api.add_dashboard(dashboard.PATH, title=dashboard.TITLE, icon=dashboard.ICON, config=dashboard.CONFIG)
    await api.show_first(dashboard.PATH)


def _announce(home_assistant: HomeAssistant, server: ShareServer) -> None:
    log = home_assistant.home_assistant_log.relative_to(ROOT)
    print(
        f"""
  Home Assistant  {home_assistant.url}
  log-in          {OWNER.username} / {OWNER.password}
  simulator       {server.url}  ({USERNAME} / {PASSWORD})
  log             {log}

Ctrl-C ends both.""",
        flush=True,
    )


async def _watch(home_assistant: HomeAssistant, server: ShareServer) -> None:
    """Wait for ever; raise when one of the two ends by itself, but let a user restart Home Assistant."""
    while True:
        ends = [asyncio.ensure_future(program.wait()) for program in (home_assistant, server)]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
        server.check()
        if home_assistant.exit_code != RESTART_EXIT_CODE:
            home_assistant.check()
        await home_assistant.start()


if __name__ == "__main__":
    sys.exit(main())
