"""From an entry's `package` to imported modules: dotted names, paths, module objects.

A package brings every public module below it; those whose name starts with `_` or `test`, and
`__main__`, `conftest` and `setup`, are left alone.
"""

import hashlib
import importlib
import importlib.util
import logging
import os
import pkgutil
import sys
import traceback
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import FrameType, ModuleType

from vmodel.errors import PackageError

log = logging.getLogger("vmodel")

PRIVATE_STARTS = ("_", "test")
PRIVATE_NAMES = ("conftest", "setup")


def import_package(package: str | Path | ModuleType) -> tuple[list[ModuleType], list[PackageError]]:
    """Return the modules of *package*, the listed one first, and what could not be imported."""
    try:
        root = _import_root(package)
    except PackageError as error:
        return [], [error]
    modules, errors = [root], []
    for name in _names_below(root):
        try:
            modules.append(_guarded(name, importlib.import_module, name))
        except PackageError as error:
            errors.append(error)
    return modules, errors


def _import_root(package: str | Path | ModuleType) -> ModuleType:
    if isinstance(package, ModuleType):
        return package
    if isinstance(package, Path) or package.endswith(".py") or "/" in package or "\\" in package:
        return _import_path(Path(package))
    return _guarded(package, importlib.import_module, package)


def _import_path(given: Path) -> ModuleType:
    """Import the file or folder *given* by its own name, or under another where that name is taken.

    Its folder goes to the end of the import path, so that the modules beside it can be imported and
    none of them hides an installed one.
    """
    path = given.expanduser().resolve()
    source = path / "__init__.py" if path.is_dir() else path
    if path.is_dir() and not source.is_file():
        return _import_folder(path, given)
    if not source.is_file():
        raise PackageError(f"there is no Python file or package folder at {str(given)!r}", given=str(given))
    _make_importable(path.parent)
    name = path.stem
    if not name.isidentifier() or _origin(name) not in (None, source):
        name = _other_name(name, source)
    return _guarded(str(given), _import_source, name, source)


def _make_importable(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def _other_name(name: str, path: Path) -> str:
    return f"{name.replace('.', '_')}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"


def _import_folder(path: Path, given: Path) -> ModuleType:
    """Return the folder *path*, which has no `__init__.py`, as a package of the modules in it.

    It is the one that its dotted name brings, unless that name has more folders or another meaning.
    """
    _make_importable(path.parent)
    name = path.name
    if not name.isidentifier() or _folders(name) != [path]:
        name = _other_name(name, path)
    if name not in sys.modules:
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(path)]
        sys.modules[name] = importlib.util.module_from_spec(spec)
    root = sys.modules[name]
    if not any(_names_below(root)):
        hint = "name a .py file, or a folder that has some"
        raise PackageError(f"there is no Python module in the folder {str(given)!r}", given=str(given), hint=hint)
    return root


def _folders(name: str) -> list[Path]:
    """Return the folders of the package *name* where it has no source of its own, else nothing."""
    try:
        spec = importlib.util.find_spec(name)
    except ValueError:  # as in _origin()
        return []
    sourceless = spec is not None and not spec.has_location
    return [Path(folder).resolve() for folder in spec.submodule_search_locations or ()] if spec and sourceless else []


def _origin(name: str) -> Path | None:
    """Return the file that module *name* comes from, now or if it were imported; None where there is no such name."""
    try:
        spec = importlib.util.find_spec(name)
    except ValueError:  # a loaded module without a spec, such as __main__
        return Path()
    return None if spec is None else Path(str(spec.origin)).resolve()


def _import_source(name: str, source: Path) -> ModuleType:
    if name in sys.modules:
        return sys.modules[name]
    below = [str(source.parent)] if source.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(name, source, submodule_search_locations=below)
    if spec is None or spec.loader is None:
        message = f"{source} is not Python source"
        raise ImportError(message)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _names_below(root: ModuleType) -> Iterator[str]:
    for found in pkgutil.iter_modules(getattr(root, "__path__", ()), f"{root.__name__}."):
        last = found.name.rpartition(".")[2]
        if not last.startswith(PRIVATE_STARTS) and last not in PRIVATE_NAMES:
            yield found.name
            if found.ispkg and found.name in sys.modules:
                yield from _names_below(sys.modules[found.name])


def _guarded(shown: str, load: Callable[..., ModuleType], *arguments: object) -> ModuleType:
    """Import, and say of a failure which line of whose code it was."""
    try:
        return load(*arguments)
    except (Exception, SystemExit) as error:
        log.info("cannot import %r", shown, exc_info=True)
        place = _place(error)
        missing = isinstance(error, ModuleNotFoundError) and (shown == error.name or shown.startswith(f"{error.name}."))
        hint = "is it installed, and is its folder importable?" if missing else None
        message = f"cannot import {shown!r}: {type(error).__name__}: {error}"
        raise PackageError(f"{message} ({place})" if place else message, given=shown, hint=hint) from error


def _place(error: BaseException) -> str | None:
    """Return file:line of the syntax error, or of the last frame in the package that was imported.

    The first frame that is not the import system's is the package's; whatever it calls may be anybody's.
    """
    if isinstance(error, SyntaxError) and error.filename and not error.filename.startswith("<"):
        return f"{error.filename}:{error.lineno}"
    ours = ("<frozen importlib", __file__, importlib.__file__)
    frames = [found for found in traceback.walk_tb(error.__traceback__) if not _file(found[0]).startswith(ours)]
    within = _home(frames[0][0]) if frames else ""
    places = [f"{_file(frame)}:{line}" for frame, line in frames if _file(frame).startswith(within)]
    return places[-1] if places else None


def _file(frame: FrameType) -> str:
    return frame.f_code.co_filename


def _home(frame: FrameType) -> str:
    """Return how the files of the package begin whose code *frame* runs; of a module outside packages its own file."""
    file, name = Path(_file(frame)), str(frame.f_globals.get("__package__") or "")
    depth = len(name.split(".")) if name else 0
    return f"{file.parents[depth - 1]}{os.sep}" if 0 < depth <= len(file.parents) else str(file)
