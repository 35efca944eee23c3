"""Generators as results: a stream holds its seat until it ends, however it ends."""

import gc

import pytest
from services import Made, Threads

import vmodel
from vmodel import State, VModel
from vmodel.errors import WouldDeadlock

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
