"""The decorators that all protocols share: they write a declaration down and return the function untouched."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

from vmodel.errors import DeclarationError
from vmodel.protocol._declaration import Declaration, record
from vmodel.protocol._protocol import METHOD, Protocol

F = TypeVar("F", bound=Callable[..., object])

METHOD_NAME = "service_func"
METHOD_USAGE = f"@{METHOD_NAME}('my_method', 'my_service')"


class _Nothing:
    """What stands for a name that was not given; None is given where the function's own is meant."""

    def __repr__(self) -> str:
        return "nothing"


_NOTHING: Any = _Nothing()


def hook(protocol: Protocol, role: str, doc: str) -> Callable[[str], Callable[[F], F]]:
    """Return the decorator factory of *protocol* for *role*, documented by *doc*."""
    name = protocol.decorators[role]

    def factory(service: str = _NOTHING) -> Callable[[F], F]:
        _checked("service", service, f"@{name}('my_service')")

        def decorate(function: F) -> F:
            return _declare(function, service, role, role, protocol)

        return decorate

    return _presented(factory, name, doc)


def method(protocol: Protocol, doc: str) -> Callable[[str | None, str], Callable[[F], F]]:
    """Return `service_func` of *protocol*, documented by *doc*."""

    def factory(name: str | None = _NOTHING, service: str = _NOTHING) -> Callable[[F], F]:
        if service is _NOTHING:
            raise _wrong(f"{METHOD_NAME} needs two names: the method's, then the service's", name, METHOD_USAGE)
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
    raise _wrong(f"{parameter} must be a name, not {kind}", value, usage)


def _wrong(what: str, given: object, usage: str, *, service: str | None = None) -> DeclarationError:
    """Return the error that says *what* is wrong, where the author wrote it, and how to write it."""
    author = _author()
    message = f"{what} ({author.f_code.co_filename}:{author.f_lineno})"
    known = ... if given is _NOTHING else given
    return DeclarationError(message, service=service, given=known, hint=f"write it as {usage}")


def _author() -> FrameType:
    """Return the frame of the module (or factory) whose text applies the decorator."""
    frame = sys._getframe(1)
    while frame.f_globals is globals() and frame.f_back is not None:
        frame = frame.f_back
    return frame


def _declare(function: F, service: str, role: str, name: str | None, protocol: Protocol) -> F:
    if not callable(function):
        name = protocol.decorators[role]
        usage = METHOD_USAGE if role == METHOD else f"@{name}('my_service')"
        raise _wrong(f"{name} declares functions, not {function!r}", function, usage, service=service)
    own = getattr(function, "__name__", None)  # a callable object has none
    public = _checked("name", own if name is None else name, METHOD_USAGE)
    frame = _author()
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
