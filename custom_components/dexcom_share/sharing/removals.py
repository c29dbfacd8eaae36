"""Followers who are to be removed at a time: kept on disk, and tried again until it is done."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..account.account import Account
from ..const import DOMAIN, LOGGER
from ..display.issues import report_overdue_removals
from ..share import ShareClient, ShareError, ShareRequestError
from .record import Removal

GONE: Final = frozenset({"ContactAlreadyDeleted", "ContactIdNotFound"})
"""Codes of Share for a contact that is not there any more."""
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5))
"""Waits after the first, second, ... failure in a row; the last one repeats, as often as glucose is asked for."""
ISSUE_AFTER: Final = timedelta(minutes=10)
"""Somebody who sees glucose this long after the time that was set is something to tell."""
LONGEST_WAIT: Final = timedelta(hours=1)
"""The timer is set anew at least this often, as the clock of the account may have been corrected meanwhile."""


class Removals:
    """Carries out removals when they are due, one attempt at a time.

    A removal can't be undone, so nothing is removed before Share has confirmed the clock since the start.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        account: Account,
        lock: asyncio.Lock,
        *,
        save: Callable[[], Awaitable[None]],
        on_removed: Callable[[], Awaitable[None]],
    ) -> None:
        """Start without any; `lock` is held while followers change, `save` writes `pending` to disk."""
        self._hass = hass
        self._entry = entry
        self._client = account.client
        self._clock = account.clock
        self._now = account.now
        self._lock = lock
        self._save = save
        self._on_removed = on_removed
        self._pending: dict[str, Removal] = {}
        self._failures = 0
        self._rest_until: datetime | None = None
        self._is_running = False
        self._is_closed = False
        self._unsub_timer: CALLBACK_TYPE | None = None
        self._timer_job = HassJob(self._handle_time, f"{DOMAIN} removals", cancel_on_shutdown=True)

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
        await self._save()
        self.check()

    @callback
    def check(self) -> None:
        """Begin what is due, tell what is overdue, and set a timer for the rest."""
        self._cancel_timer()
        if self._is_closed or not self._clock.is_confirmed:
            # The next poll for readings confirms the clock, and checks again.
            return
        now = self._now()
        overdue = [removal for removal in self.pending if now - removal.due >= ISSUE_AFTER]
        report_overdue_removals(self._hass, self._entry, len(overdue))
        if not self._pending or self._is_running:
            return
        next_time = max(self.pending[0].due, self._rest_until or now)
        if next_time > now:
            self._unsub_timer = async_call_later(self._hass, min(next_time - now, LONGEST_WAIT), self._timer_job)
            return
        self._is_running = True
        self._entry.async_create_background_task(self._hass, self._carry_out(), f"{DOMAIN} removals")

    @callback
    def close(self) -> None:
        """Begin nothing any more; what is planned stays on disk for the next start."""
        self._is_closed = True
        self._cancel_timer()

    @callback
    def _cancel_timer(self) -> None:
        """Wait for no time any more."""
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
        try:
            async with self._lock:
                has_removed, error = await self._remove_due(self._now())
        finally:
            self._is_running = False
        if error:
            self._rest_until = self._now() + PAUSES[min(self._failures, len(PAUSES) - 1)]
            self._failures += 1
            LOGGER.warning("A follower whose time is over could not be removed yet (%s)", type(error).__name__)
        else:
            self._rest_until = None
            self._failures = 0
        self.check()
        if has_removed:
            await self._on_removed()

    async def _remove_due(self, now: datetime) -> tuple[bool, ShareError | None]:
        """Return whether somebody was removed, and the last error."""
        error: ShareError | None = None
        has_removed = False
        for removal in [removal for removal in self.pending if removal.due <= now]:
            try:
                await delete_contact(self._client, removal.contact_id)
            except ShareError as err:
                error = err
                continue
            has_removed = True
            del self._pending[removal.contact_id]
            await self._save()
        return has_removed, error


async def delete_contact(client: ShareClient, contact_id: str) -> None:
    """Delete a contact; one that is gone already is fine.

    Raises:
        ShareError: it could not be done, or it is not known whether it was.
    """
    try:
        await client.delete_contact(contact_id)
    except ShareRequestError as err:
        if err.code not in GONE:
            raise
