"""Async client of the Dexcom Share web API; needs aiohttp and nothing of Home Assistant."""

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
from .models import GlucoseReading, Trend

__all__ = [
    "AccountLockedError",
    "AuthenticationError",
    "GlucoseReading",
    "SessionError",
    "ShareConnectionError",
    "ShareError",
    "ShareRequestError",
    "ShareResponseError",
    "ShareServerError",
    "ShareTimeoutError",
    "Trend",
]
