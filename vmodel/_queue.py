"""The tickets that wait, and the one lock: whoever changes something decides once for all of them.

`changed` is a Condition over a plain Lock. It guards every tenant, the queue and `closed`. Under it
there is only arithmetic: no hook, no call, no file, and no other lock but that of a ticket's event.
"""

import threading
from collections.abc import Callable, Iterable

from vmodel._admission import Admit, Aim, Move, Refuse, Ticket, Wait, decide
from vmodel._tenant import Tenant
from vmodel.errors import VModelClosed, VModelError


class Queue:
    """Tickets in the order of their age; all methods but `until()` are called with `changed` held."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.changed = threading.Condition(threading.Lock())
        self.closed: str | None = None
        self._clock = clock
        self._tickets: list[Ticket] = []

    def __len__(self) -> int:
        return len(self._tickets)

    def __contains__(self, ticket: Ticket) -> bool:
        return ticket in self._tickets

    def until(self, fact: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait until *fact* holds and return whether it does; it is looked at when something changes."""
        with self.changed:
            return self.changed.wait_for(fact, timeout)

    def close(self, reason: str, tenants: Iterable[Tenant]) -> None:
        """Let nobody in any more: the gates are shut for good, and those who wait are refused."""
        self.closed = reason
        for tenant in tenants:
            tenant.shut = True
            tenant.watch()
        self.refuse(self.waiting(), VModelClosed(reason))

    def check_open(self, tenant: Tenant | None = None) -> None:
        """Raise VModelClosed where nothing may come in any more."""
        if self.closed is not None:
            raise VModelClosed(self.closed)
        if tenant is not None and tenant.shut:
            name = tenant.service.name
            raise VModelClosed(f"service {name!r} was removed", service=name)

    def add(self, ticket: Ticket) -> None:
        """Let *ticket* wait, behind all that are there."""
        self._tickets.append(ticket)
        ticket.tenant.waiting += 1
        ticket.tenant.watch()

    def take_out(self, ticket: Ticket) -> None:
        """Let *ticket* wait no longer."""
        self._tickets.remove(ticket)
        ticket.tenant.waiting -= 1
        ticket.tenant.watch()

    def settle(self) -> None:
        """Decide for each ticket, the oldest first, and wake those who got an answer."""
        if self.closed is not None:
            self.refuse(self.waiting(), VModelClosed(self.closed))
        now = self._clock()
        passed: set[Tenant] = set()
        for ticket in tuple(self._tickets):
            if ticket.move is None:
                self._book(ticket, decide(ticket, older_waits=ticket.tenant in passed, now=now))
            if ticket.move is None:
                passed.add(ticket.tenant)
        self.changed.notify_all()

    def _book(self, ticket: Ticket, move: Move) -> None:
        """Change the books as *move* says, and answer *ticket*."""
        match move:
            case Wait():
                return
            case Admit():
                if ticket.aim is Aim.CALL and not ticket.tenant.take_seat():
                    return  # a caller who found the gate shut has the seat for a moment, and settles when it is back
                self.take_out(ticket)
            case Refuse():
                self.take_out(ticket)
            case _:
                ticket.tenant.mover = ticket
                ticket.tenant.watch()
        ticket.answer(move)

    def waiting_for(self, tenant: Tenant) -> list[Ticket]:
        """Return the tickets for *tenant* that nobody acts upon."""
        return [ticket for ticket in self._tickets if ticket.tenant is tenant and ticket.move is None]

    def waiting(self) -> list[Ticket]:
        """Return all tickets that nobody acts upon."""
        return [ticket for ticket in self._tickets if ticket.move is None]

    def refuse(self, tickets: Iterable[Ticket], error: VModelError) -> None:
        """Refuse *tickets*; each holder gets an error of its own, for its own traceback."""
        for ticket in tickets:
            self.take_out(ticket)
            ticket.answer(Refuse(error.copy()))
