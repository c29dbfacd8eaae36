"""One chain at work: begins its steps on time, notes which fail, and puts the house back when the alert is over."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from homeassistant.core import CALLBACK_TYPE, Context, HassJob, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..const import DOMAIN, LOGGER
from ..glucose.alerts.kinds import AlertEvent
from ..watch.chain import (
    ANNOUNCED,
    OVER,
    STEP_LIMIT,
    Chain,
    Failure,
    Reason,
    advance,
    fail,
    finish,
    hear,
    next_moment,
    resume,
)
from ..watch.chain_settings import ChainSettings, ChainStep
from .borrowing import Borrowed
from .calling import APART, call
from .checking import problems_of, targets_of_all
from .ending import async_tell_phones, tag_of
from .events import ChainEvent, ChainEventType
from .steps import Action, actions_of, notification, phones_of
from .stored import ChainState
from .watched import SteadyClock, Watched

CHAIN_IDS: Final = "_chain_"
"""What follows the id of the person in the unique ids of all entities of chains."""


class ChainRunner:
    """Runs one chain; whatever fails in it is told and disturbs nobody else."""

    def __init__(
        self,
        hass: HomeAssistant,
        chain_id: str,
        title: str,
        settings: ChainSettings,
        watched: Watched,
        *,
        save: Callable[[], None],
    ) -> None:
        """Prepare; `save` has the state of all chains stored."""
        self._hass = hass
        self.chain_id = chain_id
        self.title = title
        self.settings = settings
        self.watched = watched
        self._save = save
        self.state = ChainState()
        self.is_new = True
        self.borrowed = Borrowed(hass, chain_id, save)
        self.testing_step: int | None = None
        """The step that a test is at, counted from 0."""
        self._clock = SteadyClock(watched.now, watched.uptime)
        self._context = Context()
        self._tasks: dict[tuple[int, int], asyncio.Task[None]] = {}
        self.stop_test: Callable[[], object] = _nothing
        """Ends the test that runs."""
        self._listeners: list[Callable[[ChainEvent | None], None]] = []
        self._cancel: CALLBACK_TYPE | None = None
        self._job = HassJob(self._handle_time, f"{DOMAIN} chain", cancel_on_shutdown=True)
        self._is_started = False

    @property
    def chain(self) -> Chain:
        """Return where the chain stands."""
        return self.state.chain

    def now(self) -> datetime:
        """Return the account's time; while the chain runs, no correction of it moves what is due."""
        if not self.chain.is_running:
            self._clock.set()
        return self._clock()

    @property
    def step(self) -> int | None:
        """Return the step begun last, counted from 1, 0 before the first; None while the chain does not run."""
        if not self.chain.is_running:
            return None if self.testing_step is None else self.testing_step + 1
        return (self.chain.begun - 1) % max(len(self.settings.steps), 1) + 1 if self.chain.begun else 0

    @property
    def unique_id_prefix(self) -> str:
        """Return what the unique ids of the entities of this chain begin with."""
        return f"{self.watched.entry.unique_id}{CHAIN_IDS}{self.chain_id}_"

    @callback
    def async_add_listener(self, listener: Callable[[ChainEvent | None], None]) -> CALLBACK_TYPE:
        """Call back after each change, with what is told if there is something."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def async_start(self) -> None:
        """Go on from what is stored, once Home Assistant has started."""
        self._clock.set()
        self.borrowed.async_settle()
        now, tz = self.now(), dt_util.get_default_time_zone()
        announced = self.watched.announced()
        was_running = self.chain.is_running
        if self.is_new:
            # A chain made in the middle of an alert begins with the next announcement.
            heard = {**announced, **self.chain.heard}
            self.state.chain = replace(self.chain, heard=heard)
            self.state.proof = replace(self.state.proof, made_at=now)
        self.state.chain, interrupted = resume(self.chain, self.settings, announced, now, tz=tz)
        self._is_started = True
        for number in interrupted:
            self._begin(self.chain.run, number)
        if was_running and not self.chain.is_running:
            self._end("ended", None)
        elif not self.chain.is_running and self.borrowed.loans:
            # A test, or the end of an alert, was cut off.
            self.async_put_back()
        self._go_on()

    @callback
    def async_leave(self) -> None:
        """End for good where the chain runs: nothing may stay switched on that nobody would put back."""
        self.stop_test()
        if self.chain.is_running or self.borrowed.loans:
            self._end("ended", None)
        self.async_stop()

    @callback
    def async_stop(self) -> None:
        """Do nothing any more; what is stored goes on when the person is loaded next."""
        self._is_started = False
        self._unset_timer()
        self._cancel_tasks()
        self.borrowed.async_stop()

    @callback
    def async_hear(self, event: AlertEvent) -> None:
        """Take in what an alert tells; a rehearsed alert starts nothing, as nothing would end it."""
        if event.test:
            return
        before = self.chain
        now, tz = self.now(), dt_util.get_default_time_zone()
        self.state.chain = hear(before, self.settings, event.type.value, event.kind, now, tz=tz)
        if self.chain is before:
            return
        if event.type.value in ANNOUNCED:
            # Before the real steps begin; what a test switched on is put back with the rest.
            self.stop_test()
        if before.is_running and not self.chain.is_running:
            self._end(event.type.value, before, event if event.type.value in OVER - {"ended"} else None)
        self._go_on()

    @callback
    def async_tell(self, event: ChainEvent | None) -> None:
        """Have what changed shown and told, and stored."""
        self._save()
        for listener in list(self._listeners):
            try:
                listener(event)
            except Exception:  # noqa: BLE001  (what shows it must not stop it)
                LOGGER.exception("What shows a wake-up chain failed")

    @callback
    def _go_on(self) -> None:
        """Begin what is due, and wait for what is due next."""
        if not self._is_started:
            self._save()
            return
        before = self.chain
        now, tz = self.now(), dt_util.get_default_time_zone()
        self.state.chain, numbers = advance(before, self.settings, now, tz=tz)
        run = self.chain.run
        self._give_up(before)
        if 0 in numbers:
            self.async_tell(ChainEvent(type=ChainEventType.STARTED, kind=self.chain.kind))
        for number in numbers:
            # A step may be an answer itself: nothing runs after it.
            if self.chain.run == run and number in self.chain.running:
                self._begin(run, number)
        self._set_timer()
        self.async_tell(None)

    def _give_up(self, before: Chain) -> None:
        """Cancel the steps of earlier runs, and tell of those that were not done in time."""
        for (run, number), task in list(self._tasks.items()):
            is_late = number in before.running and number not in self.chain.running and run == self.chain.run
            if run != self.chain.run or is_late:
                task.cancel()
        for failure in self.chain.failures:
            if failure.reason is Reason.TIMED_OUT and failure not in before.failures:
                self._tell_failure(failure)

    def _begin(self, run: int, number: int) -> None:
        """Begin a step; its actions are called before this returns."""
        key = (run, number)
        task = self._hass.async_create_background_task(
            self._run_step(run, number), f"{DOMAIN} chain step", eager_start=True
        )
        if not task.done():
            self._tasks[key] = task
            task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def _run_step(self, run: int, number: int) -> None:
        """Run the actions of a step, and note how it ended."""
        kind = self.chain.kind

        def note(reason: Reason, what: str) -> None:
            self._note_failure(run, Failure(number=number, reason=reason, time=self.now(), what=what))

        round_, place = divmod(number, len(self.settings.steps))
        is_ok = await self.async_run_actions(place, round_, kind.value if kind else "test", note)
        if is_ok and run == self.chain.run and number in self.chain.running:
            self.state.chain = finish(self.chain, run, number)
            self._set_timer()
            self.async_tell(ChainEvent(type=ChainEventType.STEP_DONE, step=place + 1, kind=kind))

    async def async_run_actions(self, place: int, round_: int, about: str, note: Callable[[Reason, str], None]) -> bool:
        """Run the actions of a step, and return whether they worked; `note` is told at once what fails.

        Actions whose targets are unavailable are run all the same: what works of them shall.
        """
        step = self.settings.steps[place]
        is_test = about == "test"
        try:
            actions = self.actions_of(step, about)
            if problems := problems_of(self._hass, actions) or ([] if actions else [step.kind.value]):
                note(Reason.UNAVAILABLE, ", ".join(problems))
            self.borrowed.async_take(targets_of_all(self._hass, actions))
            louder = round_ if self.settings.growing else 0
            place_in_chain = {"step": place + 1, "round": round_ + 1, "louder": louder, "chain": self.title}
            kind = None if is_test else self.chain.kind
            variables = {**self.watched.variables(kind, is_test=is_test), **place_in_chain}
            is_apart = step.kind in APART
            await call(self._hass, actions, variables, context=self._context, is_apart=is_apart)
        except TimeoutError:
            note(Reason.TIMED_OUT, "")
            return False
        except Exception as err:  # noqa: BLE001  (whatever an action raises)
            note(Reason.RAISED, str(err)[:200] if isinstance(err, HomeAssistantError) else type(err).__name__)
            return False
        return not problems

    def actions_of(self, step: ChainStep, about: str) -> list[Action]:
        """Return the actions of a step; `about` is the kind that the buttons of a notification answer, or "test"."""
        return actions_of(self._hass, step, notification(self.watched, tag=self.tag, about=about))

    @property
    def tag(self) -> str:
        """Return what the notifications of this chain replace each other by."""
        return tag_of(self.chain_id)

    @callback
    def _note_failure(self, run: int, failure: Failure) -> None:
        """Note that a step failed; the next one comes at once."""
        before = self.chain
        self.state.chain = fail(before, self.settings, run, failure)
        if self.chain is before:
            return
        self._tell_failure(failure)
        self._go_on()

    def _tell_failure(self, failure: Failure) -> None:
        """Tell of a failed step, and keep it as a problem until the chain is proved again."""
        place = failure.number % len(self.settings.steps)
        sentence = self.failure_sentence(place, failure.reason, failure.what)
        problems = (*self.state.proof.problems, sentence)
        self.state.proof = replace(self.state.proof, problems=tuple(dict.fromkeys(problems)))
        what, kind, reason = failure.what or None, self.chain.kind, failure.reason
        self.async_tell(
            ChainEvent(type=ChainEventType.STEP_FAILED, step=place + 1, what=what, reason=reason, kind=kind)
        )

    def failure_sentence(self, place: int, reason: Reason, what: str) -> str:
        """Return what is wrong with a step, in the user's words."""
        return self.watched.say(f"chain_failed_{reason}", step=str(place + 1), what=what)

    def _end(self, how: str, before: Chain | None, event: AlertEvent | None = None) -> None:
        """Stop what runs, put the house back, and tell the phones; `event` is the recovery, None for any other end."""
        self._cancel_tasks()
        self._unset_timer()
        count = len(self.settings.steps)
        if before and count and before.begun >= count and not before.failures and not before.running:
            self.state.proof = replace(self.state.proof, proved_at=self.now(), problems=())
        self.async_tell(ChainEvent(type=ChainEventType.ENDED, what=how, kind=before.kind if before else None))
        self.async_put_back()
        async_tell_phones(
            self._hass,
            phones_of(self.settings.steps),
            tag=self.tag,
            title=self.watched.entry.title,
            message=self.watched.over_message(event) if event else None,
        )

    @callback
    def async_put_back(self) -> None:
        """Put back what was switched on; nothing waits for it."""
        self._hass.async_create_background_task(
            self.borrowed.async_give_back(self._context), f"{DOMAIN} chain end", eager_start=True
        )

    def _cancel_tasks(self) -> None:
        """Stop the steps that run."""
        for task in list(self._tasks.values()):
            task.cancel()
        self._tasks.clear()

    @callback
    def _set_timer(self) -> None:
        """Wake up at the next moment, by the monotonic clock."""
        self._unset_timer()
        now, tz = self.now(), dt_util.get_default_time_zone()
        moment: datetime | None = next_moment(self.chain, self.settings, now, tz=tz)
        if moment is not None and self._is_started:
            self._cancel = async_call_later(self._hass, max((moment - now).total_seconds(), 0), self._job)

    @callback
    def _unset_timer(self) -> None:
        """Forget the next moment."""
        if self._cancel:
            self._cancel()
            self._cancel = None

    @callback
    def _handle_time(self, _: datetime) -> None:
        """Go on; what fails is tried again."""
        self._cancel = None
        try:
            self._go_on()
        except Exception:  # noqa: BLE001  (whatever it is, the chain goes on)
            LOGGER.exception("A wake-up chain failed and is tried again")
            self._unset_timer()
            self._cancel = async_call_later(self._hass, STEP_LIMIT, self._job)


def _nothing() -> None:
    """Do nothing: no test runs."""
