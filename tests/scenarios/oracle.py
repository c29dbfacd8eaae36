"""A plain reading of the alert rules: what of a day's timeline contradicts them.

It knows nothing of the engine: only the scenario and its answer, by the contract of the scenario benchmark. Where a
rule leaves a moment open (when a poll finds a reading, what is not known after a start) the judgement waits or is left
out.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import inf
from typing import Any, Final

from .day import CURRENT, LIMITS, MINUTE, Day, Reading, is_beyond, is_clear

NO_DATA: Final = 20 * MINUTE
FOUND_WITHIN: Final = 6 * MINUTE
"""The longest until a poll finds what Share has, where nothing is wrong."""
ANNOUNCED: Final = ("raised", "repeated")
OVER: Final = ("recovered", "ended")


def judge(scenario: Mapping[str, Any], outcome: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each breach of a rule."""
    day = Day(scenario, outcome)
    breaches = [f"{entry['at']}: {entry['error']}" for entry in day.timeline if "error" in entry]
    for check in (_missed, _shown_old, _not_shown, _order, _twice, _muted, _gaps, _silences, _past, _figures):
        breaches += check(day)
    return breaches


def _missed(day: Day) -> Iterator[str]:
    """S1, S5, S7, A3: what is newest and beyond a limit is told, unless it was told or answered."""
    for kind in LIMITS:
        told = [entry["at"] for entry in day.told(kind) if entry["told"] in ANNOUNCED]
        delay = 0.0 if kind == "urgent_low" else day.setting(kind, "delay_minutes") * MINUTE
        latest = 60 * MINUTE if kind != "high" else 14 * MINUTE
        for reading in day.readings:
            known = reading.available
            due = known + FOUND_WITHIN
            newer = [other for other in day.readings if other.effective > reading.effective and other.available <= due]
            if not is_beyond(kind, reading.value) or newer or due - reading.effective > latest:
                continue
            run = day.run_of(kind, reading)
            if not day.is_well(known - 20 * MINUTE, due) or not run:
                continue
            if reading.effective - run[0].effective < delay or day.is_answered(kind, due, run[0].effective - 4 * 3600):
                continue
            if kind != "urgent_low" and any(day.is_muted(at) for at in (known, due, run[0].effective)):
                continue
            first = day.run_of(kind, reading, surely=False)[0].effective
            begin = known - 5 * MINUTE - 15 if kind == "urgent_low" else first
            if not any(begin <= at <= due for at in told):
                yield f"{known}: {kind} of {reading.value} is not told"


def _shown_old(day: Day) -> Iterator[str]:
    """T2, T3, T4: a value is younger than 15 min by effective time as long as it is shown."""
    shown = [entry for entry in day.timeline if "shown" in entry]
    stops = sorted(until for _, until in day.runs)
    for place, entry in enumerate(shown):
        value, since = entry["shown"], entry["at"]
        if value is None:
            continue
        until = min(
            shown[place + 1]["at"] if place + 1 < len(shown) else day.end,
            stops[min(bisect_left(stops, since), len(stops) - 1)],
        )
        if not any(
            reading.value == value and reading.available <= since + 1 and until - reading.effective <= CURRENT + 2
            for reading in day.readings
            if reading.stamp <= reading.available
        ) and not any(
            # Stamped ahead: heard by a poll, which may have come later.
            reading.value == value
            and reading.available <= since + 1
            and (until - reading.available <= CURRENT + 360 or since >= reading.stamp >= until - CURRENT - 2)
            for reading in day.readings
            if reading.stamp > reading.available
        ):
            yield f"{since}: {value} is shown until {until}, too old"


def _not_shown(day: Day) -> Iterator[str]:
    """T4, N3: what Share has and is current is shown, and nothing before it."""
    shown = [entry for entry in day.timeline if "shown" in entry]
    for reading in day.readings:
        due = reading.available + FOUND_WITHIN
        others = [
            other
            for other in day.readings
            if other is not reading and other.available <= due and other.effective > reading.effective - 60
        ]
        if others or due - reading.effective >= CURRENT or not day.is_well(reading.available - 20 * MINUTE, due):
            continue
        before = [entry for entry in shown if entry["at"] <= due]
        if not before or before[-1]["shown"] != reading.value:
            yield f"{due}: {reading.value} is not shown but {before[-1]['shown'] if before else 'nothing'}"


def _order(day: Day) -> Iterator[str]:
    """A2, A3, A4, S3: an episode is raised first and once, and repeated only after that."""
    for kind in LIMITS:
        repeat = 1.0 if kind == "urgent_low" else day.setting(kind, "repeat_minutes")
        is_raised = False
        last = rested = -inf
        is_known = False
        for entry in day.told(kind):
            at, what = entry["at"], entry["told"]
            if any(last < start <= at for start in day.forgotten):
                is_raised, last, rested = what in ANNOUNCED, at, _rests_on(entry)
                continue
            is_known = what == "acknowledged" or (is_known and what in ("repeated", "ended"))
            if what in OVER:
                is_raised = False
            if what not in ANNOUNCED:
                continue
            # The end of an episode may lie before its last announcement, which rests on an older reading.
            may_be_over = _ended_between(day, kind, min(last, rested), at, surely=False)
            is_over = _ended_between(day, kind, last, at, surely=True)
            if what == "repeated" and repeat == 0 and not day.is_snooze_over(kind, at):
                yield f"{at}: {kind} is repeated although it is not to repeat"
            # An acknowledged one whose readings stopped and came late goes on as it was, without being raised anew.
            goes_on = is_raised or is_known
            if what == "repeated" and (not goes_on or (is_over and not entry["last_known"])):
                yield f"{at}: {kind} is repeated without being raised"
            if what == "raised" and is_raised and not may_be_over:
                yield f"{at}: {kind} is raised again without an end"
            is_raised, last, rested = True, at, _rests_on(entry)


def _ended_between(day: Day, kind: str, begin: float, end: float, *, surely: bool) -> bool:
    """Return whether the readings end an episode between two moments; not surely where a poll may not have seen it."""
    slack = FOUND_WITHIN if surely else -CURRENT - 60
    known = day.known_at(end - (FOUND_WITHIN if surely else 0))
    between = [one for one in known if begin - (CURRENT if not surely else 0) <= one.effective <= end]
    if not surely and not any(begin - CURRENT <= one.effective <= begin for one in known):
        # What was told last rests on a reading of long ago (alert rule S6).
        between = [*[one for one in known if one.effective < begin - CURRENT][-1:], *between]
    if surely and not day.is_well(end - 30 * MINUTE, end):
        return False
    if any(is_clear(kind, reading.value) and reading.effective > begin + max(slack, 0) for reading in between):
        return True
    edge = [end] if not surely else []
    moments = [*(reading.effective for reading in between), *edge]
    gap = CURRENT + (30 if surely else -30)
    if kind == "urgent_low" and surely:
        return False
    if any(after - before >= gap for before, after in pairwise(moments)):
        return True
    # Inside the limit for 15 min.
    inside: float | None = None
    for reading in between:
        if is_beyond(kind, reading.value):
            inside = None
            continue
        inside = reading.effective if inside is None else inside
        if not surely and reading.effective - inside >= CURRENT - 2 * 300 - 30:
            return True
    return False


def _twice(day: Day) -> Iterator[str]:
    """Nothing is announced twice within a minute, but urgent low."""
    for kind in ("low", "high", "no_data"):
        told = [entry for entry in day.told(kind) if entry["told"] in (*ANNOUNCED, *OVER)]
        for first, second in pairwise(told):
            is_twice = first["told"] in ANNOUNCED and second["told"] in ANNOUNCED
            forgotten = any(first["at"] < start <= second["at"] for start in day.forgotten)
            # Readings so far apart belong to two episodes, each of which is told (alert rules A2 and A3).
            is_other = kind != "no_data" and _rests_on(second) - _rests_on(first) >= CURRENT - 30
            if is_twice and not forgotten and not is_other and second["at"] - first["at"] < MINUTE:
                yield f"{second['at']}: {kind} is told twice within a minute"


def _muted(day: Day) -> Iterator[str]:
    """S8: muted, only urgent low speaks, and no data after an urgent low that nobody answered."""
    for kind in ("low", "high", "no_data"):
        for entry in day.told(kind):
            at = entry["at"]
            if entry["told"] not in ANNOUNCED or not any(since + 2 < at < until - MINUTE for since, until in day.mutes):
                continue
            since = max(begin for begin, _ in day.mutes if begin < at)
            if any(since < start <= at for start in day.forgotten) or not day.runs_through(since, since + 1):
                continue
            urgent = [one["at"] for one in day.told("urgent_low") if one["told"] in ANNOUNCED and one["at"] <= at]
            if kind == "no_data" and urgent:
                continue
            yield f"{at}: {kind} is told while muted"


def _gaps(day: Day) -> Iterator[str]:
    """A2: a gap ends a low or high that was raised, and that is told once no reading can have been taken in time."""
    for kind in ("low", "high"):
        told = day.told(kind)
        for reading in day.readings:
            due = reading.effective + CURRENT
            # One taken just in time may come as late as this one did.
            latest = due + 90 + min(reading.available - reading.effective, 2 * MINUTE)
            if any(other.effective > reading.effective and other.available <= latest for other in day.readings):
                continue
            if not day.is_well(reading.available - 10 * MINUTE, latest) or reading.available > due - FOUND_WITHIN:
                continue
            before = [entry for entry in told if entry["at"] < due - 1 and entry["told"] in (*ANNOUNCED, *OVER)]
            if not before or before[-1]["told"] not in ANNOUNCED or any(day.is_muted(at) for at in (due, latest)):
                continue
            if _ended_between(day, kind, before[-1]["at"], due - 1, surely=False) or not is_beyond(kind, reading.value):
                continue
            if not any(due - 5 <= entry["at"] <= latest and entry["told"] == "ended" for entry in told):
                yield f"{due}: a gap does not end {kind}"


def _silences(day: Day) -> Iterator[str]:
    """S9: 20 min without a reading are told once, and nothing else is told as silence."""
    told = [entry["at"] for entry in day.told("no_data") if entry["told"] == "raised"]
    for reading in day.readings:
        due = reading.effective + NO_DATA
        soon = [other for other in day.readings if other.effective > reading.effective]
        if any(other.available <= due + 90 for other in soon) or due + 90 > day.end:
            continue
        begin = max(reading.available, due - 60)
        if reading.available > due - FOUND_WITHIN or not day.is_well(begin - 25 * MINUTE, due + 90):
            continue
        if day.is_muted(due) or day.is_answered("no_data", due, inf):
            continue
        # A twin from a second uploader may count for the reading it repeats.
        if not any(due - 15 <= at <= due + 65 for at in told):
            yield f"{due}: a silence is not told"
    for at in told:
        fresh = [
            reading
            for reading in day.readings
            if reading.effective > at - NO_DATA + 60
            and reading.available + FOUND_WITHIN < at
            and day.is_well(reading.available - 20 * MINUTE, at)
        ]
        if fresh:
            yield f"{at}: a silence is told, but there was {fresh[-1].value} at {fresh[-1].effective}"


def _past(day: Day) -> Iterator[str]:
    """S7, S10, A1: what is told rests on a reading that Share has, and not on one of the past."""
    for kind in LIMITS:
        for entry in day.told(kind):
            if entry["told"] not in ANNOUNCED or entry["last_known"] or entry["value"] is None:
                continue
            oldest = 61 * MINUTE if kind != "high" else CURRENT + MINUTE
            if not any(
                reading.value == entry["value"]
                and reading.available <= entry["at"] + 1
                and entry["at"] - reading.effective <= oldest
                for reading in day.readings
            ):
                yield f"{entry['at']}: {kind} is told by {entry['value']}, which is of the past"
            elif is_clear(kind, entry["value"]):
                yield f"{entry['at']}: {kind} is told with {entry['value']}, which is over"


def _rests_on(entry: Mapping[str, Any]) -> float:
    """Return the effective time of the reading that an announcement rests on."""
    return float(entry["at"]) - float(entry["reading_age"] or 0)


def _figures(day: Day) -> Iterator[str]:
    """N4, and no reading is lost."""
    hours = (day.end // 3600) + 1
    if day.outcome["refused_logins"] > 3 * hours or day.outcome["logins"] > 12 * hours:
        yield f"{day.outcome['logins']} log-ins, {day.outcome['refused_logins']} refused"
    if day.outcome["kept"] < day.outcome["offered"] - _twins(day) and not day.forgotten:
        yield f"{day.outcome['kept']} readings of {day.outcome['offered']} are kept"


def _twins(day: Day) -> int:
    """Return how many readings repeat the value of another one stamped within a minute: they are one reading."""
    in_order = sorted(day.readings, key=_stamp)
    return sum(
        any(
            one.value == reading.value and reading.stamp - one.stamp <= MINUTE
            for one in in_order[max(place - 3, 0) : place]
        )
        for place, reading in enumerate(in_order)
    )


def _stamp(reading: Reading) -> float:
    return reading.stamp
