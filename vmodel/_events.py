"""What happens in a VModel, as typed values: one stream from which every front is made.

Events are noted under the orchestrator's lock and delivered outside it, in order.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

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
    """The service is stopped to make room for the service *guest*."""

    guest: str


@dataclass(frozen=True, slots=True)
class Progress(Event):
    """The service told how far it is: a fraction from 0 to 1 where it knows, and a text."""

    fraction: float | None
    text: str


Listener = Callable[[Event], None]


class Outbox:
    """Events on their way to a listener: `put()` under any lock, `deliver()` outside all of them."""

    def __init__(self, listener: Listener | None) -> None:
        self._listener = listener
        self._waiting: deque[tuple[Listener, Event]] = deque()
        self._delivering = threading.Lock()

    def put(self, event: Event) -> None:
        """Note *event* for the next delivery."""
        if self._listener is not None:
            self._waiting.append((self._listener, event))

    def deliver(self) -> None:
        """Hand all waiting events to the listener, in order; one thread at a time does it for all."""
        while self._waiting and self._delivering.acquire(blocking=False):
            try:
                while self._waiting:
                    _hand_over(*self._waiting.popleft())
            finally:
                self._delivering.release()


def _hand_over(listener: Listener, event: Event) -> None:
    try:
        listener(event)
    except Exception:  # a listener's fault is not the caller's
        log.exception("the listener failed on %r", event)
