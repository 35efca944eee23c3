"""What services are doing, on stderr while they do it: a line that is rewritten on a terminal, log lines with -v."""

import logging
from typing import TYPE_CHECKING

from vmodel.cli._stderr import rewritable, show_passing

if TYPE_CHECKING:
    from vmodel._events import Event, Listener

log = logging.getLogger("vmodel")


def listener(service: str | None = None, method: str | None = None) -> "Listener | None":
    """Return what shows events, and that *method* of *service* is running; None where there is nothing to show.

    Nothing is shown where stderr is no terminal that can rewrite a line, and nobody asked for a log.
    """
    if log.isEnabledFor(logging.INFO):
        return _log
    return _Line(service, method) if rewritable() else None


def _log(event: "Event") -> None:
    log.info("%s", describe(event))


class _Line:
    """Shows each event in place of the one before; while the services rest, that the called method runs, if it does."""

    def __init__(self, service: str | None, method: str | None) -> None:
        self._service = service
        self._running = f"{service}.{method}: running"
        self._resting = ""

    def __call__(self, event: "Event") -> None:
        """Show *event*."""
        from vmodel._events import CallEnded, Closed, StateChanged, StepEnded

        if event.service == self._service and isinstance(event, StateChanged | CallEnded):
            ready = isinstance(event, StateChanged) and event.new.value == "ready"
            self._resting = self._running if ready else ""
        over = isinstance(event, StepEnded | CallEnded | Closed)
        at_rest = over or (isinstance(event, StateChanged) and not event.new.busy)
        show_passing(self._resting if at_rest else describe(event))


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
