"""What is known of sharing and followers, by numbers and events that name nobody."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..share import Subscription, SubscriptionState

MOST_FOLLOWERS: Final = 10

INVITED: Final = frozenset({SubscriptionState.CREATED, SubscriptionState.INVITE_WAITING})
ENDED: Final = frozenset(
    {
        SubscriptionState.INVITE_FAILED,
        SubscriptionState.INVITE_REJECTED,
        SubscriptionState.INVITE_EXPIRED,
        SubscriptionState.CANCELED_BY_PUBLISHER,
        SubscriptionState.CANCELED_BY_SUBSCRIBER,
        SubscriptionState.CANCELED_BY_BOTH,
        SubscriptionState.ABANDONED_BY_SUBSCRIBER,
    }
)
"""States of somebody who does not follow and can't come to it any more; a state nobody knows is none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowersFacts:
    """What is known of sharing and followers, without saying who they are; None where it is not known.

    `active_count` see glucose, `invited_count` have not answered yet, `total` also counts those who are paused:
    they all take one of the ten places.
    """

    sharing_active: bool | None = None
    active_count: int | None = None
    invited_count: int | None = None
    total: int | None = None

    @property
    def has_follower(self) -> bool | None:
        """Return whether there is a follower, or somebody invited."""
        return None if self.total is None else self.total > 0


def derive_facts(subscriptions: Iterable[Subscription], sharing_active: bool | None) -> FollowersFacts:
    """Return what the publisher's list tells."""
    states = [subscription.state for subscription in subscriptions]
    return FollowersFacts(
        sharing_active=sharing_active,
        active_count=states.count(SubscriptionState.ACTIVE),
        invited_count=sum(state in INVITED for state in states),
        total=sum(state not in ENDED for state in states),
    )


class FollowerEvent(StrEnum):
    """What can become of an invitation or a follower."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    REMOVED = "removed"


_BECAME: Final = {
    SubscriptionState.INVITE_REJECTED: FollowerEvent.DECLINED,
    SubscriptionState.INVITE_EXPIRED: FollowerEvent.EXPIRED,
    SubscriptionState.CANCELED_BY_PUBLISHER: FollowerEvent.REMOVED,
    SubscriptionState.CANCELED_BY_SUBSCRIBER: FollowerEvent.REMOVED,
    SubscriptionState.CANCELED_BY_BOTH: FollowerEvent.REMOVED,
    SubscriptionState.ABANDONED_BY_SUBSCRIBER: FollowerEvent.REMOVED,
}
_NOT_YET: Final = INVITED | ENDED
"""Known states from which the way to active is an acceptance; from a pause it is none."""

type States = Mapping[str, SubscriptionState]
"""The state of each subscription, by its id."""


def follower_events(before: States, after: States) -> list[FollowerEvent]:
    """Return what happened between two answers of the list."""
    events = []
    for subscription_id, state in after.items():
        old = before.get(subscription_id, SubscriptionState.CREATED)
        if state is old:
            continue
        if state is SubscriptionState.ACTIVE and old in _NOT_YET:
            events.append(FollowerEvent.ACCEPTED)
        elif state in _BECAME and old not in ENDED:
            events.append(_BECAME[state])
    gone = [state for subscription_id, state in before.items() if subscription_id not in after]
    return events + [FollowerEvent.REMOVED for state in gone if state not in ENDED]
