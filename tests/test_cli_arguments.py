"""From words to arguments: how a value is read depends on what its parameter takes."""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, NewType, TypeVar
from uuid import UUID

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypeAliasType

from vmodel._signature import describe
from vmodel.cli._arguments import read_arguments
from vmodel.errors import BadArguments


class Colour(Enum):
    """An enum of texts, one of which looks like a number."""

    RED = "red"
    SEVEN = "7"


class Box(BaseModel):
    """A model."""

    width: int


Name = NewType("Name", str)
Text = TypeVar("Text", bound=str)


def read(annotation: object, *values: str) -> object:
    """Return what *values*, each given by `-a`, become for a parameter of that annotation."""

    def method(value: object) -> None: ...

    method.__annotations__["value"] = annotation
    return read_arguments(describe(method), [f"value={value}" for value in values])["value"]


TEXTS = [
    # text is taken as it is
    (str, "5", "5"),
    (str, "null", "null"),
    (str, '"quoted"', '"quoted"'),
    (str, "", ""),
    (str, "a=b", "a=b"),
    ("str | None", "null", "null"),
    ("str | int", "5", "5"),
    ("int | str", "5", "5"),
    (Annotated[str, Field(min_length=1)], "5", "5"),
    (TypeAliasType("Alias", str), "5", "5"),
    (Name, "5", "5"),
    (Text, "5", "5"),
    (Path, "5", "5"),
    (bytes, "5", "5"),
    (Decimal, "1.50", "1.50"),
    (UUID, "1", "1"),
    (date, "2026", "2026"),
    (datetime, "2026", "2026"),
    ("str | Path | bytes | numpy.ndarray", "7.png", "7.png"),
    # a choice is taken as text where it is one of the texts
    (Literal["5", 5], "5", "5"),
    (Literal["a", 5], "5", 5),
    (Colour, "7", "7"),
    (Colour, "red", "red"),
    # others are JSON where they are JSON
    (int, "5", 5),
    (int, "5x", "5x"),
    (float, "1e3", 1000.0),
    (float, "NaN", "NaN"),
    (float, "Infinity", "Infinity"),
    (bool, "true", True),
    (bool, "yes", "yes"),
    ("int | None", "null", None),
    (dict, '{"a": [1]}', {"a": [1]}),
    (Box, '{"width": 2}', {"width": 2}),
    (Any, "5", 5),
    (Any, "word", "word"),
    (object, "[1]", [1]),
    (int, "[" * 100_000, "[" * 100_000),
    # a list: one JSON array, or one item for each -a
    (list[int], "[1, 2]", [1, 2]),
    (list[int], "5", [5]),
    (list[str], '["a", "b"]', ["a", "b"]),
    (list[str], "5", ["5"]),
    (list, "5", [5]),
    (Sequence[str], "a", ["a"]),
    (Iterable[int], "1", [1]),
    ("list[int] | None", "[1]", [1]),
    ("str | list[str]", '["a"]', '["a"]'),
    (tuple[int, ...], "1", [1]),
    (set[str], "a", ["a"]),
    (Mapping[str, int], "{}", {}),
]


@pytest.mark.parametrize(("annotation", "text", "value"), TEXTS, ids=lambda part: str(part)[:40])
def test_a_value_is_read_as_its_parameter_takes_it(annotation: object, text: str, value: object) -> None:
    """Text as it is for whoever takes text; for others JSON where it is JSON."""
    found = read(annotation, text)
    assert (type(found), found) == (type(value), value)


LISTS = [
    (list[int], ("1", "2"), [1, 2]),
    (list[str], ("1", "[2]"), ["1", "[2]"]),
    (list[list[int]], ("[1]", "[2]"), [[1], [2]]),
    ("str | list[str]", ("a", "b"), ["a", "b"]),
    (tuple[int, str], ("1", "2"), ["1", "2"]),
]


@pytest.mark.parametrize(("annotation", "texts", "value"), LISTS, ids=lambda part: str(part)[:40])
def test_a_list_takes_one_item_from_each_argument(annotation: object, texts: tuple[str, ...], value: object) -> None:
    """`-a` may be repeated where a list is taken."""
    assert read(annotation, *texts) == value


def test_what_takes_one_value_is_not_given_two() -> None:
    """The second one is no silent winner."""
    with pytest.raises(BadArguments, match="value is given 2 times, and takes one value"):
        read(int, "1", "2")


def test_args_and_kwargs_are_read_by_their_own_types() -> None:
    """`*args` is a list under its name, and any other name belongs to `**kwargs`."""

    def method(*numbers: int, **labels: str) -> None: ...

    named = read_arguments(describe(method), ["numbers=1", "numbers=2", "label=5"])
    assert named == {"numbers": [1, 2], "label": "5"}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file, in the folder where the process is, whose text is JSON."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "data.json"
    path.write_text("[1, 2]", encoding="utf-8")
    return path


FILES: list[tuple[object, Callable[[Path], object]]] = [
    (Path, lambda file: file),
    (Any, lambda file: file),
    ("str | Path | bytes | numpy.ndarray", lambda file: file),
    ("bytes | str", lambda _: b"[1, 2]"),
    (bytes, lambda _: b"[1, 2]"),
    (str, lambda _: "[1, 2]"),
    (list[float], lambda _: [1, 2]),
    (dict, lambda _: [1, 2]),
    (list[Path], lambda file: [file]),
    (list[str], lambda _: ["[1, 2]"]),
]


@pytest.mark.parametrize(("annotation", "value"), FILES, ids=lambda part: str(part)[:40])
def test_a_file_is_given_as_its_parameter_takes_it(
    annotation: object, value: Callable[[Path], object], file: Path
) -> None:
    """Its path, its bytes, its text, or what its text says as JSON."""
    assert read(annotation, f"@{file.name}") == value(file)


STDIN: list[tuple[object, object]] = [
    (str, "[1]"),
    ("bytes | str", b"[1]"),
    ("str | Path", "[1]"),
    (Any, [1]),
    (dict, [1]),
    (list[str], ["[1]"]),
]


@pytest.mark.parametrize(("annotation", "value"), STDIN, ids=lambda part: str(part)[:40])
def test_stdin_is_given_as_its_parameter_takes_it(
    annotation: object, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes, its text, or what its text says as JSON."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"[1]")))
    assert read(annotation, "@-") == value


def test_stdin_is_no_path_and_must_be_text_for_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it cannot be is told."""
    with pytest.raises(BadArguments, match="value is a path, and stdin has none"):
        read(Path, "@-")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff")))
    with pytest.raises(BadArguments, match="value: stdin is no UTF-8 text"):
        read(str, "@-")


def test_two_at_signs_stand_for_one() -> None:
    """A text that begins with @ can be given."""
    assert read(str, "@@ada") == "@ada"
    assert read(str, "ada@home") == "ada@home"


@pytest.mark.parametrize("annotation", [str, bytes, Path, int], ids=str)
def test_a_file_that_is_not_there_is_told(annotation: object, file: Path) -> None:
    """Nothing is loaded for it, and the hint says how to write the text itself."""
    with pytest.raises(BadArguments, match=r"there is no file 'gone\.png'") as caught:
        read(annotation, "@gone.png")
    assert caught.value.path == ("value",)
    assert caught.value.hint == "for the text itself write -a value=@@gone.png"


def test_a_folder_or_bytes_are_no_text(file: Path) -> None:
    """What cannot be read is told as such."""
    file.with_name("blob").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(BadArguments, match="'blob' is no UTF-8 text"):
        read(str, "@blob")
    with pytest.raises(BadArguments, match=r"cannot read '\.': Is a directory"):
        read(bytes, "@.")


@pytest.mark.parametrize("text", ["value", "=5", ""])
def test_an_argument_is_a_name_and_a_value(text: str) -> None:
    """What has no name or no equals sign is told before anything is loaded."""
    with pytest.raises(BadArguments, match="-a takes NAME=VALUE"):
        read_arguments(describe(len), [text])


def whole(document: str, *given: str) -> dict[str, object]:
    """Return the arguments that `--args` *document* and `-a` make of a method that takes anything."""
    return read_arguments(describe(lambda **anything: anything), given, document)


def test_single_arguments_go_before_the_whole(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--args` is JSON, the JSON of a file, or that of stdin; `-a` replaces what it names."""
    assert whole('{"a": 1, "b": 2}', "b=3") == {"a": 1, "b": 3}
    file.write_text('{"a": 4}', encoding="utf-8")
    assert whole("@data.json") == {"a": 4}
    monkeypatch.setattr("sys.stdin", io.StringIO('{"a": 5}'))
    assert whole("-") == {"a": 5}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("{", "--args is not JSON: .*line 1 column 1"),
        ("[1]", r"--args must be a JSON object of names and values, not \[1\]"),
        ("@gone", "--args: cannot read 'gone': No such file"),
    ],
)
def test_a_whole_that_is_no_object_is_told(document: str, said: str, file: Path) -> None:
    """The error says which source it was and where it breaks off."""
    with pytest.raises(BadArguments, match=said):
        whole(document)
