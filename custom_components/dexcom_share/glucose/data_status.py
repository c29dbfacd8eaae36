"""Why there are no data: the cause that the user can act on."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..share.errors import AccountLockedError, AuthenticationError, ShareConnectionError, ShareError


class DataStatus(StrEnum):
    """What keeps readings from coming, or that nothing does."""

    OK = "ok"
    OWN_NETWORK = "own_network"
    SHARE_UNREACHABLE = "share_unreachable"
    SHARE_FAULTY = "share_faulty"
    OUTAGE = "outage"
    LOGIN_REFUSED = "login_refused"
    ACCOUNT_LOCKED = "account_locked"
    SHARING_OFF = "sharing_off"
    NO_FOLLOWER = "no_follower"
    NOT_UPLOADING = "not_uploading"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingFacts:
    """What of the account keeps readings from coming; None where it is not known."""

    sharing: bool | None = None
    has_follower: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known when data are missing; None where it is not known."""

    is_stale: bool
    is_failing: bool = False
    """Whether Share failed more than once in a row, or asked to be left alone."""
    error: ShareError | None = None
    status_page_reachable: bool | None = None
    outage_reported: bool | None = None
    sharing: bool | None = None
    has_follower: bool | None = None


# From the most telling cause to the least. A refused log-in is told at once, as only the user mends it; anything else
# once a reading is overdue or Share goes on failing: a single failure between two readings delays none.
_CAUSES: Final[tuple[tuple[DataStatus, Callable[[Evidence], bool | None]], ...]] = (
    (DataStatus.ACCOUNT_LOCKED, lambda evidence: isinstance(evidence.error, AccountLockedError)),
    (DataStatus.LOGIN_REFUSED, lambda evidence: isinstance(evidence.error, AuthenticationError)),
    (DataStatus.OK, lambda evidence: not (evidence.is_stale or evidence.is_failing)),
    (
        DataStatus.OWN_NETWORK,
        lambda evidence: isinstance(evidence.error, ShareConnectionError) and evidence.status_page_reachable is False,
    ),
    (DataStatus.OUTAGE, lambda evidence: evidence.outage_reported),
    (DataStatus.SHARE_UNREACHABLE, lambda evidence: isinstance(evidence.error, ShareConnectionError)),
    (DataStatus.SHARE_FAULTY, lambda evidence: evidence.error is not None),
    (DataStatus.SHARING_OFF, lambda evidence: evidence.sharing is False),
    (DataStatus.NO_FOLLOWER, lambda evidence: evidence.has_follower is False),
)


def data_status(evidence: Evidence) -> DataStatus:
    """Return the most telling cause; where Share works and shares, the phone has not uploaded."""
    return next((status for status, is_cause in _CAUSES if is_cause(evidence)), DataStatus.NOT_UPLOADING)
