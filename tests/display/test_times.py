"""Times as the user's clock shows them."""

from datetime import UTC, datetime

from homeassistant.core import HomeAssistant

from custom_components.dexcom_share.display.times import local_iso, local_time


async def test_times_are_the_users(hass: HomeAssistant) -> None:
    """Date and time have the offset of the user's zone."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    time = datetime(2026, 11, 22, 12, 30, 40, tzinfo=UTC)
    assert local_time(time) == "2026-11-22 13:30"
    assert local_iso(time) == "2026-11-22T13:30:40+01:00"
    assert local_time(None) == ""
    assert local_iso(None) is None


async def test_the_end_of_the_calendar_breaks_nothing(hass: HomeAssistant) -> None:
    """A time that the user's zone can't express stays in its own."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    time = datetime.max.replace(microsecond=0, tzinfo=UTC)
    assert local_iso(time) == "9999-12-31T23:59:59+00:00"
    assert local_time(time) == "9999-12-31 23:59"
