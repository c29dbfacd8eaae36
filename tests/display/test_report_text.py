"""The report in sentences: what is good, what to look at, since when, and what is said with too little data."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import re
from typing import Final

import pytest

from custom_components.dexcom_share.display import report_text as module
from custom_components.dexcom_share.display.report_text import report_text
from custom_components.dexcom_share.display.units import MGDL, MMOL
from custom_components.dexcom_share.glucose.statistics.counted import Readings
from custom_components.dexcom_share.glucose.statistics.goals import TARGET_SETS, TargetKey
from custom_components.dexcom_share.glucose.statistics.report import make_report
from custom_components.dexcom_share.glucose.statistics.windowed import Window
from custom_components.dexcom_share.share.models import GlucoseReading

PACKAGE: Final = Path(module.__file__).parent.parent
COMMON: Final = json.loads((PACKAGE / "translations" / "en.json").read_text())["common"]
END: Final = datetime(2026, 11, 21, 23, 55, tzinfo=UTC)
"""So four days begin with a reading at midnight."""
SPAN: Final = "From 2026-11-17 23:55 to 2026-11-21 23:55"
CADENCE: Final = timedelta(minutes=5)
DAY: Final = 288
"""Readings of a day."""


def say(key: str, **placeholders: str) -> str:
    """Return the English text."""
    return str(COMMON[key].format(**placeholders))


def text(
    value_at: Callable[[int], int | None],
    end: datetime = END,
    days: int = 4,
    targets: TargetKey = TargetKey.STANDARD,
    unit: str = MGDL,
) -> list[str]:
    """Return the sentences about some days; `value_at` tells each reading, oldest first, None for one missing."""
    start = end - timedelta(days=days)
    readings = [
        GlucoseReading(start + (place + 1) * CADENCE, value)
        for place in range(days * DAY)
        if (value := value_at(place)) is not None
    ]
    report = make_report(Readings.of(readings), Window(start=start, end=end), TARGET_SETS[targets])
    return re.split(r"(?<=\.) (?=[A-Z])", report_text(report, unit, say))


def test_all_is_well() -> None:
    """Five sentences also where there is nothing to look at."""
    assert text(lambda _: 100) == [
        (
            f"{SPAN}, 100 % of the readings were in range (70 to 180 mg/dL), 0 % below and 0 % above, and the mean was "
            "100 mg/dL."
        ),
        (
            "Good: 100 % in range, 0 % below the range, 0 % very low, 0 % above the range, 0 % very high, a variation "
            "of 0 %."
        ),
        "All targets were met.",
        "On every day since 2026-11-18, more than 70 % were in range.",
        "No hour of the day stands out.",
    ]


def test_nothing_is_well() -> None:
    """Lows and highs by turns meet no target."""
    sentences = text(lambda place: 50 if place % 2 else 300)
    assert sentences[1] == "No target was met."
    assert sentences[2].startswith(
        "To look at: 0 % in range, 50 % below the range, 50 % very low, 50 % above the range"
    )
    assert sentences[3] == "On no day since 2026-11-18 were more than 70 % in range."


def test_what_is_good_and_what_to_look_at_are_told_apart() -> None:
    """Each with its figure; the hours of the highs are the worst."""
    sentences = text(lambda place: 200 if 144 <= place % DAY < 240 else 100)
    assert sentences[1] == "Good: 0 % below the range, 0 % very low, 0 % very high, a variation of 35 %."
    assert sentences[2] == "To look at: 67 % in range, 33 % above the range."
    assert sentences[4] == "The best hour of the day is from 0:00 to 1:00, the worst from 12:00 to 13:00."


@pytest.mark.parametrize(
    ("good_days", "sentence"),
    [
        ((True, False, True, True), "On every day since 2026-11-20, more than 70 % were in range."),
        ((True, True, True, False), "On no day since 2026-11-21 were more than 70 % in range."),
        ((True, None, True, True), "On every day since 2026-11-20, more than 70 % were in range."),
        ((True, True, True, None), "On every day since 2026-11-18, more than 70 % were in range."),
    ],
)
def test_since_when_is_the_first_day_of_the_run(good_days: tuple[bool | None, ...], sentence: str) -> None:
    """A day with too few readings ends the run, but for the one that is under way."""
    values = {True: 100, False: 200, None: None}
    assert text(lambda place: values[good_days[place // DAY]])[3] == sentence


def test_parts_of_days_at_both_ends_say_nothing_of_days() -> None:
    """A window from noon to noon has three whole days."""
    assert (
        text(lambda _: 100, END + timedelta(hours=12))[3]
        == "On every day since 2026-11-19, more than 70 % were in range."
    )


def test_since_when_is_not_told_where_it_is_not_known() -> None:
    """The last two days say nothing, so it is not known whether it is still so."""
    sentences = text(lambda place: 100 if place < 8 * DAY else None, days=10)
    assert sentences[3] == "Since when it is so can't be told."


def test_targets_without_percentages_judge_nothing() -> None:
    """For these pregnancies a range is agreed, and no more."""
    sentences = text(lambda _: 100, targets=TargetKey.PREGNANCY_OTHER)
    assert "(63 to 140 mg/dL)" in sentences[0]
    assert sentences[1:4] == [
        "For these targets only a range is agreed, so nothing is called good.",
        "What to look at is for the care team to say.",
        "Since when it is so can't be told.",
    ]


def test_too_little_data_is_told_and_nothing_is_judged() -> None:
    """Also where what there is looks bad."""
    sentences = text(lambda place: 300 if place % 2 else None)
    assert sentences[1:] == [
        "There is too little data to judge: 50 % of the readings there could be, and at least 70 % are needed."
    ]
    assert text(lambda _: None) == [f"{SPAN} there are no readings."]


def test_concentrations_are_in_the_persons_unit_and_a_little_is_not_nothing() -> None:
    """One low reading of a thousand is less than one percent, and the others are not all."""
    [overview, *_] = text(lambda place: 60 if place == 500 else 100, unit=MMOL)
    assert ">99 % of the readings were in range (3.9 to 10.0 mmol/L), <1 % below and 0 % above" in overview
    assert overview.endswith("and the mean was 5.5 mmol/L.")


def test_each_text_is_used() -> None:
    """No text is without a place, and none is missing."""
    assert set(re.findall(r'"(report_\w+)"', Path(module.__file__).read_text())) == {
        key for key in COMMON if key.startswith("report_")
    }
