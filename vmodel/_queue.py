"""The tickets that wait, and the one lock: whoever changes something decides once for all of them.

`lock` guards every tenant, the ledger, the queue and `closed`. Under it there is only arithmetic: no hook,
no call, no file, and no other lock but that of a ticket's bell. It is taken as the plain lock that it is:
a Ctrl-C inside a Condition's own `with` would leave it taken for ever. `changed` is for those who wait.
"""

import threading
import time
from bisect import insort
from collections.abc import Callable, Iterable

from vmodel._admission import decide
from vmodel._events import Outbox, Queued
from vmodel._ledger import Ledger
from vmodel._moves import Admit, Aim, Move, Refuse, Start, Stop, Ticket, Wait
from vmodel._scene import Scene
from vmodel._tenant import Tenant
from vmodel.errors import VModelClosed, VModelError

TURN = Wait()
"""What a ticket waits for that only waits for its turn."""


class Queue:
    """Tickets in the order of their age; all methods but `until()` and `ring_for()` are called with `lock` held."""

    def __init__(self, clock: Callable[[], float], outbox: Outbox) -> None:
        self.lock = threading.Lock()
        self.changed = threading.Condition(self.lock)
        self.closed: str | None = None
        self.ledger = Ledger()
        self.clock = clock
        self.outbox = outbox
        self._tickets: list[Ticket] = []
        self._awaited: set[Tenant] = set()
        self._drained: set[Tenant] = set()

    def __len__(self) -> int:
        return len(self._tickets)

    def __contains__(self, ticket: Ticket) -> bool:
        return ticket in self._tickets

    def until(self, fact: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait until *fact* holds and return whether it does; it is looked at when something changes."""
        with self.lock:
            return self.changed.wait_for(fact, timeout)

    def close(self, reason: str, tenants: Iterable[Tenant]) -> None:
        """Let nobody in any more: the gates are shut for good, and those who wait are refused."""
        self.closed = reason
        for tenant in tenants:
            tenant.shut = True
            tenant.watch()
        self.refuse(self.waiting(), VModelClosed(reason))
        self.changed.notify_all()

    def check_open(self, tenant: Tenant | None = None) -> None:
        """Raise VModelClosed where nothing may come in any more."""
        if self.closed is not None:
            raise VModelClosed(self.closed)
        if tenant is not None and tenant.shut:
            name = tenant.service.name
            raise VModelClosed(f"service {name!r} was removed", service=name)

    def add(self, ticket: Ticket) -> None:
        """Let *ticket* wait, behind all that are as old or older."""
        insort(self._tickets, ticket, key=lambda other: other.number)
        ticket.tenant.waiting += 1
        ticket.tenant.watch()

    def take_out(self, ticket: Ticket) -> None:
        """Let *ticket* wait no longer."""
        self._tickets.remove(ticket)
        ticket.tenant.waiting -= 1
        ticket.tenant.watch()

    def waiting(self) -> list[Ticket]:
        """Return all tickets that nobody acts upon."""
        return [ticket for ticket in self._tickets if ticket.move is None]

    def waiting_for(self, tenant: Tenant) -> list[Ticket]:
        """Return the tickets for *tenant* that nobody acts upon."""
        return [ticket for ticket in self.waiting() if ticket.tenant is tenant]

    def refuse(self, tickets: Iterable[Ticket], error: VModelError) -> None:
        """Refuse *tickets*; each holder gets an error of its own, for its own traceback."""
        for ticket in tickets:
            self.take_out(ticket)
            ticket.answer(Refuse(error.copy()))

    def ring_for(self, tenant: Tenant) -> None:
        """Have those who may wait for *tenant* look again; called without the lock, from a collection."""
        for ticket in tuple(self._tickets) if tenant.watched else ():
            if ticket.move is None and ticket.bell is not None:
                ticket.bell.ring()

    def settle(self) -> None:
        """Decide for each ticket, the oldest first, and wake those who got an answer."""
        if self.closed is not None:
            self.refuse(self.waiting(), VModelClosed(self.closed))
        self._forget_gone()
        while self._pass():
            pass
        self.changed.notify_all()

    def _forget_gone(self) -> None:
        """Strike out the tickets whose holders nobody can wake: their event loop is closed."""
        for ticket in self.waiting():
            if ticket.bell is not None and ticket.bell.gone:
                ticket.left_behind = True
                self.take_out(ticket)

    def _pass(self) -> bool:
        """Go through the queue once; return whether what happened late in the pass may matter to who came before.

        There are two cases: an answer changed the books, or a call from inside waits now, whom nobody may wait for.
        """
        late = False
        scene = Scene(self.clock(), self.ledger, self._tickets)
        awaited, drained = set[Tenant](), set[Tenant]()
        blocked = set[Tenant]()
        for ticket in tuple(self._tickets):
            if ticket.waits == TURN and ticket.tenant in blocked and not ticket.chain:
                continue  # its turn comes when that of an older one has come: nothing else can matter to it
            undecided = ticket.move is None and ticket.waits is None
            open_before = ticket.move is None
            while ticket.move is None and not self._book(ticket, decide(ticket, scene)):
                if not self._watch_for(ticket.waits or Wait(), awaited, drained):
                    break  # else decide again: a caller may have left just before it was watched
            answered = open_before and ticket.move is not None
            late = late or (answered and bool(scene.passed)) or (undecided and bool(ticket.waits and ticket.chain))
            scene.note(ticket)
            if ticket.move is None:
                blocked.add(ticket.tenant)
        self._forget(awaited, drained)
        return late

    def _watch_for(self, waits: Wait, awaited: set[Tenant], drained: set[Tenant]) -> bool:
        """Have those settle who leave the services that are waited for; return whether some were not watched before."""
        fresh = any(not tenant.awaited for tenant in waits.on)
        awaited.update(waits.on)
        drained.update(waits.on if waits.drain else ())
        for tenant in waits.on:
            tenant.awaited = True
            tenant.drained = tenant in drained
            tenant.watch()
        return fresh

    def _forget(self, awaited: set[Tenant], drained: set[Tenant]) -> None:
        """Let go of the services that nobody waits for any more."""
        for tenant in (self._awaited - awaited) | (self._drained - drained):
            tenant.awaited, tenant.drained = tenant in awaited, tenant in drained
            tenant.watch()
        self._awaited, self._drained = awaited, drained

    def _book(self, ticket: Ticket, move: Move) -> bool:
        """Change the books as *move* says, and answer *ticket*; return whether it was answered."""
        match move:
            case Wait():
                self._tell(ticket, move)
                ticket.waits = move
                return False
            case Admit(lenders, parents) if ticket.aim is Aim.CALL:
                if not self._take_cores(ticket, lenders, parents) or not ticket.tenant.take_seat():
                    ticket.waits = ticket.waits or Wait()
                    return False  # who found the gate shut has a seat for a moment, and settles when it is back
            case Start(_, need):
                if ticket.tenant not in self.ledger.holders():
                    self.ledger.reserve(ticket.tenant, need)
                    ticket.tenant.cards = need.cards
            case Stop(walks):
                if not self._claim(ticket, tuple(tenant for tenant, _ in walks)):
                    return False
            case _:
                pass
        if isinstance(move, Admit | Refuse):
            self.take_out(ticket)
        else:
            self.hold(ticket, ticket.tenant)
        ticket.answer(move)
        return True

    def _take_cores(self, ticket: Ticket, lenders: tuple[Tenant, ...], parents: tuple[Tenant, ...]) -> bool:
        """Book the cores of *ticket*'s service; the gates of those who lent theirs stay shut until they have them."""
        tenant = ticket.tenant
        if not self._claim(ticket, lenders):
            return False
        for lender in (*lenders, *parents):
            self.ledger.unbook(lender)
            lender.cored = False
        self.let_go(ticket)
        if tenant.request and tenant.request.cpu and not self.ledger.booked(tenant):
            self.ledger.book(tenant, tenant.request.cpu)
        tenant.cored = True
        tenant.watch()
        return True

    def _claim(self, ticket: Ticket, tenants: tuple[Tenant, ...]) -> bool:
        """Shut the gates of *tenants*, then see that nobody came in meanwhile; they are *ticket*'s to move then."""
        for tenant in tenants:
            self.hold(ticket, tenant)
        if not any(tenant.inside for tenant in tenants):
            return True
        ticket.waits = Wait(tenants)
        for tenant in tenants:
            tenant.awaited = True
        self.let_go(ticket)
        return False

    def _tell(self, ticket: Ticket, waits: Wait) -> None:
        """Note that *ticket* must wait, when that is decided for the first time or for other services than before."""
        if ticket.waits is None or ticket.waits.on != waits.on:
            on = tuple(tenant.service.name for tenant in waits.on)
            event = Queued(ticket.tenant.service.name, time.time(), self._tickets.index(ticket), on)
            self.outbox.put(event)

    def hold(self, ticket: Ticket, tenant: Tenant) -> None:
        """Let nobody but *ticket* take steps with *tenant*; its gate is shut."""
        if tenant not in ticket.moving:
            ticket.moving.append(tenant)
        tenant.mover = ticket
        tenant.watch()

    def let_go(self, ticket: Ticket) -> None:
        """Let others take steps with the services that *ticket* moved, and take back what they need not hold."""
        for tenant in ticket.moving:
            tenant.mover = None
            if not tenant.holds_memory:
                self.ledger.release(tenant)
                self.ledger.unbook(tenant)
                tenant.cored = not (tenant.request and tenant.request.cpu)
            tenant.watch()
        ticket.moving.clear()
