"""What an answer that is no success means."""

import json

import pytest

from custom_components.dexcom_share.share import (
    AccountLockedError,
    AuthenticationError,
    SessionError,
    ShareError,
    ShareRequestError,
    ShareServerError,
)
from custom_components.dexcom_share.share.faults import Credential, fault_error

from .conftest import ACCOUNT_ID, NAME, fault_body

MET_BY_NOBODY = {
    "OAuth_PasswordInvalid",
    "accountnotfound",
    "LoginMaxAttemptsReached",
    "SessionExpired",
    "MonitoringSessionPaused",
    "SomethingElse",
}


def kind_of(status: int, body: bytes, credential: Credential = Credential.SESSION) -> type[ShareError]:
    """Return the class of error that an answer stands for."""
    return type(fault_error(status, body, credential=credential))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccountPasswordInvalid", AuthenticationError),
        ("SSO_AuthenticateAccountNotFound", AuthenticationError),
        ("SSO_AuthenticatePasswordInvalid", AuthenticationError),
        ("SSO_AuthenticateMaxAttemptsExceeed", AccountLockedError),
        ("SSO_AuthenticateMaxAttemptsExceeded", AccountLockedError),
        ("SessionIdNotFound", SessionError),
        ("SessionNotValid", SessionError),
        ("InvalidArgument", ShareRequestError),
        ("MonitoredReceiverNotAssigned", ShareRequestError),
        ("MonitoredReceiverSerialNumberDoesNotMatch", ShareRequestError),
        ("MonitoringSessionNotActive", ShareRequestError),
        ("MonitoringSessionAlreadyActive", ShareRequestError),
        ("DuplicateEgvPosted", ShareRequestError),
        ("FutureEgvPosted", ShareRequestError),
        ("SerialNumberAssignedToYou", ShareRequestError),
        ("SerialNumberAssignedToSomeoneElse", ShareRequestError),
        ("ContactNameAlreadyExists", ShareRequestError),
        ("ContactAlreadyDeleted", ShareRequestError),
        ("ContactIdNotFound", ShareRequestError),
        ("InvalidEmailAddress", ShareRequestError),
        ("SSO_EmailNonStandard", ShareRequestError),
        ("SSO_EmailUnknownFault", ShareRequestError),
        ("SubscriptionNotPausableState", ShareRequestError),
        ("SubscriptionNotPaused", ShareRequestError),
        ("IntegrityCheckFailed", ShareRequestError),
        ("SSO_InternalError", ShareServerError),
        # Codes nobody has met yet, by a part of them.
        ("OAuth_PasswordInvalid", AuthenticationError),
        ("accountnotfound", AuthenticationError),
        ("LoginMaxAttemptsReached", AccountLockedError),
        ("SessionExpired", SessionError),
        ("MonitoringSessionPaused", ShareRequestError),
        ("SomethingElse", ShareServerError),
    ],
)
@pytest.mark.parametrize("status", [500, 400, 200])
def test_the_code_decides_whatever_the_status(code: str, kind: type[ShareError], status: int) -> None:
    """Share answers every kind of fault with the same status."""
    error = fault_error(status, fault_body(code), credential=Credential.PASSWORD)
    assert type(error) is kind
    assert error.code == code
    assert error.shown_code == ("unknown" if code in MET_BY_NOBODY else code)
    assert error.shown_code in str(error)


@pytest.mark.parametrize("who", ["AccountName", "AccountId"])
def test_an_internal_error_may_mean_refused_credentials(who: str) -> None:
    """Its message tells."""
    body = fault_body("SSO_InternalError", f"UAM_ERROR: Msg=Cannot Authenticate by {who}='{NAME}'")
    assert kind_of(500, body, Credential.PASSWORD) is AuthenticationError
    assert kind_of(500, fault_body("SSO_InternalError", "Time out issue."), Credential.PASSWORD) is ShareServerError


def test_a_malformed_session_is_a_lost_session() -> None:
    """Only where a session was sent; other arguments are the request's fault."""
    body = fault_body("InvalidArgument", "Cannot deserialize value of type `java.util.UUID` from String")
    assert kind_of(500, body, Credential.SESSION) is SessionError
    assert kind_of(500, body, Credential.PASSWORD) is ShareRequestError
    assert kind_of(500, fault_body("InvalidArgument", "accountName"), Credential.SESSION) is ShareRequestError


@pytest.mark.parametrize(
    ("status", "credential", "kind"),
    [
        (400, Credential.SESSION, SessionError),
        (401, Credential.SESSION, SessionError),
        (401, Credential.PASSWORD, AuthenticationError),
        (400, Credential.PASSWORD, ShareServerError),
        (401, Credential.NONE, ShareServerError),
        (403, Credential.SESSION, ShareServerError),
        (403, Credential.PASSWORD, ShareServerError),
        (404, Credential.SESSION, ShareServerError),
        (429, Credential.SESSION, ShareServerError),
        (500, Credential.SESSION, ShareServerError),
        (503, Credential.PASSWORD, ShareServerError),
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Attention required</html>",
        b"[]",
        b'"text"',
        b"{}",
        b'{"Code": 7, "Message": null}',
        b'{"Code": ""}',
    ],
)
def test_without_a_code_the_status_decides(
    status: int, credential: Credential, kind: type[ShareError], body: bytes
) -> None:
    """It then also serves as the code."""
    error = fault_error(status, body, credential=credential)
    assert type(error) is kind
    assert error.code == f"HTTP {status}"


def test_a_code_that_could_hold_a_secret_is_not_shown() -> None:
    """Codes go to logs and to the user."""
    for code in (NAME, ACCOUNT_ID, "x" * 65, "a b", "PasswordInvalid 'name'"):
        error = fault_error(500, fault_body(code, NAME), credential=Credential.PASSWORD)
        assert error.code == "HTTP 500"
        assert code not in str(error)
        assert code not in repr(error)
    error = fault_error(500, fault_body("AnnaMustermann"), credential=Credential.PASSWORD)
    assert "Anna" not in f"{error} {error!r} {error.shown_code}"


def test_the_fault_keeps_the_pause_and_not_the_message() -> None:
    """Messages of the server hold names and ids."""
    body = json.dumps({"Code": "Busy", "Message": NAME, "SubCode": f"<OnlineException {ACCOUNT_ID}"}).encode()
    error = fault_error(503, body, credential=Credential.SESSION, retry_after_seconds=30)
    assert isinstance(error, ShareServerError)
    assert error.retry_after_seconds == 30
    assert repr(error) == "ShareServerError('Share reported a fault (unknown)')"
