"""Results as JSON: what each kind of value becomes, in one place.

What JSON cannot say is an error with the way to it, never a guess. pydantic-core writes and reads the
text: unlike the json module it is there already, because arguments are validated with it.
"""

import base64
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, ValuesView
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from types import NoneType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from vmodel.errors import NotSerializable

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Path = tuple[str | int, ...]


def dumps(value: object, *, pretty: bool = False) -> str:
    """Return *value* as one JSON document.

    Raises:
        NotSerializable: With the path to what JSON cannot say.
    """
    from pydantic_core import to_json

    return to_json(plain(value), indent=2 if pretty else None).decode()


def loads(text: str) -> object:
    """Return what the JSON document *text* says; it has no NaN and no infinities.

    Raises:
        ValueError: With the line and column where it is not JSON.
    """
    from pydantic_core import from_json

    return from_json(text, allow_inf_nan=False)


def plain(value: object, path: Path = ()) -> object:
    """Return *value* in dicts, lists, text, numbers, booleans and None."""
    for kinds, write in SINGLE:
        if isinstance(value, kinds):
            return write(value)
    for can, take_apart in COMPOSED:
        if not isinstance(value, type) and can(value):
            return take_apart(value, path)
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    message = f"the result{''.join(f'[{step!r}]' for step in path)} is a {kind}, which JSON cannot say"
    hint = "let the method return text, numbers, lists, dicts, arrays, dataclasses or models, or write a file"
    raise NotSerializable(message, path=path, hint=hint)


def _text(value: str) -> str:
    """Return *value*; what is no text, such as half of a surrogate pair, is written as its escape."""
    return str(value) if value.isascii() else value.encode("utf-8", "backslashreplace").decode()


def _object(value: Mapping[object, object], path: Path) -> dict[str, object]:
    return {_key(key, path): plain(item, (*path, str(key))) for key, item in value.items()}


def _key(key: object, path: Path) -> str:
    name = plain(key, path)
    return name if isinstance(name, str) else dumps(name)


def _array(values: Iterable[object], path: Path) -> list[object]:
    return [plain(item, (*path, index)) for index, item in enumerate(values)]


def _sorted(values: Iterable[object], path: Path) -> list[object]:
    """Return the items of a set in their own order, or in that of their JSON where they have none."""
    items: list[Any] = _array(values, path)
    try:
        return sorted(items)
    except TypeError:
        return sorted(items, key=dumps)


def _fields(value: "DataclassInstance", path: Path) -> dict[str, object]:
    return _object({field.name: getattr(value, field.name) for field in fields(value)}, path)


SINGLE: tuple[tuple[type | tuple[type, ...], Callable[[Any], object]], ...] = (
    ((NoneType, bool), lambda value: value),
    (Enum, lambda member: plain(member.value)),
    (str, _text),
    (int, int),
    (float, lambda number: float(number) if math.isfinite(number) else None),
    ((bytes, bytearray, memoryview), lambda data: {"base64": base64.b64encode(data).decode()}),
    ((date, time), lambda moment: moment.isoformat()),
    (timedelta, timedelta.total_seconds),
    ((PurePath, UUID, Decimal), str),
)
"""What has no parts, and how it is written."""

COMPOSED: tuple[tuple[Callable[[object], bool], Callable[[Any, Path], object]], ...] = (
    (lambda value: isinstance(value, Mapping), _object),
    (lambda value: isinstance(value, AbstractSet), _sorted),
    (lambda value: isinstance(value, Sequence | Iterator | ValuesView), _array),
    (is_dataclass, _fields),
    # By what they can do, so that neither pydantic nor numpy nor torch is imported.
    (lambda value: hasattr(value, "model_dump"), lambda model, path: plain(model.model_dump(), path)),
    (lambda value: hasattr(value, "tolist"), lambda array, path: plain(array.tolist(), path)),
)
"""What has parts, and how it is taken apart; the first row that can counts."""
