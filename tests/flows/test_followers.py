"""Followers under Configure: seen, invited and changed in the words of the actions; each failure is told."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.dexcom_share.display.texts import async_say
from custom_components.dexcom_share.display.words import FOLLOWER_STATES
from simulator import Limited

from ..common import Share
from ..following import names

INVITATION = {"name": "Grandma", "email": "grandma@example.org", "display_name": "Anna", "may_see_graph": True}


async def go(hass: HomeAssistant, result: dict[str, Any], *steps: str | dict[str, Any]) -> dict[str, Any]:
    """Choose from menus, and fill forms."""
    for step in steps:
        answer = {"next_step_id": step} if isinstance(step, str) else step
        result = dict(await hass.config_entries.options.async_configure(result["flow_id"], answer))
    await hass.async_block_till_done(wait_background_tasks=True)
    return result


async def start(hass: HomeAssistant, entry: MockConfigEntry, *steps: str | dict[str, Any]) -> dict[str, Any]:
    """Open what is under Configure."""
    return await go(hass, dict(await hass.config_entries.options.async_init(entry.entry_id)), *steps)


def told(result: dict[str, Any]) -> str:
    """Return what the list of followers says."""
    assert result["step_id"] == "followers"
    return "".join(result["description_placeholders"].values())


def chosen(share: Share, name: str = "Grandma") -> dict[str, Any]:
    """Return the filled form that chooses a follower."""
    contacts = share.account.followers.contacts.values()
    return {"follower": next(contact.contact_id for contact in contacts if contact.name == name)}


@pytest.fixture
async def person(hass: HomeAssistant, share: Share, loaded: MockConfigEntry) -> MockConfigEntry:
    """Return a person whom Grandma follows."""
    share.account.followers.subscriptions.clear()
    share.account.followers.contacts.clear()
    share.account.followers.add("Grandma", share.simulator.now())
    await loaded.runtime_data.followers.async_refresh()
    return loaded


async def test_the_menu_counts(hass: HomeAssistant, person: MockConfigEntry, share: Share) -> None:
    """One, several, or not known."""
    assert (await start(hass, person))["description_placeholders"]["followers"] == "1 follower"
    share.account.followers.add("Grandpa", share.simulator.now())
    listed = await start(hass, person, "followers")
    assert told(listed) == "- Grandma: follows\n- Grandpa: follows"
    assert listed["menu_options"] == ["follower", "invite", "init"]
    assert (await go(hass, listed, "init"))["description_placeholders"]["followers"] == "2 followers"
    await hass.config_entries.async_unload(person.entry_id)
    menu = await start(hass, person)
    assert menu["description_placeholders"]["followers"] == "not known at the moment"
    left = await go(hass, menu, "followers")
    assert (left["type"], left["reason"]) == (FlowResultType.ABORT, "not_loaded")


async def test_somebody_is_invited_until_a_time(hass: HomeAssistant, loaded: MockConfigEntry, share: Share) -> None:
    """The first one, for six hours; the list tells until when."""
    share.account.followers.subscriptions.clear()
    share.account.followers.contacts.clear()
    listed = await start(hass, loaded, "followers")
    assert told(listed) == "- Nobody follows yet."
    assert listed["menu_options"] == ["invite", "init"]
    until = dt_util.now() + timedelta(hours=6)
    listed = await go(hass, listed, "invite", {**INVITATION, "until": f"{until:%Y-%m-%d %H:%M:%S}"})
    assert told(listed) == f"- Grandma: invited, to be removed at {until:%Y-%m-%d %H:%M}"
    assert names(share) == {"Grandma"}


@pytest.mark.parametrize(
    ("filled", "problem"),
    [
        ({"email": "grandma"}, "This is not an e-mail address; nothing was sent"),
        ({"name": " "}, "Both names must be given, and be no longer than 100 characters; nothing was sent"),
        ({"until": "2001-01-01 00:00:00"}, "The end lies in the past; nothing was sent"),
    ],
)
async def test_what_can_not_work_is_refused_with_the_form(
    hass: HomeAssistant, person: MockConfigEntry, share: Share, filled: dict[str, Any], problem: str
) -> None:
    """In the words of the action, before anything is sent; then it is put right."""
    form = await start(hass, person, "followers", "invite")
    before = len(share.simulator.calls)
    form = await go(hass, form, {**INVITATION, "name": "Aunt", **filled})
    assert form["errors"] == {"base": "failed"}
    assert form["description_placeholders"] == {"problem": problem}
    assert len(share.simulator.calls) == before
    assert "Aunt: invited" in told(await go(hass, form, {**INVITATION, "name": "Aunt", "may_see_graph": False}))


async def test_a_follower_is_changed(hass: HomeAssistant, person: MockConfigEntry, share: Share) -> None:
    """Paused, resumed, without the graph and with it, renamed, removed: each offered where it makes sense."""
    menu = await start(hass, person, "followers", "follower", chosen(share))
    for step, state in (
        ("pause", "paused"),
        ("resume", "follows"),
        ("hide_graph", "follows"),
        ("show_graph", "follows"),
    ):
        assert step in menu["menu_options"]
        listed = await go(hass, menu, step)
        assert told(listed) == f"- Grandma: {state}"
        menu = await go(hass, listed, "follower", chosen(share))
        assert step not in menu["menu_options"]
    form = await go(hass, menu, "rename", {"name": "  "})
    assert form["errors"] == {"base": "failed"}
    listed = await go(hass, form, {"name": "Nan"})
    assert told(listed) == "- Nan: follows"
    form = await go(hass, listed, "follower", chosen(share, "Nan"), "remove")
    assert form["description_placeholders"] == {"follower": "Nan"}
    assert told(await go(hass, form, {})) == "- Nobody follows yet."
    assert names(share) == set()


async def test_failures_are_told_above_the_list(hass: HomeAssistant, person: MockConfigEntry, share: Share) -> None:
    """What Share refuses or can't do, and a list that can't be had; then all is well again."""
    menu = await start(hass, person, "followers", "follower", chosen(share))
    share.simulator.faults.html_status = Limited(503, calls=1)
    assert "Nothing was changed" in told(await go(hass, menu, "pause"))
    share.simulator.faults.html_status = 503
    listed = await start(hass, person, "followers")
    assert told(listed).startswith("**Share reports a fault of its own")
    share.simulator.faults.html_status = None
    assert told(await start(hass, person, "followers")) == "- Grandma: follows"


async def test_a_follower_who_is_gone(hass: HomeAssistant, person: MockConfigEntry, share: Share) -> None:
    """Somebody else may have removed them meanwhile, at any step."""
    gone = chosen(share)
    form = await start(hass, person, "followers", "follower")
    share.account.followers.delete(gone["follower"])
    await person.runtime_data.followers.async_refresh()
    assert told(await go(hass, form, gone)).startswith("**There is no such follower; nothing was changed**")
    share.account.followers.add("Grandpa", share.simulator.now())
    for step in ("rename", "remove"):
        menu = await start(hass, person, "followers", "follower", chosen(share, "Grandpa"))
        share.account.followers.delete(chosen(share, "Grandpa")["follower"])
        await person.runtime_data.followers.async_refresh()
        form = await go(hass, menu, step)
        assert "no such follower" in told(await go(hass, form, {"name": "Nan"} if step == "rename" else {}))
        share.account.followers.add("Grandpa", share.simulator.now())


async def test_every_state_of_a_follower_has_its_words(hass: HomeAssistant) -> None:
    """Whatever Share says of somebody can be listed."""
    say = await async_say(hass)
    assert all(say(f"follower_{state}") for state in FOLLOWER_STATES.values())
