"""Threads for the hooks and sync methods that asyncio callers ask for: as many as there is work, kept a while.

A bounded pool could fill up with calls that wait for one another. The threads are daemons: work that
never ends does not keep the process from ending.
"""

import contextvars
import queue
import sys
import threading
import weakref
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

IDLE_SECONDS = 10.0

T = TypeVar("T")
Job = Callable[[], None]
Actor = tuple[int, "weakref.ref[Any] | None"]

_PROXY: "contextvars.ContextVar[tuple[Actor, Actor] | None]" = contextvars.ContextVar("vmodel_proxy", default=None)
"""Who works, and for whom: a context is inherited, so the second counts only where the first is the one who looks."""


def actor() -> Actor:
    """Return who acts here: a thread and the task that it runs; in a thread of a cache, who waits for the work."""
    me, proxy = _myself(), _PROXY.get()
    return proxy[1] if proxy is not None and proxy[0] == me else me


def act_for(principal: Actor, function: Callable[[], T]) -> T:
    """Call *function* on behalf of *principal*, who waits for it."""
    _PROXY.set((_myself(), principal))
    return function()


async def aact_for(principal: Actor, awaitable: Awaitable[T]) -> T:
    """Await *awaitable* on behalf of *principal*, as the first task of a loop of its own."""
    _PROXY.set((_myself(), principal))
    return await awaitable


def _myself() -> Actor:
    # Who has not imported asyncio has no task, and need not import it for this.
    current_task = getattr(sys.modules.get("asyncio"), "current_task", None)
    try:
        task = current_task and current_task()
    except RuntimeError:  # no loop runs in this thread
        task = None
    return threading.get_ident(), None if task is None else weakref.ref(task)


class ThreadCache:
    """Runs functions in threads that wait for the next one when they are done."""

    def __init__(self) -> None:
        self._idle: list[queue.SimpleQueue[Job]] = []

    def submit(self, function: Callable[[], T]) -> "Future[T]":
        """Run *function* in a thread, in a copy of the caller's context; it begins at once and cannot be cancelled."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        self._hand_out(partial(_do, partial(act_for, actor(), function), future, contextvars.copy_context()))
        return future

    async def run(self, function: Callable[[], T]) -> T:
        """Run *function* as `submit()` does, without blocking the event loop; a cancellation leaves it at work."""
        import asyncio

        return await asyncio.wrap_future(self.submit(function))

    def _hand_out(self, job: Job) -> None:
        try:
            inbox = self._idle.pop()
        except IndexError:
            inbox = queue.SimpleQueue()
            threading.Thread(target=self._work, args=(inbox,), name="vmodel", daemon=True).start()
        inbox.put(job)  # as an argument of the thread, its first job would be kept as long as the thread

    def _work(self, inbox: "queue.SimpleQueue[Job]") -> None:
        job = inbox.get()
        while True:
            job()
            del job
            self._idle.append(inbox)
            try:
                job = inbox.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                try:
                    self._idle.remove(inbox)
                except ValueError:  # somebody took it just now: the job is on its way
                    job = inbox.get()
                else:
                    return


def _do(function: Callable[[], T], future: "Future[T]", context: contextvars.Context) -> None:
    """Run *function* in *context*, and let *future* have what comes of it."""
    try:
        result = context.run(function)
    except StopIteration as error:  # no event loop would take it: whoever awaits it would wait for ever
        future.set_exception(_told(error))
        del future
    except BaseException as error:  # noqa: BLE001  # it is the caller's, who waits for the future
        future.set_exception(error)
        del future  # with this frame in its traceback, the error would keep itself alive
    else:
        future.set_result(result)


def _told(error: StopIteration) -> RuntimeError:
    """Return *error* as a generator or a coroutine raises it that it passes through."""
    told = RuntimeError("the function raised StopIteration")
    told.__cause__ = error
    return told
