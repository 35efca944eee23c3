"""What `decide()` looks at: the ledger, who is warm, and what older tickets have a claim to.

One scene is made for each pass through the queue and grows ticket by ticket.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vmodel._deadlock import Chain, chains_behind, waits_for
from vmodel._ledger import Key, Ledger, Need
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
        waiting: Every ticket that nobody acts upon, the oldest first.
        passed: The older tickets that were told to wait, or that make room, with what they need.
    """

    now: float
    ledger: Ledger
    waiting: Sequence[Ticket] = ()
    passed: list[tuple[Ticket, Wait]] = field(default_factory=list)
    _behind: dict[Ticket, list[Chain]] = field(default_factory=dict)

    def note(self, ticket: Ticket) -> None:
        """Let younger tickets see what *ticket* waits for, or makes room for."""
        if isinstance(ticket.move, Stop) and ticket.move.need is not None:
            victims = tuple(tenant for tenant, _ in ticket.move.walks)
            self.passed.append((ticket, Wait(victims, ticket.move.need)))
        elif ticket.waits is not None:
            self.passed.append((ticket, ticket.waits))

    def behind(self, ticket: Ticket) -> list[Chain]:
        """Return the chain of *ticket* and those that cannot go on before it; none for a call from outside."""
        if not ticket.chain:
            return []
        if ticket not in self._behind:
            self._behind[ticket] = chains_behind(ticket.chain, self.waiting)
        return self._behind[ticket]

    def before(self, ticket: Ticket) -> Iterable[tuple[Ticket, Wait]]:
        """Return the older tickets that *ticket* must respect: not those that wait for its own callers.

        Nor those that wait and came after one of these: they may wait for it. Who makes room goes on by itself.
        """
        chains = self.behind(ticket)
        if not chains:
            return self.passed
        first = next((at for at, (older, _) in enumerate(self.passed) if waits_for(older, chains)), len(self.passed))
        return [(older, waits) for at, (older, waits) in enumerate(self.passed) if at < first or older.move is not None]

    def spoken_for(self, ticket: Ticket) -> Mapping[Key, int]:
        """Return the free bytes that older tickets will take, beside what the services they wait for give back."""
        spoken: Counter[Key] = Counter()
        for _, waits in self.before(ticket):
            if waits.need is not None:
                spoken.update(self._beside(waits.need, waits.on))
        return spoken

    def _beside(self, need: Need, on: Sequence[Tenant]) -> dict[Key, int]:
        held = [self.ledger.held(tenant).amounts for tenant in on]
        rest = {key: amount - sum(each.get(key, 0) for each in held) for key, amount in need.amounts.items()}
        return {key: amount for key, amount in rest.items() if amount > 0}

    def claimed(self, ticket: Ticket) -> set[Tenant]:
        """Return the services whose room older tickets wait for."""
        return {tenant for _, waits in self.before(ticket) if waits.need is not None for tenant in waits.on}

    def drained(self, ticket: Ticket) -> set[Tenant]:
        """Return the services that older tickets wait for so long that nobody else may go in."""
        return {tenant for _, waits in self.before(ticket) if waits.drain for tenant in waits.on}

    def is_overdue(self, ticket: Ticket) -> bool:
        """Return whether *ticket* has waited so long that what it waits for is drained."""
        return self.now - ticket.arrived >= PATIENCE
