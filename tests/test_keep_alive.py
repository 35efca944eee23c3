"""How long an idle service stays: until room is needed, at once, or for a while after its last caller left."""

import threading

import pytest
from services import Made, Threads, raising

from vmodel import State, VModel

UP = ["prepare", "load", "test"]
ADD = ("one", "add", {"a": 1, "b": 2})


class Timers:
    """Timers that run out when a test says so, and the time that they see."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.running: list[object] = []
        self.started = 0
        timers = self

        class Timer:
            def __init__(self, seconds: float, function) -> None:
                self.end, self.function, self.daemon = timers.now + seconds, function, False

            def start(self) -> None:
                timers.started += 1
                timers.running.append(self)

            def cancel(self) -> None:
                timers.running.remove(self)

        monkeypatch.setattr("vmodel._expiry.threading.Timer", Timer)
        monkeypatch.setattr("vmodel._expiry.time.monotonic", lambda: self.now)

    def advance(self, seconds: float) -> None:
        """Let time pass, and the timers run out whose time it is."""
        self.now += seconds
        for timer in [timer for timer in self.running if timer.end <= self.now]:
            timer.function()


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> Timers:
    """Return timers that wait for the test."""
    return Timers(monkeypatch)


def test_zero_is_at_once() -> None:
    """The last caller out unloads; the files stay."""
    one = Made()
    with VModel([{"package": one.module, "keep_alive": 0}]) as vm:
        vm.run(*ADD)
        assert one.steps == [*UP, "unload"]
        vm.run(*ADD)
        assert one.steps == [*UP, "unload", "load", "test", "unload"]


def test_the_clock_starts_when_the_last_caller_leaves(timers: Timers) -> None:
    """mlx-openai-server#262: not at the start of the request."""
    one, inside, go = Made(), threading.Event(), threading.Event()
    one.methods["call"] = lambda _: (inside.set(), go.wait(10))[1]
    with VModel([{"package": one.module, "keep_alive": 60}]) as vm:
        vm.run(*ADD)
        timers.advance(50)
        with Threads() as threads:
            threads.go(vm.run, "one", "call")
            assert inside.wait(10)
            timers.advance(50)
            assert vm.status().services["one"].state is State.READY
            go.set()
        timers.advance(59)
        assert vm.status().services["one"].state is State.READY
        timers.advance(1)
        assert vm.status().services["one"].state is State.PREPARED
        assert one.steps == [*UP, "unload"]


def test_there_is_a_timer_only_while_something_can_expire(timers: Timers) -> None:
    """And a single one, however many services."""
    made = [Made(name) for name in ("one", "two")]
    with VModel([{"package": each.module, "keep_alive": 60} for each in made]) as vm:
        assert timers.running == []
        vm.run(*ADD)
        timers.advance(10)
        vm.run("two", "add", {"a": 1, "b": 2})
        assert len(timers.running) == 1
        timers.advance(50)
        assert [vm.status().services[name].state for name in ("one", "two")] == [State.PREPARED, State.READY]
        timers.advance(10)
        assert vm.status().services["two"].state is State.PREPARED
        vm.run(*ADD)
        vm.close()
        assert timers.running == []


def test_calls_that_put_the_end_off_start_no_timers(timers: Timers) -> None:
    """A timer is a thread; the one that runs is set anew when it rings, and the end is kept all the same."""
    one = Made()
    with VModel([{"package": one.module, "keep_alive": 60}]) as vm:
        for _ in range(100):
            vm.run(*ADD)
            timers.advance(0.5)
        assert timers.started == 1
        timers.advance(59)
        assert vm.status().services["one"].state is State.READY
        timers.advance(0.5)
        assert vm.status().services["one"].state is State.PREPARED


def test_an_earlier_end_does_not_wait_for_a_later_one(timers: Timers) -> None:
    """Whichever service was called first."""
    late, soon = Made("late"), Made("soon")
    with VModel([{"package": late.module, "keep_alive": 60}, {"package": soon.module, "keep_alive": 5}]) as vm:
        vm.run("late", "add", {"a": 1, "b": 2})
        vm.run("soon", "add", {"a": 1, "b": 2})
        assert len(timers.running) == 1
        timers.advance(5)
        assert [vm.status().services[name].state for name in ("late", "soon")] == [State.READY, State.PREPARED]
        timers.advance(55)
        assert vm.status().services["late"].state is State.PREPARED


def test_a_timer_that_cannot_be_started_hides_no_result(timers: Timers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next caller who leaves tries again."""
    one = Made()
    with VModel([{"package": one.module, "keep_alive": 60}]) as vm:
        with monkeypatch.context() as short:
            short.setattr("vmodel._expiry.threading.Timer.start", raising(RuntimeError("can't start new thread")))
            assert vm.run(*ADD) == 3
        assert timers.running == []
        vm.run(*ADD)
        timers.advance(60)
        assert vm.status().services["one"].state is State.PREPARED


def test_a_pinned_service_does_not_expire(timers: Timers) -> None:
    """Only by name."""
    one = Made()
    with VModel([{"package": one.module, "keep_alive": 60, "pin": True}]) as vm:
        vm.run(*ADD)
        timers.advance(100)
        assert one.steps == UP


def test_a_vmodel_that_was_collected_expires_nothing(timers: Timers) -> None:
    """Its timer may still run out."""
    one = Made()
    vm = VModel([{"package": one.module, "keep_alive": 60}])
    vm.run(*ADD)
    orchestrator = vm._orchestrator
    orchestrator.abandon()
    timers.advance(100)
    assert one.steps == UP
