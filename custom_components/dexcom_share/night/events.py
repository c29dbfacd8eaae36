"""What there is to tell of a chain."""

from dataclasses import dataclass
from enum import StrEnum


class ChainEventType(StrEnum):
    """The types of what is told."""

    STARTED = "started"
    STEP_DONE = "step_done"
    STEP_FAILED = "step_failed"
    ENDED = "ended"
    CHECK_PASSED = "check_passed"
    CHECK_FAILED = "check_failed"
    TEST_PASSED = "test_passed"
    TEST_FAILED = "test_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainEvent:
    """Something to tell of a chain; `step` is counted from 1, `what` says what is wrong, or how the chain ended."""

    type: ChainEventType
    step: int | None = None
    what: str | None = None
    reason: str | None = None
    kind: str | None = None
