"""A person's glucose as a picture for phones, loudspeakers with a screen and e-paper: drawn with Pillow, without words.

Zones differ by shape as well as by colour: dots in range are round, low ones point down, high ones up, and the value is
framed outside of the range, filled where it is urgent. Numbers, units and clock times need no translation, and the font
that Pillow carries has no letters but those of English.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from io import BytesIO
from math import cos, radians, sin
from typing import Final
from unicodedata import normalize

from PIL import Image, ImageDraw, ImageFont

from ..glucose.chart import Chart, Dot, Zone
from ..share.models import HIGH_LIMIT_MGDL, LOW_LIMIT_MGDL, Trend
from .units import MGDL, as_shown

WIDTH: Final = 1200
HEIGHT: Final = 600
"""Twice as wide as high: so phones show the picture of a notification."""

_FINE: Final = 2
"""Shapes are drawn so many times larger, which makes their edges smooth."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 118, 1184, 224, 540
_VALUE_HEIGHT: Final = 176
_MOST_DOT: Final = 8.5

_ANGLES: Final = {
    Trend.DOUBLE_UP: 90,
    Trend.SINGLE_UP: 90,
    Trend.FORTY_FIVE_UP: 45,
    Trend.FLAT: 0,
    Trend.FORTY_FIVE_DOWN: -45,
    Trend.SINGLE_DOWN: -90,
    Trend.DOUBLE_DOWN: -90,
}
"""Where an arrow points, in degrees from the right."""
_ARROW: Final = ((-0.5, -0.1), (0.02, -0.1), (0.02, -0.38), (0.5, 0), (0.02, 0.38), (0.02, 0.1), (-0.5, 0.1))
"""The outline of an arrow to the right, one long and centred."""
_TRIANGLE: Final = ((0, -1.25), (1.15, 0.85), (-1.15, 0.85))
"""The outline of a dot that points up, for a dot of radius one."""
_DIRECTION: Final = {Zone.URGENT_LOW: -1, Zone.LOW: -1, Zone.IN_RANGE: 0, Zone.HIGH: 1, Zone.URGENT_HIGH: 1}
_URGENT: Final = frozenset({Zone.URGENT_LOW, Zone.URGENT_HIGH})


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of a picture; those of the zones are told apart also without red or green."""

    ground: str
    text: str
    muted: str
    grid: str
    band: str
    zones: dict[Zone, str]


LIGHT: Final = Palette(
    ground="#ffffff",
    text="#1b1f24",
    muted="#6a737d",
    grid="#d0d7de",
    band="#dcefe7",
    zones={
        Zone.URGENT_LOW: "#a3001f",
        Zone.LOW: "#c23b00",
        Zone.IN_RANGE: "#00745a",
        Zone.HIGH: "#8a5a00",
        Zone.URGENT_HIGH: "#6f3f00",
    },
)
DARK: Final = Palette(
    ground="#101418",
    text="#f2f5f7",
    muted="#98a2ad",
    grid="#333b44",
    band="#12342b",
    zones={
        Zone.URGENT_LOW: "#ff6b7d",
        Zone.LOW: "#ff9466",
        Zone.IN_RANGE: "#4fd6aa",
        Zone.HIGH: "#ffc552",
        Zone.URGENT_HIGH: "#ffb020",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What stands above the curve.

    `value_mgdl` is None where no reading is current: dashes stand in its place. `time` is when the newest reading was
    taken, on the clock on the wall, `age` how long ago that was, None where no clock tells. `is_stale` greys all of it.
    """

    value_mgdl: int | None
    zone: Zone
    trend: Trend
    time: datetime | None
    age: timedelta | None
    is_stale: bool
    unit: str
    name: str | None = None


def draw(chart: Chart, headline: Headline, *, dark: bool) -> bytes:
    """Return the picture as PNG; takes some tens of milliseconds, so not for the event loop."""
    palette = DARK if dark else LIGHT
    if headline.is_stale:
        palette = replace(palette, text=palette.muted, zones=dict.fromkeys(Zone, palette.muted), band=palette.ground)
    image = Image.new("RGB", (WIDTH * _FINE, HEIGHT * _FINE), palette.ground)
    value = value_text(headline.value_mgdl, headline.unit)
    width = _text_width(value, _VALUE_HEIGHT) if value else 250
    shapes = _Shapes(image, palette)
    shapes.chart(chart)
    shapes.headline(headline, width)
    image = image.reduce(_FINE)
    _write(ImageDraw.Draw(image), chart, headline, palette)
    # Few colours make a small file; a phone may have to fetch it over a weak net.
    file = BytesIO()
    image.quantize(64, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(file, "PNG", compress_level=4)
    return file.getvalue()


def value_text(mgdl: int | None, unit: str) -> str:
    """Return a value as it is read, also beyond what a sensor measures; empty where there is none."""
    if mgdl is None:
        return ""
    if mgdl <= LOW_LIMIT_MGDL:
        return f"<{as_shown(LOW_LIMIT_MGDL + 1, unit)}"
    if mgdl >= HIGH_LIMIT_MGDL:
        return f">{as_shown(HIGH_LIMIT_MGDL - 1, unit)}"
    return str(as_shown(mgdl, unit))


def age_text(age: timedelta) -> str:
    """Return an age in minutes, in hours and minutes from two hours on, in days from two days on."""
    minutes = age // timedelta(minutes=1)
    if minutes < 120:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02} min"
    return f"{age.days} d"


def name_text(name: str) -> str:
    """Return a name as far as it can be written: without accents; empty where it has other letters."""
    plain = "".join(part for part in normalize("NFKD", name.replace("ß", "ss")) if not "\u0300" <= part <= "\u036f")
    return plain if plain.isascii() and plain.isprintable() else ""


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return the font that Pillow carries."""
    return ImageFont.load_default(size)


def _text_width(text: str, size: int) -> float:
    """Return how wide a text is."""
    return _font(size).getlength(text) if text else 0


class _Shapes:
    """Draws everything but letters, at the fine scale."""

    def __init__(self, image: Image.Image, palette: Palette) -> None:
        """Draw on an image in the colours of a palette."""
        self._draw = ImageDraw.Draw(image)
        self._palette = palette

    def chart(self, chart: Chart) -> None:
        """Draw band, grid, curve and forecast."""
        palette = self._palette
        low, high = (_y(edge) for edge in chart.band)
        self._draw.rectangle(_fine(_LEFT, high, _RIGHT, low), fill=palette.band)
        for tick in chart.time_ticks:
            self._line((_x(tick.x), _TOP), (_x(tick.x), _BOTTOM), palette.grid, 3)
        for value_tick in chart.value_ticks:
            y = _y(value_tick.y)
            color = palette.muted if value_tick.is_limit else palette.grid
            self._line((_LEFT, y), (_RIGHT, y), color, 5 if value_tick.is_limit else 3)
        self._line((_x(chart.now_x), _TOP), (_x(chart.now_x), _BOTTOM), palette.muted, 3)
        if chart.forecast:
            (x, y), (end_x, end_y) = ((_x(place[0]), _y(place[1])) for place in chart.forecast)
            for part in range(1, 6):
                start, end = ((x + (end_x - x) * at / 5, y + (end_y - y) * at / 5) for at in (part - 0.55, part))
                self._line(start, end, palette.text, 9)
        count = sum(map(len, chart.segments))
        radius = max(_MOST_DOT - count / 40, 3.8)
        for segment in chart.segments:
            places = [(_x(dot.x) * _FINE, _y(dot.y) * _FINE) for dot in segment]
            self._draw.line(places, fill=palette.muted, width=2 * _FINE)
            for dot in segment:
                self._dot(dot, radius)
        if chart.segments:
            self._dot(chart.segments[-1][-1], radius * 1.7)

    def headline(self, headline: Headline, width: float) -> None:
        """Draw the frame of the value, the arrow beside it, or dashes in place of both."""
        palette, zone = self._palette, headline.zone
        if headline.value_mgdl is None:
            for number in range(3):
                x = 40.0 + number * 90
                self._draw.rounded_rectangle(_fine(x, 96, x + 64, 114), radius=18, fill=palette.text)
            return
        arrows = _arrow_count(headline.trend)
        if zone is not Zone.IN_RANGE and not headline.is_stale:
            box = _fine(14, 14, 76 + width + (20 + 118 * arrows if arrows else 0), 202)
            is_urgent = zone in _URGENT
            color = palette.zones[zone]
            self._draw.rounded_rectangle(box, radius=56, fill=color if is_urgent else None, outline=color, width=16)
        angle = radians(_ANGLES.get(headline.trend, 0))
        for number in range(arrows):
            x, y = 124 + width + number * 118.0, 108.0
            outline = [
                (x + 116 * (a * cos(angle) + b * sin(angle)), y + 116 * (b * cos(angle) - a * sin(angle)))
                for a, b in _ARROW
            ]
            self._draw.polygon([(a * _FINE, b * _FINE) for a, b in outline], fill=_value_color(headline, palette))

    def _line(self, start: tuple[float, float], end: tuple[float, float], color: str, width: int) -> None:
        """Draw a line, its width at the fine scale."""
        self._draw.line(_fine(*start, *end), fill=color, width=width)

    def _dot(self, dot: Dot, radius: float) -> None:
        """Draw a reading in the shape of its zone."""
        x, y, radius = _x(dot.x) * _FINE, _y(dot.y) * _FINE, radius * _FINE
        color = self._palette.zones[dot.zone]
        if direction := _DIRECTION[dot.zone]:
            self._draw.polygon([(x + a * radius, y + direction * b * radius) for a, b in _TRIANGLE], fill=color)
        else:
            self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color)


def _write(draw: ImageDraw.ImageDraw, chart: Chart, headline: Headline, palette: Palette) -> None:
    """Write value, age, time and the numbers at the edges."""
    if value := value_text(headline.value_mgdl, headline.unit):
        color = _value_color(headline, palette)
        draw.text((44, 108), value, color, _font(_VALUE_HEIGHT), "lm", stroke_width=3)
    age = "" if headline.age is None else age_text(headline.age)
    clock = "" if headline.time is None else f"{headline.time:%H:%M}"
    name = name_text(headline.name) if headline.name else ""
    large, small = (66, 46) if name else (76, 54)
    y = 10 if name else 40
    # The age is what tells whether to rely on the rest.
    for text, size, stroke in ((name, small, 0), (age, large, 1), (f"{clock}   {headline.unit}".strip(), small, 0)):
        if text:
            draw.text((_RIGHT - 4, y), text, palette.text, _font(size), "ra", stroke_width=stroke)
            y += size + 10
    for value_tick in chart.value_ticks:
        number = as_shown(value_tick.mgdl, headline.unit)
        text = f"{number:g}" if headline.unit != MGDL and not value_tick.is_limit else str(number)
        color = palette.text if value_tick.is_limit else palette.muted
        draw.text((_LEFT - 14, _y(value_tick.y)), text, color, _font(44), "rm")
    for tick in chart.time_ticks:
        half = _text_width("00:00", 44) / 2
        if _LEFT - 60 + half <= _x(tick.x) <= _RIGHT - half:
            draw.text((_x(tick.x), _BOTTOM + 10), f"{tick.time:%H:%M}", palette.muted, _font(44), "ma")


def _arrow_count(trend: Trend) -> int:
    """Return how many arrows stand for a trend."""
    if trend not in _ANGLES:
        return 0
    return 2 if trend in {Trend.DOUBLE_UP, Trend.DOUBLE_DOWN} else 1


def _value_color(headline: Headline, palette: Palette) -> str:
    """Return the colour of value and arrow: that of the zone, or of the ground on a filled frame."""
    is_filled = headline.zone in _URGENT and not headline.is_stale
    return palette.ground if is_filled else palette.zones[headline.zone]


def _x(fraction: float) -> float:
    """Return where a place of the chart is from the left of the picture."""
    return _LEFT + fraction * (_RIGHT - _LEFT)


def _y(fraction: float) -> float:
    """Return where a place of the chart is from the top of the picture."""
    return _BOTTOM - fraction * (_BOTTOM - _TOP)


def _fine(*places: float) -> tuple[float, float, float, float]:
    """Return two corners at the fine scale."""
    left, top, right, bottom = (place * _FINE for place in places)
    return left, top, right, bottom
