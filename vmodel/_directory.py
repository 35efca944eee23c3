"""Who is there under which name: tenants, the calls to their methods, and what was left out."""

import threading
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING

from vmodel._call import Call
from vmodel._current import Host
from vmodel._nearest import nearest_names
from vmodel._registry import Collected, check_name, collect
from vmodel._service import Service
from vmodel._tenant import Tenant
from vmodel.engines.base import Engine
from vmodel.errors import DuplicateDeclaration, ServiceNotFound, VModelError

if TYPE_CHECKING:
    from vmodel._config import Entry


class Directory:
    """The services of one VModel by name; `calls` has what was called so far, by service and method."""

    def __init__(self, engine: Engine, host: Callable[[], Host | None]) -> None:
        self.tenants: dict[str, Tenant] = {}
        self.calls: dict[str, dict[str, Call]] = {}
        self._engine = engine
        self._host = host
        self._left_out: list[tuple[object, VModelError]] = []  # each with the package that it came from
        self._lock = threading.Lock()

    @property
    def findings(self) -> list[VModelError]:
        """Why services were left out that are still missing."""
        return [finding for _, finding in self._left_out]

    def collect(
        self, entry: "Entry", *, strict: bool = False, let_in: Callable[[Tenant], None] = lambda _: None
    ) -> tuple[list[Tenant], tuple[VModelError, ...]]:
        """Import what *entry* lists, take its services in, and return them with what is wrong with others.

        Where it raises, nothing of the entry is there afterwards.

        Raises:
            VModelError: With *strict*, one error with all that is wrong; else what *let_in* raises for a service.
        """
        from vmodel._config import parse_entry

        config = parse_entry(entry)
        arrived, findings = self._take_in(collect(config, self._owner), strict=strict)
        try:
            for tenant in arrived:
                let_in(tenant)
        except BaseException:
            for tenant in arrived:
                self.forget(tenant.service.name)
            raise
        self._note(config.package, {tenant.service.name for tenant in arrived}, findings)
        return arrived, findings

    def _take_in(self, collected: Collected, *, strict: bool) -> tuple[list[Tenant], tuple[VModelError, ...]]:
        """Give the services their names, but for those that another thread took during the import."""
        arrived, findings = list[Tenant](), list(collected.findings)
        with self._lock:
            for service in collected.services:
                try:
                    check_name(service, self._owner(service.name))
                except DuplicateDeclaration as error:
                    findings.append(error.copy())
                else:
                    arrived.append(Tenant(service, self._host))
            if strict and findings:
                raise VModelError.of(findings)
            self.tenants |= {tenant.service.name: tenant for tenant in arrived}
        return arrived, tuple(findings)

    def _note(self, package: object, names: Collection[str], findings: Iterable[VModelError]) -> None:
        """Take *findings* in, and forget older ones: of services that are there now, and what is found again."""
        fresh = {finding.message: finding.copy() for finding in findings}  # a traceback would keep this VModel alive
        with self._lock:
            kept = [
                (source, finding)
                for source, finding in self._left_out
                if not (finding.message in fresh or finding.service in names)
                and not (finding.service is None and source == package)
            ]
            self._left_out = kept + [(package, finding) for finding in fresh.values()]

    def _owner(self, name: str) -> Service | None:
        tenant = self.tenants.get(name)
        return tenant.service if tenant else None

    def forget(self, name: str) -> None:
        """Strike the service *name* out."""
        with self._lock:
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
            raise self._no_service(name, None) from None

    def call(self, service: str, method: str) -> Call:
        """Return the call to *method* of *service*, built when it is first needed."""
        try:
            tenant = self.tenants[service]
        except (KeyError, TypeError):
            raise self._no_service(service, method) from None
        tenant.service.method(method)
        found = self.calls.get(service, {}).get(method)
        if found is not None and found.tenant is tenant:
            return found
        return self._keep(service, method, Call(self._engine, tenant, method))

    def _keep(self, service: str, method: str, call: Call) -> Call:
        """Return *call*, or the one that another thread built first; of a service that is gone none is kept."""
        with self._lock:
            if self.tenants.get(service) is not call.tenant:
                return call
            return self.calls.setdefault(service, {}).setdefault(method, call)

    def _no_service(self, name: object, method: object) -> ServiceNotFound:
        own = [finding for finding in self.findings if finding.service == name]
        if own:
            message = f"service {name!r} was left out: {own[0].message}"
            return ServiceNotFound(message, given=name, hint=own[0].hint)
        nearest = nearest_names(name, tuple(self.tenants))
        there = ", ".join(self.tenants) or "none"
        hint = self._swapped(name, method) or self._explained(nearest)
        return ServiceNotFound(f"no service {name!r}; there are: {there}", given=name, nearest=nearest, hint=hint)

    def _swapped(self, name: object, method: object) -> str | None:
        """Return what to write where *name* is a method of the service *method*."""
        tenant = self.tenants.get(method) if isinstance(method, str) else None
        if tenant is None or name not in tuple(tenant.service.methods):
            return None
        return f"the service comes first, then its method: {method!r}, {name!r}"

    def _explained(self, nearest: list[str]) -> str | None:
        """Return why a service may not be there: a slip of the pen, or what could not be read and may have had it."""
        unread = [finding for finding in self.findings if finding.service is None]
        said = [f"did you mean {nearest[0]!r}?"] if nearest else []
        if unread:
            more = f", and {len(unread) - 1} more: see vm.status() or vmodel list" if len(unread) > 1 else ""
            said.append(f"left out: {unread[0].message}{more}")
        return " ".join(said) or None
