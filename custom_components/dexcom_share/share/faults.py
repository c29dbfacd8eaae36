"""What an answer that is no success means: fault codes first, then the status."""

from enum import Enum, auto
import re
from typing import Final

from .errors import (
    AccountLockedError,
    AuthenticationError,
    SessionError,
    ShareError,
    ShareRequestError,
    ShareResponseError,
    ShareServerError,
)
from .wire import decode_json


class Credential(Enum):
    """What a call proves itself with; the same status means different things for each."""

    NONE = auto()
    PASSWORD = auto()
    SESSION = auto()


# Share answers HTTP 500 to every kind of fault, so the code is what tells them apart. `...Exceeed` is how the server
# spells it, `...Exceeded` how others read it.
_ERROR_BY_CODE: Final[dict[str, type[ShareError]]] = {
    **dict.fromkeys(
        ("AccountPasswordInvalid", "SSO_AuthenticateAccountNotFound", "SSO_AuthenticatePasswordInvalid"),
        AuthenticationError,
    ),
    **dict.fromkeys(
        ("SSO_AuthenticateMaxAttemptsExceeed", "SSO_AuthenticateMaxAttemptsExceeded"),
        AccountLockedError,
    ),
    **dict.fromkeys(("SessionIdNotFound", "SessionNotValid"), SessionError),
    **dict.fromkeys(
        (
            "ContactAlreadyDeleted",
            "ContactIdNotFound",
            "ContactNameAlreadyExists",
            "DuplicateEgvPosted",
            "FutureEgvPosted",
            "IntegrityCheckFailed",
            "InvalidArgument",
            "InvalidEmailAddress",
            "MonitoredReceiverNotAssigned",
            "MonitoredReceiverSerialNumberDoesNotMatch",
            "MonitoringSessionAlreadyActive",
            "MonitoringSessionNotActive",
            "SSO_EmailNonStandard",
            "SSO_EmailUnknownFault",
            "SerialNumberAssignedToSomeoneElse",
            "SerialNumberAssignedToYou",
            "SubscriptionNotPausableState",
            "SubscriptionNotPaused",
        ),
        ShareRequestError,
    ),
}
# For codes nobody has met yet, in this order.
_ERROR_BY_PART_OF_CODE: Final[tuple[tuple[str, type[ShareError]], ...]] = (
    ("maxattempts", AccountLockedError),
    ("passwordinvalid", AuthenticationError),
    ("accountnotfound", AuthenticationError),
    ("monitoringsession", ShareRequestError),
    ("session", SessionError),
)
_ERROR_BY_STATUS: Final[dict[tuple[Credential, int], type[ShareError]]] = {
    # The old generation's answer to a malformed session id, and what one client meets as an expired one.
    (Credential.SESSION, 400): SessionError,
    (Credential.SESSION, 401): SessionError,
    # Never seen, but what HTTP means by it: repeating the password would be wrong.
    (Credential.PASSWORD, 401): AuthenticationError,
}
_TEXTS: Final[dict[type[ShareError], str]] = {
    AccountLockedError: "Share has locked the account for a while",
    AuthenticationError: "Share refused the credentials",
    SessionError: "Share does not know the session any more",
    ShareRequestError: "Share refused the request",
}
_KNOWN_CODES: Final = frozenset({*_ERROR_BY_CODE, "SSO_InternalError"})
"""What is shown and logged as it stands; letters alone, of a server's choice, can be somebody's name."""
_UNKNOWN_CODE: Final = "unknown"
_CODE: Final = re.compile(r"[A-Za-z_]{1,64}")


def fault_error(
    status: int, body: bytes, *, credential: Credential, retry_after_seconds: float | None = None
) -> ShareError:
    """Return the error that an answer without success stands for; its text is ours, never the server's."""
    code, message = _fault(body)
    kind = _kind(code, message, credential) or _ERROR_BY_STATUS.get((credential, status))
    shown = code
    if not _CODE.fullmatch(code):
        code = shown = f"HTTP {status}"
    elif code not in _KNOWN_CODES:
        shown = _UNKNOWN_CODE
    if kind is None:
        return ShareServerError(
            f"Share reported a fault ({shown})", code=code, shown_code=shown, retry_after_seconds=retry_after_seconds
        )
    return kind(f"{_TEXTS[kind]} ({shown})", code=code, shown_code=shown)


def _fault(body: bytes) -> tuple[str, str]:
    """Return code and message of a fault object, empty where the body is none; `SubCode` is opaque."""
    try:
        fault = decode_json(body)
    except ShareResponseError:
        return "", ""
    if not isinstance(fault, dict):
        return "", ""
    code, message = fault.get("Code"), fault.get("Message")
    return code if isinstance(code, str) else "", message if isinstance(message, str) else ""


def _kind(code: str, message: str, credential: Credential) -> type[ShareError] | None:
    """Return the kind of error a fault's code names, None where it names none."""
    if code == "SSO_InternalError":
        return AuthenticationError if "Cannot Authenticate by Account" in message else None
    # The other ids of a request are checked before it is sent: what is no UUID can only be the session.
    if code == "InvalidArgument" and credential is Credential.SESSION and "UUID" in message:
        return SessionError
    if code in _ERROR_BY_CODE:
        return _ERROR_BY_CODE[code]
    folded = code.casefold()
    return next((kind for part, kind in _ERROR_BY_PART_OF_CODE if part in folded), None)
