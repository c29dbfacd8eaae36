"""The oddities of the wire, each in one place: dates, trends, values and how readings are made of them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import batched
import logging
import re
from typing import Final, NamedTuple

import orjson

from .errors import ShareResponseError
from .models import LOW_LIMIT_MGDL, GlucoseReading, Trend

_LOGGER = logging.getLogger(__name__)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Fourteen digits reach the year 5138, so no match overflows a datetime.
_DATE: Final = re.compile(r"/?Date\(([1-9][0-9]{0,13})(?:([+-])([0-9]{2})([0-5][0-9]))?\)/?")
_LARGEST_UTC_OFFSET: Final = timedelta(hours=14)

_TREND_FILLER: Final = re.compile(r"[\s_-]")
_TRENDS: Final = tuple(Trend)
_TREND_BY_NAME: Final = {trend.casefold(): trend for trend in Trend}

# A value beyond 401 has never been seen. It is kept up to what a laboratory would believe: should a sensor measure
# further one day, dropping it would hide a real high, while 401 and all above it already count as the high limit.
_LARGEST_VALUE_MGDL: Final = 600
_ID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DIGITS: Final = re.compile(r"[0-9]{1,4}")

# A day of two uploaders is 576 readings of 5 values each. Far more than any answer holds would block the event loop,
# or fill the memory, for as long as it takes to make objects of it: what is too much is known before, by its signs.
_MOST_VALUES: Final = 65_536
_READINGS_AT_EITHER_END: Final = 576
_READINGS_AT_ONCE: Final = 24
"""So many are parsed before others get their turn: half a millisecond, on a small board three."""


class Stamp(NamedTuple):
    """A date of the wire: the instant in UTC, and the offset written next to it, None where there was none."""

    time: datetime
    utc_offset: timedelta | None


def parse_date(value: object) -> Stamp | None:
    """Return the instant of a date of the wire, None for what is none.

    Forms: `Date(ms)`, `Date(ms+hhmm)`, both with or without slashes, milliseconds since 1970 in UTC whatever the
    offset says; ISO 8601 with a zone. A date without a zone is no instant; one not after 1970 stands for "unset".
    """
    if not isinstance(value, str):
        return None
    if match := _DATE.fullmatch(value):
        milliseconds, sign, hours, minutes = match.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes)) if sign else None
        return Stamp(
            _EPOCH + timedelta(milliseconds=int(milliseconds)),
            _believable_offset(-offset if offset and sign == "-" else offset),
        )
    try:
        local = datetime.fromisoformat(value)
        time = local.astimezone(UTC)
    except ValueError, OverflowError:
        return None
    if local.tzinfo is None or time <= _EPOCH:
        return None
    # "Z" tells the instant, but nothing of where the wearer is.
    return Stamp(time, None if value.endswith("Z") else _believable_offset(local.utcoffset()))


def _believable_offset(offset: timedelta | None) -> timedelta | None:
    """Return the offset when some place on Earth has it."""
    return offset if offset is not None and abs(offset) <= _LARGEST_UTC_OFFSET else None


def parse_http_date(text: str | None) -> datetime | None:
    """Return the instant of an HTTP date, None for what is none."""
    try:
        parsed = parsedate_to_datetime(text or "")
        # "-0000" and a missing zone give a naive time; HTTP dates are in UTC.
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except ValueError, OverflowError:
        return None


def parse_trend(value: object) -> Trend:
    """Return the trend by its wire number (0 to 9) or its name in any spelling, `Trend.NONE` for anything else."""
    if isinstance(value, str):
        return _TREND_BY_NAME.get(_TREND_FILLER.sub("", value).casefold(), Trend.NONE)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(_TRENDS):
        return _TRENDS[value]
    return Trend.NONE


def parse_value(value: object) -> int | None:
    """Return the glucose value in whole mg/dL, None for what is not glucose.

    39 ("LOW") and 401 ("HIGH") are kept; below 39 lie the state codes of old receivers. Numbers in quotes and with
    decimals count, as the wire has changed its types overnight before.
    """
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if not isinstance(value, int | float) or not LOW_LIMIT_MGDL <= value <= _LARGEST_VALUE_MGDL:
        return None
    return round(value)


def parse_reading(item: object) -> GlucoseReading | None:
    """Return one reading, None when it has no value or no instant.

    The instant is `WT`, else `ST`, else `DT`; the wearer's offset only ever `DT`'s.
    """
    if not isinstance(item, dict):
        return None
    value = parse_value(item.get("Value"))
    display = parse_date(item.get("DT"))
    stamp = parse_date(item.get("WT")) or parse_date(item.get("ST")) or display
    if value is None or stamp is None:
        return None
    return GlucoseReading(
        time=stamp.time,
        value=value,
        trend=parse_trend(item.get("Trend")),
        utc_offset=display.utc_offset if display else None,
    )


def decode_json(body: bytes) -> object:
    """Return the document.

    Raises:
        ShareResponseError: it is not JSON, or holds more values than any answer of Share's.
    """
    if body.count(b",") > _MOST_VALUES:
        raise ShareResponseError("Share's answer holds too much")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # The cause would carry the document along.
        raise ShareResponseError("Share's answer is not JSON") from None


def decode_items(body: bytes) -> list[object]:
    """Return the items of a list of readings in the order of the wire, of far too many those at its two ends.

    Raises:
        ShareResponseError: the answer is not a list.
    """
    return [item for part in _ends(body) for item in _list(part)]


async def parse_readings(items: Sequence[object], max_count: int) -> list[GlucoseReading]:
    """Return the readings, oldest first, the newest `max_count` of them; one that can't be used is left out alone.

    A day of readings is parsed piece by piece, so that nothing else in the event loop waits for it.
    """
    readings: list[GlucoseReading] = []
    # The wire has the newest first; the reversal keeps the order of what has the same time.
    for place, piece in enumerate(batched(reversed(items), _READINGS_AT_ONCE, strict=False)):
        if place:
            await asyncio.sleep(0)
        readings += [reading for item in piece if (reading := parse_reading(item)) is not None]
    if unusable := len(items) - len(readings):
        _LOGGER.debug("%d of %d readings can't be used", unusable, len(items))
    readings.sort(key=lambda reading: reading.time)
    return readings[max(0, len(readings) - max_count) :]


def _ends(body: bytes) -> list[bytes]:
    """Return the list of readings whole, or where it is far too long its two ends as lists: the newest are at one."""
    if body.count(b"{") <= 2 * _READINGS_AT_EITHER_END:
        return [body]
    rest = body.split(b"}", _READINGS_AT_EITHER_END)[-1]
    tail = body.rsplit(b"{", _READINGS_AT_EITHER_END)[1:]
    return [body[: len(body) - len(rest)] + b"]", b"[{" + b"{".join(tail)]


def _list(body: bytes) -> list[object]:
    """Return a JSON list."""
    items = decode_json(body)
    if not isinstance(items, list):
        raise ShareResponseError("Share's answer is not a list of readings")
    return items


def decode_text(body: bytes) -> str:
    """Return the text of an answer that is one word, with or without the quotes of JSON."""
    return body.decode("utf-8", "replace").strip().strip('"').strip()


def decode_id(body: bytes) -> str:
    """Return the UUID that is the whole answer, as it was written.

    Raises:
        ShareResponseError: it is no UUID of 36 characters.
    """
    return checked_id(decode_text(body))


def checked_id(text: str) -> str:
    """Return the text as it was written when it is a UUID of 36 characters.

    Raises:
        ShareResponseError: it is none.
    """
    if not _ID.fullmatch(text):
        raise ShareResponseError("Share's answer holds no id where one belongs")
    return text
