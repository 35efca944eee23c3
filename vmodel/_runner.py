"""Calls off the fast way: those that wait, that dump, that stream, and those from an event loop."""

import time
from collections.abc import AsyncGenerator, Generator
from functools import partial
from types import GeneratorType
from typing import Any, cast

from vmodel._call import Call
from vmodel._current import CHAIN
from vmodel._events import CallEnded
from vmodel._lease import Dump, Lease
from vmodel._orchestrator import Orchestrator
from vmodel._stream import AsyncStream, Link, Stream
from vmodel._threads import ThreadCache

Arguments = tuple[tuple[object, ...], dict[str, object]]


class Runner:
    """Runs calls for one VModel."""

    def __init__(self, orchestrator: Orchestrator, threads: ThreadCache) -> None:
        self._orchestrator = orchestrator
        self._outbox = orchestrator.outbox
        self._threads = threads

    def run(self, call: Call, arguments: Arguments, timeout: float | None, dump: Dump = None) -> object:
        """Wait for the service to be READY and for a seat, call, and leave as *dump* says."""
        deadline = self._orchestrator.deadline(timeout, CHAIN.get())
        entry = self._orchestrator.enter(call.tenant, deadline)
        lease = Lease(self._orchestrator, call.tenant if entry.seated else None, dump)
        return self._invoke(call, arguments, lease, self._link(call, deadline, entry.age))

    def left(self, call: Call, started: float) -> None:
        """Do what follows when a call on the fast way leaves a service that somebody watches."""
        self._orchestrator.left(call.tenant)
        self.tell(call, started)

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
        deadline = self._orchestrator.deadline(timeout, CHAIN.get())
        entry = await self._orchestrator.aenter(call.tenant, deadline)
        lease = Lease(self._orchestrator, call.tenant if entry.seated else None, dump)
        link = self._link(call, deadline, entry.age)
        match call.signature.flow:
            case "coroutine":
                return await self._await(call, arguments, lease, link)
            case "async_generator":
                pieces = cast("AsyncGenerator[Any, Any]", call.original(*arguments[0], **arguments[1]))
                return AsyncStream(pieces, lease, link, self._threads)
        result = await self._threads.run(partial(self._invoke, call, arguments, lease, link))
        if isinstance(result, Stream):
            return AsyncStream(result, Lease(self._orchestrator, None), link, self._threads)
        return result

    def _link(self, call: Call, deadline: float | None, age: int | None) -> Link:
        parent = CHAIN.get()
        return (call.tenant, call.method, parent, deadline, age or (parent and parent[4]))

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
            call.fresh.append(time.perf_counter() - started)
            CHAIN.reset(token)
            lease.end()
            self.tell(call, started)

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
            call.fresh.append(time.perf_counter() - started)
            CHAIN.reset(token)
            if lease.runs_hooks:
                await self._threads.run(lease.end)
            lease.end()
            self.tell(call, started)
