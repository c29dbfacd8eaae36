"""The action that answers with readings: which ones, in which unit, to whom, and how it refuses."""

from datetime import timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
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

from ..common import VALUE
from ..following import act
from ..watching import Watch

TAKEN: Final = ["2026-11-22T11:49:40+00:00", "2026-11-22T11:54:40+00:00", "2026-11-22T11:59:40+00:00"]


async def person(watch: Watch, **data: Any) -> dict[str, Any]:
    """Return what the action answers for the person."""
    response = await act(watch.hass, "get_readings", {"device_id": watch.device_id, **data})
    # A card gets it over the websocket.
    assert json_loads(json_dumps(response)) == response
    [answer] = response["persons"]
    assert isinstance(answer, dict)
    return answer


async def times(watch: Watch, **data: Any) -> list[str]:
    """Return when the readings of the answer were taken."""
    return [reading["time"] for reading in (await person(watch, **data))["readings"]]


async def refusal(watch: Watch, **data: Any) -> ServiceValidationError:
    """Return the error with which the action refuses."""
    with pytest.raises(ServiceValidationError) as raised:
        await person(watch, **data)
    return raised.value


async def test_readings_come_oldest_first_with_unit_and_trend(watch: Watch) -> None:
    """Those of the last 24 hours, where nothing else is asked for."""
    await watch.set_up(110, 108)
    await watch.read(39, trend="SingleDown")
    await watch.read(100, trend="NotComputable")
    await watch.read(101, trend="None")
    answer = await person(watch)
    assert answer["name"] == "anna@example.com"
    assert answer["unit"] == "mg/dL"
    assert (answer["start"], answer["end"]) == ("2026-11-21T12:15:00+00:00", "2026-11-22T12:15:00+00:00")
    assert answer["readings"] == [
        {"time": "2026-11-22T11:54:40+00:00", "value": 110, "trend": "steady"},
        {"time": "2026-11-22T11:59:40+00:00", "value": 108, "trend": "steady"},
        {"time": "2026-11-22T12:04:40+00:00", "value": 39, "trend": "falling"},
        {"time": "2026-11-22T12:09:40+00:00", "value": 100, "trend": "not_computable"},
        {"time": "2026-11-22T12:14:40+00:00", "value": 101, "trend": None},
    ]


async def test_nothing_known_is_an_empty_list(watch: Watch) -> None:
    """A person of whom Share has nothing has no readings, which is no error."""
    await watch.share.set_up(watch.hass, watch.entry)
    assert (await person(watch))["readings"] == []


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"days": 90}, TAKEN),
        ({"duration": {"minutes": 6}}, TAKEN[1:]),
        ({"duration": "00:00:30"}, TAKEN[2:]),
        ({"start": "2026-11-22 11:50:00"}, TAKEN[1:]),
        ({"start": "2026-11-22T13:50:00+02:00", "end": "2026-11-22T11:55:00+00:00"}, TAKEN[1:2]),
        ({"duration": "00:05:00", "end": "2026-11-22 11:54:00"}, TAKEN[:1]),
        ({"start": "2026-11-22 11:50:00", "end": "2027-01-01 00:00:00"}, TAKEN[1:]),
        ({"start": "2026-11-22 11:49:40", "end": "2026-11-22 11:59:40"}, TAKEN[1:]),
        ({"end": "2026-11-22 11:54:40"}, TAKEN[:2]),
        ({"limit": 2}, TAKEN[1:]),
        ({"limit": 9}, TAKEN),
    ],
)
async def test_a_span_has_its_end_but_not_its_start(watch: Watch, data: dict[str, Any], expected: list[str]) -> None:
    """Given as days, duration, start and end; a limit leaves the newest."""
    await watch.set_up(110, 108, 104)
    assert await times(watch, **data) == expected


async def test_the_unit_is_the_one_asked_for_or_the_persons(watch: Watch) -> None:
    """What the user chose for the sensor holds where the call does not say."""
    await watch.set_up(110, 108)
    assert (await person(watch, unit="mmol/L"))["readings"][1]["value"] == 6.0
    er.async_get(watch.hass).async_update_entity_options(VALUE, "sensor", {"unit_of_measurement": "mmol/L"})
    answer = await person(watch)
    assert (answer["unit"], answer["readings"][0]["value"]) == ("mmol/L", 6.1)
    answer = await person(watch, unit="mg/dL")
    assert (answer["unit"], answer["readings"][0]["value"]) == ("mg/dL", 110)


@pytest.mark.parametrize(
    "data",
    [
        {"start": "2026-11-22 11:00:00", "end": "2026-11-22 11:00:00"},
        {"start": "2026-11-22 11:00:00", "end": "2026-11-22 10:00:00"},
        {"start": "2026-11-22 12:00:01"},
        {"duration": "00:00:00"},
    ],
)
async def test_a_span_in_which_nothing_can_be_is_refused(watch: Watch, data: dict[str, Any]) -> None:
    """Also one that begins in the future: an empty answer would look as if there were no readings."""
    await watch.set_up(110)
    assert (await refusal(watch, **data)).translation_key == "span_empty"


@pytest.mark.parametrize(
    "data",
    [
        {"start": "2026-08-24 11:59:59"},
        {"duration": {"days": 90, "minutes": 1}},
        {"duration": {"days": 999_999}},
        {"start": "0001-01-01T00:00:00+14:00"},
        {"days": 30, "end": "2026-09-01 00:00:00"},
    ],
)
async def test_a_span_before_what_is_kept_is_refused(watch: Watch, data: dict[str, Any]) -> None:
    """Nobody takes for a time without readings what is only no longer known."""
    await watch.set_up(110)
    error = await refusal(watch, **data)
    assert error.translation_key == "span_too_early"
    assert str(error) == "The readings of the last 90 days are kept; this span begins earlier"


@pytest.mark.parametrize(
    "data",
    [
        {"unit": "stone"},
        {"limit": 0},
        {"days": 0},
        {"days": 91},
        {"days": 1, "duration": "01:00:00"},
        {"start": "2026-11-22 11:00:00", "days": 1},
        {"duration": "-01:00:00"},
        {"start": "yesterday"},
    ],
)
async def test_fields_that_make_no_sense_are_refused(watch: Watch, data: dict[str, Any]) -> None:
    """Before anything is looked up."""
    await watch.set_up(110)
    with pytest.raises(vol.Invalid):
        await person(watch, **data)


async def test_targets_must_mean_a_person_who_is_loaded(hass: HomeAssistant, watch: Watch) -> None:
    """Who is not watched at the moment is named."""
    await watch.set_up(110)
    device_id = watch.device_id
    with pytest.raises(ServiceValidationError) as nobody:
        await act(hass, "get_readings", {"entity_id": "light.kitchen"})
    assert nobody.value.translation_key == "no_person_targeted"
    await hass.config_entries.async_unload(watch.entry.entry_id)
    assert watch.entry.state is ConfigEntryState.NOT_LOADED
    with pytest.raises(ServiceValidationError) as unloaded:
        await act(hass, "get_readings", {"device_id": device_id})
    assert unloaded.value.translation_key == "person_not_loaded"
    assert unloaded.value.translation_placeholders == {"person": "anna@example.com"}


@pytest.mark.parametrize(
    ("policy", "may"),
    [
        ({"all": {"read": True}}, True),
        ({"entity_ids": {VALUE: {"read": True}}}, True),
        ({"entity_ids": {VALUE: {"control": True}}}, False),
        ({"entity_ids": {"button.anna_example_com_snooze_alerts": True}}, False),
        ({}, False),
    ],
)
async def test_only_who_may_see_the_glucose_gets_it(
    hass: HomeAssistant, watch: Watch, policy: dict[str, Any], may: bool
) -> None:
    """A user needs the right to read the person's glucose value; to control something else is none."""
    await watch.set_up(110, 108)
    user = MockUser().add_to_hass(hass)
    user.mock_policy({"entities": policy} if policy else {})
    data = {"device_id": watch.device_id}
    context = Context(user_id=user.id)
    if may:
        response = await act(hass, "get_readings", data, context=context)
        assert len(response["persons"][0]["readings"]) == 2
    else:
        with pytest.raises(Unauthorized):
            await act(hass, "get_readings", data, context=context)


async def test_ninety_days_are_answered_whole(watch: Watch) -> None:
    """Also what is older than what is held ready, in order."""
    await watch.share.set_up(watch.hass, watch.entry)
    now = dt_util.utcnow()
    history = watch.glucose.history
    history.merge([GlucoseReading(now - place * timedelta(minutes=5), 100) for place in range(25_920)], now)
    found = await times(watch, days=90)
    assert len(found) == 25_920
    assert found == sorted(found)
