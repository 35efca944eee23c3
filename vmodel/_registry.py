"""From imported modules to services: which declarations make which service, and what is wrong with them.

The registry reads declarations and cannot tell a native service from a foreign one. It keeps nothing.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING

from vmodel._lifecycle import Step
from vmodel._packages import import_package
from vmodel._service import Service
from vmodel.errors import (
    ConfigError,
    DeclarationError,
    DuplicateDeclaration,
    MissingFunction,
    PackageError,
    ProtocolConflict,
    VModelError,
)
from vmodel.protocol._declaration import Declaration, declared_in
from vmodel.protocol._protocol import INFO, METHOD, PROTOCOLS

if TYPE_CHECKING:
    from vmodel._config import ServiceConfig

STEPS = {step.value: step for step in Step}


@dataclass(frozen=True, slots=True)
class Collected:
    """What one entry brought: whole services, and the findings that left others out."""

    services: tuple[Service, ...]
    findings: tuple[VModelError, ...]


def collect(config: "ServiceConfig", owner: Callable[[str], Service | None]) -> Collected:
    """Import the package of *config* and return its services; a name that has an *owner* already is kept by it."""
    modules, errors = import_package(config.package)
    findings: list[VModelError] = list(errors)
    services: dict[str, Service] = {}
    groups = _by_service(_declarations(modules))
    findings += _bad_renames(config, groups)
    if modules and not groups and not errors:
        findings.append(_nothing_declared(config, modules[0]))
    for declared, declarations in groups.items():
        name = _name(config, declared, groups)
        try:
            service = _build(name, declared, declarations, config)
            check_name(service, owner(name) or services.get(name))
        except DeclarationError as error:
            findings += error.findings
        else:
            services[name] = service
    return Collected(tuple(services.values()), tuple(findings))


def _declarations(modules: list[ModuleType]) -> Iterable[Declaration]:
    """Return what *modules* declare, then what the first of them re-exports, each once."""
    found = dict.fromkeys(declaration for module in modules for declaration in declared_in(module))
    found |= dict.fromkeys(_reexported(modules[0], {module.__name__ for module in modules}) if modules else ())
    return found


def _reexported(module: ModuleType, own: set[str]) -> Iterable[Declaration]:
    """Return the whole services of other modules' whose functions stand in the namespace of *module*.

    What the *own* modules declare is there already, and there may be very much of it.
    """
    for value in list(vars(module).values()):
        # Other values are asked nothing, not even their __class__: a lazy one would import, a strange one raise.
        home = sys.modules.get(str(value.__module__)) if issubclass(type(value), FunctionType | type) else None
        if home is not None and home.__name__ not in own:
            theirs = declared_in(home)
            names = {declaration.service for declaration in theirs if declaration.function is value}
            yield from (declaration for declaration in theirs if declaration.service in names)


def _by_service(declarations: Iterable[Declaration]) -> dict[str, list[Declaration]]:
    groups: dict[str, list[Declaration]] = {}
    for declaration in declarations:
        groups.setdefault(declaration.service, []).append(declaration)
    return groups


def _name(config: "ServiceConfig", declared: str, groups: Mapping[str, object]) -> str:
    if isinstance(config.rename, str):
        return config.rename if len(groups) == 1 else declared
    return (config.rename or {}).get(declared, declared)


def _bad_renames(config: "ServiceConfig", groups: Mapping[str, object]) -> list[VModelError]:
    there = ", ".join(groups) or "none"
    if isinstance(config.rename, str) and len(groups) > 1:
        hint = "write rename as a mapping of old names to new ones"
        return [ConfigError(f"cannot rename {len(groups)} services to {config.rename!r}: {there}", hint=hint)]
    unknown = [] if isinstance(config.rename, str) else [old for old in config.rename or () if old not in groups]
    return [ConfigError(f"cannot rename {old!r}: the package has {there}", given=old) for old in unknown if groups]


def _nothing_declared(config: "ServiceConfig", module: ModuleType) -> PackageError:
    shown = config.package.__name__ if isinstance(config.package, ModuleType) else str(config.package)
    place = getattr(module, "__file__", None) or module.__name__
    hint = "tag its functions with the decorators of vmodel.protocol"
    return PackageError(f"{shown!r} declares no service ({place})", given=shown, hint=hint)


def _build(name: str, declared: str, declarations: list[Declaration], config: "ServiceConfig") -> Service:
    """Return the service, or raise one DeclarationError with all that is wrong with it."""
    first = declarations[0]
    findings = [*_conflicts(name, declarations), *_duplicates(name, declarations), *_missing(name, declarations)]
    if findings:
        raise DeclarationError.of(findings)
    by_role = {declaration.role: declaration for declaration in declarations}
    methods = {declaration.name: declaration for declaration in declarations if declaration.role == METHOD}
    hooks = {STEPS[role]: declaration for role, declaration in by_role.items() if role in STEPS}
    return Service(name, declared, PROTOCOLS[first.protocol], by_role[INFO], hooks, methods, config)


def _conflicts(name: str, declarations: list[Declaration]) -> list[DeclarationError]:
    firsts: dict[str, Declaration] = {}
    for declaration in declarations:
        firsts.setdefault(declaration.protocol, declaration)
    if len(firsts) == 1:
        return []
    used = " and ".join(f"the {protocol} protocol ({first.place})" for protocol, first in firsts.items())
    hint = "import all decorators of one service from one protocol module"
    return [ProtocolConflict(f"service {name!r} uses {used}", service=name, hint=hint)]


def _duplicates(name: str, declarations: list[Declaration]) -> list[DeclarationError]:
    firsts: dict[tuple[str, str], Declaration] = {}
    findings: list[DeclarationError] = []
    for declaration in declarations:
        first = firsts.setdefault((declaration.role, declaration.name), declaration)
        if first is not declaration:
            what = f"method {declaration.name!r}" if declaration.role == METHOD else f"its {declaration.role} function"
            message = f"service {name!r} declares {what} twice: {first.place} and {declaration.place}"
            findings.append(DuplicateDeclaration(message, service=name))
    return findings


def _missing(name: str, declarations: list[Declaration]) -> list[DeclarationError]:
    first = declarations[0]
    there = {declaration.role for declaration in declarations}
    lacking = [f"@{text}" for role, text in PROTOCOLS[first.protocol].decorators.items() if role not in there]
    if not lacking:
        return []
    message = f"service {name!r} ({first.protocol} protocol, {first.place}) lacks {', '.join(lacking)}"
    return [MissingFunction(message, service=name)]


def check_name(service: Service, owner: Service | None) -> None:
    """Raise DuplicateDeclaration where the name of *service* has an *owner*."""
    if owner is None:
        return
    places = f"{owner.place} and again at {service.place}"
    raise DuplicateDeclaration(
        f"service {service.name!r} is declared at {places}; the first one keeps the name",
        service=service.name,
        hint=f"rename one in the configuration: {{'package': …, 'rename': {{{service.declared!r}: 'another name'}}}}",
    )
