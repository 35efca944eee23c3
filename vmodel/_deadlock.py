"""Who cannot go on before a given chain does: a wait for them would never end. Pure: it only looks.

A chain of calls holds a seat in each service that it is inside of, or runs a hook there.
"""

from collections.abc import Callable, Iterable

from vmodel._moves import Aim, Ticket
from vmodel._tenant import Tenant

Chain = frozenset[Tenant]


Spare = Callable[[Ticket, set[Tenant]], bool]
"""Whether a ticket can have what it waits for without these services."""


def chains_behind(chain: tuple[Tenant, ...], waiting: Iterable[Ticket], can_spare: Spare) -> list[Chain]:
    """Return *chain* and all chains that cannot go on before it does, through however many others.

    A ticket that nothing was decided for yet waits for nobody: whoever closes a circle is refused, not who waits in it.
    """
    stuck = [frozenset(chain)]
    others = [ticket for ticket in waiting if ticket.chain and ticket.waits and ticket.chain != chain]
    caught = others
    while caught:
        caught = [ticket for ticket in others if waits_for(ticket, stuck, can_spare)]
        stuck += [frozenset(ticket.chain) for ticket in caught]
        others = [ticket for ticket in others if ticket not in caught]
    return stuck


def waits_for(ticket: Ticket, chains: list[Chain], can_spare: Spare) -> bool:
    """Return whether *ticket* cannot be answered before one of *chains* goes on.

    There are three cases: it waits for room or cores, and there are not enough but in services that the chains
    are inside of; it wants its service stopped, and one is inside; it wants a seat, and all are taken by them.
    """
    if ticket.waits and ticket.waits.on:
        held = set[Tenant]().union(*chains)
        return not held.isdisjoint(ticket.waits.on) and not can_spare(ticket, held)
    return seat_is_stuck(ticket.tenant, chains, all_must_leave=ticket.aim is not Aim.CALL)


def seat_is_stuck(tenant: Tenant, chains: list[Chain], *, all_must_leave: bool = False) -> bool:
    """Return whether *tenant* stays as it is until one of *chains* goes on."""
    inside = sum(tenant in chain for chain in chains)
    return inside > 0 and (all_must_leave or tenant.mover is not None or inside >= tenant.inside)
