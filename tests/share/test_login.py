"""When a log-in is sent, who shares it, and when it is not repeated."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from aiohttp import ClientSession, web
import pytest

from custom_components.dexcom_share.share import (
    AccountLockedError,
    AuthenticationError,
    GlucoseReading,
    SessionError,
    ShareClient,
    ShareError,
    ShareRequestError,
    ShareResponseError,
    ShareServerError,
)

from .conftest import (
    ACCOUNT_ID,
    AUTHENTICATE,
    LOGIN,
    LOGIN_BY_NAME,
    NAME,
    PASSWORD,
    READ,
    SESSION_IDS,
    FakeShare,
    answer,
    fault,
    text,
)

NIL = "00000000-0000-0000-0000-000000000000"

type Read = asyncio.Task[list[GlucoseReading]]


REFUSALS: list[tuple[str, Callable[[], web.Response], type[ShareError]]] = [
    (AUTHENTICATE, lambda: fault("AccountPasswordInvalid"), AuthenticationError),
    (AUTHENTICATE, lambda: fault("SSO_AuthenticateMaxAttemptsExceeed"), AccountLockedError),
    (AUTHENTICATE, lambda: fault("SSO_InternalError", "Cannot Authenticate by AccountName='x'"), AuthenticationError),
    (AUTHENTICATE, lambda: answer(NIL), AuthenticationError),
    (AUTHENTICATE, lambda: text("", status=401), AuthenticationError),
    (LOGIN, lambda: fault("AccountPasswordInvalid"), AuthenticationError),
    (LOGIN, lambda: fault("SSO_AuthenticateMaxAttemptsExceeded"), AccountLockedError),
    (LOGIN, lambda: answer(NIL), AuthenticationError),
]


@pytest.mark.parametrize(("step", "refusal", "kind"), REFUSALS)
async def test_a_refused_password_waits_for_somebody_to_try_again(
    client: ShareClient, share: FakeShare, step: str, refusal: Callable[[], web.Response], kind: type[ShareError]
) -> None:
    """Every call raises the same at once; `login` makes one attempt; its success ends the wait."""
    share.script(step, refusal())
    with pytest.raises(ShareError) as first:
        await client.read_glucose()
    assert type(first.value) is kind
    sent = len(share.calls)
    for call in (client.read_glucose, client.list_subscriptions, client.stop_monitoring_session):
        with pytest.raises(ShareError) as again:
            await call()
        assert type(again.value) is kind
        assert (str(again.value), again.value.code) == (str(first.value), first.value.code)
    assert len(share.calls) == sent
    assert not client.has_session
    share.script(step, refusal())
    with pytest.raises(kind):
        await client.login()
    assert share.count(step) == 2
    with pytest.raises(kind):
        await client.read_glucose()
    assert share.count(step) == 2
    await client.login()
    client.forget_session()
    assert await client.read_glucose() == []


async def test_an_attempt_that_came_to_nothing_does_not_end_the_wait(client: ShareClient, share: FakeShare) -> None:
    """The password is still the one that was refused."""
    share.script(AUTHENTICATE, fault("AccountPasswordInvalid"), text("", status=503))
    with pytest.raises(AuthenticationError):
        await client.login()
    with pytest.raises(ShareServerError):
        await client.login()
    with pytest.raises(AuthenticationError):
        await client.read_glucose()
    assert share.endpoints == ["AuthenticatePublisherAccount"] * 2


async def test_the_servers_time_can_be_read_after_a_refusal(client: ShareClient, share: FakeShare) -> None:
    """It needs neither session nor password."""
    share.script(AUTHENTICATE, fault("AccountPasswordInvalid"))
    with pytest.raises(AuthenticationError):
        await client.login()
    share.script("General/SystemUtcTime", answer({"DateTime": "/Date(1426767421178)/", "OffsetMinutes": 0}))
    assert (await client.read_system_time()).year == 2015
    assert share.calls[-1].method == "GET"


async def test_a_lost_session_and_a_changed_password_make_one_refused_log_in(
    client: ShareClient, share: FakeShare
) -> None:
    """Never more than one in a call."""
    await client.login()
    share.script(READ, fault("SessionNotValid"))
    share.script(LOGIN, fault("AccountPasswordInvalid"))
    with pytest.raises(AuthenticationError):
        await client.read_glucose()
    assert share.endpoints[2:] == ["ReadPublisherLatestGlucoseValues", "LoginPublisherAccountById"]


async def test_a_read_refused_for_credentials_is_a_lost_session(client: ShareClient, share: FakeShare) -> None:
    """No password went along with it: some servers answer so to a session of yesterday."""
    await client.login()
    share.script(READ, fault("AccountPasswordInvalid"))
    assert await client.read_glucose() == []
    assert share.logins == 2


async def test_a_read_refused_for_credentials_twice_is_a_refusal(client: ShareClient, share: FakeShare) -> None:
    """A fresh session did not help; from then on it waits like any refusal."""
    share.script(READ, fault("AccountPasswordInvalid"), fault("AccountPasswordInvalid"))
    with pytest.raises(AuthenticationError):
        await client.read_glucose()
    with pytest.raises(AuthenticationError):
        await client.read_glucose()
    assert share.count(READ) == 2
    await client.login()
    assert await client.read_glucose() == []


async def test_a_read_on_a_locked_account_sends_no_password(client: ShareClient, share: FakeShare) -> None:
    """Another log-in could only make it worse."""
    share.script(READ, fault("SSO_AuthenticateMaxAttemptsExceeed"))
    for _ in range(2):
        with pytest.raises(AccountLockedError):
            await client.read_glucose()
    assert share.logins == 1
    assert share.count(READ) == 1


LOST_SESSIONS: list[Callable[[], web.Response]] = [
    lambda: fault("SessionNotValid", "Error in the application."),
    lambda: fault("SessionIdNotFound", "Failed to find session object. [SessionId = x]"),
    lambda: fault("InvalidArgument", "Cannot deserialize value of type `java.util.UUID` from String"),
    web.Response,
    lambda: text(" \r\n"),
    lambda: text("Bad Request", status=400),
    lambda: text("", status=401),
]


@pytest.mark.parametrize("lost", LOST_SESSIONS)
async def test_a_lost_session_is_replaced_once_in_a_call(
    client: ShareClient, share: FakeShare, lost: Callable[[], web.Response]
) -> None:
    """A session that is disowned afresh is an error; the next call begins with a log-in."""
    await client.login()
    share.script(READ, lost())
    assert await client.read_glucose() == []
    assert [call.query.get("sessionId") for call in share.calls[2:]] == [SESSION_IDS[0], None, SESSION_IDS[1]]
    share.script(READ, lost(), lost())
    with pytest.raises(SessionError):
        await client.read_glucose()
    assert share.logins == 3
    assert not client.has_session
    assert await client.read_glucose() == []
    assert share.logins == 4


async def test_another_failure_keeps_the_session(client: ShareClient, share: FakeShare) -> None:
    """A log-in would not cure it."""
    share.script(READ, fault("SomethingElse"), text("<html>", status=502), text("<html>"))
    for kind in (ShareServerError, ShareServerError, ShareResponseError):
        with pytest.raises(kind):
            await client.read_glucose()
    assert await client.read_glucose() == []
    assert share.logins == 1


async def test_a_forgotten_session_is_replaced(client: ShareClient, share: FakeShare) -> None:
    """The account id stays known."""
    await client.login()
    client.forget_session()
    assert not client.has_session
    await client.read_glucose()
    assert share.endpoints == [
        "AuthenticatePublisherAccount",
        "LoginPublisherAccountById",
        "LoginPublisherAccountById",
        "ReadPublisherLatestGlucoseValues",
    ]


async def test_calls_at_the_same_time_share_one_log_in(client: ShareClient, share: FakeShare) -> None:
    """Reading and logging in alike."""
    share.script(AUTHENTICATE, share.stall)
    reads = [asyncio.create_task(client.read_glucose()) for _ in range(3)]
    logins = [asyncio.create_task(client.login()) for _ in range(2)]
    await share.seen(1)
    share.release.set()
    assert await asyncio.gather(*reads) == [[], [], []]
    assert await asyncio.gather(*logins) == [ACCOUNT_ID, ACCOUNT_ID]
    assert share.count(AUTHENTICATE) == share.count(LOGIN) == 1


async def test_calls_at_the_same_time_share_a_refusal(client: ShareClient, share: FakeShare) -> None:
    """The password is sent once for all of them."""
    refused = fault("AccountPasswordInvalid")

    async def refuse_late(request: web.Request) -> web.StreamResponse:
        await share.release.wait()
        return refused

    share.script(AUTHENTICATE, refuse_late)
    reads = [asyncio.create_task(client.read_glucose()) for _ in range(3)]
    await share.seen(1)
    share.release.set()
    outcomes = await asyncio.gather(*reads, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [AuthenticationError] * 3
    assert len(share.calls) == 1


async def test_a_session_lost_by_many_is_replaced_once(client: ShareClient, share: FakeShare) -> None:
    """Whoever comes late finds the new session."""
    await client.login()

    async def lose_late(request: web.Request) -> web.StreamResponse:
        await share.release.wait()
        return fault("SessionNotValid")

    share.script(READ, lose_late, lose_late, lose_late)
    reads = [asyncio.create_task(client.read_glucose()) for _ in range(3)]
    await share.seen(5)
    share.release.set()
    assert await asyncio.gather(*reads) == [[], [], []]
    assert share.logins == 2


async def test_a_call_that_learns_late_of_a_lost_session_takes_the_new_one(
    client: ShareClient, share: FakeShare
) -> None:
    """A session that somebody has replaced meanwhile is not replaced again."""
    await client.login()

    async def lose_late(request: web.Request) -> web.StreamResponse:
        await share.release.wait()
        return fault("SessionNotValid")

    share.script(READ, lose_late, fault("SessionNotValid"))
    late = asyncio.create_task(client.read_glucose())
    await share.seen(3)
    assert await client.read_glucose() == []
    share.release.set()
    assert await late == []
    assert share.logins == 2
    assert share.calls[-1].query["sessionId"] == SESSION_IDS[1]


async def test_a_cancelled_call_leaves_the_log_in_to_the_others(client: ShareClient, share: FakeShare) -> None:
    """Also when the one that began it is cancelled."""
    share.script(AUTHENTICATE, share.stall)
    reads: list[Read] = [asyncio.create_task(client.read_glucose()) for _ in range(3)]
    await share.seen(1)
    reads[0].cancel()
    reads[2].cancel()
    await asyncio.wait(reads[::2])
    share.release.set()
    assert await reads[1] == []
    assert reads[0].cancelled()
    assert reads[2].cancelled()
    assert share.count(AUTHENTICATE) == share.count(LOGIN) == 1


async def test_a_log_in_nobody_waits_for_is_given_up(client: ShareClient, share: FakeShare) -> None:
    """The next call begins another, and does not inherit the cancellation."""
    share.script(AUTHENTICATE, share.stall)
    read = asyncio.create_task(client.read_glucose())
    await share.seen(1)
    read.cancel()
    with pytest.raises(asyncio.CancelledError):
        await read
    assert await client.read_glucose() == []
    assert share.count(AUTHENTICATE) == 2
    assert share.count(LOGIN) == 1


async def test_the_frame_around_a_log_in_sees_every_one_and_how_it_ends(http: ClientSession, share: FakeShare) -> None:
    """Automatic ones and those by name too; what it raises on entering holds the log-in back."""
    seen: list[str] = []
    held_back = False

    @asynccontextmanager
    async def around() -> AsyncGenerator[None]:
        if held_back:
            raise AuthenticationError("Not now")
        try:
            yield
        except ShareError as err:
            seen.append(type(err).__name__)
            raise
        seen.append("ok")

    client = ShareClient(http, username=NAME, password=PASSWORD, base_url=share.url, around_login=around)
    share.script(READ, fault("SessionNotValid"))
    await client.read_glucose()
    await client.login_by_name()
    share.script(LOGIN, fault("AccountPasswordInvalid"))
    with pytest.raises(AuthenticationError):
        await client.login()
    assert seen == ["ok", "ok", "ok", "AuthenticationError"]
    sent = len(share.calls)
    held_back = True
    with pytest.raises(AuthenticationError, match="Not now"):
        await client.login()
    assert len(share.calls) == sent


async def test_the_older_log_in_opens_a_session_too(client: ShareClient, share: FakeShare) -> None:
    """It needs a name and tells no account id."""
    await client.login_by_name()
    assert client.has_session
    assert client.account_id is None
    assert share.endpoints == ["LoginPublisherAccountByName"]
    assert share.calls[0].json["accountName"] == NAME
    await client.read_glucose()
    assert share.calls[-1].query["sessionId"] == SESSION_IDS[0]


async def test_the_older_log_in_refuses_with_the_nil_id(client: ShareClient, share: FakeShare) -> None:
    """It counts as a refusal like any other."""
    share.script(LOGIN_BY_NAME, answer(NIL))
    with pytest.raises(AuthenticationError):
        await client.login_by_name()
    with pytest.raises(AuthenticationError):
        await client.read_glucose()
    assert len(share.calls) == 1


async def test_the_older_log_in_needs_a_name(http: ClientSession, share: FakeShare) -> None:
    """An account id does not do."""
    client = ShareClient(http, account_id=ACCOUNT_ID, password=PASSWORD, base_url=share.url)
    with pytest.raises(ShareRequestError):
        await client.login_by_name()
    assert share.calls == []


@pytest.mark.parametrize("body", ["", "<html>", "{}", "null", '"not an id"', ACCOUNT_ID[:-1]])
@pytest.mark.parametrize("step", [AUTHENTICATE, LOGIN])
async def test_a_log_in_that_yields_no_id_is_no_refusal(
    client: ShareClient, share: FakeShare, step: str, body: str
) -> None:
    """The password may be right: the next call tries again."""
    share.script(step, text(body))
    with pytest.raises(ShareResponseError):
        await client.login()
    assert await client.read_glucose() == []


async def test_ids_of_the_old_server_are_taken(client: ShareClient, share: FakeShare) -> None:
    """The account id has one form for good, the session id goes back as it came."""
    share.script(AUTHENTICATE, text(ACCOUNT_ID.upper()))
    session_id = "ABCDEFAB-2222-4222-8222-222222222222"
    share.script(LOGIN, text(f' "{session_id}"\r\n'))
    assert await client.login() == ACCOUNT_ID
    await client.read_glucose()
    assert share.calls[-1].query["sessionId"] == session_id
