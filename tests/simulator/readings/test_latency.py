"""The upload: how long readings take."""

from datetime import timedelta

from simulator import DelayedSource, ListSource, MadeUpSource, Record, UploadLatency

from ..conftest import MINUTE, START

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def delays(latency: UploadLatency, days: int = 30) -> list[float | None]:
    """Return the seconds that readings of some days take, None for lost ones."""
    times = [START + number * timedelta(seconds=299.6) for number in range(days * 288)]
    return [
        None if (available := latency.available_at(time)) is None else (available - time).total_seconds()
        for time in times
    ]


def test_shares_without_outages() -> None:
    """85 % in 8 to 15 s, 12 % in 15 to 60 s, 3 % in up to 4 min; none sooner, none later, none lost."""
    taken = [delay for delay in delays(UploadLatency(1, outages=False)) if delay is not None]
    assert len(taken) == 30 * 288
    assert min(taken) >= 8
    assert max(taken) <= 240
    quick = sum(delay < 15 for delay in taken) / len(taken)
    medium = sum(15 <= delay < 60 for delay in taken) / len(taken)
    slow = sum(delay >= 60 for delay in taken) / len(taken)
    assert abs(quick - 0.85) < 0.01
    assert abs(medium - 0.12) < 0.01
    assert abs(slow - 0.03) < 0.005


def test_outages_hold_readings_back() -> None:
    """About once a day 2 to 12 readings in a row come later, all in order of time, or never."""
    latency = UploadLatency(1)
    records = [Record(time=START + 5 * number * MINUTE, value=100) for number in range(60 * 288)]
    delayed = DelayedSource(ListSource(records), latency, start=START - DAY).between(START - DAY, START + 60 * DAY)
    lost = len(records) - len(delayed)
    assert 0 < lost < 0.02 * len(records)
    late = [record for record in delayed if record.available - record.time > 4 * MINUTE]
    assert lost < len(late) < 0.04 * len(records)
    arrivals = [record.available for record in delayed]
    assert arrivals == sorted(arrivals) or any(record.available - record.time > 4 * MINUTE for record in delayed)
    runs: list[list[Record]] = []
    for record in late:
        if runs and record.time - runs[-1][-1].time == 5 * MINUTE:
            runs[-1].append(record)
        else:
            runs.append([record])
    assert 25 < len(runs) < 65
    # The last one of an outage may be in time by its end.
    assert all(1 <= len(run) <= 12 for run in runs)
    assert max(len(run) for run in runs) > 8
    for run in runs:
        times = [record.available for record in run]
        assert times == sorted(times)
        assert times[-1] - times[0] < MINUTE


def test_same_seed_same_delays() -> None:
    """Whoever asks, and in whatever order."""
    first, again, other = delays(UploadLatency(1), 3), delays(UploadLatency(1), 3), delays(UploadLatency(2), 3)
    assert first == again != other
    latency = UploadLatency(1)
    assert latency.available_at(START + DAY) == UploadLatency(1).available_at(START + DAY)
    assert latency.available_at(START) == UploadLatency(1).available_at(START)


def test_past_is_all_there() -> None:
    """What was taken before the start is available, with its gaps and no others."""
    source = MadeUpSource(1)
    delayed = DelayedSource(source, UploadLatency(1), start=START)
    assert delayed.between(START - 5 * DAY, START) == source.between(START - 5 * DAY, START)
    later = delayed.between(START, START + DAY)
    assert all(record.available >= record.time + 8 * SECOND for record in later)
