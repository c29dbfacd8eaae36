"""What clocks show, and parts of the day."""

from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from typing import override
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.dexcom_share.glucose.reading_columns import EPOCH, milliseconds
from custom_components.dexcom_share.glucose.statistics.time_of_day import HoursOfDay, local_times_ms

from .making import DAY, HOUR, MINUTE, at

ZONES = [
    UTC,
    timezone(timedelta(hours=-3, minutes=-30)),
    *map(ZoneInfo, ("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Auckland")),
]


def shown(moment: datetime, zone: tzinfo) -> datetime:
    """Return what a clock shows, as if it were UTC."""
    return moment.astimezone(zone).replace(tzinfo=UTC)


@given(st.sampled_from(ZONES), st.integers(0, 2 * 365), st.lists(st.integers(0, 5 * 86_400), max_size=30))
def test_clocks_show_what_they_should(zone: tzinfo, day: int, seconds: list[int]) -> None:
    """In summer and winter, and in between."""
    start = datetime(2025, 1, 1, tzinfo=UTC) + day * DAY
    moments = [start + timedelta(seconds=one) for one in sorted(seconds)]
    told = [at(one) for one in local_times_ms(map(milliseconds, moments), zone)]
    assert told == [shown(moment, zone) for moment in moments]


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("month", [3, 4, 9, 10, 11])
def test_on_the_days_of_a_change(zone: tzinfo, month: int) -> None:
    """Every ten minutes of the months in which clocks are changed."""
    moments = [datetime(2026, month, 1, tzinfo=UTC) + place * 10 * MINUTE for place in range(30 * 144)]
    told = [at(one) for one in local_times_ms(map(milliseconds, moments), zone)]
    assert told == [shown(moment, zone) for moment in moments]


class Nowhere(tzinfo):
    """A zone that does not know its offset."""

    @override
    def utcoffset(self, _moment: datetime | None, /) -> None:
        """Return nothing."""

    @override
    def dst(self, _moment: datetime | None, /) -> None:
        """Return nothing."""

    @override
    def tzname(self, _moment: datetime | None, /) -> str:
        return "nowhere"

    @override
    def fromutc(self, moment: datetime, /) -> datetime:
        return moment


def test_a_zone_without_an_offset_is_utc() -> None:
    """As `tzinfo` permits."""
    assert list(local_times_ms([5], Nowhere())) == [5]


@pytest.mark.parametrize(
    ("start", "end", "inside", "outside"),
    [
        (time(6), time(22), ["06:00", "12:00", "21:59"], ["05:59", "22:00", "00:00"]),
        (time(22), time(6), ["22:00", "00:00", "05:59"], ["21:59", "06:00", "12:00"]),
        (time(0), time(6, 30), ["00:00", "06:29"], ["06:30", "23:59"]),
        (time(18), time(0), ["18:00", "23:59"], ["00:00", "17:59"]),
    ],
)
def test_hours_have_their_start_but_not_their_end(
    start: time, end: time, inside: list[str], outside: list[str]
) -> None:
    """Across midnight as well."""
    times = [EPOCH + 20_000 * DAY + int(text[:2]) * HOUR + int(text[3:]) * MINUTE for text in (*inside, *outside)]
    covered = HoursOfDay(start, end).cover(map(milliseconds, times))
    assert covered == [True] * len(inside) + [False] * len(outside)


def test_hours_must_not_be_empty() -> None:
    """Nobody can tell whether none or all are meant."""
    with pytest.raises(ValueError, match="none, or all"):
        HoursOfDay(time(6), time(6))
