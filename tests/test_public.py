"""The public names: listed once, in order, the same for programs and for type checkers."""

import ast
import importlib.metadata
import inspect
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import vmodel
from vmodel import VModel
from vmodel._proxy import ServiceProxy


def seen_by_type_checkers() -> list[str]:
    """Return the names that the `if TYPE_CHECKING:` block of the package imports."""
    tree = ast.parse(Path(vmodel.__file__).read_text(encoding="utf-8"))
    blocks = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    imports = [node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom)]
    return [alias.asname or alias.name for node in imports for alias in node.names]


def test_the_public_names_are_sorted_and_each_is_there_once() -> None:
    """A reader finds a name, a change is one line."""
    assert list(vmodel.__all__) == sorted(set(vmodel.__all__))


def test_type_checkers_see_the_names_that_programs_get() -> None:
    """A name is not forgotten in one of the lists."""
    assert sorted(seen_by_type_checkers()) == vmodel.__all__


@pytest.mark.parametrize("name", vmodel.__all__)
def test_a_public_name_is_fetched_from_the_module_that_defines_it(name: str) -> None:
    """The second look finds the same thing; a class calls itself what it is called here."""
    value = getattr(vmodel, name)
    assert value is getattr(vmodel, name)
    assert value.__name__ == (f"vmodel.{name}" if isinstance(value, ModuleType) else name)


def test_a_star_import_brings_all_public_names() -> None:
    """As a notebook does it."""
    namespace: dict[str, object] = {}
    exec("from vmodel import *", namespace)
    assert set(namespace) - {"__builtins__"} == set(vmodel.__all__)


def test_dir_lists_each_public_name_once_before_and_after_it_was_fetched() -> None:
    """Completion shows what there is."""
    vmodel.current  # noqa: B018  # that fetches it
    names = dir(vmodel)
    assert set(vmodel.__all__) < set(names)
    assert names == sorted(set(names))


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As of every module, so `hasattr` and `getattr` with a default work."""
    assert not hasattr(vmodel, "VModle")
    with pytest.raises(AttributeError, match="module 'vmodel' has no attribute 'VModle'"):
        vmodel.VModle  # noqa: B018  # that looks for it


def test_the_version_is_that_of_the_distribution() -> None:
    """Nobody has to keep two numbers alike."""
    assert vmodel.__version__ == importlib.metadata.version("vmodel")


@pytest.mark.parametrize(
    "function",
    [
        *(VModel.run, VModel.run_and_dump, VModel.arun, VModel.arun_and_dump),
        *(vmodel.Current.run, vmodel.Current.arun),
    ],
    ids=lambda function: function.__qualname__,
)
def test_a_type_checker_lets_programs_use_what_a_method_returned(function: Callable[..., object]) -> None:
    """It cannot know what that is, so `vm.run(…)["digit"]` is not an error."""
    assert inspect.signature(function).return_annotation is Any


def test_a_type_checker_lets_programs_use_what_a_proxy_returned() -> None:
    """`vm.service("digits").classify(…)["digit"]` neither."""
    for function in (ServiceProxy.__getattr__, ServiceProxy.__getitem__):
        assert inspect.signature(function).return_annotation == Callable[..., Any]
