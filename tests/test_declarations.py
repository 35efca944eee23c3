"""Where declarations are kept: in the module that makes them, for as long as that execution of it counts."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from vmodel.protocol._declaration import Declaration, declared_in

WriteModule = Callable[[str, str], Path]

IMPORTS = "from vmodel.protocol.minimal_protocol import get_service_info_func, service_func\n"
METHOD = "@service_func(None, 's')\ndef {}(): ...\n"


def run_cell(module: ModuleType, source: str) -> tuple[Declaration, ...]:
    """Run *source* in *module*, as a script or a cell is run, and return what is declared then."""
    exec(compile(IMPORTS + source, "<cell>", "exec"), vars(module))
    return declared_in(module)


def names(declarations: tuple[Declaration, ...]) -> list[str]:
    """Return the public names that were declared."""
    return [declaration.name for declaration in declarations]


def test_none_stands_for_the_name_of_the_function() -> None:
    """And parameters may be given by name."""
    module = ModuleType("cell")
    run_cell(module, "@service_func(service='s', name=None)\ndef read_page(): ...")
    assert names(declared_in(module)) == ["read_page"]


def test_one_function_may_be_several_methods() -> None:
    """Of one service or of two."""
    module = ModuleType("cell")
    run_cell(module, "@service_func('a', 's')\n@service_func('b', 's')\n@service_func('a', 't')\ndef f(): ...")
    assert [each[:3] for each in declared_in(module)] == [
        ("t", "method", "a"),
        ("s", "method", "b"),
        ("s", "method", "a"),
    ]


def test_the_place_is_the_line_of_the_decorator(write_module: WriteModule) -> None:
    """Who reads a finding can go there."""
    source = IMPORTS + "\n\n@service_func(\n    'a',\n    's',\n)\ndef f(): ...\n\n\nservice_func('b', 's')(f)\n"
    file = write_module("placed", source)
    places = [declaration.place for declaration in declared_in(importlib.import_module("placed"))]
    assert places == [f"{file}:4", f"{file}:11"]


def test_a_declaration_belongs_to_the_module_whose_text_applies_the_decorator(write_module: WriteModule) -> None:
    """Also when the function comes from elsewhere."""
    write_module("functions_only", "def f(): ...\n")
    write_module("declares_them", IMPORTS + "import functions_only\nservice_func(None, 's')(functions_only.f)\n")
    module = importlib.import_module("declares_them")
    assert names(declared_in(module)) == ["f"]
    assert declared_in(module)[0].module == "declares_them"
    assert declared_in(importlib.import_module("functions_only")) == ()


def test_a_reloaded_module_replaces_its_declarations(write_module: WriteModule) -> None:
    """What was taken out of the text is gone."""
    write_module("reloaded", IMPORTS + METHOD.format("old") + METHOD.format("kept"))
    module = importlib.import_module("reloaded")
    write_module("reloaded", IMPORTS + METHOD.format("kept") + METHOD.format("new"))
    importlib.reload(module)
    assert names(declared_in(module)) == ["kept", "new"]
    assert declared_in(module)[0].function is module.kept


def test_a_module_that_is_imported_again_declares_anew(write_module: WriteModule) -> None:
    """As a notebook does that throws a module away."""
    write_module("imported_again", IMPORTS + METHOD.format("f"))
    first = importlib.import_module("imported_again")
    del sys.modules["imported_again"]
    second = importlib.import_module("imported_again")
    assert second is not first
    assert [names(declared_in(module)) for module in (first, second)] == [["f"], ["f"]]


def test_a_cell_that_is_run_again_replaces_what_it_declared() -> None:
    """The last one counts; other cells keep theirs."""
    session = ModuleType("__main__")
    run_cell(session, METHOD.format("other"))
    run_cell(session, METHOD.format("f"))
    assert names(run_cell(session, METHOD.format("f"))) == ["other", "f"]
    assert declared_in(session)[-1].function is vars(session)["f"]


def test_a_script_that_declares_a_name_twice_declares_two() -> None:
    """It is executed from top to bottom, so the second one is no new version: the registry says so."""
    script = ModuleType("__main__")
    vars(script)["__file__"] = "script.py"
    assert names(run_cell(script, METHOD.format("f") * 2)) == ["f", "f"]


def test_a_module_without_declarations_has_none() -> None:
    """Whatever stands under the name where they would be kept."""
    module = ModuleType("plain")
    assert declared_in(module) == ()
    vars(module)["__vmodel_declarations__"] = ["something else"]
    assert declared_in(module) == ()
    assert names(run_cell(module, METHOD.format("f"))) == ["f"]
