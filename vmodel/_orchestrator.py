"""Brings services to where callers need them, once however many ask.

There is no scheduler thread: a caller takes a ticket, waits for an answer, and runs itself the steps
that the answer names. Decisions are made under the queue's lock, hooks and calls run outside it.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count

from vmodel._assessment import Assessor
from vmodel._callers import callers, innermost
from vmodel._current import CHAIN, links, opened
from vmodel._events import Closed, Listener, Outbox
from vmodel._expiry import Expiry
from vmodel._lifecycle import State, Step, route
from vmodel._machine import Holding
from vmodel._moves import RISES, Aim, Ticket
from vmodel._pursuit import Pursuit
from vmodel._queue import Queue
from vmodel._room import is_idle
from vmodel._survey import Survey
from vmodel._tenant import Tenant
from vmodel._threads import ThreadCache
from vmodel._walk import Walk
from vmodel.engines.base import Engine
from vmodel.errors import VModelClosed, WouldDeadlock

log = logging.getLogger("vmodel")


@dataclass(frozen=True, slots=True)
class Entry:
    """How a caller came in: with a seat of its own or not, and how old its ticket was, if it had one."""

    seated: bool
    age: int | None = None


class Orchestrator:
    """The owner of all tenants; callers come in with `enter()` and go out with `leave()`."""

    def __init__(
        self,
        engine: Engine,
        assessor: Assessor,
        threads: ThreadCache,
        *,
        clock: Callable[[], float],
        listener: Listener | None = None,
    ) -> None:
        self.engine = engine
        self.clock = clock
        self.outbox = Outbox(listener)
        self.queue = Queue(clock, self.outbox)
        self._tenants: dict[Tenant, None] = {}
        self._observed = listener is not None
        self._ended = False
        self._walk = Walk(engine, self.queue, owner=self)
        self._survey = Survey(assessor, self.queue)
        self._threads = threads
        self._pursuit = Pursuit(self.queue, self._walk, self._survey.look, threads)
        self._expiry = Expiry(lambda tenant: self._stop_if_idle(tenant, keep_files=True))
        self._numbers = count(1)

    def __repr__(self) -> str:
        inside = sum(tenant.inside for tenant in self._tenants)
        return f"<Orchestrator: {len(self._walk.warm)} warm, {inside} inside, {len(self.queue)} queued>"

    def add(self, tenant: Tenant) -> None:
        """Take *tenant* in."""
        with self.queue.lock:
            self.queue.check_open()
            self._tenants[tenant] = None
            tenant.observed = self._observed

    def observe(self) -> None:
        """Let every caller who leaves tell so: somebody listens."""
        with self.queue.lock:
            self._observed = True
            for tenant in self._tenants:
                tenant.observed = True
                tenant.watch()

    def enter(self, tenant: Tenant, deadline: float | None = None) -> Entry:
        """Bring *tenant* to READY and take a seat, unless the caller's own chain has one.

        Raises:
            AdmissionError, LifecycleError: Where the call cannot be let in.
        """
        if self._reenters(tenant):
            return Entry(seated=False)
        self._survey.assess(tenant)
        ticket = self._ticket(tenant, Aim.CALL)
        self._pursuit.follow(ticket, deadline)
        return Entry(seated=True, age=ticket.number)

    async def aenter(self, tenant: Tenant, deadline: float | None = None) -> Entry:
        """Do as `enter()` does without blocking the event loop."""
        if self._reenters(tenant):
            return Entry(seated=False)
        if self.enters_at_once(tenant):
            return Entry(seated=True)
        with self.queue.lock:
            self.queue.check_open(tenant)
        await self._threads.run(partial(self._survey.assess, tenant))
        ticket = self._ticket(tenant, Aim.CALL)
        await self._pursuit.afollow(ticket, deadline)
        return Entry(seated=True, age=ticket.number)

    def enters_at_once(self, tenant: Tenant) -> bool:
        """Take a seat where the gate is open: announce, then look, as `VModel.run` does."""
        try:
            tenant.seats.pop()
        except IndexError:
            return False
        if tenant.gate_open:
            return True
        self.leave(tenant)
        return False

    def deadline(self, timeout: float | None, parent: tuple[object, ...] | None) -> float | None:
        """Return when a call with *timeout* must have had its turn: its caller's own deadline counts too."""
        own = None if timeout is None else self.clock() + timeout
        given = next((link.deadline for link in links(parent)), None)
        return min((moment for moment in (own, given) if moment is not None), default=None)

    def leave(self, tenant: Tenant) -> None:
        """Give the seat back; what follows from it is decided when somebody waits."""
        tenant.seats.append(None)
        if tenant.watched:
            self.left(tenant)

    def left(self, tenant: Tenant) -> None:
        """Decide what follows from a seat that was given back to a service that somebody watches."""
        self.settle()
        keep_alive = tenant.service.config.keep_alive
        if keep_alive == 0:
            self._stop_if_idle(tenant, keep_files=True)
        elif keep_alive is not None and is_idle(tenant):
            self._expiry.set(tenant, keep_alive)

    def leave_and_dump(self, tenant: Tenant, *, keep_files: bool) -> None:
        """Give the seat back, and stop the service where nobody else is inside or waits."""
        tenant.seats.append(None)
        self._stop_if_idle(tenant, keep_files=keep_files)

    def _stop_if_idle(self, tenant: Tenant, *, keep_files: bool) -> None:
        """Stop *tenant* where nobody is inside or waits, and it is not pinned.

        A failure is logged: it must not hide the result or the error of the call that was the last one.
        """
        aim = Aim.UNLOAD if keep_files else Aim.CLEANUP
        ticket = self._ticket(tenant, aim)
        goal = tenant.service.protocol.resting if keep_files else State.NEW
        try:
            with self.queue.lock:
                tenant.gate_open = False
                steps = () if self._is_wanted(tenant) else route(tenant.state, goal) or ()
                if steps:
                    self.queue.hold(ticket, tenant)
                tenant.watch()
                self.queue.settle()
            self.outbox.deliver()
            if steps:
                self._walk.quietly(ticket, ((tenant, steps),))
        except BaseException:
            self._walk.withdraw(ticket)
            raise

    def _is_wanted(self, tenant: Tenant) -> bool:
        """Return whether a service that a caller leaves must stay as it is."""
        over = tenant.shut or self.queue.closed is not None
        return bool(over or tenant.inside or tenant.waiting or tenant.mover or tenant.service.config.pin)

    def settle(self) -> None:
        """Decide once for the whole queue: something changed without the lock."""
        with self.queue.lock:
            self.queue.settle()
        self.outbox.deliver()

    def bring(self, tenant: Tenant, aim: Aim) -> None:
        """Take the steps to *aim*, as somebody asked by name.

        Raises:
            WouldDeadlock: From inside a call to the same service, for which the step would wait.
            StepFailed: Where a hook fails.
        """
        name = tenant.service.name
        if innermost(tenant):
            message = f"cannot {aim.value} {name!r} from inside itself: it would wait for its own end"
            raise WouldDeadlock(message, service=name, step=aim.value)
        if aim in RISES:
            self._survey.assess(tenant)
        self._pursuit.follow(self._ticket(tenant, aim), None)

    def remove(self, tenant: Tenant) -> None:
        """Stop *tenant* and let nobody in any more."""
        while not self._shut(tenant):
            self.bring(tenant, Aim.UNLOAD)
        self.engine.release(tenant.service, self)

    def _shut(self, tenant: Tenant) -> bool:
        with self.queue.lock:
            if tenant.inside or tenant.mover or tenant.holds_memory:
                return False
            tenant.shut = True
            name = tenant.service.name
            gone = VModelClosed(f"service {name!r} was removed", service=name)
            self.queue.refuse(self.queue.waiting_for(tenant), gone)
            del self._tenants[tenant]
            return True

    def _ticket(self, tenant: Tenant, aim: Aim) -> Ticket:
        inside = list(callers())
        chain = tuple(dict.fromkeys(link.tenant for link in inside if link.tenant in self._tenants))
        age = next((link.age for link in inside if link.age is not None), None) or next(self._numbers)
        return Ticket(tenant, aim, age, chain=chain, arrived=self.clock())

    def _reenters(self, tenant: Tenant) -> bool:
        """Return whether the caller's own chain is inside *tenant*, in a call or in its test."""
        link = innermost(tenant)
        if link is None:
            return False
        if isinstance(link.doing, Step) and link.doing is not Step.TEST:
            name, step = tenant.service.name, link.doing.value
            message = f"cannot call {name!r} here: it waits for the {step} function that makes the call"
            raise WouldDeadlock(message, service=name, step=step)
        return True

    def close(self, timeout: float, *, exiting: bool = False) -> None:
        """Let nobody in any more, wait up to *timeout* seconds for those inside, unload the last loaded first.

        What is still busy then is left alone: its code cannot be stopped. When the process is *exiting*,
        its end gives the memory of simplified services back, whose cleanup would delete files.

        Raises:
            WouldDeadlock: From inside a call, for whose end it would wait.
        """
        if any(link.tenant in self._tenants for link in links(CHAIN.get())):
            raise WouldDeadlock("cannot close a VModel from inside a call to it: it would wait for its own end")
        for stream in list(opened()):
            if stream.tenant in self._tenants:
                stream.close()
        with self.queue.lock:
            if self._ended:
                return
            self.queue.close("this VModel is closed", self._tenants)
            self._expiry.close()
            self.queue.changed.wait_for(self._is_quiet, timeout)
        for tenant in reversed(list(self._walk.warm)):
            if not exiting or tenant.service.protocol.resting is State.PREPARED:
                self._put_to_rest(tenant)
        for tenant in self._tenants:
            if not tenant.holds_memory:
                self.engine.release(tenant.service, self)
        self._ended = True
        self.outbox.put(Closed("", time.time()))
        self.outbox.deliver()

    def holdings(self) -> tuple[Holding, ...]:
        """Return which service holds what."""
        with self.queue.lock:
            ledger = self.queue.ledger
            holders = dict.fromkeys((*ledger.holders(), *ledger.bookers()))
            return tuple(
                Holding(tenant.service.name, ledger.held(tenant).amounts, ledger.booked(tenant)) for tenant in holders
            )

    def abandon(self) -> None:
        """Close without a hook: the VModel was collected, and nothing may run or wait in a collection."""
        self._ended, self.queue.closed = True, "this VModel is gone"
        self.outbox.end_streams()
        for tenant in self._tenants:
            self.engine.release(tenant.service, self)

    def disown(self) -> None:
        """Make this copy inert: it came to a child by a fork, which also copied a lock that may be held."""
        self.queue.lock = threading.Lock()
        self.queue.changed = threading.Condition(self.queue.lock)
        self._ended = True
        self.queue.closed = "this VModel was made before a fork; make a new one in the child"
        for tenant in self._tenants:
            tenant.shut = True
            tenant.watch()
            self.engine.release(tenant.service, self)

    def _is_quiet(self) -> bool:
        return not any(tenant.inside or tenant.mover for tenant in self._tenants)

    def _put_to_rest(self, tenant: Tenant) -> None:
        ticket = self._ticket(tenant, Aim.UNLOAD)
        with self.queue.lock:
            if tenant.inside or tenant.mover:
                log.warning(
                    "service %r was still busy when its VModel was closed; it stays loaded", tenant.service.name
                )
                return
            self.queue.hold(ticket, tenant)
            steps = route(tenant.state, tenant.service.protocol.resting) or ()
        self._walk.quietly(ticket, ((tenant, steps),))
