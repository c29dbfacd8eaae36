"""Whether there are enough readings."""

import pytest

from custom_components.dexcom_share.glucose.statistics.sufficiency import CADENCE_MS, Sufficiency, expected_times_ms


@pytest.mark.parametrize(("n", "is_sufficient"), [(2822, False), (2823, True), (4032, True)])
def test_enough_are_70_percent(n: int, is_sufficient: bool) -> None:
    """2,823 of the 4,032 readings of 14 days."""
    assert Sufficiency.of(n, 4032).is_sufficient is is_sufficient


def test_exactly_70_percent_is_enough() -> None:
    """It is "at least"."""
    assert Sufficiency.of(7, 10).is_sufficient


def test_more_than_everything_is_everything() -> None:
    """A sensor may be a bit quicker than every five minutes."""
    assert Sufficiency.of(289, 288).percent == 100


def test_where_nothing_is_expected_there_is_never_enough() -> None:
    """Rather than an error."""
    sufficiency = Sufficiency.of(1, 0)
    assert (sufficiency.n, sufficiency.percent, sufficiency.is_sufficient) == (1, 0, False)


def test_readings_are_expected_every_five_minutes() -> None:
    """288 a day; a span has its end but not its start."""
    day = expected_times_ms(7, 7 + 288 * CADENCE_MS)
    assert len(day) == 288
    assert (day[0], day[-1]) == (7 + CADENCE_MS, 7 + 288 * CADENCE_MS)
