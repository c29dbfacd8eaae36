"""States in words."""

from custom_components.dexcom_share.display.words import (
    FALLING_STATES,
    FOLLOWER_STATES,
    RISING_STATES,
    TREND_STATES,
)
from custom_components.dexcom_share.share import SubscriptionState, Trend


def test_each_trend_and_state_has_a_word_of_its_own() -> None:
    """Nothing that the wire knows is left without a word, and no word means two things."""
    assert TREND_STATES.keys() == set(Trend) - {Trend.NONE}
    assert FOLLOWER_STATES.keys() == set(SubscriptionState)
    for words in (TREND_STATES, FOLLOWER_STATES):
        assert len(set(words.values())) == len(words)


def test_directions_are_made_of_trends() -> None:
    """A trend that rises or falls if only slightly belongs to one direction."""
    assert {"rising_slightly", "rising", "rising_quickly"} == RISING_STATES
    assert {"falling_slightly", "falling", "falling_quickly"} == FALLING_STATES
