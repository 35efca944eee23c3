"""What services ask for and what is there of it, brought into the books; the readings take place outside the lock."""

from vmodel._assessment import Assessor
from vmodel._lifecycle import State
from vmodel._queue import Queue
from vmodel._tenant import Tenant

NOT_THERE_YET = (State.NEW, State.PREPARING, State.PREPARED, State.LOADING)
"""The states in which a service does not yet use all that it holds."""


class Survey:
    """Reads info dicts and the machine for the queue's books."""

    def __init__(self, assessor: Assessor, queue: Queue) -> None:
        self._assessor = assessor
        self._queue = queue

    def assess(self, tenant: Tenant) -> None:
        """Learn what *tenant* asks for, at the first need, and what is in use now where it must be loaded."""
        if tenant.request is None:
            assessment = self._assessor.assess(tenant.service)
            with self._queue.changed:
                self._queue.ledger.learn(assessment.machine)
                if tenant.request is None:
                    tenant.ask(assessment.request)
                    tenant.obstacles = assessment.obstacles
                    tenant.set_limit(assessment.concurrency)
        self.look(tenant)

    def look(self, tenant: Tenant) -> None:
        """Read how much of what *tenant* asks for is there now, unless it is there already."""
        request = tenant.request
        if tenant.state is State.READY or not request or not request.dimensions & {"memory", "gpu"}:
            return
        memory, cards = self._assessor.read(request)
        with self._queue.changed:
            ledger = self._queue.ledger
            ledger.read(memory, cards, [holder for holder in ledger.holders() if holder.state in NOT_THERE_YET])
