"""The settings of a chain as they are stored."""

from datetime import time, timedelta

from custom_components.dexcom_share.glucose.alerts.kinds import AlertKind
from custom_components.dexcom_share.watch.chain_settings import (
    DEFAULT_CHECK,
    DEFAULT_KINDS,
    ChainSettings,
    ChainStep,
    Hours,
    StepKind,
)


def test_settings_come_back_as_they_were() -> None:
    """Every field, with the data of the steps, the steps in the order of their time."""
    phone = ChainStep(kind=StepKind.PHONE, data={"devices": ["abc"]})
    light = ChainStep(kind=StepKind.LIGHT, after=timedelta(minutes=2.5), data={"entities": ["light.bed"]})
    settings = ChainSettings(
        kinds=frozenset({AlertKind.LOW}),
        steps=(phone, light),
        hours=Hours(start=time(22), end=time(7)),
        repeat=timedelta(minutes=4),
        growing=True,
        check_at=None,
        remind=False,
    )
    stored = settings.to_dict()
    assert ChainSettings.from_dict(stored) == settings
    assert ChainSettings.from_dict({**stored, "steps": [light.to_dict(), phone.to_dict()]}) == settings


def test_what_makes_no_sense_costs_no_more_than_itself() -> None:
    """The rest of a chain runs."""
    settings = ChainSettings.from_dict(
        {
            "kinds": "low",
            "steps": [{"kind": "rocket"}, 7, {"kind": "phone", "after_minutes": "soon"}],
            "hours_from": "22:00",
            "repeat_minutes": 0.1,
        }
    )
    assert settings == ChainSettings(
        kinds=DEFAULT_KINDS,
        steps=(ChainStep(kind=StepKind.PHONE),),
        repeat=timedelta(minutes=1),
        check_at=DEFAULT_CHECK,
    )
    assert ChainSettings.from_dict({}) == ChainSettings()
