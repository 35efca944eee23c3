"""Services for the tests, made on the spot: real declarations, hooks that do what a test says."""

import threading
from collections.abc import Callable
from types import ModuleType
from typing import Self

HOOKS = {
    "standard": ("prepare", "load", "test", "unload", "cleanup"),
    "simplified": ("prepare", "cleanup"),
    "minimal": (),
}

HEADER = """
from vmodel.protocol import {protocol}_protocol as protocol

@protocol.get_service_info_func(NAME)
def info():
    return dict(INFO)

@protocol.service_func(None, NAME)
def add(a: int, b: int) -> int:
    return METHODS["add"](a, b)

@protocol.service_func(None, NAME)
def call(argument=None):
    return METHODS["call"](argument)
"""

HOOK = """
@protocol.{hook}_func(NAME)
def {hook}():
    return HOOKS["{hook}"]()
"""


class Made:
    """A service whose steps are noted in `steps`, and whose hooks and methods can be replaced.

    Attributes:
        module: What a VModel is given.
        steps: The hooks that ran, in order.
        hooks, methods: What they do; `on(hook, action)` replaces one and goes on noting it.
    """

    def __init__(self, name: str = "one", protocol: str = "standard", **info: object) -> None:
        self.name = name
        self.steps: list[str] = []
        self.info = info
        self.hooks: dict[str, Callable[[], object]] = {}
        self.methods: dict[str, Callable[..., object]] = {"add": lambda a, b: a + b, "call": lambda argument: argument}
        for hook in HOOKS[protocol]:
            self.on(hook, lambda: True)
        source = HEADER.format(protocol=protocol) + "".join(HOOK.format(hook=hook) for hook in HOOKS[protocol])
        self.module = ModuleType(f"made_{name}")
        namespace = {"NAME": name, "HOOKS": self.hooks, "METHODS": self.methods, "INFO": self.info}
        vars(self.module).update(namespace, __file__=f"{name}.py")
        exec(compile(source, f"{name}.py", "exec"), vars(self.module))

    def on(self, hook: str, action: Callable[[], object]) -> None:
        """Let *hook* do *action*; that it ran is noted first."""

        def noted() -> object:
            self.steps.append(hook)
            return action()

        self.hooks[hook] = noted


def raising(error: BaseException) -> Callable[..., object]:
    """Return a function that raises *error*."""

    def fail(*_: object) -> object:
        raise error

    return fail


class Threads:
    """Threads that are joined with a limit at the end, and whose errors are raised again there."""

    def __init__(self, limit: float = 20.0) -> None:
        self._limit = limit
        self._threads: list[threading.Thread] = []
        self.results: list[object] = []
        self.errors: list[BaseException] = []

    def __enter__(self) -> Self:
        return self

    def go(self, function: Callable[..., object], *args: object, **named: object) -> None:
        """Call *function* in a thread of its own; its result or error is kept."""

        def work() -> None:
            try:
                self.results.append(function(*args, **named))
            except BaseException as error:
                self.errors.append(error)

        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def join(self) -> None:
        """Wait for all threads."""
        for thread in self._threads:
            thread.join(self._limit)
            assert not thread.is_alive(), "a thread waits for ever"

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            self.join()
            assert not self.errors, self.errors
