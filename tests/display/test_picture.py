"""The picture of a chart: what it says, and how zones differ also for who sees no colours."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

from PIL import Image, ImageColor
import pytest

from custom_components.dexcom_share.display.picture import (
    DARK,
    HEIGHT,
    LIGHT,
    WIDTH,
    Headline,
    age_text,
    draw,
    name_text,
    value_text,
)
from custom_components.dexcom_share.display.units import MGDL, MMOL
from custom_components.dexcom_share.glucose.chart import Limits, Zone, make_chart
from custom_components.dexcom_share.glucose.forecast import Forecast
from custom_components.dexcom_share.share import GlucoseReading, Trend

NOW = datetime(2026, 11, 22, 13, 37, tzinfo=UTC)
LIMITS = Limits(low=70, high=180, urgent_low=55, urgent_high=300)
CHART = make_chart(
    [GlucoseReading(NOW - timedelta(minutes=3 + 5 * place), 200 - place * 10) for place in range(15, -1, -1)],
    NOW,
    timedelta(hours=3),
    LIMITS,
    UTC,
    forecast=Forecast(value_mgdl=220, urgent_low_chance=0),
)
HEADLINE = Headline(
    value_mgdl=104,
    zone=Zone.IN_RANGE,
    trend=Trend.FLAT,
    time=NOW - timedelta(minutes=3),
    age=timedelta(minutes=3, seconds=20),
    is_stale=False,
    unit=MGDL,
)
INSIDE_OF_THE_FRAME = (32, 170)
ON_THE_FRAME = (18, 108)


def picture(headline: Headline, *, dark: bool = False) -> Image.Image:
    """Return what is drawn."""
    image = Image.open(BytesIO(draw(CHART, headline, dark=dark)), formats=["PNG"])
    return image.convert("RGB")


def is_color(image: Image.Image, place: tuple[int, int], color: str) -> bool:
    """Return whether a point has nearly this colour: the file has few of them."""
    found, wanted = image.getpixel(place), ImageColor.getrgb(color)
    assert isinstance(found, tuple)
    return all(abs(one - other) < 24 for one, other in zip(found, wanted, strict=True))


def has_color(image: Image.Image, color: str) -> bool:
    """Return whether a colour is to be seen anywhere."""
    wanted = ImageColor.getrgb(color)
    colors = image.getcolors(WIDTH * HEIGHT)
    assert colors
    found = [color for _, color in colors if isinstance(color, tuple)]
    return any(sum(abs(one - other) for one, other in zip(each, wanted, strict=True)) < 30 for each in found)


@pytest.mark.parametrize("dark", [False, True])
def test_a_picture_is_twice_as_wide_as_high(dark: bool) -> None:
    """On its ground, in the colours of the zones that its readings are in."""
    image = picture(HEADLINE, dark=dark)
    palette = DARK if dark else LIGHT
    assert image.size == (WIDTH, HEIGHT) == (1200, 600)
    assert is_color(image, (2, 2), palette.ground)
    assert has_color(image, palette.zones[Zone.IN_RANGE])
    assert has_color(image, palette.zones[Zone.HIGH])


@pytest.mark.parametrize(
    ("zone", "on_frame", "inside"),
    [
        (Zone.URGENT_LOW, True, True),
        (Zone.LOW, True, False),
        (Zone.IN_RANGE, False, False),
        (Zone.HIGH, True, False),
        (Zone.URGENT_HIGH, True, True),
    ],
)
def test_zones_differ_without_colours(zone: Zone, on_frame: bool, inside: bool) -> None:
    """No frame in range, a frame outside of it, a filled one where it is urgent."""
    image = picture(replace(HEADLINE, zone=zone))
    assert is_color(image, ON_THE_FRAME, LIGHT.zones[zone] if on_frame else LIGHT.ground)
    assert is_color(image, INSIDE_OF_THE_FRAME, LIGHT.zones[zone] if inside else LIGHT.ground)


def test_each_zone_has_a_shape_of_its_own() -> None:
    """A low dot points down, a high one up, one in range is round."""
    drawn = set()
    for value in (60, 120, 250):
        reading = GlucoseReading(NOW - timedelta(minutes=90), value)
        chart = make_chart([reading], NOW, timedelta(hours=3), LIMITS, UTC)
        image = Image.open(BytesIO(draw(chart, HEADLINE, dark=False))).convert("RGB")
        [[dot]] = chart.segments
        x, y = round(118 + dot.x * 1066), round(540 - dot.y * 316)
        color = LIGHT.zones[dot.zone]
        # Above and below the middle, away from the axis of the dot.
        drawn.add((is_color(image, (x + 9, y - 9), color), is_color(image, (x + 9, y + 9), color)))
    assert drawn == {(True, False), (False, True), (True, True)}


@pytest.mark.parametrize("zone", Zone)
def test_what_is_stale_is_grey(zone: Zone) -> None:
    """Neither the value nor the curve has the colour of a zone, nor is there a frame."""
    image = picture(replace(HEADLINE, zone=zone, is_stale=True))
    assert not any(has_color(image, color) for color in LIGHT.zones.values())
    assert is_color(image, ON_THE_FRAME, LIGHT.ground)


def test_dashes_stand_for_a_value_that_is_not_current() -> None:
    """Three of them, greyed; whatever the trend was, no arrow points anywhere."""
    old = replace(HEADLINE, value_mgdl=None, is_stale=True)
    image = picture(old)
    assert all(is_color(image, (70 + place * 90, 105), LIGHT.muted) for place in range(3))
    assert not any(is_color(image, (x, 60), LIGHT.muted) for x in range(10, 400))
    assert image == picture(replace(old, trend=Trend.DOUBLE_DOWN, zone=Zone.LOW))


def test_nothing_known_can_be_drawn() -> None:
    """No reading, and no clock that tells an age."""
    chart = make_chart([], NOW, timedelta(hours=3), LIMITS, UTC)
    headline = replace(HEADLINE, value_mgdl=None, time=None, age=None, is_stale=True, trend=Trend.NONE)
    assert draw(chart, headline, dark=True).startswith(b"\x89PNG")


def test_each_trend_has_an_arrow_of_its_own() -> None:
    """Where there is none to tell, there is none."""
    drawn = {draw(CHART, replace(HEADLINE, trend=trend), dark=False) for trend in Trend}
    assert len(drawn) == 8
    without = {draw(CHART, replace(HEADLINE, trend=trend), dark=False) for trend in (Trend.NONE, Trend.NOT_COMPUTABLE)}
    assert len(without) == 1


def test_a_name_is_there_where_it_is_given() -> None:
    """Accents are left off, and a name in other letters is left out: the font has none of them."""
    plain = picture(HEADLINE)
    assert picture(replace(HEADLINE, name="Zoë")) == picture(replace(HEADLINE, name="Zoe")) != plain
    assert picture(replace(HEADLINE, name="Яна")) == plain
    assert [name_text(name) for name in ("José Groß", "Łukasz", "", "A\nB")] == ["Jose Gross", "", "", ""]


@pytest.mark.parametrize(
    ("mgdl", "unit", "text"),
    [
        (104, MGDL, "104"),
        (104, MMOL, "5.8"),
        (39, MGDL, "<40"),
        (39, MMOL, "<2.2"),
        (401, MGDL, ">400"),
        (401, MMOL, ">22.2"),
        (None, MGDL, ""),
    ],
)
def test_values_are_read_in_the_unit_of_the_person(mgdl: int | None, unit: str, text: str) -> None:
    """What the sensor can't measure is told as such."""
    assert value_text(mgdl, unit) == text
    if mgdl:
        assert picture(replace(HEADLINE, value_mgdl=mgdl, unit=unit)).size == (WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "0 min"), (119, "119 min"), (120, "2 h 00 min"), (2879, "47 h 59 min"), (2880, "2 d"), (4400, "3 d")],
)
def test_ages_are_short(minutes: int, text: str) -> None:
    """In the largest unit that still says enough."""
    assert age_text(timedelta(minutes=minutes, seconds=59)) == text
