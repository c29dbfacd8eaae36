"""The uploader's calls: the monitored receiver, the monitoring session and the readings it sends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..accounts import Account
from ..parameters import missing
from ..readings.records import TRENDS, Record
from ..wire import FaultError, Json, parse_date
from .table import DONE, Context, Reply, Route, Table, json_reply

_FUTURE: Final = timedelta(minutes=5)
"""How far ahead an uploader's clock may be."""
_RUNTIME_INFO: Final = (
    "DeviceManufacturer",
    "DeviceModel",
    "DeviceOsVersion",
    "AppVersion",
    "AppName",
    "AppNumber",
    "DeviceOsName",
)


def check_receiver(context: Context) -> Reply:
    """Return whose a receiver is."""
    account = context.account()
    owner = _owner(context)
    if owner is None:
        return json_reply("NotAssigned")
    return json_reply("AssignedToYou" if owner is account else "AssignedToSomeoneElse")


def replace_receiver(context: Context) -> Reply:
    """Assign a receiver that is nobody's to the account; its session ends."""
    account = context.account()
    owner = _owner(context)
    if owner is account:
        raise FaultError("SerialNumberAssignedToYou", "The serial number is already assigned to this account")
    if owner is not None:
        raise FaultError("SerialNumberAssignedToSomeoneElse", "The serial number is assigned to another account")
    account.receiver = context.parameters.text("serialNumber")
    return json_reply(account.receiver_id)


def receiver_id(context: Context) -> Reply:
    """Return the id of the assigned receiver."""
    account = context.account()
    _receiver(account)
    return json_reply(account.receiver_id)


def stop_receiver(context: Context) -> Reply:
    """Take the receiver away from the account."""
    account = context.account()
    _receiver(account)
    if context.parameters.uuid("monitoredReceiverId") != account.receiver_id:
        raise _not_assigned()
    account.receiver = None
    return DONE


def is_sharing(context: Context) -> Reply:
    """Return whether Share is switched on."""
    return json_reply(context.account().sharing)


def start_sharing(context: Context) -> Reply:
    """Switch Share on."""
    account = context.account()
    _check_serial(account, context.parameters.text("serialNumber"))
    if account.sharing:
        raise FaultError("MonitoringSessionAlreadyActive", "Publisher account already has an active monitoring session")
    account.sharing = True
    return DONE


def stop_sharing(context: Context) -> Reply:
    """Switch Share off."""
    account = context.account()
    _check_sharing(account)
    account.sharing = False
    return DONE


def post_readings(context: Context) -> Reply:
    """Take readings; those that are there already make it say so, after the new ones were taken."""
    account = context.account()
    serial_number = context.parameters.text("SN")
    adjustment_seconds = context.parameters.integer("TA")
    egvs = context.parameters.get("Egvs")
    if not isinstance(egvs, list) or not egvs:
        raise missing("Egvs")
    uploads = [_Upload.of(egv, adjustment_seconds) for egv in egvs]
    _check_serial(account, serial_number)
    _check_sharing(account)
    if any(upload.time > context.now + _FUTURE for upload in uploads):
        raise FaultError("FutureEgvPosted", "A record lies in the future")
    known = _times(account, uploads)
    for upload in uploads:
        if upload.time not in known:
            account.add_record(upload.record(context.now))
    if any(upload.time in known for upload in uploads):
        raise FaultError("DuplicateEgvPosted", "A record was posted before")
    return DONE


def update_runtime_info(context: Context) -> Reply:
    """Note which device and app upload."""
    account = context.account()
    info = context.parameters.get("runtimeInfo")
    if not isinstance(info, dict):
        raise missing("runtimeInfo")
    for name in _RUNTIME_INFO:
        if not isinstance(info.get(name), str):
            raise missing(f"runtimeInfo.{name}")
    account.runtime_info = {name: str(info[name]) for name in _RUNTIME_INFO}
    return DONE


@dataclass(frozen=True, slots=True)
class _Upload:
    """One reading as an uploader sent it."""

    time: datetime
    display_time: datetime
    value: int
    trend: str

    @classmethod
    def of(cls, egv: Json, adjustment_seconds: int) -> _Upload:
        """Take an element of `Egvs` apart; the true time is the device's plus the adjustment."""
        if not isinstance(egv, dict):
            raise missing("Egvs")
        number = _number(egv, "Trend")
        if not 0 <= number < len(TRENDS):
            raise missing("Egvs.Trend")
        try:
            time = _time(egv, "ST") + timedelta(seconds=adjustment_seconds)
        except OverflowError as error:
            raise missing("TA") from error
        return cls(
            time=time,
            display_time=_time(egv, "DT"),
            value=_number(egv, "Value"),
            trend=TRENDS[number],
        )

    def record(self, now: datetime) -> Record:
        """Return the reading as Share keeps it, there from now on; the display time tells the offset from UTC."""
        quarters = round((self.display_time - self.time) / timedelta(minutes=15))
        return Record(
            time=self.time,
            value=self.value,
            trend=self.trend,
            available_at=now,
            utc_offset=timedelta(minutes=15 * quarters),
        )


def _number(egv: dict[str, Json], name: str) -> int:
    value = egv.get(name)
    try:
        return int(value) if isinstance(value, (int, str)) else int("")
    except ValueError as error:
        raise missing(f"Egvs.{name}") from error


def _time(egv: dict[str, Json], name: str) -> datetime:
    try:
        return parse_date(str(egv.get(name)))
    except ValueError as error:
        raise missing(f"Egvs.{name}") from error


def _times(account: Account, uploads: Sequence[_Upload]) -> set[datetime]:
    """Return the times of the readings that Share has already, in the stretch that the uploads cover."""
    times = [upload.time for upload in uploads]
    return {record.time for record in account.records(min(times) - timedelta(microseconds=1), max(times))}


def _owner(context: Context) -> Account | None:
    """Return the account that the receiver in question is assigned to."""
    serial_number = context.parameters.text("serialNumber").rstrip("/")
    return next((one for one in context.simulator.accounts if one.receiver == serial_number), None)


def _receiver(account: Account) -> str:
    """Return the serial number of the account's receiver; refuses the call where it has none."""
    if account.receiver is None:
        raise _not_assigned()
    return account.receiver


def _check_serial(account: Account, serial_number: str) -> None:
    """Refuse another receiver than the account's own."""
    if serial_number.rstrip("/") != _receiver(account):
        raise FaultError(
            "MonitoredReceiverSerialNumberDoesNotMatch", "The serial number is not that of the monitored receiver."
        )


def _check_sharing(account: Account) -> None:
    """Refuse a call that needs Share switched on."""
    if not account.sharing:
        raise FaultError("MonitoringSessionNotActive", "Publisher account does not have an active monitoring session")


def _not_assigned() -> FaultError:
    return FaultError("MonitoredReceiverNotAssigned", "Publisher account does not have a valid monitored receiver.")


ROUTES: Final[Table] = {
    "Publisher/CheckMonitoredReceiverAssignmentStatus": Route(check_receiver),
    "Publisher/ReplacePublisherAccountMonitoredReceiver": Route(replace_receiver),
    "Publisher/GetMonitoredReceiverIdIfEnabled": Route(receiver_id),
    "Publisher/StopMonitoringReceiver": Route(stop_receiver),
    "Publisher/IsRemoteMonitoringSessionActive": Route(is_sharing),
    "Publisher/StartRemoteMonitoringSession": Route(start_sharing),
    "Publisher/StopRemoteMonitoringSession": Route(stop_sharing),
    "Publisher/PostReceiverEgvRecords": Route(post_readings),
    "Publisher/UpdatePublisherAccountRuntimeInfo": Route(update_runtime_info),
}
