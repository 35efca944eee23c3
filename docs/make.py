"""Writes the parts of the docs that are made from the code, in place between their markers.

`python docs/make.py` makes them anew; tests/test_docs.py fails where somebody forgot to.
What a person wrote, outside the markers, is left as it is.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import vmodel
from vmodel import Event, errors, service_example
from vmodel._lifecycle import HOLDS, TRANSITIONS, Arc, State
from vmodel.errors import VModelError
from vmodel.protocol._protocol import METHOD, PROTOCOLS, Protocol

HERE = Path(__file__).resolve().parent
PAGES = tuple(sorted(HERE.glob("*.md")))
PART = re.compile(r"(?P<begin><!-- made by docs/make\.py: (?P<name>[a-z ]+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL)
MODULES = {
    "standard": ("`standard_protocol`",),
    "simplified": ("`simplified_protocol`", "`simpler_protocol`"),
    "minimal": ("`minimal_protocol`", "`wabi_protocol`"),
}


def render(text: str) -> str:
    """Return the page *text* with each marked part made anew."""
    return PART.sub(lambda part: f"{part['begin']}\n{PARTS[part['name']]()}\n\n{part['end']}", text)


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def states() -> str:
    """Return the life cycle as a table, one row for each step from each state."""
    head = ("state", "holds", "step", "meanwhile", "then", "where it fails")
    return _table(head, (row for state in State for row in _arcs(state)))


def _arcs(state: State) -> Iterator[tuple[str, ...]]:
    if not TRANSITIONS[state]:
        yield f"`{state.name}`", HOLDS[state], "none may begin", "", "", ""
    for number, (step, arc) in enumerate(TRANSITIONS[state].items()):
        first = ("", "") if number else (f"`{state.name}`", HOLDS[state])
        yield (*first, f"`{step.value}`", f"`{arc.during.name}`", f"`{arc.success.name}`", _failure(arc))


def _failure(arc: Arc) -> str:
    undone = f"`{arc.undo.value}`, then " if arc.undo else ""
    told = [f"{undone}`{arc.failure.name}`"]
    if arc.undo and arc.undo_failed:
        told.append(f"`{arc.undo_failed.name}` where `{arc.undo.value}` fails too")
    if arc.interrupted:
        told.append(f"`{arc.interrupted.name}` where it was interrupted")
    return "; ".join(told)


def picture() -> str:
    """Return the life cycle as a drawing: where each step leads, and where its failure does."""
    lines = (f"    {old.name} --> {new.name}: {label}" for (old, new), label in _arrows().items())
    return "\n".join(("```mermaid", "stateDiagram-v2", f"    [*] --> {State.NEW.name}", *lines, "```"))


def _arrows() -> dict[tuple[State, State], str]:
    """Return the label of each arrow; a failure that changes nothing has none."""
    arrows = {}
    for old, steps in TRANSITIONS.items():
        for step, arc in steps.items():
            arrows[old, arc.success] = step.value
            if arc.failure is not old:
                arrows[old, arc.failure] = f"{step.value} fails"
            if arc.undo and arc.undo_failed:
                arrows[old, arc.undo_failed] = f"{arc.undo.value} fails"
    return arrows


def protocols() -> str:
    """Return the protocols as a table: where they are imported from, and what each asks for."""
    columns = tuple(PROTOCOLS.values())
    roles = dict.fromkeys(role for protocol in columns for role in protocol.decorators)
    rows = (
        ("import from `vmodel.protocol.`", *(" or ".join(MODULES[protocol.name]) for protocol in columns)),
        *((f"`{_decorator(role)}`", *(_needed(protocol, role) for protocol in columns)) for role in roles),
        ("state without memory", *(f"`{protocol.resting.name}`" for protocol in columns)),
        ("calls inside at once", *("1" if protocol.one_at_a_time else "any number" for protocol in columns)),
    )
    return _table(("", *(protocol.name for protocol in columns)), iter(rows))


def _decorator(role: str) -> str:
    return next(found.decorators[role] for found in PROTOCOLS.values() if role in found.decorators)


def _needed(protocol: Protocol, role: str) -> str:
    if role not in protocol.decorators:
        return ""
    return "once or more" if role == METHOD else "once"


def tree() -> str:
    """Return the tree of the errors, each with the built-in classes that it also is."""
    return "\n".join(("```", VModelError.__name__, *_branches(VModelError, ""), "```"))


def _branches(parent: type[VModelError], indent: str) -> Iterator[str]:
    children = _children(parent)
    for child in children:
        last = child is children[-1]
        also = f" ({', '.join(_also(child))})" if _also(child) else ""
        yield f"{indent}{'└─' if last else '├─'} {child.__name__}{also}"
        yield from _branches(child, f"{indent}{'  ' if last else '│ '} ")


def _children(parent: type[VModelError]) -> list[type[VModelError]]:
    return [error for error in _errors() if parent in error.__bases__]


def _errors() -> list[type[VModelError]]:
    """Return every error, in the order of the module."""
    return [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, VModelError)]


def _also(error: type[VModelError]) -> list[str]:
    """Return the built-in classes that *error* itself, and not its parent, adds."""
    return [base.__name__ for base in error.__bases__ if base is not Exception and not issubclass(base, VModelError)]


def table() -> str:
    """Return every error as a table."""
    return _table(("class", "also caught as", "code", "retryable", "what it means"), map(_row, _errors()))


def _row(error: type[VModelError]) -> tuple[str, ...]:
    lineage = (parent for parent in error.__mro__ if issubclass(parent, VModelError))
    also = ", ".join(f"`{name}`" for parent in lineage for name in _also(parent))
    meaning = (inspect.getdoc(error) or "").split("\n")[0]
    return f"`{error.__name__}`", also, f"`{error.code}`", "yes" if error.retryable else "", meaning


def events() -> str:
    """Return every public event as a table."""
    public: list[type[Event]] = [getattr(vmodel, name) for name in vmodel.__all__]
    found = [event for event in public if Event in getattr(event, "__bases__", ())]
    rows = ((f"`{event.__name__}`", _fields(event), inspect.getdoc(event) or "") for event in found)
    return _table(("event", "fields", "what it tells"), rows)


def _fields(event: type[Event]) -> str:
    own = [field.name for field in fields(event) if field not in fields(Event)]
    return ", ".join(f"`{name}`" for name in own)


def unraised() -> str:
    """Return which leaves of the tree no module raises yet."""
    folders = (*vmodel.__path__, *service_example.__path__)
    modules = {file for folder in folders for file in Path(folder).rglob("*.py") if file.name != "errors.py"}
    text = "\n".join(file.read_text(encoding="utf-8") for file in modules)
    leaves = [error.__name__ for error in _errors() if not _children(error)]
    names = [f"`{name}`" for name in leaves if not re.search(rf"\b{name}(\.\w+)?\(", text)]
    return f"Not raised by this release: {', '.join(names) or 'none'}."


PARTS: dict[str, Callable[[], str]] = {
    "states": states,
    "picture": picture,
    "protocols": protocols,
    "events": events,
    "error tree": tree,
    "error table": table,
    "unraised errors": unraised,
}


def main() -> None:
    """Make every page anew and name those that changed."""
    for page in PAGES:
        old = page.read_text(encoding="utf-8")
        new = render(old)
        if new != old:
            page.write_text(new, encoding="utf-8")
            print(page.name)


if __name__ == "__main__":
    main()
