"""What happens in a VModel, as typed values: one stream from which every front is made.

Events are noted under the orchestrator's lock and delivered outside it, in order.
"""

import logging
import queue
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self

from vmodel._lifecycle import State, Step

log = logging.getLogger("vmodel")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to *service*; `at` is seconds since the epoch."""

    service: str
    at: float


@dataclass(frozen=True, slots=True)
class StateChanged(Event):
    """The service went from one state to another."""

    old: State
    new: State


@dataclass(frozen=True, slots=True)
class StepEnded(Event):
    """A step ended after *seconds*; `error` says how it failed, None that it did not."""

    step: Step
    seconds: float
    error: str | None


@dataclass(frozen=True, slots=True)
class Evicted(Event):
    """The service is stopped to make room for the service *guest*, which needs it for the *reason*."""

    guest: str
    reason: str


@dataclass(frozen=True, slots=True)
class Queued(Event):
    """A caller waits, with *position* others before it, for the callers of the services *on* to leave."""

    position: int
    on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overran(Event):
    """A step takes longer than its timeout of *seconds*; it cannot be stopped, *stack* says where it is."""

    step: Step
    seconds: float
    stack: str


@dataclass(frozen=True, slots=True)
class CallEnded(Event):
    """A call to *method* ended after *seconds*."""

    method: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Progress(Event):
    """The service told how far it is: a fraction from 0 to 1 where it knows, and a text."""

    fraction: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Closed(Event):
    """The VModel is closed: the last event, whose `service` is empty; an iteration over events ends instead."""


Listener = Callable[[Event], None]


class Outbox:
    """Events on their way to listeners: `put()` under any lock, `deliver()` outside all of them."""

    def __init__(self, listener: Listener | None = None) -> None:
        self._listeners: list[Listener] = [listener] if listener else []
        self._waiting: deque[Event] = deque()
        self._delivering = threading.Lock()

    def subscribe(self, listener: Listener) -> None:
        """Let *listener* have every event from now on."""
        self._listeners.append(listener)

    def unsubscribe(self, listener: Listener) -> None:
        """Let *listener* have no event any more."""
        self._listeners.remove(listener)

    def end_streams(self) -> None:
        """Let whoever iterates over events go, from a collection: nothing else is called, no lock is taken."""
        for listener in self._listeners:
            if isinstance(listener, partial) and listener.func is _take:
                listener(Closed("", time.time()))

    def put(self, event: Event) -> None:
        """Note *event* for the next delivery."""
        if self._listeners:
            self._waiting.append(event)

    def deliver(self) -> None:
        """Hand all waiting events to the listeners, in order; one thread at a time does it for all."""
        while self._waiting and self._delivering.acquire(blocking=False):
            try:
                while self._waiting:
                    self._hand_over(self._waiting.popleft())
            finally:
                self._delivering.release()

    def _hand_over(self, event: Event) -> None:
        for listener in tuple(self._listeners):  # one may come or go meanwhile
            try:
                listener(event)
            except Exception:  # a listener's fault is not the caller's
                log.exception("a listener failed on %r", event)


class EventStream(Iterator[Event]):
    """Events as they come; the iteration waits for the next one and ends when its source is closed."""

    def __init__(self, outbox: Outbox) -> None:
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._ended = False
        take = partial(_take, self._events)  # holds the queue, not the stream: an abandoned one can be collected
        outbox.subscribe(take)
        self._leave = weakref.finalize(self, outbox.unsubscribe, take)
        self._leave.atexit = False

    def __next__(self) -> Event:
        event = None if self._ended else self._events.get()
        if event is None:
            self.close()
            raise StopIteration
        return event

    def close(self) -> None:
        """End the iteration, also where it waits in another thread."""
        self._leave()
        self._ended = True
        self._events.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _take(events: "queue.SimpleQueue[Event | None]", event: Event) -> None:
    events.put(None if isinstance(event, Closed) else event)
