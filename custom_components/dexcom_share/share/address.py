"""Where Share lives: its regions, and what may stand in their place."""

from enum import StrEnum
from ipaddress import IPv6Address, ip_address
import re
from typing import Final

from yarl import URL

from .errors import ShareRequestError

_SERVICES_PATH: Final = "/ShareWebServices/Services/"
_HOST: Final = re.compile(r"(?!.{254})[\w-]{1,63}(?:\.[\w-]{1,63})*\.?")


class Region(StrEnum):
    """The three separate Share services; an account exists in exactly one of them.

    Source: `us`, `ous` and `jp` are the services of the official apps; only the Japanese one insists on its own
    application id.
    """

    US = "us"
    OUS = "ous"
    JP = "jp"

    @property
    def host(self) -> str:
        """Return the host name of the region's service."""
        return _HOSTS[self]

    @property
    def application_id(self) -> str:
        """Return the application id that log-ins to the region's service name."""
        return _APPLICATION_IDS[self]

    @property
    def base_url(self) -> str:
        """Return the address that every endpoint's path is appended to; ends with a slash."""
        return f"https://{self.host}{_SERVICES_PATH}"


_HOSTS: Final = {
    Region.US: "share2.dexcom.com",
    Region.OUS: "shareous1.dexcom.com",
    Region.JP: "share.dexcom.jp",
}
_APPLICATION_IDS: Final = {
    Region.US: "d89443d2-327c-4a6f-89e5-496bbb0317db",
    Region.OUS: "d89443d2-327c-4a6f-89e5-496bbb0317db",
    Region.JP: "d8665ade-9673-4e27-9ff6-92db4ce13d13",
}


def check_base_url(url: str) -> str:
    """Return the address with exactly one slash at its end, or refuse it.

    A password travels to this address: it must be `https`, or `http` to this very machine (127.0.0.0/8, ::1,
    localhost), and carry no user, query or fragment.

    Raises:
        ShareRequestError: the address is none, or not a safe one; the message does not repeat it.
    """
    try:
        parsed = URL(url.strip())
        host = parsed.host or ""
    # The parser raises IndexError for some malformed addresses of version 6.
    except ValueError, IndexError:
        raise ShareRequestError("The address is not a URL", code="InvalidArgument") from None
    if not _is_host(host) or parsed.raw_user or parsed.raw_password or parsed.raw_query_string or parsed.raw_fragment:
        raise ShareRequestError("The address must be a host and a path only", code="InvalidArgument")
    if parsed.scheme != "https" and not (parsed.scheme == "http" and _is_this_machine(host)):
        raise ShareRequestError("The address must be https", code="InvalidArgument")
    return f"{str(parsed).rstrip('/')}/"


def _is_host(host: str) -> bool:
    """Return whether it can be a host: an address without a zone, or labels of letters, digits and hyphens."""
    if ":" in host:
        try:
            return IPv6Address(host).scope_id is None
        except ValueError:
            return False
    return _HOST.fullmatch(host) is not None


def _is_this_machine(host: str) -> bool:
    """Return whether the host can only be this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
