"""The chain for somebody who has none: each alert goes to the phones at once, again with each repeat of the alert."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import Context, HomeAssistant

from ..display.texts import async_say
from ..glucose.alerts.kinds import AlertKind
from ..watch.chain_settings import SUBENTRY_TYPE, ChainSettings, ChainStep, StepKind
from .calling import call
from .checking import problems_of
from .steps import CONF_DEVICES, Action, notify_service

KINDS: Final = frozenset(AlertKind) - {AlertKind.FALLING_FAST, AlertKind.RISING_FAST}


def simplest_chain(title: str, phones: Iterable[str]) -> ConfigSubentryData:
    """Return the subentry of a chain that tells phones (ids of their devices), for the set-up of a person."""
    phone = ChainStep(kind=StepKind.PHONE, after=timedelta(0), data={CONF_DEVICES: list(phones)})
    settings = ChainSettings(kinds=KINDS, steps=(phone,))
    return ConfigSubentryData(data=settings.to_dict(), subentry_type=SUBENTRY_TYPE, title=title, unique_id=None)


async def async_send_test(hass: HomeAssistant, phones: Iterable[str], title: str) -> bool:
    """Send a test to phones, and return whether each of them took it."""
    say = await async_say(hass)
    # A name is no template, whatever it looks like.
    variables = {"title": title, "message": say("chain_test")}
    data = {"title": "{{ title }}", "message": "{{ message }}"}
    actions: list[Action] = [
        {"action": f"notify.{notify_service(hass, device_id)}", "data": data} for device_id in phones
    ]
    try:
        await call(hass, actions, variables, context=Context())
    except Exception:  # noqa: BLE001  (whatever an action raises)
        return False
    return not problems_of(hass, actions)
