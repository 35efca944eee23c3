"""From an entry's `package` to modules: every way to name one, and what becomes of those that do not import."""

import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from vmodel._packages import import_package
from vmodel.errors import PackageError

WriteModule = Callable[[str, str], Path]


def imported(package: str | Path | ModuleType) -> list[ModuleType]:
    """Return the modules of *package*, all of which can be imported."""
    modules, errors = import_package(package)
    assert errors == []
    return modules


def names(package: str | Path | ModuleType) -> list[str]:
    """Return the names of the modules of *package*."""
    return [module.__name__ for module in imported(package)]


def refusal(package: str | Path) -> PackageError:
    """Return the one error of a *package* of which nothing could be imported."""
    modules, errors = import_package(package)
    assert modules == []
    (error,) = errors
    return error


def test_a_dotted_name_brings_the_module_and_all_below_it(write_module: WriteModule) -> None:
    """The listed one first, then each package before what is in it."""
    for name in ("shop.__init__", "shop.pay", "shop.food.__init__", "shop.food.fruit"):
        write_module(name, "")
    assert names("shop") == ["shop", "shop.food", "shop.food.fruit", "shop.pay"]
    assert names("shop.food") == ["shop.food", "shop.food.fruit"]
    assert names("shop.pay") == ["shop.pay"]


def test_a_module_object_is_taken_as_it_is(write_module: WriteModule) -> None:
    """Also one that nobody can import; a package brings what is below it."""
    made = ModuleType("made on the spot")
    assert imported(made) == [made]
    for name in ("mall.__init__", "mall.shop"):
        write_module(name, "")
    assert names(importlib.import_module("mall")) == ["mall", "mall.shop"]


def test_main_is_the_running_program() -> None:
    """A notebook or a script lists itself."""
    assert imported("__main__") == [sys.modules["__main__"]]


@pytest.mark.parametrize("as_path", [str, Path, os.path.relpath])
def test_a_path_to_a_file_is_imported_under_its_own_name(
    as_path: Callable[[Path], str | Path], write_module: WriteModule
) -> None:
    """So it is the same module as the one that others import by name, even through a link."""
    file = write_module("lone_service", "")
    (module,) = imported(as_path(file))
    assert module is importlib.import_module("lone_service")
    assert module.__file__ == str(file)


def test_a_path_finds_a_module_that_was_imported_by_name_before(write_module: WriteModule) -> None:
    """Nothing is executed twice, also where the import path leads there through a link."""
    real = write_module("real_folder.linked_service", "").parent
    link = real.with_name("link")
    link.symlink_to(real, target_is_directory=True)
    sys.path.insert(0, str(link))
    by_name = importlib.import_module("linked_service")
    assert imported(real / "linked_service.py") == [by_name]


def test_a_path_that_is_listed_twice_is_one_module(write_module: WriteModule) -> None:
    """As when two entries rename one service differently."""
    file = write_module("json", "")
    assert imported(file) == imported(file)


def test_a_path_to_a_folder_is_a_package(write_module: WriteModule) -> None:
    """With the modules below it, and imports relative to it."""
    folder = write_module("toolbox.__init__", "from . import saw").parent
    write_module("toolbox.saw", "")
    assert names(folder) == ["toolbox", "toolbox.saw"]
    assert names(f"{folder}{os.sep}") == ["toolbox", "toolbox.saw"]


def test_a_home_folder_can_be_written_short(write_module: WriteModule, monkeypatch: pytest.MonkeyPatch) -> None:
    """As people write paths in configuration files."""
    file = write_module("at_home", "")
    monkeypatch.setenv("HOME", str(file.parent))
    monkeypatch.setenv("USERPROFILE", str(file.parent))
    assert names("~/at_home.py") == ["at_home"]


def test_a_file_can_import_what_lies_beside_it(tmp_path: Path, write_module: WriteModule) -> None:
    """Its folder becomes importable, behind everything that was importable before."""
    write_module("elsewhere.beside_it", "")
    file = write_module("elsewhere.needs_it", "import beside_it")
    assert names(file) == ["needs_it"]
    assert sys.path[-1] == str(tmp_path / "elsewhere")


@pytest.mark.parametrize("taken", ["json", "numpy", "made_by_hand"])
def test_a_file_whose_name_is_taken_gets_another_one(
    taken: str, write_module: WriteModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes nothing away from the module that has the name, be it one that nobody can import."""
    monkeypatch.setitem(sys.modules, "made_by_hand", ModuleType("made_by_hand"))
    before = sys.modules.get(taken)
    file = write_module(f"services.{taken}", "mine = True")
    (module,) = imported(file)
    assert module.mine
    assert module.__name__.startswith(f"{taken}_")
    assert sys.modules[module.__name__] is module
    assert sys.modules.get(taken) is before


def test_two_files_of_one_name_are_two_modules(write_module: WriteModule) -> None:
    """As `plugin.py` of two authors."""
    files = [write_module(f"{author}.plugin", f"author = {author!r}") for author in ("ann", "bob")]
    modules = [imported(file)[0] for file in files]
    assert [module.author for module in modules] == ["ann", "bob"]
    assert [module.__name__.partition("_")[0] for module in modules] == ["plugin", "plugin"]


def test_a_package_folder_whose_name_is_taken_brings_its_own_modules(write_module: WriteModule) -> None:
    """They stand below the other name."""
    folder = write_module("ours.email.__init__", "from . import outbox").parent
    write_module("ours.email.outbox", "")
    root, outbox = imported(folder)
    assert outbox.__name__ == f"{root.__name__}.outbox"
    assert outbox.__file__ == str(folder / "outbox.py")


@pytest.mark.parametrize("name", ["my-service", "service v1.2", "2nd"])
def test_a_file_name_that_is_no_python_name_will_do(name: str, tmp_path: Path, write_module: WriteModule) -> None:
    """A dot in it is no package."""
    file = write_module("plain", "").rename(tmp_path / f"{name}.py")
    (module,) = imported(file)
    assert module.__name__.startswith(name.replace(".", "_"))
    assert "." not in module.__name__


@pytest.mark.parametrize("as_path", [str, Path, os.path.relpath, "{}/".format])
def test_a_folder_without_init_is_the_package_of_its_modules(
    as_path: Callable[[Path], str | Path], write_module: WriteModule
) -> None:
    """The same as by its dotted name, so nothing is executed twice."""
    folder = write_module("annex.room", "").parent
    assert names(as_path(folder)) == ["annex", "annex.room"]
    assert imported(folder)[1] is importlib.import_module("annex.room")


def test_the_current_folder_is_a_package_too(write_module: WriteModule, monkeypatch: pytest.MonkeyPatch) -> None:
    """As people write it who are where their services are."""
    monkeypatch.chdir(write_module("here.room", "").parent)
    assert names(Path()) == ["here", "here.room"]


@pytest.mark.parametrize("name", ["json", "my-services", "made_by_hand"])
def test_a_folder_whose_name_will_not_do_gets_another_one(
    name: str, write_module: WriteModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is taken, or that is no Python name; listed twice, it is still one."""
    monkeypatch.setitem(sys.modules, "made_by_hand", ModuleType("made_by_hand"))
    folder = write_module(f"depot.{name}.room", "mine = True").parent
    root, room = imported(folder)
    assert root.__name__.startswith(f"{name}_")
    assert room.mine
    assert imported(folder) == [root, room]


def test_what_is_not_there_is_said_so(tmp_path: Path) -> None:
    """Neither a file nor a folder."""
    missing = tmp_path / "nothing.py"
    error = refusal(missing)
    assert error.message == f"there is no Python file or package folder at {str(missing)!r}"
    assert error.given == str(missing)


def test_a_folder_without_modules_is_said_so(tmp_path: Path) -> None:
    """Such as the one with the pictures; tests in it are not services."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "test_nothing.py").touch()
    error = refusal(folder)
    assert error.message == f"there is no Python module in the folder {str(folder)!r}"
    assert error.hint == "name a .py file, or a folder that has some"


def test_a_file_that_is_no_python_is_said_so(tmp_path: Path) -> None:
    """Such as the weights instead of the service."""
    file = tmp_path / "weights.bin"
    file.write_bytes(b"\0")
    assert refusal(file).message == f"cannot import {str(file)!r}: ImportError: {file} is not Python source"


@pytest.mark.parametrize("name", ["_private", "__main__", "test", "tests", "test_shop", "conftest", "setup"])
def test_modules_that_are_nobodys_service_are_left_alone(name: str, write_module: WriteModule) -> None:
    """Importing them would run tests, programs or installers."""
    write_module("tidy.__init__", "")
    write_module(f"tidy.{name}", "raise SystemExit('this was not to be imported')")
    write_module("tidy.setup_shop", "")
    write_module("tidy.attest", "")
    assert names("tidy") == ["tidy", "tidy.attest", "tidy.setup_shop"]
