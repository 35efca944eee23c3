"""The way of one ticket from its arrival to the end: wait for an answer, act on it, wait again.

In a thread the waiting blocks the thread; in an event loop it is a future, and steps run in threads
of VModel's own.
"""

from collections.abc import Callable
from functools import partial

from vmodel._bell import LoopBell, ThreadBell
from vmodel._moves import Admit, Prepare, Refuse, Start, Stop, Ticket
from vmodel._queue import Queue
from vmodel._scene import PATIENCE
from vmodel._tenant import Tenant
from vmodel._threads import ThreadCache
from vmodel._walk import Walk
from vmodel.errors import AdmissionTimeout

SHORTEST_NAP = 0.001
"""Seconds; a shorter wait could end, by rounding, before the moment that it is for."""


class Pursuit:
    """Follows tickets; *look* reads the machine for a tenant when room was made for it."""

    def __init__(self, queue: Queue, walk: Walk, look: Callable[[Tenant], None], threads: ThreadCache) -> None:
        self._queue = queue
        self._walk = walk
        self._look = look
        self._threads = threads

    def follow(self, ticket: Ticket, deadline: float | None) -> None:
        """Return when the aim of *ticket* is reached, or raise why it is not."""
        bell = ticket.bell = ThreadBell()
        try:
            self._enqueue(ticket)
            while not isinstance(ticket.move, Admit):
                while ticket.move is None:
                    bell.wait(self._nap(ticket, deadline))
                    self._wake(ticket, deadline)
                self._act(ticket)
        except BaseException:
            self._walk.withdraw(ticket)
            raise

    async def afollow(self, ticket: Ticket, deadline: float | None) -> None:
        """Do as `follow()` does, without blocking the event loop."""
        bell = ticket.bell = LoopBell()
        try:
            self._enqueue(ticket)
            while not isinstance(ticket.move, Admit):
                while ticket.move is None:
                    await bell.wait(self._nap(ticket, deadline))
                    self._wake(ticket, deadline)
                await self._act_in_thread(ticket)
        except BaseException:
            if not ticket.left_behind:
                self._walk.withdraw(ticket)
            raise

    def _enqueue(self, ticket: Ticket) -> None:
        with self._queue.lock:
            self._queue.check_open(ticket.tenant)
            self._queue.add(ticket)
            self._queue.settle()
        self._queue.outbox.deliver()

    def _nap(self, ticket: Ticket, deadline: float | None) -> float | None:
        """Return how long to wait for the answer: until *ticket* is overdue, or until its time is over."""
        now, overdue = self._queue.clock(), ticket.arrived + PATIENCE
        moments = [moment for moment in (overdue, deadline) if moment is not None and moment > now]
        if deadline is not None and deadline <= now:
            return 0.0
        return max(min(moments) - now, SHORTEST_NAP) if moments else None

    def _wake(self, ticket: Ticket, deadline: float | None) -> None:
        """See why the wait ended: with the answer, because somebody left unseen or time passed, or for good.

        Raises:
            AdmissionTimeout: Where the time is over.
        """
        with self._queue.lock:
            if ticket.move is None and (deadline is None or self._queue.clock() < deadline):
                self._queue.settle()
            elif ticket.move is None:
                self._queue.take_out(ticket)
                raise _timed_out(ticket.tenant)
        self._queue.outbox.deliver()

    def _act(self, ticket: Ticket) -> None:
        """Do what the answer says."""
        match ticket.move:
            case Refuse(error):
                raise error
            case Prepare(steps) | Start(steps):
                self._walk.act(ticket, ((ticket.tenant, steps),), then=partial(self._look, ticket.tenant))
            case Stop(walks):
                self._walk.act(ticket, walks, then=partial(self._look, ticket.tenant))

    async def _act_in_thread(self, ticket: Ticket) -> None:
        """Do what the answer says in a thread; a cancelled task leaves the books to the thread."""
        if isinstance(ticket.move, Admit | Refuse):
            self._act(ticket)
            return
        import asyncio

        work = self._threads.submit(partial(self._act, ticket))
        try:
            await asyncio.wrap_future(work)
        except asyncio.CancelledError:
            ticket.left_behind = True
            work.add_done_callback(lambda _: self._walk.withdraw(ticket))
            raise


def _timed_out(tenant: Tenant) -> AdmissionTimeout:
    name = tenant.service.name
    there = f"{name!r} is {tenant.state.value}, {tenant.inside} inside, {tenant.waiting} more waiting"
    return AdmissionTimeout(f"a call waited for its turn until its timeout: {there}", service=name)
