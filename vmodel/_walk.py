"""Taking the steps of the table: hooks outside the lock, the books before and after under it.

All of it runs in the thread of whoever wants the service there; its ticket is the tenant's mover
meanwhile, so that nothing else begins.
"""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from vmodel._events import Evicted, Overran, StateChanged, StepEnded
from vmodel._hooks import moving, run_hook, tell, undo
from vmodel._lifecycle import TRANSITIONS, Arc, State, Step
from vmodel._moves import RISES, Admit, Aim, Stop, Ticket
from vmodel._queue import Queue
from vmodel._tenant import Failure, Tenant
from vmodel._watchdog import watched
from vmodel.engines.base import Engine
from vmodel.errors import CallTimeout, StepFailed

log = logging.getLogger("vmodel")

COOLING_STEPS = (Step.PREPARE, Step.LOAD)
FALLS = (Step.UNLOAD, Step.CLEANUP)

Walks = tuple[tuple[Tenant, tuple[Step, ...]], ...]


class Walk:
    """Takes steps on behalf of tickets; `warm` has the tenants that hold memory, the first loaded first."""

    def __init__(self, engine: Engine, queue: Queue, *, owner: object) -> None:
        self.warm: dict[Tenant, None] = {}
        self._engine = engine
        self._queue = queue
        self._outbox = queue.outbox
        self._clock = queue.clock
        self._owner = owner

    def act(self, ticket: Ticket, walks: Walks, *, then: Callable[[], None] = lambda: None) -> None:
        """Take the steps of *walks* on behalf of *ticket*, do what comes *then*, and let everybody decide anew."""
        try:
            for tenant, steps in walks:
                if tenant is ticket.tenant:
                    self._take(ticket, tenant, steps)
                else:
                    self._evict(ticket, tenant, steps)
            then()
        except BaseException:
            self.withdraw(ticket)
            raise
        with self._queue.lock:
            ticket.reopen()
            self._queue.let_go(ticket)
            self._queue.settle()
        self._outbox.deliver()

    def withdraw(self, ticket: Ticket) -> None:
        """Undo what was booked for *ticket*, whose holder was interrupted or refused."""
        with self._queue.lock:
            if ticket in self._queue:
                self._queue.take_out(ticket)
            elif ticket.aim is Aim.CALL and isinstance(ticket.move, Admit):
                ticket.tenant.seats.append(None)
            self._queue.let_go(ticket)
            self._queue.settle()
        self._outbox.deliver()

    def quietly(self, ticket: Ticket, walks: Walks) -> None:
        """Take the steps of *walks*; a failure is logged, because something else has the caller's attention."""
        try:
            self.act(ticket, walks)
        except Exception:  # whatever the hook raised
            log.exception("service %r was not stopped", ticket.tenant.service.name)

    def _evict(self, ticket: Ticket, victim: Tenant, steps: tuple[Step, ...]) -> None:
        """Stop *victim* to make room for *ticket*; where its hook fails, others are looked for."""
        name, guest = victim.service.name, ticket.tenant.service.name
        need = ticket.move.need if isinstance(ticket.move, Stop) else None
        self._outbox.put(Evicted(name, time.time(), guest, f"{guest!r} needs {need}"))
        self._outbox.deliver()
        try:
            with moving(ticket.moving, Step.UNLOAD):
                self._take(ticket, victim, steps)
        except StepFailed:
            log.exception("service %r could not be stopped to make room for %r", name, guest)

    def _take(self, ticket: Ticket, tenant: Tenant, steps: tuple[Step, ...]) -> None:
        self._engine.claim(tenant.service, self._owner)
        started = self._clock()
        for step in steps:
            self._step(ticket, tenant, step)
        if tenant.state is State.READY:
            tenant.reload_seconds = self._clock() - started
        if tenant.state is State.NEW:
            self._engine.release(tenant.service, self._owner)

    def _step(self, ticket: Ticket, tenant: Tenant, step: Step) -> None:
        """Take one step of the table, and book how it went."""
        with self._queue.lock:
            if step not in FALLS:
                self._queue.check_open(tenant)
            arc = tenant.arc(step)
            self._move(tenant, arc.during)
        started, stuck = self._clock(), tenant.stuck
        try:
            self._outbox.deliver()
            with self._timed(tenant, step):
                run_hook(self._engine, tenant, step)
        except (Exception, SystemExit) as error:
            text = tell(error)
            self._fail(tenant, step, arc, text)
            self._report(tenant, step, started, text)
            raise _step_failed(tenant, step, text) from error
        except BaseException:
            self._after(tenant, arc, arc.interrupted or arc.failure)
            tenant.stuck = stuck  # an interruption is no failed unload
            raise
        with self._queue.lock:
            self._move(tenant, arc.success)
            if step is Step.TEST:
                ticket.tested = True
                tenant.recover()
        self._report(tenant, step, started, None)

    def _timed(self, tenant: Tenant, step: Step) -> AbstractContextManager[None]:
        """Watch over a hook that has a timeout."""
        seconds = tenant.service.config.timeouts.get(step.value)
        if seconds is None:
            return nullcontext()
        return watched(seconds, lambda stack: self._overran(tenant, step, seconds, stack))

    def _overran(self, tenant: Tenant, step: Step, seconds: float, stack: str) -> None:
        """Say where a hook hangs and let nobody wait for it any longer; it cannot be stopped in its thread."""
        name = tenant.service.name
        log.warning("service %r did not %s within %s s and still runs:\n%s", name, step.value, seconds, stack)
        self._outbox.put(Overran(name, time.time(), step, seconds, stack))
        message = f"service {name!r} did not {step.value} within {seconds} s and still runs"
        with self._queue.lock:
            waiting = [ticket for ticket in self._queue.waiting_for(tenant) if ticket.aim in RISES]
            self._queue.refuse(waiting, CallTimeout(message, service=name, step=step.value))
        self._outbox.deliver()

    def _fail(self, tenant: Tenant, step: Step, arc: Arc, text: str) -> None:
        """Undo, remember the failure, and tell it to all who waited for this attempt."""
        self._after(tenant, arc, arc.failure)
        with self._queue.lock:
            failure = Failure(step, text, time.time())
            tenant.fail(failure, now=self._clock(), cools=step in COOLING_STEPS)
            tenant.test_failed = tenant.test_failed or step is Step.TEST
            disappointed = [ticket for ticket in self._queue.waiting_for(tenant) if ticket.aim in RISES]
            if step not in FALLS:
                self._queue.refuse(disappointed, _step_failed(tenant, step, text))

    def _after(self, tenant: Tenant, arc: Arc, state: State) -> None:
        """Run what undoes the step of *arc*, then enter *state*."""
        undone = arc.undo is None
        try:
            if arc.undo is not None:
                with self._queue.lock:
                    self._move(tenant, TRANSITIONS[State.LOADED][arc.undo].during)
                undone = undo(self._engine, tenant, arc.undo)
        finally:  # also where the undo itself is interrupted
            with self._queue.lock:
                self._move(tenant, state if undone else arc.undo_failed or state)

    def _move(self, tenant: Tenant, state: State) -> None:
        old = tenant.state
        tenant.move(state)
        tenant.watch()
        if tenant.holds_memory:
            self.warm.setdefault(tenant)
        else:
            self.warm.pop(tenant, None)
        self._outbox.put(StateChanged(tenant.service.name, tenant.since, old, state))

    def _report(self, tenant: Tenant, step: Step, started: float, error: str | None) -> None:
        event = StepEnded(tenant.service.name, time.time(), step, self._clock() - started, error)
        self._outbox.put(event)
        self._outbox.deliver()


def _step_failed(tenant: Tenant, step: Step, text: str) -> StepFailed:
    name = tenant.service.name
    return StepFailed(f"service {name!r} failed to {step.value}: {text}", service=name, step=step.value)
