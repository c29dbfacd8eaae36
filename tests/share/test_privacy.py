"""A session in which everything goes wrong once, and nothing of the account shows anywhere."""

from collections.abc import Awaitable, Callable
import copy
import logging
import traceback

from aiohttp import ClientSession, web
import pytest

from custom_components.dexcom_share.share import CallRecord, ShareClient, ShareError

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
    text,
)
from .test_transport import broken_body, hang_up

SECRETS = [NAME, NAME.partition("@")[0], PASSWORD, ACCOUNT_ID, *SESSION_IDS, "Follower", "follower+x@example.com"]
TELLTALE = f"{NAME} {PASSWORD} {ACCOUNT_ID} {' '.join(SESSION_IDS)}"


async def test_no_log_line_message_repr_or_record_holds_a_secret(
    http: ClientSession, share: FakeShare, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even where the server's answers are full of them."""
    caplog.set_level(logging.DEBUG)
    records: list[CallRecord] = []
    shown: list[str] = []
    client = ShareClient(http, username=NAME, password=PASSWORD, base_url=share.url, on_call=records.append)
    server_trouble: list[web.StreamResponse] = [
        fault("Trouble", TELLTALE, TELLTALE),
        fault("Follower", TELLTALE, TELLTALE),
        fault(TELLTALE, TELLTALE, TELLTALE),
        fault("InvalidArgument", TELLTALE),
        fault("SSO_InternalError", TELLTALE),
        text(TELLTALE, status=429),
        text(TELLTALE, status=403),
        text(TELLTALE),
        text("{" + TELLTALE),
        text(TELLTALE, status=302, Location=f"https://share.example/?q={SESSION_IDS[0]}"),
        web.Response(body=TELLTALE.encode(), headers={"Content-Encoding": "gzip"}),
    ]
    session_trouble = [fault("SessionNotValid", TELLTALE), fault("SessionIdNotFound", TELLTALE)]
    refusals = [
        fault("AccountPasswordInvalid", TELLTALE),
        fault("SSO_InternalError", f"Cannot Authenticate by AccountName='{TELLTALE}'"),
        fault("SSO_AuthenticateMaxAttemptsExceeed", TELLTALE),
    ]
    for endpoint in (AUTHENTICATE, LOGIN):
        share.script(endpoint, *map(copy.deepcopy, server_trouble), hang_up, hang_up, broken_body)
    share.script(READ, *server_trouble, *session_trouble, hang_up, hang_up, broken_body)

    async def try_once(call: Callable[[], Awaitable[object]]) -> None:
        try:
            await call()
        except ShareError as err:
            shown.extend((str(err), repr(err), err.shown_code, "".join(traceback.format_exception(err))))
        shown.append(repr(client))

    for _ in range(60):
        await try_once(client.read_glucose)
        client.forget_session()
    share.script("Publisher/CreateContact", text("<html>" + TELLTALE), fault("ContactNameAlreadyExists", TELLTALE))
    for _ in range(2):
        await try_once(lambda: client.create_contact("Follower", "follower+x@example.com"))
    assert not any(share.scripts.values())
    for refusal in refusals:
        share.script(LOGIN, refusal)
        with pytest.raises(ShareError) as caught:
            await client.login()
        shown.extend((repr(caught.value), "".join(traceback.format_exception(caught.value))))
    ours = [record for record in caplog.records if record.name.startswith("custom_components.dexcom_share")]
    assert len(ours) > 40
    shown.extend(record.getMessage() for record in ours)
    shown.extend(repr(record) for record in records)
    everything = "\n".join(shown)
    for secret in SECRETS:
        assert secret not in everything


async def test_no_password_is_ever_part_of_an_address(client: ShareClient, share: FakeShare) -> None:
    """It travels in the body of a log-in and nowhere else."""
    await client.read_glucose()
    for call in share.calls:
        assert PASSWORD not in str(call.query) + call.endpoint + str(call.headers)
        assert (PASSWORD.encode() in call.body) == (call.endpoint in {AUTHENTICATE, LOGIN})
