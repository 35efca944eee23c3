"""How a command ends: every error becomes lines on stderr and an exit code here, and nowhere else."""

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from vmodel import errors
from vmodel.cli._signals import Interrupted, exit_code
from vmodel.cli._stderr import tell

log = logging.getLogger("vmodel")


class MethodRaised(Exception):
    """A service's own method raised; what it raised is the cause. Not public: it ends in a line."""

    def __init__(self, service: str, method: str, error: BaseException) -> None:
        said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        super().__init__(f"service {service!r} raised {said}")
        self.service = service
        self.method = method
        self.kind = type(error).__name__


@contextmanager
def blaming(service: str, method: str) -> Iterator[None]:
    """Say of an exception inside that is not VModel's own that *method* of *service* raised it."""
    try:
        yield
    except errors.VModelError:
        raise
    except (Exception, SystemExit) as error:
        raise MethodRaised(service, method, error) from error


class Ending(NamedTuple):
    """One exit code: the classes of errors that end with it, and what it means."""

    code: int
    classes: tuple[type[BaseException], ...]
    meaning: str


ENDINGS: tuple[Ending, ...] = (
    Ending(0, (), "the answer was written to stdout"),
    Ending(1, (MethodRaised, errors.VModelError), "the service's own method raised, or an error of no other kind"),
    Ending(2, (), "the command line could not be read"),
    Ending(3, (errors.NotFound,), "there is no such service or method"),
    Ending(4, (errors.BadArguments,), "the arguments do not fit the method"),
    Ending(
        5,
        (errors.DeclarationError, errors.ConfigError, errors.PackageError, errors.FormatError),
        "a service, a package or the configuration is wrong",
    ),
    Ending(6, (errors.AdmissionError,), "the call was not let in: no room, or no turn in time"),
    Ending(7, (errors.LifecycleError,), "the service could not be prepared, loaded, tested or unloaded"),
    Ending(8, (errors.EngineError,), "the place where the service lives failed, or its result is no JSON"),
    Ending(9, (errors.MissingDependency,), "something that is needed is not installed"),
    Ending(70, (Exception,), "a fault of VModel itself"),
    Ending(130, (KeyboardInterrupt,), "Ctrl-C; what was loaded is unloaded"),
    Ending(141, (), "the reader of stdout has left"),
    Ending(143, (), "SIGTERM; what was loaded is unloaded"),
)
"""Every way to end; for an error the row counts that has its class, or else the nearest class above it."""


TELLING = (errors.MissingDependency, errors.DeclarationError, errors.ConfigError, errors.PackageError)
"""Causes that say more of what is to be done than the error that they caused."""


def code_of(error: BaseException) -> int:
    """Return the exit code for *error*, or for its cause where that tells more."""
    if isinstance(error, KeyboardInterrupt):
        return exit_code(error)
    if isinstance(error, errors.VModelError) and isinstance(error.__cause__, TELLING):
        return code_of(error.__cause__)
    return next(ending.code for kind in type(error).__mro__ for ending in ENDINGS if kind in ending.classes)


@contextmanager
def reporting(*, as_json: bool) -> Iterator[None]:
    """Turn an error of the command inside into lines on stderr, with *as_json* also an object on stdout, and exit."""
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # the one place where all of them end
        if log.isEnabledFor(logging.INFO):
            traceback.print_exception(error)
        _tell(error)
        if as_json:
            from vmodel.cli._json import dumps
            from vmodel.cli._stdout import write

            write(dumps({"error": facts(error)}))
        sys.exit(code_of(error))


def facts(error: BaseException) -> dict[str, object]:
    """Return *error* as a dict, which a planner can repair its call from."""
    match error:
        case errors.VModelError():
            hint = _hint(error)
            return error.to_dict() | ({"hint": hint} if hint else {})
        case MethodRaised():
            who = {"service": error.service, "method": error.method, "type": error.kind}
            return {"code": "method_raised", "message": str(error), **who}
        case KeyboardInterrupt():
            return {"code": "interrupted", "message": str(error) or "interrupted"}
        case _:
            return {"code": "internal_error", "message": f"{type(error).__name__}: {error}"}


def _tell(error: BaseException) -> None:
    """Write one line that says what was wrong, and one that says what to do now."""
    if isinstance(error, Interrupted):  # the signal's line is written
        return
    tell(f"error: {one_line(str(facts(error)['message']))}")
    hint = _hint(error)
    if hint:
        tell(f"hint: {one_line(hint)}")


def _hint(error: BaseException) -> str | None:
    match error:
        case errors.VModelError(__cause__=errors.MissingDependency() as cause):
            return cause.hint or error.hint
        case errors.VModelError():
            return error.hint
        case KeyboardInterrupt():
            return None
        case MethodRaised():
            return None if log.isEnabledFor(logging.INFO) else "-v shows where"
        case _:
            return "this is a fault of VModel itself; please report it with what -v shows"


def one_line(text: str) -> str:
    """Return *text* without line breaks; the items of a list are set apart by semicolons."""
    return "; ".join(line.strip().removeprefix("- ") for line in text.splitlines() if line.strip())
