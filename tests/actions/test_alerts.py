"""The actions on alerts: whom they mean, what they do, and how they refuse."""

from typing import Any, Final

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized, UnknownUser
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
import voluptuous as vol

from custom_components.dexcom_share.const import DOMAIN, LOGGER
from custom_components.dexcom_share.diagnostics import async_get_config_entry_diagnostics
from simulator import ListSource

from ..common import VALUE
from ..watching import ALERT_EVENT, ALERT_SENSOR, ANSWER, PREFIX, Watch


async def call(hass: HomeAssistant, service: str, **data: Any) -> None:
    """Call one of our actions."""
    await hass.services.async_call(DOMAIN, service, data, blocking=True)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.parametrize("target", ["device", "entity", "area"])
async def test_a_person_is_meant_by_device_entity_or_area(hass: HomeAssistant, watch: Watch, target: str) -> None:
    """Whatever of a person is named, the person is meant."""
    await watch.set_up(110, 65)
    area = ar.async_get(hass).async_create("Nursery")
    dr.async_get(hass).async_update_device(watch.device_id, area_id=area.id)
    targets = {
        "device": {"device_id": watch.device_id},
        "entity": {"entity_id": VALUE},
        "area": {"area_id": area.id},
    }
    await call(hass, "acknowledge", **targets[target])
    assert watch.status("low") == "acknowledged"


async def test_snooze_takes_a_duration_and_kinds(watch: Watch) -> None:
    """A kind can be snoozed ahead of time; the duration is as Home Assistant's selector gives it."""
    await watch.set_up(110, 108)
    await watch.call("snooze", kinds=["high"], duration={"hours": 2})
    assert watch.heard() == [("snoozed", "high")]
    state = watch.hass.states.get(f"binary_sensor.{PREFIX}_high_alert")
    event = watch.hass.states.get(ALERT_EVENT)
    assert state
    assert event
    assert state.attributes["snoozed_until"] == event.attributes["until"] == "2026-11-22T14:00:00+00:00"
    await watch.call("unsnooze")
    assert watch.heard() == [("unsnoozed", "high")]


async def test_an_urgent_low_is_not_snoozed_for_longer_than_half_an_hour(watch: Watch) -> None:
    """Whatever is asked for, it is told again after 30 minutes."""
    await watch.set_up(60, 54)
    watch.heard()
    await watch.call("snooze", kinds="urgent_low", duration="04:00:00")
    assert ("snoozed", "urgent_low") in watch.heard()
    await watch.read(*[54] * 5)
    assert ("repeated", "urgent_low") not in watch.heard()
    await watch.read(54)
    assert ("repeated", "urgent_low") in watch.heard()


async def test_unsnooze_ends_the_quiet(watch: Watch) -> None:
    """What still holds is told again when its repeat is due."""
    await watch.set_up(110, 65)
    await watch.call("snooze", kinds=["low"])
    watch.heard()
    await watch.call("unsnooze", kinds=["low"])
    assert watch.heard() == [("unsnoozed", "low")]
    await watch.read(*[65] * 6)
    assert ("repeated", "low") in watch.heard()


async def test_a_test_takes_the_same_path_and_touches_nothing(watch: Watch) -> None:
    """A rehearsed alert is told, marked as a test, and no alert is raised by it."""
    await watch.set_up(110, 108)
    await watch.call("test_alert", kind="urgent_low")
    assert watch.heard() == [("raised", "urgent_low")]
    event = watch.hass.states.get(ALERT_EVENT)
    assert event
    assert event.attributes["test"] is True
    assert event.attributes["value"] == 108
    assert event.attributes["limit"] == 55
    assert watch.state(ALERT_SENSOR) == "none"


@pytest.mark.parametrize("duration", [None, "00:00:00"])
async def test_snoozing_what_can_not_be_snoozed_is_refused(watch: Watch, duration: str | None) -> None:
    """An urgent low can't be snoozed ahead of time, nor anything for no time at all."""
    await watch.set_up(110, 108)
    kinds, data = (["urgent_low"], {}) if duration is None else (["urgent_low"], {"duration": duration})
    with pytest.raises(ServiceValidationError) as refusal:
        await watch.call("snooze", kinds=kinds, **data)
    assert refusal.value.translation_key == "nothing_to_snooze"
    assert refusal.value.translation_placeholders == {"person": "anna@example.com"}


async def test_targets_that_belong_to_nobody_are_refused(hass: HomeAssistant, watch: Watch) -> None:
    """An action that means nobody says so."""
    await watch.set_up(110, 108)
    with pytest.raises(ServiceValidationError) as refusal:
        await call(hass, "snooze", entity_id="light.kitchen")
    assert refusal.value.translation_key == "no_person_targeted"
    with pytest.raises(vol.Invalid):
        await call(hass, "snooze")
    with pytest.raises(vol.Invalid):
        await call(hass, "snooze", device_id=watch.device_id, kinds=["hungry"])


async def test_a_person_who_is_not_loaded_is_refused_by_name(hass: HomeAssistant, watch: Watch) -> None:
    """An action that can't reach a person says whom."""
    await watch.set_up(110, 108)
    device_id = watch.device_id
    await hass.config_entries.async_unload(watch.entry.entry_id)
    with pytest.raises(ServiceValidationError) as refusal:
        await call(hass, "acknowledge", device_id=device_id)
    assert refusal.value.translation_key == "person_not_loaded"
    assert refusal.value.translation_placeholders == {"person": "anna@example.com"}


async def test_only_the_person_meant_is_answered_for(hass: HomeAssistant, watch: Watch) -> None:
    """Another person's alert stays raised."""
    await watch.set_up(110, 65)
    ben = watch.share.simulator.add_account("ben@example.com", "secret of ben")
    other = MockConfigEntry(
        domain=DOMAIN,
        title="ben@example.com",
        unique_id=ben.account_id,
        data={**watch.entry.data, "username": "ben@example.com", "password": "secret of ben"},
    )
    await watch.share.set_up(hass, other)
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, ben.account_id), other.entry_id)
    assert device
    await call(hass, "acknowledge", device_id=device.id)
    assert watch.status("low") == "active"


ACTIONS: Final[dict[str, dict[str, Any]]] = {
    "snooze": {},
    "unsnooze": {},
    "acknowledge": {},
    "test_alert": {"kind": "low"},
}


def user_of(hass: HomeAssistant, policy: dict[str, Any] | None, *, is_owner: bool = False) -> Context:
    """Return the context of a call by a user with this policy for entities."""
    user = MockUser(is_owner=is_owner).add_to_hass(hass)
    if not is_owner:
        user.mock_policy({"entities": policy} if policy else {})
    return Context(user_id=user.id)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("policy", [{"all": {"read": True}}, None, {"entity_ids": {VALUE: True}}])
async def test_who_may_not_press_the_buttons_may_not_act(
    hass: HomeAssistant, watch: Watch, action: str, policy: dict[str, Any] | None
) -> None:
    """A user who only reads, or controls other things, silences nothing."""
    await watch.set_up(110, 65)
    watch.heard()
    data = {"device_id": watch.device_id, **ACTIONS[action]}
    with pytest.raises(Unauthorized):
        await hass.services.async_call(DOMAIN, action, data, blocking=True, context=user_of(hass, policy))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not watch.heard()
    assert watch.status("low") == "active"


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("caller", ["admin", "may press", "automation"])
async def test_who_may_press_the_buttons_may_act(hass: HomeAssistant, watch: Watch, action: str, caller: str) -> None:
    """An owner, a user who controls the buttons, and an automation, which is nobody."""
    await watch.set_up(110, 65)
    buttons = {f"button.{PREFIX}_{name}_alerts": {"control": True} for name in ("snooze", "acknowledge")}
    contexts = {
        "admin": user_of(hass, None, is_owner=True),
        "may press": user_of(hass, {"entity_ids": buttons}),
        "automation": Context(),
    }
    await watch.call("snooze", kinds=["high"])
    watch.heard()
    data = {"device_id": watch.device_id, **ACTIONS[action]}
    await hass.services.async_call(DOMAIN, action, data, blocking=True, context=contexts[caller])
    await hass.async_block_till_done(wait_background_tasks=True)
    assert watch.heard()


async def test_a_user_who_is_gone_may_not_act(hass: HomeAssistant, watch: Watch) -> None:
    """A call in the name of nobody who is known is refused."""
    await watch.set_up(110, 65)
    with pytest.raises(UnknownUser):
        await hass.services.async_call(
            DOMAIN, "snooze", {"device_id": watch.device_id}, blocking=True, context=Context(user_id="gone")
        )


async def test_without_the_button_only_administrators_may_act(hass: HomeAssistant, watch: Watch) -> None:
    """A button that was deleted grants nobody anything."""
    await watch.set_up(110, 65)
    er.async_get(hass).async_remove(f"button.{PREFIX}_snooze_alerts")
    data = {"device_id": watch.device_id}
    with pytest.raises(Unauthorized):
        await hass.services.async_call(DOMAIN, "snooze", data, blocking=True, context=user_of(hass, {"all": True}))
    owner = user_of(hass, None, is_owner=True)
    await hass.services.async_call(DOMAIN, "snooze", data, blocking=True, context=owner)
    assert watch.status("low") == "snoozed"


@pytest.mark.parametrize("duration", [{"days": 32}, {"days": 9999999}])
async def test_a_snooze_for_months_is_refused(watch: Watch, duration: dict[str, int]) -> None:
    """A slip of the pen silences nothing for years, and nothing breaks."""
    await watch.set_up(110, 65)
    with pytest.raises(ServiceValidationError) as refusal:
        await watch.call("snooze", duration=duration)
    assert refusal.value.translation_key == "snooze_too_long"
    assert watch.status("low") == "active"


async def test_a_duration_beyond_the_calendar_is_no_duration(watch: Watch) -> None:
    """It is refused as any other wrong field."""
    await watch.set_up(110, 65)
    with pytest.raises(vol.Invalid):
        await watch.call("snooze", duration={"days": 9_999_999_999})


async def add_ben(hass: HomeAssistant, watch: Watch) -> MockConfigEntry:
    """Add another person, whose glucose is low."""
    ben = watch.share.simulator.add_account("ben@example.com", "secret of ben", source=ListSource())
    ben.add_reading(dt_util.utcnow(), 60)
    other = MockConfigEntry(
        domain=DOMAIN,
        title="ben@example.com",
        unique_id=ben.account_id,
        data={**watch.entry.data, "username": "ben@example.com", "password": "secret of ben"},
    )
    await watch.share.set_up(hass, other)
    return other


def devices(hass: HomeAssistant, *entries: MockConfigEntry) -> list[str]:
    """Return the devices of persons."""
    registry = dr.async_get(hass)
    return [one.id for entry in entries for one in dr.async_entries_for_config_entry(registry, entry.entry_id)]


async def test_one_who_refuses_keeps_nobody_from_being_snoozed(hass: HomeAssistant, watch: Watch) -> None:
    """All that can be snoozed is, then the refusal is told with its name."""
    await watch.set_up(110, 108)
    other = await add_ben(hass, watch)
    with pytest.raises(ServiceValidationError) as refusal:
        await call(hass, "snooze", device_id=devices(hass, watch.entry, other), kinds=["urgent_low"])
    assert refusal.value.translation_key == "nothing_to_snooze"
    assert refusal.value.translation_placeholders == {"person": "anna@example.com, ben@example.com"}
    await call(hass, "unsnooze", device_id=devices(hass, other))
    await hass.config_entries.async_unload(watch.entry.entry_id)
    with pytest.raises(ServiceValidationError) as refusal:
        await call(hass, "snooze", device_id=devices(hass, watch.entry, other), kinds=["low"])
    assert refusal.value.translation_placeholders == {"person": "anna@example.com"}
    assert hass.states.get("binary_sensor.ben_example_com_low_alert").attributes["status"] == "snoozed"  # type: ignore[union-attr]


async def test_refusals_of_several_kinds_are_all_told(hass: HomeAssistant, watch: Watch) -> None:
    """One is not loaded, the other has nothing to snooze."""
    await watch.set_up(110, 108)
    other = await add_ben(hass, watch)
    await hass.config_entries.async_unload(watch.entry.entry_id)
    with pytest.raises(ServiceValidationError) as refusal:
        await call(hass, "snooze", device_id=devices(hass, watch.entry, other), kinds=["urgent_low"])
    assert refusal.value.translation_key == "several_refused"
    assert refusal.value.translation_placeholders
    told = refusal.value.translation_placeholders["reasons"]
    assert "anna@example.com is not watched" in told
    assert "of ben@example.com can be snoozed" in told


def own_log(caplog: pytest.LogCaptureFixture) -> str:
    """Return what we have logged; the kit itself logs every state and stored file."""
    own = [record for record in caplog.records if record.name.startswith(LOGGER.name)]
    assert own
    return "\n".join(record.getMessage() for record in own)


@pytest.mark.parametrize("way", ["action", "button"])
@pytest.mark.parametrize(
    ("action", "button", "told"),
    [
        ("snooze", "snooze_alerts", "snoozed"),
        ("acknowledge", "acknowledge_alerts", "acknowledged"),
        ("treated", "treated", "treated"),
    ],
)
async def test_who_answered_is_known(
    hass: HomeAssistant, watch: Watch, caplog: pytest.LogCaptureFixture, way: str, action: str, button: str, told: str
) -> None:
    """The name of the user is told and shown, also after a restart, and stands in no log."""
    user = MockUser(name="Second Parent", is_owner=True).add_to_hass(hass)
    await watch.set_up(110, 65)
    watch.heard()
    domain, service, data = (DOMAIN, action, {"device_id": watch.device_id})
    if way == "button":
        domain, service, data = "button", "press", {"entity_id": f"button.{PREFIX}_{button}"}
    await hass.services.async_call(domain, service, data, blocking=True, context=Context(user_id=user.id))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert watch.heard() == [(told, "low")]
    event = hass.states.get(ALERT_EVENT)
    assert event
    assert event.attributes["answered_by"] == "Second Parent"
    for _ in range(2):
        answer = hass.states.get(ANSWER)
        assert answer
        assert answer.state == told
        assert answer.attributes["kind"] == "low"
        assert answer.attributes["by"] == "Second Parent"
        assert answer.attributes["until"] == event.attributes["until"]
        await watch.restart()
    assert "Second Parent" not in own_log(caplog)
    assert "Second Parent" not in str(await async_get_config_entry_diagnostics(hass, watch.entry))


async def test_treated_takes_a_duration_and_a_note(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    """The note is kept with the event; the low is told again when the time is over."""
    await watch.set_up(110, 65)
    watch.heard()
    await watch.call("treated", duration={"minutes": 20}, note="Four glucose tablets")
    event = watch.hass.states.get(ALERT_EVENT)
    assert event
    assert event.attributes["event_type"] == "treated"
    assert event.attributes["until"] == "2026-11-22T12:20:00+00:00"
    assert event.attributes["note"] == "Four glucose tablets"
    assert event.attributes["answered_by"] is None
    assert watch.heard() == [("treated", "low")]
    await watch.read(*[65] * 3)
    assert not watch.heard()
    await watch.read(65)
    assert watch.heard() == [("repeated", "low")]
    assert watch.state(ANSWER) == "none"
    assert "tablets" not in own_log(caplog)


@pytest.mark.parametrize("data", [{"duration": "00:09:59"}, {"duration": "00:30:01"}, {"note": "x" * 256}])
async def test_what_treated_does_not_take(watch: Watch, data: dict[str, str]) -> None:
    """The quiet lasts 10 to 30 minutes."""
    await watch.set_up(110, 65)
    watch.heard()
    with pytest.raises(vol.Invalid):
        await watch.call("treated", **data)
    assert not watch.heard()
