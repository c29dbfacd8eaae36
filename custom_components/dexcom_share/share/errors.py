"""The errors of the Share client: one tree, and nothing else leaves the client.

No message holds a password, a session id, an account id or an account name.
"""


class ShareError(Exception):
    """Root of every error the client raises.

    `code` is the machine code of the fault, or `HTTP <status>` where the status told it; empty where neither did. A
    server can write anything there: for people, logs and files there is `shown_code`, "unknown" for unknown codes.
    """

    def __init__(self, message: str = "", *, code: str = "", shown_code: str | None = None) -> None:
        """Keep the code next to the message."""
        super().__init__(message)
        self.code = code
        self.shown_code = code if shown_code is None else shown_code


class ShareConnectionError(ShareError):
    """Share could not be reached; `is_sent` is False where it is certain that nothing was sent."""

    def __init__(
        self, message: str = "", *, code: str = "", shown_code: str | None = None, is_sent: bool = True
    ) -> None:
        """Keep next to the message whether Share may have received the request."""
        super().__init__(message, code=code, shown_code=shown_code)
        self.is_sent = is_sent


class ShareTimeoutError(ShareConnectionError):
    """Share did not answer in time."""


class ShareResponseError(ShareError):
    """Share answered with something the API does not promise."""


class ShareServerError(ShareError):
    """Share, or the gateway before it, reports a fault of its own.

    `retry_after_seconds` is how long the server asked to be left alone, None where it did not say.
    """

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        shown_code: str | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        """Keep the code and the pause next to the message."""
        super().__init__(message, code=code, shown_code=shown_code)
        self.retry_after_seconds = retry_after_seconds


class AuthenticationError(ShareError):
    """Share refused the credentials: name, password or region is wrong, which Share does not tell apart."""


class AccountLockedError(AuthenticationError):
    """Share refuses log-ins for a while, because too many failed."""


class SessionError(ShareError):
    """Share no longer knows the session, not even after a fresh log-in."""


class ShareRequestError(ShareError):
    """Share understood the request and refused it, or the client did so before sending; `code` says why."""
