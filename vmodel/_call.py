"""A method made ready to be called: its function, its validator, its meter."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from vmodel._arguments import build_ways_in, explain
from vmodel._metrics import Meter
from vmodel._tenant import Tenant
from vmodel._threads import aact_for, actor
from vmodel.engines.base import Engine
from vmodel.errors import BadArguments, VModelError

if TYPE_CHECKING:
    from vmodel._signature import Signature


class Call:
    """What `VModel.run` looks up: everything that a call to one method needs, built at the first one."""

    __slots__ = (
        "check",
        "check_thread",
        "fresh",
        "function",
        "link",
        "meter",
        "method",
        "original",
        "signature",
        "size",
        "tenant",
        "validate",
        "values",
    )

    def __init__(self, engine: Engine, tenant: Tenant, method: str) -> None:
        self.tenant = tenant
        self.method = method
        self.link = (tenant, method, None, None, None)  # the chain of a call that no service made
        self.signature: Signature = engine.signature(tenant.service, method)
        self.original = engine.method(tenant.service, method)
        self.function, self.check_thread = self._in_a_thread()
        self.validate, (self.size, self.values, self.check) = build_ways_in(self.signature, self.original)
        self.meter = Meter()
        self.fresh = self.meter.fresh

    def _in_a_thread(self) -> tuple[Callable[..., object], Callable[[], object]]:
        """Return the function that a caller without an event loop calls, and what refuses one who cannot."""
        shown = f"method {self.method!r} of {self.tenant.service.name!r}"
        match self.signature.flow:
            case "coroutine":
                check = partial(_refuse_a_loop, shown)
                return partial(_run_coroutine, cast("Callable[..., Any]", self.original), check), check
            case "async_generator":
                refuse = partial(_refuse, f"{shown} is an async generator")
                return refuse, refuse
        return self.original, _no_check

    def arguments(self, kwargs: object) -> tuple[tuple[object, ...], dict[str, object]]:
        """Return *kwargs* validated.

        Raises:
            BadArguments: With every problem.
        """
        given: Any = dict(kwargs) if isinstance(kwargs, Mapping) else {} if kwargs is None else kwargs
        try:
            return self.validate(given)
        except ValueError as error:
            raise self.explain(error, given) from None

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


def _run_coroutine(function: Callable[..., Any], check: Callable[[], object], *args: object, **named: object) -> object:
    """Run the coroutine of a method on a loop of its own."""
    import asyncio

    check()
    return asyncio.run(aact_for(actor(), function(*args, **named)))


def _no_check() -> None:
    """Let any thread call."""


def _refuse_a_loop(shown: str) -> None:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    _refuse(f"{shown} is a coroutine and this thread runs an event loop")


def _refuse(what: str, *_: object, **__: object) -> object:
    raise VModelError(what, hint="use arun()")
