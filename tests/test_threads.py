"""Threads for asyncio: what a function raises comes home, and nothing of it is kept."""

import asyncio
import gc
import threading
import weakref
from collections.abc import Callable, Iterator

import pytest
from services import Made, Threads, raising

from vmodel import VModel
from vmodel._threads import ThreadCache


class Big:
    """What a failed call had in its frames."""


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Let nothing be freed but by its last reference."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def failing(freed: threading.Event) -> Callable[..., object]:
    """Return a function that raises, and sets *freed* when what it had in its frame is gone."""

    def fail(*_: object) -> object:
        big = Big()
        weakref.finalize(big, freed.set)
        raise ValueError(big)

    return fail


def test_a_method_that_raises_stop_iteration_ends_the_task_that_waits() -> None:
    """No event loop takes a StopIteration: the task would wait for ever."""
    one = Made()
    one.methods["call"] = raising(StopIteration("over"))

    async def main() -> None:
        with VModel([one.module]) as vm:
            with pytest.raises(RuntimeError, match="raised StopIteration") as caught:
                await asyncio.wait_for(vm.arun("one", "call"), 10)
            assert isinstance(caught.value.__cause__, StopIteration)
            assert vm.status().services["one"].inside == 0

    asyncio.run(main())


@pytest.mark.usefixtures("no_collector")
def test_a_failed_call_is_freed_when_its_error_is() -> None:
    """The tensors of a failed call do not wait for the collector."""
    freed, one = threading.Event(), Made(protocol="minimal")
    one.methods["call"] = failing(freed)

    async def main() -> None:
        with VModel([one.module]) as vm:
            with pytest.raises(ValueError, match="Big"):
                await vm.arun("one", "call")

    asyncio.run(main())
    assert freed.wait(10)


@pytest.mark.usefixtures("no_collector")
def test_a_thread_that_waits_for_work_keeps_nothing_of_the_last() -> None:
    """Neither of its first job nor of a later one, also when it failed."""
    cache, here = ThreadCache(), threading.get_ident()
    for _ in range(2):
        freed = threading.Event()
        assert isinstance(cache.submit(failing(freed)).exception(10), ValueError)
        assert freed.wait(10)
        assert cache.submit(threading.get_ident).result(10) != here


def test_a_result_comes_from_a_thread_in_the_callers_context() -> None:
    """As many threads as there is work: those who wait for one another all run."""
    cache, barrier = ThreadCache(), threading.Barrier(3)
    with Threads() as threads:
        for _ in range(3):
            threads.go(lambda: cache.submit(lambda: barrier.wait(10)).result(10))
    assert sorted(threads.results) == [0, 1, 2]
