"""The dashboard of the demo, made of the entities that there are."""

from collections.abc import Iterable, Mapping
from typing import Final

PATH: Final = "glucose-demo"
TITLE: Final = "Glucose"
ICON: Final = "mdi:water"

NOW: Final = (
    "glucose_trend",
    "glucose_change",
    "predicted_glucose",
)
ALERTS: Final = ("alert", "data_status", "snooze_alerts", "acknowledge_alerts")


def views(entities: Mapping[str, str]) -> list[dict[str, object]]:
    """Return the views for the entity ids by their translation keys."""
    value = entities["glucose_value"]
    return [
        {
            "title": TITLE,
            "type": "sections",
            "max_columns": 2,
            "sections": [
                _section("Now", ICON, [_tile(value, columns=12), *_tiles(entities, NOW)]),
                _section(
                    "Last day",
                    "mdi:chart-line",
                    [{"type": "history-graph", "entities": [value], "hours_to_show": 24}],
                ),
                _section("Alerts", "mdi:bell-outline", _tiles(entities, ALERTS)),
            ],
        }
    ]


def _section(heading: str, icon: str, cards: list[dict[str, object]]) -> dict[str, object]:
    return {"type": "grid", "cards": [{"type": "heading", "heading": heading, "icon": icon}, *cards]}


def _tiles(entities: Mapping[str, str], keys: Iterable[str]) -> list[dict[str, object]]:
    """Return a tile for each of the entities that there is."""
    return [_tile(entities[key], columns=6) for key in keys if key in entities]


def _tile(entity: str, *, columns: int) -> dict[str, object]:
    """Return a tile that leaves the person's name out."""
    return {
        "type": "tile",
        "entity": entity,
        "name": {"type": "entity"},
        "grid_options": {"columns": columns},
    }
