"""The texts under `common` in the translations: of sentences that we put together."""

from collections.abc import Callable, Mapping

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations, async_get_translations

from ..const import DOMAIN

type Say = Callable[..., str]
"""Returns the text of a key in the user's language, with its placeholders filled in."""


async def async_say(hass: HomeAssistant, language: str | None = None) -> Say:
    """Return the texts in a language, that of the server where none is told; those are at hand from then on."""
    return _say(await async_get_translations(hass, language or hass.config.language, "common", {DOMAIN}))


@callback
def say_at_once(hass: HomeAssistant) -> Say:
    """Return the texts in the language of the server, once `async_say` has been called for it."""
    return _say(async_get_cached_translations(hass, hass.config.language, "common", DOMAIN))


def _say(texts: Mapping[str, str]) -> Say:
    """Return some texts by their keys; one that is not there is told by its key."""

    def say(key: str, **placeholders: str) -> str:
        return texts.get(f"component.{DOMAIN}.common.{key}", key).format(**placeholders)

    return say
