"""A chain at work in the house: steps on time, failures told and skipped, restarts in the middle."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from time import perf_counter
from unittest.mock import Mock, patch

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.dexcom_share.night.events import ChainEvent, ChainEventType
from custom_components.dexcom_share.night.watched import SteadyClock
from custom_components.dexcom_share.watch.chain import Reason

from ..common import MINUTE
from ..waking import House, add_chain, keeper_of, runner_of, step
from ..watching import Watch

SECOND = timedelta(seconds=1)


@pytest.fixture
def house(hass: HomeAssistant) -> House:
    """Return the house and its actions."""
    return House(hass)


async def test_a_low_wakes_the_house_step_by_step_until_it_is_answered(
    hass: HomeAssistant, watch: Watch, house: House
) -> None:
    """The first step comes with the announcement, the others at their minutes, none after the answer."""
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry, step(0, "bell"), step(3, "lamp"), step(6, "siren"))
    await watch.read(65)
    assert house.heard() == ["bell"]
    await watch.wait(2 * MINUTE)
    assert house.heard() == []
    await watch.wait(MINUTE)
    assert house.heard() == ["lamp"]
    assert runner_of(watch, chain_id).step == 2
    await watch.call("acknowledge")
    await watch.wait(10 * MINUTE)
    assert house.heard() == []
    assert runner_of(watch, chain_id).step is None


async def test_the_actions_know_what_it_is_about(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """Templates of the action editor use the variables of the step."""
    await watch.set_up(90, 88)
    text = "{{ person }}|{{ kind }}|{{ message }}|{{ value }}|{{ unit }}|{{ trend }}|{{ step }}|{{ is_test }}"
    await add_chain(hass, watch.entry, step(0, "bell", text=text, since="{{ since }}"))
    await watch.read(65, trend="SingleDown")
    [call] = house.calls
    assert call.data["text"] == "anna@example.com|low|Low: 65 mg/dL, falling|65|mg/dL|falling|1|False"
    assert call.data["since"]


@pytest.mark.parametrize("service", ["broken", "missing"])
async def test_a_step_that_fails_is_told_and_the_next_one_comes_at_once(
    hass: HomeAssistant, watch: Watch, house: House, service: str
) -> None:
    """An action that raises or is unknown; it is kept as a problem."""
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry, step(0, service), step(3, "lamp"), step(6, "siren"))
    told: list[ChainEvent | None] = []
    runner_of(watch, chain_id).async_add_listener(told.append)
    await watch.read(65)
    assert house.heard()[-1:] == ["lamp"]
    [failure] = [each for each in told if each and each.type is ChainEventType.STEP_FAILED]
    assert failure.step == 1
    assert "The bulb is gone" in str(failure.what) or "house.missing" in str(failure.what)
    [problem] = runner_of(watch, chain_id).state.proof.problems
    assert problem.startswith("Step 1")
    await watch.wait(6 * MINUTE)
    assert house.heard() == ["siren"]


async def test_a_step_that_hangs_is_given_up_after_30_seconds(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """The next one comes then, and the hanging one is cancelled."""
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry, step(0, "hangs"), step(60, "lamp"))
    watch.freezer.tick(5 * MINUTE)
    watch.share.add_reading(65)
    await watch.glucose.async_refresh()
    assert house.heard() == ["hangs"]
    for seconds, heard in ((29, []), (1, ["lamp"])):
        watch.freezer.tick(seconds * SECOND)
        async_fire_time_changed(hass)
        # Home Assistant itself would wait for the action that hangs.
        for _ in range(20):
            await asyncio.sleep(0)
        assert house.heard() == heard
    assert [each.reason for each in runner_of(watch, chain_id).chain.failures] == [Reason.TIMED_OUT]


async def test_an_unavailable_target_fails_its_step_and_the_others_of_it_are_reached(
    hass: HomeAssistant, watch: Watch, house: House
) -> None:
    """The step is run for what of it works, and counts as failed."""
    hass.states.async_set("light.hall", "unavailable")
    await watch.set_up(90, 88)
    first = step(0, "bell", entity_id=["light.hall"])
    chain_id = await add_chain(hass, watch.entry, first, step(3, "lamp"))
    await watch.read(65)
    assert sorted(house.heard()) == ["bell", "lamp"]
    [failure] = runner_of(watch, chain_id).chain.failures
    assert (failure.reason, failure.what) == (Reason.UNAVAILABLE, "light.hall")


async def test_a_restart_in_the_middle_goes_on(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """At the step that is due, not at the first."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, step(0, "bell"), step(3, "lamp"), step(6, "siren"))
    await watch.read(65)
    await watch.wait(MINUTE)
    house.calls.clear()
    await watch.restart()
    assert house.heard() == []
    await watch.wait(2 * MINUTE)
    assert house.heard() == ["lamp"]
    await watch.stop()
    watch.freezer.tick(2 * MINUTE)
    await watch.start()
    await watch.wait(2 * MINUTE)
    assert house.heard() == ["siren"]


async def test_a_step_cut_off_by_a_restart_comes_again(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """Nobody knows whether it was heard."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, step(0, "hangs"), step(30, "lamp"))
    watch.freezer.tick(5 * MINUTE)
    watch.share.add_reading(65)
    await watch.glucose.async_refresh()
    assert house.heard() == ["hangs"]
    await hass.config_entries.async_reload(watch.entry.entry_id)
    assert house.heard() == ["hangs"]


async def test_an_alert_raised_at_the_start_is_heard(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """What is announced while Home Assistant starts begins the chain once actions are there."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, step(0, "bell"))
    await watch.stop()
    watch.freezer.tick(5 * MINUTE)
    watch.share.add_reading(65)
    await watch.start()
    assert house.heard() == ["bell"]


async def test_an_answer_that_a_kill_kept_from_the_disk_counts(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """The alerts know that nothing is unanswered."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, step(0, "bell"), step(3, "lamp"))
    await watch.read(65)
    with patch.object(keeper_of(watch), "_storage"):
        await watch.call("acknowledge")
    house.calls.clear()
    await watch.restart()
    await watch.wait(10 * MINUTE)
    assert house.heard() == []


async def test_several_chains_stand_side_by_side(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """Each for its kinds; one that fails as a whole keeps neither the other nor the alerts from going on."""
    await watch.set_up(90, 88)
    broken = await add_chain(hass, watch.entry, step(0, "siren"), title="Broken")
    await add_chain(hass, watch.entry, step(0, "bell"), title="Lows", kinds=["low"])
    await add_chain(hass, watch.entry, step(0, "lamp"), title="Highs", kinds=["high"])
    with patch.object(runner_of(watch, broken), "async_hear", side_effect=RuntimeError):
        await watch.read(65)
    assert house.heard() == ["bell"]
    assert ("raised", "low") in watch.heard()


async def test_a_rehearsed_alert_starts_nothing(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """Nothing would end it; the chain has a test of its own."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, step(0, "bell"))
    await watch.call("test_alert", kind="low")
    assert house.heard() == []


async def test_a_chain_may_answer_by_itself(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """A step that acknowledges ends the chain: nothing after it runs."""
    await watch.set_up(90, 88)
    answer = {"action": "dexcom_share.acknowledge", "data": {"entity_id": "event.anna_example_com_glucose_alert"}}
    await add_chain(
        hass,
        watch.entry,
        {"kind": "actions", "after_minutes": 0, "actions": [answer]},
        step(0, "bell"),
        repeat_minutes=1,
    )
    await watch.read(65)
    await watch.wait(10 * MINUTE)
    assert house.heard() == []


async def test_the_first_call_comes_within_100_ms(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """From the announcement, with everything that is shown and stored."""
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry, step(0, "bell"))
    took: list[float] = []
    runner = runner_of(watch, chain_id)
    hear = runner.async_hear

    def timed(event: object) -> None:
        begun = perf_counter()
        hear(event)  # type: ignore[arg-type]
        took.append(perf_counter() - begun)
        assert house.heard() == ["bell"]

    with patch.object(runner, "async_hear", timed):
        await watch.read(65)
    assert max(took) < 0.1


async def test_a_step_of_the_wall_clock_changes_nothing(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """The steps are counted by the monotonic clock."""
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry, step(0, "bell"), step(10, "lamp"))
    await watch.read(65)
    before = runner_of(watch, chain_id).now()
    with patch("homeassistant.util.dt.utcnow", return_value=before + timedelta(hours=5)):
        assert runner_of(watch, chain_id).now() == before


async def test_a_repeat_at_each_reading_goes_on_with_the_chain(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """An urgent low that nobody answers is told again and again; the chain reaches its last step, then goes round."""
    await watch.set_up(90, 88)
    chain_id = await add_chain(
        hass, watch.entry, step(0, "bell"), step(12, "lamp"), step(24, "siren"), kinds=["urgent_low"]
    )
    await watch.read(50, 50)
    run = runner_of(watch, chain_id).chain.run
    for _ in range(5):
        await watch.read(50)
    heard = house.heard()
    assert len(heard) >= 3
    assert heard == ["bell", "lamp", "siren"] * (len(heard) // 3)
    assert runner_of(watch, chain_id).chain.run == run


@pytest.mark.parametrize("answer", ["snooze", "treated"])
async def test_an_answer_that_did_not_help_ends(hass: HomeAssistant, watch: Watch, house: House, answer: str) -> None:
    """When the quiet is over and glucose is still low, the chain begins anew from its first step."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, step(0, "bell"), step(3, "lamp"))
    await watch.read(65)
    assert house.heard() == ["bell"]
    await watch.call(answer, **({"duration": {"minutes": 15}} if answer == "snooze" else {}))
    await watch.read(65, 64)
    assert house.heard() == []
    await watch.read(64, 64)
    await watch.wait(3 * MINUTE)
    assert house.heard() == ["bell", "lamp"]


async def test_a_kind_that_is_taken_out_in_the_middle_ends_the_chain(
    hass: HomeAssistant, watch: Watch, house: House
) -> None:
    """Its answer would not be heard any more."""
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry, step(0, "bell"), step(3, "lamp"), repeat_minutes=1)
    await watch.read(65)
    subentry = watch.entry.subentries[chain_id]
    hass.config_entries.async_update_subentry(watch.entry, subentry, data={**subentry.data, "kinds": ["no_data"]})
    await hass.async_block_till_done(wait_background_tasks=True)
    house.calls.clear()
    await watch.wait(10 * MINUTE)
    assert house.heard() == []


async def test_a_chain_without_steps_in_the_middle_does_nothing(
    hass: HomeAssistant, watch: Watch, house: House
) -> None:
    """Also where a step had begun that is gone."""
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry, step(0, "hangs"), step(3, "lamp"))
    watch.freezer.tick(5 * MINUTE)
    watch.share.add_reading(65)
    await watch.glucose.async_refresh()
    subentry = watch.entry.subentries[chain_id]
    hass.config_entries.async_update_subentry(watch.entry, subentry, data={**subentry.data, "steps": []})
    await hass.async_block_till_done(wait_background_tasks=True)
    house.calls.clear()
    await watch.wait(4 * MINUTE)
    await watch.call("acknowledge")
    assert house.heard() == []
    assert not runner_of(watch, chain_id).chain.is_running


@pytest.mark.parametrize(("age", "begins"), [(3, True), (60, False)])
async def test_a_slow_share_at_the_start_does_not_hold_up_a_chain(
    hass: HomeAssistant, watch: Watch, *, age: int, begins: bool
) -> None:
    """Answers are heard before the first poll has ended; steps go on where the alert can't be over long ago."""
    await watch.set_up(90, 65)
    watch.freezer.tick(age * MINUTE)
    chains, first_poll = Mock(), hass.loop.create_future()
    replace(watch.entry.runtime_data, chains=chains, first_poll=first_poll).async_start(watch.entry)
    first_poll.cancel()
    assert chains.async_start.called
    assert chains.async_begin.called is begins


async def test_a_chain_begins_once(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """Also where it is begun before the first poll and again after it."""
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry, step(0, "bell"))
    with patch.object(runner_of(watch, chain_id), "async_start") as start:
        keeper_of(watch).async_begin()
    assert not start.called


async def test_a_failure_of_its_own_is_tried_again(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """Never silent by an error of its own."""
    await watch.set_up(90, 88)
    await add_chain(hass, watch.entry, step(0, "bell"), step(3, "lamp"))
    await watch.read(65)
    with patch("custom_components.dexcom_share.night.runner.advance", side_effect=RuntimeError):
        await watch.wait(3 * MINUTE)
    assert house.heard() == ["bell"]
    await watch.wait(MINUTE)
    assert house.heard() == ["lamp"]


async def test_hours_follow_the_clock_when_it_is_set_right(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """A machine that starts with a wrong time learns the right one; a chain that waits takes it over."""
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry, step(0, "bell"), hours_from="11:00:00", hours_to="14:00:00")
    runner = runner_of(watch, chain_id)
    right = runner.watched.now
    wrong = timedelta(hours=12)
    clock = SteadyClock(lambda: right() + wrong, runner.watched.uptime)
    with patch.object(runner, "_clock", clock):
        assert runner.now() - right() == wrong
        wrong = timedelta(0)
        await watch.read(65)
    assert house.heard() == ["bell"]


async def test_what_is_logged_names_nobody(
    hass: HomeAssistant, watch: Watch, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither names nor readings, whatever fails."""
    caplog.set_level("DEBUG", "custom_components.dexcom_share")
    await watch.set_up(90, 88)
    text = "{{ person }} {{ message }} {{ 1 / 0 }}"
    phone = {"kind": "phone", "after_minutes": 1, "devices": ["gone"]}
    await add_chain(hass, watch.entry, step(0, "bell", text=text), phone, step(1, "broken"), step(1, "missing"))
    await watch.read(67)
    await watch.wait(2 * MINUTE)
    await watch.restart()
    await watch.call("acknowledge")
    ours = [each.getMessage() for each in caplog.records if "dexcom_share" in each.name]
    assert not [line for line in ours if "67" in line or "anna" in line.lower()]


async def test_an_action_that_gives_up_by_itself_is_skipped(hass: HomeAssistant, watch: Watch, house: House) -> None:
    """Its step has timed out, and the next one comes at once."""
    await watch.set_up(90, 88)
    chain_id = await add_chain(hass, watch.entry, step(0, "bell"), step(60, "lamp"))
    with patch("custom_components.dexcom_share.night.runner.call", side_effect=TimeoutError) as call:
        await watch.read(65)
    assert call.call_count == 2
    assert [each.reason for each in runner_of(watch, chain_id).chain.failures] == 2 * [Reason.TIMED_OUT]
