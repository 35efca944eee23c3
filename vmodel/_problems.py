"""What pydantic finds wrong with a value: one problem for each path, however many types were tried there.

Which error a problem becomes, and in which words, is the caller's affair.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

Path = tuple[str | int, ...]

MISSING = ("missing_argument", "missing_keyword_only_argument", "missing_positional_only_argument", "missing")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a value.

    Attributes:
        path: The way to it.
        kind: pydantic's name for it.
        expected: What would do; where several types were tried, what each of them says.
        given: What is there.
    """

    path: Path
    kind: str
    expected: str
    given: object


def problems(error: "ValidationError", value: object) -> list[Problem]:
    """Return what *error* says of *value*, in its order."""
    grouped: dict[Path, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False, include_context=False):
        grouped.setdefault(_path(detail, value), []).append(detail)
    # Only a union complains of a value and of something in it: the type that came further says more.
    outer = {path[:length] for path in grouped for length in range(len(path))}
    return [_problem(path, details) for path, details in grouped.items() if path not in outer]


def _problem(path: Path, details: "list[ErrorDetails]") -> Problem:
    expected = " or ".join(dict.fromkeys(detail["msg"] for detail in details))
    return Problem(path, details[0]["type"], expected, details[0]["input"])


def _path(detail: "ErrorDetails", value: object) -> Path:
    """Return the way to the bad value; pydantic puts the names of a union's members into it, they go."""
    if not detail["loc"]:
        return ()
    *parents, last = detail["loc"]
    path: list[str | int] = []
    for key in parents:
        if _has(value, key):
            path.append(key)
            value = value[key]  # type: ignore[index]  # _has() looked
    if not path or _has(value, last) or (isinstance(value, Mapping) and detail["type"] in MISSING):
        path.append(last)
    return tuple(path)


def _has(value: object, key: str | int) -> bool:
    return (isinstance(value, Mapping) and key in value) or (isinstance(value, list | tuple) and isinstance(key, int))
