"""Where the services of the command line come from: the first origin that names any is the only one.

1. `--package`, as often as given
2. VMODEL_PACKAGES, separated by commas or as in PATH
3. vmodel.toml, or [tool.vmodel] in pyproject.toml, here or in a folder above
4. the entry points of installed distributions in the group vmodel.services
5. the services that ship with VModel

Limits, budget, home and strictness are those of the file, whatever origin the services have.
"""

import gc
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from vmodel.cli._settings import Settings, find_settings
from vmodel.errors import ConfigError, PackageError, ServiceNotFound, VModelError

if TYPE_CHECKING:
    from vmodel import VModel
    from vmodel._config import Entry
    from vmodel._events import Listener

GROUP = "vmodel.services"
SHIPPED = "vmodel.service_example"


class Sources(NamedTuple):
    """What a VModel is made from: its entries, what named them, its other arguments, and folders to import from."""

    origin: str
    entries: tuple["Entry", ...]
    options: Mapping[str, Any]
    folders: tuple[Path, ...]


@contextmanager
def opened(packages: Sequence[str] | None, service: str | None = None, method: str | None = None) -> Iterator["VModel"]:
    """Make the VModel of the command line, and in the end unload what was loaded; files stay.

    Of the services that ship no others are imported where *service* is the only one that is needed.
    A terminal shows when *method* of it is running.
    """
    sources = find_sources(packages or (), os.environ, Path.cwd())
    # At the end, so that a file in the folder hides nothing that is installed.
    sys.path += [str(folder) for folder in sources.folders if str(folder) not in sys.path]
    from vmodel._endings import close_all
    from vmodel.cli._live import listener

    try:
        vm = _made(sources, service, listener(service, method))
        gc.freeze()  # what was imported stays
        gc.enable()  # main() disabled it
        yield vm
    except ServiceNotFound as error:
        cause = _cause(error, vm.status().findings)
        error.hint = error.hint or (None if cause else _whence(sources))
        raise error from cause
    finally:
        close_all()


def _made(sources: Sources, service: str | None, on_event: "Listener | None") -> "VModel":
    from vmodel.cli._log import discreet
    from vmodel.vmodel import VModel

    entries = shipped(service) if service and sources.entries == (SHIPPED,) else sources.entries
    with discreet():  # what was left out is for `list` to show, and for the error of whoever asks for it
        vm = VModel(entries, on_event=on_event, **sources.options)
        if service in vm.services or entries == sources.entries:
            return vm
        return VModel(sources.entries, on_event=on_event, **sources.options)  # so that the error can name all there are


def find_sources(packages: Sequence[str], environ: Mapping[str, str], folder: Path) -> Sources:
    """Return where services come from for whoever works in *folder*.

    Raises:
        ConfigError: Where the project's settings cannot be read.
    """
    settings = find_settings(folder)
    options = {} if settings is None else _options(settings)
    folders = (folder,) if settings is None else (folder, settings.file.parent)
    origin, entries = _named(packages, environ, settings) or _installed()
    return Sources(origin, entries, options, tuple(dict.fromkeys(folders)))


def shipped(service: str) -> "tuple[Entry, ...]":
    """Return the modules that ship and whose text names *service*; where none does, all of them."""
    from vmodel import service_example

    files = [file for folder in service_example.__path__ for file in Path(folder).glob("*.py")]
    texts = {file.stem: file.read_text(encoding="utf-8") for file in sorted(files)}
    named = (stem for stem, text in texts.items() if f'"{service}"' in text and "vmodel.protocol" in text)
    return tuple(f"{SHIPPED}.{stem}" for stem in named) or (SHIPPED,)


def _named(
    packages: Sequence[str], environ: Mapping[str, str], settings: Settings | None
) -> "tuple[str, tuple[Entry, ...]] | None":
    listed = environ.get("VMODEL_PACKAGES", "").replace(os.pathsep, ",").split(",")
    for origin, texts in (("--package", packages), ("VMODEL_PACKAGES", [text.strip() for text in listed])):
        entries = tuple(_located(text) for text in texts if text)
        if entries:
            return origin, entries
    if settings is not None and "services" in settings.table:
        return str(settings.file), _entries(settings)
    return None


def _installed() -> "tuple[str, tuple[Entry, ...]]":
    from importlib.metadata import entry_points

    found = entry_points(group=GROUP)
    if found:
        return f"entry points {GROUP}", tuple(dict.fromkeys(point.value.partition(":")[0] for point in found))
    return "the services that ship with VModel", (SHIPPED,)


def _entries(settings: Settings) -> "tuple[Entry, ...]":
    """Return the entries of the file, checked; paths are those of its own folder."""
    from vmodel._config import parse_entry

    entries: list[Entry] = []
    listed: Any = settings.table["services"]  # find_settings() saw that it is a list
    for number, given in enumerate(listed):
        table = given if isinstance(given, dict) else {"package": given}
        package = table.get("package")
        if isinstance(package, str):
            table = {**table, "package": _located(package, settings.file.parent)}
        try:
            entries.append(parse_entry(table))
        except ConfigError as error:
            raise settings.error(error.message, "services", number, *error.path, hint=error.hint) from None
    return tuple(entries)


def _options(settings: Settings) -> dict[str, object]:
    """Return the other arguments of a VModel, checked here, where the line can be named."""
    from vmodel._assessment import LIMITS
    from vmodel._resources import parse_budget

    options: dict[str, Any] = {key: value for key, value in settings.table.items() if key != "services"}
    if options.get("limits", "off") not in LIMITS:
        raise settings.error(f"limits must be one of {', '.join(LIMITS)}, not {options['limits']!r}", "limits")
    try:
        parse_budget(options.get("budget"))
    except ConfigError as error:
        raise settings.error(error.message, *error.path, hint=error.hint) from None
    if "home" in options:
        options["home"] = settings.file.parent / Path(options["home"]).expanduser()
    return options


def _located(package: str, folder: Path | None = None) -> "Entry":
    """Return *package* as a path, seen from *folder*, where it is written as one."""
    if package.endswith(".py") or package.startswith(".") or "/" in package or os.sep in package:
        return (folder or Path()) / Path(package).expanduser()
    return package


def _cause(error: ServiceNotFound, findings: Sequence[VModelError]) -> VModelError | None:
    """Return the finding because of which there is no such service; none where the name is close to one there is."""
    own = [finding for finding in findings if finding.service == error.given]
    anybodys = [] if error.nearest else [finding for finding in findings if isinstance(finding, PackageError)]
    return next(iter([*own, *anybodys]), None)


def _whence(sources: Sources) -> str:
    others = "names others" if sources.entries == (SHIPPED,) else f"{SHIPPED} has the ones that ship"
    return f"the services came from {sources.origin}; --package {others}"
