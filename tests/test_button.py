"""The buttons that answer alerts."""

from .watching import PREFIX, Watch


async def press(watch: Watch, button: str) -> None:
    """Press a button."""
    await watch.hass.services.async_call(
        "button", "press", {"entity_id": f"button.{PREFIX}_{button}_alerts"}, blocking=True
    )
    await watch.hass.async_block_till_done(wait_background_tasks=True)


async def test_snooze_keeps_what_is_raised_quiet_for_its_own_length(watch: Watch) -> None:
    """A low is quiet for the half hour it is set to, then told again."""
    await watch.set_up(110, 65)
    watch.heard()
    await press(watch, "snooze")
    assert watch.heard() == [("snoozed", "low")]
    assert watch.status("low") == "snoozed"
    assert watch.status("high") == "inactive"
    await watch.read(*[65] * 5)
    assert not watch.heard()
    await watch.read(65)
    assert watch.heard() == [("repeated", "low")]


async def test_acknowledge_ends_the_repeats(watch: Watch) -> None:
    """A low that somebody knows of is not told again."""
    await watch.set_up(110, 65)
    watch.heard()
    await press(watch, "acknowledge")
    assert watch.heard() == [("acknowledged", "low")]
    await watch.read(*[65] * 12)
    assert not watch.heard()


async def test_with_nothing_raised_nothing_happens(watch: Watch) -> None:
    """A button pressed too late does no harm."""
    await watch.set_up(110, 108)
    await press(watch, "snooze")
    await press(watch, "acknowledge")
    assert not watch.heard()
    await watch.read(65)
    assert watch.heard() == [("raised", "low")]
