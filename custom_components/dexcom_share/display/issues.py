"""Repair issues of one person: when each is true, and what it says; gone when it is mended."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..glucose.data_status import DataStatus
from ..glucose.snapshot import Snapshot
from .times import local_time

CLOCK_WRONG_FROM: Final = timedelta(minutes=2)
"""A clock that is off by more makes automations by the time of day late."""
NOT_UPLOADING_FROM: Final = timedelta(hours=1)
"""Readings that are missing for longer are told as an issue; until then the sensors are enough."""


@callback
def report_issue(
    hass: HomeAssistant,
    entry: ConfigEntry,
    key: str,
    *,
    is_true: bool,
    is_fixable: bool = False,
    placeholders: Callable[[], Mapping[str, str]] = dict,
    part: str | None = None,
) -> None:
    """Show the issue with this translation key while it is true of this person, and withdraw it when it is not.

    `part` is the id of what it is about where a person has several of them.
    """
    issue_id = f"{key}_{entry.entry_id}" if part is None else f"{key}_{entry.entry_id}_{part}"
    if not is_true:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        data={"entry_id": entry.entry_id},
        is_fixable=is_fixable,
        severity=ir.IssueSeverity.WARNING,
        translation_key=key,
        translation_placeholders={"person": entry.title, **placeholders()},
    )


@callback
def report_person_issues(
    hass: HomeAssistant, entry: ConfigEntry, snapshot: Snapshot, clock_offset: timedelta | None
) -> None:
    """Tell of a wrong clock of this machine, of readings that have been missing for long, and of a long mute.

    `clock_offset` is Share's time minus the machine's, None where it is not known.
    """
    offset = abs(clock_offset or timedelta(0))
    newest = snapshot.newest
    report_issue(
        hass,
        entry,
        "clock_wrong",
        is_true=offset > CLOCK_WRONG_FROM,
        placeholders=lambda: {"minutes": str(round(offset / timedelta(minutes=1)))},
    )
    report_issue(
        hass,
        entry,
        "not_uploading",
        is_true=snapshot.status is DataStatus.NOT_UPLOADING
        and snapshot.is_time_known
        and (snapshot.age is None or snapshot.age >= NOT_UPLOADING_FROM),
        placeholders=lambda: {"since": local_time(newest.time) if newest else "-"},
    )
    mute = snapshot.alerts.mute
    report_issue(
        hass,
        entry,
        "muted_long",
        is_true=mute is not None and mute.is_long,
        placeholders=lambda: {"until": local_time(mute.until if mute else None)},
    )


@callback
def report_sharing_issues(
    hass: HomeAssistant, entry: ConfigEntry, *, is_missing: bool, sharing: bool | None, has_follower: bool | None
) -> None:
    """Tell why no readings come, while none come though Share answers; else both facts may be misreported."""
    report_issue(hass, entry, "sharing_off", is_true=is_missing and sharing is False)
    report_issue(hass, entry, "no_follower", is_true=is_missing and has_follower is False, is_fixable=True)


@callback
def report_overdue_removals(hass: HomeAssistant, entry: ConfigEntry, count: int) -> None:
    """Tell of followers who should have been removed a while ago."""
    report_issue(hass, entry, "removal_failed", is_true=count > 0, placeholders=lambda: {"count": str(count)})


@callback
def report_abandoned_removals(hass: HomeAssistant, entry: ConfigEntry, count: int) -> None:
    """Tell, when a person is removed, of followers whom nobody will remove any more."""
    if not count:
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"removals_abandoned_{entry.entry_id}",
        is_fixable=False,
        is_persistent=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key="removals_abandoned",
        translation_placeholders={"count": str(count)},
    )


@callback
def withdraw_all(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Withdraw every issue about a person, also those reported elsewhere: each id holds that of the entry."""
    for domain, issue_id in list(ir.async_get(hass).issues):
        if domain == DOMAIN and entry.entry_id in issue_id:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
