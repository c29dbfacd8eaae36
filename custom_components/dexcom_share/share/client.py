"""The client of the Share web API: one method an endpoint."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime, timedelta
from functools import partial
from typing import Final, override

import aiohttp

from .address import Region, check_base_url
from .documents import (
    decode_alert_settings,
    decode_assignment,
    decode_bool,
    decode_contact,
    decode_new_id,
    decode_nothing,
    decode_subscriptions,
    decode_system_time,
    encode_alert_settings,
    encode_egv_records,
    encode_runtime_info,
)
from .errors import AccountLockedError, AuthenticationError, SessionError, ShareRequestError
from .faults import Credential
from .identity import normalize_account_id, normalize_username, require_id
from .login import Login
from .models import (
    DEFAULT_ALERT_SETTINGS,
    Contact,
    EgvRecord,
    FollowerAlerts,
    GlucoseReading,
    Permissions,
    ReceiverAssignment,
    RuntimeInfo,
    Subscription,
)
from .transport import CallRecord, Transport
from .wire import decode_readings

MAX_MINUTES: Final = 1440
DAY_COUNT: Final = 288
MAX_COUNT: Final = 2 * DAY_COUNT
"""A day of two uploaders: the duplicates count."""


class ShareClient:
    """Reads, uploads and manages followers for one account of Dexcom Share.

    Every method may raise, and raises nothing but, the errors below `ShareError`.

    A refused password is never sent twice by itself. After an `AuthenticationError` (or its kind
    `AccountLockedError`) every method that needs a session raises the same again without sending anything, until
    `login` is called, which is one deliberate new attempt, and succeeds.

    Every method that needs a session logs in where there is none, and once more where Share says that it is gone;
    a `SessionError` means that Share disowned the fresh one too. All may raise what is the network's or the server's:
    `ShareConnectionError`, `ShareTimeoutError`, `ShareServerError`, `ShareResponseError`. A `ShareRequestError` is a
    refusal of just this request, with the reason in `code`; `InvalidArgument` also stands for arguments that were
    refused before sending. Ids are UUIDs as text.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        password: str,
        username: str | None = None,
        account_id: str | None = None,
        region: Region = Region.US,
        base_url: str | None = None,
        timeout: float = 10,
        on_call: Callable[[CallRecord], None] | None = None,
        around_login: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
        on_server_time: Callable[[datetime | None, float], None] | None = None,
    ) -> None:
        """Take a session that stays the caller's, the account, and where it lives; nothing is sent yet.

        Args:
            session: sends the calls; never closed here.
            password: of the wearer's own account.
            username: user name, e-mail address or phone number; not needed when the account id is known.
            account_id: UUID with or without hyphens; saves the first of the two steps of a log-in.
            region: the service the account lives on.
            base_url: takes the place of the region's address; https, or http to this machine.
            timeout: seconds that one exchange may take, body included.
            on_call: is told of every call that ended.
            around_login: is entered before each log-in is sent, the automatic ones too, and left with its outcome; an
                `AuthenticationError` it raises on entering holds the log-in back without counting as a refusal.
            on_server_time: is told, of every answer that could be decoded and before it is returned, the server's time
                (aware UTC, whole seconds; None where it told none) and how many seconds the exchange took.

        Raises:
            ShareRequestError: neither a name nor an account id is given, or the base URL is not a safe one.
        """
        name = normalize_username(username) if username else None
        known_id = normalize_account_id(account_id) if account_id else None
        if not name and not known_id:
            raise ShareRequestError("A user name or an account id is needed", code="InvalidArgument")
        self._region = region
        self._transport = Transport(
            session,
            check_base_url(base_url) if base_url is not None else self._region.base_url,
            timeout_seconds=timeout,
            on_call=on_call,
            on_server_time=on_server_time,
        )
        self._login = Login(
            self._transport,
            username=name,
            account_id=known_id,
            password=password,
            application_id=self._region.application_id,
            around=around_login,
        )

    @override
    def __repr__(self) -> str:
        """Return what tells clients apart without telling whose they are."""
        return f"<ShareClient region={self._region.value} has_session={self.has_session}>"

    @property
    def account_id(self) -> str | None:
        """Return the account's UUID, None until a log-in told it."""
        return self._login.account_id

    @property
    def has_session(self) -> bool:
        """Return whether a session is there that Share has not disowned yet."""
        return self._login.session_id is not None

    def forget_session(self) -> None:
        """Make the next call log in."""
        self._login.forget(self._login.session_id)

    async def login(self) -> str:
        """Log in anew, with one attempt, and return the account id (UUID).

        Calls that run at the same time share the attempt. This alone may follow a refusal.

        Raises:
            AuthenticationError: Share refused the credentials.
            AccountLockedError: too many log-ins failed; trying again soon makes it worse.
        """
        account_id, _ = await self._login.log_in()
        return account_id

    async def login_by_name(self) -> None:
        """Log in by the older call of one step, with one attempt; it tells no account id.

        Newer accounts are refused here whatever the password: `login` is the one to use.

        Raises:
            AuthenticationError: Share refused the credentials, or does not serve this account this way.
            ShareRequestError: the client has no user name.
        """
        await self._login.log_in_by_name()

    async def read_glucose(self, minutes: int = MAX_MINUTES, max_count: int = DAY_COUNT) -> list[GlucoseReading]:
        """Return the newest readings of the last `minutes`, at most `max_count`, oldest first.

        Duplicates stay, and count; a reading without a value or a time is left out alone. Zero minutes or readings are
        none. Of an answer with more than was asked for the newest are kept.

        Raises:
            ShareRequestError: minutes outside 0 to 1440, which is all that Share keeps, or a count outside 0 to 576,
                a day of two devices that upload both.
        """
        if not 0 <= minutes <= MAX_MINUTES or not 0 <= max_count <= MAX_COUNT:
            raise ShareRequestError("Share keeps a day, 1440 minutes or 288 readings a device", code="InvalidArgument")
        return await self._call(
            "Publisher/ReadPublisherLatestGlucoseValues",
            _expecting(partial(decode_readings, max_count=max_count)),
            params={"minutes": str(minutes), "maxCount": str(max_count)},
            body={},
        )

    async def read_system_time(self) -> datetime:
        """Return the server's time (aware UTC); needs no session."""
        return await self._transport.request(
            "General/SystemUtcTime", decode_system_time, credential=Credential.NONE, method="GET"
        )

    async def list_subscriptions(self) -> list[Subscription]:
        """Return the followers and the invitations of this account."""
        return await self._call("Publisher/ListPublisherAccountSubscriptions", _expecting(decode_subscriptions))

    async def read_alert_settings(self, subscription_id: str) -> FollowerAlerts:
        """Return the alerts of a follower."""
        return await self._call(
            "General/ReadSubscriptionAlerts",
            _expecting(decode_alert_settings),
            params={"subscriptionId": require_id(subscription_id)},
        )

    async def pause_subscription(self, subscription_id: str) -> None:
        """Stop sharing with a follower for a while; Share refuses it for an invitation that is not accepted yet."""
        await self._call(
            "General/PauseSubscription", decode_nothing, params={"subscriptionId": require_id(subscription_id)}
        )

    async def resume_subscription(self, subscription_id: str) -> None:
        """Share with a paused follower again."""
        await self._call(
            "General/ResumeSubscription", decode_nothing, params={"subscriptionId": require_id(subscription_id)}
        )

    async def update_permissions(self, subscription_id: str, permissions: Permissions) -> None:
        """Set what a follower may see."""
        await self._call(
            "Publisher/UpdateSubscriptionPermissions",
            decode_nothing,
            params={"subscriptionId": require_id(subscription_id), "permissions": str(int(permissions))},
        )

    async def does_contact_exist(self, name: str) -> bool:
        """Return whether the account has a contact of this name."""
        return await self._call(
            "Publisher/DoesContactExistByName", _expecting(decode_bool), params={"contactName": name}
        )

    async def create_contact(self, name: str, email: str) -> str:
        """Create a contact and return its id; `ContactNameAlreadyExists` where the name is taken."""
        return await self._call(
            "Publisher/CreateContact",
            _expecting(decode_new_id),
            params={"contactName": name, "emailAddress": email},
        )

    async def read_contact(self, contact_id: str) -> Contact:
        """Return a contact."""
        return await self._call(
            "Publisher/ReadContact", _expecting(decode_contact), params={"contactId": require_id(contact_id)}
        )

    async def update_contact_name(self, contact_id: str, name: str) -> None:
        """Rename a contact."""
        await self._call(
            "Publisher/UpdateContactName",
            decode_nothing,
            params={"contactId": require_id(contact_id), "contactName": name},
        )

    async def delete_contact(self, contact_id: str) -> None:
        """Delete a contact, and with it the follower's subscription."""
        await self._call("Publisher/DeleteContact", decode_nothing, params={"contactId": require_id(contact_id)})

    async def create_invitation(
        self,
        contact_id: str,
        display_name: str,
        *,
        alert_settings: FollowerAlerts = DEFAULT_ALERT_SETTINGS,
        permissions: Permissions = Permissions.GRAPH,
    ) -> str:
        """Have Share invite a contact by e-mail, and return the id of the invitation.

        `display_name` is the wearer's name as the follower will see it. May be refused within the first seconds of
        the contact's life.
        """
        return await self._call(
            "Publisher/CreateSubscriptionInvitation",
            _expecting(decode_new_id),
            params={"contactId": require_id(contact_id)},
            body={
                "AlertSettings": encode_alert_settings(alert_settings),
                "Permissions": int(permissions),
                "DisplayName": display_name,
            },
        )

    async def check_receiver_assignment(self, serial_number: str) -> ReceiverAssignment:
        """Return whose a receiver or transmitter is."""
        return await self._call(
            "Publisher/CheckMonitoredReceiverAssignmentStatus",
            _expecting(decode_assignment),
            params={"serialNumber": serial_number},
        )

    async def replace_receiver(self, serial_number: str) -> None:
        """Assign a receiver or transmitter to the account; Share refuses one that is assigned to it already."""
        await self._call(
            "Publisher/ReplacePublisherAccountMonitoredReceiver",
            decode_nothing,
            params={"serialNumber": serial_number},
        )

    async def is_monitoring_session_active(self) -> bool:
        """Return whether the account takes uploads at the moment."""
        return await self._call("Publisher/IsRemoteMonitoringSessionActive", _expecting(decode_bool))

    async def start_monitoring_session(self, serial_number: str) -> None:
        """Begin to take uploads of a receiver; `MonitoringSessionAlreadyActive` where that is so already."""
        await self._call(
            "Publisher/StartRemoteMonitoringSession", decode_nothing, params={"serialNumber": serial_number}
        )

    async def stop_monitoring_session(self) -> None:
        """Take no more uploads."""
        await self._call("Publisher/StopRemoteMonitoringSession", decode_nothing)

    async def post_readings(
        self,
        serial_number: str,
        records: Iterable[EgvRecord],
        *,
        time_adjustment: timedelta = timedelta(seconds=-5),
    ) -> None:
        """Upload readings of the receiver that is assigned to the account; those that Share has already are fine.

        `time_adjustment` is what Share adds to the device's time, in whole seconds; uploaders of today send -5.
        `MonitoringSessionNotActive` asks for `start_monitoring_session`, `MonitoredReceiverNotAssigned` for
        `replace_receiver`.
        """
        try:
            await self._call(
                "Publisher/PostReceiverEgvRecords",
                decode_nothing,
                body=encode_egv_records(serial_number, records, time_adjustment),
            )
        except ShareRequestError as err:
            if err.code != "DuplicateEgvPosted":
                raise

    async def update_runtime_info(self, info: RuntimeInfo) -> None:
        """Tell which device and app upload."""
        await self._call(
            "Publisher/UpdatePublisherAccountRuntimeInfo",
            decode_nothing,
            body={"runtimeInfo": encode_runtime_info(info)},
            is_session_in_body=True,
        )

    async def _call[T](
        self,
        endpoint: str,
        decode: Callable[[bytes], T],
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        is_session_in_body: bool = False,
    ) -> T:
        """Return the answer of a call that needs a session; a session that is gone is replaced once."""

        async def send(session_id: str) -> T:
            session = {"sessionId": session_id}
            return await self._transport.request(
                endpoint,
                decode,
                credential=Credential.SESSION,
                params=None if is_session_in_body else {**session, **(params or {})},
                body={**session, **(body or {})} if is_session_in_body else body,
            )

        session_id = await self._login.session()
        try:
            return await send(session_id)
        except AccountLockedError as err:
            self._login.refuse(err)
            raise
        except SessionError, AuthenticationError:
            # No password went along, so a refusal here speaks of the session: it is what some saw after a day.
            self._login.forget(session_id)
        session_id = await self._login.session()
        try:
            return await send(session_id)
        except SessionError:
            self._login.forget(session_id)
            raise
        except AuthenticationError as err:
            self._login.refuse(err)
            raise


def _expecting[T](decode: Callable[[bytes], T]) -> Callable[[bytes], T]:
    """Return the decoder for calls that have a result: none at all is how Share answers a nil session."""

    def decode_result(body: bytes) -> T:
        if not body.strip():
            raise SessionError("Share does not know the session any more (empty answer)")
        return decode(body)

    return decode_result
