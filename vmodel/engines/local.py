"""The engine `local`: services live in this process, hooks and calls run in the caller's thread."""

import logging
import os
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vmodel._lifecycle import Step
from vmodel._service import Service
from vmodel._signature import Signature, describe
from vmodel.engines.base import judge
from vmodel.errors import IllegalStep

log = logging.getLogger("vmodel")


class LocalEngine:
    """Hooks and methods are called as they are; an `Engine`."""

    def __init__(self) -> None:
        self._claims = _CLAIMS

    def claim(self, service: Service, owner: object) -> None:
        """Take *service* for *owner*: a module's life cycle belongs to one VModel at a time.

        Raises:
            IllegalStep: Where another VModel that is still open has it.
        """
        if not service.hooks:
            return
        with _CLAIMING:  # setdefault() alone could give one module to two
            holder = self._claims.setdefault(service.info.function, owner)
        if holder is not owner:
            raise IllegalStep(
                f"service {service.name!r} ({service.place}) lives in another VModel of this process",
                service=service.name,
                hint="close the other VModel first, or use that one",
            )

    def release(self, service: Service, owner: object) -> None:
        """Give *service* back, where *owner* has it."""
        with _CLAIMING:
            if self._claims.get(service.info.function) is owner:
                del self._claims[service.info.function]

    def info(self, service: Service) -> object:
        """Call the info function of *service*."""
        return service.info.function()

    def signature(self, service: Service, method: str) -> Signature:
        """Describe the function behind *method*."""
        return describe(service.method(method).function)

    def method(self, service: Service, method: str) -> Callable[..., object]:
        """Return the function behind *method*."""
        return service.method(method).function

    def hook(self, service: Service, step: Step) -> None:
        """Call the hook of *step* and judge its answer; the working directory is what it was."""
        declaration = service.hooks.get(step)
        if declaration is None:
            return
        with _WORKING_DIRECTORY.kept(service.name, step):
            result = declaration.function()
        judge(result, f"its {step.value} function ({declaration.place})")


_CLAIMS: "weakref.WeakValueDictionary[Callable[..., object], Any]" = weakref.WeakValueDictionary()
_CLAIMING = threading.RLock()  # a collection may begin while it is held, and release what a VModel had


class _WorkingDirectory:
    """The folder of the process, which hooks of several services share: the last hook out restores it.

    It is noted when no hook runs. A hook that came in while another one had changed it would
    otherwise take the changed one for the right one.
    """

    def __init__(self) -> None:
        self._home = ""
        self.forget()

    def forget(self) -> None:
        """Begin anew, in a child after a fork: hooks that ran in the parent are no reason to go back to its folder."""
        self._lock = threading.Lock()
        self._running = 0

    @contextmanager
    def kept(self, service: str, step: Step) -> Iterator[None]:
        """Run a hook, and put the working directory back if it is another one afterwards."""
        with self._lock:
            if not self._running:
                self._home = _here()
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running = max(0, self._running - 1)  # a hook that forked comes out in the child, too
                self._restore(service, step)

    def _restore(self, service: str, step: Step) -> None:
        now = _here()
        if now != self._home and self._home:
            os.chdir(self._home)
            log.warning(
                "service %r, %s: changed the working directory to %r; it was put back", service, step.value, now
            )


def _here() -> str:
    try:
        return str(Path.cwd())
    except FileNotFoundError:  # somebody deleted it under us
        return ""


_WORKING_DIRECTORY = _WorkingDirectory()

if hasattr(os, "register_at_fork"):
    # A lock that another thread held would stay held in the child for ever.
    os.register_at_fork(before=_CLAIMING.acquire, after_in_parent=_CLAIMING.release, after_in_child=_CLAIMING.release)
    os.register_at_fork(after_in_child=_WORKING_DIRECTORY.forget)
