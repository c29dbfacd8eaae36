"""The distribution of the upload delays: learned from intervals, followed when it changes, kept through a restart."""

import json
from math import inf, nan
from random import Random

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.dexcom_share.glucose.delays import (
    BEYOND_IN_A_ROW,
    CELLS,
    EDGES,
    ESTIMATE_EVERY,
    LEAST_WEIGHT,
    MOST_INTERVALS,
    PRIOR,
    TYPICAL,
    UploadDelays,
    cell_of,
    estimate,
)


def share_until(delays: UploadDelays, seconds: float) -> float:
    """Return which share of the readings is there some seconds after they are due."""
    return delays.until[cell_of(seconds - delays.origin_seconds)]


def taught(count: int, after_seconds: float, by_seconds: float) -> UploadDelays:
    """Return what is learned from readings that all came in the same interval."""
    delays = UploadDelays()
    for _ in range(count):
        delays.learn(after_seconds, by_seconds)
    return delays


def quantile(delays: UploadDelays, share: float) -> float:
    """Return when so large a share of the readings is there."""
    return next(edge for edge, until in zip(EDGES, delays.until, strict=False) if until >= share)


class TestEstimate:
    """The likeliest distribution."""

    @pytest.mark.parametrize("prior", [PRIOR, TYPICAL])
    def test_what_is_known_beforehand_is_a_distribution(self, prior: list[float]) -> None:
        """With some share for every delay, so that nothing is impossible."""
        assert sum(prior) == pytest.approx(1)
        assert prior[0] == 0
        assert len(prior) == CELLS + 1
        assert all(share > 0 for share in prior[1:])

    def test_without_readings_it_is_the_prior(self) -> None:
        """Nothing else is known."""
        assert estimate({}, PRIOR) == pytest.approx(list(PRIOR))

    def test_intervals_apart_get_their_shares(self) -> None:
        """As many readings as were seen in each, but for the prior."""
        found = estimate({(cell_of(5), cell_of(10)): 300.0, (cell_of(40), cell_of(60)): 100.0}, PRIOR)
        assert sum(found[cell_of(5) + 1 : cell_of(10) + 1]) == pytest.approx(0.75, abs=0.01)
        assert sum(found[cell_of(40) + 1 : cell_of(60) + 1]) == pytest.approx(0.25, abs=0.01)

    def test_a_wide_interval_goes_where_narrow_ones_are(self) -> None:
        """What is found by 20 s without an ask in vain tells nothing else than those that were narrowed down."""
        found = estimate({(0, cell_of(20)): 400.0, (cell_of(10), cell_of(12)): 40.0}, PRIOR)
        assert sum(found[cell_of(10) + 1 : cell_of(12) + 1]) > 0.9

    def test_between_neighbouring_bounds_the_prior_keeps_its_form(self) -> None:
        """Nothing tells the cells apart."""
        low, high = cell_of(10), cell_of(30)
        found = estimate({(low, high): 50.0}, PRIOR)
        ratios = [found[cell] / PRIOR[cell] for cell in range(low + 1, high + 1)]
        assert max(ratios) == pytest.approx(min(ratios))

    @settings(max_examples=50)
    @given(
        st.dictionaries(
            st.tuples(st.integers(0, CELLS - 1), st.integers(1, CELLS)).filter(lambda pair: pair[0] < pair[1]),
            st.floats(0.05, 1000),
            max_size=40,
        )
    )
    def test_it_is_always_a_distribution(self, weights: dict[tuple[int, int], float]) -> None:
        """Whatever was seen."""
        found = estimate(weights, PRIOR)
        assert sum(found) == pytest.approx(1)
        assert all(share > 0 for share in found[1:])


class TestLearning:
    """What becomes of the estimate."""

    @pytest.mark.parametrize(
        ("low", "high"), [(3.0, 7.0), (20.0, 26.0), (60.0, 90.0), (150.0, 190.0)], ids=["3", "20", "60", "150"]
    )
    def test_a_few_dozen_readings_outweigh_what_is_typical(self, low: float, high: float) -> None:
        """Whatever the account's delays are."""
        delays = taught(40, low, high)
        assert not delays.is_typical
        assert share_until(delays, high) - share_until(delays, low) > 0.9

    def test_a_typical_account_stays_one(self) -> None:
        """A few readings that happen to be late don't disturb what is known."""
        random = Random(1)
        delays = UploadDelays()
        for _ in range(100):
            delay = random.uniform(8, 15) if random.random() < 0.85 else random.uniform(15, 60)
            delays.learn(*((-285.0, 14.5) if delay < 14.5 else (14.5, 33.0) if delay < 33 else (33.0, 60.0)))
        assert delays.is_typical
        assert quantile(delays, 0.5) == pytest.approx(11, abs=1)

    def test_a_missing_reading_counts_as_one_that_never_comes(self) -> None:
        """However late."""
        before = share_until(UploadDelays(), EDGES[-1])
        delays = UploadDelays()
        for _ in range(30):
            delays.learn(250.0, None)
        assert share_until(delays, EDGES[-1]) < before - 0.1

    def test_a_change_is_followed_by_forgetting(self) -> None:
        """A handful of readings that the account never had before."""
        delays = taught(500, 9.0, 14.0)
        for _ in range(20):
            delays.learn(60.0, 80.0)
        assert share_until(delays, 80) - share_until(delays, 60) > 0.4

    def test_single_late_readings_are_no_change(self) -> None:
        """They are a share of many."""
        delays = taught(500, 9.0, 14.0)
        for _ in range(3):
            delays.learn(60.0, 80.0)
        assert share_until(delays, 14) - share_until(delays, 9) > 0.95

    def test_what_is_old_is_forgotten(self) -> None:
        """Slowly, as new readings come, and in bounded memory."""
        random = Random(1)
        delays = UploadDelays()
        for _ in range(3000):
            after = random.uniform(-30, 300)
            delays.learn(after, after + random.uniform(5, 30))
        assert delays.readings < 1001
        intervals = delays.to_dict()["intervals"]
        assert isinstance(intervals, list)
        assert len(intervals) <= MOST_INTERVALS + ESTIMATE_EVERY
        assert all(weight >= LEAST_WEIGHT for *_, weight in intervals)
        assert UploadDelays.from_dict(delays.to_dict()).readings == pytest.approx(delays.readings, rel=0.1)

    def test_a_clock_set_back_between_two_asks_leaves_the_lower_bound_open(self) -> None:
        """The ask in vain seems later than the one that found."""
        delays = UploadDelays()
        delays.learn(40.0, 12.0)
        assert delays.to_dict()["intervals"] == [[0, cell_of(12.0), pytest.approx(1, abs=0.01)]]

    def test_a_reading_found_long_before_it_was_due_moves_the_origin(self) -> None:
        """A clock was set back: what was learned before counts from another origin."""
        delays = taught(50, 9.0, 14.0)
        delays.learn(-1190.0, -890.0)
        assert delays.origin_seconds == -905.0
        assert delays.readings == 0
        assert not delays.is_typical

    def test_readings_found_far_too_late_again_and_again_move_the_origin(self) -> None:
        """The clock is ahead; one such reading alone is but a late one."""
        delays = UploadDelays()
        for _ in range(BEYOND_IN_A_ROW - 1):
            delays.learn(610.0, 910.0)
        delays.learn(9.0, 14.0)
        assert delays.origin_seconds == 0
        for _ in range(BEYOND_IN_A_ROW):
            delays.learn(610.0, 910.0)
        assert delays.origin_seconds == 895.0

    def test_a_plan_is_made_anew_only_when_something_is_new(self) -> None:
        """Not while the account is a typical one, and then not after each reading."""
        random = Random(1)
        delays = UploadDelays()
        for _ in range(50):
            delays.learn(-285.0, 14.5)
            delays.learn(7.0 + random.random(), 15.0)
        assert delays.is_typical
        assert delays.version == 1
        for _ in range(400):
            delays.learn(60.0, 80.0)
        assert 10 < delays.version < 60


class TestStorage:
    """What outlives a restart."""

    def test_what_was_learned_survives(self) -> None:
        """As JSON."""
        delays = taught(100, 60.0, 80.0)
        stored = json.loads(json.dumps(delays.to_dict()))
        again = UploadDelays.from_dict(stored)
        assert share_until(again, 80) - share_until(again, 60) > 0.9
        assert again.to_dict() == stored
        assert UploadDelays.from_dict(UploadDelays().to_dict()).is_typical

    @pytest.mark.parametrize(
        "damaged",
        [
            None,
            {"origin_seconds": "0"},
            {"origin_seconds": nan},
            {"origin_seconds": inf},
            {"origin_seconds": 1e9},
            {"is_typical": 1},
            {"intervals": None},
            {"intervals": [[1, 2, 1.0]] * (2 * MOST_INTERVALS + 1)},
            *({"intervals": [row]} for row in (7, [], [1, 2], [2, 1, 1.0], [-1, 2, 1.0], [1, CELLS + 1, 1.0])),
            *({"intervals": [[1, 2, weight]]} for weight in (0, -1.0, nan, inf, "1")),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_damage_is_told(self, damaged: dict[str, object] | None) -> None:
        """Rather than to ask at odd times ever after."""
        stored = damaged and UploadDelays().to_dict() | damaged
        with pytest.raises(ValueError, match="delays are damaged"):
            UploadDelays.from_dict(stored)

    @pytest.mark.parametrize(("aim_seconds", "is_typical"), [(15.0, True), (40.0, False), (-598.0, False)])
    def test_version_1_is_taken_over(self, aim_seconds: float, is_typical: bool) -> None:
        """Most readings came by its aim; what it had of a typical account, this one knows better."""
        delays = UploadDelays.from_quantiles(aim_seconds, 10.0, 500)
        assert delays.is_typical is is_typical
        assert share_until(delays, aim_seconds) == pytest.approx(0.83, abs=0.1)

    def test_a_new_account_of_version_1_is_a_new_one(self) -> None:
        """It had learned nothing."""
        assert UploadDelays.from_quantiles(15.0, 10.0, 0).to_dict() == UploadDelays().to_dict()
