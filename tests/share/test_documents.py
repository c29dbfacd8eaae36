"""The JSON documents of followers, alerts and uploads."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json

import pytest

from custom_components.dexcom_share.share import (
    DEFAULT_ALERT_SETTINGS,
    EgvRecord,
    GlucoseReading,
    Permissions,
    ReceiverAssignment,
    RuntimeInfo,
    ShareRequestError,
    ShareResponseError,
    SubscriptionState,
    Trend,
)
from custom_components.dexcom_share.share.documents import (
    MOST_SUBSCRIPTIONS,
    decode_alert_settings,
    decode_assignment,
    decode_bool,
    decode_contact,
    decode_nothing,
    decode_subscriptions,
    decode_system_time,
    encode_alert_settings,
    encode_egv_records,
    encode_runtime_info,
    format_duration,
    parse_duration,
    parse_state,
)

CONTACT_ID = "aaaaaaaa-0000-4000-8000-000000000001"
SUBSCRIPTION_ID = "bbbbbbbb-0000-4000-8000-000000000002"
SUBSCRIBER_ID = "cccccccc-0000-4000-8000-000000000003"
NIL = "00000000-0000-0000-0000-000000000000"
CREATED = datetime(2015, 7, 17, 2, 45, 21, 8000, tzinfo=UTC)

SUBSCRIPTION = {
    "ContactId": CONTACT_ID,
    "ContactName": "Follower",
    "DisplayName": "Wearer",
    "DateTimeCreated": {"DateTime": "/Date(1437101121008)/", "OffsetMinutes": 0},
    "DateTimeModified": {"DateTime": "/Date(1437101121008)/", "OffsetMinutes": 0},
    "InviteExpires": {"DateTime": "/Date(1437705921008)/", "OffsetMinutes": 0},
    "IsEnabled": False,
    "IsMonitoringSessionActive": True,
    "Permissions": 1,
    "State": 2,
    "SubscriberId": NIL,
    "SubscriptionId": SUBSCRIPTION_ID,
}
CONTACT = {
    "ContactId": CONTACT_ID,
    "DateTimeCreated": {"DateTime": "/Date(1437101121008)/", "OffsetMinutes": 0},
    "DateTimeModified": "Date(1437101121008)",
    "Email": "follower@example.com",
    "Name": "Follower",
    "PublisherAccountId": SUBSCRIBER_ID,
    "State": 1,
    "SubscriptionId": SUBSCRIPTION_ID,
}


def body(document: object) -> bytes:
    """Return the document as the wire has it."""
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("PT0M", timedelta(0)),
        ("PT30M", timedelta(minutes=30)),
        ("PT1H", timedelta(hours=1)),
        ("PT6H", timedelta(hours=6)),
        ("PT24H", timedelta(days=1)),
        ("PT1H30M", timedelta(minutes=90)),
    ],
)
def test_durations_go_both_ways(text: str, duration: timedelta) -> None:
    """In hours and minutes, as the official app writes them."""
    assert parse_duration(text) == duration
    assert format_duration(duration) == text


def test_other_writings_of_a_duration_are_read() -> None:
    """Seconds are in the standard, though never seen."""
    assert parse_duration("PT90M") == timedelta(minutes=90)
    assert parse_duration("PT0S") == timedelta(0)
    assert parse_duration("PT1M30.000S") == timedelta(seconds=90)


@pytest.mark.parametrize("value", [None, 30, "", "PT", "P1D", "30M", "PT-5M", "PT1.5H", "PT99999H"])
def test_what_is_no_duration_is_an_error(value: object) -> None:
    """A default would be a false statement about an alert."""
    with pytest.raises(ShareResponseError):
        parse_duration(value)


@pytest.mark.parametrize("duration", [timedelta(minutes=-1), timedelta(seconds=90), timedelta(microseconds=1)])
def test_only_whole_minutes_are_sent(duration: timedelta) -> None:
    """Nobody has seen Share take anything else."""
    with pytest.raises(ShareRequestError) as caught:
        format_duration(duration)
    assert caught.value.code == "InvalidArgument"


def test_the_default_alerts_are_those_of_the_official_app() -> None:
    """Seven keys each, numbered 1 to 4; only the urgent low is on."""
    keys = ("AlertType", "IsEnabled", "MinValue", "MaxValue", "AlarmDelay", "RealarmDelay", "Sound")
    assert encode_alert_settings(DEFAULT_ALERT_SETTINGS) == {
        "HighAlert": dict(zip(keys, (1, False, 200, 401, "PT1H", "PT2H", "High.wav"), strict=True)),
        "LowAlert": dict(zip(keys, (2, False, 39, 70, "PT30M", "PT2H", "Low.wav"), strict=True)),
        "FixedLowAlert": dict(zip(keys, (3, True, 39, 55, "PT0M", "PT30M", "UrgentLow.wav"), strict=True)),
        "NoDataAlert": dict(zip(keys, (4, False, 39, 401, "PT1H", "PT0M", "NoData.wav"), strict=True)),
    }


def test_alerts_are_read_as_they_are_written() -> None:
    """What was sent comes back equal."""
    settings = replace(
        DEFAULT_ALERT_SETTINGS, low=replace(DEFAULT_ALERT_SETTINGS.low, is_enabled=True, delay=timedelta(minutes=95))
    )
    assert decode_alert_settings(body(encode_alert_settings(settings))) == settings


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("IsEnabled", None),
        ("IsEnabled", 1),
        ("MinValue", None),
        ("MinValue", "39"),
        ("MaxValue", True),
        ("AlarmDelay", None),
        ("RealarmDelay", 5),
        ("Sound", 5),
    ],
)
def test_an_alert_that_lacks_a_part_is_an_error(key: str, value: object) -> None:
    """No alert is ever made up."""
    document = json.loads(json.dumps(encode_alert_settings(DEFAULT_ALERT_SETTINGS)))
    document["LowAlert"][key] = value
    with pytest.raises(ShareResponseError):
        decode_alert_settings(body(document))
    del document["LowAlert"]
    with pytest.raises(ShareResponseError):
        decode_alert_settings(body(document))


def test_no_more_subscriptions_are_read_than_anybody_has() -> None:
    """Each one leads to further calls."""
    assert len(decode_subscriptions(body([SUBSCRIPTION] * 2000))) == MOST_SUBSCRIPTIONS


def test_a_subscription_is_typed() -> None:
    """A nil subscriber is one that has not accepted yet."""
    (subscription,) = decode_subscriptions(body([SUBSCRIPTION]))
    assert subscription.subscription_id == SUBSCRIPTION_ID
    assert subscription.contact_id == CONTACT_ID
    assert (subscription.contact_name, subscription.display_name) == ("Follower", "Wearer")
    assert subscription.subscriber_id is None
    assert subscription.state is SubscriptionState.INVITE_WAITING
    assert subscription.permissions is Permissions.GRAPH
    assert not subscription.is_enabled
    assert subscription.is_monitoring_session_active
    assert subscription.created == subscription.modified == CREATED
    assert subscription.invite_expires == CREATED + timedelta(days=7)


def test_a_subscription_may_lack_what_only_informs() -> None:
    """Ids and permissions must be there, texts and times need not; unknown permission bits are kept."""
    sparse = {
        "SubscriptionId": SUBSCRIPTION_ID.upper(),
        "ContactId": CONTACT_ID,
        "SubscriberId": SUBSCRIBER_ID,
        "ContactName": None,
        "Permissions": 5,
        "State": "Active",
        "DateTimeCreated": {"OffsetMinutes": 0},
        "DateTimeModified": None,
    }
    (subscription,) = decode_subscriptions(body([sparse]))
    assert subscription.subscription_id == SUBSCRIPTION_ID
    assert subscription.subscriber_id == SUBSCRIBER_ID
    assert subscription.contact_name == ""
    assert subscription.permissions == 5
    assert Permissions.GRAPH in subscription.permissions
    assert subscription.state is SubscriptionState.ACTIVE
    assert (subscription.created, subscription.modified, subscription.invite_expires) == (None, None, None)


@pytest.mark.parametrize(
    "document",
    [
        {},
        None,
        [None],
        [{}],
        [SUBSCRIPTION | {"SubscriptionId": "x"}],
        [SUBSCRIPTION | {"ContactId": None}],
        [SUBSCRIPTION | {"ContactName": 7}],
        [SUBSCRIPTION | {"SubscriberId": "x"}],
        [SUBSCRIPTION | {"Permissions": None}],
    ],
)
def test_a_list_that_hides_a_follower_is_an_error(document: object) -> None:
    """Who follows must be known entirely or not at all."""
    with pytest.raises(ShareResponseError):
        decode_subscriptions(body(document))


@pytest.mark.parametrize(
    ("value", "state"),
    [
        *((state.value, state) for state in SubscriptionState),
        ("InviteWaiting", SubscriptionState.INVITE_WAITING),
        ("PAUSEDBYPUBLISHER", SubscriptionState.PAUSED_BY_PUBLISHER),
        ("Frozen", SubscriptionState.UNKNOWN),
        (13, SubscriptionState.UNKNOWN),
        (-1, SubscriptionState.UNKNOWN),
        (None, SubscriptionState.UNKNOWN),
        ({}, SubscriptionState.UNKNOWN),
    ],
)
def test_a_state_is_a_number_or_a_name(value: object, state: SubscriptionState) -> None:
    """Anything else is unknown."""
    assert parse_state(value) is state


def test_a_contact_is_typed() -> None:
    """A contact without a subscription has the nil id, or none."""
    contact = decode_contact(body(CONTACT))
    assert (contact.contact_id, contact.name, contact.email) == (CONTACT_ID, "Follower", "follower@example.com")
    assert contact.subscription_id == SUBSCRIPTION_ID
    assert contact.created == contact.modified == CREATED
    assert decode_contact(body(CONTACT | {"SubscriptionId": NIL})).subscription_id is None
    assert decode_contact(body(CONTACT | {"SubscriptionId": None})).subscription_id is None


def test_no_repr_tells_who_follows() -> None:
    """Names, addresses and ids stay out of logs."""
    shown = repr(decode_subscriptions(body([SUBSCRIPTION]))) + repr(decode_contact(body(CONTACT)))
    for secret in (CONTACT_ID, SUBSCRIPTION_ID, "Follower", "Wearer'", "follower@example.com"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("answer", "truth"), [(b"true", True), (b"false", False), (b'"True"', True), (b" False\n", False)]
)
def test_a_truth_is_a_word(answer: bytes, truth: bool) -> None:
    """In the spelling of JSON or of .NET."""
    assert decode_bool(answer) is truth


def test_what_is_neither_is_an_error() -> None:
    """No truth is guessed."""
    with pytest.raises(ShareResponseError):
        decode_bool(b"1")


@pytest.mark.parametrize(
    ("answer", "assignment"),
    [
        (b"AssignedToYou", ReceiverAssignment.ASSIGNED_TO_YOU),
        (b'"NotAssigned"', ReceiverAssignment.NOT_ASSIGNED),
        (b'"AssignedToSomeoneElse"', ReceiverAssignment.ASSIGNED_TO_SOMEONE_ELSE),
        (b'"Retired"', ReceiverAssignment.UNKNOWN),
    ],
)
def test_an_assignment_is_a_word(answer: bytes, assignment: ReceiverAssignment) -> None:
    """With or without quotes."""
    assert decode_assignment(answer) is assignment


@pytest.mark.parametrize("answer", [b"", b"null", b"{}", f'"{CONTACT_ID}"'.encode()])
def test_success_without_a_result_is_any_answer_of_share(answer: bytes) -> None:
    """Mostly an empty body."""
    decode_nothing(answer)


def test_a_page_of_a_gateway_is_no_success() -> None:
    """Whoever answered did not do what was asked."""
    with pytest.raises(ShareResponseError):
        decode_nothing(b"\n <!DOCTYPE html>")


NAMESPACES = (
    'xmlns="http://schemas.datacontract.org/2004/07/System" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
)


@pytest.mark.parametrize(
    "document",
    [
        '{"DateTime":"/Date(1426767421178)/","OffsetMinutes":0}',
        r'{"DateTime":"\/Date(1426767421178)\/","OffsetMinutes":0}',
        '"/Date(1426767421178)/"',
        (
            f"<DateTimeOffset {NAMESPACES}><DateTime>2015-03-19T12:17:01.178Z</DateTime>"
            "<OffsetMinutes>0</OffsetMinutes></DateTimeOffset>"
        ),
        (
            f"\ufeff<DateTimeOffset {NAMESPACES}><DateTime>2015-03-19T05:17:01.1780000</DateTime>"
            "<OffsetMinutes>-420</OffsetMinutes></DateTimeOffset>"
        ),
        (
            '<?xml version="1.0"?>\n<a:DateTimeOffset><a:OffsetMinutes> +90 </a:OffsetMinutes>'
            "<a:DateTime> 2015-03-19T13:47:01.178 </a:DateTime></a:DateTimeOffset>"
        ),
        "<DateTimeOffset><DateTime>2015-03-19T12:17:01.178</DateTime></DateTimeOffset>",
    ],
)
def test_the_servers_time_is_json_or_xml(document: str) -> None:
    """A time without a zone is local to the offset next to it."""
    assert decode_system_time(document.encode()) == datetime(2015, 3, 19, 12, 17, 1, 178000, tzinfo=UTC)


@pytest.mark.parametrize(
    "document",
    [
        "",
        "null",
        "{}",
        '{"DateTime": 5}',
        "<html>",
        "<DateTime></DateTime>",
        "<DateTime>soon</DateTime>",
        "<DateTime>2015-03-19T12:17:01</DateTime><OffsetMinutes>9999</OffsetMinutes>",
        "<DateTime>9999-12-31T23:59:59</DateTime><OffsetMinutes>-600</OffsetMinutes>",
    ],
)
def test_a_document_without_a_time_is_an_error(document: str) -> None:
    """No time is made up."""
    with pytest.raises(ShareResponseError):
        decode_system_time(document.encode())


def test_an_upload_is_written_as_uploaders_of_today_do() -> None:
    """Both times UTC in whole seconds, the trend by number."""
    reading = GlucoseReading(datetime(2025, 4, 19, 16, 43, 33, 817000, tzinfo=UTC), 97, Trend.FORTY_FIVE_DOWN)
    records = [EgvRecord.from_reading(reading)]
    assert encode_egv_records("SM00000000", records, timedelta(seconds=-5)) == {
        "SN": "SM00000000",
        "Egvs": [{"Trend": 5, "ST": "/Date(1745081013000)/", "DT": "/Date(1745081013000)/", "Value": 97}],
        "TA": -5,
    }


def test_the_device_is_described_by_seven_texts() -> None:
    """By the names of the wire."""
    info = RuntimeInfo(
        device_manufacturer="a",
        device_model="b",
        device_os_name="c",
        device_os_version="d",
        app_name="e",
        app_number="f",
        app_version="g",
    )
    assert encode_runtime_info(info) == {
        "DeviceManufacturer": "a",
        "DeviceModel": "b",
        "DeviceOsVersion": "d",
        "AppVersion": "g",
        "AppName": "e",
        "AppNumber": "f",
        "DeviceOsName": "c",
    }
