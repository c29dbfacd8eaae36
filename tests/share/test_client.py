"""Every endpoint: what is sent, and what comes back."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
import json

from aiohttp import ClientSession
import pytest

from custom_components.dexcom_share.share import (
    DEFAULT_ALERT_SETTINGS,
    EgvRecord,
    GlucoseReading,
    Permissions,
    ReceiverAssignment,
    Region,
    RuntimeInfo,
    SessionError,
    ShareClient,
    ShareRequestError,
    ShareResponseError,
    Trend,
)

from .conftest import (
    ACCOUNT_ID,
    AUTHENTICATE,
    LOGIN,
    NAME,
    PASSWORD,
    READ,
    SESSION_IDS,
    FakeShare,
    answer,
    fault,
    text,
)
from .test_documents import CONTACT, CONTACT_ID, SUBSCRIPTION, SUBSCRIPTION_ID

NEWEST = {
    "WT": "Date(1731645818222)",
    "ST": "Date(1731645818222)",
    "DT": "Date(1731645818222-0500)",
    "Value": 155,
    "Trend": "Flat",
}
OLDER = {
    "WT": "Date(1731645518663)",
    "ST": "Date(1731645518663)",
    "DT": "Date(1731645518663-0500)",
    "Value": 154,
    "Trend": "FortyFiveDown",
}
INFO = RuntimeInfo(
    device_manufacturer="a",
    device_model="b",
    device_os_name="c",
    device_os_version="d",
    app_name="e",
    app_number="f",
    app_version="g",
)
RECORD = EgvRecord.from_reading(GlucoseReading(datetime(2025, 4, 19, 16, 43, 33, tzinfo=UTC), 97, Trend.FLAT))


async def test_a_log_in_takes_two_steps_and_returns_the_account_id(client: ShareClient, share: FakeShare) -> None:
    """The name and password go to the first step, the account id and password to the second."""
    assert await client.login() == ACCOUNT_ID
    secrets = {"password": PASSWORD, "applicationId": Region.US.application_id}
    assert [(call.method, call.endpoint, call.query, call.json) for call in share.calls] == [
        ("POST", AUTHENTICATE, {}, {"accountName": NAME, **secrets}),
        ("POST", LOGIN, {}, {"accountId": ACCOUNT_ID, **secrets}),
    ]
    assert {call.headers["Content-Type"] for call in share.calls} == {"application/json"}
    assert {call.headers["Accept"] for call in share.calls} == {"application/json"}
    assert client.account_id == ACCOUNT_ID
    assert client.has_session


async def test_a_known_account_id_saves_the_first_step(http: ClientSession, share: FakeShare) -> None:
    """An account id without hyphens is one too."""
    client = ShareClient(
        http,
        account_id=ACCOUNT_ID.replace("-", ""),
        username=NAME,
        password=PASSWORD,
        base_url=share.url.rstrip("/"),
        region=Region.JP,
    )
    assert await client.login() == ACCOUNT_ID
    assert share.endpoints == ["LoginPublisherAccountById"]
    assert share.calls[0].json == {
        "accountId": ACCOUNT_ID,
        "password": PASSWORD,
        "applicationId": Region.JP.application_id,
    }


async def test_names_and_passwords_arrive_as_they_are_meant(http: ClientSession, share: FakeShare) -> None:
    """A phone number is tidied, a password with any character is left alone."""
    password = ' p"ä\\ß\u2028\U0001f600+&%\ud800 '
    client = ShareClient(http, username=" +1 (555) 010-9999 ", password=password, base_url=share.url)
    await client.login()
    assert share.calls[0].json["accountName"] == "+15550109999"
    assert share.calls[0].json["password"] == password


@pytest.mark.parametrize("who", [{}, {"username": ""}, {"username": "  "}, {"account_id": ""}])
def test_a_client_needs_to_know_the_account(who: dict[str, str]) -> None:
    """By name or by id; nothing but the client's own errors leaves it."""
    with pytest.raises(ShareRequestError) as caught:
        ShareClient(None, password=PASSWORD, **who)  # type: ignore[arg-type]
    assert caught.value.code == "InvalidArgument"


def test_a_password_goes_to_safe_addresses_only() -> None:
    """The base URL is checked before anything can be sent."""
    with pytest.raises(ShareRequestError):
        ShareClient(None, username=NAME, password=PASSWORD, base_url="http://share.example/")  # type: ignore[arg-type]


async def test_reading_logs_in_and_returns_the_oldest_first(client: ShareClient, share: FakeShare) -> None:
    """The session is kept for the next call."""
    share.readings = [NEWEST, OLDER]
    offset = timedelta(hours=-5)
    assert await client.read_glucose(60, 2) == [
        GlucoseReading(datetime(2024, 11, 15, 4, 38, 38, 663000, tzinfo=UTC), 154, Trend.FORTY_FIVE_DOWN, offset),
        GlucoseReading(datetime(2024, 11, 15, 4, 43, 38, 222000, tzinfo=UTC), 155, Trend.FLAT, offset),
    ]
    assert share.calls[-1].query == {"sessionId": SESSION_IDS[0], "minutes": "60", "maxCount": "2"}
    assert share.calls[-1].body == b"{}"
    await client.read_glucose()
    assert share.calls[-1].query == {"sessionId": SESSION_IDS[0], "minutes": "1440", "maxCount": "288"}
    assert share.logins == 1


@pytest.mark.parametrize(("minutes", "max_count"), [(-1, 1), (1441, 1), (1, -1), (1, 577)])
async def test_what_share_does_not_promise_is_not_asked_for(
    client: ShareClient, share: FakeShare, minutes: int, max_count: int
) -> None:
    """No silent clamping: the caller would take what comes back for all there is."""
    with pytest.raises(ShareRequestError) as caught:
        await client.read_glucose(minutes, max_count)
    assert caught.value.code == "InvalidArgument"
    assert share.calls == []


async def test_nothing_may_be_asked_for(client: ShareClient, share: FakeShare) -> None:
    """Share answers zero minutes and zero readings with an empty list."""
    assert await client.read_glucose(0, 0) == []
    assert share.calls[-1].query["minutes"] == share.calls[-1].query["maxCount"] == "0"


type Call = Callable[[ShareClient], Awaitable[object]]

# Call, endpoint, query, body, answer, result.
ENDPOINTS: list[tuple[Call, str, dict[str, str], object, str, object]] = [
    (
        lambda client: client.create_contact("Ann & Bob+1 = 100%", "ann+cgm&x@example.com"),
        "Publisher/CreateContact",
        {"contactName": "Ann & Bob+1 = 100%", "emailAddress": "ann+cgm&x@example.com"},
        None,
        f'"{CONTACT_ID.upper()}"',
        CONTACT_ID,
    ),
    (
        lambda client: client.does_contact_exist("Zoë ; ?#/\u2028"),
        "Publisher/DoesContactExistByName",
        {"contactName": "Zoë ; ?#/\u2028"},
        None,
        "true",
        True,
    ),
    (
        lambda client: client.update_contact_name(CONTACT_ID, "New+Name"),
        "Publisher/UpdateContactName",
        {"contactId": CONTACT_ID, "contactName": "New+Name"},
        None,
        "",
        None,
    ),
    (
        lambda client: client.delete_contact(CONTACT_ID.upper()),
        "Publisher/DeleteContact",
        {"contactId": CONTACT_ID},
        None,
        "",
        None,
    ),
    (
        lambda client: client.create_invitation(CONTACT_ID, "Wearer"),
        "Publisher/CreateSubscriptionInvitation",
        {"contactId": CONTACT_ID},
        {
            "AlertSettings": {
                "HighAlert": {
                    "AlertType": 1,
                    "IsEnabled": False,
                    "MinValue": 200,
                    "MaxValue": 401,
                    "AlarmDelay": "PT1H",
                    "RealarmDelay": "PT2H",
                    "Sound": "High.wav",
                },
                "LowAlert": {
                    "AlertType": 2,
                    "IsEnabled": False,
                    "MinValue": 39,
                    "MaxValue": 70,
                    "AlarmDelay": "PT30M",
                    "RealarmDelay": "PT2H",
                    "Sound": "Low.wav",
                },
                "FixedLowAlert": {
                    "AlertType": 3,
                    "IsEnabled": True,
                    "MinValue": 39,
                    "MaxValue": 55,
                    "AlarmDelay": "PT0M",
                    "RealarmDelay": "PT30M",
                    "Sound": "UrgentLow.wav",
                },
                "NoDataAlert": {
                    "AlertType": 4,
                    "IsEnabled": False,
                    "MinValue": 39,
                    "MaxValue": 401,
                    "AlarmDelay": "PT1H",
                    "RealarmDelay": "PT0M",
                    "Sound": "NoData.wav",
                },
            },
            "Permissions": 1,
            "DisplayName": "Wearer",
        },
        f'"{SUBSCRIPTION_ID}"',
        SUBSCRIPTION_ID,
    ),
    (
        lambda client: client.update_permissions(SUBSCRIPTION_ID, Permissions.NONE),
        "Publisher/UpdateSubscriptionPermissions",
        {"subscriptionId": SUBSCRIPTION_ID, "permissions": "0"},
        None,
        "",
        None,
    ),
    (
        lambda client: client.pause_subscription(SUBSCRIPTION_ID),
        "General/PauseSubscription",
        {"subscriptionId": SUBSCRIPTION_ID},
        None,
        "",
        None,
    ),
    (
        lambda client: client.resume_subscription(SUBSCRIPTION_ID),
        "General/ResumeSubscription",
        {"subscriptionId": SUBSCRIPTION_ID},
        None,
        "",
        None,
    ),
    (
        lambda client: client.check_receiver_assignment("SM+1"),
        "Publisher/CheckMonitoredReceiverAssignmentStatus",
        {"serialNumber": "SM+1"},
        None,
        "AssignedToYou",
        ReceiverAssignment.ASSIGNED_TO_YOU,
    ),
    (
        lambda client: client.replace_receiver("SM00000000"),
        "Publisher/ReplacePublisherAccountMonitoredReceiver",
        {"serialNumber": "SM00000000"},
        None,
        f'"{CONTACT_ID}"',
        None,
    ),
    (
        lambda client: client.is_monitoring_session_active(),
        "Publisher/IsRemoteMonitoringSessionActive",
        {},
        None,
        "false",
        False,
    ),
    (
        lambda client: client.start_monitoring_session("SM00000000"),
        "Publisher/StartRemoteMonitoringSession",
        {"serialNumber": "SM00000000"},
        None,
        "",
        None,
    ),
    (
        lambda client: client.stop_monitoring_session(),
        "Publisher/StopRemoteMonitoringSession",
        {},
        None,
        "",
        None,
    ),
    (
        lambda client: client.post_readings("SM00000000", [RECORD]),
        "Publisher/PostReceiverEgvRecords",
        {},
        {
            "SN": "SM00000000",
            "Egvs": [{"Trend": 4, "ST": "/Date(1745081013000)/", "DT": "/Date(1745081013000)/", "Value": 97}],
            "TA": -5,
        },
        "",
        None,
    ),
]


@pytest.mark.parametrize(
    ("call", "endpoint", "query", "body", "response", "result"),
    ENDPOINTS,
    ids=[case[1].rpartition("/")[2] for case in ENDPOINTS],
)
async def test_each_endpoint_is_asked_as_documented(
    client: ShareClient,
    share: FakeShare,
    call: Call,
    endpoint: str,
    query: dict[str, str],
    body: object,
    response: str,
    result: object,
) -> None:
    """Parameters in the query, whatever characters they hold; the body only where there is one."""
    share.script(endpoint, text(response))
    assert await call(client) == result
    sent = share.calls[-1]
    assert (sent.method, sent.endpoint) == ("POST", endpoint)
    assert sent.query == {"sessionId": SESSION_IDS[0], **query}
    assert (json.loads(sent.body) if sent.body else None) == body


@pytest.mark.parametrize(
    ("call", "endpoint"),
    [(case[0], case[1]) for case in ENDPOINTS],
    ids=[case[1].rpartition("/")[2] for case in ENDPOINTS],
)
async def test_each_endpoint_replaces_a_lost_session_and_refuses_pages(
    client: ShareClient, share: FakeShare, call: Call, endpoint: str
) -> None:
    """The same care for all of them."""
    lost = [fault("SessionNotValid"), fault("SessionIdNotFound")]
    share.script(endpoint, *lost)
    with pytest.raises(SessionError):
        await call(client)
    assert share.count(endpoint) == share.logins == 2
    if endpoint != "Publisher/CheckMonitoredReceiverAssignmentStatus":
        share.script(endpoint, text("<html>", content_type="text/html"))
        with pytest.raises(ShareResponseError):
            await call(client)


async def test_reserved_characters_are_encoded(client: ShareClient, share: FakeShare) -> None:
    """A plus must not arrive as a blank, an ampersand must not begin another parameter."""
    share.script("Publisher/CreateContact", answer(CONTACT_ID))
    await client.create_contact("A+B & C", "a+b@example.com")
    raw = share.calls[-1].raw_query
    assert "A%2BB" in raw
    assert "%26" in raw
    assert "a%2Bb" in raw


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.read_contact("x"),
        lambda client: client.update_contact_name("x", "name"),
        lambda client: client.delete_contact("x"),
        lambda client: client.create_invitation("x", "name"),
        lambda client: client.read_alert_settings("x"),
        lambda client: client.pause_subscription("x"),
        lambda client: client.resume_subscription("x"),
        lambda client: client.update_permissions("x", Permissions.GRAPH),
    ],
)
async def test_what_is_no_id_is_not_sent(client: ShareClient, share: FakeShare, call: Call) -> None:
    """Share would answer as if the session were malformed."""
    with pytest.raises(ShareRequestError):
        await call(client)
    assert share.calls == []


async def test_followers_are_listed(client: ShareClient, share: FakeShare) -> None:
    """A nil session shows as an empty body, an account without followers as an empty list."""
    endpoint = "Publisher/ListPublisherAccountSubscriptions"
    share.script(endpoint, text(""), answer([SUBSCRIPTION]), answer([]))
    (subscription,) = await client.list_subscriptions()
    assert subscription.subscription_id == SUBSCRIPTION_ID
    assert share.logins == 2
    assert await client.list_subscriptions() == []


async def test_a_contact_is_read(client: ShareClient, share: FakeShare) -> None:
    """By its id."""
    share.script("Publisher/ReadContact", answer(CONTACT))
    assert (await client.read_contact(CONTACT_ID)).email == "follower@example.com"
    assert share.calls[-1].query["contactId"] == CONTACT_ID


async def test_a_followers_alerts_are_read(client: ShareClient, share: FakeShare) -> None:
    """In the form in which they were sent."""
    share.script("Publisher/CreateSubscriptionInvitation", answer(SUBSCRIPTION_ID))
    await client.create_invitation(CONTACT_ID, "Wearer")
    share.script("General/ReadSubscriptionAlerts", answer(share.calls[-1].json["AlertSettings"]))
    assert await client.read_alert_settings(SUBSCRIPTION_ID) == DEFAULT_ALERT_SETTINGS
    assert share.calls[-1].query["subscriptionId"] == SUBSCRIPTION_ID


async def test_the_device_is_told_with_the_session_in_the_body(client: ShareClient, share: FakeShare) -> None:
    """The one call that wants it there."""
    await client.update_runtime_info(INFO)
    sent = share.calls[-1]
    assert sent.endpoint == "Publisher/UpdatePublisherAccountRuntimeInfo"
    assert sent.query == {}
    assert sent.json["sessionId"] == SESSION_IDS[0]
    assert sent.json["runtimeInfo"]["DeviceModel"] == "b"


async def test_readings_that_share_has_already_count_as_uploaded(client: ShareClient, share: FakeShare) -> None:
    """Any other refusal is the caller's to deal with."""
    share.script("Publisher/PostReceiverEgvRecords", fault("DuplicateEgvPosted"), fault("MonitoredReceiverNotAssigned"))
    await client.post_readings("SM00000000", [RECORD])
    with pytest.raises(ShareRequestError) as caught:
        await client.post_readings("SM00000000", [RECORD])
    assert caught.value.code == "MonitoredReceiverNotAssigned"


async def test_a_refused_request_says_why_and_costs_nothing(client: ShareClient, share: FakeShare) -> None:
    """The session stays, the next call succeeds."""
    share.script("Publisher/CreateContact", fault("ContactNameAlreadyExists"), answer(CONTACT_ID))
    with pytest.raises(ShareRequestError) as caught:
        await client.create_contact("Ann", "ann@example.com")
    assert caught.value.code == "ContactNameAlreadyExists"
    assert await client.create_contact("Bob", "bob@example.com") == CONTACT_ID
    assert share.logins == 1


async def test_the_client_shows_nothing_of_the_account(client: ShareClient, share: FakeShare) -> None:
    """Its repr tells the region and whether it is logged in."""
    assert repr(client) == "<ShareClient region=us has_session=False>"
    share.script(READ, answer([]))
    await client.read_glucose()
    assert repr(client) == "<ShareClient region=us has_session=True>"
