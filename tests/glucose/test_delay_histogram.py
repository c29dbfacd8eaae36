"""The histogram of the upload delays: what is known of each, by hour, and nothing from which a time can be told."""

import json

import pytest

from custom_components.dexcom_share.glucose.delay_histogram import BOUNDS_SECONDS, MOST_OF_AN_HOUR, DelayHistogram


def test_a_reading_counts_for_the_interval_in_which_its_delay_lies() -> None:
    """The bounds are those around the last ask in vain and the ask that found it."""
    histogram = DelayHistogram()
    histogram.add(7, -285.0, 14.2)
    histogram.add(7, 10.0, 15.0)
    histogram.add(7, 14.9, 31.0)
    histogram.add(23, 240.0, 301.0)
    assert histogram.to_dict() == {"07": {"0-15": 1, "10-15": 1, "10-45": 1}, "23": {"240-600": 1}}


@pytest.mark.parametrize("by_seconds", [-5.0, 0.0, 600.1, 9e9])
def test_what_is_no_delay_is_not_counted(by_seconds: float) -> None:
    """Clocks differ by more than an upload takes."""
    histogram = DelayHistogram()
    histogram.add(0, -300.0, by_seconds)
    assert histogram.to_dict() == {}


def test_it_stays_small_however_long_it_counts() -> None:
    """An hour that has much is halved, with its single counts forgotten; others are left alone."""
    histogram = DelayHistogram()
    histogram.add(3, 40.0, 50.0)
    histogram.add(4, 40.0, 50.0)
    for _ in range(MOST_OF_AN_HOUR):
        histogram.add(4, 0.0, 12.0)
    assert histogram.to_dict() == {"03": {"30-60": 1}, "04": {"0-15": MOST_OF_AN_HOUR // 2}}
    for low in BOUNDS_SECONDS:
        for high in BOUNDS_SECONDS[1:]:
            for hour in range(24):
                histogram.add(hour, low + 0.1, max(high, low + 0.2))
    assert len(json.dumps(histogram.to_dict())) < 40_000


def test_it_survives() -> None:
    """As JSON."""
    histogram = DelayHistogram()
    histogram.add(7, 10.0, 15.0)
    histogram.add(17, 60.0, 99.0)
    stored = json.loads(json.dumps(histogram.to_dict()))
    assert DelayHistogram.from_dict(stored).to_dict() == histogram.to_dict()


@pytest.mark.parametrize(
    "damaged",
    [None, 7, [], {"07": 3}, {"7": {"10-15": 1}}, {"24": {"10-15": 1}}, {"07": {"15-10": 1}}, {"07": {"10-15": "1"}}]
    + [{"07": {"10-15": count}} for count in (0, -1, 1.5, MOST_OF_AN_HOUR + 1)],
    ids=str,
)
def test_what_is_damaged_is_left_out(damaged: object) -> None:
    """And the rest is kept."""
    assert DelayHistogram.from_dict(damaged).to_dict() == {}
    if isinstance(damaged, dict):
        assert DelayHistogram.from_dict({"05": {"0-5": 2}} | damaged).to_dict() == {"05": {"0-5": 2}}
