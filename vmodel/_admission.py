"""Who may do what next: `decide()` looks at one ticket and says so.

Rule 1: `decide()` is pure: no clock, no thread, no file; what it needs is handed in.
Rule 2: it only reads tickets and tenants; the orchestrator books what it says.
"""

import threading
from dataclasses import dataclass
from enum import Enum

from vmodel._lifecycle import State, Step, route
from vmodel._tenant import Tenant
from vmodel.errors import CoolingDown, NeverFits, ServiceUnusable, VModelError


class Aim(Enum):
    """What the holder of a ticket wants of a service."""

    CALL = "call"
    PREPARE = "prepare"
    LOAD = "load"
    TEST = "test"
    UNLOAD = "unload"
    CLEANUP = "cleanup"


STUCK_FOR_GOOD = 2
"""After so many failed unloads in a row a caller's need is no reason to try again."""

RISES = (Aim.CALL, Aim.PREPARE, Aim.LOAD, Aim.TEST)
"""The aims that a failed prepare, load or test disappoints."""


@dataclass(frozen=True, slots=True)
class Admit:
    """The aim is reached; for a call: take a seat and go in."""


@dataclass(frozen=True, slots=True)
class Prepare:
    """Run these steps, which hold no memory: a download."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """Run these steps, which bring the service into memory and test it."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """Run these steps, which take the service out of memory."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be done for this ticket now."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Nothing will be done for this ticket."""

    error: VModelError


Move = Admit | Prepare | Start | Stop | Wait | Refuse
Steps = Prepare | Start | Stop


class Ticket:
    """One caller's wish, from its arrival to the answer.

    Attributes:
        tested: Whether a test ran on behalf of this ticket.
        keep_files: Whether what a cleanup deletes must stay.
    """

    __slots__ = ("_answered", "aim", "keep_files", "move", "number", "tenant", "tested")

    def __init__(self, tenant: Tenant, aim: Aim, number: int, *, keep_files: bool = False) -> None:
        self.tenant = tenant
        self.aim = aim
        self.number = number
        self.keep_files = keep_files
        self.tested = False
        self.move: Move | None = None
        self._answered = threading.Event()

    def __repr__(self) -> str:
        return f"<Ticket {self.number} to {self.aim.value} {self.tenant.service.name!r}>"

    def answer(self, move: Move) -> None:
        """Give the holder its answer and wake it."""
        self.move = move
        self._answered.set()

    def wait(self, timeout: float | None) -> bool:
        """Return whether the answer came within *timeout* seconds."""
        return self._answered.wait(timeout)

    def reopen(self) -> None:
        """Wait for another answer: the last one was acted upon."""
        self.move = None
        self._answered.clear()


def decide(ticket: Ticket, *, older_waits: bool, now: float) -> Move:
    """Return what to do for *ticket*; *older_waits* tells of an older one waiting for the same service."""
    tenant = ticket.tenant
    if ticket.aim in RISES and (refusal := _refusal(ticket, now)):
        return Refuse(refusal)
    if tenant.mover is not None or older_waits:
        return Wait()
    if ticket.aim is Aim.CALL and tenant.state is State.READY:
        return Admit() if tenant.seats or tenant.limit is None else Wait()
    goal = _goal(ticket)
    if goal is None:
        return Admit()
    return _on_the_way(tenant, goal, again=ticket.aim is Aim.TEST)


def _refusal(ticket: Ticket, now: float) -> VModelError | None:
    """Return why nothing is tried for *ticket*, if so; what somebody asked for by name is tried at once."""
    tenant = ticket.tenant
    if tenant.state is State.READY or tenant.mover is not None:
        return None
    if tenant.obstacles:
        return _never_fits(tenant)
    if ticket.aim is not Aim.CALL:
        return None
    if tenant.test_failed or (tenant.state is State.STUCK and tenant.stuck >= STUCK_FOR_GOOD):
        return _unusable(tenant)
    return _cooling_down(tenant, now) if now < tenant.retry_at else None


def _goal(ticket: Ticket) -> State | None:
    """Return the state that *ticket* asks for, or None where it is reached."""
    tenant, rests = ticket.tenant, not ticket.tenant.holds_memory
    match ticket.aim:
        case Aim.CALL | Aim.LOAD:
            return None if tenant.state is State.READY else State.READY
        case Aim.TEST:
            return None if ticket.tested else State.READY
        case Aim.PREPARE:
            return State.PREPARED if tenant.state is State.NEW else None
        case Aim.UNLOAD:
            return None if rests else tenant.service.protocol.resting
        case Aim.CLEANUP:
            return None if tenant.state is State.NEW else State.NEW


def _on_the_way(tenant: Tenant, goal: State, *, again: bool) -> Move:
    """Return the next steps from here to *goal*; *again*: a READY service is tested once more."""
    if tenant.state is State.READY and tenant.inside:
        return Wait()  # the gate is shut while a ticket waits: those inside leave, nobody comes in
    if tenant.state is State.STUCK and goal is State.READY:
        return Stop((Step.UNLOAD,))
    steps = route(tenant.state, goal) or ((Step.TEST,) if again else ())
    if goal is not State.READY:
        return Prepare(steps) if goal is State.PREPARED and tenant.state is State.NEW else Stop(steps)
    if tenant.state is State.NEW and tenant.service.protocol.resting is State.PREPARED:
        return Prepare(steps[:1])
    return Start(steps)


def _unusable(tenant: Tenant) -> ServiceUnusable:
    name, failure = tenant.service.name, tenant.failure
    why = f": {failure.text}" if failure else ""
    if tenant.state is State.STUCK:
        hint = f"its memory is still held; vm.unload({name!r}) tries once more"
        return ServiceUnusable(f"service {name!r} could not be unloaded{why}", service=name, step="unload", hint=hint)
    hint = f"vm.load({name!r}) loads and tests it again"
    return ServiceUnusable(f"service {name!r} failed its own test{why}", service=name, step="test", hint=hint)


def _cooling_down(tenant: Tenant, now: float) -> CoolingDown:
    name, failure = tenant.service.name, tenant.failure
    left = tenant.retry_at - now
    return CoolingDown(
        f"service {name!r} is not tried again for {left:.1f} s, after its {failure.step.value} failed: {failure.text}"
        if failure
        else f"service {name!r} is not tried again for {left:.1f} s",
        service=name,
        step=failure.step.value if failure else None,
        retry_after=left,
        hint=f"wait, or vm.load({name!r}) to try at once",
    )


def _never_fits(tenant: Tenant) -> NeverFits:
    name = tenant.service.name
    return NeverFits(
        f"cannot run {name!r}: {'; '.join(tenant.obstacles)}",
        service=name,
        hint="limits='off' or VMODEL_LIMITS=off runs it regardless; `resources` in its entry corrects a declaration",
    )
