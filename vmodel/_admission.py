"""Who may do what next: `decide()` looks at one ticket and says so.

Rule 1: `decide()` is pure: no clock, no thread, no file; what it needs is handed in.
Rule 2: it only reads tickets and tenants; the queue books what it says.
"""

from vmodel._deadlock import seat_is_stuck
from vmodel._lifecycle import State, Step, route
from vmodel._moves import RISES, Admit, Aim, Move, Prepare, Refuse, Stop, Ticket, Wait
from vmodel._room import is_idle, make_room
from vmodel._scene import Scene
from vmodel._tenant import Tenant
from vmodel.errors import CoolingDown, NeverFits, ServiceUnusable, VModelError, WouldDeadlock

STUCK_FOR_GOOD = 2
"""After so many failed unloads in a row a caller's need is no reason to try again."""


def decide(ticket: Ticket, scene: Scene) -> Move:
    """Return what to do for *ticket*, which only respects the older ones in *scene*."""
    tenant = ticket.tenant
    if ticket.aim in RISES and (refusal := _refusal(ticket, scene.now)):
        return Refuse(refusal)
    if tenant.mover is not None or any(older.tenant is tenant for older, _ in scene.before(ticket)):
        return _turn(ticket, scene)
    if ticket.aim is Aim.CALL and tenant.state is State.READY:
        return _seat(ticket, scene)
    goal = _goal(ticket)
    return Admit() if goal is None else _towards(goal, ticket, scene)


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


def _turn(ticket: Ticket, scene: Scene, *, all_must_leave: bool = False) -> Move:
    """Wait for those inside, or for a step on its way; unless they wait for the caller."""
    tenant = ticket.tenant
    if ticket.chain and seat_is_stuck(tenant, scene.behind(ticket), all_must_leave=all_must_leave):
        name = tenant.service.name
        cycle = " > ".join(repr(link.service.name) for link in (*reversed(ticket.chain), tenant))
        message = f"a call to {name!r} would wait for calls that wait for it: {cycle} > …"
        return Refuse(WouldDeadlock(message, service=name))
    return Wait()


def _seat(ticket: Ticket, scene: Scene) -> Move:
    """Go in where there is a seat, nobody drains the service, and its cores are there."""
    tenant = ticket.tenant
    if not tenant.seats and tenant.limit is not None:
        return _turn(ticket, scene)
    if tenant in scene.drained(ticket):
        return Wait()
    return _cores(ticket, scene)


def _cores(ticket: Ticket, scene: Scene) -> Move:
    """Go in with the service's cores; idle services lend theirs, and so do callers that wait for this call."""
    tenant, ledger = ticket.tenant, scene.ledger
    wanted = tenant.request.cpu if tenant.request else 0.0
    if not wanted or ledger.booked(tenant):
        return Admit()
    missing = wanted - ledger.free_cores() + _cores_spoken_for(ticket, scene)
    waiting = set().union(*scene.behind(ticket))
    others = sorted((other for other in ledger.bookers() if other is not tenant), key=lambda other: other.last_used)
    lenders: list[Tenant] = []
    for other in others:
        if missing > 0 and (is_idle(other) or other in waiting):
            lenders.append(other)
            missing -= ledger.booked(other)
    if missing <= 0:
        parents = tuple(lender for lender in lenders if lender in waiting)
        return Admit(tuple(lender for lender in lenders if lender not in waiting), parents)
    return Wait(tuple(others), drain=scene.is_overdue(ticket))


def _cores_spoken_for(ticket: Ticket, scene: Scene) -> float:
    """Return the cores that older tickets wait for."""
    ready = (older.tenant for older, waits in scene.before(ticket) if waits.on and waits.need is None)
    return sum(tenant.request.cpu for tenant in ready if tenant.request)


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


def _towards(goal: State, ticket: Ticket, scene: Scene) -> Move:
    """Return the next steps from here to *goal*."""
    tenant = ticket.tenant
    if tenant.state is State.READY and tenant.inside:
        return _turn(ticket, scene, all_must_leave=True)  # the gate is shut while a ticket waits
    if tenant.state is State.STUCK and goal is State.READY:
        return Stop(((tenant, (Step.UNLOAD,)),))
    steps = route(tenant.state, goal) or (Step.TEST,)  # from READY to READY: the test, again
    if tenant.state is State.NEW and tenant.service.protocol.resting is State.PREPARED:
        return Prepare(steps[:1])
    if goal is State.READY or tenant.state is State.NEW:
        return make_room(ticket, steps, scene)
    return Stop(((tenant, steps),))


def _unusable(tenant: Tenant) -> ServiceUnusable:
    name, failure = tenant.service.name, tenant.failure
    why = f": {failure.text}" if failure else ""
    if tenant.state is State.STUCK:
        hint = f"its memory is still held; vm.unload({name!r}) tries once more"
        return ServiceUnusable(f"service {name!r} could not be unloaded{why}", service=name, step="unload", hint=hint)
    hint = f"vm.load({name!r}) loads and tests it again"
    return ServiceUnusable(f"service {name!r} failed its own test{why}", service=name, step="test", hint=hint)


def _cooling_down(tenant: Tenant, now: float) -> CoolingDown:
    name, left, failure = tenant.service.name, tenant.retry_at - now, tenant.failure
    step = failure.step.value if failure else None
    why = f", after its {step} failed: {failure.text}" if failure else ""
    return CoolingDown(
        f"service {name!r} is not tried again for {left:.1f} s{why}",
        service=name,
        step=step,
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
