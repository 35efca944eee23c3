"""What wakes the holder of a ticket: in a thread, or in an event loop.

Ringing takes no lock that its ringer could hold already: a stream that is collected rings, and a
collection can begin anywhere.
"""

import threading
from contextlib import suppress
from typing import Protocol


class Bell(Protocol):
    """Something to ring; to ring twice before it is heard is to ring once."""

    @property
    def gone(self) -> bool:
        """Whether nobody will ever hear it: who waits is to be forgotten."""

    def ring(self) -> None:
        """Wake whoever waits, now or at its next wait."""


class ThreadBell:
    """Wakes a thread: a plain lock that is taken while nobody has rung."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    @property
    def gone(self) -> bool:
        """Whether nobody will ever hear it: a thread always does."""
        return False

    def ring(self) -> None:
        """Wake the thread."""
        with suppress(RuntimeError):  # it was rung already
            self._lock.release()

    def wait(self, timeout: float | None) -> None:
        """Wait until somebody rings, or for *timeout* seconds."""
        self._lock.acquire(timeout=-1 if timeout is None else min(timeout, threading.TIMEOUT_MAX))


class LoopBell:
    """Wakes a task of the running event loop."""

    __slots__ = ("_event", "_loop")

    def __init__(self) -> None:
        import asyncio

        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    @property
    def gone(self) -> bool:
        """Whether the loop was closed with the task still waiting, which will never go on."""
        return self._loop.is_closed()

    def ring(self) -> None:
        """Wake the task, from any thread."""
        with suppress(RuntimeError):  # the loop is closed: nobody is left to wake, and the bell is `gone`
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, timeout: float | None) -> None:
        """Wait until somebody rings, or for *timeout* seconds."""
        import asyncio

        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._event.wait()
        self._event.clear()
