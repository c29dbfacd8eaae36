"""The actions that answer with statistics: which readings count, what is told, what is withheld, how they refuse."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.json import json_dumps
from homeassistant.util import dt as dt_util
from homeassistant.util.json import json_loads
import pytest
from pytest_homeassistant_custom_component.common import MockUser
import voluptuous as vol

from custom_components.dexcom_share.share import GlucoseReading

from ..common import MINUTE, VALUE
from ..following import act
from ..watching import Watch

DAY: Final = 288
"""Readings of a day."""


@pytest.fixture
async def known(watch: Watch) -> Watch:
    """Return a person of whom nothing is known; the user's clocks show the time of New York, five hours behind UTC."""
    await watch.hass.config.async_set_time_zone("America/New_York")
    await watch.share.set_up(watch.hass, watch.entry)
    return watch


def remember(watch: Watch, value_at: Callable[[int], int], count: int) -> None:
    """Let some readings be known, one every five minutes up to now; `value_at` tells them from the newest on."""
    now = dt_util.utcnow()
    readings = [GlucoseReading(now - place * 5 * MINUTE, value_at(place)) for place in range(count)]
    watch.glucose.history.merge(readings, now)


async def answer(watch: Watch, action: str = "get_statistics", **data: Any) -> dict[str, Any]:
    """Return what an action answers for the person."""
    response = await act(watch.hass, action, {"device_id": watch.device_id, **data})
    # A card gets it over the websocket.
    assert json_loads(json_dumps(response)) == response
    [person] = response["persons"]
    assert isinstance(person, dict)
    return person


async def test_the_figures_of_a_day(known: Watch) -> None:
    """Three quarters at 100 mg/dL, the rest at 200: figures worked out by hand."""
    remember(known, lambda place: 200 if place % 4 == 0 else 100, 3 * DAY)
    told = await answer(known, days=1)
    assert told["name"] == "anna@example.com"
    assert told["unit"] == "mg/dL"
    assert (told["start"], told["end"]) == ("2026-11-21T07:00:00-05:00", "2026-11-22T07:00:00-05:00")
    assert (told["hours_from"], told["hours_to"]) == (None, None)
    assert (told["targets"], told["range_low"], told["range_high"]) == ("standard", 70, 180)
    assert told["sufficiency"] == {"readings": 288, "expected": 288, "percent": 100.0, "sufficient": True}
    assert told["figures"] == {
        "mean": 125,
        "median": 100,
        "sd": 43,
        "lowest": 100,
        "highest": 200,
        "cv_percent": 34.7,
        "in_range_percent": 75.0,
        "tight_range_percent": 75.0,
        "below_percent": 0.0,
        "very_low_percent": 0.0,
        "low_percent": 0.0,
        "above_percent": 25.0,
        "high_percent": 25.0,
        "very_high_percent": 0.0,
        "gri": 20.0,
        "gri_zone": "a",
        "lbgi": told["figures"]["lbgi"],
        "hbgi": told["figures"]["hbgi"],
        "gmi_percent": 6.3,
        "gmi_mmol_mol": 45,
    }
    assert [(verdict["measure"], verdict["percent"], verdict["met"]) for verdict in told["verdicts"]] == [
        ("in_range", 75.0, True),
        ("below", 0.0, True),
        ("very_low", 0.0, True),
        ("above", 25.0, False),
        ("very_high", 0.0, True),
        ("cv", 34.7, True),
    ]
    assert told["verdicts"][3] | {"met": None, "percent": 0} == {
        "measure": "above",
        "comparison": "less_than",
        "target_percent": 25,
        "percent": 0,
        "met": None,
    }


async def test_concentrations_are_in_the_persons_unit(known: Watch) -> None:
    """Percentages and GMI stay what they are."""
    remember(known, lambda place: 90 + 40 * (place % 2), DAY)
    er.async_get(known.hass).async_update_entity_options(VALUE, "sensor", {"unit_of_measurement": "mmol/L"})
    told = await answer(known, days=1)
    assert (told["unit"], told["range_low"], told["range_high"]) == ("mmol/L", 3.9, 10.0)
    figures = told["figures"]
    assert [figures[key] for key in ("mean", "median", "sd", "lowest", "highest")] == [6.1, 6.1, 1.1, 5.0, 7.2]
    assert figures["in_range_percent"] == 100.0


async def test_too_little_data_withholds_gmi_and_verdicts(known: Watch) -> None:
    """The last 14 days are meant where nothing is told, and a week of them is not sufficient."""
    remember(known, lambda _: 100, 7 * DAY)
    told = await answer(known)
    assert told["sufficiency"] == {"readings": 2016, "expected": 4032, "percent": 50.0, "sufficient": False}
    assert told["figures"]["mean"] == 100
    assert told["figures"]["gmi_percent"] is told["figures"]["gmi_mmol_mol"] is None
    assert {verdict["met"] for verdict in told["verdicts"]} == {None}


async def test_without_readings_every_figure_is_none(known: Watch) -> None:
    """The figures are named all the same, so that a template finds them."""
    none = await answer(known)
    assert set(none["figures"].values()) == {None}
    assert none["verdicts"] == []
    assert none["sufficiency"]["readings"] == 0
    remember(known, lambda _: 100, 3)
    assert set(none["figures"]) == set((await answer(known))["figures"])


async def test_the_hours_of_the_day_are_those_of_the_users_clocks(known: Watch) -> None:
    """The night from 22 to 6 in New York is that from 3 to 11 in UTC; now it is 12."""
    remember(known, lambda place: 60 if 12 <= place < 108 else 100, 2 * DAY)
    told = await answer(known, days=1, hours_from="22:00:00", hours_to="06:00:00")
    assert (told["hours_from"], told["hours_to"]) == ("22:00:00", "06:00:00")
    assert told["sufficiency"] == {"readings": 96, "expected": 96, "percent": 100.0, "sufficient": True}
    assert told["figures"]["below_percent"] == 99.0
    assert (await answer(known, days=1, hours_from="12:00:00", hours_to="18:00:00"))["figures"]["below_percent"] == 0


@pytest.mark.parametrize(
    ("targets", "in_range", "verdicts"),
    [("standard", 100.0, 6), ("high_risk", 100.0, 4), ("pregnancy_type_1", 50.0, 4), ("pregnancy_other", 50.0, 0)],
)
async def test_targets_bring_range_and_verdicts(known: Watch, targets: str, in_range: float, verdicts: int) -> None:
    """150 mg/dL is in the usual range and above that of a pregnancy."""
    remember(known, lambda place: 150 if place % 2 else 100, DAY)
    told = await answer(known, days=1, targets=targets)
    assert told["targets"] == targets
    assert told["figures"]["in_range_percent"] == in_range
    assert len(told["verdicts"]) == verdicts


async def test_a_second_device_counts_once_from_the_first_reading_of_the_window_on(known: Watch) -> None:
    """Which reading of two series counts does not hang on where the window begins."""
    now = dt_util.utcnow()
    remember(known, lambda _: 100, 2 * DAY)
    twins = [GlucoseReading(now - place * 5 * MINUTE - 2 * MINUTE, 200) for place in range(2 * DAY)]
    known.glucose.history.merge(twins, now)
    for minutes in (61, 62, 63, 64):
        figures = (await answer(known, duration={"minutes": minutes}))["figures"]
        assert (figures["lowest"], figures["highest"]) == (200, 200), minutes


async def test_readings_outside_of_the_span_do_not_count(known: Watch) -> None:
    """A span may lie anywhere in what is kept."""
    remember(known, lambda place: 100 + place // DAY, 20 * DAY)
    end = dt_util.utcnow() - timedelta(days=5)
    figures = (await answer(known, days=1, end=end.isoformat()))["figures"]
    assert (figures["lowest"], figures["highest"], figures["mean"]) == (105, 105, 105)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"hours_from": "08:00:00", "hours_to": "08:00:00"}, "hours_empty"),
        ({"start": "2026-11-22 08:00:00"}, "span_empty"),
        ({"days": 90, "end": "2026-11-01 00:00:00"}, "span_too_early"),
    ],
)
async def test_what_can_not_be_answered_is_refused(known: Watch, data: dict[str, Any], key: str) -> None:
    """With a text that says what is wrong."""
    with pytest.raises(ServiceValidationError) as refusal:
        await answer(known, **data)
    assert refusal.value.translation_key == key
    assert key not in str(refusal.value)


@pytest.mark.parametrize("data", [{"targets": "mine"}, {"hours_from": "08:00:00"}, {"hours_to": "25:00:00"}])
async def test_fields_that_make_no_sense_are_refused(known: Watch, data: dict[str, Any]) -> None:
    """Hours of the day are given by both ends."""
    with pytest.raises(vol.Invalid):
        await answer(known, **data)


async def test_the_report_tells_everything(known: Watch) -> None:
    """Figures as in the statistics; episodes, profile, days and hours by the user's clocks; and a text."""
    # A low of half an hour each day, from 6:00 to 6:30 in New York.
    remember(known, lambda place: 60 if 6 < place % DAY <= 12 else 100, 4 * DAY)
    told = await answer(known, "get_report", days=3)
    figures = await answer(known, days=3)
    assert {key: told[key] for key in figures} == figures
    assert [episode["start"] for episode in told["episodes"]["low"]] == [
        f"2026-11-{day}T06:00:00-05:00" for day in (20, 21, 22)
    ]
    assert told["episodes"]["low"][0] == {
        "start": "2026-11-20T06:00:00-05:00",
        "end": "2026-11-20T06:30:00-05:00",
        "minutes": 30,
        "extreme": 60,
        "extended": False,
        "ongoing": False,
    }
    assert [told["episodes"][kind] for kind in ("very_low", "high", "very_high")] == [[], [], []]
    assert len(told["profile"]) == 96
    assert told["profile"][25] == {
        "time": "06:15", "readings": 36, "p5": 60, "p25": 60, "p50": 80, "p75": 100, "p95": 100
    }  # fmt: skip
    assert [day["day"] for day in told["days"]] == [f"2026-11-{day}" for day in (19, 20, 21, 22)]
    assert told["days"][1]["sufficiency"] == {"readings": 288, "expected": 288, "percent": 100.0, "sufficient": True}
    assert told["days"][1]["figures"]["below_percent"] == 2.1
    assert [hour["hour"] for hour in told["hours"]] == list(range(24))
    assert told["hours"][6]["figures"]["below_percent"] == 50.0
    assert (told["best_hour"], told["worst_hour"]) == (0, 6)
    assert told["text"] == (
        "From 2026-11-19 07:00 to 2026-11-22 07:00, 98 % of the readings were in range (70 to 180 mg/dL), 2 % below "
        "and 0 % above, and the mean was 99 mg/dL. Good: 98 % in range, 2 % below the range, 0 % very low, 0 % above "
        "the range, 0 % very high, a variation of 6 %. All targets were met. On every day since 2026-11-19, more than "
        "70 % were in range. The best hour of the day is from 0:00 to 1:00, the worst from 6:00 to 7:00."
    )


async def test_an_episode_that_began_before_the_span_is_no_new_one(known: Watch) -> None:
    """It is told with the span in which it began."""
    remember(known, lambda place: 60 if place < 24 else 100, DAY)
    assert (await answer(known, "get_report", duration="00:58:00"))["episodes"]["low"] == []
    [episode] = (await answer(known, "get_report", duration="03:00:00"))["episodes"]["low"]
    assert (episode["start"], episode["ongoing"]) == ("2026-11-22T05:05:00-05:00", True)


async def test_a_report_without_readings_names_everything(known: Watch) -> None:
    """Days and hours are there, with figures that are not known."""
    none = await answer(known, "get_report", days=1)
    assert none["text"] == "From 2026-11-21 07:00 to 2026-11-22 07:00 there are no readings."
    assert none["best_hour"] is none["worst_hour"] is None
    assert {point["p50"] for point in none["profile"]} == {None}
    assert {day["figures"]["mean"] for day in none["days"]} == {None}


@pytest.mark.parametrize("action", ["get_statistics", "get_report"])
async def test_only_who_may_see_the_glucose_gets_its_figures(hass: HomeAssistant, known: Watch, action: str) -> None:
    """A user needs the right to read the person's glucose value."""
    user = MockUser().add_to_hass(hass)
    user.mock_policy({})
    with pytest.raises(Unauthorized):
        await act(hass, action, {"device_id": known.device_id}, context=Context(user_id=user.id))
