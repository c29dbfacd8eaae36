"""The shapes of the wire: dates, readings, fault objects, exactly as Share writes them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import json
import re
from typing import Final

from . import dice

NIL_UUID: Final = "00000000-0000-0000-0000-000000000000"
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE: Final = re.compile(r"/?Date\((-?\d+)(?:[+-]\d{4})?\)/?")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

type Json = str | int | float | bool | list[Json] | dict[str, Json] | None


def is_uuid(text: str) -> bool:
    """Return whether a text is a UUID in its form of 36 characters."""
    return _UUID.fullmatch(text) is not None


def dumps(value: Json) -> str:
    """Return JSON as Share writes it: without blanks, everything but control characters and quotes as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def milliseconds(time: datetime) -> int:
    """Return the whole milliseconds since 1970."""
    return (time - _EPOCH) // timedelta(milliseconds=1)


def date(time: datetime, offset: timedelta | None = None, *, slashes: bool = False) -> str:
    """Return `Date(ms)`, with the wearer's offset from UTC behind the number where one is given."""
    suffix = ""
    if offset is not None:
        minutes = offset // timedelta(minutes=1)
        suffix = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
    text = f"Date({milliseconds(time)}{suffix})"
    return f"/{text}/" if slashes else text


def parse_date(text: str) -> datetime:
    """Return the instant of a `Date(ms)`, with or without slashes and offset; `ValueError` for anything else."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError("not a date of the wire")
    try:
        return _EPOCH + timedelta(milliseconds=int(match[1]))
    except OverflowError as error:
        raise ValueError("a date beyond all calendars") from error


def stamp(time: datetime) -> Json:
    """Return a date as contacts and subscriptions carry it."""
    return {"DateTime": date(time, slashes=True), "OffsetMinutes": 0}


@dataclass(frozen=True, slots=True)
class _Kind:
    """The three numbers that a fault carries, with their names."""

    type: int
    type_name: str
    category: int
    severity: int

    @property
    def category_name(self) -> str:
        return {1: "System", 2: "Database", 4: "Validation", 5: "Logical"}[self.category]

    @property
    def severity_name(self) -> str:
        return {1: "Minor", 2: "Severe"}[self.severity]


_NOT_FOUND: Final = _Kind(5, "ObjectNotFound", 2, 2)
_SESSION: Final = _Kind(6, "SessionNotValid", 5, 1)
_ARGUMENT: Final = _Kind(10, "InvalidArgument", 4, 2)
_PASSWORD: Final = _Kind(13, "InvalidPassword", 4, 1)
_STATE: Final = _Kind(14, "InvalidState", 5, 1)
_SIGN_ON: Final = _Kind(15, "SingleSignOn", 1, 2)
_KINDS: Final = {
    "AccountPasswordInvalid": _PASSWORD,
    "ContactIdNotFound": _NOT_FOUND,
    "InvalidArgument": _ARGUMENT,
    "InvalidEmailAddress": _ARGUMENT,
    "SessionIdNotFound": _NOT_FOUND,
    "SessionNotValid": _SESSION,
}


class FaultError(Exception):
    """A refusal by the server; becomes a fault object, HTTP 500 where nothing else is said."""

    def __init__(self, code: str, message: str, *, status: int = 500) -> None:
        """Take the code and the message that the client gets."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status

    def body(self, now: datetime, form: int) -> str:
        """Return the fault object as JSON, thrown at `now`, its `SubCode` in form 1, 2 or 3."""
        kind = _KINDS.get(self.code, _SIGN_ON if self.code.startswith("SSO_") else _STATE)
        message = "Error in the application." if form == 1 and self.code == "SessionNotValid" else self.message
        sub_code = _SUB_CODES[form](self.code, message, kind, now)
        return dumps({"Code": self.code, "Message": message, "SubCode": sub_code, "TypeName": "FaultException"})


def _dot_net(code: str, message: str, kind: _Kind, now: datetime) -> str:
    thrown = f"{now:%Y-%m-%d %H:%M:%S}.{now.microsecond:06}2+00:00"
    fields = _fields(code, message, kind, (thrown, thrown), f"{{{dice.uuid('fault', now).upper()}}}")
    return _xml(fields | {"FullText": f"Dexcom.Common.OnlineException: {message}"})


def _java(code: str, message: str, kind: _Kind, now: datetime) -> str:
    thrown = _thrown(now)
    return _xml(_fields(code, message, kind, (thrown, f"{thrown}Z"), f"{{{dice.uuid('fault', now)}}}"))


def _json(code: str, message: str, kind: _Kind, now: datetime) -> str:
    thrown = _thrown(now)
    fields = _fields(code, message, kind, (thrown, f"{thrown}Z"), dice.uuid("fault", now))
    return json.dumps({"OnlineException": fields}, indent=2)


def _thrown(now: datetime) -> str:
    """Return the time with nine digits behind the second, the last of them not zero."""
    return f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond:06}{10 * int(99 * dice.fraction('nanoseconds', now)) + 7:03}"


def _fields(code: str, message: str, kind: _Kind, thrown: tuple[str, str], fault_id: str) -> dict[str, str | int]:
    """Return what every form of `SubCode` holds, in its order; `thrown` is local and UTC."""
    return {
        "DateThrownLocal": thrown[0],
        "DateThrown": thrown[1],
        # Session faults were recorded without a code, in both generations.
        "ErrorCode": "" if code == "SessionNotValid" else code,
        "Type": kind.type,
        "Category": kind.category,
        "Severity": kind.severity,
        "TypeString": kind.type_name,
        "CategoryString": kind.category_name,
        "SeverityString": kind.severity_name,
        "HostName": "",
        "HostIP": "",
        "Id": fault_id,
        "Message": message,
        "FullText": f"com.dexcom.udp.common.data.exception.OnlineException: {message}",
    }


def _xml(fields: dict[str, str | int]) -> str:
    # Share does not escape the message either, so a quote in it breaks the XML.
    attributes = " ".join(f'{name}="{value}"' for name, value in fields.items())
    return f"<OnlineException {attributes} />"


_SUB_CODES: Final = {1: _dot_net, 2: _java, 3: _json}
