"""What services ask for and what is there of it, brought into the books; the readings take place outside the lock."""

import threading
from typing import TYPE_CHECKING

from vmodel._assessment import Assessor
from vmodel._lifecycle import State
from vmodel._queue import Queue
from vmodel._tenant import Tenant

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

NOT_THERE_YET = (State.NEW, State.PREPARING, State.PREPARED, State.LOADING)
"""The states in which a service does not yet use all that it holds."""


class Survey:
    """Reads info dicts and the machine for the queue's books.

    `_asking` has a lock for each service whose info is being asked for: once, however many need it.
    """

    def __init__(self, assessor: Assessor, queue: Queue) -> None:
        self._assessor = assessor
        self._queue = queue
        self._asking: dict[Tenant, AbstractContextManager[object]] = {}

    def assess(self, tenant: Tenant) -> None:
        """Learn what *tenant* asks for, at the first need, and what is in use now where it must be loaded."""
        if tenant.request is None:
            with self._asking.setdefault(tenant, threading.RLock()):
                if tenant.request is None:
                    self._learn(tenant)
            self._asking.pop(tenant, None)
        if tenant.state is not State.READY:
            self.look(tenant)

    def _learn(self, tenant: Tenant) -> None:
        assessment = self._assessor.assess(tenant.service)
        with self._queue.lock:
            self._queue.ledger.learn(assessment.machine)
            if tenant.request is None:  # else somebody asked again whom a failure had kept waiting
                tenant.ask(assessment.request)
                tenant.obstacles = assessment.obstacles
                tenant.set_limit(assessment.concurrency)

    def look(self, tenant: Tenant) -> None:
        """Read what is there now of all that *tenant* asks for.

        A service that loads has bytes in use that nobody can tell from others': they count as others' use,
        and must be read again when it is there. One that came to be there during the reading had not all yet.
        """
        request = tenant.request
        if not request or not request.dimensions & {"memory", "gpu"}:
            return
        with self._queue.lock:
            before = self._coming()
        memory, cards = self._assessor.read(request)
        with self._queue.lock:
            self._queue.ledger.read(memory, cards, before | self._coming())

    def _coming(self) -> set[Tenant]:
        """Return who holds room that it does not yet use."""
        return {holder for holder in self._queue.ledger.holders() if holder.state in NOT_THERE_YET}
