"""The state of alerts survives restarts, and damage never breaks it."""

from datetime import UTC, datetime, timedelta
import json

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.dexcom_share.glucose.alerts.kinds import AlertKind
from custom_components.dexcom_share.glucose.alerts.state import Alert, Alerts, AlertStage

NOW = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=UTC)

TIMES = st.none() | st.datetimes(timezones=st.just(UTC))
STATUSES = st.builds(
    Alert,
    since=TIMES,
    beyond_at=TIMES,
    covered_until=TIMES,
    raised_at=TIMES,
    announced_at=TIMES,
    acknowledged_at=TIMES,
    snoozed_until=TIMES,
    recovered_at=TIMES,
)
STATES = st.builds(
    Alerts,
    kinds=st.fixed_dictionaries(dict.fromkeys(AlertKind, STATUSES)),
    reading_time=TIMES,
    heard_at=TIMES,
    left_range=st.none() | st.sampled_from(AlertKind),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (Alert(), AlertStage.INACTIVE),
        (Alert(since=NOW), AlertStage.PENDING),
        (Alert(since=NOW, raised_at=NOW), AlertStage.ACTIVE),
        (Alert(since=NOW, raised_at=NOW, snoozed_until=NOW), AlertStage.SNOOZED),
        (Alert(snoozed_until=NOW), AlertStage.SNOOZED),
        (Alert(since=NOW, raised_at=NOW, acknowledged_at=NOW), AlertStage.ACKNOWLEDGED),
        (Alert(recovered_at=NOW), AlertStage.RECOVERED),
        (Alert(recovered_at=NOW, since=NOW), AlertStage.PENDING),
    ],
)
def test_where_an_alert_stands(status: Alert, state: AlertStage) -> None:
    """Its times tell its state."""
    assert status.state is state


@settings(deadline=None)
@given(STATES)
def test_what_is_stored_comes_back(state: Alerts) -> None:
    """Through JSON nothing is lost."""
    assert Alerts.from_dict(json.loads(json.dumps(state.to_dict()))) == state


@settings(deadline=None)
@given(JSON)
def test_what_is_no_state_is_a_fresh_one(stored: object) -> None:
    """Never an exception."""
    assert Alerts.from_dict(stored) == Alerts()


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_a_damaged_state_is_never_an_exception(data: st.DataObject) -> None:
    """Whatever one of its fields holds."""
    status = Alert(since=NOW, raised_at=NOW, announced_at=NOW)
    stored = json.loads(json.dumps(Alerts(reading_time=NOW).with_status(AlertKind.LOW, status).to_dict()))
    place = stored
    while isinstance(place, dict) and place:
        key = data.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or data.draw(st.booleans()):
            place[key] = data.draw(JSON | st.datetimes().map(str))
            break
        place = place[key]
    assert isinstance(Alerts.from_dict(stored), Alerts)


@pytest.mark.parametrize(
    "damage",
    [
        {"version": 2},
        {"kinds": {}},
        {"left_range": "sideways"},
        {"reading_time": "2026-03-01T12:00:00"},
        {"heard_at": "0001-01-01T00:00:00+14:00"},
        {"heard_at": 5},
    ],
)
def test_damage_gives_a_fresh_state(damage: dict[str, object]) -> None:
    """Another version, a kind or a zone that is missing, no time, an unknown kind, a time before all times."""
    stored = Alerts(reading_time=NOW, heard_at=NOW).to_dict()
    assert Alerts.from_dict(stored | damage) == Alerts()


def test_times_are_kept_in_utc() -> None:
    """Whatever zone they were written in."""
    stored = Alerts().to_dict() | {"heard_at": "2026-03-01T14:00:00+02:00"}
    heard_at = Alerts.from_dict(stored).heard_at
    assert heard_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert heard_at.utcoffset() == timedelta(0)
