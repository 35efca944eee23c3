"""The live side of a service: its state, its seats, its failures. The orchestrator alone writes it.

Everything here is guarded by the orchestrator's lock but for three things that the way of a call
touches without it: `seats`, `gate_open` and `watched`. Their order makes it safe:

1. A caller takes a seat, then looks at the gate; when it is shut it puts the seat back.
2. Whoever stops the service shuts the gate, then counts the seats.
3. A caller who leaves puts its seat back, then looks at `watched` and, if it is set, takes the lock.
4. Whoever waits sets `watched`, then looks at the seats.

So of two who meet, at least one sees the other: no call runs in a service that is being stopped,
and nobody waits for a seat that is free.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vmodel._current import Host
from vmodel._lifecycle import HOLDS, TRANSITIONS, Arc, State, Step
from vmodel._service import Service
from vmodel.errors import IllegalStep

if TYPE_CHECKING:
    from vmodel._capacity import Request
    from vmodel._moves import Ticket

COOL_DOWN = 10.0
LONGEST_COOL_DOWN = 300.0
SEATS_AT_ONCE = 8
STORY_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Failure:
    """A step that failed, remembered as text: a kept traceback would pin half-loaded tensors."""

    step: Step
    text: str
    at: float


class Tenant:
    """What the orchestrator knows of one service.

    Attributes:
        seats: One item for each further call that may come in now.
        seat_count: How many calls may be inside; more seats are made for an unlimited service.
        gate_open: Whether a caller may come in without asking: READY, with its cores, and nobody waits.
        watched: Whether somebody wants to know when a caller leaves.
        stuck: How often in a row it could not be unloaded.
        awaited, drained: Whether a ticket waits for its callers to leave, and so long that nobody else may come in.
        observed: Whether somebody listens to the calls.
        deletes: Whether what takes it out of memory may delete its files.
        cards: The numbers of the cards that it was placed on.
        cored: Whether it has the cores that it asks for.
        last_used: When the last call began, on the clock of `time.perf_counter`.
        reload_seconds: How long it took to bring it back the last time.
        mover: The ticket on whose behalf steps are being done.
        waiting: How many tickets of the queue are for this service.
        shut: Whether the gate stays shut for good: the service was removed, or its VModel closed.
    """

    __slots__ = (
        "awaited",
        "cards",
        "cooling",
        "cored",
        "deletes",
        "drained",
        "failure",
        "gate_open",
        "host",
        "last_used",
        "limit",
        "mover",
        "observed",
        "obstacles",
        "pinned",
        "reload_seconds",
        "request",
        "retry_at",
        "seat_count",
        "seats",
        "service",
        "shut",
        "since",
        "state",
        "story",
        "stuck",
        "test_failed",
        "waiting",
        "watched",
    )

    def __init__(self, service: Service, host: Callable[[], Host | None]) -> None:
        self.service = service
        self.pinned = service.config.pin and bool(service.hooks)  # without hooks there is nothing to keep
        self.deletes = service.protocol.resting is State.NEW and bool(service.hooks)
        self.host = host
        self.state = State.NEW
        self.since = time.time()
        self.story: deque[State] | None = None
        self.limit: int | None = None
        self.seats: list[None] = []
        self.seat_count = 0
        self.gate_open = False
        self.watched = False
        self.shut = False
        self.awaited = False
        self.observed = False
        self.drained = False
        self.cored = False
        self.cards: tuple[int, ...] = ()
        self.last_used = 0.0
        self.reload_seconds = 0.0
        self.mover: Ticket | None = None
        self.waiting = 0
        self.request: Request | None = None
        self.obstacles: tuple[str, ...] = ()
        self.failure: Failure | None = None
        self.cooling = 0.0
        self.retry_at = 0.0
        self.test_failed = False
        self.stuck = 0

    def __repr__(self) -> str:
        return f"<Tenant {self.service.name!r} {self.state.value}, {self.inside} inside, {self.waiting} waiting>"

    @property
    def inside(self) -> int:
        """How many calls are inside."""
        return self.seat_count - len(self.seats)

    @property
    def holds_memory(self) -> bool:
        """Whether the service may hold memory: from prepare on, where prepare loads it."""
        if self.service.protocol.resting is State.NEW:
            return self.state is not State.NEW
        return "memory" in HOLDS[self.state]

    @property
    def stays(self) -> bool:
        """Whether it keeps what it holds."""
        return self.pinned or self.state is State.STUCK or self.shut

    def arc(self, step: Step) -> Arc:
        """Return the arc of *step* from here.

        Raises:
            IllegalStep: With the story so far; nothing was changed.
        """
        try:
            return TRANSITIONS[self.state][step]
        except KeyError:
            told = " > ".join(state.value for state in self.story or (self.state,))
            raise IllegalStep(
                f"cannot {step.value} {self.service.name!r} while {self.state.value}; story: {told}",
                service=self.service.name,
                step=step.value,
            ) from None

    def move(self, state: State) -> None:
        """Enter *state*."""
        if self.story is None:
            self.story = deque([self.state], maxlen=STORY_LENGTH)
        self.story.append(state)
        self.stuck += state is State.STUCK
        self.state = state
        self.since = time.time()

    def ask(self, request: "Request") -> None:
        """Take in what the service asks for; who asks for no cores has them."""
        self.request = request
        self.cored = not request.cpu

    def set_limit(self, limit: int | None) -> None:
        """Let at most *limit* calls in at once (None: any number)."""
        self.limit = limit
        self.add_seats(limit or SEATS_AT_ONCE)

    def add_seats(self, count: int) -> None:
        """Let *count* more calls in at once."""
        self.seat_count += count
        self.seats.extend([None] * count)

    def take_seat(self) -> bool:
        """Take a seat where there is one; an unlimited service makes more."""
        if not self.seats and self.limit is None:
            self.add_seats(self.seat_count)
        try:
            self.seats.pop()
        except IndexError:
            return False
        return True

    def watch(self) -> None:
        """Set the gate and the watch as state and queue ask for."""
        wanted = self.waiting > 0 or self.mover is not None or self.shut or self.drained
        self.gate_open = self.state is State.READY and self.cored and not wanted
        expires = self.service.config.keep_alive is not None
        self.watched = wanted or self.awaited or self.observed or expires

    def fail(self, failure: Failure, *, now: float, cools: bool) -> None:
        """Remember *failure*; each failure in a row doubles the time in which it is not tried again."""
        self.failure = failure
        if cools:
            self.cooling = min(self.cooling * 2 or COOL_DOWN, LONGEST_COOL_DOWN)
            self.retry_at = now + self.cooling

    def recover(self) -> None:
        """Forget the failures: the service is ready."""
        self.failure = None
        self.cooling = self.retry_at = 0.0
        self.test_failed = False
        self.stuck = 0
