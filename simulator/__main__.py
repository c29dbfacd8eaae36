"""Run the simulator as a program: python -m simulator."""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import tzinfo
import errno
import math
from pathlib import Path
import signal
import sys
from typing import NoReturn

from aiohttp import web

from .accounts import REGIONS
from .clock import parse_zone
from .readings.sources import Source, SpedUpSource, TraceError, TraceSource
from .server import make_app
from .world import Simulator

DEFAULT_USER = ("demo@example.com", "demo")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal comes; return 0, or 1 where the server can't start."""
    options = _parser().parse_args(arguments)
    try:
        simulator = _simulator(options)
    except TraceError as error:
        return _fail(str(error))
    return asyncio.run(_serve(simulator, options.host, options.port))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator", description="A Dexcom Share server for loopback.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=8765, help="port to listen on, 0 for any (default: %(default)s)")
    parser.add_argument(
        "--user",
        type=_user,
        action="append",
        metavar="NAME:PASSWORD",
        help="a person who shares, may be given more than once (default: demo@example.com:demo)",
    )
    parser.add_argument(
        "--region",
        choices=REGIONS,
        action="append",
        help="where the account lives, in the order of --user (default: any)",
    )
    parser.add_argument("--trace", type=Path, metavar="CSV", help="play this trace, moved in time so that it ends now")
    parser.add_argument("--seed", type=int, default=0, help="make up other days (default: %(default)s)")
    parser.add_argument(
        "--speed", type=_speed, default=1.0, help="let the sensor's world run faster (default: %(default)g)"
    )
    parser.add_argument("--time-zone", type=_zone, default="UTC", help="where the wearers live (default: %(default)s)")
    parser.add_argument("--no-latency", action="store_true", help="readings are there as soon as they are taken")
    return parser


def _simulator(options: argparse.Namespace) -> Simulator:
    """Return the simulator with its accounts."""
    simulator = Simulator(seed=options.seed, latency=not options.no_latency)
    start = simulator.started
    trace = None if options.trace is None else TraceSource.from_file(options.trace, end=start)
    regions = iter(options.region or ())
    for name, password in options.user or [DEFAULT_USER]:
        source: Source = simulator.made_up(name, options.time_zone) if trace is None else simulator.delayed(trace, name)
        if options.speed != 1:
            source = SpedUpSource(source, start=start, speed=options.speed)
        simulator.add_account(name, password, source=source, region=next(regions, "any"), time_zone=options.time_zone)
    return simulator


async def _serve(simulator: Simulator, host: str, port: int) -> int:
    """Listen until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    runner = web.AppRunner(make_app(simulator), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        reason = "the port is in use" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
        return _fail(f"can't listen on {host}:{port}: {reason}")
    name = f"[{host}]" if ":" in host else host
    print(f"listening on http://{name}:{runner.addresses[0][1]}", flush=True)
    await stop.wait()
    await runner.cleanup()
    return 0


def _fail(reason: str) -> int:
    print(f"simulator: {reason}", file=sys.stderr)
    return 1


def _refuse(reason: str) -> NoReturn:
    raise argparse.ArgumentTypeError(reason)


def _user(text: str) -> tuple[str, str]:
    """Return name and password; everything behind the first colon is the password."""
    name, colon, password = text.partition(":")
    return (name, password) if name and colon and password else _refuse("not NAME:PASSWORD")


def _port(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and int(text) < 65536 else _refuse("not a port")


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    return speed if 0 < speed <= 10_000 else _refuse("not a speed above 0")


def _zone(text: str) -> tzinfo:
    try:
        return parse_zone(text)
    except ValueError:
        _refuse("not a time zone")


if __name__ == "__main__":
    sys.exit(main())
