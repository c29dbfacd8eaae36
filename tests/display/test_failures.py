"""One table from errors to the keys of texts; only where the places differ do the keys."""

from datetime import UTC, datetime
import json
from pathlib import Path

from homeassistant.core import HomeAssistant
import pytest

from custom_components.dexcom_share.display.failures import polling_failure, reason_key, setup_key
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
from custom_components.dexcom_share.share.login_guard import LockPausedError, LoginPausedError

TEXTS = json.loads(
    (Path(__file__).parents[2] / "custom_components" / "dexcom_share" / "translations" / "en.json").read_text()
)


@pytest.mark.parametrize(
    ("err", "setting_up", "polling", "acting"),
    [
        (AccountLockedError(), "account_locked", "account_locked", "reason_account_locked"),
        (LockPausedError(), "account_locked", "account_locked", "reason_login_paused"),
        (AuthenticationError(), "invalid_auth", "login_refused", "invalid_auth"),
        (LoginPausedError(), "invalid_auth", "login_refused", "reason_login_paused"),
        (ShareTimeoutError(), "timeout", "timeout", "timeout"),
        (ShareConnectionError(), "cannot_connect", "cannot_connect", "cannot_connect"),
        (ShareServerError(code="X"), "server_error", "server_error", "server_error"),
        (ShareRequestError(code="X"), "invalid_response", "invalid_response", "reason_refused"),
        (ShareResponseError(), "invalid_response", "invalid_response", "invalid_response"),
        (SessionError(), "invalid_response", "invalid_response", "invalid_response"),
        (ShareError(), "invalid_response", "invalid_response", "invalid_response"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, ShareError) else None,
)
def test_each_error_has_a_text_in_each_place(err: ShareError, setting_up: str, polling: str, acting: str) -> None:
    """The keys differ only where the situation of the user does, and each has a text."""
    assert setup_key(err) == setting_up
    assert setting_up in TEXTS["config"]["error"]
    assert polling_failure(err).translation_key == polling
    assert reason_key(err) == acting
    assert {polling, acting} <= TEXTS["exceptions"].keys()


async def test_a_failed_poll_tells_times_and_the_code(hass: HomeAssistant) -> None:
    """The times are as the user's clock shows them; those that are not known are left out."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    failure = polling_failure(
        ShareServerError("secret", code="HTTP 503"), refused_since=datetime(2026, 11, 22, 12, tzinfo=UTC)
    )
    assert failure.translation_placeholders == {"since": "2026-11-22 13:00", "until": "", "code": "HTTP 503"}


def test_an_error_that_nobody_expected_is_named_without_its_message() -> None:
    """A message could hold anything."""
    failure = polling_failure(ValueError("secret"))
    assert failure.translation_key == "unexpected_error"
    assert failure.translation_placeholders == {"since": "", "until": "", "code": "ValueError"}
