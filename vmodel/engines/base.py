"""What every engine can do, and what a hook's answer means in all of them."""

import inspect
from collections.abc import Callable
from typing import Protocol

from vmodel._lifecycle import Step
from vmodel._service import Service
from vmodel._signature import Signature


class HookRefused(Exception):
    """A hook answered that it failed, or answered what no hook may; not public, it becomes StepFailed."""


class Engine(Protocol):
    """A place where services live."""

    def claim(self, service: Service, owner: object) -> None:
        """Take *service* for *owner*; an engine whose places are shared refuses a second owner."""

    def release(self, service: Service, owner: object) -> None:
        """Give *service* back."""

    def info(self, service: Service) -> object:
        """Return what the service says of itself, as its author wrote it."""

    def signature(self, service: Service, method: str) -> Signature:
        """Return the description of a method."""

    def method(self, service: Service, method: str) -> Callable[..., object]:
        """Return the function that calls a method with validated arguments."""

    def hook(self, service: Service, step: Step) -> None:
        """Run the hook of *step*, where there is one.

        Raises:
            HookRefused: Where the hook says that it failed.
            BaseException: What the hook raises.
        """


def judge(result: object, where: str) -> None:
    """Return where *result*, a hook's answer, means success: True, None, or anything truthy.

    Raises:
        HookRefused: For what is falsy, and for a coroutine, which nobody would run.
    """
    if inspect.iscoroutine(result):
        result.close()
        raise HookRefused(f"{where} is a coroutine function; hooks are plain functions")
    if result is not None and not result:
        raise HookRefused(f"{where} returned {result!r}")
