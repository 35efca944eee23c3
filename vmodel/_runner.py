"""Calls off the fast way: those that wait, that dump, that stream, and those from an event loop."""

import time
from collections.abc import AsyncGenerator, Generator
from functools import partial
from types import GeneratorType
from typing import TYPE_CHECKING, Any, cast

from vmodel._call import Call
from vmodel._current import CHAIN
from vmodel._events import CallEnded
from vmodel._lease import Dump, Lease
from vmodel._metrics import FOLD_AT
from vmodel._orchestrator import Orchestrator
from vmodel._stream import AsyncStream, Link, Stream
from vmodel._threads import ThreadCache

if TYPE_CHECKING:
    from concurrent.futures import Future

Arguments = tuple[tuple[object, ...], dict[str, object]]


class Runner:
    """Runs calls for one VModel."""

    def __init__(self, orchestrator: Orchestrator, threads: ThreadCache) -> None:
        self._orchestrator = orchestrator
        self._outbox = orchestrator.outbox
        self._threads = threads

    def run(self, call: Call, arguments: Arguments, timeout: float | None, dump: Dump = None) -> object:
        """Wait for the service to be READY and for a seat, call, and leave as *dump* says."""
        call.check_thread()
        deadline = self._orchestrator.deadline(timeout, CHAIN.get())
        entry = self._orchestrator.enter(call.tenant, deadline)
        lease = Lease(self._orchestrator, call.tenant if entry.seated else None, dump)
        return self._invoke(call, arguments, lease, self._link(call, deadline, entry.age))

    def left(self, call: Call, started: float | None) -> None:
        """Do what follows when a caller leaves a service that somebody watches; *started* None: it turned back."""
        if started is None:
            self._orchestrator.settle()
            return
        self.tell(call, started)
        self._orchestrator.left(call.tenant)

    def tell(self, call: Call, started: float) -> None:
        """Let the listeners know that a call ended, which began at *started*."""
        seconds = time.perf_counter() - started
        self._outbox.put(CallEnded(call.tenant.service.name, time.time(), call.method, seconds))
        self._outbox.deliver()

    def stream(self, call: Call, generator: Generator[Any, Any, Any], link: Link) -> Stream:
        """Return the stream of a call on the fast way, whose seat it takes over."""
        return Stream(generator, Lease(self._orchestrator, call.tenant), link)

    async def arun(self, call: Call, arguments: Arguments, timeout: float | None, dump: Dump = None) -> object:
        """Do as `run()` does without blocking the event loop; coroutine methods run on it, others in a thread."""
        import asyncio

        deadline = self._orchestrator.deadline(timeout, CHAIN.get())
        entry = await self._orchestrator.aenter(call.tenant, deadline)
        lease = Lease(self._orchestrator, call.tenant if entry.seated else None, dump)
        link = self._link(call, deadline, entry.age)
        match call.signature.flow:
            case "coroutine":
                return await self._await(call, arguments, lease, link)
            case "async_generator":
                return self._pieces(call, arguments, lease, link)
        result = await asyncio.wrap_future(self._submit(call, arguments, lease, link))
        if isinstance(result, Stream):
            return AsyncStream(result, Lease(self._orchestrator, None), link, self._threads)
        return result

    def _link(self, call: Call, deadline: float | None, age: int | None) -> Link:
        parent = CHAIN.get()
        return (call.tenant, call.method, parent, deadline, age or (parent and parent[4]))

    def _submit(self, call: Call, arguments: Arguments, lease: Lease, link: Link) -> "Future[object]":
        """Call the method in a thread, which ends the lease; where no thread can be started, it ends here."""
        try:
            return self._threads.submit(partial(self._invoke, call, arguments, lease, link))
        except BaseException:
            lease.end()
            raise

    def _invoke(self, call: Call, arguments: Arguments, lease: Lease, link: Link) -> object:
        """Call the method in its chain, in this thread; a generator takes the lease along."""
        token = CHAIN.set(link)
        call.tenant.last_used = started = time.perf_counter()
        try:
            result = call.function(*arguments[0], **arguments[1])
            if isinstance(result, GeneratorType):
                taken, lease = lease, Lease(self._orchestrator, None)
                return Stream(result, taken, link)
            return result
        except BaseException:
            call.meter.failed.append(None)
            raise
        finally:
            self._count(call, started)
            CHAIN.reset(token)
            self.tell(call, started)
            lease.end()

    async def _await(self, call: Call, arguments: Arguments, lease: Lease, link: Link) -> object:
        """Await the coroutine of a method on the caller's own loop."""
        token = CHAIN.set(link)
        call.tenant.last_used = started = time.perf_counter()
        try:
            return await cast("Any", call.original(*arguments[0], **arguments[1]))
        except BaseException:
            call.meter.failed.append(None)
            raise
        finally:
            self._count(call, started)
            CHAIN.reset(token)
            self.tell(call, started)
            await self._leave(lease)

    def _pieces(self, call: Call, arguments: Arguments, lease: Lease, link: Link) -> AsyncStream:
        """Return the stream of an async generator, which takes the lease along; as others it is counted when made."""
        call.tenant.last_used = started = time.perf_counter()
        try:
            pieces = cast("AsyncGenerator[Any, Any]", call.original(*arguments[0], **arguments[1]))
            return AsyncStream(pieces, lease, link, self._threads)
        except BaseException:
            call.meter.failed.append(None)
            lease.end()
            raise
        finally:
            self._count(call, started)
            self.tell(call, started)

    def _count(self, call: Call, started: float) -> None:
        """Note how long a call took that began at *started*."""
        call.fresh.append(time.perf_counter() - started)
        if len(call.fresh) >= FOLD_AT:
            call.meter.fold()

    async def _leave(self, lease: Lease) -> None:
        """End *lease*; what that stops is stopped in a thread, where one can be started."""
        import asyncio

        tenant = lease.tenant
        if not lease.runs_hooks and (tenant is None or tenant.service.config.keep_alive != 0):
            lease.end()
            return
        try:
            work = self._threads.submit(lease.end)
        except RuntimeError:  # no thread can be started
            lease.end()
        else:
            await asyncio.wrap_future(work)
