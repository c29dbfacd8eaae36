"""An account at work: log-ins are restrained and counted whatever becomes of them, and storage never holds one up."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
import time
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.dexcom_share.account import login_record, uptime as uptime_module
from custom_components.dexcom_share.account.account import Account, forget_refusals
from custom_components.dexcom_share.account.uptime import Uptime
from custom_components.dexcom_share.share import (
    AccountLockedError,
    AuthenticationError,
    ShareConnectionError,
    ShareError,
)
from custom_components.dexcom_share.share.login_guard import LockPausedError, LoginPausedError
from custom_components.dexcom_share.storage import Storage, StoredFile

from ..common import PASSWORD, Share
from ..share.test_login_guard import OLD_RECORD

HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)
LOGIN: Final = "General/LoginPublisherAccountById"


def make(hass: HomeAssistant, entry: MockConfigEntry, **options: Callable[[], None]) -> Account:
    """Return the account of a config entry."""
    if entry.entry_id not in {known.entry_id for known in hass.config_entries.async_entries()}:
        entry.add_to_hass(hass)
    return Account(hass, entry, Storage(hass, entry.entry_id), **options)


async def restarted(hass: HomeAssistant, entry: MockConfigEntry, *, has_history: bool = False) -> Account:
    """Return the account as after a restart, with what is on disk."""
    await hass.async_block_till_done()
    account = make(hass, entry)
    await account.async_load(has_history=has_history)
    return account


async def fail(account: Account) -> ShareError:
    """Log in in vain, and return why."""
    with pytest.raises(ShareError) as caught:
        await account.client.login()
    return caught.value


async def test_a_log_in_is_told_and_remembered(hass: HomeAssistant, share: Share, entry: MockConfigEntry) -> None:
    """Also across a restart; and Share's time is heard."""
    told: list[bool] = []
    account = make(hass, entry, on_login=lambda: told.append(True))
    await account.async_load()
    assert not account.clock.is_heard
    assert await account.client.login() == entry.unique_id
    assert told == [True]
    assert account.clock.is_confirmed
    assert account.guard.has_worked
    assert account.calls.calls(account.now()) == 1
    assert (await restarted(hass, entry)).guard.has_worked


async def test_a_listener_can_not_undo_a_log_in(hass: HomeAssistant, share: Share, entry: MockConfigEntry) -> None:
    """What it raises is logged."""

    def broken() -> None:
        raise RuntimeError

    account = make(hass, entry, on_login=broken)
    await account.client.login()
    assert account.client.has_session
    assert account.guard.has_worked


async def test_refusals_are_counted_across_restarts_and_steps_of_the_clock(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Three an hour; what is told of them is by the account's clock."""
    account = await restarted(hass, entry)
    await account.client.login()
    share.account.password = "another"
    sent: list[float] = []
    start = account.now()
    for _ in range(180):
        freezer.tick(MINUTE)
        account = await restarted(hass, entry)
        err = await fail(account)
        if not isinstance(err, LoginPausedError):
            sent.append((account.now() - start) / MINUTE)
            assert account.refused_since() == start + MINUTE
    assert sent == [1, 6, 21, 66, 126]
    assert account.next_login_at() == start + timedelta(minutes=126 + 120)
    assert account.guard.should_ask


async def test_a_lock_is_waited_for(hass: HomeAssistant, share: Share, entry: MockConfigEntry) -> None:
    """And told as one."""
    account = make(hass, entry)
    assert account.locked_until() is None
    assert account.refused_since() is None
    assert account.next_login_at() is None
    share.simulator.faults.login_failure = "lock"
    share.account.locked_until = dt_util.utcnow() + HOUR
    await fail(account)
    assert account.locked_until() == account.now() + 15 * MINUTE
    assert isinstance(await fail(account), LockPausedError)


@pytest.mark.parametrize(
    ("failure", "kind"), [(None, None), ("code", AuthenticationError), ("lock", AccountLockedError)]
)
async def test_a_refusal_is_known_after_a_restart(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, failure: str | None, kind: type[ShareError] | None
) -> None:
    """It tells a lock from a refused password, without a log-in."""
    account = make(hass, entry)
    if failure:
        share.account.password = "another"
        if failure == "lock":
            share.simulator.faults.login_failure = "lock"
            share.account.locked_until = dt_util.utcnow() + HOUR
        await fail(account)
    else:
        await account.client.login()
    sent = share.simulator.logins
    account = await restarted(hass, entry)
    refusal = account.refusal()
    assert (None if refusal is None else type(refusal)) is kind
    assert share.simulator.logins == sent


async def test_a_wrong_password_behind_time_outs(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Each log-in whose answer is lost may have been refused: three an hour, whatever else Share answers."""
    account = make(hass, entry)
    send = account.client._login._transport.request
    sent = 0

    async def lose(endpoint: str, *args: Any, **options: Any) -> Any:
        nonlocal sent
        if endpoint == LOGIN:
            sent += 1
            raise ShareConnectionError("lost")
        return await send(endpoint, *args, **options)

    account.client._login._transport.request = lose  # type: ignore[method-assign]
    for _ in range(60):
        await fail(account)
        freezer.tick(MINUTE)
    assert sent == 3
    assert not account.guard.should_ask


async def test_after_a_lost_answer_share_must_show_a_sign_of_life(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An outage costs one log-in, and the next one is sent as soon as Share answers anything at all."""
    account = make(hass, entry)
    send = account.client._login._transport.request
    asked: list[str] = []
    answers: list[ShareError | None] = [
        ShareConnectionError("lost"),
        ShareConnectionError("lost"),
        ShareError("what is that?"),
        None,
    ]

    async def request(endpoint: str, *args: Any, **options: Any) -> Any:
        asked.append(endpoint.rpartition("/")[2])
        if err := answers.pop(0):
            raise err
        return await send(endpoint, *args, **options)

    monkeypatch.setattr(account.client._login._transport, "request", request)
    await fail(account)
    await fail(account)
    await account.client.login()
    assert asked == ["LoginPublisherAccountById", "SystemUtcTime", "SystemUtcTime", "LoginPublisherAccountById"]
    assert not account.guard.is_last_lost


async def test_a_network_that_is_down_costs_no_log_in(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry
) -> None:
    """Nothing was sent, so nothing counts."""
    await share.server.close()
    account = make(hass, entry)
    for _ in range(20):
        assert isinstance(await fail(account), ShareConnectionError)
    assert account.next_login() is None


class Broken:
    """Storage that raises."""

    async def load(self, *_: object) -> None:
        raise RuntimeError

    async def save(self, *_: object) -> None:
        raise OSError


class Hung:
    """Storage that never comes back."""

    async def load(self, *_: object) -> None:
        await asyncio.Event().wait()

    save = load


@pytest.mark.parametrize("storage", [Broken(), Hung()])
async def test_storage_never_holds_up_a_log_in(
    hass: HomeAssistant,
    share: Share,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    freezer: FrozenDateTimeFactory,
    storage: Any,
) -> None:
    """Neither before nor after; restraint goes on by memory, and the log says it once."""
    monkeypatch.setattr(login_record, "STORAGE_SECONDS", 0.0)
    entry.add_to_hass(hass)
    account = Account(hass, entry, storage)
    await account.async_load(has_history=True)
    assert account.next_login() == 300
    freezer.tick(5 * MINUTE)
    for _ in range(3):
        await account.client.login()
        await hass.async_block_till_done()
    share.account.password = "another"
    assert isinstance(await fail(account), AuthenticationError)
    assert isinstance(await fail(account), LoginPausedError)
    assert caplog.text.count("can't be kept on disk") == 1


@pytest.mark.parametrize("record", [None, {}, {"has_worked": 5}, {**OLD_RECORD, "refused_at": ["x"]}])
async def test_a_lost_record_of_an_account_with_history(
    hass: HomeAssistant, entry: MockConfigEntry, share: Share, record: dict[str, object] | None
) -> None:
    """Restraint as if refused just now, and no question at one odd refusal; a new account simply starts."""
    if record is not None:
        await Storage(hass, entry.entry_id).save(StoredFile.LOGIN, record)
    assert (await restarted(hass, entry)).next_login() is None
    if record is not None:
        await Storage(hass, entry.entry_id).save(StoredFile.LOGIN, record)
    account = await restarted(hass, entry, has_history=True)
    assert account.next_login() == 300
    assert account.guard.has_worked
    assert not account.guard.should_ask


async def test_history_shows_that_an_account_has_worked(
    hass: HomeAssistant, entry: MockConfigEntry, share: Share
) -> None:
    """Whatever the record says."""
    await Storage(hass, entry.entry_id).save(
        StoredFile.LOGIN, {**OLD_RECORD, "has_worked": False, "refused_at": [], "locked_until": None}
    )
    assert not (await restarted(hass, entry)).guard.has_worked
    assert (await restarted(hass, entry, has_history=True)).guard.has_worked


async def test_new_credentials_forget_refusals(hass: HomeAssistant, share: Share, entry: MockConfigEntry) -> None:
    """The next set-up logs in at once."""
    account = make(hass, entry)
    await account.client.login()
    share.account.password = "another"
    await fail(account)
    assert (await restarted(hass, entry)).next_login() == 300
    await forget_refusals(hass, entry)
    share.account.password = PASSWORD
    account = await restarted(hass, entry)
    assert account.next_login() is None
    await account.client.login()


async def test_a_machine_that_does_not_tell_its_runs_apart(
    hass: HomeAssistant, share: Share, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """The clock of the wall then tells how long Home Assistant was gone."""
    monkeypatch.setattr(login_record, "_BOOT_ID", tmp_path / "none")
    account = await restarted(hass, entry)
    share.account.password = "another"
    await fail(account)
    assert (await restarted(hass, entry)).next_login() == 300


async def test_time_goes_on_while_the_machine_is_suspended(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch, freezer: FrozenDateTimeFactory
) -> None:
    """By the system's clock for it, where there is one; reading two clocks one after the other is no suspension."""
    times = {uptime_module._BOOTTIME: 100.4, time.CLOCK_MONOTONIC: 100.0}
    monkeypatch.setattr(time, "clock_gettime", times.__getitem__)
    uptime = Uptime(hass.loop)
    start = hass.loop.time()
    assert uptime() == start
    times[uptime_module._BOOTTIME] += 3600
    assert uptime() == pytest.approx(start + 3600, abs=1)
    monkeypatch.setattr(uptime_module, "_BOOTTIME", None)
    assert Uptime(hass.loop)() == start
