"""What keeps readings from coming: by how the polls end, what is known of sharing, and what the status page says."""

from collections.abc import Callable
from datetime import datetime

from ..glucose.data_status import DataStatus, Evidence, SharingFacts, data_status
from ..glucose.snapshot import Snapshot
from ..share import ShareError
from .status_page import StatusPage


class CauseFinder:
    """Keeps what speaks for a cause, and asks the status page while Share fails or a reading is overdue."""

    def __init__(
        self, page: StatusPage, sharing_facts: Callable[[], SharingFacts], *, error: ShareError | None
    ) -> None:
        """Begin with the failure that was left from before the start, None where there is none."""
        self.error = error
        self._page = page
        self._sharing_facts = sharing_facts
        self._failures = 0

    @property
    def is_asked_to_wait(self) -> bool:
        """Return whether Share has named a pause."""
        return getattr(self.error, "retry_after_seconds", None) is not None

    def note_failure(self, error: ShareError) -> None:
        """Note that a call failed."""
        self.error = error
        self._failures += 1

    def note_success(self) -> None:
        """Note that Share answered."""
        self.error = None
        self._failures = 0

    def status(self, snapshot: Snapshot, now: datetime, *, may_be_current: bool) -> DataStatus:
        """Return the most telling cause; `may_be_current` says that a reading could be told to be current."""
        sharing = self._sharing_facts()
        return data_status(
            Evidence(
                is_stale=snapshot.is_stale and (may_be_current or self.error is not None),
                is_failing=self.error is not None and (self._failures > 1 or self.is_asked_to_wait),
                error=self.error,
                status_page_reachable=self._page.is_reachable(now),
                outage_reported=self._page.reports_outage(now),
                sharing=sharing.sharing,
                has_follower=sharing.has_follower,
            )
        )

    async def ask(self, now: datetime) -> bool:
        """Return whether the status page was asked, and so may say something new; a failure is remembered."""
        # The first two failures in a row: what the page said may be from before.
        return await self._page.ask(now, is_news=0 < self._failures <= 2)
