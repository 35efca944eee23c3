"""What `decide()` looks at: the ledger, who is warm, and what older tickets have a claim to.

One scene is made for each pass through the queue and grows ticket by ticket.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from vmodel._deadlock import Chain, chains_behind, waits_for
from vmodel._ledger import Key, Ledger
from vmodel._moves import Stop, Ticket, Wait
from vmodel._tenant import Tenant

PATIENCE = 1.0
"""Seconds that a ticket waits before the gates of the services that it waits for are shut."""


@dataclass(slots=True)
class Scene:
    """The books as one pass through the queue finds them.

    Attributes:
        now: The time of the pass.
        ledger: Who holds what.
        tickets: All that are in the queue, the oldest first.
        passed: The older tickets that were told to wait, or that make room, with what they need.
    """

    now: float
    ledger: Ledger
    tickets: Sequence[Ticket] = ()
    passed: list[tuple[Ticket, Wait]] = field(default_factory=list)
    _all: "Claims" = field(default_factory=lambda: Claims())  # noqa: PLW0108  # the class stands below
    _own: "tuple[Ticket, Claims] | None" = None
    _ranked: tuple[int, list[Tenant]] | None = None
    _behind: dict[Ticket, list[Chain]] = field(default_factory=dict)

    def note(self, ticket: Ticket) -> None:
        """Let younger tickets see what *ticket* waits for, or makes room for."""
        if isinstance(ticket.move, Stop) and ticket.move.need is not None:
            victims = tuple(tenant for tenant, _ in ticket.move.walks)
            self._pass_by(ticket, Wait(victims, ticket.move.need))
        elif ticket.waits is not None:
            self._pass_by(ticket, ticket.waits)

    def _pass_by(self, ticket: Ticket, waits: Wait) -> None:
        self.passed.append((ticket, waits))
        self._all.add(ticket, waits, self.ledger)

    def behind(self, ticket: Ticket) -> list[Chain]:
        """Return the chain of *ticket* and those that cannot go on before it; none for a call from outside."""
        if not ticket.chain:
            return []
        if ticket not in self._behind:
            self._behind[ticket] = chains_behind(ticket.chain, self.tickets, self._can_spare)
        return self._behind[ticket]

    def before(self, ticket: Ticket) -> Iterable[tuple[Ticket, Wait]]:
        """Return the older tickets that *ticket* must respect: not those that wait for its own callers.

        Nor those that wait and came after one of these: they may wait for it. Who makes room goes on by itself.
        """
        chains = self.behind(ticket)
        if not chains:
            return self.passed
        respected: list[tuple[Ticket, Wait]] = []
        free_way = False
        for older, waits in self.passed:
            for_us = waits_for(older, chains, self._can_spare)
            free_way = free_way or for_us
            if not for_us and (not free_way or older.move is not None):
                respected.append((older, waits))
        return respected

    def _can_spare(self, ticket: Ticket, held: set[Tenant]) -> bool:
        """Return whether *ticket* can have the room or the cores that it waits for without the services in *held*."""
        kept = held | {ticket.tenant, *ticket.chain}
        need = ticket.waits.need if ticket.waits else None
        if need is None:
            lent = sum(self.ledger.booked(tenant) for tenant in self.ledger.bookers() if tenant not in kept)
            return self.ledger.free_cores() + lent >= (ticket.tenant.request.cpu if ticket.tenant.request else 0.0)
        others = [
            self.ledger.held(tenant).amounts
            for tenant in self.ledger.holders()
            if tenant not in kept and not tenant.stays
        ]
        missing = self.ledger.lacking(need, {})
        return all(sum(each.get(key, 0) for each in others) >= short for key, short in missing.items())

    def spoken_for(self, ticket: Ticket) -> Mapping[Key, int]:
        """Return the free bytes that older tickets will take, beside what the services they wait for give back."""
        return self._claims(ticket).spoken

    def claimed(self, ticket: Ticket) -> set[Tenant]:
        """Return the services whose room older tickets wait for."""
        return self._claims(ticket).claimed

    def wanted(self, ticket: Ticket) -> set[Tenant]:
        """Return the services that older tickets want to enter."""
        return self._claims(ticket).wanted

    def movable(self) -> list[Tenant]:
        """Return who holds room and does not keep it: the least recently used first, whose cleanup may delete last."""
        holders = self.ledger.holders()
        if self._ranked is None or self._ranked[0] != len(holders):
            by_use = sorted([tenant for tenant in holders if not tenant.stays], key=attrgetter("last_used"))
            last = [tenant for tenant in by_use if tenant.deletes]
            self._ranked = len(holders), [tenant for tenant in by_use if not tenant.deletes] + last if last else by_use
        return self._ranked[1]

    def _claims(self, ticket: Ticket) -> "Claims":
        """Return what the older tickets claim that *ticket* must respect."""
        if not self.behind(ticket):
            return self._all
        if self._own is None or self._own[0] is not ticket:
            claims = Claims()
            for older, waits in self.before(ticket):
                claims.add(older, waits, self.ledger)
            self._own = ticket, claims
        return self._own[1]

    def drained(self, ticket: Ticket) -> set[Tenant]:
        """Return the services that older tickets wait for so long that nobody else may go in."""
        return {tenant for _, waits in self.before(ticket) if waits.drain for tenant in waits.on}

    def is_overdue(self, ticket: Ticket) -> bool:
        """Return whether *ticket* has waited so long that what it waits for is drained."""
        return self.now >= ticket.arrived + PATIENCE


@dataclass(slots=True)
class Claims:
    """What tickets that wait have a claim to: free bytes, services whose room they wait for, services they want."""

    spoken: Counter[Key] = field(default_factory=Counter)
    claimed: set[Tenant] = field(default_factory=set)
    wanted: set[Tenant] = field(default_factory=set)

    def add(self, ticket: Ticket, waits: Wait, ledger: Ledger) -> None:
        """Add the claims of *ticket*."""
        self.wanted.add(ticket.tenant)
        if waits.need is None:
            return
        self.claimed.update(waits.on)
        held = [ledger.held(tenant).amounts for tenant in waits.on]
        for key, amount in waits.need.amounts.items():
            beside = amount - sum(each.get(key, 0) for each in held)
            if beside > 0:
                self.spoken[key] += beside
