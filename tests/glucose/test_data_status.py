"""Which cause is told, whatever else is true."""

import pytest

from custom_components.dexcom_share.glucose.data_status import DataStatus, Evidence, data_status
from custom_components.dexcom_share.share import (
    AccountLockedError,
    AuthenticationError,
    SessionError,
    ShareConnectionError,
    ShareResponseError,
    ShareServerError,
    ShareTimeoutError,
)


@pytest.mark.parametrize(
    ("evidence", "status"),
    [
        (Evidence(is_stale=False), DataStatus.OK),
        (Evidence(is_stale=False, error=ShareTimeoutError()), DataStatus.OK),
        (Evidence(is_stale=False, is_failing=True, error=ShareServerError()), DataStatus.SHARE_FAULTY),
        (Evidence(is_stale=False, error=AuthenticationError()), DataStatus.LOGIN_REFUSED),
        (Evidence(is_stale=False, error=AccountLockedError()), DataStatus.ACCOUNT_LOCKED),
        (Evidence(is_stale=True, error=AccountLockedError(), outage_reported=True), DataStatus.ACCOUNT_LOCKED),
        (Evidence(is_stale=True, error=ShareTimeoutError()), DataStatus.SHARE_UNREACHABLE),
        (
            Evidence(is_stale=True, error=ShareConnectionError(), status_page_reachable=True),
            DataStatus.SHARE_UNREACHABLE,
        ),
        (Evidence(is_stale=True, error=ShareConnectionError(), status_page_reachable=False), DataStatus.OWN_NETWORK),
        (Evidence(is_stale=True, error=ShareConnectionError(), outage_reported=True), DataStatus.OUTAGE),
        (Evidence(is_stale=True, error=ShareServerError(), outage_reported=True), DataStatus.OUTAGE),
        (Evidence(is_stale=True, error=ShareServerError(), outage_reported=False), DataStatus.SHARE_FAULTY),
        (Evidence(is_stale=True, error=ShareResponseError()), DataStatus.SHARE_FAULTY),
        (Evidence(is_stale=True, error=SessionError()), DataStatus.SHARE_FAULTY),
        (Evidence(is_stale=True, sharing=False, has_follower=False), DataStatus.SHARING_OFF),
        (Evidence(is_stale=True, sharing=True, has_follower=False), DataStatus.NO_FOLLOWER),
        (Evidence(is_stale=True, sharing=True, has_follower=True), DataStatus.NOT_UPLOADING),
        (Evidence(is_stale=True, outage_reported=True), DataStatus.OUTAGE),
        (Evidence(is_stale=True), DataStatus.NOT_UPLOADING),
    ],
)
def test_the_most_telling_cause(evidence: Evidence, status: DataStatus) -> None:
    """The user is told what to look at first."""
    assert data_status(evidence) is status
