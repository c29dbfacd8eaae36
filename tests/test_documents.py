"""What the documents say of tests: each rule of the alerts and each hazard names one, and all of them exist."""

from pathlib import Path
import re

import pytest

TESTS = Path(__file__).parent
DOCS = TESTS.parent / "docs"
LAST_RULES = {"T": 4, "A": 5, "S": 10, "N": 5}
RULES = [f"{letter}{number}" for letter, last in LAST_RULES.items() for number in range(1, last + 1)]
NAMED = re.compile(r"`([\w/-]+\.(?:json|py)(?:::\w+)?)`")


def rows(page: str) -> list[list[str]]:
    """Return the rows of the tables of a page, without their heads."""
    lines = (DOCS / page).read_text().splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for number, line in enumerate(lines)
        if line.startswith("|")
        and not line.startswith("|---")
        and not (number + 1 < len(lines) and lines[number + 1].startswith("|---"))
    ]


def exists(name: str) -> bool:
    """Return whether there is a scenario of this path, or a file with this test."""
    path, _, function = name.partition("::")
    file = TESTS / ("scenarios" if path.endswith(".json") else "") / path
    if not file.is_file():
        return False
    return not function or bool(re.search(rf"^ *(async )?def {function}\(", file.read_text(), re.MULTILINE))


def find_missing(names: list[str]) -> list[str]:
    """Return which of some tests don't exist."""
    return [name for name in names if not exists(name)]


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_of_the_alerts_names_its_tests(rule: str) -> None:
    """`docs/alerts.md` has one row for each rule, with tests that exist."""
    [row] = [row for row in rows("alerts.md") if row[0] == rule]
    names = NAMED.findall(" ".join(row))
    assert names
    assert not find_missing(names)


def test_each_scenario_is_named() -> None:
    """A scenario that is called after a rule stands in the row of that rule."""
    named = {row[0]: " ".join(row) for row in rows("alerts.md")}
    for path in (TESTS / "scenarios").glob("*/*.json"):
        rule = path.stem.partition("-")[0]
        if rule != "table":
            assert path.name in named[rule], path.name


def test_each_hazard_names_its_tests() -> None:
    """`docs/safety.md` proves each of its rows by tests that exist."""
    hazards = rows("safety.md")
    assert hazards
    for row in hazards:
        assert len(row) == 4, row
        names = NAMED.findall(row[-1])
        assert names, row
        assert not find_missing(names), row
