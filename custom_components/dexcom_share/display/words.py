"""States and attribute values in words, the same wherever they are shown."""

from typing import Final

from ..share import SubscriptionState, Trend

# The names of Home Assistant's own `dexcom`, and two more that the wire knows.
TREND_STATES: Final = {
    Trend.DOUBLE_UP: "rising_quickly",
    Trend.SINGLE_UP: "rising",
    Trend.FORTY_FIVE_UP: "rising_slightly",
    Trend.FLAT: "steady",
    Trend.FORTY_FIVE_DOWN: "falling_slightly",
    Trend.SINGLE_DOWN: "falling",
    Trend.DOUBLE_DOWN: "falling_quickly",
    Trend.NOT_COMPUTABLE: "not_computable",
    Trend.RATE_OUT_OF_RANGE: "rate_out_of_range",
}
RISING_STATES: Final = frozenset(
    TREND_STATES[trend] for trend in (Trend.FORTY_FIVE_UP, Trend.SINGLE_UP, Trend.DOUBLE_UP)
)
FALLING_STATES: Final = frozenset(
    TREND_STATES[trend] for trend in (Trend.FORTY_FIVE_DOWN, Trend.SINGLE_DOWN, Trend.DOUBLE_DOWN)
)

FOLLOWER_STATES: Final = {
    SubscriptionState.UNKNOWN: "unknown",
    SubscriptionState.CREATED: "created",
    SubscriptionState.INVITE_WAITING: "invited",
    SubscriptionState.INVITE_FAILED: "invitation_failed",
    SubscriptionState.INVITE_REJECTED: "declined",
    SubscriptionState.INVITE_EXPIRED: "expired",
    SubscriptionState.ACTIVE: "active",
    SubscriptionState.PAUSED_BY_PUBLISHER: "paused",
    SubscriptionState.PAUSED_BY_SUBSCRIBER: "paused_by_follower",
    SubscriptionState.CANCELED_BY_PUBLISHER: "removed",
    SubscriptionState.CANCELED_BY_SUBSCRIBER: "left",
    SubscriptionState.CANCELED_BY_BOTH: "removed_and_left",
    SubscriptionState.ABANDONED_BY_SUBSCRIBER: "abandoned",
}
