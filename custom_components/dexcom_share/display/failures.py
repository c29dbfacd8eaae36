"""What went wrong with Share, in the user's words: one table from errors to the keys of texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.helpers.update_coordinator import UpdateFailed

from ..const import DOMAIN
from ..share import (
    AccountLockedError,
    AuthenticationError,
    ShareConnectionError,
    ShareError,
    ShareRequestError,
    ShareResponseError,
    ShareServerError,
    ShareTimeoutError,
)
from ..share.login_guard import LockPausedError, LoginPausedError
from .times import local_time


@dataclass(frozen=True, slots=True)
class _Row:
    """One kind of error and the key of its text, with the keys of the places where the text differs."""

    kind: type[Exception]
    key: str
    polling: str | None = None
    acting: str | None = None


# From special to general; the first row that fits counts.
_TABLE: Final = (
    _Row(LockPausedError, "account_locked", acting="reason_login_paused"),
    _Row(LoginPausedError, "invalid_auth", polling="login_refused", acting="reason_login_paused"),
    _Row(AccountLockedError, "account_locked", acting="reason_account_locked"),
    _Row(AuthenticationError, "invalid_auth", polling="login_refused"),
    _Row(ShareTimeoutError, "timeout"),
    _Row(ShareConnectionError, "cannot_connect"),
    _Row(ShareServerError, "server_error"),
    _Row(ShareRequestError, "invalid_response", acting="reason_refused"),
    _Row(ShareError, "invalid_response"),
    _Row(Exception, "unexpected_error"),
)
# Refusals that the user can do something about.
MISTAKES: Final = {
    "ContactAlreadyDeleted": "follower_gone",
    "ContactIdNotFound": "follower_gone",
    "ContactNameAlreadyExists": "contact_name_taken",
    "FutureEgvPosted": "readings_in_future",
    "InvalidEmailAddress": "email_refused",
    "MonitoredReceiverNotAssigned": "receiver_not_assigned",
    "MonitoredReceiverSerialNumberDoesNotMatch": "receiver_not_assigned",
    "SSO_EmailNonStandard": "email_refused",
    "SSO_EmailUnknownFault": "email_refused",
    "SerialNumberAssignedToSomeoneElse": "receiver_of_someone_else",
    "SubscriptionNotPausableState": "not_pausable",
    "SubscriptionNotPaused": "not_paused",
}


def _row(err: Exception) -> _Row:
    """Return the first row that fits an error."""
    return next(row for row in _TABLE if isinstance(err, row.kind))


def setup_key(err: Exception) -> str:
    """Return the key of the text for a log-in that failed in a form of the config flow."""
    return _row(err).key


def reason_key(err: Exception) -> str:
    """Return the key of the text that says why a call of an action failed."""
    row = _row(err)
    return row.acting or row.key


def polling_failure(
    err: Exception, *, refused_since: datetime | None = None, next_attempt: datetime | None = None
) -> UpdateFailed:
    """Return the failure of a poll in the user's words; the times are those of the log-in guard."""
    row = _row(err)
    return UpdateFailed(
        translation_domain=DOMAIN,
        translation_key=row.polling or row.key,
        translation_placeholders={
            "since": local_time(refused_since),
            "until": local_time(next_attempt),
            "code": code_of(err),
        },
    )


def list_failure(err: ShareError) -> UpdateFailed:
    """Return the failure to ask for the followers in the user's words."""
    return UpdateFailed(
        translation_domain=DOMAIN,
        translation_key=reason_key(err),
        translation_placeholders={"code": code_of(err)},
    )


def code_of(err: Exception) -> str:
    """Return what names an error without saying more: Share's code, or the name of an error that nobody expected."""
    return err.code if isinstance(err, ShareError) else type(err).__name__


def is_unsure(err: ShareError) -> bool:
    """Return whether a change may have been made although its call failed: the answer is lost or unreadable."""
    return isinstance(err, ShareConnectionError | ShareServerError | ShareResponseError)


@callback
def sentence(hass: HomeAssistant, key: str, placeholders: Mapping[str, str] | None = None) -> str:
    """Return a message in the language of the server, for use inside another one."""
    texts = async_get_cached_translations(hass, hass.config.language, "exceptions", DOMAIN)
    return texts.get(f"component.{DOMAIN}.exceptions.{key}.message", key).format(**(placeholders or {}))


def mistake(key: str, **placeholders: str) -> ServiceValidationError:
    """Return the error for what the user can put right."""
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=placeholders or None
    )


def failure(hass: HomeAssistant, key: str, err: ShareError, **placeholders: str) -> HomeAssistantError:
    """Return the error that says what happened, and by its key what was done and what was not."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={
            "reason": sentence(hass, reason_key(err), {"code": err.code}),
            **placeholders,
        },
    )


def nothing_changed(hass: HomeAssistant, err: ShareError) -> HomeAssistantError:
    """Return the error for a call that changed nothing; the user's own mistake where it was one."""
    if isinstance(err, ShareRequestError) and err.code in MISTAKES:
        return mistake(MISTAKES[err.code])
    return failure(hass, "failed_nothing_changed", err)
