"""The asks: the best by the distribution, checked against plain search, and now and then others to learn from."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from random import Random

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.dexcom_share.glucose.asks import (
    CALL_WORTH_SECONDS,
    PROBE_EVERY,
    SHORTEST_PAUSE_SECONDS,
    Asks,
    best_asks,
)
from custom_components.dexcom_share.glucose.delays import CELLS, EDGES, TYPICAL, UploadDelays, cell_of

HORIZON = EDGES.index(315.0)


def shares_of(*parts: tuple[float, float, float]) -> list[float]:
    """Return a distribution of parts, each with its share between two bounds; what is left is missing."""
    shares = [0.0] * (CELLS + 1)
    for share, low, high in parts:
        first, last = cell_of(low) + 1, cell_of(high)
        for cell in range(first, last + 1):
            shares[cell] += share / (last - first + 1)
    shares[CELLS] = 1 - sum(shares)
    return shares


def cost(shares: Sequence[float], asks: Sequence[float | None]) -> float:
    """Return what a plan costs until the horizon, from the first ask on, reading by reading."""
    total = 0.0
    for cell in range(1, HORIZON + 1):
        delay = (EDGES[cell - 1] + EDGES[cell]) / 2
        place, calls = 0, 0
        while (ask := asks[place]) is not None and ask < delay:
            place, calls = cell_of(ask), calls + 1
        found, calls = (EDGES[HORIZON], calls) if ask is None else (ask, calls + 1)
        total += shares[cell] * (found - delay + CALL_WORTH_SECONDS * calls)
    place, calls = 0, 0
    while (ask := asks[place]) is not None:
        place, calls = cell_of(ask), calls + 1
    return total + (1 - sum(shares[1 : HORIZON + 1])) * CALL_WORTH_SECONDS * calls


def plain_best(shares: Sequence[float]) -> float:
    """Return the least cost, by trying every next ask after each."""
    until = list(accumulate(shares))
    middles = [0.0, *((low + high) / 2 for low, high in pairwise(EDGES))]
    moments = list(accumulate(share * middle for share, middle in zip(shares, middles, strict=False)))
    costs = [0.0] * (HORIZON + 1)

    def waited(place: int, ask: int) -> float:
        return EDGES[ask] * (until[ask] - until[place]) - (moments[ask] - moments[place])

    for place in range(HORIZON - 1, -1, -1):
        costs[place] = min(
            waited(place, HORIZON),
            *(
                CALL_WORTH_SECONDS * (1 - until[place]) + waited(place, ask) + costs[ask]
                for ask in range(place + 1, HORIZON)
                if EDGES[ask] >= EDGES[place] + SHORTEST_PAUSE_SECONDS
            ),
            waited(place, HORIZON),
        )
    return costs[0]


class TestPlan:
    """The best asks for a distribution."""

    @settings(max_examples=15, deadline=None)
    @given(st.lists(st.tuples(st.floats(0.05, 1), st.floats(-20, 250), st.floats(3, 70)), min_size=1, max_size=4))
    def test_no_plan_costs_less(self, parts: list[tuple[float, float, float]]) -> None:
        """As found by trying all of them."""
        total = sum(share for share, *_ in parts) / 0.97
        shares = shares_of(*((share / total, low, low + width) for share, low, width in parts))
        assert cost(shares, best_asks(shares, EDGES[HORIZON])) == pytest.approx(plain_best(shares), abs=1e-6)

    def test_where_all_come_together_one_ask_is_enough(self) -> None:
        """At the end of the time in which they come."""
        asks = best_asks(shares_of((1.0, 10, 14)), 315.0)
        assert asks[0] == 14
        assert asks[cell_of(14)] is None

    def test_two_phones_get_an_ask_each(self) -> None:
        """When the quick ones are there, and when the slow ones are."""
        asks = best_asks(shares_of((0.6, 6, 10), (0.4, 31, 36)), 315.0)
        assert asks[0] == 10
        assert asks[cell_of(10)] == 36

    def test_asks_keep_the_shortest_pause(self) -> None:
        """After an ask at any time."""
        asks = best_asks(TYPICAL, 315.0)
        for edge, ask in zip(EDGES, asks, strict=True):
            assert ask is None or ask >= edge + SHORTEST_PAUSE_SECONDS

    def test_a_reading_that_is_hardly_to_come_gets_no_ask(self) -> None:
        """Its successor is asked for anyway, and would bring it."""
        often = best_asks(shares_of((0.8, 8, 15), (0.2, 15, 250)), 315.0)
        seldom = best_asks(shares_of((0.8, 8, 15), (0.01, 15, 250)), 315.0)
        assert often[cell_of(60)] is not None
        assert seldom[cell_of(60)] is None


def taught(count: int, after_seconds: float, by_seconds: float) -> UploadDelays:
    """Return delays of an account whose readings all came in the same interval."""
    delays = UploadDelays()
    for _ in range(count):
        delays.learn(after_seconds, by_seconds)
    return delays


def first_asks(asks: Asks, count: int, found_by: float) -> list[float]:
    """Return the first ask for each of some readings, all of which are there at a time."""
    firsts = []
    for _ in range(count):
        first = asks.next_seconds(-285.0)
        assert first is not None
        firsts.append(first)
        asks.note_found(-285.0 if first >= found_by else first)
    return firsts


class TestAsks:
    """What is asked in truth."""

    def test_a_new_account_is_asked_when_a_typical_reading_is_there(self) -> None:
        """And again after that, as long as it is worth it."""
        asks = Asks(UploadDelays())
        first = asks.next_seconds(-285.0)
        assert first == asks.first_seconds == 14.5
        second = asks.next_seconds(first)
        assert second is not None
        assert 20 < second < 45
        assert asks.next_seconds(310.0) is None

    def test_times_count_from_the_origin(self) -> None:
        """Where a clock is wrong, all is as far off."""
        asks = Asks(UploadDelays(1000.0))
        assert asks.first_seconds == asks.next_seconds(0.0) == 1014.5

    def test_the_plan_follows_what_is_learned(self) -> None:
        """At once."""
        delays = UploadDelays()
        asks = Asks(delays)
        for _ in range(60):
            delays.learn(60.0, 64.0)
        assert 60 < asks.first_seconds < 70

    def test_most_readings_are_asked_for_as_planned(self) -> None:
        """And where much is known, nearly all."""
        asks = Asks(taught(900, 9.0, 14.0))
        firsts = first_asks(asks, 20 * PROBE_EVERY, 9.0)
        assert sum(first == asks.first_seconds for first in firsts) / len(firsts) > 0.7

    def test_an_earlier_ask_is_tried_every_few_hours(self) -> None:
        """It would find readings that come sooner than they did."""
        asks = Asks(taught(900, 9.0, 14.0))
        firsts = first_asks(asks, 10 * PROBE_EVERY, 9.0)
        early = [place for place, first in enumerate(firsts) if first < asks.first_seconds - 0.5]
        assert early[0] <= PROBE_EVERY
        assert all(later - sooner <= 4 * PROBE_EVERY for sooner, later in pairwise(early))

    def test_what_an_earlier_ask_finds_is_asked_for_earlier_still(self) -> None:
        """Until it is not there: so quicker uploads are noticed at once."""
        asks = Asks(taught(900, 40.0, 64.0))
        firsts = first_asks(asks, 2 * PROBE_EVERY, 5.0)
        places = [place for place, first in enumerate(firsts) if first < asks.first_seconds - 8]
        chain = [firsts[place] for place in places[:4]]
        assert chain == sorted(chain, reverse=True)
        assert places[3] == places[0] + 3

    def test_asking_in_between_does_not_use_up_an_earlier_ask(self) -> None:
        """It stays where it was until it was made."""
        asks = Asks(taught(900, 40.0, 64.0))
        for _ in range(8 * PROBE_EVERY):
            first = asks.next_seconds(-285.0)
            assert first == asks.next_seconds(-200.0)
            assert first is not None
            second = asks.next_seconds(first)
            assert second is None or second >= first + SHORTEST_PAUSE_SECONDS - 0.5
            assert second == asks.next_seconds(first)
            asks.note_found(first)

    def test_asks_are_the_same_for_the_same_readings(self) -> None:
        """Chance comes from a seed of its own."""

        def play() -> list[float | None]:
            random = Random(1)
            delays = UploadDelays()
            asks = Asks(delays)
            times = []
            for _ in range(300):
                first = asks.next_seconds(-285.0)
                times.append(first)
                delays.learn(-285.0, random.uniform(10, 40))
                asks.note_found(-285.0)
            return times

        assert play() == play()
