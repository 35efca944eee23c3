"""The info dict that the catalogue shows: the author's texts, and what the code says where there are none.

Names come from the code: the service's registered name, its registered methods, their real parameters.
"""

import copy
import re
from collections.abc import Mapping
from itertools import takewhile
from typing import Any, cast

from vmodel._plain import plain
from vmodel._signature import Parameter, Signature

Info = dict[str, Any]

_MARKS = {"var_positional": "*", "var_keyword": "**"}


def merge_info(name: str, author: Mapping[str, object], signatures: Mapping[str, Signature]) -> Info:
    """Return the info of service *name*: *author*'s, with gaps filled from *signatures*."""
    info: Info = copy.deepcopy(dict(author))
    info["service_name"] = name
    info.setdefault("service_desc", "")
    written = _by_name(info.get("methods"))
    info["methods"] = [_method(method, written.get(method, {}), signature) for method, signature in signatures.items()]
    return info


def _by_name(entries: object) -> dict[object, Info]:
    """Return the author's entries by their names; what is no entry is passed over."""
    listed = entries if isinstance(entries, list | tuple) else ()
    return {entry["name"]: entry for entry in listed if isinstance(entry, dict) and isinstance(entry.get("name"), str)}


def _method(name: str, author: Info, signature: Signature) -> Info:
    written = _by_name(author.get("params"))
    texts = parameter_texts(signature.doc)
    params = [_param(parameter, written.get(parameter.name, {}), texts) for parameter in signature.parameters]
    result = author.get("return")
    returned = _filled(result if isinstance(result, dict) else {}, signature.returns_text, texts.get("return", ""))
    desc = author.get("desc") or _summary(signature.doc)
    ours = {"name": name, "desc": desc, "params": params, "return": returned}
    return ours | {key: value for key, value in author.items() if key not in ours}


def _param(parameter: Parameter, author: Info, texts: Mapping[str, str]) -> Info:
    described = {"name": parameter.name} | _filled(author, parameter.text, _described(parameter, texts))
    return described | {key: value for key, value in _need(parameter).items() if key not in author}


def _need(parameter: Parameter) -> Info:
    """Return whether *parameter* must be given, and what it is where it is not."""
    if parameter.kind in _MARKS:
        return {"required": False}
    if not parameter.required:
        return _told(parameter.default)
    fields = getattr(parameter.annotation, "__metadata__", ())
    return next((_told(field) for field in fields if _is_field(field) and not field.is_required()), {"required": True})


def _told(default: Any) -> Info:
    """Return what a *default*, or the pydantic Field that has one, says; one that is made for each call is none."""
    if not _is_field(default):
        return {"required": False, "default": plain(default)}
    if default.is_required() or default.default_factory:
        return {"required": cast(bool, default.is_required())}
    return {"required": False, "default": plain(default.default)}


def _is_field(value: object) -> bool:
    """Return whether *value* is pydantic's FieldInfo, which is not imported to find out."""
    return callable(getattr(type(value), "is_required", None))


def _filled(author: Info, type_text: str, desc: str) -> Info:
    gaps = {"type": type_text or "Any", "type_desc": "", "desc": desc}
    return gaps | {key: value for key, value in author.items() if value or key not in gaps}


def _described(parameter: Parameter, texts: Mapping[str, str]) -> str:
    """Return what the docstring says of *parameter*, else the description of its pydantic Field."""
    written = texts.get(parameter.name) or texts.get(_MARKS.get(parameter.kind, "") + parameter.name)
    fields = (*getattr(parameter.annotation, "__metadata__", ()), parameter.default)
    described = (getattr(field, "description", None) for field in fields)
    return written or next((text for text in described if isinstance(text, str)), "")


def _summary(doc: str) -> str:
    """Return the first paragraph of *doc* as one line."""
    ends = [found.start() for found in (_SECTION.search(doc), _FIELD.search(doc)) if found]
    return " ".join(doc[: min(ends, default=None)].strip().split("\n\n", 1)[0].split())


_SECTION = re.compile(r"^(Args|Arguments|Parameters|Returns?)[ \t]*:?[ \t]*$", re.MULTILINE)
_FIELD = re.compile(
    r"^:(?:param(?:\s+[^:]*?)?\s+(?P<name>\*{0,2}\w+)|(?P<returns>returns?)):(?P<text>.*(?:\n[ \t]+\S.*)*)$",
    re.MULTILINE,
)
_ENTRY = re.compile(r"(\*{0,2}\w+)\s*(?:\(.*?\))?\s*:\s*(.*)")
_TYPE = re.compile(r"^[\w.]+(?:\[[^:]*\])?:\s+")


def parameter_texts(doc: str) -> dict[str, str]:
    """Return what *doc* says of each parameter, and of the result under `"return"`.

    Google's, NumPy's and Sphinx's way of writing are read; a type in the place of a text is left out.
    """
    texts = {found["name"] or "return": _joined([found["text"]]) for found in _FIELD.finditer(doc)}
    parts = _SECTION.split(doc)[1:]
    for title, body in zip(parts[::2], parts[1::2], strict=True):
        lines = body.strip("\n").split("\n")
        numpy = _underlines(lines[0])
        if title.startswith("Return"):
            texts.setdefault("return", _returned(lines[1:], numpy=True) if numpy else _returned(lines, numpy=False))
        else:
            texts |= _entries(lines[1:], numpy=True) if numpy else _entries(lines, numpy=False)
    return texts


def _entries(lines: list[str], *, numpy: bool) -> dict[str, str]:
    """Read `name (type): text` (Google) or `name, name : type` over indented text (NumPy) until the section ends."""
    entries: dict[str, list[str]] = {}
    indent, current = None, []
    for line in filter(str.strip, lines):
        indent = _depth(line) if indent is None else indent
        if _depth(line) < indent or _underlines(line):
            break
        if _depth(line) > indent:
            current.append(line)
        else:
            names, current = _opened(line.strip(), numpy=numpy)
            entries |= dict.fromkeys(names, current)
    return {name: _joined(texts) for name, texts in entries.items()}


def _opened(line: str, *, numpy: bool) -> tuple[list[str], list[str]]:
    """Return the names of the entry that *line* begins, and the text that it has already."""
    if numpy:
        return [name.strip() for name in line.partition(":")[0].split(",")], []
    found = _ENTRY.match(line)
    return ([found[1]], [found[2]]) if found else ([], [])


def _returned(lines: list[str], *, numpy: bool) -> str:
    """Read the first paragraph of a Returns section: `type: text` (Google), or the text under its type (NumPy)."""
    paragraph = list(takewhile(str.strip, lines))
    inside = list(takewhile(lambda line: _depth(line) >= _depth(paragraph[0]), paragraph))
    return _joined(inside[1:]) if numpy else _TYPE.sub("", _joined(inside))


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _underlines(line: str) -> bool:
    return set(line.strip()) == {"-"}


def _joined(texts: list[str]) -> str:
    return " ".join(" ".join(texts).split())
