"""What a function takes, as data: names, kinds, types, defaults. No validation lives here.

A description holds no function, so it can be pickled and sent to another process.
Standard library alone: a service's own process describes its methods with it.
"""

import builtins
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, ForwardRef

from vmodel._deferred import LenientNames

KINDS: Final = {
    inspect.Parameter.POSITIONAL_ONLY: "positional_only",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "positional_or_keyword",
    inspect.Parameter.VAR_POSITIONAL: "var_positional",
    inspect.Parameter.KEYWORD_ONLY: "keyword_only",
    inspect.Parameter.VAR_KEYWORD: "var_keyword",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `annotation` is `typing.Any` where none was written or none could be read."""

    name: str
    kind: str
    annotation: Any = Any
    required: bool = True
    default: Any = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes and gives.

    Attributes:
        module: The name of the module in which nested forward references are looked up.
        parameters: In the order of the definition.
        returns: The annotation of the result, `typing.Any` where none was written.
        returns_text: The same as the author wrote it.
        flow: `"value"`, `"coroutine"`, `"generator"` or `"async_generator"`.
        doc: The docstring, cleaned of indentation.
    """

    module: str
    parameters: tuple[Parameter, ...]
    returns: Any
    returns_text: str
    flow: str
    doc: str


def describe(function: Callable[..., object]) -> Signature:
    """Return the description of *function*; annotations that cannot be read count as unwritten."""
    module = str(getattr(function, "__module__", ""))
    names = _names(function)
    try:
        signature = _inspect(function)
    except (TypeError, ValueError):  # a builtin without a readable signature takes anything
        signature = inspect.Signature([inspect.Parameter("arguments", inspect.Parameter.VAR_KEYWORD)])
    return Signature(
        module,
        tuple(_parameter(parameter, names) for parameter in signature.parameters.values()),
        _resolved(signature.return_annotation, names),
        _text(signature.return_annotation),
        _flow(function),
        inspect.getdoc(function) or "",
    )


def _inspect(function: Callable[..., object]) -> inspect.Signature:
    if sys.version_info >= (3, 14):
        import annotationlib

        return inspect.signature(function, annotation_format=annotationlib.Format.FORWARDREF)
    return inspect.signature(function)


def _names(function: Callable[..., object]) -> LenientNames:
    unwrapped = inspect.unwrap(function)
    namespace = getattr(unwrapped, "__globals__", None)
    if namespace is None:
        namespace = vars(sys.modules.get(str(getattr(unwrapped, "__module__", "")), builtins))
    return LenientNames(namespace, vars(builtins))


def _parameter(parameter: inspect.Parameter, names: LenientNames) -> Parameter:
    required = parameter.default is parameter.empty
    return Parameter(
        parameter.name,
        KINDS[parameter.kind],
        _resolved(parameter.annotation, names),
        required,
        None if required else parameter.default,
        _text(parameter.annotation),
    )


def _resolved(annotation: object, names: LenientNames) -> object:
    """Return the type that *annotation* names; a name that is nowhere becomes a deferred class."""
    if annotation is inspect.Parameter.empty:
        return Any
    try:
        for _ in range(2):  # twice: quotes under `from __future__ import annotations` make a text of a text
            if isinstance(annotation, ForwardRef):
                annotation = annotation.__forward_arg__
            if isinstance(annotation, str):
                annotation = eval(annotation, {}, names)  # noqa: S307  # the author's own, as typing itself reads it
    except Exception:  # noqa: BLE001  # whatever an unreadable annotation raises, it says nothing about the value
        return Any
    return annotation


def _text(annotation: object) -> str:
    """Return *annotation* as a person writes it, empty where there is none."""
    if annotation is inspect.Parameter.empty:
        return ""
    if isinstance(annotation, ForwardRef):
        return annotation.__forward_arg__
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _flow(function: Callable[..., object]) -> str:
    if inspect.isasyncgenfunction(function):
        return "async_generator"
    if inspect.iscoroutinefunction(function):
        return "coroutine"
    return "generator" if inspect.isgeneratorfunction(function) else "value"
