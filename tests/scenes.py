"""Scenes for `decide()`, made of plain data: who is there, who asks, and what was said to the last who asked.

No thread, no clock, no hook: tenants are built by hand, and a table of rules reads as one line a rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from services import Made

from vmodel._admission import decide
from vmodel._capacity import Capacity, Card, GpuRequest, Request
from vmodel._config import parse_entry
from vmodel._ledger import Ledger, Need
from vmodel._lifecycle import State
from vmodel._moves import Admit, Aim, Move, Prepare, Refuse, Start, Stop, Ticket, Wait
from vmodel._readings import MemoryReading
from vmodel._registry import collect
from vmodel._scene import Scene
from vmodel._tenant import Tenant


@dataclass(frozen=True)
class There:
    """One service: where it is, what it asks for, who is inside.

    Attributes:
        inside: How many calls are inside, of `limit` (None = any number).
        moved: Whether somebody outside the scene takes a step with it.
        cored: Whether it has booked its cores.
    """

    state: State = State.NEW
    memory: int = 0
    cpu: float = 0.0
    gpu: GpuRequest | None = None
    protocol: str = "standard"
    pin: bool = False
    inside: int = 0
    limit: int | None = 1
    used: float = 0.0
    reload: float = 0.0
    moved: bool = False
    cored: bool = False
    retry_at: float = 0.0
    stuck: int = 1
    test_failed: bool = False
    obstacles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ask:
    """One ticket: for whom, what for, from inside of which services (the innermost first), and when it came."""

    name: str
    aim: Aim = Aim.CALL
    by: tuple[str, ...] = ()
    at: float = 0.0
    tested: bool = False


@dataclass(frozen=True)
class Floor:
    """The machine: its bytes, those free of others' use, its cores, the bytes of its cards, and the time."""

    memory: int = 100
    free: int | None = None
    cpu: float | None = None
    cards: tuple[int, ...] = ()
    now: float = 0.0


def rule(name: str, said: str, asks: Sequence[Ask] | Ask, *, on: Floor | None = None, **there: There):
    """Return the row of a table: what is *said* to the last of those who ask, where these services are *there*."""
    return pytest.param(said, [asks] if isinstance(asks, Ask) else asks, on or Floor(), there, id=name)


def ledger_of(floor: Floor) -> Ledger:
    """Return the empty books of this machine."""
    ledger = Ledger()
    cards = tuple(Card(index, f"GPU-{index}", "card", size) for index, size in enumerate(floor.cards))
    ledger.learn(Capacity(cpu=floor.cpu, memory=floor.memory, cards=cards))
    return ledger


def tenant_of(name: str, there: There) -> Tenant:
    """Return a service as it is *there*; what it holds is not in any book yet."""
    entry = parse_entry({"package": Made(name, there.protocol).module, "pin": there.pin})
    (service,) = collect(entry, lambda _: None).services
    tenant = Tenant(service, lambda: None)
    tenant.ask(Request(there.cpu, there.memory, there.gpu))
    tenant.set_limit(there.limit)
    for _ in range(there.inside):
        tenant.seats.pop()
    tenant.move(there.state)
    tenant.last_used, tenant.reload_seconds, tenant.retry_at = there.used, there.reload, there.retry_at
    tenant.test_failed, tenant.obstacles = there.test_failed, there.obstacles
    tenant.stuck = there.stuck if there.state is State.STUCK else 0
    tenant.mover = Ticket(tenant, Aim.LOAD, 0) if there.moved else None
    return tenant


def moves(asks: Sequence[Ask], floor: Floor, there: dict[str, There]) -> list[Move]:
    """Return what is decided for each who asks, the oldest first; the books are kept as the queue keeps them."""
    ledger = ledger_of(floor)
    tenants = {name: tenant_of(name, one) for name, one in there.items()}
    for name, one in there.items():
        tenant = tenants[name]
        if tenant.holds_memory:
            ledger.reserve(tenant, next(ledger.needs(tenant.request or Request())))
        if one.cored:
            ledger.book(tenant, one.cpu)
    if floor.free is not None:
        held = sum(ledger.held(tenant).amounts.get("memory", 0) for tenant in ledger.holders())
        ledger.read(MemoryReading(floor.memory, floor.free, held), (), ())
    tickets = [_ticket(number, ask, tenants) for number, ask in enumerate(asks, 1)]
    scene = Scene(floor.now, ledger, tickets)
    return [_settled(ticket, scene) for ticket in list(tickets)]


def _ticket(number: int, ask: Ask, tenants: dict[str, Tenant]) -> Ticket:
    chain = tuple(tenants[name] for name in ask.by)
    ticket = Ticket(tenants[ask.name], ask.aim, number, chain=chain, arrived=ask.at)
    ticket.tested = ask.tested
    return ticket


def _settled(ticket: Ticket, scene: Scene) -> Move:
    """Decide for *ticket*, and book what younger ones see of it."""
    move = decide(ticket, scene)
    match move:
        case Wait():
            ticket.waits = move
        case Start(_, need):
            ticket.tenant.mover = ticket
            if ticket.tenant not in scene.ledger.holders():
                scene.ledger.reserve(ticket.tenant, need)
        case Stop(walks):
            for tenant, _ in (*walks, (ticket.tenant, ())):
                tenant.mover = ticket
        case Prepare():
            ticket.tenant.mover = ticket
    if not isinstance(move, Wait):
        ticket.answer(move)
    scene.note(ticket)
    return move


def told(move: Move) -> str:
    """Return *move* as one line: `stop b (unload) for 60 B of memory`."""
    match move:
        case Admit(lenders, parents):
            lent = [f"cores of {_names(lenders)}"] if lenders else []
            lent += [f"cores of its parents {_names(parents)}"] if parents else []
            return " with ".join(["admit", *lent])
        case Prepare(steps):
            return _steps(steps)
        case Start(steps, need):
            return f"{_steps(steps)} in {need}"
        case Stop(walks, need):
            stopped = ", ".join(f"{tenant.service.name} ({_steps(steps)})" for tenant, steps in walks)
            return f"stop {stopped}{_for(need)}"
        case Wait(on, need, drain):
            return f"wait{' on ' * bool(on)}{_names(on)}{_for(need)}{', drained' * drain}"
        case Refuse(error):
            return f"{type(error).__name__}{', try again' * error.retryable}: {error.message}"


def _for(need: Need | None) -> str:
    return "" if need is None else f" for {need}"


def _names(tenants: Sequence[Tenant]) -> str:
    return ", ".join(tenant.service.name for tenant in tenants)


def _steps(steps: Sequence[object]) -> str:
    return " ".join(str(getattr(step, "value", step)) for step in steps)
