"""Packages that do not import: the line that is to blame, and everything else kept."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from vmodel._packages import import_package
from vmodel.errors import PackageError

WriteModule = Callable[[str, str], Path]


def refusal(package: str | Path) -> PackageError:
    """Return the one error of *package*."""
    _, (error,) = import_package(package)
    return error


def test_a_broken_module_does_not_take_its_neighbours_down(write_module: WriteModule) -> None:
    """Each broken one is reported with its line, the rest is kept."""
    write_module("mixed.__init__", "")
    bad = write_module("mixed.bad", "\n1 / 0\n")
    write_module("mixed.good", "")
    worse = write_module("mixed.worse.__init__", "import nothing_of_that_name")
    write_module("mixed.worse.inside", "")
    modules, errors = import_package("mixed")
    assert [module.__name__ for module in modules] == ["mixed", "mixed.good"]
    assert [error.message for error in errors] == [
        f"cannot import 'mixed.bad': ZeroDivisionError: division by zero ({bad}:2)",
        f"cannot import 'mixed.worse': ModuleNotFoundError: No module named 'nothing_of_that_name' ({worse}:1)",
    ]
    assert [error.hint for error in errors] == [None, None]


@pytest.mark.parametrize(
    ("source", "said", "line"),
    [
        ("x = 1\nraise SystemExit('bye')\n", "SystemExit: bye", 2),
        ("def f(:\n", "SyntaxError: invalid syntax", 1),
        ("if True:\nx = 1\n", "IndentationError: expected an indented block", 2),
        ("import vmodel.nothing\n", "ModuleNotFoundError: No module named 'vmodel.nothing'", 1),
        ("from json import nothing\n", "ImportError: cannot import name 'nothing' from 'json'", 1),
        ("def f():\n    raise KeyError('key')\nf()\n", "KeyError: 'key'", 2),
        ("import json\njson.loads('{')\n", "JSONDecodeError: Expecting property name", 2),
        ("import ast\n\nast.literal_eval('(')\n", "SyntaxError: '(' was never closed", 3),
    ],
)
def test_whatever_goes_wrong_is_told_with_its_line(
    source: str, said: str, line: int, write_module: WriteModule
) -> None:
    """By dotted name and by path alike, and nothing half-imported stays."""
    file = write_module("broken", source)
    for package in ("broken", file):
        error = refusal(package)
        assert error.message.startswith(f"cannot import {str(package)!r}: {said}")
        assert f"({file}:{line})" in error.message
        assert error.__cause__ is not None
        assert error.given == str(package)
        assert "broken" not in sys.modules


def test_the_line_to_blame_is_one_of_the_packages_own(write_module: WriteModule) -> None:
    """The last one, wherever in the package it stands; what it called may be anybody's."""
    write_module("parts.__init__", "from . import deep")
    write_module("parts.deep.__init__", "from parts.reader import read\nread()")
    reader = write_module("parts.reader", "import json\n\n\ndef read():\n    json.loads('{')\n")
    for package in ("parts", reader.parent):
        assert f"({reader}:5)" in refusal(package).message


def test_the_log_has_the_traceback_of_an_import(write_module: WriteModule, caplog: pytest.LogCaptureFixture) -> None:
    """For whoever asks for it."""
    write_module("broken_too", "import json\njson.loads('{')\n")
    with caplog.at_level(logging.INFO, "vmodel"):
        refusal("broken_too")
    assert "decoder.py" in caplog.text


@pytest.mark.parametrize("source", [b"\xff\xfe\n", b"x = 1\0\n"], ids=["not UTF-8", "a NUL byte"])
def test_a_file_that_is_no_text_is_told_by_its_name(source: bytes, write_module: WriteModule) -> None:
    """Whatever Python makes of it."""
    write_module("binary", "").write_bytes(source)
    message = refusal("binary").message
    assert message.startswith("cannot import 'binary': SyntaxError: ")
    assert "None" not in message


@pytest.mark.parametrize("name", ["no_such_package", "no_such_package.shop"])
def test_a_package_that_is_not_installed_is_asked_for(name: str) -> None:
    """The hint is for the person who wrote the name."""
    error = refusal(name)
    assert error.message == f"cannot import {name!r}: ModuleNotFoundError: No module named 'no_such_package'"
    assert error.hint == "is it installed, and is its folder importable?"


@pytest.mark.parametrize("name", ["", "."])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    """As an error of ours, like all the others."""
    assert refusal(name).message.startswith(f"cannot import {name!r}: ")


def test_an_interrupt_while_importing_passes_through(write_module: WriteModule) -> None:
    """Ctrl-C is no fault of the package, and nothing half-imported stays."""
    file = write_module("interrupted", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        import_package(file)
    assert "interrupted" not in sys.modules


def test_a_module_that_removes_itself_is_as_broken_as_any(write_module: WriteModule) -> None:
    """What it raised is told, and not that it is gone."""
    file = write_module("vanishing", "import sys\ndel sys.modules[__name__]\nraise ValueError('gone')")
    assert refusal(file).message == f"cannot import {str(file)!r}: ValueError: gone ({file}:3)"
