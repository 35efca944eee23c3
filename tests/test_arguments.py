"""Arguments that fit: what a function receives for a mapping of names, for every kind of parameter and type.

What does not fit is in test_argument_problems.py.
"""

# ruff: noqa: F401  # the parameters in the table are text, and name them

import pickle
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, Optional

import numpy as np
import pytest
from pydantic import BaseModel, Field, ValidationError

from vmodel._arguments import build_validator
from vmodel._signature import describe


class Box(BaseModel):
    """A box on a page."""

    width: int
    inner: "list[Box]" = []


@dataclass
class Point:
    """A point on a page."""

    x: float
    y: float = 0.0


class Color(Enum):
    """A colour."""

    RED = "red"


class Model:
    """A class that pydantic does not know."""


MODEL = Model()
ARRAY = np.zeros(2)
LOCKS = [threading.Lock()]
ANYTHING = object()
CACHE: dict[str, int] = {}
PATH = Path("a/b.png")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def made(parameters: str) -> Callable[..., dict[str, object]]:
    """Return a function of these *parameters* that returns what it received."""
    namespace = globals() | {"__name__": __name__}
    exec(f"def f({parameters}): return dict(locals())", namespace)
    return namespace["f"]


def received(parameters: str, named: Mapping[str, object]) -> dict[str, object]:
    """Return what a function of these *parameters* receives for *named*."""
    function = made(parameters)
    positional, keywords = build_validator(describe(function))(named)
    return function(*positional, **keywords)


FITTING = [
    ("", {}, {}),
    ("a", {"a": ANYTHING}, {"a": ANYTHING}),
    # Lax mode: what a planner writes is read as the type asks.
    ("a: int", {"a": "7"}, {"a": 7}),
    ("a: int", {"a": 7.0}, {"a": 7}),
    ("a: float", {"a": "1e3"}, {"a": 1000.0}),
    ("a: bool", {"a": "yes"}, {"a": True}),
    ("a: str", {"a": "7"}, {"a": "7"}),
    ("a: bytes", {"a": "text"}, {"a": b"text"}),
    ("a: Decimal", {"a": "0.1"}, {"a": Decimal("0.1")}),
    ("a: Path", {"a": "a/b.png"}, {"a": PATH}),
    ("a: datetime", {"a": "2026-11-20T12:00:00Z"}, {"a": NOON}),
    ("a: date", {"a": "2026-11-20"}, {"a": NOON.date()}),
    ("a: timedelta", {"a": 90}, {"a": timedelta(seconds=90)}),
    ("a: Color", {"a": "red"}, {"a": Color.RED}),
    ("a: Literal['fast', 3]", {"a": 3}, {"a": 3}),
    ("a: tuple[int, str]", {"a": ["1", "x"]}, {"a": (1, "x")}),
    ("a: list[float]", {"a": (1, "2")}, {"a": [1.0, 2.0]}),
    ("a: dict[str, list[int]]", {"a": {"x": ["1"]}}, {"a": {"x": [1]}}),
    ("a: set[int]", {"a": ["1", 1]}, {"a": {1}}),
    ("a: int | str", {"a": "7"}, {"a": "7"}),
    ("a: int | None", {"a": None}, {"a": None}),
    ("a: Optional[int]", {"a": "7"}, {"a": 7}),
    ("a: Annotated[int, Field(gt=0)]", {"a": "7"}, {"a": 7}),
    ("a: Box", {"a": {"width": "1", "inner": [{"width": 2}]}}, {"a": Box(width=1, inner=[Box(width=2)])}),
    ("a: Point", {"a": {"x": "1"}}, {"a": Point(1.0)}),
    ("a: list[Point]", {"a": [{"x": 1}, Point(2)]}, {"a": [Point(1), Point(2)]}),
    # Other classes are checked by instance, and handed over as they are.
    ("a: np.ndarray", {"a": ARRAY}, {"a": ARRAY}),
    ("a: Model | None", {"a": MODEL}, {"a": MODEL}),
    ("a: Any", {"a": ANYTHING}, {"a": ANYTHING}),
    ("a: object", {"a": ANYTHING}, {"a": ANYTHING}),
    # Defaults are those of Python: handed over unchecked, and the very object.
    ("a=1, b: int = '2', c: int = None", {}, {"a": 1, "b": "2", "c": None}),
    ("a: int = 1, b=2", {"b": 3}, {"a": 1, "b": 3}),
    ("a: int = Field(gt=0), b: int = Field(5, gt=0)", {"a": 1}, {"a": 1, "b": 5}),
    # Every kind of parameter is filled by its name.
    ("a: int, /, b: int", {"a": "1", "b": "2"}, {"a": 1, "b": 2}),
    ("a, b=2, /", {"a": 1}, {"a": 1, "b": 2}),
    ("*, a: int, b=2", {"a": "1"}, {"a": 1, "b": 2}),
    ("a, *rest: int", {"a": 0, "rest": ["1", 2]}, {"a": 0, "rest": (1, 2)}),
    ("a, *rest: int", {"a": 0}, {"a": 0, "rest": ()}),
    ("a, /, b, *rest, c=3, **more", {"a": 1, "b": 2}, {"a": 1, "b": 2, "rest": (), "c": 3, "more": {}}),
    ("a=0, **more: int", {"b": "1", "c": 2}, {"a": 0, "more": {"b": 1, "c": 2}}),
    ("a, /, **more", {"a": 1, "b": 2}, {"a": 1, "more": {"b": 2}}),
    ("**more", {"more": 1, "self": 2, "方法": 3}, {"more": {"more": 1, "self": 2, "方法": 3}}),
    ("self, cls, args, kwargs", dict.fromkeys(("self", "cls", "args", "kwargs"), 1), None),
    # Forward references, also to what only a type checker imports.
    ("a: 'Box', b: 'int' = 1", {"a": {"width": 1}, "b": "2"}, {"a": Box(width=1), "b": 2}),
    ("a: 'list[Box | None]'", {"a": [None]}, {"a": [None]}),
    ("a: list['Box']", {"a": [{"width": 1}]}, {"a": [Box(width=1)]}),
    ("a: 'pathlib.Path'", {"a": "a/b.png"}, {"a": PATH}),
    ("a: 'numpy.ndarray | None'", {"a": ARRAY}, {"a": ARRAY}),
    ("a: 'pd.DataFrame'", {"a": ANYTHING}, {"a": ANYTHING}),
    # One type that cannot be read takes anything; the others are checked as ever.
    ("a: list['Nothing'], b: int", {"a": ANYTHING, "b": "1"}, {"a": ANYTHING, "b": 1}),
    ("a: 'not a type', b: int", {"a": ANYTHING, "b": "1"}, {"a": ANYTHING, "b": 1}),
    ("a: Literal[()] = Field(3, gt=0), *b: 3, **c: 4", {"b": [1], "c": 2}, {"a": 3, "b": (1,), "c": {"c": 2}}),
]


@pytest.mark.parametrize(("parameters", "named", "result"), FITTING, ids=[f"({row[0]})" for row in FITTING])
def test_what_fits_is_received_as_the_function_wants_it(
    parameters: str, named: Mapping[str, object], result: dict[str, object] | None
) -> None:
    """By name, whatever the kind of the parameter."""
    found = received(parameters, named)
    expected = named if result is None else result
    assert found == expected
    assert {name: type(found[name]) for name in found} == {name: type(expected[name]) for name in found}


@pytest.mark.parametrize("default", ["ANYTHING", "LOCKS", "ARRAY", "CACHE", "MODEL", "...", "NOON"])
@pytest.mark.parametrize("annotation", ["", ": Any", ": int", ": Annotated[list, Field(max_length=1)]"])
def test_a_default_is_the_very_object_that_the_author_wrote(default: str, annotation: str) -> None:
    """As Python itself hands it over: neither checked nor copied, so that a cache stays a cache."""
    assert received(f"a{annotation} = {default}", {})["a"] is eval(default)  # noqa: S307  # our own text


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ("a: Box, b: 'numpy.ndarray | None' = None", {"a": {"width": "1"}}),
        ("a: Annotated[int, Field(gt=0)], *b: Literal['x'], c: Path = Path('a')", {"a": "1", "b": ["x"]}),
        ("a: list['Nothing'], b: int, /, c: 'pd.DataFrame' = 3", {"a": 1, "b": "2"}),
    ],
)
def test_a_description_that_was_sent_builds_an_equal_validator(parameters: str, named: Mapping[str, object]) -> None:
    """Another process validates as this one does."""
    signature = describe(made(parameters))
    sent = pickle.loads(pickle.dumps(signature))  # noqa: S301  # our own bytes
    assert build_validator(sent)(named) == build_validator(signature)(named)
    for wrong in ({"a": "wrong", "b": "wrong", "d": 1}, {}):
        told = []
        for described in (signature, sent):
            with pytest.raises(ValidationError) as caught:
                build_validator(described)(wrong)
            told.append(caught.value.errors(include_url=False))
        assert told[0] == told[1]
