"""From `-a name=value` and `--args` to keyword arguments; whether they fit is for the validator to say.

How a value is read depends on its parameter:

1. `@file` is the file: its path where the parameter takes paths or says nothing, else its bytes, its text,
   or what its text says as JSON. `@-` is stdin, which has no path.
   `@@` stands for a single `@` at the beginning of a value.
2. A parameter that takes text gets the text as it is.
3. For any other the text is read as JSON where it is JSON, else it is passed on as text.
4. Where lists are taken, each `-a` brings one item, unless a single one brings a whole JSON array.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vmodel._signature import Signature
from vmodel.cli._annotation import admits, admits_anything, item_of, takes_text
from vmodel.cli._json import loads
from vmodel.errors import BadArguments


def read_arguments(signature: Signature, given: Sequence[str], document: str | None = None) -> dict[str, object]:
    """Return the keyword arguments that the `name=value` texts in *given* make, over those of *document*.

    Raises:
        BadArguments: Where a text cannot be read, or a file is not there.
    """
    whole = {} if document is None else read_document(document)
    single = {name: _value(name, texts, _annotation(signature, name)) for name, texts in _by_name(given).items()}
    return {**whole, **single}


def read_document(document: str) -> Mapping[str, object]:
    """Return the JSON object that *document* is, or that the file after its `@`, or stdin for `-`, has."""
    source, text = "--args", document
    if document == "-":
        source, text = "stdin", sys.stdin.read()
    elif document.startswith("@"):
        source, text = document[1:], _text(Path(document[1:]).expanduser(), "--args")
    try:
        read = loads(text)
    except ValueError as error:
        raise BadArguments(f"{source} is not JSON: {error}", hint='--args \'{"name": "value"}\'') from None
    if not isinstance(read, dict):
        raise BadArguments(f"{source} must be a JSON object of names and values, not {text.strip()[:80]}", given=read)
    return read


def _by_name(given: Sequence[str]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BadArguments(f"-a takes NAME=VALUE, not {text!r}", given=text, hint=f"-a {name or 'name'}=…")
        grouped.setdefault(name, []).append(value)
    return grouped


def _annotation(signature: Signature, name: str) -> object:
    """Return the annotation of *name*; a name that no parameter has belongs to `**kwargs`, if there are any."""
    for parameter in signature.parameters:
        if parameter.kind == "var_keyword" or parameter.name == name:
            rest = parameter.kind == "var_positional"
            return list[parameter.annotation] if rest else parameter.annotation  # type: ignore[name-defined]
    return Any


def _value(name: str, texts: list[str], annotation: object) -> object:
    item = item_of(annotation)
    if len(texts) == 1 and (item is None or takes_text(annotation, texts[0])):
        return _read(name, texts[0], annotation)
    if item is None:
        message = f"{name} is given {len(texts)} times, and takes one value"
        raise BadArguments(message, path=(name,), given=texts, expected="one value")
    items = [_read(name, text, item) for text in texts]
    only = items[0] if len(items) == 1 else None
    whole = _json(texts[0]) if isinstance(only, str) else only
    return whole if isinstance(whole, list) else items


def _read(name: str, text: str, annotation: object) -> object:
    if text.startswith("@@"):
        text = text[1:]
    elif text == "@-":
        return _from_stdin(name, annotation)
    elif text.startswith("@"):
        return _content(name, Path(text[1:]).expanduser(), annotation)
    return text if takes_text(annotation, text) else _json(text)


def _from_stdin(name: str, annotation: object) -> object:
    """Return of stdin what *annotation* asks for."""
    if admits(annotation, (bytes, bytearray)):
        return sys.stdin.buffer.read()
    if admits(annotation, os.PathLike) and not admits(annotation, str):
        raise BadArguments(f"{name} is a path, and stdin has none", path=(name,), hint=f"-a {name}=@FILE")
    text = _decoded(sys.stdin.buffer.read(), "stdin", name)
    return text if takes_text(annotation, text) else _json(text)


def _content(name: str, file: Path, annotation: object) -> object:
    """Return of *file* what *annotation* asks for."""
    if not file.exists():
        hint = f"for the text itself write -a {name}=@@{file}"
        raise BadArguments(f"{name}: there is no file {str(file)!r}", path=(name,), given=f"@{file}", hint=hint)
    if admits_anything(annotation) or admits(annotation, os.PathLike):
        return file.absolute()
    if admits(annotation, (bytes, bytearray)):
        return _bytes(file, name)
    text = _text(file, name)
    return text if takes_text(annotation, text) else _json(text)


def _json(text: str) -> object:
    try:
        return loads(text)
    except ValueError:
        return text


def _text(file: Path, where: str) -> str:
    return _decoded(_bytes(file, where), repr(str(file)), where)


def _decoded(data: bytes, source: str, where: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadArguments(f"{where}: {source} is no UTF-8 text: {error}", path=(where,)) from None


def _bytes(file: Path, where: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadArguments(f"{where}: cannot read {str(file)!r}: {error.strerror}", path=(where,)) from None
