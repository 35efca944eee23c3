"""What a caller has while it is inside a service: a seat, and the wish to dump the service when it leaves."""

from _thread import start_new_thread
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from vmodel._tenant import Tenant

if TYPE_CHECKING:
    from vmodel._orchestrator import Orchestrator

Dump = Literal["unload", "cleanup"] | None


class Lease:
    """One seat; it ends once, however often it is told to."""

    __slots__ = ("_dump", "_orchestrator", "_tenant")

    def __init__(self, orchestrator: "Orchestrator", tenant: Tenant | None, dump: Dump = None) -> None:
        self._orchestrator = orchestrator
        self._tenant = tenant
        self._dump = dump

    @property
    def tenant(self) -> Tenant | None:
        """The service, or None where the lease is over or the caller's own chain has the seat."""
        return self._tenant

    @property
    def runs_hooks(self) -> bool:
        """Whether its end may take time: it stops the service."""
        tenant = self._tenant
        return tenant is not None and (self._dump is not None or tenant.service.config.keep_alive == 0)

    def end(self) -> None:
        """Give the seat back, and stop the service where that was the wish and nobody else is there."""
        tenant, self._tenant = self._tenant, None
        if tenant is not None:
            self._give_back(tenant)

    def drop(self) -> None:
        """Give the seat back from a collection: no lock, no hook; what follows from it is left to a thread."""
        tenant, self._tenant = self._tenant, None
        if tenant is None:
            return
        if self._dump is not None and _begun(self._give_back, tenant):
            return
        tenant.seats.append(None)
        if tenant.watched and not _begun(self._orchestrator.left, tenant):
            self._orchestrator.queue.ring_for(tenant)

    def _give_back(self, tenant: Tenant) -> None:
        if self._dump is None:
            self._orchestrator.leave(tenant)
        else:
            self._orchestrator.leave_and_dump(tenant, keep_files=self._dump == "unload")


def _begun(function: Callable[[Tenant], object], tenant: Tenant) -> bool:
    """Call *function* in a thread of its own; return whether one could be started.

    Not by `threading`: a collection can begin anywhere, also where this very thread holds one of its locks.
    """
    try:
        start_new_thread(function, (tenant,))
    except RuntimeError:  # the process ends, or is short of threads
        return False
    return True
