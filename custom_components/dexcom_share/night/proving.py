"""The proof that a chain works: a look at everything each evening, and a test that runs its steps."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_later, async_track_time_change

from ..const import DOMAIN, LOGGER
from ..display.failures import mistake
from ..display.issues import report_issue
from ..watch.chain import Reason
from .checking import problems_of
from .events import ChainEvent, ChainEventType
from .runner import ChainRunner

MISSED_AFTER: Final = timedelta(hours=24)
"""A check that is older was missed, and is made up for a while after the start."""
AFTER_START: Final = timedelta(minutes=5)
"""Until then other integrations have brought their entities."""
SHOWN_FOR_SECONDS: Final = 5.0
"""So long what a test switched on stays on, to be seen and heard."""


class ChainProver:
    """Checks and tests one chain, and tells what would fail tonight."""

    def __init__(self, hass: HomeAssistant, runner: ChainRunner) -> None:
        """Prepare."""
        self._hass = hass
        self._runner = runner
        self._unsubscribe: list[CALLBACK_TYPE] = []
        self._task: asyncio.Task[list[str]] | None = None
        runner.stop_test = self.async_stop_test

    @callback
    def async_start(self) -> None:
        """Check every evening from now on; a check that was missed is made up for."""
        at, proof = self._runner.settings.check_at, self._runner.state.proof
        if at is None:
            return
        self._unsubscribe.append(
            async_track_time_change(self._hass, self._handle_time, hour=at.hour, minute=at.minute, second=at.second)
        )
        last = proof.checked_at or proof.made_at
        if last is None or self._runner.watched.now() - last >= MISSED_AFTER:
            self._unsubscribe.append(async_call_later(self._hass, AFTER_START, self._handle_time))

    @callback
    def async_stop(self) -> None:
        """Check no more."""
        self.async_stop_test()
        while self._unsubscribe:
            self._unsubscribe.pop()()

    @callback
    def async_stop_test(self) -> None:
        """End a test."""
        if self._task:
            self._task.cancel()

    @callback
    def async_check(self) -> list[str]:
        """Look whether everything is in order, tell what is not, and return it as sentences."""
        runner = self._runner
        watched = runner.watched
        found = [] if runner.settings.steps else [watched.say("chain_has_no_steps")]
        for place, step in enumerate(runner.settings.steps):
            actions = runner.actions_of(step, "test")
            if what := problems_of(self._hass, actions) or ([] if actions else [step.kind.value]):
                found.append(runner.failure_sentence(place, Reason.UNAVAILABLE, ", ".join(what)))
        found += [watched.say(key) for key in watched.problems()]
        self._record(found, passed=ChainEventType.CHECK_PASSED, failed=ChainEventType.CHECK_FAILED, is_proof=False)
        return found

    async def async_test(self) -> list[str]:
        """Run every step, marked as a test, and return what failed as sentences.

        Raises:
            ServiceValidationError: an alert is being answered by the chain, or came while the test ran.
        """
        if self._runner.chain.is_running or self._task:
            raise mistake("chain_is_running", chain=self._runner.title)
        self._task = task = self._hass.async_create_background_task(
            self._run_all(), f"{DOMAIN} chain test", eager_start=True
        )
        try:
            await asyncio.wait((task,))
        finally:
            task.cancel()
            self._task = None
        if task.cancelled():
            raise mistake("chain_test_stopped", chain=self._runner.title)
        return task.result()

    @callback
    def _end_test(self) -> None:
        """Put the house back, unless an alert has come: then the chain goes on with what is switched on."""
        self._runner.testing_step = None
        self._runner.async_tell(None)
        if not self._runner.chain.is_running:
            self._runner.async_put_back()

    async def _run_all(self) -> list[str]:
        """Run one step after the other, then put the house back."""
        runner = self._runner
        failed: list[str] = []

        def note_of(place: int) -> Callable[[Reason, str], None]:
            return lambda reason, what: failed.append(runner.failure_sentence(place, reason, what))

        try:
            for place in range(len(runner.settings.steps)):
                runner.testing_step = place
                runner.async_tell(None)
                await runner.async_run_actions(place, 0, "test", note_of(place))
            await asyncio.sleep(SHOWN_FOR_SECONDS)
        finally:
            self._end_test()
        if not runner.settings.steps:
            failed.append(runner.watched.say("chain_has_no_steps"))
        self._record(failed, passed=ChainEventType.TEST_PASSED, failed=ChainEventType.TEST_FAILED, is_proof=True)
        return failed

    @callback
    def _record(self, problems: list[str], *, passed: ChainEventType, failed: ChainEventType, is_proof: bool) -> None:
        """Keep and tell the result, and show what would fail tonight as a repair issue."""
        runner = self._runner
        now = runner.watched.now()
        proof = replace(runner.state.proof, checked_at=now, problems=tuple(problems))
        runner.state.proof = replace(proof, proved_at=now) if is_proof and not problems else proof
        self._report()
        event = ChainEvent(type=failed if problems else passed, what=" ".join(problems) or None)
        runner.async_tell(event)

    @callback
    def _report(self) -> None:
        """Show or withdraw the repair issues of this chain."""
        runner = self._runner
        proof, entry = runner.state.proof, runner.watched.entry
        placeholders = {"chain": runner.title, "problems": "\n".join(f"- {each}" for each in proof.problems)}
        report_issue(
            self._hass,
            entry,
            "chain_would_fail",
            is_true=bool(proof.problems),
            placeholders=lambda: placeholders,
            part=runner.chain_id,
        )
        report_issue(
            self._hass,
            entry,
            "chain_not_proved",
            is_true=runner.settings.remind and proof.is_overdue(runner.watched.now()),
            placeholders=lambda: {"chain": runner.title},
            part=runner.chain_id,
        )

    @callback
    def _handle_time(self, _: datetime) -> None:
        """Check, unless the chain is at work; whatever fails in it must not end the checks."""
        if self._runner.chain.is_running:
            return
        try:
            self.async_check()
        except Exception:  # noqa: BLE001  (whatever it is, the next check comes)
            LOGGER.exception("A wake-up chain could not be checked")


@callback
def withdraw_issues(hass: HomeAssistant, entry_id: str, chain_id: str) -> None:
    """Withdraw what was told of a chain that is gone."""
    for key in ("chain_would_fail", "chain_not_proved"):
        ir.async_delete_issue(hass, DOMAIN, f"{key}_{entry_id}_{chain_id}")
