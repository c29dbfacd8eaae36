"""The client and the simulator, each written from the description alone, understand each other."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
import pytest

from custom_components.dexcom_share.share import (
    DEFAULT_ALERT_SETTINGS,
    AccountLockedError,
    AuthenticationError,
    ComponentStatus,
    EgvRecord,
    GlucoseReading,
    Permissions,
    ReceiverAssignment,
    Region,
    SessionError,
    ShareClient,
    ShareConnectionError,
    ShareRequestError,
    ShareResponseError,
    ShareServerError,
    ShareTimeoutError,
    StatusIndicator,
    SubscriptionState,
    Trend,
    read_status_summary,
)
from simulator import Account, Limited, ListSource, Simulator, in_memory, make_app

from .test_client import INFO

NAME = "demo@example.com"
PASSWORD = "demo"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def simulator() -> Simulator:
    """Return a world whose time stands still."""
    return Simulator(clock=lambda: NOW, latency=False)


@pytest.fixture
def account(simulator: Simulator) -> Account:
    """Return a wearer without readings."""
    return simulator.add_account(NAME, PASSWORD, source=ListSource())


@pytest.fixture
async def memory(simulator: Simulator) -> AsyncIterator[ClientSession]:
    """Return a session whose every request ends in the simulator."""
    async with in_memory(simulator) as session:
        yield session


@pytest.fixture
def client(memory: ClientSession, account: Account) -> ShareClient:
    """Return a client of the wearer, on Share's own address."""
    return ShareClient(memory, username=NAME, password=PASSWORD)


async def test_a_made_up_day_is_read(memory: ClientSession, simulator: Simulator) -> None:
    """Whole, in order, at the usual distance."""
    simulator.add_account(NAME, PASSWORD)
    client = ShareClient(memory, username=NAME, password=PASSWORD)
    readings = await client.read_glucose()
    assert len(readings) > 200
    assert readings == sorted(readings, key=lambda reading: reading.time)
    assert NOW - timedelta(days=1) < readings[0].time < readings[-1].time <= NOW
    assert {type(reading.value) for reading in readings} == {int}
    assert readings[-1].utc_offset == timedelta(0)
    assert await client.read_glucose(60, 3) == readings[-3:]
    assert await client.read_glucose(0, 0) == []


async def test_it_works_over_real_sockets_too(http: ClientSession, simulator: Simulator, account: Account) -> None:
    """At the address that the simulator prints, with the services' path."""
    account.add_reading(NOW - timedelta(minutes=2), 401, "RateOutOfRange")
    async with TestServer(make_app(simulator)) as server:
        base_url = str(server.make_url("/ShareWebServices/Services"))
        client = ShareClient(http, username=NAME, password=PASSWORD, base_url=base_url)
        assert await client.login() == account.account_id
        assert await client.read_glucose() == [
            GlucoseReading(NOW - timedelta(minutes=2), 401, Trend.RATE_OUT_OF_RANGE, timedelta(0))
        ]


@pytest.mark.parametrize("region", list(Region))
async def test_an_account_lives_in_one_region(memory: ClientSession, simulator: Simulator, region: Region) -> None:
    """Everywhere else the right password is a wrong one."""
    simulator.add_account(NAME, PASSWORD, region=region.value)
    for other in Region:
        client = ShareClient(memory, username=NAME, password=PASSWORD, region=other)
        if other is region:
            await client.login()
        else:
            with pytest.raises(AuthenticationError):
                await client.login()


async def test_an_account_id_does_in_place_of_a_name(memory: ClientSession, account: Account) -> None:
    """With or without hyphens; the nil id and what is no id do not."""
    account_id = account.account_id
    for written in (account_id, account_id.replace("-", "").upper()):
        assert await ShareClient(memory, account_id=written, password=PASSWORD).login() == account_id
    with pytest.raises(AuthenticationError):
        await ShareClient(memory, account_id="00000000-0000-0000-0000-000000000000", password=PASSWORD).login()
    with pytest.raises(ShareRequestError) as caught:
        await ShareClient(memory, account_id="1", password=PASSWORD).login()
    assert caught.value.code == "InvalidArgument"


@pytest.mark.parametrize("words", [None, "SSO_InternalError", "SSO_Authenticate"])
@pytest.mark.parametrize("form", [1, 2, 3])
async def test_a_refusal_is_one_in_the_words_of_any_time(
    memory: ClientSession, simulator: Simulator, account: Account, words: str | None, form: int
) -> None:
    """By name and by id, and one attempt each."""
    simulator.faults.login_failure = words
    simulator.faults.subcode_format = form
    for client in (
        ShareClient(memory, username=NAME, password="wrong"),
        ShareClient(memory, username="nobody", password="wrong"),
        ShareClient(memory, account_id=account.account_id, password="wrong"),
    ):
        simulator.calls.clear()
        for _ in range(3):
            with pytest.raises(AuthenticationError):
                await client.read_glucose()
        assert len(simulator.calls) == 1


@pytest.mark.parametrize("spelling", ["Exceeed", "Exceeded"])
async def test_a_locked_account_is_left_alone(
    client: ShareClient, simulator: Simulator, account: Account, spelling: str
) -> None:
    """Until somebody tries again."""
    simulator.faults.lock_spelling = spelling
    account.lock(NOW + timedelta(minutes=10))
    for _ in range(3):
        with pytest.raises(AccountLockedError):
            await client.read_glucose()
    assert len(simulator.calls) == 1
    simulator.advance(timedelta(minutes=11))
    await client.login()
    assert await client.read_glucose() == []


@pytest.mark.parametrize("kind", ["nil", "malformed", "unknown", "expired"])
async def test_a_lost_session_is_replaced(client: ShareClient, simulator: Simulator, kind: str) -> None:
    """Once in a call, whatever way Share says so."""
    await client.login()
    simulator.faults.session = Limited(kind, calls=1)
    assert await client.read_glucose() == []
    assert simulator.logins == 2
    simulator.faults.session = kind
    with pytest.raises(SessionError):
        await client.read_glucose()
    assert simulator.logins == 3


async def test_a_session_that_came_to_its_end_is_replaced(client: ShareClient, simulator: Simulator) -> None:
    """After a day, as the real ones."""
    await client.login()
    simulator.advance(timedelta(hours=25))
    assert await client.read_glucose() == []
    assert simulator.logins == 2


@pytest.mark.parametrize(
    ("switch", "value", "kind"),
    [
        ("html_status", 403, ShareServerError),
        ("html_status", 429, ShareServerError),
        ("html_status", 503, ShareServerError),
        ("redirect", "https://share.example/", ShareResponseError),
        ("disconnect", "before", ShareConnectionError),
        ("disconnect", "inside", ShareConnectionError),
        ("body", "truncated", ShareResponseError),
        ("body", "html", ShareResponseError),
        ("body", "null", ShareResponseError),
        ("body", "string", ShareResponseError),
        ("body", "number", ShareResponseError),
        ("body", "object", ShareResponseError),
        ("fault_code", "Mystery", ShareServerError),
    ],
)
async def test_trouble_passes(
    client: ShareClient,
    simulator: Simulator,
    account: Account,
    switch: str,
    value: object,
    kind: type[Exception],
) -> None:
    """Each is an error of its kind, and the next call succeeds with the session of before."""
    account.add_reading(NOW, 100)
    await client.login()
    setattr(simulator.faults, switch, value)
    with pytest.raises(kind) as caught:
        await client.read_glucose()
    assert type(caught.value) is kind
    setattr(simulator.faults, switch, None)
    assert len(await client.read_glucose()) == 1
    assert simulator.logins == 1


@pytest.mark.parametrize("switch", ["delay_seconds", "body_delay_seconds"])
async def test_a_slow_server_is_a_time_out(
    client: ShareClient, simulator: Simulator, account: Account, switch: str
) -> None:
    """Before the answer or inside it."""
    account.add_reading(NOW, 100)
    await client.login()
    setattr(simulator.faults, switch, 0.5)
    client._transport._timeout_seconds = 0.01
    with pytest.raises(ShareTimeoutError):
        await client.read_glucose()


async def test_the_pause_that_is_asked_for_is_told(client: ShareClient, simulator: Simulator) -> None:
    """In seconds."""
    simulator.faults.html_status = 429
    simulator.faults.retry_after = "90"
    with pytest.raises(ShareServerError) as caught:
        await client.login()
    assert caught.value.retry_after_seconds == 90


@pytest.mark.parametrize(
    ("switch", "value"),
    [
        ("trend_as", "int"),
        ("date_slashes", True),
        ("omit_wt", True),
        ("system_time_skew_seconds", 3600),
        ("subcode_format", 3),
    ],
)
async def test_the_wire_of_any_time_is_read(
    client: ShareClient, simulator: Simulator, account: Account, switch: str, value: object
) -> None:
    """To the same reading."""
    account.add_reading(NOW - timedelta(minutes=3, milliseconds=183), 85, "FortyFiveDown")
    setattr(simulator.faults, switch, value)
    assert await client.read_glucose() == [
        GlucoseReading(NOW - timedelta(minutes=3, milliseconds=183), 85, Trend.FORTY_FIVE_DOWN, timedelta(0))
    ]


async def test_malformed_readings_are_left_out(client: ShareClient, simulator: Simulator) -> None:
    """Those that are well formed among them stay."""
    account = simulator.accounts[0]
    for minutes in range(60, 0, -5):
        account.add_reading(NOW - timedelta(minutes=minutes), 100 + minutes)
    whole = await client.read_glucose()
    simulator.faults.malformed_readings = True
    left = await client.read_glucose()
    assert len(whole) == 12
    assert left == whole


async def test_a_wrong_clock_shows(memory: ClientSession, simulator: Simulator) -> None:
    """By the header of every answer."""
    heard: list[datetime | None] = []
    client = ShareClient(
        memory, username=NAME, password=PASSWORD, on_server_time=lambda time, took_seconds: heard.append(time)
    )
    simulator.add_account(NAME, PASSWORD, source=ListSource())
    simulator.faults.date_header_skew_seconds = 300
    await client.login()
    assert heard == [NOW + timedelta(minutes=5)] * 2


@pytest.mark.parametrize("form", [None, "xml"])
async def test_the_servers_time_is_read(client: ShareClient, simulator: Simulator, form: str | None) -> None:
    """As JSON or XML, without a log-in."""
    simulator.faults.system_time_as = form
    assert await client.read_system_time() == NOW
    assert simulator.logins == 0


async def test_a_follower_is_invited_and_removed(client: ShareClient, simulator: Simulator, account: Account) -> None:
    """From the contact to the subscription and back, with every character of a name."""
    name, email = "Ann & Bob+1 = 100%", "ann+cgm@example.com"
    assert not await client.does_contact_exist(name)
    contact_id = await client.create_contact(name, email)
    assert await client.does_contact_exist(name)
    with pytest.raises(ShareRequestError) as caught:
        await client.create_contact(name, email)
    assert caught.value.code == "ContactNameAlreadyExists"
    settings = replace(DEFAULT_ALERT_SETTINGS, low=replace(DEFAULT_ALERT_SETTINGS.low, is_enabled=True))
    subscription_id = await client.create_invitation(
        contact_id, "Wearer", alert_settings=settings, permissions=Permissions.NONE
    )
    (subscription,) = (one for one in await client.list_subscriptions() if one.contact_id == contact_id)
    assert subscription.subscription_id == subscription_id
    assert (subscription.contact_name, subscription.display_name) == (name, "Wearer")
    assert subscription.state is SubscriptionState.INVITE_WAITING
    assert subscription.invite_expires == NOW + timedelta(days=7)
    assert subscription.subscriber_id is None
    assert subscription.permissions is Permissions.NONE
    assert await client.read_alert_settings(subscription_id) == settings
    contact = await client.read_contact(contact_id)
    assert (contact.name, contact.email, contact.subscription_id) == (name, email, subscription_id)
    with pytest.raises(ShareRequestError) as caught:
        await client.pause_subscription(subscription_id)
    assert caught.value.code == "SubscriptionNotPausableState"
    account.followers.subscriptions[subscription_id].accept(NOW)
    simulator.faults.state_as = "string"

    async def state() -> SubscriptionState:
        return next(one.state for one in await client.list_subscriptions() if one.contact_id == contact_id)

    assert await state() is SubscriptionState.ACTIVE
    await client.pause_subscription(subscription_id)
    assert await state() is SubscriptionState.PAUSED_BY_PUBLISHER
    await client.resume_subscription(subscription_id)
    assert await state() is SubscriptionState.ACTIVE
    await client.update_permissions(subscription_id, Permissions.GRAPH)
    await client.update_contact_name(contact_id, "Ann")
    (subscription,) = (one for one in await client.list_subscriptions() if one.contact_id == contact_id)
    assert subscription.permissions is Permissions.GRAPH
    assert subscription.contact_name == "Ann"
    await client.delete_contact(contact_id)
    assert contact_id not in {one.contact_id for one in await client.list_subscriptions()}


async def test_readings_are_uploaded(client: ShareClient, account: Account) -> None:
    """In the order of today's uploaders; a second upload of the same is none."""
    assert await client.check_receiver_assignment("SM12345678") is ReceiverAssignment.NOT_ASSIGNED
    record = EgvRecord.from_reading(GlucoseReading(NOW - timedelta(minutes=1), 97, Trend.FLAT))
    with pytest.raises(ShareRequestError):
        await client.post_readings("SM12345678", [record])
    await client.replace_receiver("SM12345678")
    assert await client.check_receiver_assignment("SM12345678") is ReceiverAssignment.ASSIGNED_TO_YOU
    if await client.is_monitoring_session_active():
        await client.stop_monitoring_session()
    with pytest.raises(ShareRequestError) as caught:
        await client.post_readings("SM12345678", [record])
    assert caught.value.code == "MonitoringSessionNotActive"
    await client.start_monitoring_session("SM12345678")
    await client.update_runtime_info(INFO)
    assert account.runtime_info["DeviceModel"] == "b"
    for _ in range(2):
        await client.post_readings("SM12345678", [record])
    (reading,) = await client.read_glucose()
    assert (reading.time, reading.value, reading.trend) == (NOW - timedelta(seconds=65), 97, Trend.FLAT)


async def test_the_status_page_is_read(memory: ClientSession, simulator: Simulator) -> None:
    """Without trouble, and with some."""
    summary = await read_status_summary(memory)
    assert summary.indicator is StatusIndicator.NONE
    assert summary.components
    assert summary.affected == ()
    assert summary.components[0].status is ComponentStatus.OPERATIONAL
