"""The forms that set the alerts: what they show, keep and refuse, in either unit."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.translation import async_get_translations
import pytest

from custom_components.dexcom_share.const import DOMAIN
from custom_components.dexcom_share.glucose.alerts.kinds import AlertKind
from custom_components.dexcom_share.glucose.alerts.measures import WARNS_FROM
from custom_components.dexcom_share.glucose.alerts.settings import DEFAULTS, AlertSettings, NightSettings, Sensitivity

from .common import MINUTE, VALUE
from .watching import Watch


async def open_form(watch: Watch, step: str) -> dict[str, Any]:
    """Open the form of a kind through the menu."""
    flow = watch.hass.config_entries.options
    result = await flow.async_init(watch.entry.entry_id)
    assert result["type"] is FlowResultType.MENU
    assert step in result["menu_options"]
    result = await flow.async_configure(result["flow_id"], {"next_step_id": step})
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == step
    return dict(result)


def shown(result: dict[str, Any]) -> dict[str, Any]:
    """Return what a form shows, sections included."""
    values: dict[str, Any] = {}
    for key, field in result["data_schema"].schema.items():
        if str(key) == "night":
            values["night"] = {
                str(inner): inner.description["suggested_value"] for inner in field.schema.schema if inner.description
            }
        elif key.description:
            values[str(key)] = key.description["suggested_value"]
    return values


async def submit(watch: Watch, result: dict[str, Any], filled: dict[str, Any]) -> dict[str, Any]:
    """Submit a form."""
    result = dict(await watch.hass.config_entries.options.async_configure(result["flow_id"], filled))
    await watch.hass.async_block_till_done(wait_background_tasks=True)
    return result


def settings(watch: Watch) -> AlertSettings:
    """Return what is set now."""
    return AlertSettings.from_dict(watch.entry.options.get("alerts", {}))


def show_in(watch: Watch, unit: str) -> None:
    """Have glucose shown in a unit."""
    er.async_get(watch.hass).async_update_entity_options(VALUE, "sensor", {"unit_of_measurement": unit})


@pytest.fixture
async def person(watch: Watch) -> Watch:
    """Return a person with two readings, whose alerts are as by default."""
    await watch.set_up(110, 108)
    watch.hass.config_entries.async_update_entry(watch.entry, options={})
    return watch


@pytest.mark.parametrize("unit", ["mg/dL", "mmol/L"])
@pytest.mark.parametrize("kind", AlertKind)
async def test_what_is_shown_and_left_stays(person: Watch, kind: AlertKind, unit: str) -> None:
    """Saving a form as it was shown changes nothing, also where mmol/L is coarser than what is kept."""
    show_in(person, unit)
    result = await open_form(person, kind)
    result = await submit(person, result, shown(result))
    assert result["step_id"] == "init"
    assert settings(person) == DEFAULTS


async def test_urgent_low_can_not_be_switched_off_or_delayed(person: Watch) -> None:
    """The form has no field for it."""
    assert set(shown(await open_form(person, "urgent_low"))) == {"limit", "repeat", "snooze", "night"}


@pytest.mark.parametrize("sensitivity", Sensitivity)
async def test_how_readily_urgent_low_soon_warns_is_chosen(person: Watch, sensitivity: Sensitivity) -> None:
    """What is chosen counts at once and is shown the next time; each choice has its figures beside it."""
    result = await open_form(person, "urgent_low_soon")
    assert shown(result)["sensitivity"] == "balanced"
    await submit(person, result, {**shown(result), "sensitivity": sensitivity})
    assert settings(person).kinds[AlertKind.URGENT_LOW_SOON].sensitivity is sensitivity
    assert shown(await open_form(person, "urgent_low_soon"))["sensitivity"] == sensitivity
    texts = await async_get_translations(person.hass, "en", "selector", [DOMAIN])
    text = texts[f"component.{DOMAIN}.selector.sensitivity.options.{sensitivity}"]
    assert f"{WARNS_FROM[sensitivity]:.0%}".replace("%", " %") in text
    assert "false alerts a day" in text


async def test_a_form_without_the_choice_leaves_it_as_it_was(person: Watch) -> None:
    """As a program fills it in that was written before."""
    result = await open_form(person, "urgent_low_soon")
    await submit(person, result, {**shown(result), "sensitivity": "quieter"})
    result = await open_form(person, "urgent_low_soon")
    filled = {key: value for key, value in shown(result).items() if key != "sensitivity"}
    await submit(person, result, {**filled, "repeat": 45})
    soon = settings(person).kinds[AlertKind.URGENT_LOW_SOON]
    assert (soon.sensitivity, soon.repeat) == (Sensitivity.QUIETER, 45 * MINUTE)
    assert "sensitivity" not in shown(await open_form(person, "low"))


@pytest.mark.parametrize(
    ("unit", "typed", "kept"),
    [
        ("mg/dL", 75, 75),
        ("mmol/L", 3.9, 70),
        ("mmol/L", 4.0, 72),
        ("mmol/L", 4.4, 79),
        ("mmol/L", 3.3, 60),
    ],
)
async def test_a_limit_is_kept_in_mgdl(person: Watch, unit: str, typed: float, kept: float) -> None:
    """A limit typed in mmol/L is kept as the nearest whole mg/dL within the bounds."""
    show_in(person, unit)
    result = await open_form(person, "low")
    result = await submit(person, result, {**shown(result), "limit": typed})
    assert result["step_id"] == "init"
    assert settings(person).kinds[AlertKind.LOW].limit == kept


async def test_everything_that_can_be_set_is_kept(person: Watch) -> None:
    """Day and night, and what is left empty at night is as by day."""
    result = await open_form(person, "high")
    filled = {
        "enabled": False,
        "limit": 240,
        "delay": 30,
        "repeat": 0,
        "snooze": 90,
        "smart_quiet": True,
        "night": {"limit": 280, "delay": 0},
    }
    await submit(person, result, filled)
    high = settings(person).kinds[AlertKind.HIGH]
    assert (high.enabled, high.limit, high.delay, high.repeat) == (False, 240, 30 * MINUTE, 0 * MINUTE)
    assert (high.snooze, high.smart_quiet) == (90 * MINUTE, True)
    assert high.night == NightSettings(limit=280, delay=0 * MINUTE)
    night = {"enabled": False, "limit": 280, "delay": 0}
    assert shown(await open_form(person, "high")) == {**filled, "night": night}
    result = await open_form(person, "high")
    await submit(person, result, {**filled, "night": {}})
    assert settings(person).kinds[AlertKind.HIGH].night is None


async def test_a_fast_change_is_chosen_in_words_of_both_units(person: Watch) -> None:
    """The limit of a change is one of two, by day and by night."""
    result = await open_form(person, "falling_fast")
    assert shown(result)["limit"] == "2"
    await submit(person, result, {**shown(result), "enabled": True, "limit": "3", "night": {"limit": "2"}})
    falling = settings(person).kinds[AlertKind.FALLING_FAST]
    assert (falling.enabled, falling.limit, falling.night) == (True, 3, NightSettings(limit=2))
    assert shown(await open_form(person, "falling_fast"))["night"] == {"enabled": True, "limit": "2"}


async def test_the_other_options_and_kinds_stay(person: Watch) -> None:
    """A form sets what it shows and nothing else."""
    person.hass.config_entries.async_update_entry(person.entry, options={"other": 1, **person.entry.options})
    result = await open_form(person, "low")
    await submit(person, result, {**shown(result), "limit": 75})
    result = await open_form(person, "high")
    await submit(person, result, {**shown(result), "limit": 240})
    assert person.entry.options["other"] == 1
    assert settings(person).kinds[AlertKind.LOW].limit == 75
    assert settings(person).kinds[AlertKind.HIGH].limit == 240


@pytest.mark.parametrize(
    ("kind", "filled", "errors"),
    [
        ("low", {"limit": 59}, {"limit": "limit_out_of_bounds"}),
        ("low", {"limit": 151}, {"limit": "limit_out_of_bounds"}),
        ("low", {"delay": 61}, {"delay": "delay_out_of_bounds"}),
        ("low", {"repeat": 241}, {"repeat": "repeat_out_of_bounds"}),
        ("low", {"snooze": 4}, {"snooze": "snooze_out_of_bounds"}),
        ("low", {"night": {"limit": 59}}, {"base": "limit_out_of_bounds"}),
        ("low", {"night": {"delay": 61}}, {"base": "delay_out_of_bounds"}),
        ("no_data", {"delay": 10}, {"delay": "delay_out_of_bounds"}),
        ("urgent_low", {"repeat": 0}, {"repeat": "repeat_required"}),
        ("urgent_low", {"night": {"repeat": 0}}, {"base": "repeat_required"}),
        ("urgent_low", {"snooze": 60}, {"snooze": "snooze_out_of_bounds"}),
        ("urgent_low", {"limit": 70}, {"base": "urgent_low_above_low"}),
        ("low", {"night": {"limit": 150}}, {}),
        ("high", {"limit": 300}, {}),
    ],
)
async def test_what_makes_no_sense_is_refused(
    person: Watch, kind: str, filled: dict[str, Any], errors: dict[str, str]
) -> None:
    """The form comes back with what was typed and a clear word; nothing is saved before it is mended."""
    result = await open_form(person, kind)
    good = shown(result)
    result = await submit(person, result, {**good, **filled})
    if errors:
        assert result["type"] is FlowResultType.FORM
        assert result["errors"] == errors
        assert shown(result) == {**good, **filled}
        assert "alerts" not in person.entry.options
        result = await submit(person, result, good)
    assert result["step_id"] == "init"


async def test_limits_stay_in_order(person: Watch) -> None:
    """Low is below high, by day and by night, and high below urgent high where that is on."""
    result = await open_form(person, "high")
    await submit(person, result, {**shown(result), "limit": 140})
    result = await open_form(person, "low")
    result = await submit(person, result, {**shown(result), "limit": 145})
    assert result["errors"] == {"base": "low_above_high"}
    result = await submit(person, result, {**shown(result), "limit": 90, "night": {"limit": 145}})
    assert result["errors"] == {"base": "low_above_high"}
    result = await open_form(person, "urgent_high")
    await submit(person, result, {**shown(result), "enabled": True, "limit": 200})
    result = await open_form(person, "high")
    result = await submit(person, result, {**shown(result), "limit": 220})
    assert result["errors"] == {"base": "high_above_urgent_high"}
    result = await open_form(person, "no_data")
    result = await submit(person, result, shown(result))
    assert result["step_id"] == "init"


async def test_the_bounds_are_told_in_the_unit_shown(person: Watch) -> None:
    """The words of the form and of its refusals name what can be typed."""
    show_in(person, "mmol/L")
    result = await open_form(person, "low")
    assert shown(result)["limit"] == 3.9
    result = await submit(person, result, {**shown(result), "limit": 70})
    assert result["errors"] == {"limit": "limit_out_of_bounds"}
    placeholders = result["description_placeholders"]
    assert placeholders
    assert (placeholders["limit_minimum"], placeholders["limit_maximum"], placeholders["unit"]) == (
        "3.3",
        "8.3",
        "mmol/L",
    )


async def test_the_unit_first_proposed_counts_until_the_user_chooses(hass: HomeAssistant, person: Watch) -> None:
    """The form speaks the unit that the sensor shows, whoever chose it, and mg/dL where there is no sensor."""
    registry = er.async_get(hass)
    registry.async_update_entity_options(VALUE, "sensor.private", {"suggested_unit_of_measurement": "mmol/L"})
    assert shown(await open_form(person, "low"))["limit"] == 3.9
    show_in(person, "mg/dL")
    assert shown(await open_form(person, "low"))["limit"] == 70
    registry.async_remove(VALUE)
    assert shown(await open_form(person, "low"))["limit"] == 70


async def test_night_hours(person: Watch) -> None:
    """Night may cross midnight, but must have a length."""
    result = await open_form(person, "night")
    assert shown(result) == {"night_start": "22:00:00", "night_end": "07:00:00"}
    result = await submit(person, result, {"night_start": "23:00:00", "night_end": "23:00:00"})
    assert result["errors"] == {"base": "night_hours"}
    assert shown(result) == {"night_start": "23:00:00", "night_end": "23:00:00"}
    result = await submit(person, result, {"night_start": "23:00:00", "night_end": "06:30:00"})
    assert result["step_id"] == "init"
    assert (settings(person).night_start.hour, settings(person).night_end.minute) == (23, 30)


async def test_what_is_saved_counts_at_once(person: Watch) -> None:
    """A new limit is judged by the reading there is; the entry is not loaded anew."""
    glucose, calls = person.glucose, len(person.share.simulator.calls)
    result = await open_form(person, "low")
    await submit(person, result, {**shown(result), "limit": 120})
    assert person.heard() == [("raised", "low")]
    assert person.glucose is glucose
    assert len(person.share.simulator.calls) == calls


async def test_the_unit_is_set(person: Watch) -> None:
    """What is shown follows at once, and the other options stay."""
    before = dict(person.entry.options)
    form = await open_form(person, "unit")
    await submit(person, form, {"unit": "mmol/L"})
    assert person.entry.options == {**before, "unit": "mmol/L"}
    state = person.hass.states.get(VALUE)
    assert state
    assert state.attributes["unit_of_measurement"] == "mmol/L"


async def test_the_menu_shows_what_is_set_and_is_left_by_done(person: Watch) -> None:
    """Each line tells what holds, in the unit of the person; what is saved leads back to it."""
    show_in(person, "mmol/L")
    flow = person.hass.config_entries.options
    menu: dict[str, Any] = dict(await flow.async_init(person.entry.entry_id))
    told = menu["description_placeholders"]
    assert told["low"] == "3.9 mmol/L, every 30 min"
    assert told["high"] == "13.9 mmol/L, after 60 min, every 120 min"
    assert told["falling_fast"] == "off"
    assert told["night"] == "22:00 to 07:00"
    assert told["unit"] == "mmol/L"
    form = dict(await flow.async_configure(menu["flow_id"], {"next_step_id": "falling_fast"}))
    menu = await submit(person, form, {**shown(form), "enabled": True, "repeat": 0, "night": {"repeat": 30}})
    assert menu["type"] is FlowResultType.MENU
    assert menu["description_placeholders"]["falling_fast"] == (
        "0.11 mmol/L per minute, once; at night 0.11 mmol/L per minute, every 30 min"
    )
    before = dict(person.entry.options)
    done = await flow.async_configure(menu["flow_id"], {"next_step_id": "done"})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert person.entry.options == before


@pytest.mark.parametrize(
    ("kind", "by_day", "at_night", "told"),
    [
        ("low", True, False, "70 mg/dL, every 30 min; off at night"),
        ("rising_fast", False, True, "off by day; at night 2 mg/dL per minute, every 30 min"),
    ],
)
async def test_a_kind_may_be_off_by_day_or_at_night_only(
    person: Watch, kind: str, told: str, *, by_day: bool, at_night: bool
) -> None:
    """The form shows it so, saving it as shown keeps it, and switching by day leaves the night alone."""
    form = await open_form(person, kind)
    menu = await submit(person, form, {**shown(form), "enabled": by_day, "night": {"enabled": at_night}})
    assert menu["description_placeholders"][kind] == told
    for is_night, is_on in ((False, by_day), (True, at_night)):
        assert settings(person).in_force(is_night=is_night)[AlertKind(kind)].enabled is is_on
    form = await open_form(person, kind)
    assert shown(form)["night"]["enabled"] is at_night
    menu = await submit(person, form, shown(form))
    assert menu["description_placeholders"][kind] == told
    form = await open_form(person, kind)
    await submit(person, form, {**shown(form), "enabled": at_night})
    assert settings(person).kinds[AlertKind(kind)].night is None


async def test_switching_by_day_switches_the_night_along(person: Watch) -> None:
    """What was never set for the night follows the day, though the form shows it."""
    form = await open_form(person, "low")
    await submit(person, form, {**shown(form), "enabled": False})
    assert settings(person).kinds[AlertKind.LOW].night is None
    assert not settings(person).in_force(is_night=True)[AlertKind.LOW].enabled


def is_collapsed(form: dict[str, Any]) -> bool:
    """Return whether the section of the night is closed."""
    return bool(form["data_schema"].schema["night"].options["collapsed"])


async def test_the_night_is_open_where_it_has_something_to_show_and_can_be_cleared(person: Watch) -> None:
    """An error inside opens it, and so do values that are set."""
    form = await open_form(person, "low")
    assert is_collapsed(form)
    form = await submit(person, form, {**shown(form), "night": {"limit": 300}})
    assert form["errors"] == {"base": "limit_out_of_bounds"}
    assert not is_collapsed(form)
    await submit(person, form, {**shown(form), "night": {"limit": 80, "enabled": False}})
    form = await open_form(person, "low")
    assert not is_collapsed(form)
    await submit(person, form, {**shown(form), "night": {**shown(form)["night"], "clear": True}})
    assert settings(person).kinds[AlertKind.LOW].night is None
