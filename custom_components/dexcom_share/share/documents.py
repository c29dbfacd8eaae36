"""The JSON documents of followers, alerts and uploads, both ways."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
import re
from typing import Final

from .errors import ShareRequestError, ShareResponseError
from .identity import NIL_ID
from .models import (
    Contact,
    EgvRecord,
    FollowerAlert,
    FollowerAlerts,
    Permissions,
    ReceiverAssignment,
    RuntimeInfo,
    Subscription,
    SubscriptionState,
    Trend,
)
from .wire import checked_id, decode_id, decode_json, decode_text, parse_date

type Document = Mapping[str, object]

_DURATION: Final = re.compile(r"PT(?:([0-9]{1,4})H)?(?:([0-9]{1,5})M)?(?:([0-9]{1,6})(?:\.0+)?S)?")
_ALERTS: Final = ("HighAlert", "LowAlert", "FixedLowAlert", "NoDataAlert")
_STATE_BY_NAME: Final = {state.name.replace("_", "").casefold(): state for state in SubscriptionState}
_TREND_NUMBERS: Final = {trend: number for number, trend in enumerate(Trend)}
MOST_SUBSCRIPTIONS: Final = 100
"""Share allows ten followers; more than this is not read, as each one costs calls of its own."""
# Read without a parser of XML, as what is hostile in XML needs one.
_XML_TIME: Final = re.compile(r"<(?:\w{1,20}:)?DateTime>\s*([^<\s]{1,40})\s*</")
_XML_OFFSET: Final = re.compile(r"<(?:\w{1,20}:)?OffsetMinutes>\s*([+-]?[0-9]{1,4})\s*</")


def parse_duration(value: object) -> timedelta:
    """Return the duration of an ISO 8601 text such as `PT1H30M`.

    Raises:
        ShareResponseError: it is none.
    """
    if isinstance(value, str) and (match := _DURATION.fullmatch(value)) and match.lastindex:
        hours, minutes, seconds = (int(number or 0) for number in match.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    raise ShareResponseError("Share's answer holds an unknown duration")


def format_duration(duration: timedelta) -> str:
    """Return the text of a duration of whole minutes, by hours and minutes as the official app writes it.

    Raises:
        ShareRequestError: it is negative or not of whole minutes, which nobody has seen Share take.
    """
    minutes, rest = divmod(duration, timedelta(minutes=1))
    if minutes < 0 or rest:
        raise ShareRequestError("An alert's times are whole minutes", code="InvalidArgument")
    hours, minutes = divmod(minutes, 60)
    text = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    return f"PT{text or '0M'}"


def format_date(time: datetime) -> str:
    """Return an aware time in the form of uploads, `/Date(ms)/`."""
    return f"/Date({round(time.timestamp() * 1000)})/"


def decode_nothing(body: bytes) -> None:
    """Accept what stands for success without a result: mostly an empty body.

    Raises:
        ShareResponseError: it is a page of some gateway.
    """
    if body.lstrip().startswith(b"<"):
        raise ShareResponseError("Share's answer is a page, not a result")


def decode_bool(body: bytes) -> bool:
    """Return the truth that is the whole answer.

    Raises:
        ShareResponseError: it is neither true nor false.
    """
    try:
        return {"true": True, "false": False}[decode_text(body).lower()]
    except KeyError:
        raise ShareResponseError("Share's answer is neither true nor false") from None


def decode_new_id(body: bytes) -> str:
    """Return the id of what was just made, in lower case.

    Raises:
        ShareResponseError: it is none.
    """
    return decode_id(body).lower()


def decode_assignment(body: bytes) -> ReceiverAssignment:
    """Return whose a receiver is, `UNKNOWN` for a word nobody knows."""
    try:
        return ReceiverAssignment(decode_text(body))
    except ValueError:
        return ReceiverAssignment.UNKNOWN


def decode_system_time(body: bytes) -> datetime:
    """Return the server's time (aware UTC) from its JSON or XML document.

    Raises:
        ShareResponseError: it is neither, or holds no time.
    """
    is_xml = body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
    time = _parse_xml_time(body.decode("utf-8", "replace")) if is_xml else _time(decode_json(body))
    if time is None:
        raise ShareResponseError("Share's answer holds no time")
    return time


def _parse_xml_time(text: str) -> datetime | None:
    """Return the time of a document with a time and its offset; a time without a zone is local to the offset."""
    if not (match := _XML_TIME.search(text)):
        return None
    offset = _XML_OFFSET.search(text)
    offset_minutes = int(offset[1]) if offset else 0
    hours, minutes = divmod(abs(offset_minutes), 60)
    zone = f"{'-' if offset_minutes < 0 else '+'}{hours:02}:{minutes:02}"
    stamp = parse_date(match[1]) or parse_date(f"{match[1]}{zone}")
    return stamp.time if stamp else None


def decode_subscriptions(body: bytes) -> list[Subscription]:
    """Return the publisher's followers and invitations, the first 100 of them.

    Raises:
        ShareResponseError: the answer is not a list of subscriptions.
    """
    items = decode_json(body)
    if not isinstance(items, list):
        raise ShareResponseError("Share's answer is not a list of subscriptions")
    return [_subscription(_document(item)) for item in items[:MOST_SUBSCRIPTIONS]]


def _subscription(item: Document) -> Subscription:
    """Return one subscription; what only informs may be missing."""
    return Subscription(
        subscription_id=_id(item, "SubscriptionId"),
        contact_id=_id(item, "ContactId"),
        contact_name=_text(item, "ContactName"),
        display_name=_text(item, "DisplayName"),
        subscriber_id=_id_or_none(item, "SubscriberId"),
        state=parse_state(item.get("State")),
        permissions=Permissions(_int(item, "Permissions")),
        is_enabled=item.get("IsEnabled") is True,
        is_monitoring_session_active=item.get("IsMonitoringSessionActive") is True,
        created=_time(item.get("DateTimeCreated")),
        modified=_time(item.get("DateTimeModified")),
        invite_expires=_time(item.get("InviteExpires")),
    )


def parse_state(value: object) -> SubscriptionState:
    """Return the state by its wire number or name, `UNKNOWN` for anything else."""
    if isinstance(value, str):
        return _STATE_BY_NAME.get(value.casefold(), SubscriptionState.UNKNOWN)
    if isinstance(value, int) and value in SubscriptionState:
        return SubscriptionState(value)
    return SubscriptionState.UNKNOWN


def decode_contact(body: bytes) -> Contact:
    """Return one contact.

    Raises:
        ShareResponseError: the answer is not a contact.
    """
    item = _document(decode_json(body))
    return Contact(
        contact_id=_id(item, "ContactId"),
        name=_text(item, "Name"),
        email=_text(item, "Email"),
        subscription_id=_id_or_none(item, "SubscriptionId"),
        created=_time(item.get("DateTimeCreated")),
        modified=_time(item.get("DateTimeModified")),
    )


def decode_alert_settings(body: bytes) -> FollowerAlerts:
    """Return the four alerts of a follower.

    Raises:
        ShareResponseError: the answer is not alert settings, or lacks a part of them.
    """
    document = _document(decode_json(body))
    high, low, urgent_low, no_data = (_alert_setting(_document(document.get(name))) for name in _ALERTS)
    return FollowerAlerts(high=high, low=low, urgent_low=urgent_low, no_data=no_data)


def _alert_setting(item: Document) -> FollowerAlert:
    """Return one alert; nothing of it may be missing, as any default would be a false statement."""
    return FollowerAlert(
        is_enabled=_bool(item, "IsEnabled"),
        min_value_mgdl=_int(item, "MinValue"),
        max_value_mgdl=_int(item, "MaxValue"),
        delay=parse_duration(item.get("AlarmDelay")),
        repeat=parse_duration(item.get("RealarmDelay")),
        sound=_text(item, "Sound"),
    )


def encode_alert_settings(settings: FollowerAlerts) -> Document:
    """Return the document of the four alerts, numbered in the order the wire knows.

    Raises:
        ShareRequestError: a time is not of whole minutes.
    """
    alerts = (settings.high, settings.low, settings.urgent_low, settings.no_data)
    return {
        name: {
            "AlertType": number,
            "IsEnabled": alert.is_enabled,
            "MinValue": alert.min_value_mgdl,
            "MaxValue": alert.max_value_mgdl,
            "AlarmDelay": format_duration(alert.delay),
            "RealarmDelay": format_duration(alert.repeat),
            "Sound": alert.sound,
        }
        for number, (name, alert) in enumerate(zip(_ALERTS, alerts, strict=True), start=1)
    }


def encode_egv_records(serial_number: str, records: Iterable[EgvRecord], time_adjustment: timedelta) -> Document:
    """Return the document of an upload; the adjustment goes out in whole seconds."""
    return {
        "SN": serial_number,
        "Egvs": [
            {
                "Trend": _TREND_NUMBERS[record.trend],
                "ST": format_date(record.system_time),
                "DT": format_date(record.display_time),
                "Value": record.value,
            }
            for record in records
        ],
        "TA": round(time_adjustment.total_seconds()),
    }


def encode_runtime_info(info: RuntimeInfo) -> Document:
    """Return the document of an uploading device."""
    return {
        "DeviceManufacturer": info.device_manufacturer,
        "DeviceModel": info.device_model,
        "DeviceOsVersion": info.device_os_version,
        "AppVersion": info.app_version,
        "AppName": info.app_name,
        "AppNumber": info.app_number,
        "DeviceOsName": info.device_os_name,
    }


def _document(value: object) -> Document:
    """Return a JSON object."""
    if not isinstance(value, dict):
        raise ShareResponseError("Share's answer is not an object")
    return value


def _id(item: Document, key: str) -> str:
    """Return an id that must be there."""
    return checked_id(_text(item, key)).lower()


def _id_or_none(item: Document, key: str) -> str | None:
    """Return an id, None where it is missing or nil."""
    return None if _text(item, key) in {"", NIL_ID} else _id(item, key)


def _text(item: Document, key: str) -> str:
    """Return a text, empty where it is null or missing."""
    value = item.get(key)
    if value is not None and not isinstance(value, str):
        raise ShareResponseError("Share's answer holds something else than text")
    return value or ""


def _int(item: Document, key: str) -> int:
    """Return a number that must be there."""
    value = item.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ShareResponseError("Share's answer lacks a number")
    return value


def _bool(item: Document, key: str) -> bool:
    """Return a truth that must be there."""
    value = item.get(key)
    if not isinstance(value, bool):
        raise ShareResponseError("Share's answer lacks a truth")
    return value


def _time(value: object) -> datetime | None:
    """Return the time of `{"DateTime": date, "OffsetMinutes": ...}` or of a bare date, None for what is none."""
    stamp = parse_date(value.get("DateTime") if isinstance(value, dict) else value)
    return stamp.time if stamp else None
