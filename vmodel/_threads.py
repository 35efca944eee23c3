"""Threads for the hooks and sync methods that asyncio callers ask for: as many as there is work, kept a while.

A bounded pool could fill up with calls that wait for one another. The threads are daemons: work that
never ends does not keep the process from ending.
"""

import contextvars
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

IDLE_SECONDS = 10.0

T = TypeVar("T")
Job = Callable[[], None]


class ThreadCache:
    """Runs functions in threads that wait for the next one when they are done."""

    def __init__(self) -> None:
        self._idle: list[queue.SimpleQueue[Job]] = []

    def submit(self, function: Callable[[], T]) -> "Future[T]":
        """Run *function* in a thread, in a copy of the caller's context; it begins at once and cannot be cancelled."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        context = contextvars.copy_context()

        def job() -> None:
            try:
                result = context.run(function)
            except BaseException as error:  # noqa: BLE001  # it is the caller's, who waits for the future
                future.set_exception(error)
            else:
                future.set_result(result)

        self._hand_out(job)
        return future

    async def run(self, function: Callable[[], T]) -> T:
        """Run *function* as `submit()` does, without blocking the event loop; a cancellation leaves it at work."""
        import asyncio

        return await asyncio.wrap_future(self.submit(function))

    def _hand_out(self, job: Job) -> None:
        try:
            self._idle.pop().put(job)
        except IndexError:
            threading.Thread(target=self._work, args=(job,), name="vmodel", daemon=True).start()

    def _work(self, job: Job) -> None:
        inbox: queue.SimpleQueue[Job] = queue.SimpleQueue()
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
