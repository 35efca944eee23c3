"""What services are doing, on stderr while they do it: a line that is rewritten on a terminal, log lines with -v."""

import logging
import sys
from typing import TYPE_CHECKING

from vmodel.cli._stderr import show_passing

if TYPE_CHECKING:
    from vmodel._events import Event, Listener

log = logging.getLogger("vmodel")


def listener() -> "Listener | None":
    """Return what shows events: nothing where stderr is no terminal and nobody asked for a log."""
    if log.isEnabledFor(logging.INFO):
        return _log
    return _show if sys.stderr.isatty() else None


def _log(event: "Event") -> None:
    log.info("%s", describe(event))


def _show(event: "Event") -> None:
    """Show *event* in place of the one before; nothing is shown of a service that is at rest."""
    show_passing("" if _at_rest(event) else describe(event))


def _at_rest(event: "Event") -> bool:
    from vmodel._events import CallEnded, Closed, StateChanged, StepEnded

    over = isinstance(event, StepEnded | CallEnded | Closed)
    return over or (isinstance(event, StateChanged) and not event.new.busy)


def _listed(services: tuple[str, ...]) -> str:
    return f"{' and '.join(services)} to finish" if services else ""


def describe(event: "Event") -> str:
    """Return *event* in one line."""
    from vmodel._events import CallEnded, Closed, Evicted, Overran, Progress, Queued, StateChanged, StepEnded

    match event:
        case StateChanged(service, _, old, new):
            line = f"{service}: {old.value} > {new.value}"
        case StepEnded(service, _, step, seconds, None):
            line = f"{service}: {step.value} took {seconds:.2f} s"
        case StepEnded(service, _, step, seconds, error):
            line = f"{service}: {step.value} failed after {seconds:.2f} s: {error}"
        case Queued(service, _, position, on):
            behind = f", {position} callers are before it" if position else ""
            line = f"{service}: waiting for {_listed(on) or 'its turn'}{behind}"
        case Evicted(service, _, _, reason):
            line = f"{service}: evicted because {reason}"
        case Overran(service, _, step, seconds, _):
            line = f"{service}: {step.value} takes longer than {seconds:g} s"
        case CallEnded(service, _, method, seconds):
            line = f"{service}: {method} took {seconds:.3f} s"
        case Closed():
            line = "closed"
        case Progress(service, _, fraction, text):
            share = "" if fraction is None else f" {fraction:.0%}"
            line = f"{service}:{share}{f' {text}' * bool(text)}"
        case _:
            line = f"{event.service}: {event!r}"
    return line
