"""One reading, and the trend that its value shows."""

import pytest

from simulator.readings.records import trend_of, with_trends

from ..conftest import MINUTE, START


@pytest.mark.parametrize(
    ("rate", "trend"),
    [
        (3, "DoubleUp"),
        (2.99, "SingleUp"),
        (2, "SingleUp"),
        (1, "FortyFiveUp"),
        (0.99, "Flat"),
        (-0.99, "Flat"),
        (-1, "FortyFiveDown"),
        (-2, "SingleDown"),
        (-2.99, "SingleDown"),
        (-3, "DoubleDown"),
        (-30, "DoubleDown"),
    ],
)
def test_trend_of_a_rate(rate: float, trend: str) -> None:
    """The limits are 1, 2 and 3 mg/dL per minute."""
    assert trend_of(rate) == trend


def test_trends_come_from_the_values() -> None:
    """From the reading before, when at most one is missing between; a second one at the same time has the same one."""
    minutes_and_values = [(0, 100), (5, 100), (10, 110), (10, 90), (20, 140), (32, 140), (37, 125)]
    rows = [(START + minutes * MINUTE, value) for minutes, value in minutes_and_values]
    assert [record.trend for record in with_trends(rows)] == [
        "NotComputable",
        "Flat",
        "SingleUp",
        "SingleDown",
        "DoubleUp",
        "NotComputable",
        "DoubleDown",
    ]
