"""Arguments against a signature: one pass of pydantic-core, every problem with its path.

The validator is built from the description alone, when it is first needed.
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from inspect import Parameter as Slot
from inspect import Signature as PythonSignature
from typing import TYPE_CHECKING, Any, cast

from vmodel._bytes import shown
from vmodel._in_order import InOrder, in_order
from vmodel._problems import MISSING, Problem, problems
from vmodel._signature import Parameter, Signature
from vmodel.errors import BadArguments

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import CoreSchema, SchemaValidator

LISTED = 8

Named = Mapping[str, object]
Bound = tuple[tuple[object, ...], dict[str, object]]
Validate = Callable[[Named], Bound]

_CLOSED = ("positional_only", "var_positional")  # cannot be handed to Python by name
_POSITIONAL = ("positional_only", "positional_or_keyword")


def build_validator(signature: Signature) -> Validate:
    """Return the function that turns a mapping of names into the arguments of a Python call.

    It raises pydantic's ValidationError, which `explain()` translates; calls are validated with names
    only, so that a planner can also fill positional-only parameters and `*args` (as a list).
    """
    return _by_name(signature, _schema_and_validator(signature)[1])


def build_ways_in(signature: Signature, function: Callable[..., object]) -> tuple[Validate, InOrder]:
    """Return what `build_validator()` does, and the short way into *function*, from one schema."""
    schema, validator = _schema_and_validator(signature)
    return _by_name(signature, validator), in_order(signature, function, cast(dict[str, Any], schema))


def _by_name(signature: Signature, validator: "SchemaValidator") -> Validate:
    validate: Validate = validator.validate_python
    if any(parameter.kind in _CLOSED for parameter in signature.parameters):
        return partial(_bind, signature, validate)
    return validate


def _bind(signature: Signature, validate: Validate, named: Named) -> Bound:
    """Validate *named*, then move what Python takes by position out of the names."""
    _, valid = validate(named)
    positional: list[object] = []
    for parameter in signature.parameters:
        if parameter.kind == "var_positional":
            positional.extend(cast(list[object], valid.pop(parameter.name)))
        elif parameter.kind in _POSITIONAL:
            positional.append(valid.pop(parameter.name))
    return tuple(positional), valid


def _schema_and_validator(signature: Signature) -> "tuple[CoreSchema, SchemaValidator]":
    from pydantic_core import SchemaValidator

    try:
        schema = _arguments_schema(signature, signature.parameters)
        return schema, SchemaValidator(schema)
    except Exception:  # noqa: BLE001  # one unreadable type must not take the others down: find it, let it be anything
        schema = _arguments_schema(signature, tuple(map(partial(_readable, signature), signature.parameters)))
        return schema, SchemaValidator(schema)


def _readable(signature: Signature, parameter: Parameter) -> Parameter:
    try:
        _arguments_schema(signature, (parameter,))
    except Exception:  # noqa: BLE001  # whatever pydantic says of the type, it cannot check it
        return Parameter(parameter.name, parameter.kind, Any, parameter.required, parameter.default)
    return parameter


def _arguments_schema(signature: Signature, parameters: tuple[Parameter, ...]) -> "CoreSchema":
    """Return pydantic's schema of the arguments of a function that takes *parameters* by name.

    TypeAdapter gives the schema of a whole call, `{"type": "call", "arguments_schema": …}`, inside
    `definitions` where a type refers to itself (pydantic, concepts/types and core_schema.call_schema).
    """
    from pydantic import ConfigDict, TypeAdapter

    def call(**_: object) -> None: ...

    call.__signature__ = PythonSignature([_slot(parameter) for parameter in parameters])  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: _type(parameter) for parameter in parameters}
    call.__module__ = signature.module
    function: Any = call
    schema: Any = TypeAdapter[Any](function, config=ConfigDict(arbitrary_types_allowed=True)).core_schema
    if schema["type"] == "definitions":
        return cast("CoreSchema", {**schema, "schema": schema["schema"]["arguments_schema"]})
    return cast("CoreSchema", schema["arguments_schema"])


def _slot(parameter: Parameter) -> Slot:
    if parameter.kind == "var_keyword":
        return Slot(parameter.name, Slot.VAR_KEYWORD, annotation=_type(parameter))
    rest: object = () if parameter.kind == "var_positional" else Slot.empty
    default = rest if parameter.required else _default(parameter.default)
    return Slot(parameter.name, Slot.KEYWORD_ONLY, default=default, annotation=_type(parameter))


def _default(value: object) -> object:
    """Return *value* so that pydantic hands out that very object: it copies what has no hash, and `...` is no value."""
    from pydantic import Field
    from pydantic.fields import FieldInfo

    if value is None or isinstance(value, str | int | float | FieldInfo):
        return value
    return Field(default_factory=lambda: value)


def _type(parameter: Parameter) -> object:
    return list[parameter.annotation] if parameter.kind == "var_positional" else parameter.annotation  # type: ignore[name-defined]


def explain(
    error: "ValidationError", signature: Signature, named: object, *, service: str, method: str
) -> BadArguments:
    """Return our error for pydantic's: what was wrong in *named*, where, and what would do."""
    known = [parameter.name for parameter in signature.parameters if parameter.kind != "var_keyword"]
    found = problems(error, named) if isinstance(named, Mapping) else [Problem((), "", "a mapping", named)]
    findings = []
    for problem in found:
        message, facts = _said(problem, known)
        findings.append(BadArguments(message, service=service, method=method, path=problem.path, **facts))
    first = findings[0]
    return BadArguments(
        f"cannot call {method!r} of {service!r}: {_listed(findings)}",
        service=service,
        method=method,
        path=first.path,
        given=first.given,
        expected=first.expected,
        nearest=first.nearest,
        hint=f"it takes: {', '.join(map(_summary, signature.parameters)) or 'nothing'}",
        findings=findings if len(findings) > 1 else (),
    )


def _said(problem: Problem, known: list[str]) -> tuple[str, dict[str, Any]]:
    """Return the sentence for *problem*, and the facts in it."""
    where, expected, given = ".".join(map(str, problem.path)), problem.expected, problem.given
    if not problem.path:
        message = f"arguments are a mapping of names to values, not {shown(given)}"
    elif problem.kind in MISSING:
        return f"{where} is missing", {"expected": "a value"}
    elif problem.kind == "unexpected_keyword_argument" and len(problem.path) == 1:
        return _unknown(where, known, given)
    else:
        message = f"{where}: {expected}, given {shown(given)}"
    return message, {"expected": expected, "given": given}


def _unknown(name: str, known: list[str], given: object) -> tuple[str, dict[str, Any]]:
    by_folded = {name.casefold(): name for name in known}
    nearest = [by_folded[name] for name in get_close_matches(name.casefold(), by_folded, n=3, cutoff=0.5)]
    expected = f"one of: {', '.join(known)}" if known else "no arguments"
    guess = f"; did you mean {nearest[0]!r}?" if nearest else ""
    return f"{name} is no parameter{guess}", {"nearest": nearest, "expected": expected, "given": given}


def _listed(findings: list[BadArguments]) -> str:
    """Return the messages of *findings* in one sentence, which a list of a thousand bad numbers does not fill."""
    more = [f"and {len(findings) - LISTED} more"] if len(findings) > LISTED else []
    return "; ".join([*(finding.message for finding in findings[:LISTED]), *more])


def _summary(parameter: Parameter) -> str:
    stars = {"var_positional": "*", "var_keyword": "**"}.get(parameter.kind, "")
    typed = f"{stars}{parameter.name}: {parameter.text}" if parameter.text else f"{stars}{parameter.name}"
    return typed if parameter.required or stars else f"{typed} = {shown(parameter.default)}"
