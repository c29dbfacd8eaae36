"""What tests of followers need: actions by short names, and connections lost at a chosen call."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from random import Random
from typing import Any, Final, override

from homeassistant.core import Context, HomeAssistant

from custom_components.dexcom_share.const import DOMAIN
from simulator import Account, Limited

from .common import Share

GRANDMA: Final = {"name": "Grandma", "email": "grandma@example.org", "display_name": "Anna"}
ASK: Final = ["ListPublisherAccountSubscriptions", "IsRemoteMonitoringSessionActive"]
"""What is asked at the start, every hour and after each change."""


@dataclass(slots=True)
class FromCall[T](Limited[T]):
    """A value that holds only after some calls, perhaps for a few."""

    _: KW_ONLY
    skip: int = 0

    @override
    def holds(self, endpoint: str, now: datetime, random: Random) -> bool:
        if self.skip:
            self.skip -= 1
            return False
        return Limited.holds(self, endpoint, now, random)


async def act(
    hass: HomeAssistant, action: str, data: dict[str, Any] | None = None, *, context: Context | None = None
) -> dict[str, Any]:
    """Perform an action and return its response."""
    response = await hass.services.async_call(
        DOMAIN, action, data or {}, blocking=True, return_response=True, context=context
    )
    assert response is not None
    return dict(response)


async def settle(hass: HomeAssistant) -> None:
    """Wait for what goes on in the background."""
    await hass.async_block_till_done(wait_background_tasks=True)


def calls_since(share: Share, start: int) -> Sequence[str]:
    """Return the endpoints called after the first `start` calls."""
    return share.simulator.endpoints_called[start:]


def names(share: Share) -> set[str]:
    """Return the names of the contacts that Share has."""
    return {contact.name for contact in share.account.followers.contacts.values()}


def without_followers(account: Account) -> Account:
    """Take away the follower that every account of the simulator begins with."""
    account.followers.contacts.clear()
    account.followers.subscriptions.clear()
    return account
