"""The one object of an application: a VModel holds services and brings calls to them.

Here stand the public operations and the way of a call; what they decide stands below, in
`_admission`, and who acts on it in `_orchestrator`.
"""

import logging
import os
import time
import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import GeneratorType, MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Self

from vmodel._assessment import Assessor, limits_from, read_info
from vmodel._current import CHAIN, is_inside
from vmodel._directory import Directory
from vmodel._endings import watch_over
from vmodel._events import EventStream, Listener, Progress
from vmodel._home import default_home
from vmodel._info import Info, merge_info
from vmodel._machine import Machine
from vmodel._metrics import FOLD_AT
from vmodel._moves import Aim
from vmodel._orchestrator import Orchestrator
from vmodel._probe import MachineProbe
from vmodel._proxy import ServiceProxy
from vmodel._resources import parse_budget
from vmodel._runner import Runner
from vmodel._signature import Signature
from vmodel._status import Status, snapshot
from vmodel._tenant import Tenant
from vmodel._threads import ThreadCache
from vmodel.engines.local import LocalEngine
from vmodel.errors import VModelError

if TYPE_CHECKING:
    from vmodel._config import Entry
    from vmodel._lease import Dump

Kwargs = Mapping[str, object] | None

log = logging.getLogger("vmodel")

_now = time.perf_counter
_chain = CHAIN  # a name of this module's own: CPython calls methods of an imported name the slower way
_NO_NAMES: dict[str, object] = {}


class VModel:
    """Many services at the service of one application.

    Args:
        services: What to serve: dotted names, paths, modules, mappings such as `{"package": "my_services"}`,
            or `ServiceConfig` objects.
        limits: What becomes of a service that asks for more than there is: `"enforce"` refuses it, `"warn"`
            runs it and logs, `"off"` does not look. The environment's VMODEL_LIMITS takes its place.
        budget: Use less than the machine: `{"cpu": 2, "memory": "8GiB", "gpu": {0: "10GiB"}}`.
        home: The folder for services' files; else VMODEL_HOME, else the user's data folder.
        strict: Raise for anything wrong with any service, instead of leaving that service out and logging why.
        on_event: Called with each event, outside all locks, in order.

    Raises:
        ConfigError: Where the arguments cannot be understood.
        VModelError: With *strict*, one error with all findings.
    """

    def __init__(
        self,
        services: "Iterable[Entry]" = (),
        *,
        limits: str = "enforce",
        budget: Mapping[str, object] | None = None,
        home: str | os.PathLike[str] | None = None,
        strict: bool = False,
        on_event: Listener | None = None,
    ) -> None:
        self.home = default_home() if home is None else Path(home)
        self._strict = strict
        self._engine = LocalEngine()
        self._directory = Directory(self._engine, weakref.ref(self))
        self._calls = self._directory.calls
        self._probe = MachineProbe()
        assessor = Assessor(self._engine, self._probe, parse_budget(budget), limits_from(limits))
        threads = ThreadCache()
        self._orchestrator = Orchestrator(self._engine, assessor, threads, clock=time.monotonic, listener=on_event)
        self._runner = Runner(self._orchestrator, threads)
        watch_over(self._orchestrator, self)
        findings = [finding for entry in _entries(services) for finding in self._add(entry, strict=False)[1]]
        if strict and findings:
            raise VModelError.of(findings)

    def __repr__(self) -> str:
        return f"<VModel of {len(self.services)} services: {self._orchestrator!r}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def services(self) -> tuple[str, ...]:
        """The names of the services, in the order in which they were listed."""
        return tuple(self._directory.tenants)

    @property
    def closed(self) -> bool:
        """Whether it was closed, or is a copy that a fork made."""
        return self._orchestrator.queue.closed is not None

    def add(self, entry: "Entry") -> tuple[str, ...]:
        """Add the services of *entry* and return their names.

        What is wrong with others of its services is raised where the VModel is strict, else logged and in `status()`.
        """
        arrived, _ = self._add(entry, strict=self._strict)
        return tuple(tenant.service.name for tenant in arrived)

    def remove(self, service: str) -> None:
        """Stop *service*, when those inside have left, and forget it; its files stay."""
        self._orchestrator.remove(self._directory.tenant(service))
        self._directory.forget(service)

    def run(  # noqa: C901, PLR0912  # one function: each one that it would call costs every call
        self, service: str, method: str, kwargs: Kwargs = None, *, timeout: float | None = None
    ) -> Any:
        """Call *method* of *service* with *kwargs*; prepare, load and test it before, where needed, and keep it.

        Args:
            service: The name of the service.
            method: The public name of the method.
            kwargs: Arguments by name; validated against the method's signature before anything is loaded.
            timeout: Seconds to wait for the turn of the call.

        Returns:
            What the method returns; `Any` to a type checker, which cannot know it.

        Raises:
            ServiceNotFound, MethodNotFound, BadArguments: Where the call itself is wrong.
            AdmissionError, LifecycleError: Where the service could not be brought to READY.
            Exception: Unchanged, what the method raises.
        """
        try:
            call = self._calls[service][method]
        except (KeyError, TypeError):
            call = self._directory.call(service, method)
        if type(kwargs) is dict and len(kwargs) == call.size:
            try:
                args, named = call.check(call.values(kwargs)), _NO_NAMES
            except (KeyError, ValueError):
                args, named = call.arguments(kwargs)
        else:
            args, named = call.arguments(kwargs)
        tenant = call.tenant
        seats = tenant.seats
        if timeout is not None or not seats:
            return self._runner.run(call, (args, named), timeout)
        try:
            seats.pop()
        except IndexError:  # another caller was faster
            return self._runner.run(call, (args, named), timeout)
        # The way of a call to a READY service: no queue, no lock. See _tenant for why the order is safe.
        token = None
        try:
            parent = _chain.get()
            if tenant.gate_open and (parent is None or not is_inside(parent, tenant)):
                link = call.link if parent is None else (tenant, method, parent, parent[3], parent[4])
                tenant.last_used = started = _now()
                token = _chain.set(link)
                result = call.function(*args, **named) if named else call.function(*args)
                if type(result) is GeneratorType:
                    seats = []  # the stream gives it back
                    return self._runner.stream(call, result, link)
                return result
        except BaseException:
            call.meter.failed.append(None)
            raise
        finally:
            if token is not None:
                _chain.reset(token)
                fresh = call.fresh
                fresh.append(_now() - started)
                if len(fresh) >= FOLD_AT:
                    call.meter.fold()
            seats.append(None)
            if tenant.watched:
                self._runner.left(call, None if token is None else started)
        return self._runner.run(call, (args, named), timeout)

    def run_and_dump(
        self,
        service: str,
        method: str,
        kwargs: Kwargs = None,
        *,
        timeout: float | None = None,
        keep_files: bool = False,
    ) -> Any:
        """Call *method* as `run()` does, then unload the service and delete its files.

        It is dumped by the last caller out; with *keep_files* it is unloaded only. A pinned service stays.
        """
        call = self._directory.call(service, method)
        return self._runner.run(call, call.arguments(kwargs), timeout, "unload" if keep_files else "cleanup")

    async def arun(self, service: str, method: str, kwargs: Kwargs = None, *, timeout: float | None = None) -> Any:
        """Do as `run()` does without blocking the event loop.

        A coroutine method runs on the caller's loop; hooks and other methods run in threads of VModel's own.
        A generator gives a stream for `async for`.
        """
        call = self._directory.call(service, method)
        return await self._runner.arun(call, call.arguments(kwargs), timeout)

    async def arun_and_dump(
        self,
        service: str,
        method: str,
        kwargs: Kwargs = None,
        *,
        timeout: float | None = None,
        keep_files: bool = False,
    ) -> Any:
        """Do as `run_and_dump()` does without blocking the event loop."""
        call = self._directory.call(service, method)
        dump: Dump = "unload" if keep_files else "cleanup"
        return await self._runner.arun(call, call.arguments(kwargs), timeout, dump)

    def service(self, service: str) -> ServiceProxy:
        """Return *service* for people: `vm.service("digits").classify(image="seven.png")`.

        Raises:
            ServiceNotFound: With the nearest names that there are.
        """
        return ServiceProxy(self, self._directory.tenant(service).service, self._directory.call)

    def get_service_info(self, service: str) -> Info:
        """Return the info dict of *service*, which the planner plans with.

        The author's texts are kept; names are the registered ones, gaps are filled from type hints and docstrings.

        Raises:
            ServiceNotFound: With the nearest names that there are.
            InvalidInfo: Where the info function fails or returns no dict.
        """
        found = self._directory.tenant(service).service
        signatures = {method: self._engine.signature(found, method) for method in found.methods}
        return merge_info(service, read_info(self._engine, found), signatures)

    def signature(self, service: str, method: str) -> Signature:
        """Return what *method* of *service* takes and gives, as data.

        Raises:
            ServiceNotFound, MethodNotFound: With the nearest names that there are.
        """
        return self._directory.call(service, method).signature

    def prepare(self, service: str) -> None:
        """Fetch what *service* needs onto the disk; where it is beyond that, nothing is done."""
        self._orchestrator.bring(self._directory.tenant(service), Aim.PREPARE)

    def load(self, service: str) -> None:
        """Bring *service* to READY, tested; a cool-down or a failed test before is no reason not to try."""
        self._orchestrator.bring(self._directory.tenant(service), Aim.LOAD)

    def test(self, service: str) -> None:
        """Run the test of *service*, loading it first where needed."""
        self._orchestrator.bring(self._directory.tenant(service), Aim.TEST)

    def unload(self, service: str) -> None:
        """Take *service* out of memory, when those inside have left; its files stay."""
        self._orchestrator.bring(self._directory.tenant(service), Aim.UNLOAD)

    def cleanup(self, service: str) -> None:
        """Take *service* out of memory and delete its files."""
        self._orchestrator.bring(self._directory.tenant(service), Aim.CLEANUP)

    def status(self) -> Status:
        """Return a snapshot of all services, and why others were left out."""
        now = self._orchestrator.clock()
        services = {
            name: snapshot(
                tenant,
                {method: call.meter.status() for method, call in list(self._calls.get(name, {}).items())},
                now=now,
            )
            for name, tenant in list(self._directory.tenants.items())
        }
        return Status(MappingProxyType(services), tuple(self._directory.findings), self.closed)

    def machine(self) -> Machine:
        """Return what the machine has, what is free of it, what others use, and which service holds what."""
        return Machine.read(self._probe, self._orchestrator.holdings())

    def events(self) -> EventStream:
        """Return what happens from now on, as an iterator that ends when the VModel is closed.

        Use it in `with`, or `close()` it: until then each event is kept for it.
        """
        self._orchestrator.observe()
        stream = EventStream(self._orchestrator.outbox)
        if self.closed:
            stream.close()
        return stream

    def progress(self, service: str, fraction: float | None, text: str) -> None:
        """Tell the listeners how far *service* is; its own code does so with `vmodel.current().progress()`."""
        self._orchestrator.outbox.put(Progress(service, time.time(), fraction, text))
        self._orchestrator.outbox.deliver()

    def close(self, timeout: float = 10.0) -> None:
        """Let no call in any more, wait up to *timeout* seconds for those inside, and unload every service.

        Files stay; errors of hooks are logged. A second call does nothing.

        Raises:
            WouldDeadlock: From inside a call to one of its services.
        """
        self._orchestrator.close(timeout)

    def _add(self, entry: "Entry", *, strict: bool) -> tuple[list[Tenant], tuple[VModelError, ...]]:
        arrived, findings = self._directory.collect(entry, strict=strict, let_in=self._orchestrator.add)
        if not self._strict:  # else they are raised
            for finding in findings:
                log.warning("%s", finding.message)
        return arrived, findings


def _entries(services: "Iterable[Entry] | Entry") -> "Iterable[Entry]":
    """Return the entries of *services*; a single one need not stand in a list."""
    single = isinstance(services, str | os.PathLike | Mapping) or not isinstance(services, Iterable)
    return [services] if single else services  # type: ignore[list-item,return-value]  # parse_entry() says what is wrong
