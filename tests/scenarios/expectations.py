"""What a scenario says must come of it, compared with what came.

Each expectation is one JSON object, with the times of the scenario:

- `{"entry": {field: value}, "from": a, "to": b, "count": n}`: so many entries of the timeline have these fields and lie
  in the span, ends included; a list of values means any of them; instead of `count` (1 when nothing is said)
  `at_least` and `at_most`; without `from` or `to` the span has no such end.
- `{"shown_at": t, "value": v}`: what is shown as the value at a moment (`stale`, `data_status`, `age_minutes` too).
- `{"figure": name, ...}`: with `count`, `at_least`, `at_most`, or `"as": name` for the same as another figure.
"""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

type Entry = Mapping[str, Any]


def breaches(outcome: Mapping[str, Any], expected: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a sentence for each expectation that does not hold."""
    timeline: Sequence[Entry] = outcome["timeline"]
    found: list[str] = [f"an error at {entry['at']}: {entry['error']}" for entry in timeline if "error" in entry]
    for expectation in expected:
        if "shown_at" in expectation:
            found += _shown(timeline, expectation)
        elif "figure" in expectation:
            number = outcome[expectation["figure"]]
            wanted = {**expectation, "count": outcome[expectation["as"]]} if "as" in expectation else expectation
            if not _fits(number, wanted):
                found.append(f"{expectation} does not hold: it is {number}")
        else:
            fitting = [entry for entry in timeline if _matches(entry, expectation)]
            if not _fits(len(fitting), expectation):
                near = [entry for entry in timeline if _matches(entry, {"entry": expectation["entry"]})]
                found.append(f"{expectation} does not hold: {len(fitting)} of {near}")
    return found


def _fits(number: int, expectation: Mapping[str, Any]) -> bool:
    """Return whether a number is one that is expected."""
    if "at_least" in expectation or "at_most" in expectation:
        return bool(expectation.get("at_least", 0) <= number <= expectation.get("at_most", inf))
    return bool(number == expectation.get("count", 1))


def _matches(entry: Entry, expectation: Mapping[str, Any]) -> bool:
    """Return whether an entry has the fields and lies in the span."""
    if not expectation.get("from", -inf) <= entry["at"] <= expectation.get("to", inf):
        return False
    return all(
        name in entry and entry[name] in (value if isinstance(value, list) else [value])
        for name, value in expectation["entry"].items()
    )


def _shown(timeline: Sequence[Entry], expectation: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with what is shown at a moment."""
    moment = expectation["shown_at"]
    before = [entry for entry in timeline if "shown" in entry and entry["at"] <= moment]
    if not before:
        return [f"nothing at all is shown at {moment}"]
    last = {**before[-1], "value": before[-1]["shown"]}
    wrong = {name: last[name] for name, value in expectation.items() if name != "shown_at" and last[name] != value}
    return [f"{expectation} does not hold: {wrong}"] if wrong else []
