"""The dashboard of the demo, made of the entities that there are."""

from collections.abc import Mapping

from .api import first_known

PATH = "glucose-demo"
TITLE = "Glucose"
ICON = "mdi:water"


def views(entities: Mapping[str, str]) -> list[dict[str, object]]:
    """Return the views for the entity ids by their translation keys."""
    value = entities["glucose_value"]
    now = first_known(entities, ("glucose_trend", "glucose_change", "glucose_reading_time", "stale"))
    return [
        {
            "title": TITLE,
            "type": "sections",
            "max_columns": 2,
            "sections": [
                {
                    "type": "grid",
                    "cards": [
                        {"type": "heading", "heading": "Now", "icon": ICON},
                        {
                            "type": "tile",
                            "entity": value,
                            "features": [{"type": "trend-graph", "hours_to_show": 3}],
                            "grid_options": {"columns": 12, "rows": 2},
                        },
                        *({"type": "tile", "entity": entity} for entity in now),
                    ],
                },
                {
                    "type": "grid",
                    "cards": [
                        {"type": "heading", "heading": "Last day", "icon": "mdi:chart-line"},
                        {"type": "history-graph", "entities": [value], "hours_to_show": 24},
                    ],
                },
            ],
        }
    ]
