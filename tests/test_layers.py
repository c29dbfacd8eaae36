"""The direction of imports: house -> meaning -> models of the wire."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "custom_components" / "dexcom_share"
LOWER = sorted([*ROOT.joinpath("share").rglob("*.py"), *ROOT.joinpath("glucose").rglob("*.py")])


def imported_modules(path: Path) -> set[str]:
    """Return the absolute names of the modules that a file imports."""
    package = ["custom_components", "dexcom_share", *path.relative_to(ROOT).parts[:-1]]
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            names.update({stem, *(f"{stem}.{alias.name}" for alias in node.names)})
    return names


@pytest.mark.parametrize("path", LOWER, ids=lambda path: str(path.relative_to(ROOT)))
def test_lower_layers_know_nothing_above_them(path: Path) -> None:
    """`share` and `glucose` never import Home Assistant or the house, and `share` not even `glucose`."""
    ours = "custom_components.dexcom_share"
    allowed = (f"{ours}.share",) if "share" in path.relative_to(ROOT).parts else (f"{ours}.share", f"{ours}.glucose")
    for name in imported_modules(path):
        assert name.split(".", maxsplit=1)[0] != "homeassistant"
        assert not name.startswith(ours) or name.startswith(allowed), name
