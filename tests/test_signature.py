"""What a function takes, as data: names, kinds, types, defaults, texts, and what cannot be read of them."""

import functools
import inspect
import pickle
from collections.abc import Callable
from typing import Any, ForwardRef

import pytest

from vmodel._deferred import Deferred, deferred
from vmodel._signature import KINDS, Parameter, Signature, describe


class Later:
    """A class of the service's own."""

    def __init__(self, width: int) -> None: ...


class Callee:
    """An object that can be called."""

    def __call__(self, height: int) -> str:
        """Return nothing much."""
        return f"{height}"


def made(definition: str) -> Callable[..., object]:
    """Return the function `f` of *definition*, which sees the names of this module."""
    namespace = {"__name__": __name__, "Later": Later, "ForwardRef": ForwardRef}
    exec(definition, namespace)
    return namespace["f"]


def one(function: Callable[..., object] | str) -> Parameter:
    """Return the only parameter of *function*, or of one with these parameters."""
    (parameter,) = describe(made(f"def f({function}): ...") if isinstance(function, str) else function).parameters
    return parameter


DOCUMENTED = """
def f(a: int, /, b, *rest: str, c: float = 1.5, d=None, **more: bool) -> list[int]:
    \"\"\"Do it.

    At length.
    \"\"\"
"""


def test_every_kind_of_parameter_is_told_apart() -> None:
    """With its default, and whether it must be given; a default of None is one."""
    found = describe(made(DOCUMENTED))
    assert found.parameters == (
        Parameter("a", "positional_only", int, text="int"),
        Parameter("b", "positional_or_keyword", Any),
        Parameter("rest", "var_positional", str, text="str"),
        Parameter("c", "keyword_only", float, required=False, default=1.5, text="float"),
        Parameter("d", "keyword_only", Any, required=False),
        Parameter("more", "var_keyword", bool, text="bool"),
    )
    assert {parameter.kind for parameter in found.parameters} == set(KINDS.values())
    assert (found.module, found.returns, found.returns_text) == (__name__, list[int], "list[int]")
    assert (found.flow, found.doc) == ("value", "Do it.\n\nAt length.")


@pytest.mark.parametrize(
    ("parameter", "annotation", "text"),
    [
        ("a: 'int | None'", int | None, "int | None"),
        ("a: \"'int | None'\"", int | None, "'int | None'"),
        ("a: ForwardRef('int | None')", int | None, "int | None"),
        ("a: 'Later'", Later, "Later"),
        ("a: 'list[str]'", list[str], "list[str]"),
        ("a: 'wave.Wave_read'", deferred("wave.Wave_read"), "wave.Wave_read"),
        ("a: 'Nothing[int]'", deferred("Nothing"), "Nothing[int]"),
    ],
)
def test_an_annotation_in_quotes_is_read(parameter: str, annotation: object, text: str) -> None:
    """In the module of the function; what that has not imported is deferred, and the text is the author's."""
    found = one(parameter)
    assert (found.annotation, found.text) == (annotation, text)
    assert isinstance(found.annotation, Deferred) == isinstance(annotation, Deferred)


@pytest.mark.parametrize(
    ("parameter", "text"),
    [("a: int | None", "int | None"), ("a: Later", "test_signature.Later"), ("a: list[int]", "list[int]"), ("a", "")],
)
def test_the_text_of_a_type_is_what_a_person_writes(parameter: str, text: str) -> None:
    """Also where the author wrote no text."""
    assert one(parameter).text == text


def test_an_annotation_that_cannot_be_read_counts_as_unwritten() -> None:
    """It says nothing about the value, and takes nothing else down."""
    found = describe(made("def f(a: '1 / 0', b: int) -> '(': ..."))
    assert [parameter.annotation for parameter in found.parameters] == [Any, int]
    assert (found.returns, found.returns_text) == (Any, "(")


def test_what_is_no_plain_function_is_described_as_it_is_called() -> None:
    """A class, an object, a partial, a wrapped function, a builtin."""

    @functools.wraps(made("def f(a: 'Later'): ..."))
    def wrapper(*args: object, **named: object) -> None: ...

    assert one(Later).name == "width"
    assert (one(Callee()).name, describe(Callee()).returns) == ("height", str)
    assert one(functools.partial(Callee.__call__, Callee())).name == "height"
    assert one(wrapper).annotation is Later
    assert one(abs).kind == "positional_only"


@pytest.mark.parametrize("function", [dict, max])
def test_a_builtin_without_a_signature_takes_anything(function: Callable[..., object]) -> None:
    """Python itself will say what is wrong."""
    with pytest.raises(ValueError, match="no signature found"):
        inspect.signature(function)
    assert one(function) == Parameter("arguments", "var_keyword")


@pytest.mark.parametrize(
    ("definition", "flow"),
    [
        ("def f(): ...", "value"),
        ("def f(): yield 1", "generator"),
        ("async def f(): ...", "coroutine"),
        ("async def f(): yield 1", "async_generator"),
        ("import functools\nasync def g(): ...\nf = functools.partial(g)", "coroutine"),
    ],
)
def test_the_flow_tells_how_a_result_arrives(definition: str, flow: str) -> None:
    """An engine must know before it calls."""
    assert describe(made(definition)).flow == flow


@pytest.mark.parametrize(
    "definition",
    [DOCUMENTED, "def f(a: 'Later', b: 'wave.Wave_read | None' = None): ...", "def f(a: 'list[Nothing]'): yield a"],
)
def test_a_description_survives_pickling(definition: str) -> None:
    """It holds no function, so it can be sent to another process."""
    found = describe(made(definition))
    again = pickle.loads(pickle.dumps(found))  # noqa: S301  # our own bytes
    assert isinstance(again, Signature)
    assert again == found
