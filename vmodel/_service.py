"""A service as it was declared: hooks, methods, configuration. Nothing here changes while it runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vmodel._lifecycle import Step
from vmodel._nearest import nearest_names
from vmodel.errors import MethodNotFound
from vmodel.protocol._declaration import Declaration
from vmodel.protocol._protocol import Protocol

if TYPE_CHECKING:
    from vmodel._config import ServiceConfig


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a VModel; `name` is what callers use, `declared` what its author wrote."""

    name: str
    declared: str
    protocol: Protocol
    info: Declaration
    hooks: Mapping[Step, Declaration]
    methods: Mapping[str, Declaration]
    config: "ServiceConfig"

    @property
    def place(self) -> str:
        """Where its first function was declared, as file:line."""
        return self.info.place

    @property
    def default_concurrency(self) -> int | None:
        """How many calls may be inside where neither the configuration nor the info says it."""
        return 1 if self.protocol.one_at_a_time else None

    def method(self, name: str) -> Declaration:
        """Return the declaration of method *name*.

        Raises:
            MethodNotFound: With the methods that there are.
        """
        try:
            return self.methods[name]
        except (KeyError, TypeError):
            raise self._no_method(name) from None

    def _no_method(self, name: object) -> MethodNotFound:
        nearest = nearest_names(name, self.methods)
        return MethodNotFound(
            f"service {self.name!r} has no method {name!r}; it has: {', '.join(self.methods)}",
            service=self.name,
            given=name,
            nearest=nearest,
            hint=f"did you mean {nearest[0]!r}?" if nearest else None,
        )
