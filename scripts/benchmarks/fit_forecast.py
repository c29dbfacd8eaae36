"""Fit the coefficients of the forecast to recorded traces, and count what they are worth on people not fitted to.

The chance: maximum likelihood of "one of the next 4 readings, within 22.5 min, is < 55 mg/dL" over the readings >= 55
with a forecast < 90. The value: least absolute error in mg/dL over the readings with one 17.5 to 22.5 min later. Out of
fold, people are dealt into 6 groups, and those of each are judged by the coefficients fitted to the other five.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from math import exp, log
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from custom_components.dexcom_share.glucose import forecast as rule
from custom_components.dexcom_share.glucose.alerts.settings import Sensitivity
from custom_components.dexcom_share.glucose.low_chance import COEFFICIENTS, URGENT_LOW_MGDL, Coefficients, inputs_of
from custom_components.dexcom_share.share.models import HIGH_LIMIT_MGDL, LOW_LIMIT_MGDL, GlucoseReading

from .forecast import LIMIT_MGDL, Count, becomes_low, count_conditions, total, value_after, warnings
from .report import Figures, Report, Table
from .traces import Trace, load_traces

FOLDS: Final = 6
_CLOSE_MGDL: Final = 90
_WINDOW: Final = rule.MAX_READINGS
_LEAST_ERROR_MGDL: Final = 0.25
"""Smaller errors weigh as this one, which keeps the weights of the least absolute error finite."""
_VALUE_NAMES: Final = ("constant", "level", "change_1", "change_2", "change_3")

type Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person's readings, and what the formulas make of each: inputs, outcome of the chance, value to come (NaN)."""

    readings: Sequence[GlucoseReading]
    inputs: Array
    is_fitted: NDArray[np.bool_]
    came_true: Array
    value_inputs: Array
    value: Array


def person_of(trace: Trace) -> Person:
    """Return what the formulas make of each reading of a trace."""
    rows: list[tuple[float, ...]] = []
    readings = trace.readings
    for index, reading in enumerate(readings):
        window = readings[max(0, index + 1 - _WINDOW) : index + 1]
        points = rule.points_of(window)
        inputs = inputs_of(points, 0)
        expected = rule.forecast(window, reading.time)
        low, later = becomes_low(readings, index), value_after(readings, index)
        is_close = expected is not None and expected.value_mgdl < _CLOSE_MGDL
        is_fitted = is_close and low is not None and reading.value >= LIMIT_MGDL
        value = np.nan if later is None or len(points) < 2 else max(later, LOW_LIMIT_MGDL)
        level, changes = log(points[0][1]), rule.changes_of(points, 0)
        rows.append(
            (
                inputs.level,
                inputs.change,
                inputs.rebound,
                inputs.roughness,
                is_fitted,
                bool(low),
                value,
                level,
                *changes,
            )
        )
    table = np.array(rows)
    return Person(
        readings=readings,
        inputs=table[:, :4],
        is_fitted=table[:, 4] > 0,
        came_true=table[:, 5],
        value=table[:, 6],
        value_inputs=np.column_stack([np.ones(len(table)), table[:, 7:]]),
    )


def scores(coefficients: Array, inputs: Array) -> tuple[Array, Array]:
    """Return the logarithms of the odds, and how each coefficient changes them."""
    level, change, rebound, roughness = inputs.T
    one = np.ones(len(level))
    of_spread = np.stack([one, np.maximum(level, 0), np.maximum(-change, 0), roughness / 100])
    distance = coefficients[0] + level + coefficients[1] * change - coefficients[2] * rebound
    spread = np.maximum(coefficients[3:] @ of_spread, 1e-3)
    slopes = np.vstack([np.stack([-one, -change, rebound]) / spread, distance / spread**2 * of_spread])
    return -distance / spread, slopes


def fit_chance(people: Sequence[Person]) -> Array:
    """Return the coefficients of the greatest likelihood, by Fisher's scoring from those in use."""
    inputs = np.concatenate([person.inputs[person.is_fitted] for person in people])
    came_true = np.concatenate([person.came_true[person.is_fitted] for person in people])
    coefficients = np.array(astuple(COEFFICIENTS))
    for _ in range(30):
        score, slopes = scores(coefficients, inputs)
        chance = 1 / (1 + np.exp(-score))
        information = (slopes * (chance * (1 - chance))) @ slopes.T
        step = np.linalg.solve(information, slopes @ (came_true - chance))
        coefficients = coefficients + step
        if np.abs(step).max() < 1e-6:
            break
    return coefficients


def fit_value(people: Sequence[Person]) -> Array:
    """Return the coefficients of the least absolute error in mg/dL, by least squares weighted anew again and again."""
    is_known = [~np.isnan(person.value) for person in people]
    inputs = np.concatenate([person.value_inputs[known] for person, known in zip(people, is_known, strict=True)])
    value = np.concatenate([person.value[known] for person, known in zip(people, is_known, strict=True)])
    coefficients: Array = np.linalg.lstsq(inputs, np.log(value), rcond=None)[0]
    for _ in range(60):
        expected = np.exp(inputs @ coefficients)
        error = value - expected
        slopes = inputs * expected[:, None]
        weighted = slopes / np.maximum(np.abs(error), _LEAST_ERROR_MGDL)[:, None]
        step = np.linalg.solve(weighted.T @ slopes, weighted.T @ error)
        coefficients = coefficients + step
        if np.abs(step).max() < 1e-5:
            break
    return coefficients


def judge(person: Person, chance: Array, value: Array) -> dict[Sensitivity, Count]:
    """Return what coefficients are worth on one person."""
    score, _ = scores(chance, person.inputs)
    is_there = [reading.value <= URGENT_LOW_MGDL for reading in person.readings]
    chances = [1.0 if there else 1 / (1 + exp(-each)) for there, each in zip(is_there, score, strict=True)]
    expected = np.clip(np.round(np.exp(person.value_inputs @ value)), LOW_LIMIT_MGDL, HIGH_LIMIT_MGDL)
    errors = np.abs(expected - person.value)
    counts = {}
    for sensitivity in Sensitivity:
        count = Count(values=int(np.sum(~np.isnan(errors))), error_mgdl=float(np.nansum(errors)))
        count_conditions(person.readings, warnings(person.readings, chances, sensitivity), count)
        counts[sensitivity] = count
    return counts


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options of this fit."""
    parser.add_argument("--traces", type=Path, required=True, nargs="+", metavar="DIR", help="folders of traces")
    parser.add_argument("--seed", type=int, default=1, help="how people are dealt into groups (default 1)")


def run(arguments: Namespace) -> Report:
    """Fit to everybody, and judge each group by a fit to the others."""
    people = [person_of(trace) for folder in arguments.traces for trace in load_traces(folder)]
    Random(arguments.seed).shuffle(people)
    counts: dict[Sensitivity, list[Count]] = {sensitivity: [] for sensitivity in Sensitivity}
    for fold in range(min(FOLDS, len(people))):
        others = [person for place, person in enumerate(people) if place % FOLDS != fold]
        chance, value = fit_chance(others), fit_value(others)
        for person in people[fold::FOLDS]:
            for sensitivity, count in judge(person, chance, value).items():
                counts[sensitivity].append(count)
    names = [each.name for each in fields(Coefficients)]
    used = (*astuple(COEFFICIENTS), *rule.VALUE_COEFFICIENTS)
    fitted = [round(float(each), 3) for each in (*fit_chance(people), *fit_value(people))]
    figures = {sensitivity: total(each).figures() for sensitivity, each in counts.items()}
    data: dict[str, Figures] = {
        "fitted": dict(zip([*names, *_VALUE_NAMES], fitted, strict=True)),
        "out_of_fold": {sensitivity.value: each for sensitivity, each in figures.items()},
    }
    return Report(
        columns=("coefficient", "fitted", "used"),
        rows=list(zip([*names, *_VALUE_NAMES], fitted, used, strict=True)),
        data=data,
        further=[
            Table(
                columns=("out of fold", *figures[Sensitivity.BALANCED]),
                rows=[(sensitivity.value, *each.values()) for sensitivity, each in figures.items()],
            )
        ],
    )
