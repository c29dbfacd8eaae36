"""Does "urgent low soon" come before the lows, how early, and how often in vain? Counted on recorded traces.

Every rule is asked at each reading, with the readings up to it. Readings are consecutive when the step between them is
at most 7.5 min. An onset is the first reading < 55 mg/dL with the 6 readings before it consecutive and >= 55. It is
caught when the condition is true at any of those 6; its lead is the time from the first of them where it is true. An
alert is a condition that becomes true after 6 readings without it, and false when none of the 8 readings from it is
< 55; it is near when the lowest of them is < 60. A day of data is 288 readings. The mean absolute error of the value
forecast for 20 min is taken over the readings where all rules forecast and a reading is there 17.5 to 22.5 min later.

"ours" is the setting "balanced"; "earlier" and "quieter" are the others. Peers are a plain low at 70 mg/dL, a straight
line, AR2 and no change. The calibration sets the chance said at readings > 55 mg/dL against how often a reading < 55
came among the 4 that follow within 22.5 min; "microseconds" is what one of our forecasts takes. With --draws, intervals
hold 19 of 20 draws of as many people.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from itertools import chain, pairwise
from math import exp, log
from pathlib import Path
from random import Random
from statistics import linear_regression, median, quantiles
from time import process_time
import timeit
from typing import Final

from custom_components.dexcom_share.glucose.alerts.engine import RECOVERED_AFTER
from custom_components.dexcom_share.glucose.alerts.measures import GAP, RELEASED_BELOW, WARNS_FROM
from custom_components.dexcom_share.glucose.alerts.settings import Sensitivity
from custom_components.dexcom_share.glucose.forecast import Forecast, forecast
from custom_components.dexcom_share.share.models import GlucoseReading

from .calibration import Calibration, ratio
from .report import Figure, Figures, Report, Table
from .traces import Trace, load_traces

LIMIT_MGDL: Final = 55
NEAR_MGDL: Final = 60
LOW_MGDL: Final = 70
BEFORE: Final = 6
AFTER: Final = 8
READINGS_PER_DAY: Final = 288
_LONGEST_STEP_MINUTES: Final = 7.5
_HORIZON_MINUTES: Final = 20
_WINDOW: Final = 24
"""Readings handed to the rules; none looks at more."""
_OURS: Final = {"ours": Sensitivity.BALANCED, "earlier": Sensitivity.EARLIER, "quieter": Sensitivity.QUIETER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a rule of others says: the value in 20 min, and whether an urgent low comes soon."""

    value_mgdl: int
    warns: bool


type Rule = Callable[[Sequence[GlucoseReading]], Outlook | None]


@dataclass(slots=True)
class Count:
    """What was counted of one rule and one person; `near` are false alerts that were followed by a value below 60."""

    onsets: int = 0
    leads_minutes: list[float] = field(default_factory=list)
    false_alerts: int = 0
    near: int = 0
    readings: int = 0
    values: int = 0
    error_mgdl: float = 0

    def figures(self) -> dict[str, int | float | None]:
        """Return the figures of the report; None where there was nothing to count."""
        return {
            "onsets": self.onsets,
            "sensitivity": ratio(len(self.leads_minutes), self.onsets, 3),
            "false_per_day": ratio(self.false_alerts * READINGS_PER_DAY, self.readings, 3),
            "near_share": ratio(self.near, self.false_alerts, 2),
            "median_lead_min": round(median(self.leads_minutes), 1) if self.leads_minutes else None,
            "mean_error_mgdl": ratio(self.error_mgdl, self.values, 2),
        }


def total(counts: Iterable[Count]) -> Count:
    """Return the count of several people together."""
    counts = list(counts)
    return Count(
        onsets=sum(count.onsets for count in counts),
        leads_minutes=list(chain.from_iterable(count.leads_minutes for count in counts)),
        false_alerts=sum(count.false_alerts for count in counts),
        near=sum(count.near for count in counts),
        readings=sum(count.readings for count in counts),
        values=sum(count.values for count in counts),
        error_mgdl=sum(count.error_mgdl for count in counts),
    )


def intervals(counts: Sequence[Count], draws: int) -> dict[str, list[float]]:
    """Return between what sensitivity and false alerts a day lie in 95 % of so many draws of as many people."""
    random = Random(1)
    drawn = [total(random.choices(counts, k=len(counts))).figures() for _ in range(draws)]
    limits = {}
    for name in ("sensitivity", "false_per_day"):
        cuts = quantiles([figure for each in drawn if (figure := each[name]) is not None], n=40)
        limits[f"{name}_95"] = [round(cuts[0], 3), round(cuts[-1], 3)]
    return limits


def straight_line(readings: Sequence[GlucoseReading]) -> Outlook | None:
    """Forecast along the least-squares line through the last four readings; None unless they are consecutive."""
    recent = readings[-4:]
    if len(recent) < 4 or not consecutive(recent):
        return None
    minutes = [minutes_between(recent[-1], reading) for reading in recent]
    slope, intercept = linear_regression(minutes, [reading.value for reading in recent])
    value = intercept + slope * _HORIZON_MINUTES
    return Outlook(value_mgdl=round(value), warns=value <= LIMIT_MGDL)


def ar2(readings: Sequence[GlucoseReading]) -> Outlook | None:
    """Forecast as Nightscout's AR2 does: second order, in steps of 5 min, on the logarithm around 140 mg/dL."""
    recent = readings[-2:]
    if len(recent) < 2 or not consecutive(recent):
        return None
    before, last = (log(reading.value / 140) for reading in recent)
    values = []
    for _ in range(_HORIZON_MINUTES // 5):
        before, last = last, -0.723 * before + 1.716 * last
        values.append(140 * exp(last))
    return Outlook(value_mgdl=round(values[-1]), warns=min(values) <= LIMIT_MGDL)


def last_value(readings: Sequence[GlucoseReading]) -> Outlook | None:
    """Forecast no change."""
    return Outlook(value_mgdl=readings[-1].value, warns=readings[-1].value <= LIMIT_MGDL)


def low_at_70(readings: Sequence[GlucoseReading]) -> Outlook | None:
    """Warn of every low, forecast no change."""
    return Outlook(value_mgdl=readings[-1].value, warns=readings[-1].value <= LOW_MGDL)


PEERS: Final[Mapping[str, Rule]] = {
    "low_at_70": low_at_70,
    "straight_line": straight_line,
    "ar2": ar2,
    "last_value": last_value,
}


def warnings(readings: Sequence[GlucoseReading], chances: Sequence[float], sensitivity: Sensitivity) -> list[bool]:
    """Return at which readings the alert holds: from a chance on, until it is small or was smaller for 15 min."""
    warned_at = None
    before = None
    conditions = []
    for reading, chance in zip(readings, chances, strict=True):
        if before and reading.time - before >= GAP:
            warned_at = None
        before = reading.time
        if chance >= WARNS_FROM[sensitivity]:
            warned_at = reading.time
        elif chance < RELEASED_BELOW or (warned_at and reading.time - warned_at >= RECOVERED_AFTER):
            warned_at = None
        conditions.append(warned_at is not None)
    return conditions


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
        lowest = min(reading.value for reading in readings[alert : alert + AFTER])
        count.false_alerts += lowest >= LIMIT_MGDL
        count.near += LIMIT_MGDL <= lowest < NEAR_MGDL
    count.readings += len(readings)


def value_after(readings: Sequence[GlucoseReading], index: int) -> int | None:
    """Return the value 20 min after a reading, None when it is missing."""
    for later in readings[index + 1 : index + AFTER]:
        if abs(minutes_between(readings[index], later) - _HORIZON_MINUTES) < 2.5:
            return later.value
    return None


def becomes_low(readings: Sequence[GlucoseReading], index: int) -> bool | None:
    """Return whether a reading < 55 mg/dL follows within 22.5 min, None where too few readings tell."""
    after = [
        reading.value
        for reading in readings[index + 1 : index + 1 + _HORIZON_MINUTES // 5]
        if minutes_between(readings[index], reading) <= _HORIZON_MINUTES + 2.5
    ]
    if any(value < LIMIT_MGDL for value in after):
        return True
    return False if len(after) == _HORIZON_MINUTES // 5 else None


def microseconds(readings: Sequence[GlucoseReading]) -> float:
    """Return what one forecast takes at best, the mean over some hundred readings."""
    windows = [readings[max(0, index - _WINDOW) : index] for index in range(1, len(readings) + 1)][:500]

    def forecast_all() -> None:
        for window in windows:
            forecast(window, window[-1].time)

    best = min(timeit.repeat(forecast_all, timer=process_time, number=1, repeat=40))
    return round(best / len(windows) * 1e6, 1)


def count_trace(trace: Trace, calibration: Calibration) -> dict[str, Count]:
    """Ask every rule at every reading of one person and count."""
    readings = trace.readings
    counts = {name: Count() for name in (*_OURS, *PEERS)}
    warned: dict[str, list[bool]] = {name: [] for name in PEERS}
    chances: list[float] = []
    for index, reading in enumerate(readings):
        window = readings[max(0, index + 1 - _WINDOW) : index + 1]
        ours = forecast(window, reading.time)
        if ours is None:
            raise AssertionError("a reading that has just been taken yields a forecast")
        chances.append(ours.urgent_low_chance)
        came_true = becomes_low(readings, index)
        if reading.value > LIMIT_MGDL and came_true is not None:
            calibration.add(ours.urgent_low_chance, came_true=came_true)
        outlooks = {name: rule(window) for name, rule in PEERS.items()}
        for name, outlook in outlooks.items():
            warned[name].append(outlook is not None and outlook.warns)
        value = value_after(readings, index)
        if value is not None and all(outlooks.values()):
            count_errors(value, {**dict.fromkeys(_OURS, ours), **outlooks}, counts)
    for name, sensitivity in _OURS.items():
        warned[name] = warnings(readings, chances, sensitivity)
    for name, count in counts.items():
        count_conditions(readings, warned[name], count)
    return counts


def count_errors(value: int, expected: Mapping[str, Forecast | Outlook | None], counts: Mapping[str, Count]) -> None:
    """Add by how much each forecast missed a value (mg/dL)."""
    for name, each in expected.items():
        if each is not None:
            counts[name].values += 1
            counts[name].error_mgdl += abs(each.value_mgdl - value)


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options of this benchmark."""
    parser.add_argument("--traces", type=Path, required=True, nargs="+", metavar="DIR", help="folders of traces")
    parser.add_argument("--people", default="*", metavar="PATTERN", help="only traces whose names match, as 'azt1d_*'")
    parser.add_argument("--draws", type=int, default=0, metavar="N", help="draws of people for intervals (default 0)")


def run(arguments: Namespace) -> Report:
    """Ask every rule at every reading and count."""
    traces = [trace for folder in arguments.traces for trace in load_traces(folder)]
    calibration = Calibration()
    people = [count_trace(trace, calibration) for trace in traces if fnmatch(trace.name, arguments.people)]
    if not people:
        raise SystemExit(f"{arguments.people}: no such people")
    data: dict[str, Figures] = {}
    for name in people[0]:
        counts = [person[name] for person in people]
        spread = intervals(counts, arguments.draws) if arguments.draws else {}
        data[name] = {**total(counts).figures(), **spread}
    rows = [(name, *map(_cell, figures.values())) for name, figures in data.items()]
    columns = ("rule", *data["ours"])
    calibrated = Table(columns=list(calibration.rows()[0]), rows=[list(row.values()) for row in calibration.rows()])
    cost = microseconds(traces[0].readings)
    data["ours"] = {**data["ours"], "calibration": calibration.rows(), "microseconds": cost}
    return Report(
        columns=columns,
        rows=rows,
        data=data,
        further=[calibrated, Table(columns=["microseconds"], rows=[[cost]])],
    )


def _cell(figure: object) -> Figure:
    """Return a figure as a cell, an interval as one text."""
    if isinstance(figure, list):
        return " to ".join(f"{limit:.3g}" for limit in figure)
    return figure if isinstance(figure, int | float) else None
