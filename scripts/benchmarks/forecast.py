"""Does "urgent low soon" come before the lows, how early, and how often in vain? Counted on recorded traces.

Every rule is asked at each reading, with the readings up to it. Readings are consecutive when the step between them is
at most 7.5 min. An onset is the first reading < 55 mg/dL with the 6 readings before it consecutive and >= 55. It is
caught when the condition is true at any of those 6; its lead is the time from the first of them where it is true. An
alert is a condition that becomes true after 6 readings without it, and false when none of the 8 readings from it is
< 55. A day of data is 288 readings. The mean absolute error of the value forecast for 20 min is taken over the readings
where all rules forecast and a reading is there 17.5 to 22.5 min later.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from math import exp, log
from pathlib import Path
from statistics import fmean, linear_regression, median
from typing import Final

from custom_components.dexcom_share.glucose.forecast import Forecast, forecast
from custom_components.dexcom_share.share.models import GlucoseReading

from .report import Figures, Report
from .traces import load_traces

LIMIT_MGDL: Final = 55
BEFORE: Final = 6
AFTER: Final = 8
READINGS_PER_DAY: Final = 288
_LONGEST_STEP_MINUTES: Final = 7.5
_HORIZON_MINUTES: Final = 20
_WINDOW: Final = 30
"""Readings handed to the rules, more than any of them looks at."""

type Rule = Callable[[Sequence[GlucoseReading], datetime], Forecast | None]


@dataclass(slots=True)
class Count:
    """What was counted of one rule: onsets, leads of the caught ones, false alerts, readings, errors of the value."""

    onsets: int = 0
    leads_minutes: list[float] = field(default_factory=list)
    false_alerts: int = 0
    readings: int = 0
    errors_mgdl: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, int | float | None]:
        """Return the figures of the report; None where there was nothing to count."""
        return {
            "onsets": self.onsets,
            "sensitivity": round(len(self.leads_minutes) / self.onsets, 3) if self.onsets else None,
            "false_per_day": round(self.false_alerts * READINGS_PER_DAY / self.readings, 3) if self.readings else None,
            "median_lead_min": round(median(self.leads_minutes), 1) if self.leads_minutes else None,
            "mean_error_mgdl": round(fmean(self.errors_mgdl), 2) if self.errors_mgdl else None,
        }


def straight_line(readings: Sequence[GlucoseReading], _now: datetime) -> Forecast | None:
    """Forecast along the least-squares line through the last four readings; None unless they are consecutive."""
    recent = readings[-4:]
    if len(recent) < 4 or not consecutive(recent):
        return None
    minutes = [minutes_between(recent[-1], reading) for reading in recent]
    slope, intercept = linear_regression(minutes, [reading.value for reading in recent])
    value = intercept + slope * _HORIZON_MINUTES
    return Forecast(value_mgdl=round(value), urgent_low_soon=value <= LIMIT_MGDL)


def ar2(readings: Sequence[GlucoseReading], _now: datetime) -> Forecast | None:
    """Forecast as Nightscout's AR2 does: second order, in steps of 5 min, on the logarithm around 140 mg/dL."""
    recent = readings[-2:]
    if len(recent) < 2 or not consecutive(recent):
        return None
    before, last = (log(reading.value / 140) for reading in recent)
    values = []
    for _ in range(_HORIZON_MINUTES // 5):
        before, last = last, -0.723 * before + 1.716 * last
        values.append(140 * exp(last))
    return Forecast(value_mgdl=round(values[-1]), urgent_low_soon=min(values) <= LIMIT_MGDL)


def last_value(readings: Sequence[GlucoseReading], _now: datetime) -> Forecast | None:
    """Forecast no change."""
    return Forecast(value_mgdl=readings[-1].value, urgent_low_soon=readings[-1].value <= LIMIT_MGDL)


RULES: Final[Mapping[str, Rule]] = {
    "ours": forecast,
    "straight_line": straight_line,
    "ar2": ar2,
    "last_value": last_value,
}


def minutes_between(earlier: GlucoseReading, later: GlucoseReading) -> float:
    """Return the minutes from one reading to another."""
    return (later.time - earlier.time).total_seconds() / 60


def consecutive(readings: Sequence[GlucoseReading]) -> bool:
    """Return whether no reading is missing between these."""
    return all(0 < minutes_between(*pair) <= _LONGEST_STEP_MINUTES for pair in pairwise(readings))


def onsets(readings: Sequence[GlucoseReading]) -> list[int]:
    """Return the indices of the first low readings after six consecutive ones that aren't low."""
    return [
        index
        for index, reading in enumerate(readings)
        if index >= BEFORE
        and reading.value < LIMIT_MGDL
        and all(before.value >= LIMIT_MGDL for before in readings[index - BEFORE : index])
        and consecutive(readings[index - BEFORE : index + 1])
    ]


def alerts(conditions: Sequence[bool]) -> list[int]:
    """Return the indices where a condition becomes true after six readings without it."""
    return [
        index
        for index, condition in enumerate(conditions)
        if condition and not any(conditions[max(0, index - BEFORE) : index])
    ]


def count_conditions(readings: Sequence[GlucoseReading], conditions: Sequence[bool], count: Count) -> None:
    """Add what the conditions of one person's readings caught and cried in vain."""
    for onset in onsets(readings):
        count.onsets += 1
        caught = [index for index in range(onset - BEFORE, onset) if conditions[index]]
        if caught:
            count.leads_minutes.append(minutes_between(readings[caught[0]], readings[onset]))
    for alert in alerts(conditions):
        count.false_alerts += all(reading.value >= LIMIT_MGDL for reading in readings[alert : alert + AFTER])
    count.readings += len(readings)


def value_after(readings: Sequence[GlucoseReading], index: int) -> int | None:
    """Return the value 20 min after a reading, None when it is missing."""
    for later in readings[index + 1 : index + AFTER]:
        if abs(minutes_between(readings[index], later) - _HORIZON_MINUTES) < 2.5:
            return later.value
    return None


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--traces", type=Path, required=True, metavar="DIR", help="folder of recorded traces")


def run(arguments: Namespace) -> Report:
    """Ask every rule at every reading and count."""
    counts = {name: Count() for name in RULES}
    for trace in load_traces(arguments.traces):
        readings = trace.readings
        conditions: dict[str, list[bool]] = {name: [] for name in RULES}
        for index, reading in enumerate(readings):
            window = readings[max(0, index + 1 - _WINDOW) : index + 1]
            forecasts = {name: rule(window, reading.time) for name, rule in RULES.items()}
            value = value_after(readings, index)
            comparable = value is not None and all(forecasts.values())
            for name, expected in forecasts.items():
                conditions[name].append(expected is not None and expected.urgent_low_soon)
                if comparable and expected is not None and value is not None:
                    counts[name].errors_mgdl.append(abs(expected.value_mgdl - value))
        for name, count in counts.items():
            count_conditions(readings, conditions[name], count)
    data: dict[str, Figures] = {name: count.figures() for name, count in counts.items()}
    columns = list(Count().figures())
    return Report(
        columns=("rule", *columns),
        rows=[(name, *count.figures().values()) for name, count in counts.items()],
        data=data,
    )
