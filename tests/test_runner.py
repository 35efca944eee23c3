"""Calls off the fast way: what they count, what they refuse, and that they give their seats back."""

import asyncio
import threading
from types import ModuleType

import pytest
from services import Made, raising

from vmodel import CallEnded, Event, State, VModel
from vmodel.errors import VModelError

UP = ["prepare", "load", "test"]
ADD = ("one", "add", {"a": 1, "b": 2})

SOURCE = """
import threading
from vmodel.protocol.standard_protocol import *

steps, unloaded_in = [], []

@get_service_info_func('loop')
def info(): return {}

@prepare_func('loop')
def prepare(): steps.append('prepare')

@load_func('loop')
def load(): steps.append('load')

@test_func('loop')
def test(): steps.append('test')

@unload_func('loop')
def unload():
    steps.append('unload')
    unloaded_in.append(threading.get_ident())

@cleanup_func('loop')
def cleanup(): steps.append('cleanup')

@service_func(None, 'loop')
async def answer(): return 42

@service_func(None, 'loop')
async def pieces(): yield 42
"""


def on_loop() -> ModuleType:
    """Return a module with a service of coroutine methods that notes its steps."""
    module = ModuleType("on_loop")
    vars(module).update(__file__="on_loop.py")
    exec(compile(SOURCE, "on_loop.py", "exec"), vars(module))
    return module


def refuse_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process be short of threads."""
    monkeypatch.setattr("vmodel._threads.threading.Thread.start", raising(RuntimeError("can't start new thread")))


def test_a_call_for_which_no_thread_can_be_started_gives_its_seat_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one, with threads again, is let in."""
    one = Made()
    with VModel([one.module]) as vm:
        vm.load("one")
        with monkeypatch.context() as short:
            refuse_threads(short)
            with pytest.raises(RuntimeError, match="can't start new thread"):
                asyncio.run(vm.arun(*ADD))
        assert vm.status().services["one"].inside == 0
        assert asyncio.run(vm.arun(*ADD)) == 3


def test_the_last_one_out_of_a_service_with_keep_alive_0_does_not_unload_in_the_loop() -> None:
    """An unload may take seconds, and other tasks go on."""
    module = on_loop()
    with VModel([{"package": module, "keep_alive": 0}]) as vm:
        assert asyncio.run(vm.arun("loop", "answer")) == 42
        assert module.steps == [*UP, "unload"]
        assert module.unloaded_in != [threading.get_ident()]


def test_without_threads_the_last_one_out_unloads_in_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the result is not lost."""
    module = on_loop()
    with VModel([{"package": module, "keep_alive": 0}]) as vm:
        vm.load("loop")
        refuse_threads(monkeypatch)
        assert asyncio.run(vm.arun("loop", "answer")) == 42
        assert module.steps == [*UP, "unload"]


def test_an_async_generator_is_counted_like_every_stream() -> None:
    """When it is made: it was used, its call is told, and a service in use is the last to be stopped."""
    events: list[Event] = []
    with VModel([on_loop()], on_event=events.append) as vm:

        async def read() -> list[object]:
            return [piece async for piece in await vm.arun("loop", "pieces")]

        assert asyncio.run(read()) == [42]
        assert vm.status().services["loop"].methods["pieces"].calls == 1
        assert [(event.service, event.method) for event in events if isinstance(event, CallEnded)] == [
            ("loop", "pieces")
        ]
        assert vm._directory.tenant("loop").last_used > 0


@pytest.mark.parametrize(("method", "said"), [("answer", "runs an event loop"), ("pieces", "is an async generator")])
def test_what_needs_another_loop_is_refused_before_anything_is_loaded(method: str, said: str) -> None:
    """And the hint says how to call it."""
    module = on_loop()

    async def main() -> None:
        with VModel([module]) as vm:
            with pytest.raises(VModelError, match=said) as caught:
                vm.run("loop", method)
            assert caught.value.hint == "use arun()"
            assert vm.status().services["loop"].state is State.NEW
        assert module.steps == []

    asyncio.run(main())


def test_without_a_loop_a_coroutine_method_runs_and_an_async_generator_is_refused() -> None:
    """There is nobody who could read the pieces."""
    module = on_loop()
    with VModel([module]) as vm:
        with pytest.raises(VModelError, match="is an async generator"):
            vm.run("loop", "pieces")
        assert module.steps == []
        assert vm.run("loop", "answer") == 42
        assert vm.run("loop", "answer") == 42


def test_the_latencies_of_calls_off_the_fast_way_are_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A meter does not grow, and counts every call."""
    monkeypatch.setattr("vmodel._runner.FOLD_AT", 10)
    one = Made(protocol="minimal")
    with VModel([one.module]) as vm:
        for _ in range(15):
            vm.run(*ADD, timeout=10)

        async def main() -> None:
            for _ in range(10):
                await vm.arun(*ADD)

        asyncio.run(main())
        assert len(vm._directory.call("one", "add").meter.fresh) < 10
        assert vm.status().services["one"].methods["add"].calls == 25
