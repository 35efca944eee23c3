"""Calls from an event loop: waiting never blocks it, and what a cancelled task leaves behind is settled."""

import asyncio
import threading
from types import ModuleType

import pytest
from services import Made, raising

import vmodel
from vmodel import State, VModel
from vmodel.errors import AdmissionTimeout, BadArguments, StepFailed, VModelClosed, VModelError

UP = ["prepare", "load", "test"]
ADD = ("one", "add", {"a": 1, "b": 2})

SOURCE = """
import asyncio, threading
import vmodel
from vmodel.protocol.minimal_protocol import *

entered, gate, left = asyncio.Event(), asyncio.Event(), []

@get_service_info_func('loop')
def info(): return INFO

@service_func(None, 'loop')
async def where(): return (threading.get_ident(), vmodel.current().service)

@service_func(None, 'loop')
async def wait():
    entered.set()
    try:
        await asyncio.Event().wait()
    finally:
        left.append(True)

@service_func(None, 'loop')
async def pieces():
    try:
        for piece in range(3):
            yield (piece, vmodel.current().service)
    finally:
        left.append(True)

@service_func(None, 'loop')
async def gated():
    try:
        entered.set()
        await gate.wait()
        yield 1
    finally:
        left.append(True)

@service_func(None, 'loop')
async def bad_end():
    try:
        yield 1
    finally:
        left.append(vmodel.current().service)
        raise ZeroDivisionError

@service_func(None, 'loop')
async def nested(): return await vmodel.current().arun('one', 'add', {'a': 1, 'b': 2})
"""


def on_loop(**info: object) -> ModuleType:
    """Return a module with a service of coroutine methods."""
    module = ModuleType("on_loop")
    vars(module).update(INFO=info, __file__="on_loop.py")
    exec(compile(SOURCE, "on_loop.py", "exec"), vars(module))
    return module


async def seen(event: threading.Event) -> None:
    """Let other tasks go on until *event* is set."""
    assert await asyncio.to_thread(event.wait, 10)


async def queued(vm: VModel, count: int) -> None:
    """Let other tasks go on until *count* tickets are in the queue."""
    queue = vm._orchestrator.queue
    assert await asyncio.to_thread(queue.until, lambda: len(queue) == count, 10)


def test_a_sync_service_is_loaded_and_called_in_threads_of_its_own() -> None:
    """The loop's thread runs neither hooks nor methods."""
    one, threads = Made(), set()
    for hook in one.hooks:
        one.on(hook, lambda: threads.add(threading.get_ident()))
    one.methods["add"] = lambda a, b: threads.add(threading.get_ident()) or a + b

    async def main() -> None:
        with VModel([one.module]) as vm:
            assert await vm.arun(*ADD) == 3
            assert await vm.arun(*ADD) == 3
            assert one.steps == UP
            assert threading.get_ident() not in threads

    asyncio.run(main())


def test_a_coroutine_method_runs_on_the_callers_loop() -> None:
    """In the caller's thread, with its service as the current one."""

    async def main() -> None:
        with VModel([on_loop()]) as vm:
            assert await vm.arun("loop", "where") == (threading.get_ident(), "loop")

    asyncio.run(main())


def test_fifty_tasks_share_one_load() -> None:
    """And one dump, after the last."""
    one = Made()

    async def main() -> None:
        with VModel([one.module]) as vm:
            assert await asyncio.gather(*(vm.arun(*ADD) for _ in range(50))) == [3] * 50
            assert one.steps == UP
            await vm.arun_and_dump(*ADD)
            assert one.steps == [*UP, "unload", "cleanup"]
            await vm.arun_and_dump(*ADD, keep_files=True)
            assert vm.status().services["one"].state is State.PREPARED

    asyncio.run(main())


def test_waiting_does_not_block_the_loop() -> None:
    """Another task goes on while one waits for a seat."""
    one, inside, go = Made(), threading.Event(), threading.Event()
    one.methods["call"] = lambda _: (inside.set(), go.wait(10))[1]

    async def main() -> None:
        with VModel([one.module]) as vm:
            busy = asyncio.create_task(vm.arun("one", "call"))
            await seen(inside)
            waiting = asyncio.create_task(vm.arun(*ADD))
            await queued(vm, 1)
            go.set()
            assert await busy is True
            assert await waiting == 3

    asyncio.run(main())


def test_a_cancelled_task_that_waits_leaves_the_queue() -> None:
    """Its place is taken by the next."""
    one, inside, go = Made(), threading.Event(), threading.Event()
    one.methods["call"] = lambda _: (inside.set(), go.wait(10))[1]

    async def main() -> None:
        with VModel([one.module]) as vm:
            busy = asyncio.create_task(vm.arun("one", "call"))
            await seen(inside)
            waiting = asyncio.create_task(vm.arun(*ADD))
            await queued(vm, 1)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert len(vm._orchestrator.queue) == 0
            go.set()
            await busy

    asyncio.run(main())


def test_the_seat_of_a_cancelled_sync_call_is_given_back_by_its_thread() -> None:
    """What is abandoned stays charged until it returns."""
    one, inside, go = Made(), threading.Event(), threading.Event()
    one.methods["call"] = lambda _: (inside.set(), go.wait(10))[1]

    async def main() -> None:
        with VModel([one.module]) as vm:
            busy = asyncio.create_task(vm.arun("one", "call"))
            await seen(inside)
            busy.cancel()
            with pytest.raises(asyncio.CancelledError):
                await busy
            assert vm.status().services["one"].inside == 1
            go.set()
            assert await vm.arun(*ADD) == 3
            assert vm.status().services["one"].inside == 0

    asyncio.run(main())


def test_a_load_whose_task_was_cancelled_is_finished_by_its_thread() -> None:
    """The next caller finds the service where the thread left it."""
    one, inside, go = Made(), threading.Event(), threading.Event()
    one.on("load", lambda: (inside.set(), go.wait(10))[1])

    async def main() -> None:
        with VModel([one.module]) as vm:
            first = asyncio.create_task(vm.arun(*ADD))
            await seen(inside)
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            assert vm.status().services["one"].state is State.LOADING
            second = asyncio.create_task(vm.arun(*ADD))
            await queued(vm, 2)
            go.set()
            assert await second == 3
            assert one.steps == UP

    asyncio.run(main())


def test_a_cancelled_coroutine_method_leaves_its_service() -> None:
    """The cancellation reaches the method itself."""
    module = on_loop()

    async def main() -> None:
        with VModel([module]) as vm:
            task = asyncio.create_task(vm.arun("loop", "wait"))
            await module.entered.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert module.left == [True]
            assert vm.status().services["loop"].inside == 0

    asyncio.run(main())


def test_an_async_generator_is_a_stream() -> None:
    """It holds its seat until it is exhausted or closed."""
    module = on_loop()

    async def main() -> None:
        with VModel([module]) as vm:
            stream = await vm.arun("loop", "pieces")
            assert vm.status().services["loop"].inside == 1
            assert [piece async for piece in stream] == [(0, "loop"), (1, "loop"), (2, "loop")]
            assert vm.status().services["loop"].inside == 0
            async with await vm.arun("loop", "pieces") as stream:
                assert await anext(stream) == (0, "loop")
            assert vm.status().services["loop"].inside == 0
            assert module.left == [True, True]

    asyncio.run(main())


def test_the_steps_of_a_sync_generator_run_in_threads() -> None:
    """And a dump comes when it has ended."""
    one, threads = Made(), set()

    def pieces(_: object):
        for piece in range(3):
            threads.add(threading.get_ident())
            yield piece

    one.methods["call"] = pieces

    async def main() -> None:
        with VModel([one.module]) as vm:
            stream = await vm.arun_and_dump("one", "call")
            assert [piece async for piece in stream] == [0, 1, 2]
            assert threading.get_ident() not in threads
            assert one.steps == [*UP, "unload", "cleanup"]
            async with await vm.arun("one", "call") as stream:
                assert await anext(stream) == 0
            assert vm.status().services["one"].inside == 0

    asyncio.run(main())


def test_errors_are_those_of_run() -> None:
    """Names, arguments, hooks, timeouts, the method's own."""
    one = Made()
    one.methods["call"] = raising(ZeroDivisionError("own"))

    async def main() -> None:
        with VModel([one.module]) as vm:
            with pytest.raises(LookupError):
                await vm.arun("one", "nothing")
            with pytest.raises(BadArguments):
                await vm.arun("one", "add", {"a": 1})
            with pytest.raises(ZeroDivisionError, match="own"):
                await vm.arun("one", "call")
            vm.unload("one")
            one.on("load", lambda: False)
            with pytest.raises(StepFailed):
                await vm.arun(*ADD)
            with pytest.raises(VModelError):
                await vm.arun(*ADD)

    asyncio.run(main())


def test_a_timeout_bounds_the_wait() -> None:
    """As in `run`."""
    one, inside, go = Made(), threading.Event(), threading.Event()
    one.methods["call"] = lambda _: (inside.set(), go.wait(10))[1]

    async def main() -> None:
        with VModel([one.module]) as vm:
            busy = asyncio.create_task(vm.arun("one", "call"))
            await seen(inside)
            with pytest.raises(AdmissionTimeout):
                await vm.arun(*ADD, timeout=0.01)
            go.set()
            await busy

    asyncio.run(main())


def test_a_coroutine_method_calls_another_service() -> None:
    """`vmodel.current().arun()` keeps the chain."""
    one = Made()

    async def main() -> None:
        with VModel([on_loop(), one.module]) as vm:
            assert await vm.arun("loop", "nested") == 3

    asyncio.run(main())


def test_run_refuses_an_async_generator() -> None:
    """It can only be read in a loop."""
    with VModel([on_loop()]) as vm, pytest.raises(VModelError, match="is an async generator") as refused:
        vm.run("loop", "pieces")
    assert refused.value.hint == "use arun()"
    assert vmodel.VModelError is VModelError


def held() -> tuple[Made, threading.Event, threading.Event]:
    """Return a service whose stream stops in its second step, and the events around that."""
    one, step, go = Made(), threading.Event(), threading.Event()

    def pieces(_: object):
        try:
            yield 1
            step.set()
            assert go.wait(10)
            yield 2
        finally:
            one.steps.append("closed")

    one.methods["call"] = pieces
    return one, step, go


@pytest.mark.parametrize("dump", [True, False])
def test_a_stream_whose_task_is_cancelled_in_a_step_is_ended_by_the_thread(dump: bool) -> None:
    """The cancellation comes through, and the seat is given back when the step is over."""
    one, step, go = held()

    async def main() -> None:
        with VModel([one.module]) as vm:
            stream = await (vm.arun_and_dump if dump else vm.arun)("one", "call")

            async def read() -> None:
                async with stream:
                    assert [piece async for piece in stream] == [1, 2]

            task = asyncio.create_task(read())
            await seen(step)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert vm.status().services["one"].inside == 1
            waiting = asyncio.create_task(vm.arun(*ADD))
            await queued(vm, 1)
            go.set()
            assert await waiting == 3
            assert one.steps[: len(UP) + 1] == [*UP, "closed"]
            assert vm.status().services["one"].inside == 0

    asyncio.run(main())


def test_the_cleanup_of_an_async_generator_runs_inside_its_service() -> None:
    """Its error is the caller's, and the seat is free."""
    module = on_loop(max_concurrency=1)

    async def main() -> None:
        with VModel([module]) as vm:
            stream = await vm.arun("loop", "bad_end")
            assert await anext(stream) == 1
            with pytest.raises(ZeroDivisionError):
                await stream.aclose()
            assert module.left == ["loop"]
            assert vm.status().services["loop"].inside == 0

    asyncio.run(main())


def test_tasks_that_inherit_an_open_stream_do_not_share_its_seat() -> None:
    """Only who opened it may go in beside it; two others would be in one model at once."""
    one, most = Made(), []
    plain = one.methods["call"]
    one.methods["call"] = lambda argument: (piece for piece in "ab") if argument else plain(argument)
    one.methods["add"] = lambda a, b: most.append(vm.status().services["one"].inside) or a + b
    vm = VModel([one.module])

    async def main() -> None:
        stream = await vm.arun("one", "call", {"argument": 1})
        assert await anext(stream) == "a"
        assert await vm.arun(*ADD) == 3
        tasks = [asyncio.create_task(vm.arun(*ADD)) for _ in range(2)]
        await queued(vm, 2)
        await stream.aclose()
        assert await asyncio.gather(*tasks) == [3, 3]
        assert most == [1, 1, 1]
        vm.close()

    asyncio.run(main())


def test_a_thread_that_works_for_a_task_goes_into_the_service_of_its_stream() -> None:
    """The task waits for it: it is as if it called itself."""
    one, two = Made(), Made("two")
    one.methods["call"] = lambda _: (piece for piece in "ab")
    two.methods["call"] = lambda _: vmodel.current().run(*ADD, timeout=10)

    async def main() -> None:
        with VModel([one.module, two.module]) as vm:
            async with await vm.arun("one", "call") as stream:
                assert await anext(stream) == "a"
                assert await vm.arun("two", "call") == 3

    asyncio.run(main())


@pytest.mark.parametrize("method", ["sync", "pieces"])
def test_an_ended_async_stream_runs_nothing_more_of_its_service(method: str) -> None:
    """Its next step cleans up and stops; where the VModel ended it, it says so."""
    one, module = Made(), on_loop()
    one.methods["call"] = lambda _: (piece for piece in "ab")
    name = ("one", "call") if method == "sync" else ("loop", "pieces")

    async def main() -> None:
        vm = VModel([one.module, module])
        closed = await vm.arun(*name)
        await anext(closed)
        closed.close()
        assert vm.status().services[name[0]].inside == 0
        cut = await vm.arun(*name)
        await anext(cut)
        vm.close()
        assert vm.status().services[name[0]].inside == 0
        assert [piece async for piece in closed] == []
        with pytest.raises(VModelClosed):
            await anext(cut)
        assert module.left == ([] if method == "sync" else [True, True])

    asyncio.run(main())


def test_two_tasks_cannot_read_one_async_generator_at_once() -> None:
    """The second is told; the first goes on, and ends the stream where that was asked for meanwhile."""
    module = on_loop()

    async def main() -> None:
        with VModel([module]) as vm:
            stream = await vm.arun("loop", "gated")
            first = asyncio.create_task(anext(stream))
            await module.entered.wait()
            with pytest.raises(ValueError, match="being read in another task"):
                await anext(stream)
            await stream.aclose()
            assert (module.left, vm.status().services["loop"].inside) == ([], 1)
            module.gate.set()
            assert await first == 1
            assert (module.left, vm.status().services["loop"].inside) == ([True], 0)

    asyncio.run(main())


def test_a_dumped_async_generator_leaves_nothing_behind() -> None:
    """The dump comes after its cleanup."""
    module = on_loop()

    async def main() -> None:
        with VModel([module]) as vm:
            async with await vm.arun_and_dump("loop", "pieces") as stream:
                assert await anext(stream) == (0, "loop")
            assert module.left == [True]
            assert vm.status().services["loop"].state is State.NEW

    asyncio.run(main())
