"""The websocket commands of cards: what they answer, who may ask, and what a subscription tells when."""

from datetime import timedelta
from typing import Any, Final

from freezegun import api as freezegun
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket, WebSocketGenerator

from custom_components.dexcom_share.glucose.reading_columns import milliseconds
from custom_components.dexcom_share.share import GlucoseReading

from .common import MINUTE, VALUE
from .watching import Watch

MS: Final = 60_000


class Card:
    """A card with a line to Home Assistant."""

    def __init__(self, hass: HomeAssistant, client: MockHAClientWebSocket) -> None:
        self._hass = hass
        self._client = client
        self._events: list[dict[str, Any]] = []

    async def ask(self, command: str, **data: Any) -> Any:
        """Return the answer to a command."""
        await self._client.send_json_auto_id({"type": f"dexcom_share/{command}", **data})
        while (message := await self._client.receive_json())["type"] == "event":
            self._events.append(message["event"])
        return message

    async def result(self, command: str, **data: Any) -> Any:
        """Return the result of a command that succeeds."""
        answer = await self.ask(command, **data)
        assert answer["success"], answer
        return answer["result"]

    async def refusal(self, command: str, **data: Any) -> str:
        """Return the code, or the key of the text, of a command that is refused."""
        answer = await self.ask(command, **data)
        assert not answer["success"], answer
        return str(answer["error"].get("translation_key") or answer["error"]["code"])

    async def event(self) -> dict[str, Any]:
        """Return what the subscription tells next."""
        if self._events:
            return self._events.pop(0)
        message = await self._client.receive_json()
        assert message["type"] == "event", message
        event: dict[str, Any] = message["event"]
        return event

    async def wait(self, watch: Watch, minutes: int) -> dict[str, Any]:
        """Let time pass in steps that the line's own guard bears, and return what was told last."""
        for _ in range(minutes):
            watch.freezer.tick(MINUTE)
            await self.result("persons")
        watch.glucose.async_refresh_snapshot()
        await self.result("persons")
        told = self._events[-1]
        self._events.clear()
        return told

    async def is_told_nothing(self) -> bool:
        """Return whether the line was silent up to now."""
        await self._hass.async_block_till_done()
        await self.result("persons")
        return not self._events


async def read(watch: Watch, value: int) -> None:
    """Let a reading come; not by the timers, among which those of the line are."""
    watch.freezer.tick(5 * MINUTE)
    watch.share.add_reading(value)
    await watch.glucose.async_refresh()


@pytest.fixture
async def card(watch: Watch, hass_ws_client: WebSocketGenerator) -> Card:
    """Return a card of an administrator, and let the person be set up."""
    await watch.set_up(104, 112)
    return Card(watch.hass, await hass_ws_client(watch.hass))


async def test_the_readings_of_a_span(watch: Watch, card: Card) -> None:
    """By hours or by moments; each is a pair of milliseconds and mg/dL."""
    newest = watch.glucose.history.newest
    assert newest
    at = milliseconds(newest.time)
    told = await card.result("history", entry_id=watch.entry.entry_id, hours=1)
    assert told["readings"] == [[at - 5 * MS, 104], [at, 112]]
    assert told["end"] - told["start"] == 60 * MS
    assert told["marks"] == []
    told = await card.result("history", entry_id=watch.entry.entry_id, start=at - 5 * MS, end=at - 1)
    assert told["readings"] == [[at - 5 * MS, 104]]
    assert (await card.result("history", entry_id=watch.entry.entry_id))["readings"] == [[at - 5 * MS, 104], [at, 112]]
    refusal = await card.refusal("history", entry_id=watch.entry.entry_id, start=at, end=at)
    assert refusal == "span_empty"
    refusal = await card.refusal("history", entry_id=watch.entry.entry_id, start=0, end=at - 91 * 1440 * MS)
    assert refusal == "span_too_early"
    assert await card.refusal("history", entry_id=watch.entry.entry_id, hours=0) == "invalid_format"


async def test_a_day_is_quick(watch: Watch, card: Card) -> None:
    """A day takes less than 5 ms, also out of 90 days."""
    now = dt_util.utcnow()
    readings = [GlucoseReading(now - place * 5 * MINUTE, 100 + place % 80) for place in range(1, 90 * 288)]
    watch.glucose.history.merge(readings, now)
    best = 1.0
    for _ in range(5):
        begin = freezegun.real_perf_counter()
        told = await card.result("history", entry_id=watch.entry.entry_id, hours=24)
        best = min(best, freezegun.real_perf_counter() - begin)
    assert len(told["readings"]) == 290
    assert 0 < best < 0.005


async def test_persons_are_listed_with_their_entities(watch: Watch, card: Card) -> None:
    """An editor can offer them, and a dashboard knows what there is."""
    [person] = await card.result("persons")
    assert person["entry_id"] == watch.entry.entry_id
    assert person["loaded"] is person["may_snooze"] is person["may_acknowledge"] is True
    assert person["name"] == watch.entry.title
    assert person["entities"]["glucose_value"] == VALUE
    assert {"snooze_alerts", "acknowledge_alerts", "glucose_alert", "alert"} <= set(person["entities"])


async def test_a_user_is_told_what_their_policy_allows(
    watch: Watch, hass_ws_client: WebSocketGenerator, hass_read_only_access_token: str, hass_read_only_user: MockUser
) -> None:
    """Who may read sees everything and may answer nothing; who may not even read is told of nobody."""
    await watch.set_up(104, 112)
    card = Card(watch.hass, await hass_ws_client(watch.hass, hass_read_only_access_token))
    [person] = await card.result("persons")
    assert person["may_snooze"] is person["may_acknowledge"] is False
    assert (await card.result("history", entry_id=watch.entry.entry_id))["readings"]

    hass_read_only_user.mock_policy({"entities": {"entity_ids": {"light.kitchen": True}}})
    assert await card.result("persons") == []
    for command in ("history", "subscribe", "statistics"):
        assert await card.refusal(command, entry_id=watch.entry.entry_id) == "unauthorized"


async def test_who_is_meant_must_be_there(watch: Watch, card: Card) -> None:
    """Neither an id nobody has nor the entry of another integration is a person; one not loaded is told as that."""
    for command in ("history", "subscribe", "statistics"):
        assert await card.refusal(command, entry_id="nobody") == "person_unknown"
    await watch.hass.config_entries.async_unload(watch.entry.entry_id)
    for command in ("history", "statistics"):
        assert await card.refusal(command, entry_id=watch.entry.entry_id) == "person_not_loaded"
    assert [person["loaded"] for person in await card.result("persons")] == [False]


async def test_a_subscription_tells_what_is_known(watch: Watch, card: Card) -> None:
    """At first everything there is."""
    assert await card.result("subscribe", entry_id=watch.entry.entry_id) is None
    told = await card.event()
    newest = watch.glucose.history.newest
    assert newest
    at = milliseconds(newest.time)
    assert told["loaded"] is True
    assert told["unit"] == "mg/dL"
    assert told["limits"] == {"urgent_low": 55, "low": 70, "high": 250, "urgent_high": None}
    assert told["reading"] == {
        "time": at,
        "value": 112,
        "change": 8,
        "trend": "steady",
        "fades_at": at + 450_000,
        "stale_at": at + 11 * MS,
        "ends_at": at + 15 * MS,
    }
    assert told["now"] - at == 20_000
    assert (told["is_current"], told["is_stale"], told["status"], told["range"]) == (True, False, "ok", "in_range")
    assert set(told["forecast"]) == {"value", "minutes", "urgent_low_chance"}
    assert told["alerts"] == told["marks"] if "marks" in told else told["alerts"] == []
    assert told["readings"] == [[at - 5 * MS, 104], [at, 112]]


async def test_a_subscription_follows_alerts_and_answers(watch: Watch, card: Card) -> None:
    """A low is told with since when it is, an answer with its moment; readings come along only when there are new."""
    await card.result("subscribe", entry_id=[watch.entry.entry_id])
    await card.event()
    await read(watch, 65)
    told = await card.event()
    assert told["readings"][-1][1] == 65
    [alert] = told["alerts"]
    assert (alert["kind"], alert["status"], alert["is_raised"]) == ("low", "active", True)
    assert alert["since"] == told["reading"]["time"]
    assert [mark[1:] for mark in (await card.event())["marks"]] == [["raised", "low"]]

    await watch.call("acknowledge")
    told = await card.event()
    assert "readings" not in told
    assert told["alerts"][0]["status"] == "acknowledged"
    assert told["alerts"][0]["acknowledged_at"] == milliseconds(dt_util.utcnow())
    marks = (await card.event())["marks"]
    assert [mark[1:] for mark in marks] == [["raised", "low"], ["acknowledged", "low"]]

    await watch.call("test_alert", kind="high")
    assert await card.is_told_nothing()
    await watch.call("snooze", duration={"minutes": 30})
    told = await card.event()
    assert told["alerts"][0]["snoozed_until"] == milliseconds(dt_util.utcnow()) + 30 * MS
    assert (await card.event())["marks"][-1][1:] == ["snoozed", "low"]
    await watch.call("treated")
    told = await card.event()
    assert told["alerts"][0]["status"] == "treated"
    assert told["alerts"][0]["snoozed_until"] is None
    assert told["alerts"][0]["treated_until"] == milliseconds(dt_util.utcnow()) + 15 * MS


async def test_a_subscription_tells_when_a_value_ends(watch: Watch, card: Card) -> None:
    """Once a value is no longer current it is not even sent; the cause is."""
    await card.result("subscribe", entry_id=watch.entry.entry_id)
    assert (await card.event())["is_stale"] is False
    told = await card.wait(watch, 11)
    assert told["is_stale"] is told["is_current"] is True
    assert told["reading"]["value"] == 112
    told = await card.wait(watch, 4)
    assert told["is_current"] is False
    assert told["reading"]["value"] is told["reading"]["change"] is told["forecast"] is told["range"] is None
    assert told["status"] != "ok"


async def test_a_subscription_outlives_a_reload(watch: Watch, card: Card) -> None:
    """It says that nobody watches, and goes on with the person who is set up anew."""
    await card.result("subscribe", entry_id=watch.entry.entry_id)
    await card.event()
    await watch.hass.config_entries.async_reload(watch.entry.entry_id)
    await watch.hass.async_block_till_done()
    told = [await card.event(), await card.event()]
    assert [event["loaded"] for event in told] == [False, True]
    assert "readings" not in told[1]
    await read(watch, 120)
    assert (await card.event())["readings"][-1][1] == 120


async def test_a_subscription_follows_the_unit(watch: Watch, card: Card) -> None:
    """Another unit chosen for the sensor counts at once."""
    await card.result("subscribe", entry_id=watch.entry.entry_id)
    assert (await card.event())["unit"] == "mg/dL"
    er.async_get(watch.hass).async_update_entity_options(VALUE, "sensor", {"unit_of_measurement": "mmol/L"})
    assert (await card.event())["unit"] == "mmol/L"


async def test_a_subscription_ends(watch: Watch, card: Card) -> None:
    """Who unsubscribes is told nothing more, whether the person is watched or not."""
    for _ in range(2):
        answer = await card.ask("subscribe", entry_id=watch.entry.entry_id)
        await card.event()
        await card._client.send_json_auto_id({"type": "unsubscribe_events", "subscription": answer["id"]})
        assert (await card._client.receive_json())["success"]
        if watch.entry.state is ConfigEntryState.LOADED:
            await read(watch, 120)
            assert await card.is_told_nothing()
            await watch.hass.config_entries.async_unload(watch.entry.entry_id)


async def test_a_person_without_entities_is_for_administrators(watch: Watch, card: Card) -> None:
    """Where the glucose sensor is gone from the registry there is still something to tell."""
    er.async_get(watch.hass).async_remove(VALUE)
    await card.result("subscribe", entry_id=watch.entry.entry_id, hours=2)
    assert "glucose_value" not in (await card.event())["entities"]


async def test_the_statistics(watch: Watch, card: Card) -> None:
    """The report of some days, in the person's unit."""
    now = dt_util.utcnow()
    readings = [GlucoseReading(now - timedelta(days=2) + place * 5 * MINUTE, 126) for place in range(500)]
    watch.glucose.history.merge(readings, now)
    er.async_get(watch.hass).async_update_entity_options(VALUE, "sensor", {"unit_of_measurement": "mmol/L"})
    told = await card.result("statistics", entry_id=watch.entry.entry_id, days=2)
    assert told["unit"] == "mmol/L"
    assert told["figures"]["median"] == 7.0
    assert len(told["profile"]) == 96
    assert len(told["days"]) == 3
    assert await card.refusal("statistics", entry_id=watch.entry.entry_id, days=91) == "invalid_format"
