"""The decorators that all protocols share: they write a declaration down and return the function untouched."""

import sys
from collections.abc import Callable
from typing import TypeVar

from vmodel.errors import DeclarationError
from vmodel.protocol._declaration import Declaration, record
from vmodel.protocol._protocol import METHOD, Protocol

F = TypeVar("F", bound=Callable[..., object])

METHOD_USAGE = "@service_func('my_method', 'my_service')"


def hook(protocol: Protocol, role: str, doc: str) -> Callable[[str], Callable[[F], F]]:
    """Return the decorator factory of *protocol* for *role*, documented by *doc*."""
    name = protocol.decorators[role]

    def factory(service: str) -> Callable[[F], F]:
        _checked("service", service, f"@{name}('my_service')")

        def decorate(function: F) -> F:
            return _declare(function, service, role, role, protocol)

        return decorate

    return _presented(factory, name, doc)


def method(protocol: Protocol, doc: str) -> Callable[[str | None, str], Callable[[F], F]]:
    """Return `service_func` of *protocol*, documented by *doc*."""

    def factory(name: str | None, service: str) -> Callable[[F], F]:
        _checked("service", service, METHOD_USAGE)
        if name is not None:
            _checked("name", name, METHOD_USAGE)

        def decorate(function: F) -> F:
            return _declare(function, service, METHOD, name, protocol)

        return decorate

    return _presented(factory, protocol.decorators[METHOD], doc)


def _checked(parameter: str, value: object, usage: str) -> str:
    if isinstance(value, str):
        return value
    kind = "a function" if callable(value) else repr(value)
    raise DeclarationError(f"{parameter} must be a name, not {kind}", given=value, hint=f"write it as {usage}")


def _declare(function: F, service: str, role: str, name: str | None, protocol: Protocol) -> F:
    if not callable(function):
        raise DeclarationError(f"{protocol.decorators[role]} declares functions, not {function!r}", service=service)
    own = getattr(function, "__name__", None)  # a callable object has none
    public = _checked("name", own if name is None else name, METHOD_USAGE)
    frame = sys._getframe(2)  # the module (or factory) whose text applies the decorator
    module = str(frame.f_globals.get("__name__", "__main__"))
    place = (module, frame.f_code.co_filename, frame.f_lineno)
    record(Declaration(service, role, public, protocol.name, function, *place), frame.f_globals)
    return function


C = TypeVar("C", bound=Callable[..., object])


def _presented(factory: C, name: str, doc: str) -> C:
    """Give *factory* the name and text that `help()` and editors show, and keep pytest from collecting it."""
    factory.__name__ = factory.__qualname__ = name
    factory.__doc__ = doc
    factory.__test__ = False  # type: ignore[attr-defined]  # pytest's own switch: test_func is no test
    return factory
