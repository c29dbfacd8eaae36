"""The simulated world: accounts, what they shared, who asked for it, and the clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from random import Random

from . import dice
from .accounts import Account, Region
from .calls import Call
from .clock import Clock, ShiftedClock, utc_now
from .faults import Faults
from .followers import Followers
from .readings.latency import DelayedSource, UploadLatency
from .readings.made_up import MadeUpSource
from .readings.sources import Source


@dataclass(kw_only=True, slots=True)
class Settings:
    """What is unknown of the real server, so that everybody may set it."""

    session_life: timedelta = timedelta(hours=24)
    login_attempts: int = 10
    lock_duration: timedelta = timedelta(minutes=10)


class Simulator:
    """A Share server's accounts and clock; `make_app` puts them on the wire.

    All time comes from `clock`, also how long an upload takes, when a session ends and what the `Date` header says;
    only the switches that slow an answer down really wait. The same seed and clock give the same world.
    """

    def __init__(self, *, clock: Clock = utc_now, seed: int = 0, latency: bool = True) -> None:
        """Start with no accounts; without `latency` made-up readings are there as soon as they are taken."""
        self.clock = ShiftedClock(clock)
        self.seed = seed
        self.latency = latency
        self.started = self.now()
        self.settings = Settings()
        self.clock_offset = timedelta()
        """How far the server's own clock is off: `Date`, fault objects, `SystemUtcTime`, but no readings."""
        self.faults = Faults()
        self.accounts: list[Account] = []
        self.calls: list[Call] = []
        self.random = Random(f"{seed}/faults")

    def now(self) -> datetime:
        """Return the time of the simulated world."""
        return self.clock()

    def advance(self, step: timedelta) -> None:
        """Move the whole world forward in time."""
        self.clock.advance(step)

    def add_account(
        self,
        name: str,
        password: str,
        *,
        source: Source | None = None,
        region: Region = "any",
        display_name: str | None = None,
        time_zone: tzinfo = UTC,
    ) -> Account:
        """Add a wearer who shares with one follower; without a source their days are made up from the seed."""
        if self.account_by_name(name) is not None:
            raise ValueError("there is an account of this name already")
        now = self.now()
        account_id = dice.uuid(self.seed, "account", name)
        account = Account(
            account_id=account_id,
            name=name,
            password=password,
            display_name=name.partition("@")[0] if display_name is None else display_name,
            email=name if "@" in name else "",
            region=region,
            source=self.made_up(name, time_zone) if source is None else source,
            time_zone=time_zone,
            receiver=f"SM{int(1e8 * dice.fraction(account_id, 'receiver')):08}",
            receiver_id=dice.uuid(account_id, "receiver"),
            followers=Followers(owner_id=account_id),
        )
        account.followers.add("Follower", now)
        self.accounts.append(account)
        return account

    def made_up(self, name: str, time_zone: tzinfo = UTC) -> Source:
        """Return the made-up days of a person, with the delays of the upload where the simulator has them."""
        seed = f"{self.seed}/{name}"
        return self.delayed(MadeUpSource(seed, time_zone=time_zone, calm=self.started), name)

    def delayed(self, source: Source, name: str) -> Source:
        """Return a source whose new readings take the time of an upload, where the simulator has delays."""
        if not self.latency:
            return source
        return DelayedSource(source, UploadLatency(f"{self.seed}/{name}"), start=self.started)

    def account_by_name(self, name: str) -> Account | None:
        """Return the account of a name, None where there is none."""
        return next((account for account in self.accounts if account.name == name), None)

    def account_by_id(self, account_id: str) -> Account | None:
        """Return the account of an id, None where there is none."""
        return next((account for account in self.accounts if account.account_id == account_id), None)

    def account_of_session(self, session_id: str) -> Account | None:
        """Return the account that a session belongs or belonged to, None for a session nobody knows."""
        return next((account for account in self.accounts if session_id in account.sessions), None)

    @property
    def endpoints_called(self) -> list[str]:
        """Return the last parts of the paths that were called, in order."""
        return [call.endpoint for call in self.calls]

    @property
    def logins(self) -> int:
        """Return how many log-ins gave a session or tried to: calls of the step that opens one."""
        return sum(call.endpoint.startswith("LoginPublisherAccountBy") for call in self.calls)
