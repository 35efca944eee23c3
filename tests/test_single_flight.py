"""Many threads and one service: one load, one dump, one at a time, nobody lost."""

import threading

import pytest
from services import Made, Threads, raising

import vmodel
from vmodel import State, VModel
from vmodel.errors import AdmissionTimeout, CoolingDown, StepFailed

UP = ["prepare", "load", "test"]
ADD = ("one", "add", {"a": 1, "b": 2})


def together(count: int, function, *args) -> Threads:
    """Call *function* in *count* threads at the same moment."""
    barrier = threading.Barrier(count)

    def arrive() -> object:
        barrier.wait(10)
        return function(*args)

    threads = Threads()
    for _ in range(count):
        threads.go(arrive)
    threads.join()
    return threads


def test_fifty_callers_of_a_cold_service_share_one_load() -> None:
    """One prepare, one load, one test, 50 results."""
    one = Made()
    with VModel([one.module]) as vm:
        threads = together(50, vm.run, *ADD)
        assert threads.results == [3] * 50
        assert one.steps == UP


def test_fifty_callers_who_dump_share_one_unload_and_one_cleanup() -> None:
    """The last one out dumps; those who queue count as inside."""
    one, arrived = Made(), threading.Semaphore(0)
    with VModel([one.module]) as vm:
        queue = vm._orchestrator.queue

        def load() -> bool:
            """Load when all fifty are there."""
            arrived.release()
            return queue.until(lambda: len(queue) == 50, 10)

        one.on("load", load)
        threads = together(50, vm.run_and_dump, *ADD)
        assert threads.results == [3] * 50
        assert one.steps == [*UP, "unload", "cleanup"]
        assert vm.status().services["one"].state is State.NEW


def test_the_last_one_out_applies_its_own_wish() -> None:
    """After a `run` the service stays warm, whatever another caller wished before."""
    one, inside, go = Made(), threading.Event(), threading.Event()

    def wait(_: object) -> None:
        inside.set()
        assert go.wait(10)

    one.methods["call"] = wait
    with VModel([{"package": one.module, "max_concurrency": 2}]) as vm, Threads() as threads:
        threads.go(vm.run, "one", "call")
        assert inside.wait(10)
        vm.run_and_dump(*ADD)
        assert one.steps == UP
        go.set()
        threads.join()
        assert vm.status().services["one"].state is State.READY


def test_a_pinned_service_is_dumped_by_name_only() -> None:
    """`pin` keeps it warm."""
    one = Made()
    with VModel([{"package": one.module, "pin": True}]) as vm:
        vm.run_and_dump(*ADD)
        assert one.steps == UP
        vm.cleanup("one")
        assert one.steps == [*UP, "unload", "cleanup"]


@pytest.mark.parametrize("hook", UP)
def test_all_who_waited_for_a_failed_attempt_get_its_error(hook: str) -> None:
    """Each an error of its own, and later callers the cool-down."""
    one = Made()
    with VModel([one.module]) as vm:
        queue = vm._orchestrator.queue

        def fail() -> bool:
            assert queue.until(lambda: len(queue) == 8, 10)
            return False

        one.on(hook, fail)
        threads = together(8, vm.run, *ADD)
        assert [type(error) for error in threads.errors] == [StepFailed] * 8
        assert len({id(error) for error in threads.errors}) == 8
        assert one.steps.count(hook) == 1


def test_another_waiter_takes_over_after_a_keyboard_interrupt() -> None:
    """The interrupted caller gets its interrupt, the others get their results."""
    one = Made()
    with VModel([one.module]) as vm:
        queue = vm._orchestrator.queue

        def interrupted() -> bool:
            assert queue.until(lambda: len(queue) == 4, 10)
            one.on("load", lambda: True)
            raise KeyboardInterrupt

        one.on("load", interrupted)
        threads = together(4, vm.run, *ADD)
        assert [type(error) for error in threads.errors] == [KeyboardInterrupt]
        assert threads.results == [3] * 3


def test_a_standard_service_takes_one_call_at_a_time() -> None:
    """A model object is rarely safe for two threads."""
    one, most = Made(), []
    lock = threading.Lock()

    def alone(_: object) -> None:
        most.append(lock.acquire(blocking=False))
        lock.release()

    one.methods["call"] = alone
    with VModel([one.module]) as vm:
        together(8, lambda: [vm.run("one", "call") for _ in range(50)])
        assert most == [True] * 400
        assert vm.status().services["one"].methods["call"].calls == 400


@pytest.mark.parametrize(("protocol", "limit"), [("minimal", None), ("standard", 4), ("standard", None)])
def test_as_many_calls_are_inside_as_the_limit_lets_in(protocol: str, limit: int | None) -> None:
    """Unlimited for the minimal protocol, and where the configuration says None."""
    one, count = Made(protocol=protocol), limit or 20
    meeting = threading.Barrier(count)
    one.methods["call"] = lambda _: meeting.wait(10)
    entry = {"package": one.module} if protocol == "minimal" else {"package": one.module, "max_concurrency": limit}
    with VModel([entry]) as vm:
        assert sorted(together(count, vm.run, "one", "call").results) == list(range(count))
        assert vm.status().services["one"].inside == 0


def test_a_call_that_waits_too_long_is_told_what_for() -> None:
    """`timeout` bounds the wait for the turn."""
    one, inside, go = Made(), threading.Event(), threading.Event()

    def wait(_: object) -> None:
        inside.set()
        assert go.wait(10)

    one.methods["call"] = wait
    with VModel([one.module]) as vm, Threads() as threads:
        threads.go(vm.run, "one", "call")
        assert inside.wait(10)
        with pytest.raises(AdmissionTimeout, match="'one' is ready, 1 inside, 0 more waiting") as late:
            vm.run(*ADD, timeout=0.01)
        assert isinstance(late.value, TimeoutError)
        assert late.value.retryable
        go.set()
        threads.join()
        assert vm.run(*ADD, timeout=10) == 3


def test_a_nested_call_inherits_the_deadline() -> None:
    """The caller of the outer call waits no longer than it said."""
    outer, inner = Made("outer"), Made("inner")
    inside, go = threading.Event(), threading.Event()

    def wait(_: object) -> None:
        inside.set()
        assert go.wait(10)

    inner.methods["call"] = wait
    outer.methods["call"] = lambda _: vmodel.current().run("inner", "add", {"a": 1, "b": 2})
    with VModel([outer.module, inner.module]) as vm, Threads() as threads:
        vm.load("outer")
        threads.go(vm.run, "inner", "call")
        assert inside.wait(10)
        with pytest.raises(AdmissionTimeout):
            vm.run("outer", "call", timeout=0.05)
        go.set()


def test_a_step_by_name_waits_for_those_inside() -> None:
    """The gate is shut meanwhile, and the next call loads again."""
    one, inside, go = Made(), threading.Event(), threading.Event()

    def wait(_: object) -> str:
        inside.set()
        assert go.wait(10)
        return "done"

    one.methods["call"] = wait
    with VModel([one.module]) as vm, Threads() as threads:
        queue = vm._orchestrator.queue
        threads.go(vm.run, "one", "call")
        assert inside.wait(10)
        threads.go(vm.unload, "one")
        assert queue.until(lambda: len(queue) == 1, 10)
        threads.go(vm.run, *ADD)
        assert queue.until(lambda: len(queue) == 2, 10)
        assert one.steps == UP
        go.set()
        threads.join()
        assert one.steps == [*UP, "unload", "load", "test"]
        assert sorted(map(str, threads.results)) == ["3", "None", "done"]


def test_two_services_load_side_by_side() -> None:
    """There is no global load lock."""
    one, two, meeting = Made("one"), Made("two"), threading.Barrier(2)
    for made in (one, two):
        made.on("load", lambda: meeting.wait(10) >= 0)
    with VModel([one.module, two.module]) as vm, Threads() as threads:
        threads.go(vm.load, "one")
        threads.go(vm.load, "two")


def test_a_failure_of_one_caller_is_a_cool_down_for_the_next() -> None:
    """Who came after the failed attempt is refused at once."""
    one = Made()
    one.on("load", raising(OSError("no")))
    with VModel([one.module]) as vm:
        with pytest.raises(StepFailed):
            vm.run(*ADD)
        with pytest.raises(CoolingDown) as refused:
            vm.run(*ADD)
    assert refused.value.retryable
    assert 0 < refused.value.retry_after <= 10
