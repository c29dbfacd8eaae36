"""One tree, and errors that survive being copied."""

import copy
import pickle

import pytest

from custom_components.dexcom_share.share import (
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

KINDS = [
    AccountLockedError,
    AuthenticationError,
    SessionError,
    ShareConnectionError,
    ShareRequestError,
    ShareResponseError,
    ShareServerError,
    ShareTimeoutError,
]


def test_the_tree_is_what_callers_rely_on() -> None:
    """A lock is a refusal, a time-out a failed connection, and all are errors of Share."""
    assert all(issubclass(kind, ShareError) for kind in KINDS)
    assert issubclass(AccountLockedError, AuthenticationError)
    assert issubclass(ShareTimeoutError, ShareConnectionError)


@pytest.mark.parametrize("kind", KINDS)
def test_copies_keep_every_part(kind: type[ShareError]) -> None:
    """Code and text survive a copy and a pickle."""
    error = kind("text", code="Code", shown_code="unknown")
    for copied in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):  # noqa: S301
        assert type(copied) is kind
        assert (str(copied), copied.code, copied.shown_code) == ("text", "Code", "unknown")


def test_the_pause_survives_too() -> None:
    """A server's wish is kept with its fault."""
    error = copy.copy(ShareServerError("text", code="HTTP 429", retry_after_seconds=7.0))
    assert error.retry_after_seconds == 7
