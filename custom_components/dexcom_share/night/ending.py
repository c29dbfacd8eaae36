"""The end of a chain on the phones, and in a house whose person is gone."""

from collections.abc import Iterable

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context, HomeAssistant, callback

from ..const import DOMAIN, LOGGER
from ..storage import Storage, StorageError, StoredFile
from ..watch.chain_settings import ChainSettings
from .borrowing import Borrowed
from .calling import call
from .steps import Action, notify_service, phones_of
from .stored import parse_chains


def tag_of(chain_id: str) -> str:
    """Return what the notifications of a chain replace each other by."""
    return f"{DOMAIN}-{chain_id}"


@callback
def async_tell_phones(
    hass: HomeAssistant, device_ids: Iterable[str], *, tag: str, title: str, message: str | None = None
) -> None:
    """Replace the notifications of a chain by a message, or clear them; nothing waits for it."""
    # A name is no template, whatever it looks like.
    variables = {"title": title, "message": message or "clear_notification"}
    data: Action = {"message": "{{ message }}", "data": {"tag": tag}}
    if message:
        data["title"] = "{{ title }}"
    for device_id in device_ids:
        action: Action = {"action": f"notify.{notify_service(hass, device_id)}", "data": dict(data)}
        hass.async_create_background_task(_tell(hass, action, variables), f"{DOMAIN} chain end", eager_start=True)


async def async_leave_house(hass: HomeAssistant, entry: ConfigEntry, storage: Storage) -> None:
    """Put back what the chains of a removed person have switched on, and clear their notifications.

    `storage` still holds what was stored. Nothing waits for devices.
    """
    try:
        stored = await storage.load(StoredFile.CHAINS, parse_chains)
    except StorageError:
        return
    for chain_id, (state, loans) in (stored or {}).items():
        borrowed = Borrowed(hass, chain_id, _nothing)
        borrowed.async_restore(loans)
        hass.async_create_background_task(borrowed.async_give_back(Context()), f"{DOMAIN} chain end", eager_start=True)
        subentry = entry.subentries.get(chain_id)
        if subentry and state.chain.is_running:
            phones = phones_of(ChainSettings.from_dict(subentry.data).steps)
            async_tell_phones(hass, phones, tag=tag_of(chain_id), title=entry.title)


async def _tell(hass: HomeAssistant, action: Action, variables: dict[str, str]) -> None:
    """Tell one phone; where that fails, the notification stays."""
    try:
        await call(hass, [action], variables, context=Context())
    except Exception:  # noqa: BLE001  (whatever an action raises)
        LOGGER.debug("A phone could not be told that an alert is over")


def _nothing() -> None:
    """Store nothing: the person is gone."""
