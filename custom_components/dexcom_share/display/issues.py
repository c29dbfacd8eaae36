"""Repair issues of one person: there while they are true, gone when they are mended."""

from collections.abc import Callable, Mapping

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..person import DexcomShareConfigEntry


@callback
def report_issue(
    hass: HomeAssistant,
    entry: DexcomShareConfigEntry,
    key: str,
    *,
    is_true: bool,
    is_fixable: bool = False,
    placeholders: Callable[[], Mapping[str, str]] = dict,
) -> None:
    """Show the issue with this translation key while it is true of this person, and withdraw it when it is not."""
    issue_id = f"{key}_{entry.entry_id}"
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


def report_person_issues(hass, entry, snapshot, offset):
    return None
