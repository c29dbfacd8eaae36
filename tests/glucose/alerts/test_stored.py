"""The state of alerts survives restarts and upgrades, and damage costs no more than what is damaged."""

from datetime import UTC, datetime, timedelta
import json
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.dexcom_share.glucose.alerts.kinds import AlertKind
from custom_components.dexcom_share.glucose.alerts.state import Alert, Alerts, AlertStage, Episode, Judged
from custom_components.dexcom_share.glucose.alerts.stored import alerts_from_dict, alerts_to_dict

NOW = datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=20)

TIMES = st.none() | st.datetimes(timezones=st.just(UTC))
ALERTS = st.builds(
    Alert,
    since=TIMES,
    is_raised=st.booleans(),
    is_last_known=st.booleans(),
    is_told=st.booleans(),
    announced_at=TIMES,
    announced_reading=TIMES,
    acknowledged_at=TIMES,
    acknowledged_reading=TIMES,
    snoozed_until=TIMES,
    snoozed_reading=TIMES,
    is_snoozed_while_raised=st.booleans(),
    treated_until=TIMES,
    treated_reading=TIMES,
    is_treated_while_raised=st.booleans(),
    answered_by=st.none() | st.text(min_size=1, max_size=5),
    recovered_at=TIMES,
)
EPISODES = st.builds(Episode, since=TIMES, raised_at=TIMES, beyond_at=TIMES, recovered_at=TIMES)
STATES = st.builds(
    Alerts,
    alerts=st.fixed_dictionaries(dict.fromkeys(AlertKind, ALERTS)),
    base=st.builds(Judged, time=TIMES, episodes=st.fixed_dictionaries(dict.fromkeys(AlertKind, EPISODES))),
    reading_time=TIMES,
    current_reading=TIMES,
    left_range=st.none() | st.sampled_from(AlertKind),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
VERSION_1: dict[str, Any] = {
    "version": 1,
    "reading_time": NOW.isoformat(),
    "heard_at": NOW.isoformat(),
    "left_range": "low",
    "kinds": {
        **{kind.value: {} for kind in AlertKind},
        "low": {
            "since": EARLIER.isoformat(),
            "beyond_at": NOW.isoformat(),
            "covered_until": NOW.isoformat(),
            "raised_at": EARLIER.isoformat(),
            "announced_at": EARLIER.isoformat(),
            "acknowledged_at": NOW.isoformat(),
        },
        "high": {"snoozed_until": NOW.isoformat(), "recovered_at": EARLIER.isoformat()},
    },
}
"""What the version before this form wrote: a low raised and acknowledged, a high snoozed before it is raised."""


def through_json(alerts: Alerts) -> dict[str, Any]:
    """Return the state as a file holds it."""
    stored: dict[str, Any] = json.loads(json.dumps(alerts_to_dict(alerts)))
    return stored


@settings(deadline=None)
@given(STATES)
def test_what_is_stored_comes_back(alerts: Alerts) -> None:
    """Through JSON nothing is lost."""
    assert alerts_from_dict(through_json(alerts)) == alerts


@settings(deadline=None)
@given(JSON)
def test_what_is_no_state_is_a_fresh_one(stored: object) -> None:
    """Never an exception."""
    assert alerts_from_dict(stored) == Alerts()


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_one_damaged_field_costs_no_more_than_itself(data: st.DataObject) -> None:
    """Whatever it holds: the alert of another kind is as it was."""
    alert = Alert(since=NOW, is_raised=True, is_told=True, announced_at=NOW, announced_reading=NOW)
    stored = through_json(Alerts(reading_time=NOW).with_alert(AlertKind.LOW, alert).with_alert(AlertKind.HIGH, alert))
    place = stored["alerts"]["low"]
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(JSON | st.datetimes().map(str))
    alerts = alerts_from_dict(stored)
    assert alerts.alerts[AlertKind.HIGH] == alert
    assert alerts.reading_time == NOW


@pytest.mark.parametrize("stored", [VERSION_1, through_json(Alerts(reading_time=NOW))])
@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_damage_anywhere_is_never_an_exception(stored: dict[str, Any], data: st.DataObject) -> None:
    """In either form."""
    stored = json.loads(json.dumps(stored))
    place = stored
    while isinstance(place, dict) and place:
        key = data.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or data.draw(st.booleans()):
            place[key] = data.draw(JSON | st.datetimes().map(str))
            break
        place = place[key]
    assert isinstance(alerts_from_dict(stored), Alerts)


def test_kinds_of_a_later_version_are_left_out() -> None:
    """And a kind that this file does not know begins as inactive."""
    stored = through_json(Alerts(reading_time=NOW))
    stored["alerts"]["sensor_expires"] = {"is_raised": True}
    stored["left_range"] = "sideways"
    del stored["alerts"]["low"]
    assert alerts_from_dict(stored) == Alerts(reading_time=NOW)


def test_times_are_kept_in_utc() -> None:
    """Whatever zone they were written in; one without a zone is none, nor is one before all times."""
    stored = through_json(Alerts())
    at = alerts_from_dict(stored | {"reading_time": "2026-03-01T14:00:00+02:00"}).reading_time
    assert at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert at.utcoffset() == timedelta(0)
    for text in ("2026-03-01T12:00:00", "0001-01-01T00:00:00+14:00", "noon", 5):
        assert alerts_from_dict(stored | {"reading_time": text}).reading_time is None


def test_the_form_of_version_1_is_taken_over() -> None:
    """What was announced or answered stays so, and is about the newest reading of then."""
    alerts = alerts_from_dict(VERSION_1)
    low, high = alerts.alerts[AlertKind.LOW], alerts.alerts[AlertKind.HIGH]
    assert low.stage is AlertStage.ACKNOWLEDGED
    assert low.is_announced_since(EARLIER)
    assert low.acknowledged_reading == NOW
    assert alerts.base.episodes[AlertKind.LOW].is_raised
    assert alerts.base.time == NOW
    assert high.stage is AlertStage.SNOOZED
    assert not high.is_snoozed_while_raised
    assert alerts.left_range is AlertKind.LOW
