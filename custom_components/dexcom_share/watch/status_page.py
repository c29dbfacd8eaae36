"""Dexcom's status page: asked seldom, only while data are missing, and once for all entries."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util.hass_dict import HassKey
from yarl import URL

from ..share import STATUS_URL, ShareError, StatusIndicator, StatusSummary, read_status_summary

ASK_EVERY: Final = timedelta(minutes=10)
ASK_ANEW_AFTER: Final = timedelta(minutes=1)
"""An answer that is older may be from before what has just begun to fail."""
VALID_FOR: Final = timedelta(minutes=25)
_PAGES: Final[HassKey[dict[str, StatusPage]]] = HassKey("dexcom_share_status_pages")


class StatusPage:
    """What the status page said last."""

    def __init__(self, hass: HomeAssistant, url: str) -> None:
        """Prepare for the page at `url`; nothing is asked yet."""
        self._hass = hass
        self._url = url
        self._asked: datetime | None = None
        self._summary: StatusSummary | None = None

    async def ask(self, now: datetime, *, is_news: bool) -> bool:
        """Return whether it was asked: not if that was done less than ten minutes ago; a failure is remembered.

        `is_news` says that calls to Share have just begun to fail: what the page said then counts for one minute.
        """
        pause = ASK_ANEW_AFTER if is_news else ASK_EVERY
        if self._asked is not None and timedelta(0) <= now - self._asked < pause:
            return False
        self._asked = now
        self._summary = None
        with suppress(ShareError):
            self._summary = await read_status_summary(async_get_clientsession(self._hass), self._url)
        return True

    def is_reachable(self, now: datetime) -> bool | None:
        """Return whether the page answered, None when that was not asked lately."""
        return None if self._is_old(now) else self._summary is not None

    def reports_outage(self, now: datetime) -> bool | None:
        """Return whether the page reports trouble, None when it was not asked lately or did not answer."""
        return None if self._is_old(now) or self._summary is None else _is_outage(self._summary)

    def _is_old(self, now: datetime) -> bool:
        """Return whether the last answer is too old to count."""
        return self._asked is None or now - self._asked >= VALID_FOR


def _is_outage(summary: StatusSummary) -> bool:
    """Return whether the page speaks of trouble that can stop readings: a large one, or one of Share or Follow."""
    return summary.indicator in {StatusIndicator.MAJOR, StatusIndicator.CRITICAL} or any(
        word in component.name.lower() for component in summary.affected for word in ("share", "follow")
    )


def status_page(hass: HomeAssistant, base_url: str | None) -> StatusPage:
    """Return the status page of a Share server: Dexcom's, or the one beside a server of the user's own."""
    url = str(URL(base_url).with_path("/api/v2/summary.json")) if base_url else STATUS_URL
    return hass.data.setdefault(_PAGES, {}).setdefault(url, StatusPage(hass, url))
