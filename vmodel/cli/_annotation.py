"""What an annotation admits, as far as whoever turns words into arguments must know. No value is validated here."""

import os
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, time
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, NewType, TypeVar, Union, get_args, get_origin
from uuid import UUID

TEXTUAL = (str, bytes, os.PathLike, Decimal, UUID, date, time)
"""Types that are written as plain text: 2026 may be a date and 1.50 a decimal, but not as JSON reads them."""

LISTS = (Sequence, AbstractSet)
NO_LISTS = (str, bytes, bytearray, memoryview, Enum)


def members(annotation: object) -> tuple[object, ...]:
    """Return the types that *annotation* is a choice of; unions, aliases and `Annotated` are looked through."""
    if get_origin(annotation) in (Union, UnionType):
        return tuple(member for choice in get_args(annotation) for member in members(choice))
    if get_origin(annotation) is Annotated:
        return members(get_args(annotation)[0])
    if isinstance(annotation, NewType):
        return members(annotation.__supertype__)
    if isinstance(annotation, TypeVar):
        return annotation.__constraints__ or members(annotation.__bound__ or Any)
    if hasattr(annotation, "__value__"):  # the `type` statement of Python 3.12
        return members(annotation.__value__)
    return (annotation,)


def admits(annotation: object, kind: type | tuple[type, ...]) -> bool:
    """Return whether a class that *annotation* names is a *kind*."""
    return any(issubclass(named, kind) for named in map(_class, members(annotation)))


def admits_anything(annotation: object) -> bool:
    """Return whether *annotation* says nothing of the value."""
    return any(member is Any or member is object for member in members(annotation))


def takes_text(annotation: object, text: str) -> bool:
    """Return whether *annotation* takes *text* as it is, and not what it would be as JSON."""
    for member in members(annotation):
        named = _class(member)
        if get_origin(member) is Literal:
            if text in get_args(member):
                return True
        elif issubclass(named, Enum):
            if text in [choice.value for choice in named]:
                return True
        elif issubclass(named, TEXTUAL):
            return True
    return False


def item_of(annotation: object) -> object:
    """Return the type of the items where *annotation* admits a list or the like, else None."""
    for member in members(annotation):
        named = _class(member)
        if (issubclass(named, LISTS) or named in (Collection, Iterable)) and not issubclass(named, NO_LISTS):
            items = tuple(item for item in get_args(member) if item is not Ellipsis)
            return Union[items] if items else Any  # noqa: UP007  # of a tuple that is only known here
    return None


def _class(member: object) -> type:
    """Return the class that *member* is or is made from: `list` for `list[int]`; `NoneType` where there is none."""
    origin = get_origin(member) or member
    return origin if isinstance(origin, type) else type(None)
