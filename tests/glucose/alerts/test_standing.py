"""The answer that holds, as a second parent reads it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.dexcom_share.glucose.alerts.facts import AlertFacts
from custom_components.dexcom_share.glucose.alerts.kinds import AlertKind
from custom_components.dexcom_share.glucose.alerts.muting import Mute
from custom_components.dexcom_share.glucose.alerts.standing import Answer, StandingAnswer, standing_answer
from custom_components.dexcom_share.glucose.alerts.state import Alert, Alerts

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNTIL = NOW + timedelta(minutes=15)
RAISED = Alert(is_raised=True)
ACKNOWLEDGED = Alert(is_raised=True, acknowledged_at=NOW, answered_by="Demo")
SNOOZED = Alert(is_raised=True, snoozed_until=UNTIL, answered_by="Demo")
AHEAD = Alert(snoozed_until=UNTIL)
MUTED = StandingAnswer(answer=Answer.MUTED, until=UNTIL, by="Anna")
TREATED = Alert(is_raised=True, treated_until=UNTIL)


@pytest.mark.parametrize(
    ("alerts", "is_muted", "expected"),
    [
        pytest.param({}, False, StandingAnswer(), id="nothing to answer"),
        pytest.param({}, True, MUTED, id="muted"),
        pytest.param({"low": RAISED}, False, StandingAnswer(kind=AlertKind.LOW), id="nobody has answered"),
        pytest.param(
            {"low": RAISED},
            True,
            replace(MUTED, kind=AlertKind.LOW),
            id="kept quiet by muting",
        ),
        pytest.param(
            {"urgent_low": RAISED}, True, StandingAnswer(kind=AlertKind.URGENT_LOW), id="muting is no answer to this"
        ),
        pytest.param(
            {"low": ACKNOWLEDGED},
            True,
            StandingAnswer(answer=Answer.ACKNOWLEDGED, kind=AlertKind.LOW, by="Demo"),
            id="acknowledged",
        ),
        pytest.param(
            {"low": SNOOZED},
            False,
            StandingAnswer(answer=Answer.SNOOZED, kind=AlertKind.LOW, until=UNTIL, by="Demo"),
            id="snoozed",
        ),
        pytest.param(
            {"low": TREATED},
            False,
            StandingAnswer(answer=Answer.TREATED, kind=AlertKind.LOW, until=UNTIL),
            id="treated by an automation",
        ),
        pytest.param(
            {"urgent_low": RAISED, "low": SNOOZED},
            False,
            StandingAnswer(kind=AlertKind.URGENT_LOW),
            id="the gravest alert counts",
        ),
        pytest.param(
            {"high": AHEAD},
            False,
            StandingAnswer(answer=Answer.SNOOZED, kind=AlertKind.HIGH, until=UNTIL),
            id="snoozed ahead",
        ),
    ],
)
def test_what_holds(alerts: dict[str, Alert], is_muted: bool, expected: StandingAnswer) -> None:
    """One answer is shown: to the gravest alert that is raised, else to one ahead."""
    state = Alerts()
    for kind, alert in alerts.items():
        state = state.with_alert(AlertKind(kind), alert)
    mute = Mute(since=NOW, until=UNTIL, by="Anna") if is_muted else None
    assert standing_answer(AlertFacts(state=state, mute=mute)) == expected
