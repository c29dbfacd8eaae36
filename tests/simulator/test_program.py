"""The program: `python -m simulator`.

Also tests `__main__.py`.
"""

import ast
from collections.abc import Generator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
import json
from pathlib import Path
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from simulator import SpedUpSource
from simulator.__main__ import _parser, _simulator, main
from simulator.wire import Json

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "simulator"]


@contextmanager
def running(*arguments: str) -> Generator[tuple[subprocess.Popen[str], str]]:
    """Run the program until the block ends; gives the process and the address."""
    process = subprocess.Popen(  # noqa: S603  (our own program)
        [*COMMAND, "--port", "0", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:"), line
        yield process, line.removeprefix("listening on ").rstrip("\n")
    finally:
        process.kill()
        process.communicate()


def test_stands_alone() -> None:
    """Python and aiohttp are all it imports."""
    imported: set[str] = set()
    for path in (ROOT / "simulator").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add((node.module or "").partition(".")[0])
    assert imported - sys.stdlib_module_names == {"aiohttp"}


def fetch(url: str, body: Json = None) -> Json:
    """Return the JSON of an answer."""
    address = urlsplit(url)
    connection = HTTPConnection(address.netloc, timeout=30)
    with closing(connection):
        connection.request("GET" if body is None else "POST", address.path, None if body is None else json.dumps(body))
        value: Json = json.loads(connection.getresponse().read())
        return value


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_runs_until_a_signal(number: signal.Signals) -> None:
    """One line when it is ready, nothing else, and a quiet end."""
    with running() as (process, _):
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.usefixtures("socket_enabled")
def test_serves_the_users_it_was_given() -> None:
    """A password may hold a colon; the control interface shows who is there."""
    with running("--user", "anna:a:b", "--user", "ben:pw", "--region", "jp", "--seed", "5") as (_, address):
        state = fetch(f"{address}/_simulator/state")
        assert isinstance(state, dict)
        assert state["seed"] == 5
        accounts = state["accounts"]
        assert isinstance(accounts, list)
        known = [(one["name"], one["region"]) for one in accounts if isinstance(one, dict)]
        assert known == [("anna", "jp"), ("ben", "any")]
        application_id = "d8665ade-9673-4e27-9ff6-92db4ce13d13"
        body: Json = {"accountName": "anna", "password": "a:b", "applicationId": application_id}
        account_id = fetch(f"{address}/ShareWebServices/Services/General/AuthenticatePublisherAccount", body)
        assert account_id == (accounts[0]["account_id"] if isinstance(accounts[0], dict) else None)


@pytest.mark.usefixtures("socket_enabled")
def test_used_port_is_one_clear_line() -> None:
    """On standard error, with exit code 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(  # noqa: S603  (our own program)
            [*COMMAND, "--port", port], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"simulator: can't listen on 127.0.0.1:{port}: the port is in use\n"


def test_bad_trace_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Likewise."""
    assert main(["--trace", str(tmp_path / "none.csv")]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "none.csv: No such file" in captured.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--user", "anna"],
        ["--user", ":pw"],
        ["--user", "anna:"],
        ["--port", "65536"],
        ["--port", "-1"],
        ["--speed", "0"],
        ["--speed", "fast"],
        ["--speed", "nan"],
        ["--region", "eu"],
        ["--time-zone", "Mars"],
    ],
)
def test_bad_options_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With the usual words of a command line."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_defaults() -> None:
    """One demo user with made-up days, no more to it."""
    simulator = _simulator(_parser().parse_args([]))
    (account,) = simulator.accounts
    assert (account.name, account.password, account.region) == ("demo@example.com", "demo", "any")
    assert account.latest(simulator.started.replace(year=2000), simulator.started, 1)


def test_trace_and_speed(tmp_path: Path) -> None:
    """Everybody plays the trace, which ends when the program starts; faster where that was asked for."""
    path = tmp_path / "trace.csv"
    path.write_text("timestamp,glucose_value_mg_dl\n2026-01-01 00:00:00,100\n2026-01-01 00:05:00,120\n")
    options = ["--trace", str(path), "--user", "a:b", "--user", "c:d", "--speed", "60", "--no-latency"]
    simulator = _simulator(_parser().parse_args(options))
    start = simulator.started
    for account in simulator.accounts:
        assert isinstance(account.source, SpedUpSource)
        assert [record.value for record in account.available(start.replace(year=2000), start)] == [100, 120]
        assert account.latest(start.replace(year=2000), start, 1)[0].time == start
