"""Logging in: what is answered to whom.

Also tests `accounts.py` and `parameters.py`.
"""

from datetime import timedelta

import pytest

from simulator import Account, Limited, Simulator

from ..conftest import (
    APPLICATION_ID,
    JAPANESE_APPLICATION_ID,
    NAME,
    NIL,
    PASSWORD,
    SERVICES,
    START,
    Clock,
    Wire,
)

UNKNOWN = "12345678-1234-4321-8765-123456789abc"


async def test_two_steps_lead_to_a_session(wire: Wire, account: Account) -> None:
    """A name gives the account id, the account id a session id: JSON strings of 38 bytes."""
    first = await wire.authenticate()
    assert (first.status, first.json, len(first.text)) == (200, account.account_id, 38)
    second = await wire.login(first.json)
    assert second.status == 200
    assert second.json in account.sessions
    assert len(second.text) == 38


async def test_one_step_leads_to_a_session(wire: Wire, account: Account) -> None:
    """The older call takes the name and gives the session id at once."""
    body = {"accountName": NAME, "password": PASSWORD, "applicationId": APPLICATION_ID}
    answer = await wire.call("General/LoginPublisherAccountByName", body)
    assert answer.json in account.sessions


async def test_values_may_come_in_the_query_in_any_case(wire: Wire, account: Account) -> None:
    """Query and body are the same, and names know no case."""
    answer = await wire.call(
        "General/AuthenticatePublisherAccount",
        "",
        ACCOUNTNAME=NAME,
        Password=PASSWORD,
        applicationid=APPLICATION_ID.upper(),
        more="ignored",
    )
    assert answer.json == account.account_id


@pytest.mark.parametrize(("name", "password"), [(NAME, "wrong"), ("nobody", PASSWORD), (NAME.upper(), PASSWORD)])
async def test_wrong_name_and_wrong_password_look_the_same(wire: Wire, name: str, password: str) -> None:
    """Nobody learns which of both is wrong; the body has the recorded length of 619 bytes."""
    answer = await wire.authenticate(name, password)
    assert answer.status == 500
    assert (answer.code, answer.fault["Message"]) == ("AccountPasswordInvalid", "Publisher account password failed")
    assert answer.fault["TypeName"] == "FaultException"
    assert len(answer.text) == 619
    for part in ('Type="13"', 'Category="4"', 'Severity="1"', 'TypeString="InvalidPassword"'):
        assert part in answer.fault["SubCode"]


async def test_unknown_account_id_is_a_wrong_password(wire: Wire) -> None:
    """The second step does not tell either."""
    assert (await wire.login(UNKNOWN)).code == "AccountPasswordInvalid"


@pytest.mark.parametrize("account_id", ["", NIL, None])
@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
async def test_no_account_id_gives_the_nil_session(wire: Wire, account_id: str | None, password: str) -> None:
    """A failure in disguise: status 200 and the nil UUID, whatever the password."""
    answer = await wire.login(account_id, password)
    assert (answer.status, answer.json) == (200, NIL)


async def test_missing_account_id_gives_the_nil_session(wire: Wire) -> None:
    """The name is no account id."""
    body = {"accountName": NAME, "password": PASSWORD, "applicationId": APPLICATION_ID}
    assert (await wire.call("General/LoginPublisherAccountById", body)).json == NIL


@pytest.mark.parametrize("account_id", [1, "x", UNKNOWN.replace("-", "")])
async def test_account_id_must_be_a_uuid(wire: Wire, account_id: object) -> None:
    """The message is the recorded one."""
    answer = await wire.login(account_id)
    assert answer.code == "InvalidArgument"
    assert answer.fault["Message"] == (
        "Missing required field(s): JSON parse error: Cannot deserialize value of type `java.util.UUID` from String "
        f'"{account_id}": UUID has to be represented by standard 36-char representation'
    )
    if account_id == 1:
        assert len(answer.text) == 1032


@pytest.mark.parametrize("field", ["accountName", "password", "applicationId"])
@pytest.mark.parametrize("value", [None, "", [], "missing"])
async def test_missing_fields_are_named(wire: Wire, field: str, value: object) -> None:
    """An absent, null, empty or structured value is missing."""
    body: dict[str, object] = {"accountName": NAME, "password": PASSWORD, "applicationId": APPLICATION_ID, field: value}
    if value == "missing":
        del body[field]
    answer = await wire.call("General/AuthenticatePublisherAccount", body)
    assert (answer.status, answer.code) == (500, "InvalidArgument")
    assert field in answer.fault["Message"]


@pytest.mark.parametrize("body", ["[1]", "{", "5"])
async def test_body_must_be_a_json_object(wire: Wire, body: str) -> None:
    """Anything else is refused."""
    response = await wire.client.post(f"{SERVICES}General/AuthenticatePublisherAccount", data=body)
    assert response.status == 500
    assert (await response.json())["Code"] == "InvalidArgument"


async def test_long_passwords_never_match(wire: Wire, simulator: Simulator) -> None:
    """Share knows passwords up to 20 characters, though an account may have a longer one."""
    simulator.add_account("long", "x" * 21)
    simulator.add_account("short", "x" * 20)
    assert (await wire.authenticate("long", "x" * 21)).code == "AccountPasswordInvalid"
    assert (await wire.authenticate("long", "x" * 20)).code == "AccountPasswordInvalid"
    assert (await wire.authenticate("short", "x" * 20)).status == 200


async def test_number_for_a_name_loses_its_plus(wire: Wire, simulator: Simulator) -> None:
    """Phone numbers must stay strings."""
    simulator.add_account("+15551234567", PASSWORD)
    assert (await wire.authenticate("+15551234567")).status == 200
    body = {"accountName": 15551234567, "password": PASSWORD, "applicationId": APPLICATION_ID}
    assert (await wire.call("General/AuthenticatePublisherAccount", body)).code == "AccountPasswordInvalid"


@pytest.mark.parametrize(
    ("region", "application_id", "base", "status"),
    [
        ("us", APPLICATION_ID, SERVICES, 200),
        ("us", JAPANESE_APPLICATION_ID, SERVICES, 500),
        ("jp", JAPANESE_APPLICATION_ID, SERVICES, 200),
        ("jp", APPLICATION_ID, SERVICES, 500),
        ("any", APPLICATION_ID, SERVICES, 200),
        ("any", JAPANESE_APPLICATION_ID, f"/jp{SERVICES}", 200),
        ("us", JAPANESE_APPLICATION_ID, f"/us{SERVICES}", 200),
        ("us", APPLICATION_ID, f"/ous{SERVICES}", 500),
        ("ous", APPLICATION_ID, f"/ous{SERVICES}", 200),
        ("ous", APPLICATION_ID, f"/us{SERVICES}", 500),
        ("jp", JAPANESE_APPLICATION_ID, f"/jp{SERVICES}", 200),
        ("jp", APPLICATION_ID, f"/jp{SERVICES}", 500),
        ("any", "11111111-1111-1111-1111-111111111111", SERVICES, 500),
    ],
)
async def test_account_lives_in_one_region(
    wire: Wire, account: Account, region: str, application_id: str, base: str, status: int
) -> None:
    """The wrong region is answered like a wrong password; in Japan only its own application id works."""
    account.region = region  # type: ignore[assignment]
    answer = await wire.authenticate(application_id=application_id, base=base)
    assert answer.status == status
    assert status == 200 or answer.code == "AccountPasswordInvalid"


@pytest.mark.parametrize(("host", "status"), [("share2.dexcom.com", 500), ("shareous1.dexcom.com:443", 200)])
async def test_host_names_the_region_too(wire: Wire, account: Account, host: str, status: int) -> None:
    """A client that is led here under the real names finds the regions apart."""
    account.region = "ous"
    body = {"accountName": NAME, "password": PASSWORD, "applicationId": APPLICATION_ID}
    answer = await wire.call("General/AuthenticatePublisherAccount", body, headers={"Host": host})
    assert answer.status == status


async def test_too_many_failures_lock_the_account(
    wire: Wire, simulator: Simulator, account: Account, clock: Clock
) -> None:
    """After the last attempt even the right password is refused, until the lock ends; success starts the count anew."""
    simulator.settings.login_attempts = 3
    for _ in range(2):
        await wire.authenticate(password="wrong")
    assert (await wire.authenticate()).status == 200
    for _ in range(3):
        assert (await wire.authenticate(password="wrong")).code == "AccountPasswordInvalid"
    locked = await wire.authenticate()
    assert (locked.status, locked.code) == (500, "SSO_AuthenticateMaxAttemptsExceeed")
    assert 'Type="15"' in locked.fault["SubCode"]
    assert (await wire.login(account.account_id)).code == "SSO_AuthenticateMaxAttemptsExceeed"
    clock.tick(simulator.settings.lock_duration)
    assert (await wire.authenticate()).status == 200


async def test_locked_by_hand_with_the_other_spelling(wire: Wire, simulator: Simulator, account: Account) -> None:
    """Both spellings of the code are around."""
    account.lock(START + timedelta(seconds=1))
    simulator.faults.lock_spelling = "Exceeded"
    assert (await wire.authenticate()).code == "SSO_AuthenticateMaxAttemptsExceeded"


async def test_lock_without_failures(wire: Wire, account: Account) -> None:
    """The switch locks for some calls."""
    account.faults.lock_login = Limited(True, calls=1)
    assert (await wire.authenticate()).code == "SSO_AuthenticateMaxAttemptsExceeed"
    assert (await wire.authenticate()).status == 200


async def test_right_credentials_refused_now_and_then(wire: Wire, simulator: Simulator, account: Account) -> None:
    """Such a refusal does not count as a failure."""
    simulator.faults.refuse_login = Limited(True, calls=2)
    assert [(await wire.authenticate()).status for _ in range(3)] == [500, 500, 200]
    assert account.failed_logins == 0


async def test_refusals_by_chance_come_with_their_probability(wire: Wire, simulator: Simulator) -> None:
    """The same seed gives the same chances."""
    simulator.faults.refuse_login = Limited(True, probability=0.5)
    statuses = [(await wire.authenticate()).status for _ in range(40)]
    assert 8 < statuses.count(500) < 32


async def test_internal_error_instead(wire: Wire, simulator: Simulator, account: Account) -> None:
    """The texts of July 2024, with the name or the id."""
    simulator.faults.login_failure = "SSO_InternalError"
    answer = await wire.authenticate(password="wrong")
    assert answer.code == "SSO_InternalError"
    assert answer.fault["Message"] == (
        f"Synchronization of SSO account during authenticate call failed Time out issue.  AccountName={NAME} Error "
        "encountered accessing Keycloak endpoint: UAM_ERROR: HttpStatus='401 UNAUTHORIZED(401)' "
        f"Msg=Cannot Authenticate by AccountName='{NAME}'"
    )
    answer = await wire.login(account.account_id, "wrong")
    assert f"Cannot Authenticate by AccountId='{account.account_id}'" in answer.fault["Message"]


async def test_old_codes_tell_name_and_password_apart(wire: Wire, simulator: Simulator) -> None:
    """The generation before 2022 had a code for each."""
    simulator.faults.login_failure = "SSO_Authenticate"
    assert (await wire.authenticate("nobody")).code == "SSO_AuthenticateAccountNotFound"
    assert (await wire.authenticate(password="wrong")).code == "SSO_AuthenticatePasswordInvalid"


async def test_nil_ids_on_demand(wire: Wire, simulator: Simulator, account: Account) -> None:
    """A log-in may succeed with the nil UUID."""
    simulator.faults.nil_id = Limited(True, endpoints=["LoginPublisherAccountById"])
    assert (await wire.authenticate()).json == account.account_id
    assert (await wire.login(account.account_id)).json == NIL


async def test_sessions_end(wire: Wire, simulator: Simulator, account: Account, session: str, clock: Clock) -> None:
    """An expired session is not valid; one more login is all it takes; older sessions live beside it."""
    simulator.settings.session_life = timedelta(hours=1)
    second = await wire.session(account)
    assert second != session
    clock.tick(timedelta(hours=1))
    expired = await wire.read(second)
    assert (expired.status, expired.code) == (500, "SessionNotValid")
    assert expired.fault["Message"] == f"Session not active or timed out. [SessionId = {second}]"
    assert 'ErrorCode=""' in expired.fault["SubCode"]
    assert (await wire.read(session)).status == 200


async def test_sessions_are_ended_by_hand(wire: Wire, account: Account, session: str) -> None:
    """Expired or forgotten."""
    assert account.end_sessions() == 1
    assert (await wire.read(session)).code == "SessionNotValid"
    account.end_sessions(forget=True)
    unknown = await wire.read(session)
    assert unknown.code == "SessionIdNotFound"
    assert unknown.fault["Message"] == f"Failed to find session object. [SessionId = {session}]"
    assert len(unknown.text) == 750


async def test_account_ids_and_sessions_repeat_with_the_seed() -> None:
    """The same seed gives the same ids, another one others."""
    first, again, other = (Simulator(seed=seed).add_account(NAME, PASSWORD) for seed in (1, 1, 2))
    assert first.account_id == again.account_id != other.account_id
    assert first.open_session(START) == again.open_session(START)


def test_names_are_unique(simulator: Simulator) -> None:
    """An account is known by its name."""
    with pytest.raises(ValueError, match="already"):
        simulator.add_account(NAME, "other")


def test_password_is_not_shown(account: Account) -> None:
    """Not even in a traceback."""
    assert PASSWORD not in repr(account)
