"""Who is there under which name: tenants, the calls to their methods, and what was left out."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from vmodel._call import Call
from vmodel._current import Host
from vmodel._registry import collect
from vmodel._service import Service
from vmodel._tenant import Tenant
from vmodel.engines.base import Engine
from vmodel.errors import ServiceNotFound, VModelError

if TYPE_CHECKING:
    from vmodel._config import Entry


class Directory:
    """The services of one VModel by name; `calls` has what was called so far, by service and method."""

    def __init__(self, engine: Engine, host: Callable[[], Host | None]) -> None:
        self.tenants: dict[str, Tenant] = {}
        self.calls: dict[str, dict[str, Call]] = {}
        self.findings: list[VModelError] = []
        self._engine = engine
        self._host = host

    def collect(self, entry: "Entry") -> tuple[list[Tenant], tuple[VModelError, ...]]:
        """Import what *entry* lists, take its services in, and return them with what is wrong with others."""
        from vmodel._config import parse_entry

        collected = collect(parse_entry(entry), self._owner)
        arrived = [Tenant(service, self._host) for service in collected.services]
        self.tenants |= {tenant.service.name: tenant for tenant in arrived}
        self.findings += [finding.copy() for finding in collected.findings]  # a traceback would keep this VModel alive
        return arrived, collected.findings

    def _owner(self, name: str) -> Service | None:
        tenant = self.tenants.get(name)
        return tenant.service if tenant else None

    def forget(self, name: str) -> None:
        """Strike the service *name* out."""
        self.tenants.pop(name, None)
        self.calls.pop(name, None)

    def tenant(self, name: str) -> Tenant:
        """Return the service *name*.

        Raises:
            ServiceNotFound: With the nearest names that there are, or why that one was left out.
        """
        try:
            return self.tenants[name]
        except (KeyError, TypeError):
            raise self._no_service(name) from None

    def call(self, service: str, method: str) -> Call:
        """Return the call to *method* of *service*, built when it is first needed."""
        tenant = self.tenant(service)
        tenant.service.method(method)
        calls = self.calls.setdefault(service, {})
        return calls.get(method) or calls.setdefault(method, Call(self._engine, tenant, method))

    def _no_service(self, name: object) -> ServiceNotFound:
        left_out = [finding for finding in self.findings if finding.service == name]
        if left_out:
            message = f"service {name!r} was left out: {left_out[0].message}"
            return ServiceNotFound(message, given=name, hint=left_out[0].hint)
        nearest = get_close_matches(str(name), self.tenants, n=3)
        hint = f"did you mean {nearest[0]!r}?" if nearest else None
        there = ", ".join(self.tenants) or "none"
        return ServiceNotFound(f"no service {name!r}; there are: {there}", given=name, nearest=nearest, hint=hint)
