"""Declarations: what decorators and foreign formats write down, and where they keep it.

A declaration belongs to the module that made it and is kept in that module's namespace, so it is
replaced when the module is loaded again and gone when the module is.
"""

from collections.abc import Callable
from types import ModuleType
from typing import NamedTuple

SLOT = "__vmodel_declarations__"

Namespace = dict[str, object]


class Declaration(NamedTuple):
    """One function of a service: the one currency between authors' code and the registry."""

    service: str
    role: str
    name: str
    protocol: str
    function: Callable[..., object]
    module: str
    file: str
    line: int

    @property
    def place(self) -> str:
        """Where it was declared, as file:line."""
        return f"{self.file}:{self.line}"


class _Shelf(NamedTuple):
    """The declarations of one execution of a module; a reload brings a new spec and so a new shelf."""

    spec: object
    declarations: list[Declaration]


def record(declaration: Declaration, namespace: Namespace) -> None:
    """Keep *declaration* in *namespace*, the one of the module that declares it.

    A script or package is executed from top to bottom, so two declarations of one name are two, and
    the registry says so. An interactive session (no `__file__`) runs a cell again: the last one counts.
    """
    shelf = namespace.get(SLOT)
    if not isinstance(shelf, _Shelf) or shelf.spec is not namespace.get("__spec__"):
        shelf = namespace[SLOT] = _Shelf(namespace.get("__spec__"), [])
    if "__file__" not in namespace:
        shelf.declarations[:] = [kept for kept in shelf.declarations if kept[:3] != declaration[:3]]
    shelf.declarations.append(declaration)


def declared_in(module: ModuleType) -> tuple[Declaration, ...]:
    """Return what *module* declared when it was last executed, in the order of its text."""
    shelf = vars(module).get(SLOT)
    return tuple(shelf.declarations) if isinstance(shelf, _Shelf) else ()
