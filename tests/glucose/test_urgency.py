"""Who of several persons needs somebody first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from custom_components.dexcom_share.glucose.alerts.facts import AlertFacts
from custom_components.dexcom_share.glucose.alerts.kinds import AlertKind
from custom_components.dexcom_share.glucose.alerts.state import Alert, Alerts
from custom_components.dexcom_share.glucose.freshness import HeardReading
from custom_components.dexcom_share.glucose.snapshot import Snapshot, take_snapshot
from custom_components.dexcom_share.glucose.urgency import by_urgency, is_all_known
from custom_components.dexcom_share.share import GlucoseReading

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FINE = take_snapshot(HeardReading.of(GlucoseReading(time=NOON, value=104), NOON), None, NOON)


def alerted(kind: AlertKind, since: datetime | None = NOON, answered: datetime | None = None) -> Snapshot:
    """Return a snapshot with one alert."""
    alert = Alert(is_raised=True, since=since, acknowledged_at=answered)
    return replace(FINE, alerts=AlertFacts(state=Alerts().with_alert(kind, alert)))


def test_the_gravest_alert_goes_first() -> None:
    """Whoever is fine is not named; whose glucose is not known comes last."""
    persons = {
        "fine": FINE,
        "unknown": Snapshot(),
        "high": alerted(AlertKind.HIGH),
        "low": alerted(AlertKind.LOW),
        "urgent low": alerted(AlertKind.URGENT_LOW, answered=NOON),
    }
    assert by_urgency(persons) == ["urgent low", "low", "high", "unknown"]
    assert not is_all_known(persons)


def test_of_equal_alerts_the_unanswered_and_the_longer_one() -> None:
    """So that nobody waits behind somebody who is cared for."""
    persons = {
        "answered": alerted(AlertKind.LOW, NOON - 3 * HOUR, answered=NOON),
        "short": alerted(AlertKind.LOW, NOON - HOUR),
        "long": alerted(AlertKind.LOW, NOON - 2 * HOUR),
        "since ever": alerted(AlertKind.LOW, None),
    }
    assert by_urgency(persons) == ["since ever", "long", "short", "answered"]


def test_nobody_needs_anything() -> None:
    """All are fine, or there is nobody."""
    assert by_urgency({"fine": FINE}) == []
    assert is_all_known({"fine": FINE})
    assert by_urgency({}) == []
