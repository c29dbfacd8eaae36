"""What a request carries: query and JSON body as one set of values, names without regard to case."""

from collections.abc import Iterable, Mapping
import json

from .wire import FaultError, Json, is_uuid

_SECRETS = frozenset(
    {"password", "sessionid", "accountname", "accountid", "emailaddress", "contactname", "displayname"}
)


class Parameters:
    """The values of one request; the query goes before the body."""

    def __init__(self, query: Iterable[tuple[str, str]], body: bytes) -> None:
        """Take both apart; an empty body, `{}` and `""` are all the same, anything but a JSON object is refused."""
        self._values: dict[str, Json] = {}
        self._names: dict[str, str] = {}
        for name, value in (*_fields(body).items(), *query):
            self._values[name.lower()] = value
            self._names[name.lower()] = name

    def get(self, name: str) -> Json:
        """Return a value as it came, None where there is none."""
        return self._values.get(name.lower())

    def optional_text(self, name: str) -> str:
        """Return a value as text, numbers too; empty where there is none."""
        value = self.get(name)
        return "" if value is None or isinstance(value, (list, dict)) else str(value)

    def text(self, name: str) -> str:
        """Return a value as text; it must be there."""
        text = self.optional_text(name)
        if not text.strip():
            raise missing(name)
        return text

    def optional_uuid(self, name: str) -> str:
        """Return a UUID in lower case, empty where there is none; it must have its 36 characters."""
        text = self.optional_text(name)
        if text and not is_uuid(text):
            raise FaultError(
                "InvalidArgument",
                "Missing required field(s): JSON parse error: Cannot deserialize value of type `java.util.UUID` from"
                f' String "{text}": UUID has to be represented by standard 36-char representation',
            )
        return text.lower()

    def uuid(self, name: str) -> str:
        """Return a UUID in lower case; it must be there."""
        text = self.optional_uuid(name)
        if not text:
            raise missing(name)
        return text

    def integer(self, name: str) -> int:
        """Return a whole number, which may come as text; it must be there."""
        text = self.text(name)
        try:
            return int(text)
        except ValueError as error:
            raise FaultError("InvalidArgument", f"Missing required field(s): {name} is not a number") from error

    def harmless(self) -> Mapping[str, str]:
        """Return what may be shown: plain values that identify nobody."""
        return {
            self._names[name]: str(value)
            for name, value in self._values.items()
            if name not in _SECRETS and isinstance(value, (str, int, float))
        }


def missing(name: str) -> FaultError:
    """Return the refusal of a request that lacks a value."""
    return FaultError("InvalidArgument", f"Missing required field(s): {name}")


def _fields(body: bytes) -> dict[str, Json]:
    """Return the fields of a JSON body."""
    if not body.strip():
        return {}
    try:
        value: Json = json.loads(body)
    except ValueError as error:
        raise FaultError(
            "InvalidArgument", "Missing required field(s): JSON parse error: Unexpected character"
        ) from error
    if isinstance(value, dict):
        return value
    if value == "":
        return {}
    raise FaultError("InvalidArgument", "Missing required field(s): JSON parse error: Cannot deserialize value")
