"""What people send to the control interface, checked: every mistake gets a sentence of its own."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
import json
import math
from typing import Final

from ..accounts import Account
from ..clock import parse_zone
from ..faults import Limited
from ..switches import SWITCHES, Kind
from ..wire import Json
from ..world import Simulator

_LONGEST_SECONDS: Final = 10 * 365 * 86400


class ControlError(ValueError):
    """The input makes no sense; the message tells the sender why."""


class Input:
    """The values of one control call, from the query and the JSON body."""

    def __init__(self, values: Mapping[str, Json]) -> None:
        """Take the values; each is taken out once."""
        self._left = dict(values)

    def has(self, name: str) -> bool:
        """Return whether a value is there."""
        return name in self._left

    def take(self, *names: str) -> dict[str, Json]:
        """Return those of these values that are there, unchecked."""
        return {name: self._left.pop(name) for name in names if name in self._left}

    def rest(self) -> dict[str, Json]:
        """Return everything that was not taken out."""
        rest, self._left = self._left, {}
        return rest

    def finish(self) -> None:
        """Refuse values that nobody asked for."""
        if self._left:
            raise ControlError(f"unknown: {', '.join(sorted(self._left))}")

    def account(self, simulator: Simulator) -> Account:
        """Return the account that `account` names, or the only one."""
        name = self.optional_text("account")
        if name is None:
            match simulator.accounts:
                case [account]:
                    return account
            raise ControlError("say which `account`")
        named = simulator.account_by_name(name) or simulator.account_by_id(name)
        if named is None:
            raise ControlError(f"there is no account {name!r}")
        return named

    def optional_text(self, name: str) -> str | None:
        """Return a text, None where there is none."""
        value = self._left.pop(name, None)
        if value is not None and not isinstance(value, str):
            raise ControlError(f"`{name}` is not a text")
        return value

    def text(self, name: str) -> str:
        """Return a text that must be there and not be empty."""
        text = self.optional_text(name)
        if not text:
            raise ControlError(f"`{name}` is missing")
        return text

    def choice[T: str](self, name: str, choices: Collection[T], default: T | None = None) -> T:
        """Return one of some texts."""
        text = self.optional_text(name)
        for choice in choices:
            if text == choice:
                return choice
        if text is None and default is not None:
            return default
        raise ControlError(f"`{name}` is not one of {', '.join(choices)}")

    def optional_number(self, name: str, low: float, high: float) -> float | None:
        """Return a number between two bounds, bounds included, None where there is none."""
        value = self._left.pop(name, None)
        if value is None:
            return None
        number = _number(value)
        if number is None or not low <= number <= high:
            raise ControlError(f"`{name}` is not a number from {low:g} to {high:g}")
        return number

    def number(self, name: str, low: float, high: float) -> float:
        """Return a number that must be there."""
        number = self.optional_number(name, low, high)
        if number is None:
            raise ControlError(f"`{name}` is missing")
        return number

    def span(self, name: str) -> timedelta | None:
        """Return a length of time given in seconds, None where there is none."""
        seconds = self.optional_number(name, 0, _LONGEST_SECONDS)
        return None if seconds is None else timedelta(seconds=seconds)

    def flag(self, name: str, *, default: bool | None = None) -> bool:
        """Return true or false; in a query they are words."""
        value = self._left.pop(name, default)
        words: dict[str, bool] = {"true": True, "false": False}
        if isinstance(value, str) and value.lower() in words:
            return words[value.lower()]
        if not isinstance(value, bool):
            raise ControlError(f"`{name}` is not true or false")
        return value

    def time(self, name: str) -> datetime | None:
        """Return a time in ISO format, UTC where it names no zone, None where there is none."""
        text = self.optional_text(name)
        return None if text is None else _time(name, text)

    def zone(self, name: str) -> tzinfo:
        """Return a time zone, UTC where there is none."""
        try:
            return parse_zone(self.optional_text(name) or "UTC")
        except ValueError as error:
            raise ControlError(f"`{name}` is not a time zone") from error


def parse_body(body: bytes) -> dict[str, Json]:
    """Return the fields of a JSON body, none for an empty one."""
    if not body.strip():
        return {}
    try:
        value = json.loads(body)
    except ValueError as error:
        raise ControlError("the body is not JSON") from error
    if not isinstance(value, dict):
        raise ControlError("the body is not a JSON object")
    return value


def parse_setting(name: str, value: Json, now: datetime) -> object:
    """Return what a switch is set to: None for off, a plain value, or a `Limited` one.

    Switches that go by the time of readings begin now, where nothing else is said, so that the past stays as it was.
    """
    kind = SWITCHES.get(name)
    if kind is None:
        raise ControlError(f"there is no switch `{name}`")
    if value is None:
        return None
    if not isinstance(value, dict):
        plain = _checked(name, kind, value)
        return Limited(plain, since=now) if kind.by_time else plain
    limits = Input(value)
    fields = limits.take("value", "endpoints")
    if "value" not in fields:
        raise ControlError(f"`{name}` lacks its `value`")
    endpoints = fields.get("endpoints")
    if endpoints is not None and not (isinstance(endpoints, list) and all(isinstance(one, str) for one in endpoints)):
        raise ControlError("`endpoints` is not a list of texts")
    calls = limits.optional_number("calls", 1, 1e9)
    span = limits.span("for_seconds")
    setting = Limited(
        _checked(name, kind, fields["value"]),
        calls=None if calls is None else int(calls),
        endpoints=None if endpoints is None else [str(one) for one in endpoints],
        since=limits.time("since") or (now if kind.by_time else None),
        until=limits.time("until") if span is None else now + span,
        probability=limits.optional_number("probability", 0, 1),
    )
    limits.finish()
    if kind.by_time and (setting.calls, setting.endpoints, setting.probability) != (None, None, None):
        raise ControlError(f"`{name}` goes by the time of readings: only `since`, `until` and `for_seconds` limit it")
    return setting


def _checked(name: str, kind: Kind, value: Json) -> object:
    """Return the value of a switch, when it is one that the switch takes."""
    if kind.choices:
        if value not in kind.choices or isinstance(value, bool):
            raise ControlError(f"`{name}` is not one of {', '.join(map(str, kind.choices))}")
        return value
    if kind.type is bool:
        if not isinstance(value, bool):
            raise ControlError(f"`{name}` is not true or false")
        return value
    if kind.type is str:
        text = str(value) if isinstance(value, int) else value
        if not isinstance(text, str) or (kind.is_header and not text.isprintable()):
            raise ControlError(f"`{name}` is not a text")
        return text
    number = _number(value)
    low, high = kind.limits
    if number is None or not low <= number <= high or (kind.type is int and number != int(number)):
        whole = "whole " if kind.type is int else ""
        raise ControlError(f"`{name}` is not a {whole}number from {low:g} to {high:g}")
    return int(number) if kind.type is int else number


def _number(value: Json) -> float | None:
    """Return a finite number, which in a query is a text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except ValueError, OverflowError:
        return None
    return number if math.isfinite(number) else None


def _time(name: str, text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ControlError(f"`{name}` is not a time in ISO format") from error
