"""Classes that an annotation names and the module has not imported, such as `numpy.ndarray` under TYPE_CHECKING.

A value can only be an instance of such a class once somebody has imported the module, so the class is
looked up among the loaded modules when a value is checked; nothing is imported for a check.
"""

import copyreg
import sys
from collections import ChainMap
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


class Deferred(type):
    """The type of a class known by its dotted name only; it stands in unions and generics like any class."""

    dotted: str

    def __getattr__(cls, name: str) -> "Deferred":
        if name.startswith("__"):
            raise AttributeError(name)
        return deferred(f"{cls.dotted}.{name}")

    def __getitem__(cls, parameters: object) -> "Deferred":
        return cls

    def __instancecheck__(cls, value: object) -> bool:
        found = cls.found()
        return found is not None and isinstance(value, found)

    def found(cls) -> type | None:
        """Return the class itself where its module is loaded, else None."""
        module, _, path = cls.dotted.rpartition(".")
        while module and module not in sys.modules:
            module, _, name = module.rpartition(".")
            path = f"{name}.{path}"
        value: object = sys.modules.get(module)
        for name in path.split("."):
            value = getattr(value, name, None)
        return value if isinstance(value, type) else None

    def can_be_found(cls) -> bool:
        """Return whether the name starts with a module that can be imported here."""
        root = cls.dotted.partition(".")[0]
        return "." in cls.dotted and (root in sys.modules or find_spec(root) is not None)

    def __get_pydantic_core_schema__(cls, _: object, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        """Return the schema of the class once it is loaded (a Path is read from text), else an instance check."""
        from pydantic_core import core_schema

        found = cls.found()
        if found is not None:
            return handler.generate_schema(found)
        if cls.can_be_found():
            return core_schema.is_instance_schema(cls, cls_repr=cls.dotted)
        return core_schema.any_schema()  # a name that leads nowhere says nothing about the value

    def __repr__(cls) -> str:
        return cls.dotted

    def __eq__(cls, other: object) -> bool:
        return isinstance(other, Deferred) and cls.dotted == other.dotted

    def __hash__(cls) -> int:
        return hash(cls.dotted)


def deferred(dotted: str) -> Deferred:
    """Return the stand-in for the class of that dotted name."""
    return Deferred(dotted.rpartition(".")[2], (), {"dotted": dotted})


copyreg.pickle(Deferred, lambda cls: (deferred, (cls.dotted,)))


class LenientNames(ChainMap[str, object]):
    """The names of a module, then the builtins; what is in neither is a deferred class instead of a NameError."""

    def __missing__(self, name: str) -> Deferred:
        return deferred(name)
