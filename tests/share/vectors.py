"""Recorded and documented exchanges with Share, with made-up ids and names: what was asked, answered and is meant."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from custom_components.dexcom_share.share import (
    AuthenticationError,
    EgvRecord,
    GlucoseReading,
    Permissions,
    SessionError,
    ShareClient,
    ShareError,
    ShareRequestError,
    Subscription,
    SubscriptionState,
    Trend,
)

from .conftest import AUTHENTICATE, LOGIN, LOGIN_BY_NAME, READ

ID: Final = "dddddddd-0000-4000-8000-000000000004"
OTHER_ID: Final = "eeeeeeee-0000-4000-8000-000000000005"
NIL: Final = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """One exchange; `meaning` is the result of the call or the class and code of its error."""

    name: str
    call: Callable[[ShareClient], Awaitable[object]]
    endpoint: str
    status: int = 200
    body: str
    meaning: object


def refused(kind: type[ShareError], code: str) -> tuple[type[ShareError], str]:
    """Return the meaning of a fault."""
    return kind, code


def fault(code: str, message: str, sub_code: str) -> str:
    """Return the text of a fault."""
    quoted = sub_code.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{{"Code":"{code}","Message":"{message}","SubCode":"{quoted}","TypeName":"FaultException"}}'


def sub_code_dotnet(code: str, message: str, numbers: str, thrown: str) -> str:
    """Return the serialised exception of the .NET generation."""
    kind, category, severity = numbers.split("/")
    return (
        f'<OnlineException DateThrownLocal="{thrown}" DateThrown="{thrown}" ErrorCode="{code}" Type="{kind}"'
        f' Category="{category}" Severity="{severity}" TypeString="" CategoryString="" SeverityString="" HostName=""'
        f' HostIP="" Id="{{{ID.upper()}}}" Message="{message}"'
        f' FullText="Dexcom.Common.OnlineException: {message}" />'
    )


def sub_code_xml(code: str, message: str, numbers: str) -> str:
    """Return the serialised exception of the Java generation, as XML that need not be well formed."""
    kind, category, severity = numbers.split("/")
    return (
        f'<OnlineException DateThrownLocal="2025-04-19T16:47:53.539720546" DateThrown="2025-04-19T16:47:53.539720546Z"'
        f' ErrorCode="{code}" Type="{kind}" Category="{category}" Severity="{severity}" TypeString=""'
        f' CategoryString="" SeverityString="" HostName="" HostIP="" Id="{{{ID}}}" Message="{message}"'
        f' FullText="com.dexcom.udp.common.data.exception.OnlineException: {message}" />'
    )


def sub_code_json(code: str, message: str, numbers: str) -> str:
    """Return the serialised exception of the Java generation, as JSON in a text."""
    kind, category, severity = numbers.split("/")
    return (
        '{\n  "OnlineException" : {\n    "DateThrown" : "2025-12-07T21:15:26.38479431Z",\n'
        f'    "ErrorCode" : "{code}",\n    "Type" : {kind},\n    "Category" : {category},\n'
        f'    "Severity" : {severity},\n    "Id" : "{ID}",\n    "Message" : "{message}"\n  }}\n}}'
    )


def reading(ms: int, value: int, trend: Trend = Trend.FLAT, offset_hours: int | None = 0) -> GlucoseReading:
    """Return the reading that is meant."""
    offset = None if offset_hours is None else timedelta(hours=offset_hours)
    return GlucoseReading(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms), value, trend, offset)


def read(client: ShareClient) -> Awaitable[object]:
    """Ask for a day."""
    return client.read_glucose()


def log_in(client: ShareClient) -> Awaitable[object]:
    """Log in by both steps."""
    return client.login()


def upload(client: ShareClient) -> Awaitable[object]:
    """Upload the reading of the first description."""
    record = EgvRecord(
        system_time=datetime(2015, 3, 19, 16, 38, 26, tzinfo=UTC),
        display_time=datetime(2015, 3, 19, 8, 38, 37, tzinfo=UTC),
        value=97,
        trend=Trend.FLAT,
    )
    return client.post_readings("SM00000000", [record], time_adjustment=timedelta(seconds=-14365))


VECTORS: Final = [
    Vector(
        name="V1 the server's time",
        call=lambda client: client.read_system_time(),
        endpoint="General/SystemUtcTime",
        body='{"DateTime":"\\/Date(1426767421178)\\/","OffsetMinutes":0}',
        meaning=datetime(2015, 3, 19, 12, 17, 1, 178000, tzinfo=UTC),
    ),
    Vector(
        name="V2 a receiver whose clock is hours off",
        call=read,
        endpoint=READ,
        body='[{"DT":"\\/Date(1426780716000-0700)\\/","ST":"\\/Date(1426784306000)\\/","Trend":4,"Value":99,'
        '"WT":"\\/Date(1426769941000)\\/"}]',
        meaning=[GlucoseReading(datetime(2015, 3, 19, 12, 59, 1, tzinfo=UTC), 99, Trend.FLAT, timedelta(hours=-7))],
    ),
    Vector(name="V3 an upload", call=upload, endpoint="Publisher/PostReceiverEgvRecords", body="", meaning=None),
    Vector(
        name="V4 a receiver whose clock is an hour off",
        call=read,
        endpoint=READ,
        body='[{"DT":"/Date(1426292016000-0700)/","ST":"/Date(1426295616000)/","Trend":4,"Value":101,'
        '"WT":"/Date(1426292039000)/"}]',
        meaning=[reading(1426292039000, 101, offset_hours=-7)],
    ),
    Vector(
        name="V5 the newest first, without slashes",
        call=read,
        endpoint=READ,
        body='[{"WT":"Date(1639936503000)","ST":"Date(1639936503000)","DT":"Date(1639936503000-0500)","Value":89,'
        '"Trend":"Flat"},{"WT":"Date(1639936204000)","ST":"Date(1639936204000)","DT":"Date(1639936204000-0500)",'
        '"Value":87,"Trend":"Flat"}]',
        meaning=[reading(1639936204000, 87, offset_hours=-5), reading(1639936503000, 89, offset_hours=-5)],
    ),
    Vector(
        name="V6 an offset of zero",
        call=read,
        endpoint=READ,
        body='[{"WT":"Date(1638396953000)","ST":"Date(1638396953000)","DT":"Date(1638396953000+0000)","Value":167,'
        '"Trend":"Flat"}]',
        meaning=[reading(1638396953000, 167)],
    ),
    Vector(
        name="V7 a high value",
        call=read,
        endpoint=READ,
        body='[{"WT":"Date(1638448498000)","ST":"Date(1638448498000)","DT":"Date(1638448498000+0000)","Value":235,'
        '"Trend":"Flat"}]',
        meaning=[reading(1638448498000, 235)],
    ),
    Vector(
        name="V8 real milliseconds",
        call=read,
        endpoint=READ,
        body='[{"WT":"Date(1731645818222)","ST":"Date(1731645818222)","DT":"Date(1731645818222-0500)","Value":155,'
        '"Trend":"Flat"},{"WT":"Date(1731645518663)","ST":"Date(1731645518663)","DT":"Date(1731645518663-0500)",'
        '"Value":155,"Trend":"FortyFiveDown"}]',
        meaning=[
            reading(1731645518663, 155, Trend.FORTY_FIVE_DOWN, offset_hours=-5),
            reading(1731645818222, 155, offset_hours=-5),
        ],
    ),
    Vector(
        name="V9 a session no longer valid, .NET",
        call=read,
        endpoint=READ,
        status=500,
        body=fault(
            "SessionNotValid",
            "Error in the application.",
            sub_code_dotnet("", "Error in the application.", "6/5/1", "2021-03-18 05:15:47.1377112+00:00"),
        ),
        meaning=refused(SessionError, "SessionNotValid"),
    ),
    Vector(
        name="V10 a session timed out, JSON",
        call=read,
        endpoint=READ,
        status=500,
        body=fault(
            "SessionNotValid",
            f"Session not active or timed out. [SessionId = {ID}]",
            sub_code_json("", f"Session not active or timed out. [SessionId = {ID}]", "6/5/1"),
        ),
        meaning=refused(SessionError, "SessionNotValid"),
    ),
    Vector(
        name="V11 refused, JSON",
        call=log_in,
        endpoint=AUTHENTICATE,
        status=500,
        body=fault(
            "AccountPasswordInvalid",
            "Publisher account password failed",
            sub_code_json("AccountPasswordInvalid", "Publisher account password failed", "13/4/1"),
        ),
        meaning=refused(AuthenticationError, "AccountPasswordInvalid"),
    ),
    Vector(
        name="V12 refused, XML",
        call=log_in,
        endpoint=AUTHENTICATE,
        status=500,
        body=fault(
            "AccountPasswordInvalid",
            "Publisher account password failed",
            sub_code_xml("AccountPasswordInvalid", "Publisher account password failed", "13/4/1"),
        ),
        meaning=refused(AuthenticationError, "AccountPasswordInvalid"),
    ),
    Vector(
        name="V13 wrong password, .NET",
        call=log_in,
        endpoint=LOGIN,
        status=500,
        body=fault(
            "SSO_AuthenticatePasswordInvalid",
            f"Simulate SSO: Authentication failed. AccountId={ID}",
            sub_code_dotnet("", "Authentication failed.", "15/1/2", "2018-09-12 12:00:00.0000000+00:00"),
        ),
        meaning=refused(AuthenticationError, "SSO_AuthenticatePasswordInvalid"),
    ),
    Vector(
        name="V14 unknown user, .NET",
        call=log_in,
        endpoint=AUTHENTICATE,
        status=500,
        body=fault(
            "SSO_AuthenticateAccountNotFound", "Create SSO account during login failed. AccountName=somebody", ""
        ),
        meaning=refused(AuthenticationError, "SSO_AuthenticateAccountNotFound"),
    ),
    Vector(
        name="V14 wrong password, .NET",
        call=log_in,
        endpoint=AUTHENTICATE,
        status=500,
        body=fault(
            "SSO_AuthenticatePasswordInvalid",
            f"Replay of bad password to SSO account gave invalid password error. AccountId={ID}",
            "",
        ),
        meaning=refused(AuthenticationError, "SSO_AuthenticatePasswordInvalid"),
    ),
    Vector(
        name="V15 a receiver that is not assigned",
        call=upload,
        endpoint="Publisher/PostReceiverEgvRecords",
        status=500,
        body=fault(
            "MonitoredReceiverNotAssigned",
            "Publisher account does not have a valid monitored receiver.",
            sub_code_dotnet("", "", "14/5/1", "2017-11-18 22:47:12.2967619+00:00"),
        ),
        meaning=refused(ShareRequestError, "MonitoredReceiverNotAssigned"),
    ),
    Vector(
        name="V16 a malformed session, of old",
        call=read,
        endpoint=READ,
        status=400,
        body="",
        meaning=refused(SessionError, "HTTP 400"),
    ),
    Vector(
        name="V17 the nil id instead of a session",
        call=lambda client: client.login_by_name(),
        endpoint=LOGIN_BY_NAME,
        body=f'"{NIL}"',
        meaning=refused(AuthenticationError, ""),
    ),
    Vector(
        name="V18 a fresh invitation",
        call=lambda client: client.list_subscriptions(),
        endpoint="Publisher/ListPublisherAccountSubscriptions",
        body=f'[{{"ContactId":"{ID}","ContactName":"Ann","DateTimeCreated":{{"DateTime":"\\/Date(1437101121008)\\/",'
        '"OffsetMinutes":0},"DateTimeModified":{"DateTime":"\\/Date(1437101121008)\\/","OffsetMinutes":0},'
        '"DisplayName":"Bob","InviteExpires":{"DateTime":"\\/Date(1437705921008)\\/","OffsetMinutes":0},'
        '"IsEnabled":false,"IsMonitoringSessionActive":true,"Permissions":1,"State":2,'
        f'"SubscriberId":"{NIL}","SubscriptionId":"{OTHER_ID}"}}]',
        meaning=[
            Subscription(
                subscription_id=OTHER_ID,
                contact_id=ID,
                contact_name="Ann",
                display_name="Bob",
                subscriber_id=None,
                state=SubscriptionState.INVITE_WAITING,
                permissions=Permissions.GRAPH,
                is_enabled=False,
                is_monitoring_session_active=True,
                created=datetime(2015, 7, 17, 2, 45, 21, 8000, tzinfo=UTC),
                modified=datetime(2015, 7, 17, 2, 45, 21, 8000, tzinfo=UTC),
                invite_expires=datetime(2015, 7, 24, 2, 45, 21, 8000, tzinfo=UTC),
            )
        ],
    ),
    Vector(
        name="V19 an invitation",
        call=lambda client: client.create_invitation(ID, "Bob"),
        endpoint="Publisher/CreateSubscriptionInvitation",
        body=f'"{OTHER_ID}"',
        meaning=OTHER_ID,
    ),
    Vector(name="V20 Share long unused", call=read, endpoint=READ, body="[]", meaning=[]),
    Vector(
        name="V21 a trend by number, then by name",
        call=read,
        endpoint=READ,
        body='[{"WT":"Date(1638294412000)","ST":"Date(1638294412000)","DT":"Date(1638294412000+0000)","Value":110,'
        '"Trend":"FortyFiveUp"},{"WT":"/Date(1638294113000)/","ST":"/Date(1638294113000)/",'
        '"DT":"/Date(1638294113000+0000)/","Value":104,"Trend":3}]',
        meaning=[
            reading(1638294113000, 104, Trend.FORTY_FIVE_UP),
            reading(1638294412000, 110, Trend.FORTY_FIVE_UP),
        ],
    ),
    Vector(
        name="V22 a signature that is wrong",
        call=read,
        endpoint=READ,
        status=500,
        body=fault("IntegrityCheckFailed", "Request signature doesn't match device key.", ""),
        meaning=refused(ShareRequestError, "IntegrityCheckFailed"),
    ),
    Vector(
        name="an unknown session, XML",
        call=read,
        endpoint=READ,
        status=500,
        body=fault(
            "SessionIdNotFound",
            f"Failed to find session object. [SessionId = {ID}]",
            sub_code_xml("SessionIdNotFound", f"Failed to find session object. [SessionId = {ID}]", "5/2/2"),
        ),
        meaning=refused(SessionError, "SessionIdNotFound"),
    ),
    Vector(
        name="an account id that is no UUID, XML that is not well formed",
        call=log_in,
        endpoint=LOGIN,
        status=500,
        body=fault(
            "InvalidArgument",
            "Missing required field(s): JSON parse error: Cannot deserialize value of type `java.util.UUID` from"
            ' String \\"1\\": UUID has to be represented by standard 36-char representation',
            sub_code_xml("InvalidArgument", 'Cannot deserialize value from String "1"', "10/4/2"),
        ),
        meaning=refused(ShareRequestError, "InvalidArgument"),
    ),
    Vector(
        name="credentials refused by the identity server",
        call=log_in,
        endpoint=AUTHENTICATE,
        status=500,
        body=fault(
            "SSO_InternalError",
            "Synchronization of SSO account during authenticate call failed Time out issue.  AccountName=somebody"
            " Error encountered accessing Keycloak endpoint: UAM_ERROR: HttpStatus='401 UNAUTHORIZED(401)'"
            " Msg=Cannot Authenticate by AccountName='somebody'",
            sub_code_xml("SSO_InternalError", "", "15/1/2"),
        ),
        meaning=refused(AuthenticationError, "SSO_InternalError"),
    ),
    Vector(
        name="the nil id for an account that is none",
        call=log_in,
        endpoint=LOGIN,
        body=f'"{NIL}"',
        meaning=refused(AuthenticationError, ""),
    ),
]
