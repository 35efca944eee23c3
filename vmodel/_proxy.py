"""A service as an object whose methods are its methods, for people who write code by hand."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from vmodel._service import Service

if TYPE_CHECKING:
    from vmodel._call import Call


class Runner(Protocol):
    """What a proxy needs of a VModel."""

    def run(
        self, service: str, method: str, kwargs: Mapping[str, object] | None = None, *, timeout: float | None = None
    ) -> object:
        """Call a method of a service."""


class ServiceProxy:
    """One service: `proxy.method(argument, name=argument)`, or `proxy["any name"](…)`.

    What a method returns is `Any` to a type checker, which cannot know it.
    """

    def __init__(self, runner: Runner, service: Service, find: "Callable[[str, str], Call]") -> None:
        self._runner = runner
        self._service = service
        self._find = find

    def __repr__(self) -> str:
        return f"<service {self._service.name!r}: {', '.join(self._service.methods)}>"

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._service.methods]

    def __iter__(self) -> Iterator[str]:
        return iter(self._service.methods)

    def __getitem__(self, method: str) -> Callable[..., Any]:
        declaration = self._service.method(method)

        def call(*positional: object, **named: object) -> Any:
            by_name = self._find(self._service.name, method).named(positional)
            for twice in by_name.keys() & named.keys():
                message = f"{method}() got multiple values for argument {twice!r}"
                raise TypeError(message)
            return self._runner.run(self._service.name, method, by_name | named)

        call.__name__ = call.__qualname__ = method
        call.__doc__ = declaration.function.__doc__
        return call

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method.startswith("__"):  # copy and pickle look for these; no planner does
            raise AttributeError(method)
        try:
            return self[method]
        except LookupError as error:
            raise AttributeError(str(error)) from None
