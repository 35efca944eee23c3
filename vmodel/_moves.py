"""Tickets and the answers to them: plain data between callers, the queue and `decide()`."""

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from vmodel._ledger import Need
from vmodel._lifecycle import Step
from vmodel._tenant import Tenant
from vmodel.errors import VModelError

if TYPE_CHECKING:
    from vmodel._bell import Bell


class Aim(Enum):
    """What the holder of a ticket wants of a service."""

    CALL = "call"
    PREPARE = "prepare"
    LOAD = "load"
    TEST = "test"
    UNLOAD = "unload"
    CLEANUP = "cleanup"


RISES = (Aim.CALL, Aim.PREPARE, Aim.LOAD, Aim.TEST)
"""The aims that a failed prepare, load or test disappoints."""


@dataclass(frozen=True, slots=True)
class Admit:
    """The aim is reached; a call takes a seat and goes in.

    Attributes:
        lenders: Idle services whose cores it takes.
        parents: Services whose cores it takes because they wait for this call.
    """

    lenders: tuple[Tenant, ...] = ()
    parents: tuple[Tenant, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepare:
    """Run these steps, which hold no memory: a download."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """Reserve the room and run these steps, which bring the service into memory and test it."""

    steps: tuple[Step, ...]
    need: Need


@dataclass(frozen=True, slots=True)
class Stop:
    """Take these services out of memory, each by these steps; the ticket's own, or others to make room for *need*."""

    walks: tuple[tuple[Tenant, tuple[Step, ...]], ...]
    need: Need | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be done now.

    Attributes:
        on: The services whose callers must leave first.
        need: The room that it waits for, so that nobody younger takes it.
        drain: Whether the gates of those services are shut meanwhile.
    """

    on: tuple[Tenant, ...] = ()
    need: Need | None = None
    drain: bool = False


@dataclass(frozen=True, slots=True)
class Refuse:
    """Nothing will be done for this ticket."""

    error: VModelError


Move = Admit | Prepare | Start | Stop | Wait | Refuse


class Ticket:
    """One caller's wish, from its arrival to the answer.

    Attributes:
        number: Its age; a call that a service makes has the age of the call that it belongs to.
        chain: The services that its holder is inside of, each once.
        arrived: When it came.
        moving: The services whose mover it is: nobody else takes steps with them.
        tested: Whether a test ran on its behalf.
        bell: What wakes its holder.
        left_behind: Whether its holder is gone, and the thread that acts for it settles its books.
        waits: The last `Wait` that was decided for it; None = nothing was decided yet.
    """

    __slots__ = (
        "aim",
        "arrived",
        "bell",
        "chain",
        "left_behind",
        "move",
        "moving",
        "number",
        "tenant",
        "tested",
        "waits",
    )

    def __init__(
        self,
        tenant: Tenant,
        aim: Aim,
        number: int,
        *,
        chain: tuple[Tenant, ...] = (),
        arrived: float = 0.0,
    ) -> None:
        self.tenant = tenant
        self.aim = aim
        self.number = number
        self.chain = chain
        self.arrived = arrived
        self.tested = False
        self.move: Move | None = None
        self.moving: list[Tenant] = []
        self.waits: Wait | None = None
        self.bell: Bell | None = None
        self.left_behind = False

    def __repr__(self) -> str:
        return f"<Ticket {self.number} to {self.aim.value} {self.tenant.service.name!r}>"

    def answer(self, move: Move) -> None:
        """Give the holder its answer and wake it."""
        self.move = move
        self.waits = None
        if self.bell is not None:
            self.bell.ring()

    def reopen(self) -> None:
        """Wait for another answer: the last one was acted upon."""
        self.move = None
