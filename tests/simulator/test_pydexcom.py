"""Another client of the real service, unchanged but for the address, against the simulator."""

import asyncio
from collections.abc import Callable

import pydexcom
from pydexcom import Dexcom, Region
from pydexcom.errors import AccountError, AccountErrorEnum, ArgumentError, ServerError
import pytest

from simulator import Account, DelayedSource, Limited, MadeUpSource, Simulator, UploadLatency

from .conftest import NAME, PASSWORD, SERVICES, START, Clock, Wire


@pytest.fixture
def person(simulator: Simulator) -> Account:
    """Return somebody whose days are made up."""
    source = DelayedSource(MadeUpSource("pydexcom"), UploadLatency("pydexcom"), start=START)
    return simulator.add_account("person", PASSWORD, source=source)


@pytest.fixture
def _address(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead every region of the client to the simulator."""
    monkeypatch.setenv("NO_PROXY", "*")
    for region in Region:
        monkeypatch.setitem(pydexcom.const.DEXCOM_BASE_URLS, region, str(wire.client.make_url(SERVICES)))


async def in_thread[T](work: Callable[[], T]) -> T:
    """Return what blocking work returns, while the simulator goes on answering."""
    return await asyncio.to_thread(work)


def expected(account: Account, clock: Clock, count: int) -> list[tuple[int, int, str]]:
    """Return what the simulator holds, as the client shows it: milliseconds, value, trend; newest first."""
    records = account.latest(clock.time.replace(day=13), clock.time, count)
    return [(round(record.time.timestamp() * 1000), record.value, record.trend) for record in reversed(records)]


def shown(readings: list[pydexcom.GlucoseReading]) -> list[tuple[int, int, str]]:
    """Return what the client shows."""
    return [
        (round(reading.datetime.timestamp() * 1000), reading.value, reading.trend_direction) for reading in readings
    ]


@pytest.mark.usefixtures("_address")
async def test_reads_what_the_simulator_holds(person: Account, clock: Clock) -> None:
    """A day of readings; through a name or an id; and again later."""
    client = await in_thread(lambda: Dexcom(username="person", password=PASSWORD))
    assert client.account_id == person.account_id
    day = await in_thread(client.get_glucose_readings)
    assert len(day) > 270
    assert shown(day) == expected(person, clock, 288)
    clock.time = START.replace(hour=14)
    by_id = await in_thread(lambda: Dexcom(account_id=person.account_id, password=PASSWORD))
    assert shown(await in_thread(lambda: by_id.get_glucose_readings(60, 10))) == expected(person, clock, 10)
    latest = await in_thread(client.get_latest_glucose_reading)
    assert latest is not None
    assert shown([latest]) == expected(person, clock, 1)


@pytest.mark.usefixtures("_address", "account")
async def test_every_region(simulator: Simulator, clock: Clock) -> None:
    """The Japanese client has another application id."""
    simulator.accounts[0].region = "jp"
    client = await in_thread(lambda: Dexcom(username=NAME, password=PASSWORD, region=Region.JP))
    current = await in_thread(client.get_current_glucose_reading)
    assert current is not None
    assert current.value == 111
    with pytest.raises(AccountError):
        await in_thread(lambda: Dexcom(username=NAME, password=PASSWORD, region=Region.OUS))


@pytest.mark.usefixtures("_address")
async def test_refusals_are_understood(simulator: Simulator, account: Account) -> None:
    """Wrong password, wrong name, wrong id, too many attempts, both kinds of refusal."""

    async def refused(**arguments: str) -> object:
        with pytest.raises(AccountError) as caught:
            await in_thread(lambda: Dexcom(**{"password": PASSWORD, **arguments}))  # type: ignore[arg-type]
        return caught.value.enum

    failed = AccountErrorEnum.FAILED_AUTHENTICATION
    assert await refused(username=NAME, password="wrong") is failed
    assert await refused(username="nobody") is failed
    assert await refused(account_id=account.account_id, password="wrong") is failed
    assert await refused(account_id="12345678-1234-4321-8765-123456789abc") is failed
    simulator.faults.login_failure = "SSO_InternalError"
    assert await refused(username=NAME, password="wrong") is failed
    simulator.faults.lock_login = True
    simulator.faults.lock_spelling = "Exceeded"
    assert await refused(username=NAME) is AccountErrorEnum.MAX_ATTEMPTS


@pytest.mark.usefixtures("_address")
async def test_session_is_renewed(simulator: Simulator, account: Account) -> None:
    """Whether it is expired or unknown."""
    client = await in_thread(lambda: Dexcom(username=NAME, password=PASSWORD))
    for forget in (False, True):
        account.end_sessions(forget=forget)
        assert len(await in_thread(client.get_glucose_readings)) == 12
    assert simulator.logins == 3


@pytest.mark.usefixtures("_address")
async def test_trouble_is_understood(simulator: Simulator, account: Account) -> None:
    """Nil sessions, pages of a gateway, unknown codes, numbers for trends, empty lists."""
    client = await in_thread(lambda: Dexcom(username=NAME, password=PASSWORD))
    simulator.faults.html_status = Limited(503, calls=1)
    with pytest.raises(ServerError):
        await in_thread(client.get_glucose_readings)
    simulator.faults.fault_code = Limited("SomethingNew", calls=1)
    with pytest.raises(ServerError):
        await in_thread(client.get_glucose_readings)
    simulator.faults.trend_as = Limited("int", calls=1)
    with pytest.raises(ArgumentError):
        await in_thread(client.get_glucose_readings)
    account.sharing = False
    assert await in_thread(client.get_current_glucose_reading) is None
    simulator.faults.nil_id = True
    with pytest.raises(ArgumentError):
        await in_thread(lambda: Dexcom(username=NAME, password=PASSWORD))
