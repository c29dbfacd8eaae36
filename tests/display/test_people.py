"""Users by their names."""

from homeassistant.core import Context, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.dexcom_share.display.people import async_user_name


@pytest.mark.parametrize(("name", "shown"), [("Demo", "Demo"), (None, None)])
async def test_a_user_has_a_name(hass: HomeAssistant, name: str | None, shown: str | None) -> None:
    """One without a name is nobody that could be told."""
    user = MockUser(name=name).add_to_hass(hass)
    assert await async_user_name(hass, Context(user_id=user.id)) == shown


@pytest.mark.parametrize("context", [None, Context(), Context(user_id="gone")])
async def test_nobody(hass: HomeAssistant, context: Context | None) -> None:
    """An automation has no user, and one that is gone has no name."""
    assert await async_user_name(hass, context) is None
