"""What is interrupted in the middle: nothing is held for ever, and nobody waits for what cannot come."""

import threading

import pytest
from services import Made, Threads, raising
from test_sharing import ARGUMENTS, Gate, queued, sized, state

import vmodel
from vmodel import State, VModel
from vmodel.errors import ServiceUnusable, VModelClosed


def test_a_holder_that_is_interrupted_before_it_makes_room_lets_the_victim_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """The victim can be called again at once."""
    old, new = sized("old", 60), sized("new", 60)
    with VModel([old.module, new.module], budget={"memory": 100}) as vm:
        vm.run("old", "add", ARGUMENTS)
        vm.prepare("new")
        pursuit = vm._orchestrator._pursuit
        monkeypatch.setattr(pursuit, "_act", raising(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            vm.run("new", "add", ARGUMENTS)
        monkeypatch.undo()
        assert vm.run("old", "add", ARGUMENTS) == vm.run("new", "add", ARGUMENTS) == 3


@pytest.mark.parametrize(("hook", "after"), [("load", State.PREPARED), ("test", State.STUCK)])
def test_an_interrupt_in_the_hook_that_undoes_leaves_a_defined_state(hook: str, after: State) -> None:
    """As if the undo had failed; other services go on."""
    one = Made()
    one.on(hook, lambda: False)
    one.on("unload", raising(KeyboardInterrupt()))
    with VModel([one.module]) as vm:
        with pytest.raises(KeyboardInterrupt):
            vm.load("one")
        assert state(vm, "one") is after
        one.on("unload", lambda: True)
        one.on(hook, lambda: True)
        vm.load("one")


def test_an_interrupted_unload_is_no_failed_one() -> None:
    """However often, the next need tries again."""
    one = Made()
    with VModel([one.module]) as vm:
        vm.load("one")
        one.on("unload", raising(KeyboardInterrupt()))
        for _ in range(3):
            with pytest.raises(KeyboardInterrupt):
                vm.unload("one")
        one.on("unload", lambda: True)
        try:
            assert vm.run("one", "add", ARGUMENTS) == 3
        except ServiceUnusable:
            pytest.fail("interruptions were counted as failures")


def test_an_interrupt_in_a_listener_leaves_a_defined_state() -> None:
    """The step that it came in is undone."""
    one, interrupt = Made(), [True]

    def listen(event: object) -> None:
        if isinstance(event, vmodel.StateChanged) and event.new is State.LOADING and interrupt.pop():
            interrupt.append(False)
            raise KeyboardInterrupt

    with VModel([one.module], on_event=listen) as vm:
        with pytest.raises(KeyboardInterrupt):
            vm.load("one")
        assert state(vm, "one") is State.PREPARED
        vm.load("one")


@pytest.mark.parametrize("other", ["guest", "second"])
def test_a_victims_hook_that_calls_who_waits_for_it_is_refused(other: str) -> None:
    """The guest, or another victim: the call would wait for the hook that makes it; others make room."""
    first, second, guest = sized("first", 30), sized("second", 30), sized("guest", 100)
    told: list[str] = []

    def unload() -> bool:
        try:
            vmodel.current().run(other, "add", ARGUMENTS)
        except vmodel.VModelError as error:
            told.append(error.code)
        return True

    first.on("unload", unload)
    with VModel([first.module, second.module, guest.module], budget={"memory": 100}) as vm:
        vm.load("first")
        vm.load("second")
        assert vm.run("guest", "add", ARGUMENTS) == 3
    assert told == ["would_deadlock"]


@pytest.mark.parametrize("resources", [{"cpu": 1}, {"memory": 50}])
def test_a_wait_that_another_service_can_end_is_no_deadlock(resources: dict[str, object]) -> None:
    """`b` waits for what either `x` or `y` could give; that `x` calls `b` meanwhile is no circle."""
    made = {name: Made(name, resources=resources) for name in ("x", "y", "r")}
    b = Made("b")
    x_gate, y_gate, in_b = Gate(), Gate(), threading.Event()

    def from_x(_: object) -> object:
        x_gate(None)
        return vmodel.current().run("b", "add", ARGUMENTS)

    def from_b(_: object) -> object:
        in_b.set()
        return vmodel.current().run("r", "add", ARGUMENTS)

    made["x"].methods["call"], made["y"].methods["call"], b.methods["call"] = from_x, y_gate, from_b
    entries = [each.module for each in (*made.values(), b)]
    with VModel(entries, budget={"cpu": 2, "memory": 100}) as vm, Threads() as threads:
        vm.prepare("r")
        threads.go(vm.run, "x", "call")
        threads.go(vm.run, "y", "call")
        assert x_gate.inside.wait(10)
        assert y_gate.inside.wait(10)
        threads.go(vm.run, "b", "call")
        assert in_b.wait(10)
        queued(vm, 1)
        x_gate.go.set()
        if "memory" in resources:  # of cores `x` lends its own while it waits
            queued(vm, 2)
        y_gate.go.set()
        threads.join()
        assert sorted(map(str, threads.results)) == ["3", "3", "None"]


def test_close_sees_a_load_that_was_promised_and_has_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is loaded into a VModel that is closed."""
    one, promised, go = Made(), threading.Event(), threading.Event()
    vm = VModel([one.module])
    vm.prepare("one")
    act = vm._orchestrator._pursuit._act

    def late(ticket: object) -> None:
        promised.set()
        assert go.wait(10)
        act(ticket)

    monkeypatch.setattr(vm._orchestrator._pursuit, "_act", late)
    threads = Threads()
    threads.go(vm.run, "one", "add", ARGUMENTS)
    assert promised.wait(10)
    vm.close(timeout=0)
    go.set()
    threads.join()
    assert [type(error) for error in threads.errors] == [VModelClosed]
    assert one.steps == ["prepare"]


def test_a_close_that_was_interrupted_can_be_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one unloads."""
    one = Made()
    vm = VModel([one.module])
    vm.load("one")
    monkeypatch.setattr(vm._orchestrator.queue.changed, "wait_for", raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        vm.close()
    monkeypatch.undo()
    vm.close()
    assert one.steps == ["prepare", "load", "test", "unload"]


def test_a_second_seat_of_one_chain_hides_no_circle() -> None:
    """`a` calls itself, then `b`, which waits for `a`: re-entry takes no second seat."""
    a, b = Made("a"), Made("b")
    in_a, in_b = threading.Event(), threading.Event()

    def from_a(argument: object) -> object:
        if argument is None:
            return vmodel.current().run("a", "call", {"argument": "again"})
        in_a.set()
        assert in_b.wait(10)
        return vmodel.current().run("b", "add", ARGUMENTS)

    def from_b(_: object) -> object:
        in_b.set()
        assert in_a.wait(10)
        return vmodel.current().run("a", "add", ARGUMENTS)

    a.methods["call"], b.methods["call"] = from_a, from_b
    with VModel([{"package": a.module, "max_concurrency": 2}, b.module]) as vm:
        vm.load("a")
        vm.load("b")
        threads = Threads()
        threads.go(vm.run, "a", "call")
        threads.go(vm.run, "b", "call")
        threads.join()
    assert 3 in threads.results
