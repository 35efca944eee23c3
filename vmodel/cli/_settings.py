"""What a project says of its services, in the nearest vmodel.toml or [tool.vmodel] of a pyproject.toml."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from vmodel.errors import ConfigError

KEYS: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "services": (list, "a list of names, paths and tables"),
    "limits": (str, '"enforce", "warn" or "off"'),
    "budget": (dict, "a table of cpu, memory, gpu"),
    "home": (str, "the folder for services' files"),
    "strict": (bool, "true or false"),
}


MENTION = re.compile(r"tool.*vmodel|\[\s*tool\s*\]")


class Settings(NamedTuple):
    """The settings of one file; `text` is kept so that errors can name the line."""

    file: Path
    text: str
    table: Mapping[str, object]

    def error(self, message: str, *path: str | int, hint: str | None = None) -> ConfigError:
        """Return the error that names the file and the line to which *path* leads."""
        line = _line(self.text.splitlines(), path)
        return ConfigError(f"{self.file}:{line}: {message}", path=path, hint=hint)


def find_settings(folder: Path) -> Settings | None:
    """Return the settings of *folder*, or of the nearest folder above it that has some.

    Raises:
        ConfigError: With file and line, where they cannot be read.
    """
    for above in (folder, *folder.parents):
        for found in _in_folder(above):
            _check(found)
            return found
    return None


def _in_folder(folder: Path) -> Iterator[Settings]:
    own, shared = folder / "vmodel.toml", folder / "pyproject.toml"
    if own.is_file():
        text = _text(own)
        yield Settings(own, text, _parsed(own, text))
    elif shared.is_file():
        text = _text(shared)
        # Most projects say nothing of vmodel, and theirs need not even be well-formed.
        tools = _parsed(shared, text).get("tool") if MENTION.search(text) else None
        if isinstance(tools, dict) and "vmodel" in tools:
            table = tools["vmodel"]
            if not isinstance(table, dict):
                raise Settings(shared, text, {}).error("[tool.vmodel] must be a table", "vmodel")
            yield Settings(shared, text, table)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {file}: {error}") from None


def _parsed(file: Path, text: str) -> dict[str, object]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = found[1] if found else len(text.splitlines())  # else it says "at end of document"
        raise ConfigError(f"{file}:{line}: {error}") from None


def _check(settings: Settings) -> None:
    """Raise one error for all keys that there are not, and all values of a wrong kind."""
    wrong: list[ConfigError] = []
    for key, value in settings.table.items():
        kind, expected = KEYS.get(key, (object, ""))
        if not expected:
            message = f"there is no key {key!r}; there are: {', '.join(KEYS)}"
            wrong.append(settings.error(message, key, hint=_instead(settings, key)))
        elif not isinstance(value, kind):
            wrong.append(settings.error(f"{key} must be {expected}, not {value!r}", key))
    if wrong:
        raise ConfigError.of(wrong)


def _instead(settings: Settings, key: str) -> str | None:
    if key == "tool" and settings.file.name == "vmodel.toml":
        return "here the keys stand at the top, without [tool.vmodel]"
    nearest = get_close_matches(key, KEYS, n=1)
    return f"did you mean {nearest[0]!r}?" if nearest else None


def _line(lines: Sequence[str], path: Sequence[str | int]) -> int:
    """Return the number of the line where what *path* leads to is set, or the nearest above it that can be told."""
    here = 0
    for name, following in zip(path, [*path[1:], None], strict=True):
        if isinstance(name, str):
            places = [number for number, line in enumerate(lines) if number >= here and _sets(line, name)]
            nth = following if isinstance(following, int) and following < len(places) else 0
            here = places[nth] if places else here
    return here + 1


def _sets(line: str, name: str) -> bool:
    """Return whether *line* sets *name*, begins its table, or adds a table to its list."""
    key = rf"""["']?{re.escape(name)}["']?\s*"""
    return bool(re.search(rf"(^|[{{,])\s*{key}=|^\s*\[.*\b{key}\]", line))
