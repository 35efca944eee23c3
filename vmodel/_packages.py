"""From an entry's `package` to imported modules: dotted names, paths, module objects.

A package brings every public module below it; those whose name starts with `_` or `test`, and
`__main__`, `conftest` and `setup`, are left alone.
"""

import hashlib
import importlib
import importlib.util
import pkgutil
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

from vmodel.errors import PackageError

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
    if not source.is_file():
        raise PackageError(f"there is no Python file or package folder at {str(given)!r}", given=str(given))
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    name = path.stem
    if not name.isidentifier() or _origin(name) not in (None, source):
        name = f"{name.replace('.', '_')}_{hashlib.sha256(str(source).encode()).hexdigest()[:8]}"
    return _guarded(str(given), _import_source, name, source)


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
        place = _place(error)
        missing = isinstance(error, ModuleNotFoundError) and (shown == error.name or shown.startswith(f"{error.name}."))
        hint = "is it installed, and is its folder importable?" if missing else None
        message = f"cannot import {shown!r}: {type(error).__name__}: {error}"
        raise PackageError(f"{message} ({place})" if place else message, given=shown, hint=hint) from error


def _place(error: BaseException) -> str | None:
    """Return file:line of the last frame that is not the import system's, or of the syntax error."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    frames = [f"{frame.f_code.co_filename}:{line}" for frame, line in traceback.walk_tb(error.__traceback__)]
    ours = (__file__, importlib.__file__)
    authors = [frame for frame in frames if not frame.startswith(("<frozen importlib", *ours))]
    return authors[-1] if authors else None
