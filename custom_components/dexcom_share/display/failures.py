"""What went wrong with a request to Share, in the user's words."""

from collections.abc import Mapping
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.translation import async_get_cached_translations

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
from ..share.login_guard import LoginPausedError

# From special to general.
REASONS: Final[tuple[tuple[type[ShareError], str], ...]] = (
    (LoginPausedError, "reason_login_paused"),
    (AccountLockedError, "reason_account_locked"),
    (AuthenticationError, "invalid_auth"),
    (ShareTimeoutError, "timeout"),
    (ShareConnectionError, "cannot_connect"),
    (ShareServerError, "server_error"),
    (ShareRequestError, "reason_refused"),
    (ShareError, "invalid_response"),
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


def is_unsure(err: ShareError) -> bool:
    """Return whether a change may have been made although its call failed: the answer is lost or unreadable."""
    return isinstance(err, ShareConnectionError | ShareServerError | ShareResponseError)


def reason_key(err: ShareError) -> str:
    """Return the key of the sentence that says why a call failed."""
    return next(key for kind, key in REASONS if isinstance(err, kind))


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
            "reason": sentence(hass, reason_key(err), {"code": err.shown_code}),
            **placeholders,
        },
    )


def nothing_changed(hass: HomeAssistant, err: ShareError) -> HomeAssistantError:
    """Return the error for a call that changed nothing; the user's own mistake where it was one."""
    if isinstance(err, ShareRequestError) and err.code in MISTAKES:
        return mistake(MISTAKES[err.code])
    return failure(hass, "failed_nothing_changed", err)


def polling_failure(err, *, refused_since, next_attempt):
    from homeassistant.helpers.update_coordinator import UpdateFailed
    return UpdateFailed(translation_domain=DOMAIN, translation_key="timeout")
