"""Snapshots of a VModel, for reading: frozen values, never live objects."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from vmodel._lifecycle import State, Step
from vmodel._metrics import MethodStatus
from vmodel._tenant import Tenant
from vmodel.errors import VModelError


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One service at one moment.

    Attributes:
        since: When it entered its state, in seconds since the epoch.
        failed_step, failure, failed_at: The last failure, while it counts.
        retry_after: Seconds until a failed prepare or load is tried again; 0 = at the next call.
        test_failed: Whether its last test failed; calls are refused until one passes.
        inside: How many calls are inside.
        waiting: How many callers wait.
        limit: How many calls may be inside at once; None = any number.
        cards: The numbers of the cards that it was placed on the last time.
        methods: Counts and latencies of the methods that were called.
    """

    name: str
    protocol: str
    place: str
    state: State
    since: float
    failed_step: Step | None
    failure: str | None
    failed_at: float | None
    retry_after: float
    test_failed: bool
    inside: int
    waiting: int
    limit: int | None
    cards: tuple[int, ...]
    methods: Mapping[str, MethodStatus]

    def to_dict(self) -> dict[str, object]:
        """Return the JSON form: every field by its name, state and step as text."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        methods = {method: asdict(counted) for method, counted in self.methods.items()}
        step = self.failed_step.value if self.failed_step else None
        return fields | {
            "state": self.state.value,
            "failed_step": step,
            "cards": list(self.cards),
            "methods": methods,
        }


@dataclass(frozen=True, slots=True)
class Status:
    """A VModel at one moment: its services by name, and why others were left out."""

    services: Mapping[str, ServiceStatus]
    findings: tuple[VModelError, ...]
    closed: bool

    def to_dict(self) -> dict[str, object]:
        """Return the JSON form: every field by its name."""
        services = {name: service.to_dict() for name, service in self.services.items()}
        return {
            "services": services,
            "findings": [finding.to_dict() for finding in self.findings],
            "closed": self.closed,
        }


def snapshot(tenant: Tenant, methods: Mapping[str, MethodStatus], *, now: float) -> ServiceStatus:
    """Return *tenant* as it is at *now*."""
    failure = tenant.failure
    return ServiceStatus(
        name=tenant.service.name,
        protocol=tenant.service.protocol.name,
        place=tenant.service.place,
        state=tenant.state,
        since=tenant.since,
        failed_step=failure.step if failure else None,
        failure=failure.text if failure else None,
        failed_at=failure.at if failure else None,
        retry_after=max(0.0, tenant.retry_at - now),
        test_failed=tenant.test_failed,
        inside=tenant.inside,
        waiting=tenant.waiting,
        limit=tenant.limit if tenant.request else tenant.service.default_concurrency,
        cards=tenant.cards,
        methods=methods,
    )
