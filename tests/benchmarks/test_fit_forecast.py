"""The fit of the forecast: it fits the formula that is in use."""

from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from custom_components.dexcom_share.glucose.forecast import VALUE_COEFFICIENTS, forecast, urgent_low_chance
from custom_components.dexcom_share.glucose.low_chance import COEFFICIENTS
from custom_components.dexcom_share.share.models import GlucoseReading
from scripts.benchmarks.traces import Trace

np = pytest.importorskip("numpy")
fit = pytest.importorskip("scripts.benchmarks.fit_forecast")

START = datetime(2026, 3, 1, tzinfo=UTC)


def wandering(seed: int, length: int = 2000) -> Trace:
    """Return readings that wander between 45 and 150 mg/dL."""
    random = Random(seed)
    value, change = 100.0, 0.0
    readings = []
    for index in range(length):
        change = 0.7 * change + random.gauss(0, 3)
        value = min(max(value + change, 45), 150)
        readings.append(GlucoseReading(START + index * timedelta(minutes=5), round(value)))
    return Trace(name=str(seed), readings=tuple(readings))


def test_it_fits_the_formula_that_is_in_use() -> None:
    """With the coefficients in use it says of each reading what the integration says."""
    person = fit.person_of(wandering(1, 200))
    score, _ = fit.scores(np.array(astuple(COEFFICIENTS)), person.inputs)
    values = np.exp(person.value_inputs @ np.array(VALUE_COEFFICIENTS))
    for end in range(1, 200):
        readings = person.readings[:end]
        expected = forecast(readings, readings[-1].time)
        assert expected is not None
        assert expected.value_mgdl == round(values[end - 1])
        if readings[-1].value > 55:
            assert 1 / (1 + np.exp(-score[end - 1])) == pytest.approx(urgent_low_chance(readings))


def test_the_slopes_are_those_of_the_score() -> None:
    """A small step of a coefficient moves the score as its slope says."""
    inputs = fit.person_of(wandering(2, 100)).inputs
    coefficients = np.array(astuple(COEFFICIENTS))
    score, slopes = fit.scores(coefficients, inputs)
    for place in range(len(coefficients)):
        moved = coefficients.copy()
        moved[place] += 1e-7
        assert (fit.scores(moved, inputs)[0] - score) / 1e-7 == pytest.approx(slopes[place], rel=1e-3, abs=1e-2)


def test_the_fit_is_no_worse_than_where_it_began() -> None:
    """Of the readings it was fitted to it thinks at least as likely what became of them."""
    people = [fit.person_of(wandering(seed)) for seed in range(3)]

    def likelihood(coefficients: object) -> float:
        total = 0.0
        for person in people:
            score, _ = fit.scores(coefficients, person.inputs[person.is_fitted])
            total -= float(np.sum(np.logaddexp(0, np.where(person.came_true[person.is_fitted] > 0, -score, score))))
        return total

    assert likelihood(fit.fit_chance(people)) > likelihood(np.array(astuple(COEFFICIENTS)))
