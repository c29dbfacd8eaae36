"""Logging in and reading: what is sent, when, and what comes back."""

from aiohttp import ClientSession
import pytest

from custom_components.dexcom_share.share import AuthenticationError, Region, SessionError, ShareClient

from .conftest import (
    ACCOUNT_ID,
    AUTHENTICATE,
    LOGIN,
    NAME,
    PASSWORD,
    READ,
    SESSION_IDS,
    FakeShare,
    fault,
)

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


async def test_a_log_in_takes_two_steps_and_returns_the_account_id(client: ShareClient, share: FakeShare) -> None:
    """The name and password go to the first step, the account id and password to the second."""
    assert await client.login() == ACCOUNT_ID
    secrets = {"password": PASSWORD, "applicationId": Region.US.application_id}
    assert [(call.method, call.endpoint, call.query, call.json) for call in share.calls] == [
        ("POST", AUTHENTICATE, {}, {"accountName": NAME, **secrets}),
        ("POST", LOGIN, {}, {"accountId": ACCOUNT_ID, **secrets}),
    ]
    assert client.account_id == ACCOUNT_ID
    assert client.has_session


async def test_a_known_account_id_saves_the_first_step(http: ClientSession, share: FakeShare) -> None:
    """An account id without hyphens is one too."""
    client = ShareClient(http, account_id=ACCOUNT_ID.replace("-", ""), password=PASSWORD, base_url=share.url)
    assert await client.login() == ACCOUNT_ID
    assert share.endpoints == ["LoginPublisherAccountById"]
    assert share.calls[0].json["accountId"] == ACCOUNT_ID


async def test_reading_logs_in_and_returns_the_oldest_first(client: ShareClient, share: FakeShare) -> None:
    """The session is kept for the next call."""
    share.readings = [NEWEST, OLDER]
    assert [reading.value for reading in await client.read_glucose(60, 2)] == [154, 155]
    assert share.calls[-1].query == {"sessionId": SESSION_IDS[0], "minutes": "60", "maxCount": "2"}
    await client.read_glucose()
    assert share.calls[-1].query == {"sessionId": SESSION_IDS[0], "minutes": "1440", "maxCount": "288"}
    assert share.logins == 1


async def test_a_session_that_is_gone_is_replaced_once(client: ShareClient, share: FakeShare) -> None:
    """After the second refusal of the same call the error goes to the caller; the next call starts anew."""
    share.script(READ, fault("SessionNotValid"))
    assert await client.read_glucose() == []
    assert share.logins == 2
    share.script(READ, fault("SessionIdNotFound"), fault("SessionIdNotFound"))
    with pytest.raises(SessionError):
        await client.read_glucose()
    assert share.logins == 3
    assert not client.has_session
    assert await client.read_glucose() == []
    assert share.logins == 4


async def test_a_refused_password_is_not_sent_again_by_itself(client: ShareClient, share: FakeShare) -> None:
    """Only `login` tries again."""
    share.script(AUTHENTICATE, fault("AccountPasswordInvalid"))
    for _ in range(3):
        with pytest.raises(AuthenticationError):
            await client.read_glucose()
    assert share.endpoints == ["AuthenticatePublisherAccount"]
    await client.login()
    assert await client.read_glucose() == []
