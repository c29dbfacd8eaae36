"""The simulator's own house: no ring of imports, short modules and functions, a test for every module."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2] / "simulator"
TESTS: Final = Path(__file__).parent
MODULES: Final = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
}


def imported(path: Path) -> Iterator[str]:
    """Yield the simulator's modules that a module imports, also those under `TYPE_CHECKING`."""
    package = path.relative_to(ROOT.parent).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            stem = ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])
            names = [f"{stem}.{alias.name}" for alias in node.names]
            yield from (name if name in MODULES else stem for name in names)


def test_imports_form_no_ring() -> None:
    """Every module can be read after those that it imports."""
    graph = {name: set(imported(path)) for name, path in MODULES.items()}
    assert graph["simulator.__main__"] >= {"simulator.server", "simulator.world"}
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("name", MODULES)
def test_modules_and_functions_are_short(name: str) -> None:
    """At most 350 lines a module and 60 a function."""
    text = MODULES[name].read_text()
    assert text.count("\n") <= 350
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < 60, node.name


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES.values() if path.name != "__init__.py"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_module_has_its_tests(path: Path) -> None:
    """In a file of its name at the same place, or where a file's docstring says so."""
    part = path.relative_to(ROOT)
    docstrings = (ast.get_docstring(ast.parse(test.read_text())) or "" for test in TESTS.rglob("test_*.py"))
    assert (TESTS / part.with_name(f"test_{part.name}")).exists() or any(f"`{part}`" in text for text in docstrings)
