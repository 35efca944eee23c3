"""Arguments that do not fit: every problem at once, each with the way to it and with what would do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

import numpy as np
import pydantic.dataclasses
import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vmodel._arguments import build_validator, explain
from vmodel._signature import describe
from vmodel.errors import BadArguments

SHOWN = (Annotated, Literal, datetime, Path, np, Field)
"""What the parameters in the tables name: they are text."""


class Box(BaseModel):
    """A box on a page."""

    width: int
    inner: "list[Box]" = []


class Strict(BaseModel):
    """A model that takes nothing else."""

    model_config = ConfigDict(extra="forbid")
    x: int = 0


@pydantic.dataclasses.dataclass(config=ConfigDict(extra="forbid"))
class Closed:
    """A dataclass that takes nothing else."""

    x: int = 0


@dataclass
class Point:
    """A point on a page."""

    x: float


class Mute:
    """A value that cannot even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError


def made(parameters: str) -> Callable[..., None]:
    """Return a function of these *parameters*."""
    namespace = globals() | {"__name__": __name__}
    exec(f"def f({parameters}): ...", namespace)
    return namespace["f"]


def refusal(parameters: str, named: object) -> BadArguments:
    """Return the error for calling a function of these *parameters* with *named*."""
    signature = describe(made(parameters))
    with pytest.raises(ValidationError) as caught:
        build_validator(signature)(named)
    return explain(caught.value, signature, named, service="ocr", method="read")


INT = "Input should be a valid integer"
NO_INT = f"{INT}, unable to parse string as an integer"

PROBLEMS = [
    ("a: int", {}, {("a",): "a is missing"}),
    ("a: int", {"a": "x"}, {("a",): f"a: {NO_INT}, given 'x'"}),
    ("a: int", {"a": None}, {("a",): f"a: {INT}, given None"}),
    ("a: Annotated[int, Field(gt=3)]", {"a": 3}, {("a",): "a: Input should be greater than 3, given 3"}),
    ("a: int = Field(gt=3)", {"a": 3}, {("a",): "a: Input should be greater than 3, given 3"}),
    ("a: Literal['x', 'y']", {"a": "z"}, {("a",): "a: Input should be 'x' or 'y', given 'z'"}),
    ("a: Path", {"a": 3}, {("a",): "a: Input is not a valid path for <class 'pathlib.Path'>, given 3"}),
    ("a: np.ndarray", {"a": [1]}, {("a",): "a: Input should be an instance of ndarray, given [1]"}),
    ("a: 'wave.Wave_read'", {"a": 3}, {("a",): "a: Input should be an instance of wave.Wave_read, given 3"}),
    (
        "a: list[int]",
        {"a": [1, "x", "y"]},
        {
            ("a", 1): f"a.1: {NO_INT}, given 'x'",
            ("a", 2): f"a.2: {NO_INT}, given 'y'",
        },
    ),
    ("a: dict[str, int]", {"a": {"k": "x"}}, {("a", "k"): f"a.k: {NO_INT}, given 'x'"}),
    ("a: dict[int, str]", {"a": {"k": "x"}}, {("a", "k"): f"a.k: {NO_INT}, given 'k'"}),
    ("a: set[int]", {"a": {"x"}}, {("a",): f"a: {NO_INT}, given 'x'"}),
    (
        "a: Box",
        {"a": {"inner": [{"width": "x"}, 3]}},
        {
            ("a", "width"): "a.width is missing",
            ("a", "inner", 0, "width"): f"a.inner.0.width: {NO_INT}, given 'x'",
            ("a", "inner", 1): "a.inner.1: Input should be a valid dictionary or instance of Box, given 3",
        },
    ),
    ("a: Point", {"a": {}}, {("a", "x"): "a.x is missing"}),
    ("a: Strict", {"a": {"y": 1}}, {("a", "y"): "a.y: Extra inputs are not permitted, given 1"}),
    ("a: Closed", {"a": {"y": 1}}, {("a", "y"): "a.y: Unexpected keyword argument, given 1"}),
    # A union is one problem: all of its types, or that of the one that came further.
    ("a: int | list[int] | None", {"a": "x"}, {("a",): f"a: {NO_INT} or Input should be a valid list, given 'x'"}),
    ("a: int | list[int]", {"a": ["x"]}, {("a", 0): f"a.0: {NO_INT}, given 'x'"}),
    ("a: Box | int", {"a": {"width": "x"}}, {("a", "width"): f"a.width: {NO_INT}, given 'x'"}),
    ("a: list[Box | int]", {"a": [1, {}]}, {("a", 1, "width"): "a.1.width is missing"}),
    # Every kind of parameter is called by its name.
    ("a: int, /, *, b: int", {}, {("a",): "a is missing", ("b",): "b is missing"}),
    ("*rest: int", {"rest": ["x"]}, {("rest", 0): f"rest.0: {NO_INT}, given 'x'"}),
    ("*rest: int", {"rest": 3}, {("rest",): "rest: Input should be a valid list, given 3"}),
    ("**more: int", {"k": "x"}, {("k",): f"k: {NO_INT}, given 'x'"}),
    # One type that cannot be read takes nothing else down.
    ("a: list['Nothing'], b: int", {"b": "x"}, {("a",): "a is missing", ("b",): f"b: {NO_INT}, given 'x'"}),
    ("a: int", {"a": 1, 3: 4}, {(3,): "3: Keys should be strings, given 3"}),
]


@pytest.mark.parametrize(("parameters", "named", "told"), PROBLEMS, ids=[f"({row[0]})" for row in PROBLEMS])
def test_every_problem_is_told_with_its_path(
    parameters: str, named: Mapping[str, object], told: dict[tuple[str | int, ...], str]
) -> None:
    """In one pass; the whole sentence names the method and its service."""
    error = refusal(parameters, named)
    assert {finding.path for finding in error.findings} == set(told)
    assert set(error.message.removeprefix("cannot call 'read' of 'ocr': ").split("; ")) == set(told.values())
    assert {(finding.service, finding.method) for finding in error.findings} == {("ocr", "read")}


@pytest.mark.parametrize(
    ("parameters", "name", "nearest", "expected"),
    [
        ("image=None, language='en'", "imgae", ("image",), "one of: image, language"),
        ("image=None, language='en'", "LANGUAGE", ("language",), "one of: image, language"),
        ("image=None, language='en'", "zzz", (), "one of: image, language"),
        ("Image=1, imago=2", "image", ("Image", "imago"), "one of: Image, imago"),
        ("", "image", (), "no arguments"),
    ],
)
def test_an_unknown_name_is_told_the_nearest(
    parameters: str, name: str, nearest: tuple[str, ...], expected: str
) -> None:
    """Also where only the capitals differ."""
    error = refusal(parameters, {name: 2})
    guess = f"; did you mean {nearest[0]!r}?" if nearest else ""
    assert error.message == f"cannot call 'read' of 'ocr': {name} is no parameter{guess}"
    assert (error.nearest, error.expected, error.given) == (nearest, expected, 2)


@pytest.mark.parametrize("named", [[1], (1,), "a", 3, None, {1}, [("a", 1)]], ids=repr)
def test_what_is_no_mapping_is_told_what_arguments_are(named: object) -> None:
    """One problem, however pydantic would have counted."""
    error = refusal("a: int, b: int", named)
    assert error.message == f"cannot call 'read' of 'ocr': arguments are a mapping of names to values, not {named!r}"
    assert (error.path, error.given, error.expected, error.findings) == ((), named, "a mapping", (error,))


def test_a_mapping_that_pydantic_does_not_take_is_refused_all_the_same() -> None:
    """Whoever calls makes a dict of it first."""
    assert "not mappingproxy({'a': 1})" in refusal("a: int", MappingProxyType({"a": 1})).message


def test_the_facts_of_the_first_problem_are_those_of_the_error() -> None:
    """A planner that looks at one problem at a time repairs that one."""
    error = refusal("a: int, b: int", {"a": "x", "b": "y"})
    assert (error.path, error.given, error.expected) == (("a",), "x", NO_INT)
    assert [(finding.path, finding.given) for finding in error.findings] == [(("a",), "x"), (("b",), "y")]
    assert (refusal("a", {}).given, refusal("a", {}).expected) == (..., "a value")


@pytest.mark.parametrize(
    ("parameters", "hint"),
    [
        ("", "nothing"),
        ("a: int, b=3, *rest: str, c: 'Path' = None", "a: int, b = 3, *rest: str, c: Path = None"),
        ("a: int, **more: str", "a: int, **more: str"),
        ("a: str = 'x' * 100", f"a: str = '{'x' * 76}..."),
    ],
)
def test_the_hint_is_the_signature(parameters: str, hint: str) -> None:
    """As the author wrote it."""
    assert refusal(parameters, {"unknown": 1}).hint == f"it takes: {hint}"


@pytest.mark.parametrize(("value", "told"), [("x" * 1000, f"given '{'x' * 76}..."), (Mute(), "given <Mute>")])
def test_a_value_is_shown_as_far_as_it_can_be(value: object, told: str) -> None:
    """A large value does not fill the message, a strange one does not break it."""
    error = refusal("a: int", {"a": value})
    assert error.message.endswith(told)
    assert error.given is value


def test_a_thousand_problems_make_one_sentence() -> None:
    """All of them are among the findings."""
    error = refusal("a: list[int]", {"a": ["x"] * 1000})
    assert error.message.endswith("; and 992 more")
    assert len(error.findings) == 1000
