"""Results that come piece by piece: a stream holds its seat in the service until it ends.

It ends with exhaustion, `close()`, an error, or its collection, also when it was never started.
"""

import inspect
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from vmodel._current import CHAIN, OPEN
from vmodel._lease import Lease
from vmodel._threads import ThreadCache

T = TypeVar("T")
Link = tuple[object, ...]


class Stream(Iterator[Any]):
    """The pieces of one call; each step runs in the service's chain. Use it in `with`, or read it to its end."""

    def __init__(self, generator: Generator[Any, Any, Any], lease: Lease, link: Link) -> None:
        self._generator = generator
        self._lease = lease
        self._link = link
        _remember(self)

    def __next__(self) -> object:
        return self._step(self._generator.__next__)

    def send(self, value: object) -> object:
        """Send *value* into the generator and return the next piece."""
        return self._step(partial(self._generator.send, value))

    def close(self) -> None:
        """End the stream; a second time does nothing."""
        self._step(self._generator.close)
        self._lease.end()

    @property
    def tenant(self) -> object:
        """The service that it holds a seat in, or None where it has ended."""
        return self._lease.tenant

    def _step(self, action: Callable[[], T]) -> T:
        if inspect.getgeneratorstate(self._generator) == inspect.GEN_RUNNING:
            message = "this stream is being read in another thread"
            raise ValueError(message)
        token = CHAIN.set(self._link)
        ended = True
        try:
            result = action()
            ended = False
            return result
        finally:
            CHAIN.reset(token)
            if ended:
                self._lease.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self._lease.drop()


class AsyncStream(AsyncIterator[Any]):
    """The pieces of one call for `async for`; a sync generator's steps run in threads."""

    def __init__(
        self, pieces: "AsyncGenerator[Any, Any] | Stream", lease: Lease, link: Link, threads: ThreadCache
    ) -> None:
        self._pieces = pieces
        self._lease = lease
        self._link = link
        self._threads = threads
        _remember(self)

    @property
    def tenant(self) -> object:
        """The service that it holds a seat in, or None where it has ended."""
        return self._pieces.tenant if isinstance(self._pieces, Stream) else self._lease.tenant

    async def __anext__(self) -> object:
        if isinstance(self._pieces, Stream):
            return await self._threads.run(partial(_next_or_end, self._pieces))
        token = CHAIN.set(self._link)
        try:
            return await anext(self._pieces)
        except BaseException:
            await self._end()
            raise
        finally:
            CHAIN.reset(token)

    async def aclose(self) -> None:
        """End the stream; a second time does nothing."""
        if isinstance(self._pieces, Stream):
            await self._threads.run(self._pieces.close)
        else:
            await self._pieces.aclose()
            await self._end()

    def close(self) -> None:
        """Give the seat back; the generator itself can only be closed in its loop, with `aclose()`."""
        self._lease.end()

    async def _end(self) -> None:
        if self._lease.runs_hooks:
            await self._threads.run(self._lease.end)
        self._lease.end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        self._lease.drop()


def _next_or_end(stream: Stream) -> object:
    """Return the next piece; a StopIteration cannot cross a future."""
    try:
        return next(stream)
    except StopIteration:
        raise StopAsyncIteration from None


def _remember(stream: "Stream | AsyncStream") -> None:
    """Let the context know that it has *stream* open, for as long as it has."""
    open_ones = (other for other in OPEN.get() if (found := other()) is not None and found.tenant is not None)
    OPEN.set((*open_ones, weakref.ref(stream)))
