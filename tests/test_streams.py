"""Generators as results: a stream holds its seat until it ends, however it ends."""

import gc
import logging
import threading
from collections.abc import Callable
from types import ModuleType

import pytest
from services import Made, Threads

import vmodel
from vmodel import State, VModel
from vmodel.errors import VModelClosed, WouldDeadlock

UP = ["prepare", "load", "test"]
ADD = ("one", "add", {"a": 1, "b": 2})


def streaming(name: str = "one", **info: object) -> Made:
    """Return a service whose `call` yields three pieces and notes that it was closed."""
    made = Made(name, **info)
    made.closed = []

    def pieces(argument: object):
        try:
            for piece in range(3):
                yield piece if argument is None else vmodel.current().service
        finally:
            made.closed.append(True)

    made.methods["call"] = pieces
    return made


def inside(vm: VModel, name: str = "one") -> int:
    """Return how many calls are inside."""
    return vm.status().services[name].inside


def when_closed(vm: VModel, threads: Threads, action: Callable[[], object]) -> None:
    """Let a caller wait for its seat, whose refusal says that the VModel is being closed; then do *action*."""

    def wait() -> None:
        with pytest.raises(VModelClosed):
            vm.run(*ADD)
        action()

    threads.go(wait)
    queue = vm._orchestrator.queue
    assert queue.until(lambda: len(queue) == 1, 10)


@pytest.mark.parametrize("warm", [True, False])
def test_a_stream_holds_its_seat_until_it_is_exhausted(warm: bool) -> None:
    """On the fast way and through the queue."""
    with VModel([streaming().module]) as vm:
        if warm:
            vm.load("one")
        stream = vm.run("one", "call")
        assert inside(vm) == 1
        assert list(stream) == [0, 1, 2]
        assert inside(vm) == 0
        assert vm.run(*ADD) == 3


def test_each_step_runs_in_the_chain_of_the_service() -> None:
    """`vmodel.current()` works in the body of the generator, and not between its steps."""
    with VModel([streaming().module]) as vm:
        stream = vm.run("one", "call", {"argument": 1})
        assert next(stream) == "one"
        with pytest.raises(vmodel.VModelError):
            vmodel.current()
        assert next(stream) == "one"


def test_a_stream_ends_when_it_is_closed() -> None:
    """By hand or by `with`; the body's finally runs first."""
    one = streaming()
    with VModel([one.module]) as vm:
        with vm.run("one", "call") as stream:
            assert next(stream) == 0
        assert (inside(vm), one.closed) == (0, [True])
        stream.close()
        with pytest.raises(StopIteration):
            next(stream)
        assert inside(vm) == 0


def test_a_stream_ends_with_an_error() -> None:
    """The error is the caller's, the seat is free."""
    one = Made()

    def pieces(_: object):
        yield 1
        raise ZeroDivisionError

    one.methods["call"] = pieces
    with VModel([one.module]) as vm:
        stream = vm.run("one", "call")
        assert next(stream) == 1
        with pytest.raises(ZeroDivisionError):
            next(stream)
        assert inside(vm) == 0


@pytest.mark.parametrize("started", [True, False])
def test_a_stream_that_nobody_keeps_ends_with_its_collection(started: bool) -> None:
    """Also when it was never started."""
    with VModel([streaming().module]) as vm:
        stream = vm.run("one", "call")
        if started:
            next(stream)
        del stream
        gc.collect()
        assert inside(vm) == 0
        assert vm.run(*ADD) == 3


def test_a_waiter_is_woken_by_the_collection_of_a_stream() -> None:
    """The collection takes no lock; whoever waits looks for itself."""
    with VModel([streaming().module]) as vm, Threads() as threads:
        stream = vm.run("one", "call")
        threads.go(vm.run, *ADD)
        queue = vm._orchestrator.queue
        assert queue.until(lambda: len(queue) == 1, 10)
        del stream
        gc.collect()
        threads.join()
        assert threads.results == [3]


def test_a_dump_comes_when_the_stream_has_ended() -> None:
    """`run_and_dump` of a generator leaves nothing behind."""
    one = streaming()
    with VModel([one.module]) as vm:
        stream = vm.run_and_dump("one", "call")
        assert one.steps == UP
        assert list(stream) == [0, 1, 2]
        assert one.steps == [*UP, "unload", "cleanup"]


def test_a_generator_can_be_sent_values() -> None:
    """As Python's own."""
    one = Made()

    def echo(_: object):
        received = None
        while True:
            received = yield received

    one.methods["call"] = echo
    with VModel([one.module]) as vm, vm.run("one", "call") as stream:
        assert next(stream) is None
        assert stream.send("hello") == "hello"


def test_the_callers_open_streams_count_as_its_callers() -> None:
    """Their services are not waited for: not for room, not for a step, not for another seat."""
    one, two = streaming(resources={"memory": 60}), Made("two", resources={"memory": 60})
    with VModel([one.module, two.module], budget={"memory": 100}) as vm:
        stream = vm.run("one", "call")
        with pytest.raises(WouldDeadlock):
            vm.run("two", "add", {"a": 1, "b": 2})
        with pytest.raises(WouldDeadlock):
            vm.unload("one")
        assert vm.run(*ADD) == 3
        stream.close()
        assert vm.run("two", "add", {"a": 1, "b": 2}) == 3


def test_close_ends_the_streams_that_its_caller_has_open() -> None:
    """Nobody else would."""
    one = streaming()
    vm = VModel([one.module])
    stream = vm.run("one", "call")
    next(stream)
    vm.close()
    assert one.closed == [True]
    assert vm.status().services["one"].state is State.PREPARED


@pytest.mark.parametrize("started", [True, False])
def test_who_reads_a_stream_on_that_close_ended_is_told(started: bool) -> None:
    """Pieces are missing; a stream that its reader ended, or read to its end, just stops."""
    with VModel([streaming(max_concurrency=None).module]) as vm:
        cut, read, closed = (vm.run("one", "call") for _ in range(3))
        assert list(read) == [0, 1, 2]
        assert next(closed) == 0
        closed.close()
        if started:
            assert next(cut) == 0
    for _ in range(2):
        with pytest.raises(VModelClosed, match="before this stream came to its end"):
            next(cut)
        cut.close()
    with pytest.raises(VModelClosed):
        cut.send(1)
    assert (list(read), list(closed)) == ([], [])


def test_a_stream_inside_its_own_service_takes_no_second_seat() -> None:
    """Re-entry is exempt; the end of the inner stream does not free the outer seat."""
    one = streaming()
    inner = one.methods["call"]

    def outer(argument: object):
        yield from vmodel.current().run("one", "call", {"argument": None}) if argument else inner(None)

    one.methods["call"] = outer
    with VModel([one.module]) as vm:
        assert list(vm.run("one", "call", {"argument": 1})) == [0, 1, 2]
        assert inside(vm) == 0


def test_two_threads_cannot_read_one_stream_at_once() -> None:
    """The one in between is told, and the stream goes on."""
    one, told = Made(), []

    def pieces(_: object):
        try:
            next(told[0])
        except ValueError as error:
            yield str(error)

    one.methods["call"] = pieces
    with VModel([one.module]) as vm:
        told.append(vm.run("one", "call"))
        assert next(told[0]) == "this stream is being read in another thread"
        assert inside(vm) == 1
        told[0].close()


def test_a_refused_reader_leaves_the_stream_to_the_one_who_reads_it() -> None:
    """Also when it comes from another thread; the reader gets all pieces."""
    one, step, go = Made(), threading.Event(), threading.Event()

    def pieces(_: object):
        yield 1
        step.set()
        assert go.wait(10)
        yield 2

    one.methods["call"] = pieces
    with VModel([one.module]) as vm, Threads() as threads:
        stream = vm.run("one", "call")
        threads.go(list, stream)
        assert step.wait(10)
        with pytest.raises(ValueError, match="being read in another thread"):
            next(stream)
        assert inside(vm) == 1
        go.set()
        threads.join()
        assert threads.results == [[1, 2]]
        assert inside(vm) == 0


@pytest.mark.parametrize("end", ["reader", "vmodel"])
def test_a_stream_that_is_ended_during_a_step_ends_after_it(end: str) -> None:
    """The thread that reads it runs the cleanup and gives the seat back; nothing is unloaded under its feet."""
    one, step, go = Made(), threading.Event(), threading.Event()

    def pieces(_: object):
        try:
            step.set()
            assert go.wait(10)
            yield 1
        finally:
            one.steps.append("closed")

    one.methods["call"] = pieces
    with Threads() as threads:
        vm = VModel([one.module])
        stream = vm.run("one", "call")
        threads.go(next, stream)
        assert step.wait(10)
        if end == "reader":
            stream.close()
            assert inside(vm) == 1
            go.set()
        else:
            when_closed(vm, threads, go.set)
            vm.close()
        threads.join()
        assert 1 in threads.results
        assert inside(vm) == 0
        vm.close()
        assert one.steps == [*UP, "closed", "unload"]


def test_close_logs_what_the_cleanup_of_a_stream_raises(caplog: pytest.LogCaptureFixture) -> None:
    """It raises nothing, and unloads the service."""
    one = Made()

    def pieces(_: object):
        try:
            yield 1
        finally:
            raise RuntimeError("no cleanup")

    one.methods["call"] = pieces
    vm = VModel([one.module])
    stream = vm.run("one", "call")
    next(stream)
    with caplog.at_level(logging.ERROR, "vmodel"):
        vm.close()
    assert "a stream of service 'one' did not end well" in caplog.text
    assert (vm.closed, one.steps) == (True, [*UP, "unload"])
    with pytest.raises(VModelClosed):
        next(stream)


def test_the_cleanup_of_a_collected_stream_runs_inside_its_service() -> None:
    """The seat is given back after it."""
    one, seen = Made(), []

    def pieces(_: object):
        try:
            yield 1
        finally:
            seen.append((vmodel.current().service, inside(vm)))

    one.methods["call"] = pieces
    with VModel([one.module]) as vm:
        stream = vm.run("one", "call")
        next(stream)
        del stream
        gc.collect()
        assert (seen, inside(vm)) == ([("one", 1)], 0)


@pytest.mark.parametrize("way", ["dump", "keep_alive"])
def test_a_collected_stream_is_dumped_or_expires_as_any_other(way: str) -> None:
    """A thread sees to it: no hook runs in a collection."""
    one = streaming()
    steps = [*UP, "unload", "cleanup"] if way == "dump" else [*UP, "unload"]
    with VModel([{"package": one.module, "keep_alive": 0 if way == "keep_alive" else None}]) as vm:
        stream = (vm.run_and_dump if way == "dump" else vm.run)("one", "call")
        next(stream)
        del stream
        gc.collect()
        queue, settled = vm._orchestrator.queue, len(steps)
        assert queue.until(lambda: len(one.steps) == settled, 10)
        assert one.steps == steps


def test_close_goes_on_when_the_stream_that_it_waits_for_is_collected() -> None:
    """It does not wait for its time to be over."""
    one, streams = streaming(), []
    vm = VModel([one.module])
    with Threads() as threads:
        threads.go(lambda: streams.append(vm.run("one", "call")))
        threads.join()
        when_closed(vm, threads, streams.clear)
        vm.close(3600)
    assert one.steps == [*UP, "unload"]


def test_a_stream_keeps_its_vmodel() -> None:
    """A VModel that nobody else keeps is there until the stream ends, and no longer."""
    one = streaming()
    stream = VModel([one.module]).run("one", "call", {"argument": 1})
    gc.collect()
    assert list(stream) == ["one"] * 3
    with VModel([one.module]) as vm:
        assert vm.run(*ADD) == 3


def test_the_coroutine_of_a_caller_goes_into_the_service_of_its_stream() -> None:
    """`run` of a coroutine method has a loop of its own, for which its caller waits."""
    one, loop = streaming(), ModuleType("loop")
    source = """
import vmodel
from vmodel.protocol.minimal_protocol import *

@get_service_info_func('loop')
def info(): return {}

@service_func(None, 'loop')
async def nested(): return await vmodel.current().arun('one', 'add', {'a': 1, 'b': 2})
"""
    loop.__file__ = "loop.py"
    exec(compile(source, "loop.py", "exec"), vars(loop))
    with VModel([one.module, loop]) as vm, vm.run("one", "call") as stream:
        assert next(stream) == 0
        assert vm.run("loop", "nested", timeout=10) == 3
