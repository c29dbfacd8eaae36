"""Episodes, on traces made by hand: each letter is a reading, each dot a missing one.

`L` is below 54, `l` below 70, `.` missing, `-` in range, `h` above 180, `H` above 250.
"""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from custom_components.dexcom_share.glucose.statistics.counted import Readings
from custom_components.dexcom_share.glucose.statistics.episodes import Episode, EpisodeKind, find_episodes
from custom_components.dexcom_share.glucose.statistics.goals import PREGNANCY_TYPE_1, STANDARD, TargetSet

from .making import CADENCE, DAY, MINUTE, SECOND, START, counted

VALUES = {"L": 50, "l": 65, "-": 100, "h": 200, "H": 300, ".": None}
KINDS = {kind.value: kind for kind in EpisodeKind}


def trace(text: str, cadence: timedelta = CADENCE) -> Readings:
    """Return the readings of a trace."""
    return counted([VALUES[letter] for letter in text], cadence=cadence)


def find(
    text: str,
    kind: EpisodeKind = EpisodeKind.LOW,
    targets: TargetSet = STANDARD,
    since: timedelta = -MINUTE,
    cadence: timedelta = CADENCE,
) -> list[Episode]:
    """Return the episodes of a trace as they stand with its last reading."""
    until = START + (len(text) - 1) * cadence
    return [*find_episodes(trace(text, cadence), kind, targets, START + since, until)]


def spans(episodes: list[Episode]) -> list[tuple[float, float]]:
    """Return begin and end in readings since the start."""
    return [((one.start - START) / CADENCE, (one.end - START) / CADENCE) for one in episodes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("--ll---", [], id="two low readings are none"),
        pytest.param("--lll---", [(2, 5)], id="three low readings are one of 15 minutes"),
        pytest.param("--ll-ll-ll---", [], id="three in a row are needed"),
        pytest.param("--lll--lll---", [(2, 10)], id="two readings in range do not end it"),
        pytest.param("--lll--l--l---", [(2, 11)], id="a low one in between begins their count anew"),
        pytest.param("--lll---lll---", [(2, 5), (8, 11)], id="three in range end it"),
        pytest.param("--lll---ll---", [(2, 5)], id="after the end three in a row are needed again"),
        pytest.param("--l.l.l---", [(2, 7)], id="single missing readings are passed over"),
        pytest.param("--l..l..l---", [(2, 9)], id="two missing ones too"),
        pytest.param("--ll...l---", [], id="three missing ones could hide an end, so no row goes over them"),
        pytest.param("--lll...lll---", [(2, 5), (8, 11)], id="an episode ends before such a gap"),
        pytest.param("--lll...ll---", [(2, 5)], id="and must begin anew behind it"),
        pytest.param("--lll..-..-.-lll---", [(2, 5), (13, 16)], id="missing ones do not count as in range"),
        pytest.param("--lll-.-.lll---", [(2, 12)], id="nor as low"),
        pytest.param("lll---", [(0, 3)], id="it may begin with the first reading"),
        pytest.param("lLlLl---", [(0, 5)], id="very low is low too"),
        pytest.param("hhh---lll", [(6, 8)], id="high is not low"),
        pytest.param("", [], id="nothing at all"),
    ],
)
def test_low_episodes(text: str, expected: list[tuple[int, int]]) -> None:
    """From the first of three in a row until five minutes after the last."""
    assert spans(find(text)) == expected


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_has_its_limit(name: str) -> None:
    """The limit itself is not beyond; what is very low is low too."""
    values = {"low": (69, 70), "very_low": (53, 54), "high": (181, 180), "very_high": (251, 250)}
    beyond, limit = values[name]
    until = START + 9 * CADENCE
    [episode] = find_episodes(counted([100, *[beyond] * 3, *[100] * 3]), KINDS[name], STANDARD, START, until)
    assert (episode.kind, episode.extreme_mgdl) == (name, beyond)
    assert episode.duration == 15 * MINUTE
    assert not find_episodes(counted([100, *[limit] * 3, *[100] * 3]), KINDS[name], STANDARD, START, until)


def test_limits_go_with_the_target_set() -> None:
    """In a pregnancy the range is another one; very low and very high are the same."""
    limits = [kind.limit_mgdl(PREGNANCY_TYPE_1) for kind in EpisodeKind]
    assert limits == [63, 54, 140, 250]
    assert find("--lll---", targets=PREGNANCY_TYPE_1) == []


def test_a_very_low_episode_lies_within_a_low_one() -> None:
    """It ends with three readings of 54 or more, the low one goes on."""
    text = "--llLLLlllLLLl---"
    assert spans(find(text)) == [(2, 14)]
    assert spans(find(text, EpisodeKind.VERY_LOW)) == [(4, 7), (10, 13)]
    assert [one.extreme_mgdl for one in find(text)] == [50]


@pytest.mark.parametrize(("count", "is_extended"), [(24, False), (25, True)])
@pytest.mark.parametrize("cadence", [CADENCE, 299.6 * SECOND, 300.4 * SECOND])
def test_a_low_of_more_than_two_hours_is_extended(count: int, is_extended: bool, cadence: timedelta) -> None:
    """24 readings are two hours, whatever the jitter of the sensor."""
    [episode] = find("-" + "l" * count + "---", cadence=cadence)
    assert episode.is_extended is is_extended


@pytest.mark.parametrize(
    ("text", "is_extended"),
    [
        ("H" * 17, False),
        ("H" * 18, True),
        ("h" * 30, False),
        ("H" * 9 + "h" * 6 + "H" * 9, True),
        ("H" * 9 + "h" * 7 + "H" * 9, False),
        ("H" * 9 + "--h--h" + "H" * 9, True),
    ],
)
def test_a_high_of_90_minutes_within_120_above_250_is_extended(text: str, is_extended: bool) -> None:
    """18 of 24 readings, not necessarily in a row."""
    [episode] = find(f"-{text}---", EpisodeKind.HIGH)
    assert episode.is_extended is is_extended


@pytest.mark.parametrize(("kind", "text"), [(EpisodeKind.VERY_LOW, "L" * 40), (EpisodeKind.VERY_HIGH, "H" * 40)])
def test_very_low_and_very_high_are_not_extended(kind: EpisodeKind, text: str) -> None:
    """The consensus has that for low and high only."""
    [episode] = find(f"-{text}---", kind)
    assert not episode.is_extended


@pytest.mark.parametrize(
    ("text", "is_ongoing"),
    [
        ("-lll", True),
        ("-lll--", True),
        ("-lll---", False),
        ("-lll--..", True),
        ("-lll....", False),
        ("-lll...-", False),
    ],
)
def test_an_episode_goes_on_until_it_is_over(text: str, is_ongoing: bool) -> None:
    """As long as fewer than three readings in range follow, and none of 17.5 minutes are missing."""
    [episode] = find(text)
    assert episode.is_ongoing is is_ongoing


def test_an_ongoing_episode_lasts_until_now() -> None:
    """Not five minutes longer."""
    readings = trace("-lll")
    [episode] = find_episodes(readings, EpisodeKind.LOW, STANDARD, START, START + 3 * CADENCE + MINUTE)
    assert episode.duration == 2 * CADENCE + MINUTE


def test_what_comes_after_the_window_is_not_known_in_it() -> None:
    """As it stood at its end."""
    readings = trace("-llllll---")
    assert not find_episodes(readings, EpisodeKind.LOW, STANDARD, START, START + 2 * CADENCE)
    [episode] = find_episodes(readings, EpisodeKind.LOW, STANDARD, START, START + 4 * CADENCE)
    assert episode.is_ongoing


@pytest.mark.parametrize(("since", "count"), [(1, 1), (2, 0), (4, 0)])
def test_an_episode_belongs_where_it_began(since: int, count: int) -> None:
    """A window that begins in the midst of one does not have it."""
    assert len(find("--llllllll---", since=since * CADENCE)) == count


@pytest.mark.parametrize(("text", "since"), [("-lll--lll---", 5), ("-lll-.-lll---", 6)])
def test_a_window_that_begins_in_a_short_recovery_has_no_new_episode(text: str, since: int) -> None:
    """Two readings in range do not end the one from before."""
    assert not find(text, since=since * CADENCE)


@given(
    st.lists(st.sampled_from(["L", "l", "lll", "-", "--", "---", "h", "hhh", "H", ".", "..."]), max_size=30).map(
        "".join
    ),
    st.integers(0, 80),
    st.sampled_from(EpisodeKind),
)
def test_a_later_window_finds_the_same_episodes(text: str, since: int, kind: EpisodeKind) -> None:
    """Those of all time that began after its start."""
    later = find(text, kind, since=since * CADENCE)
    assert later == [one for one in find(text, kind) if one.start > START + since * CADENCE]


@given(st.text(alphabet="l-.", max_size=80))
def test_episodes_do_not_overlap(text: str) -> None:
    """Each begins after the one before ended, and lasts 15 minutes at least."""
    until = START + DAY
    episodes = find_episodes(trace(text), EpisodeKind.LOW, STANDARD, START - MINUTE, until)
    for one in episodes:
        assert one.duration >= 15 * MINUTE
    for one, following in pairwise(episodes):
        assert following.start >= one.end
