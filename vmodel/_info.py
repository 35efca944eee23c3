"""The info dict that the catalogue shows: the author's texts, and what the code says where there are none.

Names come from the code: the service's registered name, its registered methods, their real parameters.
"""

import copy
import re
from collections.abc import Mapping
from typing import Any

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
    params = [
        _filled(written.get(parameter.name, {}), parameter.name, parameter.text, _described(parameter, texts))
        for parameter in signature.parameters
    ]
    result = author.get("return")
    returned = _typed(result if isinstance(result, dict) else {}, signature.returns_text, texts.get("return", ""))
    desc = author.get("desc") or _summary(signature.doc)
    ours = {"name": name, "desc": desc, "params": params, "return": returned}
    return ours | {key: value for key, value in author.items() if key not in ours}


def _filled(author: Info, name: str, type_text: str, desc: str) -> Info:
    return {"name": name} | _typed(author, type_text, desc) | {key: author[key] for key in author if key != "name"}


def _typed(author: Info, type_text: str, desc: str) -> Info:
    gaps = {"type": type_text or "Any", "type_desc": "", "desc": desc}
    return gaps | author


def _described(parameter: Parameter, texts: Mapping[str, str]) -> str:
    return texts.get(parameter.name) or texts.get(_MARKS.get(parameter.kind, "") + parameter.name, "")


def _summary(doc: str) -> str:
    """Return the first paragraph of *doc* as one line."""
    return " ".join(doc.split("\n\n", 1)[0].split())


_SECTION = re.compile(r"^(Args|Arguments|Parameters|Returns?)\s*:?\s*$", re.MULTILINE)
_FIELD = re.compile(
    r"^:(?:param(?:\s+[^:]*?)?\s+(?P<name>\*{0,2}\w+)|(?P<returns>returns?)):\s*(?P<text>.*)$", re.MULTILINE
)
_ENTRY = re.compile(r"^(?P<name>\*{0,2}\w+)\s*(?:\([^)]*\))?\s*:\s*(?P<rest>.*)$")


def parameter_texts(doc: str) -> dict[str, str]:
    """Return what *doc* says of each parameter, and of the result under `"return"`.

    Google's, NumPy's and Sphinx's way of writing are read; a type in the place of a text is left out.
    """
    texts = {found["name"] or "return": found["text"].strip() for found in _FIELD.finditer(doc)}
    parts = _SECTION.split(doc)[1:]
    for title, body in zip(parts[::2], parts[1::2], strict=True):
        numpy = body.lstrip("\n").startswith("---")
        lines = body.split("\n")[2 if numpy else 1 :]
        if title.startswith("Return"):
            texts.setdefault("return", _returned(lines, numpy=numpy))
        else:
            texts |= _entries(lines, numpy=numpy)
    return texts


def _entries(lines: list[str], *, numpy: bool) -> dict[str, str]:
    """Read `name: text` (Google) or `name : type` over indented text (NumPy) until the section ends."""
    entries: dict[str, list[str]] = {}
    indent, current = None, None
    for line in lines:
        depth = len(line) - len(line.lstrip())
        if not line.strip():
            continue
        indent = depth if indent is None else indent
        if depth < indent or set(line.strip()) == {"-"}:
            break
        if depth > indent:
            entries.get(current or "", []).append(line.strip())
        elif found := _ENTRY.match(line.strip()):
            current = found["name"]
            entries[current] = [] if numpy else [found["rest"]]
    return {name: " ".join(filter(None, texts)) for name, texts in entries.items()}


def _returned(lines: list[str], *, numpy: bool) -> str:
    """Read the text of a Returns section: under its type (NumPy), or the whole of its first paragraph."""
    paragraph = "\n".join(lines).strip("\n").split("\n\n", 1)[0].split("\n")
    return " ".join(line.strip() for line in (paragraph[1:] if numpy else paragraph)).strip()
