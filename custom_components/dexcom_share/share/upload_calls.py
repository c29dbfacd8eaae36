"""The endpoints of uploads: the receiver of an account, and what is uploaded of it."""

from collections.abc import Iterable
from datetime import timedelta

from .calls import Calls, expecting
from .documents import decode_assignment, decode_bool, decode_nothing, encode_egv_records, encode_runtime_info
from .errors import ShareRequestError
from .models import EgvRecord, ReceiverAssignment, RuntimeInfo


class UploadCalls(Calls):
    """Assigns receivers and uploads their readings; errors are those of `ShareClient`."""

    async def check_receiver_assignment(self, serial_number: str) -> ReceiverAssignment:
        """Return whose a receiver or transmitter is."""
        return await self._call(
            "Publisher/CheckMonitoredReceiverAssignmentStatus",
            expecting(decode_assignment),
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
        return await self._call("Publisher/IsRemoteMonitoringSessionActive", expecting(decode_bool))

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
