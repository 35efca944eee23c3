"""What a service asks for, held against the machine: read once, when the service is first needed."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from vmodel._capacity import Budget, Capacity, Request, clamp, never_fits
from vmodel._probe import Probe, capacity
from vmodel._readings import CardReading, MemoryReading
from vmodel._resources import parse_request
from vmodel._service import Service
from vmodel.engines.base import Engine
from vmodel.errors import ConfigError, InvalidInfo

log = logging.getLogger("vmodel")

Limits = Literal["enforce", "warn", "off"]
LIMITS: tuple[Limits, ...] = ("enforce", "warn", "off")


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a service may have: its request, why it can never be met, how many calls at once (None: any number)."""

    request: Request
    obstacles: tuple[str, ...]
    concurrency: int | None
    machine: Capacity


@dataclass(frozen=True, slots=True)
class Assessor:
    """Reads what services ask for and compares it with the machine, dimension by dimension."""

    engine: Engine
    probe: Probe
    budget: Budget = field(default_factory=Budget)
    limits: Limits = "enforce"

    def assess(self, service: Service) -> Assessment:
        """Return what *service* may have.

        With limits off, what the service says of itself is not even asked for.

        Raises:
            InvalidInfo: Where its info cannot be read.
        """
        limits = service.config.limits or self.limits
        if limits == "off":
            return Assessment(Request(), (), _concurrency(service, {}), Capacity())
        info = read_info(self.engine, service)
        request = declared_request(service, info)
        machine = capacity(self.probe, request.dimensions).within(self.budget)
        obstacles = never_fits(request, machine)
        if obstacles and limits == "warn":
            log.warning("service %r is run all the same: %s", service.name, "; ".join(obstacles))
            request, obstacles = clamp(request, machine), ()
        return Assessment(request, obstacles, _concurrency(service, info), machine)

    def read(self, request: Request) -> tuple[MemoryReading | None, tuple[CardReading, ...]]:
        """Return what is in use now of the dimensions that *request* names."""
        memory = self.probe.memory() if "memory" in request.dimensions else None
        return memory, self.probe.cards().cards if "gpu" in request.dimensions else ()


def read_info(engine: Engine, service: Service) -> Mapping[str, object]:
    """Return the author's info of *service*, as the author wrote it.

    Raises:
        InvalidInfo: Where the info function fails or returns no mapping.
    """
    place = service.info.place
    try:
        info = engine.info(service)
    except (Exception, SystemExit) as error:
        message = f"the info function of {service.name!r} ({place}) failed: {type(error).__name__}: {error}"
        raise InvalidInfo(message, service=service.name) from error
    if not isinstance(info, Mapping):
        message = f"the info function of {service.name!r} ({place}) must return a dict, not {info!r}"
        raise InvalidInfo(message, service=service.name, given=info)
    return info


def declared_request(service: Service, info: Mapping[str, object]) -> Request:
    """Return the resources that the configuration, else the author, declares."""
    configured = service.config.resources
    resources = info.get("resources") if configured is None else configured
    gpu_memory = info.get("gpu_memory") if configured is None else None
    return parse_request(resources, service=service.name, gpu_memory=gpu_memory)


def _concurrency(service: Service, info: Mapping[str, object]) -> int | None:
    if service.config.says("max_concurrency"):
        return service.config.max_concurrency
    declared = info.get("max_concurrency", service.default_concurrency)
    if declared is None or (isinstance(declared, int) and not isinstance(declared, bool) and declared > 0):
        return declared
    message = f"service {service.name!r}: max_concurrency must be a whole number above 0, or None, not {declared!r}"
    raise InvalidInfo(message, service=service.name, given=declared, path=("max_concurrency",))


def limits_from(given: str) -> Limits:
    """Return the policy *given*, or the one that VMODEL_LIMITS puts in its place.

    Raises:
        ConfigError: With the policies that there are.
    """
    for source, value in (("limits", given), ("VMODEL_LIMITS", os.environ.get("VMODEL_LIMITS") or given)):
        if value not in LIMITS:
            raise ConfigError(f"{source} must be one of {', '.join(LIMITS)}, not {value!r}", given=value)
    return cast(Limits, value)
