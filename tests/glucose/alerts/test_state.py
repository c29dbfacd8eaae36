"""Where an alert stands."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.dexcom_share.glucose.alerts.kinds import AlertKind
from custom_components.dexcom_share.glucose.alerts.state import INACTIVE, Alert, Alerts, AlertStage, Episode

NOW = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("alert", "stage"),
    [
        (Alert(), AlertStage.INACTIVE),
        (Alert(since=NOW), AlertStage.PENDING),
        (Alert(since=NOW, is_raised=True), AlertStage.ACTIVE),
        (Alert(since=NOW, is_raised=True, snoozed_until=NOW), AlertStage.SNOOZED),
        (Alert(snoozed_until=NOW), AlertStage.SNOOZED),
        (Alert(since=NOW, is_raised=True, acknowledged_at=NOW), AlertStage.ACKNOWLEDGED),
        (Alert(acknowledged_at=NOW), AlertStage.INACTIVE),
        (Alert(recovered_at=NOW), AlertStage.RECOVERED),
        (Alert(recovered_at=NOW, since=NOW), AlertStage.PENDING),
    ],
)
def test_where_an_alert_stands(alert: Alert, stage: AlertStage) -> None:
    """What is shown and what was answered tell its stage."""
    assert alert.stage is stage


@pytest.mark.parametrize(
    ("episode", "is_raised"),
    [
        (Episode(), False),
        (Episode(since=NOW), False),
        (Episode(since=NOW, raised_at=NOW), True),
        (Episode(since=NOW, raised_at=LATER), True),
        (Episode(since=LATER, raised_at=NOW), False),
        (Episode(raised_at=NOW), False),
    ],
)
def test_whether_an_episode_is_raised(episode: Episode, is_raised: bool) -> None:
    """One that was raised before counts for nothing."""
    assert episode.is_raised == is_raised


def test_an_announcement_is_about_the_episode_of_its_reading() -> None:
    """And about no later one."""
    alert = Alert(announced_reading=NOW)
    assert alert.is_announced_since(NOW)
    assert not alert.is_announced_since(LATER)
    assert not INACTIVE.is_announced_since(NOW)


def test_the_raised_are_named_the_gravest_first() -> None:
    """In the order of their weight."""
    alerts = Alerts()
    for kind in (AlertKind.NO_DATA, AlertKind.LOW, AlertKind.URGENT_LOW):
        alerts = alerts.with_alert(kind, Alert(is_raised=True))
    assert alerts.raised == (AlertKind.URGENT_LOW, AlertKind.LOW, AlertKind.NO_DATA)
