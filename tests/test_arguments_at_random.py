"""Arguments for signatures that nobody thought of: Hypothesis draws both, Python and pydantic are the judges."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError, validate_call

from vmodel._arguments import build_validator, explain
from vmodel._signature import describe
from vmodel.errors import BadArguments

Received = dict[str, object]


class Box(BaseModel):
    """A box on a page."""

    width: int
    inner: "Box | list[int] | None" = None


@dataclass
class Point:
    """A point on a page."""

    x: float
    y: float = 0.0


TYPES = (int, str, bool, Box, Point, Literal["fast"], list[int], dict[str, float], tuple[int, str], set[int])
ANNOTATIONS = st.recursive(
    st.sampled_from(TYPES),
    lambda inner: st.one_of(
        inner.map(lambda one: one | None),
        st.tuples(inner, inner).map(lambda two: two[0] | two[1]),
        inner.map(lambda one: list[one]),
        inner.map(lambda one: dict[str, one]),
    ),
    max_leaves=4,
)
KEYS = st.sampled_from(["width", "inner", "x", "y", "a", "b", "key"])
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(["", "7", "fast"]), st.binary()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(KEYS, inner), st.sets(st.integers())),
    max_leaves=6,
)


def made(parameters: str) -> Callable[..., Received]:
    """Return a function of these *parameters* that returns what it received."""
    namespace: dict[str, Callable[..., Received]] = {}
    exec(f"def f({parameters}): return dict(locals())", namespace)
    return namespace["f"]


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, Received, Received]:
    """Draw parameters of every kind, arguments for some of them, and what is to be received."""
    named: Received = {}
    result: Received = {}

    def parameter(name: str, *, optional: bool) -> str:
        if not optional or draw(st.booleans()):
            named[name] = draw(st.integers())
        result[name] = named.get(name, "default")
        return f"{name}='default'" if optional else name

    count, closed, required = (draw(st.integers(0, 4)) for _ in range(3))
    words = [parameter(f"p{number}", optional=number >= required) for number in range(count)]
    if words and closed:
        words.insert(min(closed, count), "/")
    if draw(st.booleans()):
        words.append("*rest")
        given_rest = draw(st.none() | st.lists(st.integers()))
        named |= {} if given_rest is None else {"rest": given_rest}
        result["rest"] = tuple(given_rest or ())
    keywords = draw(st.lists(st.booleans(), max_size=3))
    words += ["*"] * bool(keywords and "rest" not in result)
    words += [parameter(f"k{number}", optional=optional) for number, optional in enumerate(keywords)]
    if draw(st.booleans()):
        words.append("**more")
        result["more"] = draw(st.dictionaries(st.sampled_from(["one", "more", "self"]), st.integers()))
        named |= result["more"]
    return ", ".join(words), named, result


@given(calls())
def test_names_reach_their_parameters_whatever_the_kinds(call: tuple[str, Received, Received]) -> None:
    """And defaults stand where nothing was given."""
    parameters, named, result = call
    function = made(parameters)
    positional, keywords = build_validator(describe(function))(named)
    assert function(*positional, **keywords) == result


def annotated(one: object, other: object) -> Callable[..., Received]:
    """Return a function of two parameters of these types."""
    function = made("a, b=None")
    function.__annotations__ = {"a": one, "b": other}
    return function


def leads_somewhere(path: tuple[str | int, ...], named: object) -> bool:
    """Return whether every key of *path* but the last, which may be missing, is there."""
    for key in path[:-1]:
        if not isinstance(named, Mapping | list | tuple):
            return False
        named = named[key]
    return bool(path)


@given(ANNOTATIONS, ANNOTATIONS, st.dictionaries(KEYS, VALUES))
def test_arguments_are_judged_as_pydantic_judges_a_call(one: object, other: object, named: Received) -> None:
    """The same values in the same places, or a refusal that leads to what is wrong."""
    function = annotated(one, other)
    signature = describe(function)
    try:
        expected = validate_call(function)(**named)
    except ValidationError:
        with pytest.raises(ValidationError) as caught:
            build_validator(signature)(named)
        error = explain(caught.value, signature, named, service="s", method="f")
        assert isinstance(error, BadArguments)
        for finding in error.findings:
            assert leads_somewhere(finding.path, named)
    else:
        positional, keywords = build_validator(signature)(named)
        assert repr(function(*positional, **keywords)) == repr(expected)
