"""The short way into a method, for a mapping that names every parameter and nothing else.

The values are taken out in the order of the parameters, checked as one tuple, and handed over by position:
half of what validation by name and a call by name cost. What is refused here is validated again by name,
which tells what is wrong and where; so nothing here words an error.
"""

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, NamedTuple

from vmodel._signature import Signature

Values = tuple[object, ...]


class InOrder(NamedTuple):
    """How many parameters there are, how their values are taken from a mapping, and how they are checked."""

    size: int
    values: Callable[[Mapping[str, object]], Values]
    check: Callable[[Values], Values]


NEVER = InOrder(-1, lambda _: (), lambda values: values)
"""For a method without a short way: no mapping has -1 names."""


def in_order(signature: Signature, function: Callable[..., object], schema: Mapping[str, Any]) -> InOrder:
    """Return the short way into *function*, whose arguments by name *schema* describes, or NEVER."""
    from pydantic_core import SchemaValidator

    inner = schema["schema"] if schema["type"] == "definitions" else schema
    arguments = inner["arguments_schema"]
    if not _takes_in_order(signature, function) or any("alias" in argument for argument in arguments):
        return NEVER
    checked: Any = {"type": "tuple", "items_schema": [each["schema"] for each in arguments], "fail_fast": True}
    if inner is not schema:  # the types refer to definitions
        checked = {**schema, "schema": checked}
    names = [parameter.name for parameter in signature.parameters]
    return InOrder(len(names), _values(names), SchemaValidator(checked).validate_python)


def _takes_in_order(signature: Signature, function: Callable[..., object]) -> bool:
    """Return whether *function* itself, and not what it may wrap, takes just these parameters in this order."""
    names = tuple(parameter.name for parameter in signature.parameters if parameter.kind == "positional_or_keyword")
    code = getattr(function, "__code__", None)
    taken = () if code is None else code.co_varnames[: code.co_argcount]
    return 0 < len(names) == len(signature.parameters) and taken == names


def _values(names: list[str]) -> Callable[[Mapping[str, object]], Values]:
    if len(names) > 1:
        return itemgetter(*names)
    (name,) = names
    return lambda named: (named[name],)
