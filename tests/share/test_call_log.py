"""The log of calls: counts of the last 24 hours, in little memory whatever the server does."""

from datetime import UTC, datetime, timedelta
from typing import Final

from custom_components.dexcom_share.share import CallRecord
from custom_components.dexcom_share.share.call_log import MOST_KINDS, CallLog, Kind

START: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)


def call(outcome: str = "ok", code: str | None = None, endpoint: str = "Read") -> CallRecord:
    """Return one call."""
    return CallRecord(endpoint=endpoint, duration_seconds=0.1, outcome=outcome, code=code)


def test_calls_are_counted_by_kind() -> None:
    """Endpoint, outcome and code make a kind; the most frequent comes first."""
    log = CallLog()
    for record in (call(), call("ShareServerError", "HTTP 503"), call(), call("ShareTimeoutError")):
        log.record(record, START)
    assert log.counts(START) == {
        Kind("Read", "ok", ""): 2,
        Kind("Read", "ShareServerError", "HTTP 503"): 1,
        Kind("Read", "ShareTimeoutError", ""): 1,
    }
    assert (log.calls(START), log.faults(START)) == (4, 2)
    assert log.last_success == START


def test_a_day_is_kept() -> None:
    """What lies further back does not count."""
    log = CallLog()
    for hour in range(48):
        log.record(call(), START + hour * HOUR)
    assert log.calls(START + 47 * HOUR) == 24
    assert log.since(START + 47 * HOUR) == START + 24 * HOUR
    assert log.since(START + 80 * HOUR) is None
    assert log.calls(START + 80 * HOUR) == 0


def test_a_clock_set_back_forgets_and_goes_on() -> None:
    """Calls of a future that was none are not kept for ever; a small step back joins the latest hour."""
    log = CallLog()
    log.record(call(), START + timedelta(days=400))
    log.record(call(), START)
    log.record(call(), START - timedelta(minutes=5))
    assert log.calls(START) == 2


def test_made_up_codes_do_not_fill_the_memory() -> None:
    """Beyond some kinds an hour, the rest is counted together."""
    log = CallLog()
    for number in range(1000):
        log.record(call("ShareRequestError", f"Code{number}"), START)
    assert len(log.counts(START)) == MOST_KINDS + 1
    assert log.faults(START) == 1000
