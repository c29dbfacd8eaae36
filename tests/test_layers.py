"""The house keeps its shape: imports run downwards only, nothing is too long, and every module has its tests.

A room is a package at the root, with all packages inside of it (`glucose/` with `glucose/alerts/` and
`glucose/statistics/`), or a single module at the root. Levels are counted in rooms: of rooms that import each other one
by one, the longest way has eight. Rings are forbidden twice, among rooms and among modules; inside of a room the
modules may stand on each other as high as they like.
"""

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
import re

import pytest

REPOSITORY = Path(__file__).parent.parent
PACKAGE = "custom_components.dexcom_share"
ROOTS = ("custom_components", "simulator", "scripts")

MOST_LEVELS = 8
MOST_LINES_OF_A_MODULE = 350
MOST_LINES_OF_A_FUNCTION = 60

# What each room may import of ours besides itself, also under TYPE_CHECKING; a name with a dot is one module of a room.
# `docs/architecture.md` explains the rooms.
ROOMS: dict[str, set[str]] = {
    "const": set(),
    "share": set(),
    "glucose": {"share.models", "share.errors"},
    "storage": {"const"},
    "targets": {"const"},
    "frontend": {"const"},
    "display": {"glucose", "share", "const"},
    "fields": {"glucose"},
    "threshold": {"display", "share.models"},
    "account": {"share", "storage", "const"},
    "watch": {"glucose", "share", "storage", "const"},
    "coordinator": {"account", "watch", "display", "glucose", "share", "storage", "const"},
    "sharing": {"account", "display", "share", "storage", "const"},
    "night": {"watch", "display", "glucose", "storage", "const"},
    "person": {
        *{"coordinator", "sharing", "account", "night", "storage", "const"},
        *{"watch.memory", "glucose.data_status", "glucose.freshness"},
    },
    "entity": {"coordinator", "night", "sharing", "const"},
    "summary_sensor": {"entity", "display"},
    "charts": {"coordinator", "display", "glucose", "share.models"},
    "flows": {"person", "night", "sharing", "account", "display", "glucose", "share", "const"},
    "household": {"person", "display", "glucose", "const"},
    "statistics_sensors": {"coordinator", "entity", "display", "glucose"},
    "actions": {"charts", "person", "sharing", "display", "glucose", "share", "targets", "const"},
}
# A door is what Home Assistant looks for. It may import every room, and of the other doors only those named here.
DOORS: dict[str, set[str]] = {
    "__init__": {"services", "websocket_api"},
    "binary_sensor": set(),
    "button": set(),
    "condition": set(),
    "chain_flow": set(),
    "config_flow": {"chain_flow", "options_flow"},
    "diagnostics": set(),
    "event": set(),
    "image": set(),
    "llm": set(),
    "logbook": set(),
    "options_flow": set(),
    "repairs": set(),
    "sensor": set(),
    "services": set(),
    "switch": set(),
    "system_health": set(),
    "trigger": set(),
    "websocket_api": set(),
}
WITHOUT_HOME_ASSISTANT = ("share", "glucose")

# Modules without a test file of their name, and where they are tested; `__init__` files without code need no row.
TESTED_IN: dict[str, str] = {
    "account/client": "test_config_flow",
    "account/login_record": "account/test_account",
    "account/uptime": "account/test_account",
    "actions/chains": "night/test_proving",
    "actions/follower_alerts": "actions/test_followers",
    "actions/persons": "actions/test_followers",
    "actions/spans": "actions/test_readings",
    "binary_sensor": "test_sensor",
    "const": "test_init",
    "display/chart_address": "actions/test_charts",
    "display/card_data": "test_websocket_api",
    "display/alert_summary": "test_options_flow",
    "display/figures": "actions/test_statistics",
    "display/issues": "test_repairs",
    "display/texts": "display/test_speech",
    "display/units": "test_sensor",
    "entity": "test_sensor",
    "event": "watch/test_alert_keeper",
    "fields": "test_trigger",
    "frontend/__init__": "test_frontend",
    "frontend/dashboard": "test_frontend",
    "flows/alert_form": "test_options_flow",
    "flows/log_in": "test_config_flow",
    "flows/person": "test_config_flow",
    "glucose/alerts/announcing": "glucose/alerts/test_engine",
    "glucose/alerts/answers": "glucose/alerts/test_engine",
    "glucose/alerts/event_of": "glucose/alerts/test_engine",
    "glucose/alerts/facts": "watch/test_alert_keeper",
    "glucose/alerts/finding": "glucose/alerts/test_engine",
    "glucose/alerts/kinds": "glucose/alerts/test_engine",
    "glucose/alerts/moment": "glucose/alerts/test_engine",
    "glucose/alerts/measures": "glucose/alerts/test_engine",
    "glucose/alerts/sequence": "glucose/alerts/test_properties",
    "glucose/ranges": "test_trigger",
    "glucose/reading_columns": "glucose/test_history",
    "glucose/statistics/hourly": "watch/test_long_term_statistics",
    "night/calling": "night/test_runner",
    "night/checking": "night/test_proving",
    "night/ending": "night/test_keeper",
    "night/events": "night/test_runner",
    "night/proof": "night/test_proving",
    "night/simplest": "test_chain_flow",
    "night/stored": "night/test_keeper",
    "night/steps": "night/test_phone_answers",
    "night/watched": "night/test_runner",
    "person": "test_init",
    "services": "actions/test_alerts",
    "share/calls": "share/test_client",
    "share/follower_calls": "share/test_client",
    "share/upload_calls": "share/test_client",
    "share/models": "share/test_documents",
    "sharing/changes": "actions/test_followers",
    "sharing/ends": "actions/test_followers",
    "sharing/facts": "sharing/test_coordinator",
    "sharing/invitations": "actions/test_followers",
    "sharing/record": "sharing/test_coordinator",
    "sharing/removals": "sharing/test_coordinator",
    "sharing/uploader": "actions/test_uploading",
    "summary_sensor": "display/test_speech",
    "threshold": "test_trigger",
    "watch/recent_alerts": "test_websocket_api",
    "watch/cause": "test_data_status",
    "watch/status_page": "test_data_status",
}


@cache
def modules() -> dict[str, Path]:
    """Return the files of the repository by the names of their modules."""
    found = {}
    for root in ROOTS:
        for path in sorted(REPOSITORY.joinpath(root).rglob("*.py")):
            parts = path.relative_to(REPOSITORY).with_suffix("").parts
            if not {"stubs", "__pycache__"} & set(parts):
                found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imported(name: str) -> Iterator[str]:
    """Return the modules that one imports, under TYPE_CHECKING and inside of functions as well."""
    path = modules()[name]
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{stem}.{alias.name}"
                yield full if full in modules() else stem


@cache
def graph() -> Mapping[str, list[str]]:
    """Return which modules of the repository each of them imports."""
    return {
        name: sorted({target for target in imported(name) if target in modules() and target != name})
        for name in modules()
    }


def place(name: str) -> str:
    """Return the name of a module within the integration, `__init__` for the integration itself."""
    return name.removeprefix(PACKAGE).removeprefix(".") or "__init__"


def room_of(name: str) -> str:
    """Return the room of a module of the integration."""
    return place(name).split(".", maxsplit=1)[0]


def ours() -> list[str]:
    """Return the modules of the integration."""
    return [name for name in modules() if f"{name}.".startswith(f"{PACKAGE}.")]


def may_import(room: str, target: str) -> bool:
    """Return whether a room may import a module of the integration."""
    other = target.split(".", maxsplit=1)[0]
    if other == room:
        return True
    if room in DOORS:
        return other in ROOMS or other in DOORS[room]
    return other in ROOMS[room] or target in ROOMS[room]


@pytest.mark.parametrize("name", ours(), ids=place)
def test_imports_run_downwards(name: str) -> None:
    """A room imports what the table allows and nothing else of ours; the lower ones know no Home Assistant."""
    room = room_of(name)
    assert room in ROOMS or room in DOORS, f"{modules()[name]} has no row in ROOMS or DOORS"
    for target in imported(name):
        if f"{target}.".startswith(f"{PACKAGE}."):
            assert may_import(room, place(target)), f"{place(name)} imports {place(target)}"
        elif room in WITHOUT_HOME_ASSISTANT:
            assert target.split(".")[0] != "homeassistant", f"{place(name)} imports {target}"


@pytest.mark.parametrize("root", ["simulator", "custom_components"])
def test_roots_stand_alone(root: str) -> None:
    """Integration and simulator know neither each other nor scripts and tests, the simulator no Home Assistant."""
    strange = {"simulator", "custom_components", "scripts", "tests"} - {root}
    if root == "simulator":
        strange.add("homeassistant")
    for name in modules():
        if name.split(".")[0] == root:
            for target in imported(name):
                assert target.split(".")[0] not in strange, f"{name} imports {target}"


@cache
def rooms() -> Mapping[str, list[str]]:
    """Return which rooms of the integration each of them imports, doors among them."""
    found: dict[str, set[str]] = {}
    for name in ours():
        room = room_of(name)
        found.setdefault(room, set()).update(room_of(target) for target in graph()[name] if target in ours())
    return {room: sorted(targets - {room}) for room, targets in found.items()}


def find_ring(imports: Mapping[str, list[str]]) -> list[str]:
    """Return nodes of which each imports the next and the last the first, none where there is no such ring."""
    finished: set[str] = set()

    def follow(path: list[str]) -> list[str]:
        for target in imports[path[-1]]:
            if target in path:
                return path[path.index(target) :]
            if target not in finished and (ring := follow([*path, target])):
                return ring
        finished.add(path[-1])
        return []

    return next((ring for name in imports if name not in finished and (ring := follow([name]))), [])


@pytest.mark.parametrize("imports", [graph, rooms], ids=["modules", "rooms"])
def test_there_is_no_ring(imports: Callable[[], Mapping[str, list[str]]]) -> None:
    """No module and no room needs itself, by whatever way."""
    ring = find_ring(imports())
    assert not ring, "\n".join(f"{name} imports {target}" for name, target in pairwise([*ring, *ring[:1]]))


def test_levels_are_few() -> None:
    """The longest way of imports through the integration has few rooms."""
    assert not find_ring(rooms()), "levels can't be counted while there is a ring"

    @cache
    def longest(room: str) -> list[str]:
        return [room, *max((longest(target) for target in rooms()[room]), key=len, default=[])]

    way = max((longest(room) for room in rooms()), key=len)
    assert len(way) <= MOST_LEVELS, f"{len(way)} levels: {' imports '.join(way)}"


@pytest.mark.parametrize("name", modules())
def test_nothing_is_too_long(name: str) -> None:
    """Modules and functions can be taken in."""
    text = modules()[name].read_text()
    lines = len(text.splitlines())
    assert lines <= MOST_LINES_OF_A_MODULE, f"{name} has {lines} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= MOST_LINES_OF_A_FUNCTION, f"{name}.{node.name} has {lines} lines"


def has_code(path: Path) -> bool:
    """Return whether a file has more than a docstring, imports and what it offers."""
    *_, last = body = ast.parse(path.read_text()).body
    is_face = isinstance(last, ast.Assign) and ast.unparse(last.targets[0]) == "__all__"
    return not all(isinstance(node, ast.Expr | ast.Import | ast.ImportFrom) for node in body[: -1 if is_face else None])


def inside_package(path: Path) -> Path:
    """Return where a module of the integration is, without its suffix."""
    return path.relative_to(REPOSITORY / "custom_components" / "dexcom_share").with_suffix("")


@pytest.mark.parametrize("name", ours(), ids=place)
def test_every_module_is_tested(name: str) -> None:
    """A module has the test file of its name at the same place, or a row that names another one."""
    path = modules()[name]
    if path.name == "__init__.py" and not has_code(path):
        return
    inside = inside_package(path)
    own = REPOSITORY / "tests" / inside.parent / f"test_{inside.name.strip('_')}.py"
    row = TESTED_IN.get(inside.as_posix())
    assert own.exists() != bool(row), f"{inside}: one of {own.relative_to(REPOSITORY)} and a row in TESTED_IN is needed"
    assert not row or (REPOSITORY / "tests" / f"{row}.py").exists(), f"{inside}: there is no tests/{row}.py"


def test_tables_name_what_exists() -> None:
    """No row tells where a module is tested that is gone."""
    known = {inside_package(modules()[name]).as_posix() for name in ours()}
    assert set(TESTED_IN) <= known, set(TESTED_IN) - known


def test_the_map_names_what_exists() -> None:
    """Whoever looks for something finds the file that `docs/architecture.md` names."""
    text = (REPOSITORY / "docs" / "architecture.md").read_text()
    paths = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)*(?:/|\.(?:py|yaml|json)))`", text))
    assert paths
    for path in sorted(paths):
        places = [folder / path for folder in (REPOSITORY, REPOSITORY / "custom_components" / "dexcom_share")]
        assert any(place.exists() for place in places), f"docs/architecture.md names {path}"
    for room in ROOMS:
        assert re.search(rf"`{room}/?`", text) or room == "const", f"no word about {room}"
