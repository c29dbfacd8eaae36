"""Async client of the Dexcom Share web API; needs aiohttp and nothing of Home Assistant."""

from .address import Region, check_base_url
from .client import ShareClient
from .errors import (
    AccountLockedError,
    AuthenticationError,
    SessionError,
    ShareConnectionError,
    ShareError,
    ShareRequestError,
    ShareResponseError,
    ShareServerError,
    ShareTimeoutError,
)
from .identity import normalize_account_id, normalize_username
from .models import HIGH_LIMIT_MGDL, LOW_LIMIT_MGDL, GlucoseReading, Trend
from .transport import CallRecord

__all__ = [
    "HIGH_LIMIT_MGDL",
    "LOW_LIMIT_MGDL",
    "AccountLockedError",
    "AuthenticationError",
    "CallRecord",
    "GlucoseReading",
    "Region",
    "SessionError",
    "ShareClient",
    "ShareConnectionError",
    "ShareError",
    "ShareRequestError",
    "ShareResponseError",
    "ShareServerError",
    "ShareTimeoutError",
    "Trend",
    "check_base_url",
    "normalize_account_id",
    "normalize_username",
]
