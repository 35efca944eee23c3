"""The ends that nobody announces: the exit of the process, a fork, the collection of a VModel."""

import atexit
import os
import weakref

from vmodel._orchestrator import Orchestrator

EXIT_TIMEOUT = 10.0

_OPEN: "weakref.WeakSet[Orchestrator]" = weakref.WeakSet()


def watch_over(orchestrator: Orchestrator, owner: object) -> None:
    """Close *orchestrator* at exit, make its copy inert after a fork, and abandon it when *owner* is collected."""
    _OPEN.add(orchestrator)
    weakref.finalize(owner, orchestrator.abandon).atexit = False


def close_all() -> None:
    """Close every VModel that is open, because the process is about to end: whose cleanup would delete files, stays."""
    for orchestrator in list(_OPEN):
        orchestrator.close(EXIT_TIMEOUT, exiting=True)


def _disown_all() -> None:
    for orchestrator in list(_OPEN):
        orchestrator.disown()


atexit.register(close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_disown_all)
