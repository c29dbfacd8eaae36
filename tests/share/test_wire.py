"""The oddities of the wire: every form that was seen, and what is none."""

import asyncio
from datetime import UTC, datetime, timedelta
import json
import logging
import math
import tracemalloc

import pytest

from custom_components.dexcom_share.share import GlucoseReading, ShareResponseError, Trend
from custom_components.dexcom_share.share.wire import (
    Stamp,
    checked_id,
    decode_id,
    decode_items,
    decode_json,
    decode_text,
    parse_date,
    parse_http_date,
    parse_reading,
    parse_readings,
    parse_trend,
    parse_value,
)

from .conftest import ACCOUNT_ID

TIME = datetime(2025, 4, 19, 16, 43, 33, 817000, tzinfo=UTC)


async def readings_of(body: bytes, max_count: int = 288) -> list[GlucoseReading]:
    """Return the readings of an answer."""
    return await parse_readings(decode_items(body), max_count)


@pytest.mark.parametrize(
    ("written", "time", "offset_minutes"),
    [
        ("Date(1745081013817)", TIME, None),
        ("Date(1745081013817-0400)", TIME, -240),
        ("/Date(1745081013817)/", TIME, None),
        ("/Date(1745081013817+0545)/", TIME, 345),
        ("Date(1745081013817+0000)", TIME, 0),
        ("Date(1745081013817-0000)", TIME, 0),
        ("Date(1745081013817+1400)", TIME, 840),
        ("Date(1745081013817+1500)", TIME, None),
        ("Date(1745081013817-1430)", TIME, None),
        ("Date(1)", datetime(1970, 1, 1, 0, 0, 0, 1000, tzinfo=UTC), None),
        ("2025-04-19T16:43:33.817Z", TIME, None),
        ("2025-04-19T12:43:33.8170000-04:00", TIME, -240),
        ("2025-04-19T16:43:33.817+00:00", TIME, 0),
        ("2025-04-20T11:43:33.817+19:00", TIME, None),
    ],
)
def test_a_date_tells_its_instant_whatever_its_form(written: str, time: datetime, offset_minutes: int | None) -> None:
    """The number is UTC, the suffix only where the wearer is; no place on Earth is further than 14 hours from UTC."""
    offset = None if offset_minutes is None else timedelta(minutes=offset_minutes)
    assert parse_date(written) == Stamp(time, offset)


@pytest.mark.parametrize(
    "value",
    [
        None,
        1745081013817,
        True,
        {},
        "",
        "Date()",
        "Date(0)",
        "Date(-62135596800000)",
        "Date(-1)",
        "Date(x)",
        "Date(174508101381712)x",
        "Date(1745081013817-040)",
        "Date(1745081013817+0560)",
        "Date(999999999999999)",
        "Date(\u0661\u0662\u0663)",
        "2025-04-19T16:43:33",
        "2025-04-19",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "yesterday",
    ],
)
def test_what_is_no_instant_is_no_date(value: object) -> None:
    """A time without a zone would be hours off somewhere, a date before 1970 stands for "unset"."""
    assert parse_date(value) is None


def test_the_largest_number_that_matches_is_a_date() -> None:
    """Nothing that matches can overflow."""
    stamp = parse_date(f"Date({'9' * 14})")
    assert stamp
    assert stamp.time.year == 5138


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("Sat, 19 Apr 2025 16:43:33 GMT", TIME.replace(microsecond=0)),
        ("Sat, 19 Apr 2025 12:43:33 -0400", TIME.replace(microsecond=0)),
        ("Sat, 19 Apr 2025 16:43:33 -0000", TIME.replace(microsecond=0)),
        ("Sat, 19 Apr 2025 16:43:33", TIME.replace(microsecond=0)),
        (None, None),
        ("", None),
        ("0", None),
        ("now", None),
        ("Mon, 01 Jan 99999 00:00:00 GMT", None),
        ("Mon, 31 Dec 9999 23:00:00 -2359", None),
        ("Mon, 01 Jan 2024 00:00:00 +9999", None),
    ],
)
def test_an_http_date_is_an_instant_or_nothing(text: str | None, time: datetime | None) -> None:
    """No header, however odd, raises."""
    assert parse_http_date(text) == time


@pytest.mark.parametrize(("number", "trend"), list(enumerate(Trend)))
def test_a_trend_has_a_number_and_a_name(number: int, trend: Trend) -> None:
    """Share changed from one to the other overnight; names count in any spelling."""
    assert parse_trend(number) is trend
    assert parse_trend(trend.value) is trend
    assert parse_trend(trend.value.upper()) is trend
    assert parse_trend(trend.name.replace("_", " ").lower()) is trend
    assert parse_trend(trend.name) is trend
    assert parse_trend(trend.name.replace("_", "-")) is trend


@pytest.mark.parametrize("value", [None, "", "NonComputable", "Sideways", -1, 10, 4.0, True, False, [], {}])
def test_an_unknown_trend_is_none(value: object) -> None:
    """A trend never costs a reading."""
    assert parse_trend(value) is Trend.NONE


@pytest.mark.parametrize(
    ("value", "value_mgdl"),
    [
        (39, 39),
        (40, 40),
        (400, 400),
        (401, 401),
        (402, 402),
        (600, 600),
        ("120", 120),
        (120.0, 120),
        (120.6, 121),
    ],
)
def test_a_value_is_whole_mgdl(value: object, value_mgdl: int) -> None:
    """The limits are kept as they are; beyond them a high stays a high."""
    parsed = parse_value(value)
    assert parsed == value_mgdl
    assert type(parsed) is int


@pytest.mark.parametrize(
    "value",
    [None, True, False, 0, 5, 12, 38, 38.9, -1, 601, 10**30, math.nan, math.inf, "", "12O", "-120", "5", []],
)
def test_what_is_no_glucose_is_no_value(value: object) -> None:
    """State codes lie below 39; nothing is ever turned into 0."""
    assert parse_value(value) is None


def item(**changes: object) -> dict[str, object]:
    """Return a reading of the wire."""
    ms = int(TIME.timestamp() * 1000)
    return {
        "WT": f"Date({ms})",
        "ST": f"Date({ms})",
        "DT": f"Date({ms}-0400)",
        "Value": 85,
        "Trend": "Flat",
    } | changes


def test_the_instant_is_the_wall_time_else_the_system_time_else_the_display_time() -> None:
    """The offset is always the display time's."""
    later, latest = "Date(1745084613817)", "Date(1745088213817-0400)"
    fields = {"ST": later, "DT": latest}
    offset = timedelta(hours=-4)
    assert parse_reading(item(**fields)) == GlucoseReading(TIME, 85, Trend.FLAT, offset)
    for wall in (None, "Date(0)", "soon"):
        assert parse_reading(item(WT=wall, **fields)) == GlucoseReading(
            TIME + timedelta(hours=1), 85, Trend.FLAT, offset
        )
    assert parse_reading(item(WT=None, ST=None, DT=latest)) == GlucoseReading(
        TIME + timedelta(hours=2), 85, Trend.FLAT, offset
    )
    assert parse_reading(item(DT=None)) == GlucoseReading(TIME, 85, Trend.FLAT, None)
    assert parse_reading(item(DT="Date(1745081013817)")) == GlucoseReading(TIME, 85, Trend.FLAT, None)


@pytest.mark.parametrize(
    "bad",
    [
        None,
        [],
        "text",
        7,
        {},
        item(Value=None),
        item(Value=0),
        item(Value="x"),
        item(WT=None, ST="x", DT=7),
    ],
)
async def test_a_reading_that_cannot_be_used_is_left_out_alone(bad: object, caplog: pytest.LogCaptureFixture) -> None:
    """The others stay, and the log tells the number of those left out and nothing else."""
    caplog.set_level(logging.DEBUG)
    readings = await readings_of(json.dumps([item(Value=99), bad, item(Value=98)]).encode(), 288)
    assert [reading.value for reading in readings] == [98, 99]
    assert [record.getMessage() for record in caplog.records] == ["1 of 3 readings can't be used"]


async def test_an_unknown_trend_or_extra_key_costs_nothing() -> None:
    """The wire may grow."""
    extra = item(Trend="Sideways", Rate=1.5)
    assert await readings_of(json.dumps([extra]).encode(), 288) == [
        GlucoseReading(TIME, 85, Trend.NONE, timedelta(hours=-4))
    ]


async def test_readings_are_in_order_of_time_and_duplicates_stay() -> None:
    """Whatever order they came in; of the same time, the one listed first is the last."""
    shuffled = [item(WT="Date(3000)", Value=103), item(WT="Date(5000)", Value=105), item(WT="Date(3000)", Value=113)]
    readings = await readings_of(json.dumps(shuffled).encode(), 288)
    assert [reading.value for reading in readings] == [113, 103, 105]


@pytest.mark.parametrize("is_newest_first", [True, False])
@pytest.mark.parametrize("count", [300, 1152, 1153, 10_000])
async def test_of_more_than_was_asked_for_the_newest_are_kept(count: int, is_newest_first: bool) -> None:
    """However many there are, and in either order."""
    items = [item(WT=f"Date({1000 * number})", Value=100 + number % 100) for number in range(1, count + 1)]
    body = json.dumps(items[::-1] if is_newest_first else items).encode()
    readings = await readings_of(body, 288)
    assert [reading.time.timestamp() for reading in readings] == list(range(count - 287, count + 1))
    assert await readings_of(body, 0) == []


async def test_a_flood_of_readings_takes_little_time_and_memory() -> None:
    """It would hold up everybody in the house: 84,000 readings, and 1.3 million objects without anything."""
    readings = b"[" + b",".join([b'{"WT":"Date(1)","Value":100}'] * 84_000) + b"]"
    nothing = b"[" + b",".join([b"{}"] * 1_300_000) + b"]"
    tracemalloc.start()
    try:
        assert len(await readings_of(readings, 288)) == 288
        assert await readings_of(nothing, 288) == []
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12 * 1024 * 1024


@pytest.mark.parametrize("body", [b"[" + b"0," * 70_000 + b"0]", b"[" + b"{}," * 70_000 + b"{}]"])
def test_what_holds_too_much_is_not_made_objects_of(body: bytes) -> None:
    """Whatever it is about."""
    with pytest.raises(ShareResponseError):
        decode_json(body)


@pytest.mark.parametrize("body", [b"null", b"{}", b'"text"', b"7", b"<html>", b"[1,", b"[NaN]", b"\xff", b"[" * 5000])
async def test_what_is_no_list_is_an_error(body: bytes) -> None:
    """It must never pass for "no readings"."""
    with pytest.raises(ShareResponseError):
        await readings_of(body, 288)


async def test_a_day_of_readings_lets_others_have_their_turn() -> None:
    """While it is parsed, what else is due in the event loop runs; a few readings are parsed at once."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.ensure_future(count())
    await readings_of(json.dumps([item()] * 6).encode())
    assert turns == 0
    await readings_of(json.dumps([item()] * 288).encode())
    assert turns >= 10
    other.cancel()


def test_the_error_does_not_carry_the_document() -> None:
    """The document could hold health data."""
    with pytest.raises(ShareResponseError) as caught:
        decode_json(b'{"Value": 123')
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "123" not in str(caught.value)


@pytest.mark.parametrize("body", [b"AssignedToYou", b'"AssignedToYou"', b' "AssignedToYou"\r\n'])
def test_a_text_comes_with_or_without_quotes(body: bytes) -> None:
    """Both were described."""
    assert decode_text(body) == "AssignedToYou"


@pytest.mark.parametrize("body", [f'"{ACCOUNT_ID}"', ACCOUNT_ID, f" {ACCOUNT_ID.upper()}\n"])
def test_an_id_is_returned_as_it_was_written(body: str) -> None:
    """A session id goes back as it came."""
    assert decode_id(body.encode()) == body.strip(' "\n')


@pytest.mark.parametrize("text", ["", "x", "{}", ACCOUNT_ID.replace("-", ""), f"{ACCOUNT_ID}0", f"{ACCOUNT_ID[:-1]}g"])
def test_what_is_no_uuid_of_36_characters_is_no_id(text: str) -> None:
    """An error page must not become a session."""
    with pytest.raises(ShareResponseError):
        checked_id(text)


def test_the_limits_are_known_as_such() -> None:
    """39 and 401 are flags, not measurements."""
    below, inside, above = (GlucoseReading(TIME, value) for value in (39, 40, 401))
    assert (below.is_low_limit, inside.is_low_limit, above.is_low_limit) == (True, False, False)
    assert (below.is_high_limit, inside.is_high_limit, above.is_high_limit) == (False, False, True)
