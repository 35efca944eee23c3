"""Results that come piece by piece: a stream holds its seat in the service until it ends.

It ends with exhaustion, `close()`, an error, its collection (what follows is left to a thread), also when
it was never started, or the end of its VModel: then whoever reads on is told, for pieces are missing.

Whoever touches the generator has its turn: a lock that nobody waits for. Who wants to end the stream
in the turn of another notes that first and then tries for the turn; who gives a turn back then looks
at the note. So one of the two ends it, and the seat is never given back while a step runs.
"""

import logging
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Self, TypeVar, cast

from vmodel._current import CHAIN, Running, remember
from vmodel._lease import Lease
from vmodel._threads import ThreadCache
from vmodel.errors import VModelClosed

log = logging.getLogger("vmodel")

T = TypeVar("T")
Link = tuple[object, ...]


class Stream(Iterator[Any]):
    """The pieces of one call; each step runs in the service's chain. Use it in `with`, or read it to its end."""

    def __init__(self, generator: Generator[Any, Any, Any], lease: Lease, link: Link) -> None:
        self._generator = generator
        self._lease = lease
        self._link = link
        self._turn = threading.Lock()
        self._unwanted = self._cut = False
        self._host: object = cast("Running", link[0]).host()  # a VModel lives as long as its streams
        remember(self)

    def __next__(self) -> object:
        """Return the next piece.

        Raises:
            VModelClosed: Where the VModel was closed before the last one.
        """
        return self._step(self._generator.__next__)

    def send(self, value: object) -> object:
        """Send *value* into the generator and return the next piece."""
        return self._step(partial(self._generator.send, value))

    def close(self) -> None:
        """End the stream; a second time does nothing. Who reads it in another thread ends it after that step."""
        self._unwanted = True
        if self._turn.acquire(blocking=False):
            try:
                self._shut()
            finally:
                self._turn.release()

    def end(self) -> None:
        """End the stream because its VModel is closed: what its cleanup raises is logged, whoever reads on is told."""
        self._cut |= self.tenant is not None
        with _logged(self._link):
            self.close()

    @property
    def tenant(self) -> object:
        """The service that it holds a seat in, or None where it has ended, or will after the step under way."""
        return None if self._unwanted else self._lease.tenant

    def _step(self, action: Callable[[], T]) -> T:
        if not self._turn.acquire(blocking=False):
            raise ValueError("this stream is being read in another thread")
        try:
            self._check_wanted()
            return self._in_chain(action)
        except BaseException:
            self._give_back()
            raise
        finally:
            self._turn.release()
            if self._unwanted:  # since this step began, or long ago
                with _logged(self._link):
                    self.close()

    def _check_wanted(self) -> None:
        if self._unwanted:
            raise _closed() if self._cut else StopIteration

    def _in_chain(self, action: Callable[[], T]) -> T:
        token = CHAIN.set(self._link)
        try:
            return action()
        finally:
            CHAIN.reset(token)

    def _shut(self) -> None:
        try:
            self._in_chain(self._generator.close)
        finally:
            self._give_back()

    def _give_back(self) -> None:
        self._lease.end()
        self._host = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        try:
            self._in_chain(self._generator.close)
        finally:
            self._lease.drop()


class AsyncStream(AsyncIterator[Any]):
    """The pieces of one call for `async for`; a sync generator's steps run in threads.

    Use it in `async with`, or read it to its end: where an async generator is collected, its loop cleans
    up after its seat was given back.
    """

    def __init__(
        self, pieces: "AsyncGenerator[Any, Any] | Stream", lease: Lease, link: Link, threads: ThreadCache
    ) -> None:
        self._pieces = pieces
        self._lease = lease
        self._link = link
        self._threads = threads
        self._turn = threading.Lock()
        self._unwanted = self._cut = False
        self._host: object = None if isinstance(pieces, Stream) else cast("Running", link[0]).host()
        remember(self)

    @property
    def tenant(self) -> object:
        """The service that it holds a seat in, or None where it has ended, or will after the step under way."""
        pieces = self._pieces if isinstance(self._pieces, Stream) else self._lease
        return None if self._unwanted else pieces.tenant

    async def __anext__(self) -> object:
        """Return the next piece.

        Raises:
            VModelClosed: Where the VModel was closed before the last one.
        """
        if isinstance(self._pieces, Stream):
            return await self._threads.run(partial(_next_or_end, self._pieces))
        if self._unwanted:
            await self._aclose_quietly()
            raise _closed() if self._cut else StopAsyncIteration
        if not self._turn.acquire(blocking=False):
            raise ValueError("this stream is being read in another task")
        try:
            return await self._in_chain(anext(self._pieces))
        except BaseException:
            await self._give_back()
            raise
        finally:
            self._turn.release()
            if self._unwanted:  # since this step began
                await self._aclose_quietly()

    async def aclose(self) -> None:
        """End the stream; a second time does nothing. A step that is under way is let finish, and ends it then."""
        self._unwanted = True
        if isinstance(self._pieces, Stream):
            await self._threads.run(self._pieces.close)
        elif self._turn.acquire(blocking=False):
            try:
                await self._shut(self._pieces)
            finally:
                self._turn.release()

    def close(self) -> None:
        """End the stream without a loop: an async generator gives its seat back, and the next step cleans it up."""
        self._unwanted = True
        if isinstance(self._pieces, Stream):
            self._pieces.close()
        elif self._turn.acquire(blocking=False):
            try:
                self._lease.end()
            finally:
                self._turn.release()

    def end(self) -> None:
        """End the stream because its VModel is closed: what its cleanup raises is logged, whoever reads on is told."""
        self._cut |= self.tenant is not None
        if isinstance(self._pieces, Stream):
            self._pieces.end()
        self.close()

    async def _in_chain(self, step: Awaitable[T]) -> T:
        token = CHAIN.set(self._link)
        try:
            return await step
        finally:
            CHAIN.reset(token)

    async def _aclose_quietly(self) -> None:
        with _logged(self._link):
            await self.aclose()

    async def _shut(self, pieces: AsyncGenerator[Any, Any]) -> None:
        try:
            await self._in_chain(pieces.aclose())
        finally:
            await self._give_back()

    async def _give_back(self) -> None:
        if self._lease.runs_hooks:
            await self._threads.run(self._lease.end)
        self._lease.end()
        self._host = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __del__(self) -> None:
        self._lease.drop()


def _next_or_end(stream: Stream) -> object:
    """Return the next piece; a StopIteration cannot cross a future."""
    try:
        return next(stream)
    except StopIteration:
        raise StopAsyncIteration from None


def _closed() -> VModelClosed:
    return VModelClosed("the VModel was closed before this stream came to its end: pieces are missing")


@contextmanager
def _logged(link: Link) -> Iterator[None]:
    """Log what the cleanup of a stream raises: something else has the caller's attention."""
    try:
        yield
    except (Exception, SystemExit):  # whatever the body raised; an interrupt or a cancellation is the caller's
        log.exception("a stream of service %r did not end well", cast("Running", link[0]).service.name)
