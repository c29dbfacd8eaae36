"""An installation of the version before is upgraded: nothing that a user has is lost or renamed.

`fixtures/version_1` is what that version wrote, running: two days of readings, a low that was acknowledged, a high
that was snoozed, muted alerts, a follower who is to be removed at a time, and a log-in refused four minutes ago.
"""

from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import re
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.dexcom_share.const import DOMAIN
from simulator import State

from .common import MINUTE, Share, pass_time
from .following import names, without_followers

FOLDER: Final = Path(__file__).parent / "fixtures" / "version_1"
PARTS: Final = ("archive", "recent", "login", "schedule", "followers")
READINGS: Final = 769
"""As many as that version had kept."""
SUGAR: Final = "sensor.annas_sugar"
"""The glucose sensor, as its user has renamed it."""


class Installation:
    """What the version before left behind, for the account and the followers of this simulator."""

    def __init__(self, share: Share) -> None:
        """Read the files, with the ids that the simulator gives now."""
        without_followers(share.account)
        texts = {part: (FOLDER / f"{part}.json").read_text() for part in PARTS}
        texts["installation"] = (FOLDER / "installation.json").read_text()
        stored = json.loads(texts["installation"])
        ids = {stored["config_entry"]["unique_id"]: share.account.account_id}
        for one in stored["followers"]:
            added = share.account.followers.add(one["name"], share.simulator.now(), state=State(one["state"]))
            ids |= {one["subscription_id"]: added.subscription_id, one["contact_id"]: added.contact.contact_id}
        # In one go: an id that is given now may be one that another follower had.
        known = re.compile("|".join(ids))
        texts = {name: known.sub(lambda found: ids[found[0]], text) for name, text in texts.items()}
        self.data: dict[str, Any] = json.loads(texts.pop("installation"))
        self.files = texts
        entry = self.data["config_entry"]
        self.entry = MockConfigEntry(domain=DOMAIN, **{**entry, "data": {**entry["data"], "base_url": share.base_url}})

    def write(self, hass: HomeAssistant, folder: Path) -> None:
        """Put everything where Home Assistant finds it."""
        for part, text in self.files.items():
            (folder / f"{DOMAIN}.{self.entry.entry_id}.{part}").write_text(text)
        self.entry.add_to_hass(hass)
        device = dr.async_get(hass).async_get_or_create(
            config_entry_id=self.entry.entry_id,
            identifiers={(domain, key) for domain, key in self.data["device"]["identifiers"]},
            name=self.data["device"]["name"],
        )
        registry = er.async_get(hass)
        for one in self.data["entities"]:
            entity = registry.async_get_or_create(
                one["domain"], DOMAIN, one["unique_id"], config_entry=self.entry, device_id=device.id
            )
            registry.async_update_entity(entity.entity_id, new_entity_id=one["entity_id"])
            for domain, options in one["options"].items():
                registry.async_update_entity_options(one["entity_id"], domain, options)


@pytest.fixture
async def upgraded(
    hass: HomeAssistant, share: Share, storage_folder: Path, freezer: FrozenDateTimeFactory
) -> Installation:
    """Return the installation, upgraded ten seconds after the version before was stopped."""
    await hass.config.async_set_time_zone("UTC")
    stopped_at = datetime.fromisoformat(json.loads((FOLDER / "installation.json").read_text())["stopped_at"])
    freezer.move_to(stopped_at.astimezone(UTC) + timedelta(seconds=10))
    installation = Installation(share)
    installation.write(hass, storage_folder)
    await share.set_up(hass, installation.entry)
    return installation


def attribute(hass: HomeAssistant, entity_id: str, name: str) -> object:
    """Return what an entity says besides its state."""
    state = hass.states.get(entity_id)
    assert state, entity_id
    return state.attributes[name]


async def test_each_entity_keeps_its_ids_and_options(hass: HomeAssistant, upgraded: Installation) -> None:
    """What automations and dashboards name is there, under the same name, on the same device, and nothing twice."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), upgraded.entry.entry_id)
    now = {(one.unique_id, one.entity_id) for one in entities}
    before = {(one["unique_id"], one["entity_id"]) for one in upgraded.data["entities"]}
    assert before <= now
    assert {one.entity_id for one in entities if hass.states.get(one.entity_id)} >= {
        entity_id for _, entity_id in before
    }
    assert len(dr.async_entries_for_config_entry(dr.async_get(hass), upgraded.entry.entry_id)) == 1
    assert attribute(hass, SUGAR, "unit_of_measurement") == "mmol/L"


async def test_the_history_is_kept(hass: HomeAssistant, upgraded: Installation, freezer: FrozenDateTimeFactory) -> None:
    """Each reading of both files is there, and the newest is shown once Share has been heard."""
    history = upgraded.entry.runtime_data.glucose.history
    assert len(history) == READINGS
    assert history.newest.value == 70
    for _ in range(6):
        await pass_time(hass, freezer, MINUTE)
    state = hass.states.get(SUGAR)
    assert state
    assert state.state == "3.9"


async def test_where_the_alerts_stand_is_kept(hass: HomeAssistant, upgraded: Installation) -> None:
    """What was acknowledged, snoozed and muted stays so."""
    person = "anna_example_com"
    assert attribute(hass, f"binary_sensor.{person}_low_alert", "status") == "acknowledged"
    assert attribute(hass, f"binary_sensor.{person}_low_alert", "limit") == pytest.approx(4.2, abs=0.05)
    assert attribute(hass, f"binary_sensor.{person}_high_alert", "status") == "snoozed"
    assert hass.states.is_state(f"switch.{person}_alerts", "off")


async def test_a_follower_is_removed_when_that_was_promised(
    hass: HomeAssistant, share: Share, upgraded: Installation, freezer: FrozenDateTimeFactory
) -> None:
    """The end that was set before the upgrade is carried out after it, and no other follower is touched."""
    others = names(share) - {"Babysitter"}
    assert "Grandma" in others
    (removal,) = upgraded.entry.runtime_data.followers.removals.pending
    assert "Babysitter" in names(share)
    while dt_util.utcnow() < removal.due - 10 * MINUTE:
        await pass_time(hass, freezer, 5 * MINUTE)
    assert "Babysitter" in names(share)
    for _ in range(5):
        await pass_time(hass, freezer, 5 * MINUTE)
    assert names(share) == others


async def test_a_refused_log_in_is_not_forgotten(
    hass: HomeAssistant, share: Share, upgraded: Installation, freezer: FrozenDateTimeFactory
) -> None:
    """The pause after the refusal goes on, then it is tried again."""
    assert share.simulator.logins == 0
    for _ in range(10):
        await pass_time(hass, freezer, timedelta(minutes=1))
    assert share.simulator.logins == 1


async def test_nothing_is_taken_for_damaged(hass: HomeAssistant, upgraded: Installation) -> None:
    """Each file of the version before is read as it is."""
    assert not [issue_id for _, issue_id in ir.async_get(hass).issues if "storage_damaged" in issue_id]
