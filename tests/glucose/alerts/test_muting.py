"""Muting has an end, by the clock at home, and damage never makes it longer."""

from datetime import UTC, datetime, time, timedelta
import json
from zoneinfo import ZoneInfo

import pytest

from custom_components.dexcom_share.glucose.alerts.muting import LONGEST, Mute, until_morning
from custom_components.dexcom_share.glucose.alerts.settings import AlertSettings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-01T22:00:00+00:00", "2026-03-02T05:30:00+00:00"),
        ("2026-03-02T01:00:00+00:00", "2026-03-02T05:30:00+00:00"),
        ("2026-03-02T05:30:00+00:00", "2026-03-03T05:30:00+00:00"),
        ("2026-03-28T22:00:00+00:00", "2026-03-29T04:30:00+00:00"),
        ("2026-03-28T23:30:00+00:00", "2026-03-29T04:30:00+00:00"),
        ("2026-10-24T22:00:00+00:00", "2026-10-25T05:30:00+00:00"),
    ],
    ids=[
        "evening",
        "night",
        "in the morning itself",
        "the clocks go forward",
        "after midnight at home",
        "the clocks go back",
    ],
)
def test_until_the_night_ends_next(now: str, until: str) -> None:
    """By the end of the night that is set, on the clocks at home."""
    settings = AlertSettings(night_end=time(6, 30))
    mute = until_morning(datetime.fromisoformat(now), settings, BERLIN, by="Demo")
    assert mute.until == datetime.fromisoformat(until)
    assert mute.until.tzinfo is UTC
    assert mute.by == "Demo"
    assert not mute.is_long


@pytest.mark.parametrize("now", ["2026-03-29T00:10:00+00:00", "2026-10-25T00:10:00+00:00", "2026-10-25T00:50:00+00:00"])
def test_a_night_that_ends_in_the_hour_that_is_missing_or_comes_twice(now: str) -> None:
    """The mute ends all the same, within a day and an hour."""
    settings = AlertSettings(night_end=time(2, 30))
    mute = until_morning(datetime.fromisoformat(now), settings, BERLIN)
    assert timedelta() < mute.until - mute.since <= 25 * HOUR


@pytest.mark.parametrize(
    ("since", "length", "holds"),
    [
        (NOW - HOUR, 2 * HOUR, (NOW - HOUR, NOW + HOUR)),
        (NOW - HOUR, HOUR, None),
        (NOW + 3 * HOUR, HOUR, (NOW, NOW + HOUR)),
        (NOW, 50000 * HOUR, (NOW, NOW + LONGEST)),
        (NOW - 1000 * HOUR, 50000 * HOUR, None),
    ],
    ids=["it holds", "its time is over", "the clock ran ahead", "damaged", "damaged and over"],
)
def test_what_holds(since: datetime, length: timedelta, holds: tuple[datetime, datetime] | None) -> None:
    """A mute keeps its length when the clock is corrected, and none is longer than the longest."""
    mute = Mute(since=since, until=since + length).at(NOW)
    assert (mute and (mute.since, mute.until)) == holds


@pytest.mark.parametrize(("hours", "is_long"), [(24, False), (25, True)])
def test_long(hours: int, is_long: bool) -> None:
    """More than a day is long."""
    assert Mute(since=NOW, until=NOW + hours * HOUR).is_long is is_long


@pytest.mark.parametrize("by", ["Demo", None])
def test_what_is_stored_comes_back(by: str | None) -> None:
    """Through JSON nothing is lost."""
    mute = Mute(since=NOW, until=NOW + HOUR, by=by)
    assert Mute.from_dict(json.loads(json.dumps(mute.to_dict()))) == mute


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        {},
        {"since": NOW.isoformat(), "until": "morning"},
        {"since": NOW.isoformat(), "until": NOW.isoformat()},
        {"since": "0001-01-01T00:00:00+10:00", "until": NOW.isoformat()},
    ],
)
def test_damage_is_no_mute(stored: object) -> None:
    """What can't be read has no end."""
    assert Mute.from_dict(stored) is None
