"""Who did something in Home Assistant, by the name that others read."""

from homeassistant.core import Context, HomeAssistant


async def async_user_name(hass: HomeAssistant, context: Context | None) -> str | None:
    """Return the name of the user who acted, None for an automation or a user that is gone."""
    if context is None or context.user_id is None:
        return None
    user = await hass.auth.async_get_user(context.user_id)
    return user.name or None if user else None
