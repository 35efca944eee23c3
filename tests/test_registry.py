"""From declarations to services: what belongs together, under which name, and what is wrong with the rest."""

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

import pytest

from vmodel._config import Entry, parse_entry
from vmodel._lifecycle import Step
from vmodel._registry import Collected, collect
from vmodel._service import Service
from vmodel.errors import DuplicateDeclaration, MissingFunction, PackageError, ProtocolConflict, VModelError

WriteModule = Callable[[str, str], Path]

IMPORTS = "from vmodel.protocol.{}_protocol import *\n"
INFO = "@get_service_info_func({0!r})\ndef info_{0}(): return {{}}\n"
METHOD = "@service_func('say', {0!r})\ndef say_{0}(): ...\n"
HOOK = "@{1}_func({0!r})\ndef {1}_{0}(): ...\n"


def minimal(*names: str) -> str:
    """Return the source of minimal services; the info function of the first is on line 2, of the second on line 6."""
    return IMPORTS.format("minimal") + "".join((INFO + METHOD).format(name) for name in names)


def gathered(entry: Entry, taken: Mapping[str, Service] | None = None) -> Collected:
    """Return what *entry* brings."""
    return collect(parse_entry(entry), (taken or {}).get)


def services(entry: Entry) -> dict[str, Service]:
    """Return the services of *entry*, with which nothing is wrong."""
    collected = gathered(entry)
    assert collected.findings == ()
    return {service.name: service for service in collected.services}


def refusals(entry: Entry) -> tuple[VModelError, ...]:
    """Return what is wrong with *entry*, which brings nothing."""
    collected = gathered(entry)
    assert collected.services == ()
    return collected.findings


def test_functions_are_grouped_by_the_service_that_they_name(write_module: WriteModule) -> None:
    """One module may declare several services, one service may be spread over modules."""
    write_module("spread.__init__", IMPORTS.format("minimal") + INFO.format("ocr"))
    file = write_module("spread.more", minimal("tts") + METHOD.format("ocr"))
    found = services("spread")
    assert list(found) == ["ocr", "tts"]
    assert found["ocr"].methods["say"].place == f"{file}:6"
    assert found["ocr"].protocol.name == "minimal"


def test_a_service_has_the_hooks_of_its_protocol(write_module: WriteModule) -> None:
    """Each under its step."""
    source = IMPORTS.format("standard") + (INFO + METHOD).format("ocr")
    write_module("whole", source + "".join(HOOK.format("ocr", step.value) for step in Step))
    hooks = services("whole")["ocr"].hooks
    assert {step: declaration.function.__name__ for step, declaration in hooks.items()} == {
        step: f"{step.value}_ocr" for step in Step
    }


def test_a_package_may_re_export_services_of_other_modules(write_module: WriteModule) -> None:
    """By one of their functions; the service comes whole, from wherever it is declared."""
    write_module("original", minimal("ocr", "tts"))
    write_module("front", "from original import say_ocr\nimport original\nstring = 'say_tts'")
    assert list(services("front")) == ["ocr"]


def test_what_a_package_re_exports_of_its_own_is_one_service(write_module: WriteModule) -> None:
    """The usual `__init__.py` does not declare anything twice."""
    write_module("usual.__init__", "from usual.ocr import *")
    write_module("usual.ocr", minimal("ocr"))
    assert list(services("usual")) == ["ocr"]


def test_only_the_listed_module_re_exports(write_module: WriteModule) -> None:
    """What a module below it imports for its own use is not offered."""
    write_module("foreign", minimal("tts"))
    write_module("user.__init__", minimal("ocr"))
    write_module("user.inside", "from foreign import say_tts")
    assert list(services("user")) == ["ocr"]


class Strange:
    """A value that does not want to be looked at."""

    def __getattribute__(self, name: str) -> object:
        raise RuntimeError(name)


def test_values_that_are_no_functions_are_not_looked_at(write_module: WriteModule) -> None:
    """A lazy value would import something, and a strange one must not stop the others."""
    write_module("with_values", minimal("ocr"))
    module = importlib.import_module("with_values")
    module.strange = Strange()
    module.homeless = type("Homeless", (), {"__module__": None})
    assert list(services(module)) == ["ocr"]


def test_a_package_that_declares_nothing_is_told_so(write_module: WriteModule) -> None:
    """With its file, and the way to declare something."""
    file = write_module("silent", "")
    (error,) = refusals("silent")
    assert type(error) is PackageError
    assert error.message == f"'silent' declares no service ({file})"
    assert error.hint == "tag its functions with the decorators of vmodel.protocol"
    assert refusals(ModuleType("cell"))[0].message == "'cell' declares no service (cell)"


def test_a_package_that_is_broken_is_not_called_empty_as_well(write_module: WriteModule) -> None:
    """One fault, one finding."""
    write_module("hollow.__init__", "")
    write_module("hollow.bad", "1 / 0")
    assert [error.message.partition(" (")[0] for error in refusals("hollow")] == [
        "cannot import 'hollow.bad': ZeroDivisionError: division by zero"
    ]


def test_a_service_of_two_protocols_is_refused_with_both_places(write_module: WriteModule) -> None:
    """The hint says how to tell them apart in the text."""
    source = minimal("ocr") + IMPORTS.format("simpler") + HOOK.format("ocr", "cleanup")
    file = write_module("mixed_up", source)
    (error,) = refusals("mixed_up")
    assert type(error) is ProtocolConflict
    assert error.message == (
        f"service 'ocr' uses the minimal protocol ({file}:2) and the simplified protocol ({file}:7)"
    )
    assert error.hint == "import all decorators of one service from one protocol module"


def test_a_service_that_lacks_functions_is_told_all_of_them(write_module: WriteModule) -> None:
    """As they are written; the other services of the package stay."""
    file = write_module("lacking", IMPORTS.format("standard") + METHOD.format("ocr") + minimal("tts"))
    collected = gathered("lacking")
    assert [service.name for service in collected.services] == ["tts"]
    (error,) = collected.findings
    assert type(error) is MissingFunction
    lacks = "@get_service_info_func, @prepare_func, @load_func, @test_func, @unload_func, @cleanup_func"
    assert error.message == f"service 'ocr' (standard protocol, {file}:2) lacks {lacks}"
    assert error.service == "ocr"


def test_functions_that_are_declared_twice_are_told_with_both_places(write_module: WriteModule) -> None:
    """A method, and a hook; two methods of other names are none."""
    source = minimal("ocr") + (METHOD + INFO).format("ocr") + "service_func('shout', 'ocr')(say_ocr)\n"
    file = write_module("twice", source)
    errors = refusals("twice")
    assert {type(error) for error in errors} == {DuplicateDeclaration}
    assert [error.message for error in errors] == [
        f"service 'ocr' declares method 'say' twice: {file}:4 and {file}:6",
        f"service 'ocr' declares its info function twice: {file}:2 and {file}:8",
    ]


def test_everything_that_is_wrong_is_told_at_once(write_module: WriteModule) -> None:
    """With one service, and with all of a package."""
    write_module("chaos.__init__", "")
    write_module("chaos.broken", "1 / 0")
    source = METHOD.format("ocr") * 2 + IMPORTS.format("simplified") + HOOK.format("ocr", "cleanup")
    write_module("chaos.wrong", IMPORTS.format("minimal") + source + METHOD.format("tts"))
    kinds = [type(error) for error in refusals("chaos")]
    assert kinds == [PackageError, ProtocolConflict, DuplicateDeclaration, MissingFunction, MissingFunction]


def test_the_first_entry_that_is_listed_keeps_the_name(write_module: WriteModule) -> None:
    """The finding has both places, and the way out."""
    first, second = (write_module(name, minimal("ocr")) for name in ("entry_one", "entry_two"))
    owners = services("entry_one")
    collected = gathered("entry_two", owners)
    assert collected.services == ()
    (error,) = collected.findings
    assert type(error) is DuplicateDeclaration
    assert error.message == (
        f"service 'ocr' is declared at {first}:2 and again at {second}:2; the first one keeps the name"
    )
    assert "'rename': {'ocr': 'another name'}" in (error.hint or "")
    assert [each.name for each in gathered({"package": "entry_two", "rename": "ocr 2"}, owners).services] == ["ocr 2"]


@pytest.mark.parametrize(
    ("rename", "names"),
    [
        (None, ["ocr", "tts"]),
        ({"ocr": "文字识别"}, ["文字识别", "tts"]),
        ({"ocr": "tts", "tts": "ocr"}, ["tts", "ocr"]),
    ],
)
def test_services_are_renamed_by_a_mapping(
    rename: dict[str, str] | None, names: list[str], write_module: WriteModule
) -> None:
    """The declared name is kept beside the new one."""
    write_module("renamed", minimal("ocr", "tts"))
    found = services({"package": "renamed", "rename": rename})
    assert list(found) == names
    assert [service.declared for service in found.values()] == ["ocr", "tts"]


def test_the_one_service_of_a_package_is_renamed_by_a_name(write_module: WriteModule) -> None:
    """Errors use the new name, too."""
    write_module("single", minimal("ocr"))
    assert list(services({"package": "single", "rename": "reader"})) == ["reader"]
    write_module("single_wrong", IMPORTS.format("minimal") + METHOD.format("ocr"))
    (error,) = refusals({"package": "single_wrong", "rename": "reader"})
    assert error.message.startswith("service 'reader' (minimal protocol")


@pytest.mark.parametrize(
    ("rename", "names", "message"),
    [
        ("reader", ["ocr", "tts"], "cannot rename 2 services to 'reader': ocr, tts"),
        ({"orc": "reader"}, ["ocr", "tts"], "cannot rename 'orc': the package has ocr, tts"),
        ({"tts": "ocr"}, ["ocr"], "service 'ocr' is declared at"),
    ],
)
def test_a_rename_that_cannot_be_done_is_told(
    rename: str | dict[str, str], names: list[str], message: str, write_module: WriteModule
) -> None:
    """What can be used is kept under its own name."""
    write_module("unrenamed", minimal("ocr", "tts"))
    collected = gathered({"package": "unrenamed", "rename": rename})
    assert [service.name for service in collected.services] == names
    (error,) = collected.findings
    assert error.message.startswith(message)


def test_a_rename_is_no_fault_where_nothing_could_be_imported() -> None:
    """One fault, one finding."""
    for rename in ("reader", {"ocr": "reader"}):
        assert [type(each) for each in refusals({"package": "not_there", "rename": rename})] == [PackageError]


def test_collecting_leaves_no_trace(write_module: WriteModule) -> None:
    """A second VModel finds what the first one found."""
    write_module("same", minimal("ocr"))
    assert services("same")["ocr"].methods == services("same")["ocr"].methods
