"""Every error that VModel raises on purpose, and what each carries for whoever must repair the call.

The tree, with the built-in class that each leaf also is:

    VModelError
    ├─ DeclarationError (ValueError)
    │  ├─ DuplicateDeclaration (KeyError)
    │  ├─ ProtocolConflict
    │  ├─ MissingFunction
    │  └─ InvalidInfo
    ├─ ConfigError (ValueError)
    ├─ PackageError (ImportError)
    ├─ NotFound (LookupError, NotImplementedError)
    │  ├─ ServiceNotFound
    │  └─ MethodNotFound
    ├─ BadArguments (TypeError)
    ├─ AdmissionError
    │  ├─ NeverFits
    │  ├─ NoRoom
    │  ├─ AdmissionTimeout (TimeoutError)
    │  └─ WouldDeadlock
    ├─ LifecycleError (RuntimeError)
    │  ├─ IllegalStep
    │  ├─ StepFailed
    │  ├─ CoolingDown
    │  ├─ ServiceUnusable
    │  └─ VModelClosed
    ├─ EngineError
    │  ├─ WorkerDied
    │  ├─ CallTimeout (TimeoutError)
    │  ├─ MemoryLimitExceeded (MemoryError)
    │  ├─ NotSerializable
    │  └─ RemoteError
    ├─ FormatError
    └─ MissingDependency (ImportError)

The built-in bases are what programs written for vmodel 0.0.2 catch.
This module uses the standard library alone: it is imported inside services' own environments.
"""

from collections.abc import Sequence
from typing import ClassVar, Self

FIELDS = ("service", "method", "step", "path", "given", "expected", "nearest", "retryable", "retry_after", "hint")


class VModelError(Exception):
    """The root of every error that VModel raises on purpose.

    Args:
        message: What was asked, what is there, in one sentence.
        service, method, step: Where it happened.
        path: The way to a bad value, such as `("boxes", 0, "width")`.
        given, expected, nearest: The bad value (`...` where there is none), what would do, the names close to it.
        retryable: Whether the same call can succeed later without a change.
        retry_after: Seconds to wait before that, where known.
        hint: What to do now.
        findings: The single errors, where several are reported at once.
    """

    code: ClassVar[str] = "vmodel_error"
    retryable: bool = False

    def __init__(
        self,
        message: str,
        *,
        service: str | None = None,
        method: str | None = None,
        step: str | None = None,
        path: Sequence[str | int] = (),
        given: object = ...,
        expected: str | None = None,
        nearest: Sequence[str] = (),
        retryable: bool | None = None,
        retry_after: float | None = None,
        hint: str | None = None,
        findings: Sequence["VModelError"] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.service = service
        self.method = method
        self.step = step
        self.path = tuple(path)
        self.given = given
        self.expected = expected
        self.nearest = tuple(nearest)
        if retryable is not None:
            self.retryable = retryable
        self.retry_after = retry_after
        self.hint = hint
        self._findings = tuple(findings)

    @property
    def findings(self) -> "tuple[VModelError, ...]":
        """The single errors; itself, where it is the only one."""
        return self._findings or (self,)  # kept, it would be a cycle that pins the traceback's frames

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by class, message and fields; a child process sends its errors home this way."""
        fields = {name: getattr(self, name) for name in FIELDS}
        fields["findings"] = self._findings
        return _rebuild, (type(self), self.message, fields)

    def copy(self) -> Self:
        """Return an equal error without traceback: each of several callers raises one of its own."""
        return _rebuild(*self.__reduce__()[1])  # type: ignore[misc,return-value]  # the pair of __reduce__

    def to_dict(self) -> dict[str, object]:
        """Return the JSON form, which a planner can repair its call from.

        Empty fields are left out; of a long `given` there is the beginning, with its length.
        """
        from vmodel._plain import brief, plain

        fields: dict[str, object] = {"code": self.code, "message": self.message}
        for name in FIELDS:
            value = getattr(self, name)
            absent = value is None or value == () if name != "given" else value is ...
            if not absent:
                fields[name] = brief(value) if name == "given" else plain(value)
        if len(self._findings) > 1:
            fields["findings"] = [finding.to_dict() for finding in self._findings]
        return fields

    @classmethod
    def of(cls, findings: "Sequence[VModelError]") -> "VModelError":
        """Return one error for all *findings*: the class and fields of the first, the messages of all."""
        first = findings[0]
        if len(findings) == 1:
            return first
        fields = {name: getattr(first, name) for name in FIELDS}
        lines = [f"{len(findings)} findings", *(f"- {finding.message}" for finding in findings)]
        return type(first)("\n".join(lines), findings=findings, **fields)


def _rebuild(cls: type[VModelError], message: str, fields: dict[str, object]) -> VModelError:
    return cls(message, **fields)  # type: ignore[arg-type]  # the fields are those of __reduce__


class DeclarationError(VModelError, ValueError):
    """A service is declared wrongly."""

    code = "declaration_error"


class DuplicateDeclaration(DeclarationError, KeyError):
    """A service, a method or a hook is declared twice."""

    code = "duplicate_declaration"


class ProtocolConflict(DeclarationError):
    """One service uses the decorators of two protocols."""

    code = "protocol_conflict"


class MissingFunction(DeclarationError):
    """A service lacks a function that its protocol requires."""

    code = "missing_function"


class InvalidInfo(DeclarationError):
    """What a service says of itself cannot be read."""

    code = "invalid_info"


class ConfigError(VModelError, ValueError):
    """The configuration of a VModel or of a service is wrong."""

    code = "config_error"


class PackageError(VModelError, ImportError):  # type: ignore[misc]  # ImportError.path is never set; ours is
    """A listed package could not be imported."""

    code = "package_error"


class NotFound(VModelError, LookupError, NotImplementedError):
    """A name that is not there; `nearest` has the names that are close."""

    code = "not_found"


class ServiceNotFound(NotFound):
    """No service of that name."""

    code = "service_not_found"


class MethodNotFound(NotFound):
    """The service has no method of that name."""

    code = "method_not_found"


class BadArguments(VModelError, TypeError):
    """The arguments do not fit the method; each finding has the path to a bad value."""

    code = "bad_arguments"


class AdmissionError(VModelError):
    """A call was not let in."""

    code = "admission_error"


class NeverFits(AdmissionError):
    """A request larger than the whole machine or budget."""

    code = "never_fits"


class NoRoom(AdmissionError):
    """Room that cannot be made now."""

    code = "no_room"


class AdmissionTimeout(AdmissionError, TimeoutError):
    """The call waited for its turn until its deadline."""

    code = "admission_timeout"
    retryable = True


class WouldDeadlock(AdmissionError):
    """A wait that could never end; the message has the cycle."""

    code = "would_deadlock"


class LifecycleError(VModelError, RuntimeError):
    """A step of the life cycle could not be done."""

    code = "lifecycle_error"


class IllegalStep(LifecycleError):
    """A step that the present state does not allow."""

    code = "illegal_step"


class StepFailed(LifecycleError):
    """A hook raised or said False."""

    code = "step_failed"


class CoolingDown(LifecycleError):
    """A step failed a short while ago and is not tried again before `retry_after` seconds."""

    code = "cooling_down"
    retryable = True


class ServiceUnusable(LifecycleError):
    """The service failed its own test, or could not be unloaded."""

    code = "service_unusable"


class VModelClosed(LifecycleError):
    """The VModel was closed."""

    code = "vmodel_closed"


class EngineError(VModelError):
    """The place where a service lives failed."""

    code = "engine_error"


class WorkerDied(EngineError):
    """The service's process ended."""

    code = "worker_died"
    retryable = True


class CallTimeout(EngineError, TimeoutError):
    """A call did not end in time."""

    code = "call_timeout"
    retryable = True


class MemoryLimitExceeded(EngineError, MemoryError):
    """The service used more memory than it declared."""

    code = "memory_limit_exceeded"


class NotSerializable(EngineError):
    """A value that cannot cross to another process."""

    code = "not_serializable"


class RemoteError(EngineError):
    """An exception of a type that only the service's process has."""

    code = "remote_error"


class FormatError(VModelError):
    """A foreign service that cannot be read."""

    code = "format_error"


class MissingDependency(VModelError, ImportError):  # type: ignore[misc]  # as above
    """A distribution that is needed and not installed."""

    code = "missing_dependency"

    @classmethod
    def named(cls, distribution: str, *, purpose: str) -> Self:
        """Return the error that says which *distribution* to install for *purpose*."""
        return cls(f"{purpose} needs {distribution}", hint=f"pip install {distribution}")
