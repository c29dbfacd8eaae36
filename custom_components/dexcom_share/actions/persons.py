"""Whom a call means, who may act for them, and the fields that several actions share."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_CONFIG_ENTRY_ID, Platform
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError, Unauthorized, UnknownUser
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.service import async_get_config_entry
from homeassistant.helpers.target import TargetSelection
import voluptuous as vol

from ..const import DOMAIN
from ..display.failures import mistake, sentence
from ..person import DexcomShareConfigEntry, Person
from ..targets import entries_meant

ENTRY_FIELDS: Final[dict[vol.Marker, Any]] = {vol.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}


@dataclass(frozen=True, slots=True)
class Right:
    """What a caller must be allowed to do: to control or to read the entity of a person with this key."""

    platform: Platform
    key: str
    policy: str


READ_GLUCOSE: Final = Right(Platform.SENSOR, "value", POLICY_READ)


def press(button: str) -> Right:
    """Return the right to press a button."""
    return Right(Platform.BUTTON, button, POLICY_CONTROL)


def time_span(value: object) -> timedelta:
    """Return a span that is not negative, as Home Assistant takes it for a duration."""
    try:
        span: timedelta = cv.positive_time_period(value)
    except OverflowError:
        raise vol.Invalid("a duration longer than the calendar") from None
    return span


def person_of(call: ServiceCall) -> Person:
    """Return the person that an action of administrators is about: the one given, or the only one."""
    entry: DexcomShareConfigEntry = async_get_config_entry(call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID))
    return entry.runtime_data


async def targeted_entries(call: ServiceCall, right: Right) -> list[DexcomShareConfigEntry]:
    """Return the entries of the persons whom the targets mean, loaded or not.

    Raises:
        ServiceValidationError: the targets mean nobody.
        Unauthorized: the caller has not this right on one of them; nothing is to be done.
    """
    targeted = entries_meant(call.hass, TargetSelection(call.data))
    entries = [entry for entry in call.hass.config_entries.async_entries(DOMAIN) if entry.entry_id in targeted]
    if not entries:
        raise mistake("no_person_targeted")
    for entry in entries:
        await _check_permission(call, entry, right)
    return entries


async def readable_entries(call: ServiceCall) -> list[DexcomShareConfigEntry]:
    """Return the entries of the persons whom the targets mean, all of them loaded.

    Raises:
        ServiceValidationError: the targets mean nobody, or somebody who is not loaded.
        Unauthorized: the caller may not read the glucose of one of them.
    """
    refusals = Refusals(call)
    entries = refusals.loaded(await targeted_entries(call, READ_GLUCOSE))
    refusals.raise_any()
    return entries


async def _check_permission(call: ServiceCall, entry: DexcomShareConfigEntry, right: Right) -> None:
    """Raise `Unauthorized` unless an automation calls, or a user who has the right."""
    context = call.context
    if context.user_id is None:
        return
    user = await call.hass.auth.async_get_user(context.user_id)
    if user is None:
        raise UnknownUser(context=context, permission=right.policy)
    if not may(call.hass, user, entry, right):
        raise Unauthorized(
            context=context, user_id=user.id, entity_id=_entity_id(call.hass, entry, right),
            config_entry_id=entry.entry_id, permission=right.policy,
        )  # fmt: skip


def may(hass: HomeAssistant, user: User, entry: DexcomShareConfigEntry, right: Right) -> bool:
    """Return whether a user has a right on a person; where the entity is gone, administrators have it."""
    entity_id = _entity_id(hass, entry, right)
    return user.is_admin if entity_id is None else user.permissions.check_entity(entity_id, right.policy)


def _entity_id(hass: HomeAssistant, entry: DexcomShareConfigEntry, right: Right) -> str | None:
    """Return the entity that a right is about, None where there is none."""
    return er.async_get(hass).async_get_entity_id(right.platform, DOMAIN, f"{entry.unique_id}_{right.key}")


async def check_administrator(call: ServiceCall) -> None:
    """Raise `Unauthorized` unless an automation calls, or an administrator."""
    if call.context.user_id is None:
        return
    user = await call.hass.auth.async_get_user(call.context.user_id)
    if user is None or not user.is_admin:
        raise Unauthorized(context=call.context, user_id=call.context.user_id)


class Refusals:
    """Who of several persons refused: told once all that can be done has been done."""

    def __init__(self, call: ServiceCall) -> None:
        """Start without a refusal."""
        self._hass = call.hass
        self._names: dict[str, list[str]] = {}

    def add(self, key: str, entry: DexcomShareConfigEntry) -> None:
        """Note that a person refused, with the key of the reason."""
        self._names.setdefault(key, []).append(entry.title)

    def loaded(self, entries: list[DexcomShareConfigEntry]) -> list[DexcomShareConfigEntry]:
        """Return the entries that are loaded, and note the others as refusals."""
        for entry in entries:
            if entry.state is not ConfigEntryState.LOADED:
                self.add("person_not_loaded", entry)
        return [entry for entry in entries if entry.state is ConfigEntryState.LOADED]

    def raise_any(self) -> None:
        """Raise what is to be told, if somebody refused."""
        reasons = {key: {"person": ", ".join(names)} for key, names in self._names.items()}
        if len(reasons) == 1:
            ((key, placeholders),) = reasons.items()
            raise mistake(key, **placeholders)
        if reasons:
            raise self._several(reasons)

    def _several(self, reasons: dict[str, dict[str, str]]) -> HomeAssistantError:
        """Return the error for refusals of more than one kind."""
        told = ". ".join(sentence(self._hass, key, placeholders) for key, placeholders in reasons.items())
        return mistake("several_refused", reasons=told)
