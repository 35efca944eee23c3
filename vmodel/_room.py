"""Room for a service: where it fits, what would have to go for it, and why there can be none. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from vmodel._bytes import format_bytes
from vmodel._capacity import Request
from vmodel._ledger import MEMORY, Key, Ledger, Need
from vmodel._lifecycle import Step, route
from vmodel._moves import Move, Refuse, Start, Stop, Ticket, Wait
from vmodel._scene import Scene
from vmodel._tenant import Tenant
from vmodel.errors import NoRoom, WouldDeadlock


def make_room(ticket: Ticket, steps: tuple[Step, ...], scene: Scene) -> Move:
    """Start where it fits; else stop idle services; else wait for busy ones; else say that there can be none."""
    tenant, ledger = ticket.tenant, scene.ledger
    if tenant in ledger.holders():
        return Start(steps, ledger.held(tenant))
    spoken, needs = scene.spoken_for(ticket), list(ledger.needs(tenant.request or Request()))
    fitting = next((need for need in needs if not ledger.lacking(need, spoken)), None)
    if fitting is not None:
        return Start(steps, fitting)
    if option := _best(needs, spoken, partial(_idle, ticket, scene), ledger):
        victims, need = option
        return Stop(tuple((victim, way_down(victim)) for victim in victims), need)
    in_time = partial(_in_time, ticket, scene)
    if option := _best(needs, spoken, in_time, ledger) or _best(needs, {}, in_time, ledger):
        return Wait(*option, drain=scene.is_overdue(ticket))
    return Refuse(_why_never(ticket, needs, scene))


def _best(
    needs: Sequence[Need], spoken: Mapping[Key, int], candidates: Callable[[], Iterable[Tenant]], ledger: Ledger
) -> tuple[tuple[Tenant, ...], Need] | None:
    """Return the way to place a service that costs least to undo, with the victims that it takes."""
    options = [(_cheapest(need, spoken, candidates(), ledger), need) for need in needs]
    possible = [(victims, need) for victims, need in options if victims is not None]
    return min(possible, key=lambda option: sum(victim.reload_seconds for victim in option[0]), default=None)


def is_idle(tenant: Tenant) -> bool:
    """Return whether *tenant* could be stopped now: nobody is inside, nothing is on its way."""
    return len(tenant.seats) == tenant.seat_count and tenant.mover is None and not tenant.state.busy


def way_down(tenant: Tenant) -> tuple[Step, ...]:
    """Return the steps that give the memory of *tenant* back."""
    return route(tenant.state, tenant.service.protocol.resting) or ()


def _idle(ticket: Ticket, scene: Scene) -> Iterator[Tenant]:
    """Return whom *ticket* may stop now, those first that are cheapest to have back."""
    taken = scene.claimed(ticket) | scene.wanted(ticket)
    return (tenant for tenant in _movable(ticket, scene) if tenant not in taken and is_idle(tenant))


def _in_time(ticket: Ticket, scene: Scene) -> list[Tenant]:
    """Return whom *ticket* may wait for: those first whom nobody older waits for, and the idle ones."""
    claimed = scene.claimed(ticket)
    ranks: tuple[list[Tenant], ...] = ([], [], [], [])
    for tenant in _movable(ticket, scene):
        ranks[2 * (tenant in claimed) + (not is_idle(tenant))].append(tenant)
    return [tenant for rank in ranks for tenant in rank]


def _movable(ticket: Ticket, scene: Scene) -> Iterator[Tenant]:
    """Return who holds room and can go sooner or later: not pinned, not stuck, not a caller of *ticket*."""
    behind = set().union(*scene.behind(ticket)) | {ticket.tenant}
    return (tenant for tenant in scene.movable() if tenant not in behind)


def _cheapest(
    need: Need, spoken: Mapping[Key, int], candidates: Iterable[Tenant], ledger: Ledger
) -> tuple[Tenant, ...] | None:
    """Return the first of *candidates* that together free what *need* lacks, without those that are not needed."""
    short = ledger.lacking(need, spoken)
    chosen: list[Tenant] = []
    open_keys = list(short)
    for tenant in candidates:
        if not open_keys:
            break
        held = ledger.held(tenant).amounts
        for key in open_keys:
            if key in held:
                chosen.append(tenant)
                open_keys = _less(short, held)
                break
    if open_keys:
        return None
    return tuple(_needed(chosen, short, ledger) if min(short.values(), default=0) < 0 else chosen)


def _less(short: dict[Key, int], held: Mapping[Key, int]) -> list[Key]:
    """Take *held* from what is *short*, and return the keys that are short still."""
    for key, amount in held.items():
        if key in short:
            short[key] -= amount
    return [key for key, missing in short.items() if missing > 0]


def _needed(chosen: list[Tenant], short: dict[Key, int], ledger: Ledger) -> list[Tenant]:
    """Return *chosen* without those that more was freed than is lacking makes needless, the last chosen first."""
    needless: set[Tenant] = set()
    for tenant in reversed(chosen):
        held = ledger.held(tenant).amounts
        if all(short.get(key, -amount) + amount <= 0 for key, amount in held.items()):
            needless.add(tenant)
            for key in short.keys() & held.keys():
                short[key] += held[key]
    return [tenant for tenant in chosen if tenant not in needless]


def _why_never(ticket: Ticket, needs: Sequence[Need], scene: Scene) -> NoRoom | WouldDeadlock:
    """Return the error that names who holds the room: callers that wait for this call, pinned services, others."""
    name, ledger = ticket.tenant.service.name, scene.ledger
    short = min((ledger.lacking(need, {}) for need in needs), key=lambda short: sum(short.values()), default={})
    asked = f"cannot run {name!r}: it lacks {_amounts(short)}"
    behind = set[Tenant]().union(*scene.behind(ticket))
    callers = _holding(short, (tenant for tenant in ledger.holders() if tenant in behind), ledger)
    if callers:
        cycle = " > ".join([*(repr(tenant.service.name) for tenant in reversed(ticket.chain)), repr(name)])
        message = f"{asked}, which {_listed(callers)} will not give back before this call ends ({cycle})"
        return WouldDeadlock(message, service=name)
    fixed = _holding(short, (tenant for tenant in ledger.holders() if tenant.stays), ledger)
    if fixed:
        hint = "unload one of them by name, or unpin it in the configuration"
        return NoRoom(f"{asked}, held by {_listed(fixed)}", service=name, hint=hint)
    hint = "try again when other programs use less of this machine"
    return NoRoom(f"{asked}, which others on this machine use", service=name, retryable=True, hint=hint)


def _holding(short: Mapping[Key, int], tenants: Iterable[Tenant], ledger: Ledger) -> list[Tenant]:
    return [tenant for tenant in tenants if any(ledger.held(tenant).amounts.get(key) for key in short)]


def _listed(tenants: Sequence[Tenant]) -> str:
    return ", ".join(f"{tenant.service.name!r} ({_state(tenant)})" for tenant in tenants)


def _state(tenant: Tenant) -> str:
    return "pinned" if tenant.service.config.pin else tenant.state.value


def _amounts(short: Mapping[Key, int]) -> str:
    parts = [
        f"{format_bytes(missing)} of memory" if key == MEMORY else f"{format_bytes(missing)} on card {key}"
        for key, missing in short.items()
    ]
    return " and ".join(parts) or "room"
