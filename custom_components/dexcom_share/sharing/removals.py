"""Followers who are to be removed at a time: kept on disk, and tried again until it is done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Self

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from ..const import DOMAIN, LOGGER
from ..display.issues import report_issue
from ..share import ShareError, ShareRequestError

if TYPE_CHECKING:
    from .coordinator import FollowersCoordinator

GONE: Final = frozenset({"ContactAlreadyDeleted", "ContactIdNotFound"})
"""Codes of Share for a contact that is not there any more."""
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5))
"""Waits after the first, second, ... failure in a row; the last one repeats, as often as glucose is asked for."""
ISSUE_AFTER: Final = timedelta(minutes=10)
"""Somebody who sees glucose this long after the time that was set is something to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A contact to be deleted, and with it the follower; due at an aware UTC time."""

    contact_id: str = field(repr=False)
    due: datetime
    is_cleanup: bool = False
    """Whether the contact is the rest of an invitation that was not finished."""

    def to_dict(self) -> dict[str, object]:
        """Return the removal as plain JSON."""
        return {"contact_id": self.contact_id, "due": self.due.isoformat(), "is_cleanup": self.is_cleanup}

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Self:
        """Return a removal as it was stored; raise ValueError when the data are damaged."""
        due = datetime.fromisoformat(str(data["due"]))
        if due.tzinfo is None:
            msg = "Damaged removal"
            raise ValueError(msg)
        return cls(contact_id=str(data["contact_id"]), due=due, is_cleanup=bool(data["is_cleanup"]))


class Removals:
    """Carries out removals when they are due, one attempt at a time."""

    def __init__(self, followers: FollowersCoordinator) -> None:
        """Start without any."""
        self._followers = followers
        self._pending: dict[str, Removal] = {}
        self._failures = 0
        self._rest_until: datetime | None = None
        self._is_running = False
        self._unsub_timer: CALLBACK_TYPE | None = None

    def load(self, removals: Iterable[Removal]) -> None:
        """Take up what was stored."""
        self._pending = {removal.contact_id: removal for removal in removals}

    def of(self, contact_id: str) -> Removal | None:
        """Return what is planned for a contact."""
        return self._pending.get(contact_id)

    def ends(self, contact_id: str) -> datetime | None:
        """Return when a follower will be removed, None when that is not planned."""
        return removal.due if (removal := self.of(contact_id)) else None

    @property
    def pending(self) -> list[Removal]:
        """Return all that is planned, the next one first."""
        return sorted(self._pending.values(), key=lambda removal: removal.due)

    async def plan(self, contact_id: str, removal: Removal | None) -> None:
        """Replace what is planned for a contact, by nothing where `removal` is None; kept on disk before it returns."""
        if removal == self.of(contact_id):
            return
        self._pending.pop(contact_id, None)
        if removal:
            self._pending[contact_id] = removal
        await self._followers.save()
        self.check()

    @callback
    def check(self) -> None:
        """Begin what is due, tell what is overdue, and watch the clock for the rest."""
        self.stop()
        now = self._followers.now()
        overdue = [removal for removal in self.pending if now - removal.due >= ISSUE_AFTER]
        report_issue(
            self._followers.hass,
            self._followers.config_entry,
            "removal_failed",
            is_true=bool(overdue),
            placeholders=lambda: {"count": str(len(overdue))},
        )
        if not self._pending or self._is_running:
            return
        next_time = max(self.pending[0].due, self._rest_until or now)
        if next_time > now:
            self._unsub_timer = async_track_point_in_utc_time(
                self._followers.hass, self._handle_time, dt_util.utcnow() + (next_time - now)
            )
            return
        self._is_running = True
        self._followers.config_entry.async_create_background_task(
            self._followers.hass, self._carry_out(), f"{DOMAIN} removals"
        )

    @callback
    def stop(self) -> None:
        """Watch the clock no longer."""
        if self._unsub_timer:
            self._unsub_timer()
            self._unsub_timer = None

    @callback
    def _handle_time(self, _: datetime) -> None:
        """Begin what is due."""
        self._unsub_timer = None
        self.check()

    async def _carry_out(self) -> None:
        """Remove those whose time has come; what fails is tried again after a pause."""
        error: ShareError | None = None
        removed = False
        try:
            async with self._followers.lock:
                now = self._followers.now()
                for removal in [removal for removal in self.pending if removal.due <= now]:
                    try:
                        await delete_contact(self._followers, removal.contact_id)
                    except ShareError as err:
                        error = err
                        continue
                    removed = True
                    del self._pending[removal.contact_id]
                    await self._followers.save()
        finally:
            self._is_running = False
        if error:
            self._rest_until = now + PAUSES[min(self._failures, len(PAUSES) - 1)]
            self._failures += 1
            LOGGER.warning("A follower whose time is over could not be removed yet (%s)", type(error).__name__)
        else:
            self._rest_until = None
            self._failures = 0
        self.check()
        if removed:
            await self._followers.async_refresh()


async def delete_contact(followers: FollowersCoordinator, contact_id: str) -> None:
    """Delete a contact; one that is gone already is fine.

    Raises:
        ShareError: it could not be done, or it is not known whether it was.
    """
    try:
        await followers.client.delete_contact(contact_id)
    except ShareRequestError as err:
        if err.code not in GONE:
            raise
