"""The errors: the tree that is drawn, what each carries, how it travels as JSON, as a pickle, as a copy."""

import json
import math
import pickle
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmodel import errors
from vmodel._bytes import shown
from vmodel.errors import BadArguments, DuplicateDeclaration, MissingDependency, ServiceNotFound, VModelError


def family(root: type[VModelError] = VModelError) -> Iterator[type[VModelError]]:
    """Yield *root* and every class of the module below it, parents first."""
    yield root
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from family(child)


CLASSES = tuple(family())


def drawn() -> list[tuple[int, str, list[str]]]:
    """Return depth, class and built-in bases of each line of the drawing in the module's docstring."""
    lines = re.findall(r"^    (?:([│ ]*)([├└]─ ))?(\w+)(?: \((.+)\))?$", errors.__doc__ or "", re.MULTILINE)
    return [(bool(fork) + len(bars) // 3, name, bases.split(", ") * bool(bases)) for bars, fork, name, bases in lines]


def grown(root: type[VModelError], depth: int = 0) -> Iterator[tuple[int, str, list[str]]]:
    """Return what `drawn()` should return, from the classes."""
    bases = [base.__name__ for base in root.__bases__ if base.__module__ == "builtins" and base is not Exception]
    yield depth, root.__name__, bases
    for child in (child for child in root.__subclasses__() if child in CLASSES):
        yield from grown(child, depth + 1)


def full(cls: type[VModelError] = BadArguments) -> VModelError:
    """Return an error with every field filled."""
    return cls(
        "cannot do it",
        service="ocr",
        method="read",
        step="load",
        path=("boxes", 0, "width"),
        given="wide",
        expected="a number",
        nearest=["width"],
        retryable=True,
        retry_after=1.5,
        hint="give a number",
    )


def sent(error: VModelError) -> VModelError:
    """Return *error* as another process gets it."""
    return pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes


def test_the_tree_in_the_docstring_is_the_tree_of_classes() -> None:
    """Who reads the top of the module knows what to catch."""
    assert drawn() == list(grown(VModelError))


def test_every_error_of_the_module_is_one_of_ours() -> None:
    """`except VModelError` catches whatever VModel raises on purpose."""
    raised = {value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)}
    assert raised == set(CLASSES)


@pytest.mark.parametrize(
    ("name", "builtin"),
    [
        *(("DeclarationError", ValueError), ("DuplicateDeclaration", KeyError), ("ProtocolConflict", ValueError)),
        *(("PackageError", ImportError), ("BadArguments", TypeError), ("StepFailed", RuntimeError)),
        *(("ServiceNotFound", NotImplementedError), ("MethodNotFound", LookupError)),
        *(("MissingDependency", ImportError), ("InvalidInfo", ValueError), ("ConfigError", ValueError)),
        *(("AdmissionTimeout", TimeoutError), ("CallTimeout", TimeoutError), ("MemoryLimitExceeded", MemoryError)),
    ],
)
def test_each_error_is_also_the_builtin_that_programs_catch(name: str, builtin: type[Exception]) -> None:
    """A program that was written for vmodel 0.0.2 goes on catching what it caught."""
    with pytest.raises(builtin):
        raise getattr(errors, name)("it failed")


@pytest.mark.parametrize("cls", CLASSES)
def test_the_code_of_an_error_is_its_name(cls: type[VModelError]) -> None:
    """A planner in another language learns the class from `code`."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__.replace("VModel", "Vmodel")).lower()
    assert cls.code == words


@pytest.mark.parametrize("cls", CLASSES)
def test_every_error_says_message_and_hint(cls: type[VModelError]) -> None:
    """Whatever its built-in base makes of arguments, the text is the message, and the hint on a line of its own."""
    assert str(cls("it failed")) == "it failed"
    assert str(cls("it failed", hint="try again")) == "it failed\nhint: try again"


@pytest.mark.parametrize("cls", CLASSES)
def test_every_error_survives_pickling_and_copying(cls: type[VModelError]) -> None:
    """A child process sends its errors home; each of several callers raises a copy of its own."""
    error = full(cls)
    for again in (sent(error), error.copy()):
        assert again is not error
        assert type(again) is cls
        assert str(again) == str(error)
        assert again.to_dict() == error.to_dict()
        assert again.findings == (again,)


def test_a_copy_has_no_traceback() -> None:
    """The frames of the first raise, and what they hold, are not kept for the others."""
    with pytest.raises(VModelError) as caught:
        raise full()
    assert caught.value.__traceback__ is not None
    assert caught.value.copy().__traceback__ is None


def test_what_was_not_given_is_left_out_of_the_json() -> None:
    """A planner reads no empty fields; None is a value that can be given."""
    assert VModelError("it failed").to_dict() == {
        "code": "vmodel_error",
        "message": "it failed",
        "retryable": False,
    }
    assert VModelError("it failed", given=None).to_dict()["given"] is None


def test_the_json_has_every_field() -> None:
    """A planner must be able to repair its call from it."""
    assert json.loads(json.dumps(full().to_dict())) == {
        "code": "bad_arguments",
        "message": "cannot do it",
        "service": "ocr",
        "method": "read",
        "step": "load",
        "path": ["boxes", 0, "width"],
        "given": "wide",
        "expected": "a number",
        "nearest": ["width"],
        "retryable": True,
        "retry_after": 1.5,
        "hint": "give a number",
    }


class Mute:
    """A value that cannot even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError


CIRCLE: list[object] = []
CIRCLE.append(CIRCLE)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ((1, [2.5, None]), [1, [2.5, None]]),
        ({"a": (True,)}, {"a": [True]}),
        (math.nan, "nan"),
        ([math.inf], "[inf]"),
        (b"\x00", r"b'\x00'"),
        (10**5000, "<int>"),
        (Mute(), "<Mute>"),
        (CIRCLE, "[[...]]"),
        ({(1, 2): 3}, "{(1, 2): 3}"),
    ],
    ids=shown,
)
def test_any_value_can_stand_in_the_json(value: object, said: object) -> None:
    """What JSON cannot say is told by its repr."""
    assert VModelError("it failed", given=value).to_dict()["given"] == said


@given(st.recursive(st.one_of(st.none(), st.floats(), st.binary(), st.text(), st.sets(st.integers())), st.lists))
def test_the_json_is_json_whatever_was_given(value: object) -> None:
    """No value of a caller's makes the error about it unreadable."""
    json.dumps(VModelError("it failed", given=value).to_dict(), allow_nan=False)


def test_one_finding_is_raised_as_it_is() -> None:
    """`of()` adds nothing to a single error."""
    error = full()
    assert VModelError.of([error]) is error


def test_several_findings_have_the_class_of_the_first_and_the_messages_of_all() -> None:
    """Everything that is wrong is told at once."""
    first, second = DuplicateDeclaration("twice", service="ocr", hint="rename one"), VModelError("and broken")
    error = VModelError.of([first, second])
    assert type(error) is DuplicateDeclaration
    assert str(error) == "2 findings\n- twice\n- and broken\nhint: rename one"
    assert error.findings == (first, second)
    assert error.to_dict()["findings"] == [first.to_dict(), second.to_dict()]
    assert [str(finding) for finding in sent(error).findings] == [str(first), str(second)]


def test_retryable_belongs_to_the_class_unless_an_error_says_otherwise() -> None:
    """A timeout is worth another try, an unknown name is not."""
    assert errors.AdmissionTimeout("late").retryable
    assert not errors.AdmissionTimeout("late", retryable=False).retryable
    assert not ServiceNotFound("no such service").retryable


def test_a_missing_distribution_is_named_with_its_install_line() -> None:
    """The hint can be pasted."""
    error = MissingDependency.named("starlette", purpose="the HTTP front")
    assert str(error) == "the HTTP front needs starlette\nhint: pip install starlette"


@pytest.mark.parametrize(
    ("value", "beginning", "length"),
    [
        ("x" * 100_000, "x" * 200, 100_000),
        (["é" * 300], '["' + "é" * 198, 304),
        ({"a": list(range(1000))}, '{"a": [0, 1, 2, 3,', 4897),
        (10**250, "1000", 251),
    ],
    ids=shown,
)
def test_of_a_long_value_the_json_has_the_beginning(value: object, beginning: str, length: int) -> None:
    """A planner knows what it gave; the mark says that it was cut, and from how much."""
    said = VModelError("it failed", given=value).to_dict()["given"]
    assert isinstance(said, str)
    assert said.startswith(beginning)
    assert said.endswith(f"… (cut: {length} characters in all)")
    assert len(said) < 250


@pytest.mark.parametrize("value", ["x" * 200, list(range(50)), "\ud800"], ids=shown)
def test_a_value_of_two_hundred_characters_is_told_whole(value: object) -> None:
    """What a planner must repair is short."""
    assert VModelError("it failed", given=value).to_dict()["given"] == value
    assert json.dumps(value)
