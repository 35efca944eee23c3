"""A method made ready to be called: its function, its validator, its meter."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from vmodel._arguments import build_validator, explain
from vmodel._metrics import Meter
from vmodel._tenant import Tenant
from vmodel.engines.base import Engine
from vmodel.errors import BadArguments

if TYPE_CHECKING:
    from vmodel._signature import Signature


class Call:
    """What `VModel.run` looks up: everything that a call to one method needs, built at the first one."""

    __slots__ = ("fresh", "function", "link", "meter", "method", "signature", "tenant", "validate")

    def __init__(self, engine: Engine, tenant: Tenant, method: str) -> None:
        self.tenant = tenant
        self.method = method
        self.link = (tenant, method, None, None, None)  # the chain of a call that no service made
        self.signature: Signature = engine.signature(tenant.service, method)
        self.function: Callable[..., object] = engine.method(tenant.service, method)
        self.validate = build_validator(self.signature)
        self.meter = Meter()
        self.fresh = self.meter.fresh

    def explain(self, error: ValueError, kwargs: Mapping[str, object] | None) -> BadArguments:
        """Return our error for the one that `validate` raised."""
        return explain(error, self.signature, kwargs, service=self.tenant.service.name, method=self.method)  # type: ignore[arg-type]  # pydantic's ValidationError is a ValueError

    def named(self, positional: tuple[object, ...]) -> dict[str, object]:
        """Return *positional* arguments by the names of their parameters.

        Raises:
            BadArguments: Where there are more than the method takes.
        """
        names = [parameter.name for parameter in self.signature.parameters if parameter.kind.startswith("positional")]
        if len(positional) > len(names):
            message = f"{self.method!r} takes {len(names)} arguments by position, {len(positional)} were given"
            raise BadArguments(message, service=self.tenant.service.name, method=self.method)
        return dict(zip(names, positional, strict=False))
