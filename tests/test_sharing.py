"""Services that do not fit together: who goes, who waits, who is refused, and who never is."""

import random
import threading
from collections.abc import Callable

import pytest
from services import Made, Threads

import vmodel
from vmodel import State, VModel
from vmodel._readings import CardReading, CardsReading, CpuReading, MemoryReading
from vmodel.errors import NoRoom, VModelError, WouldDeadlock

UP = ["prepare", "load", "test"]
ARGUMENTS = {"a": 1, "b": 2}


def sized(name: str, memory: int = 0, **info: object) -> Made:
    """Return a service that declares *memory* bytes."""
    resources = {key: info.pop(key) for key in ("cpu", "gpu") if key in info}
    return Made(name, resources={"memory": memory, **resources}, **info)


def state(vm: VModel, name: str) -> State:
    """Return the state of service *name*."""
    return vm.status().services[name].state


class Gate:
    """A method that waits inside until it is let go."""

    def __init__(self) -> None:
        self.inside, self.go = threading.Event(), threading.Event()

    def __call__(self, argument: object) -> object:
        self.inside.set()
        assert self.go.wait(10)
        return argument


def queued(vm: VModel, count: int) -> None:
    """Wait until *count* tickets wait for something that nobody does on their behalf."""
    queue = vm._orchestrator.queue
    assert queue.until(lambda: len(queue.waiting()) == count, 10)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every ticket be overdue at once."""
    monkeypatch.setattr("vmodel._scene.PATIENCE", 0.0)
    monkeypatch.setattr("vmodel._pursuit.PATIENCE", 0.0)


def test_the_least_recently_used_idle_service_goes_for_a_new_one() -> None:
    """And no other: one is enough."""
    made = [sized(name, 40) for name in ("a", "b", "c")]
    events: list[object] = []
    with VModel([each.module for each in made], budget={"memory": 100}, on_event=events.append) as vm:
        vm.run("a", "add", ARGUMENTS)
        vm.run("b", "add", ARGUMENTS)
        vm.run("a", "add", ARGUMENTS)
        vm.run("c", "add", ARGUMENTS)
        assert [state(vm, name) for name in "abc"] == [State.READY, State.PREPARED, State.READY]
        assert [(event.service, event.guest) for event in events if isinstance(event, vmodel.Evicted)] == [("b", "c")]
        assert made[1].steps == [*UP, "unload"], "an eviction deletes no files"


def test_no_service_goes_that_need_not() -> None:
    """Two small ones would do, but one large one does alone: the small one that was chosen first stays."""
    made = [sized("small", 20), sized("large", 70), sized("new", 60)]
    with VModel([each.module for each in made], budget={"memory": 100}) as vm:
        for name in ("small", "large", "new"):
            vm.run(name, "add", ARGUMENTS)
        assert [state(vm, name) for name in ("small", "large", "new")] == [State.READY, State.PREPARED, State.READY]


def test_what_asks_for_nothing_shares_everything() -> None:
    """No resources, no limit."""
    made = [Made("free"), sized("full", 100)]
    with VModel([each.module for each in made], budget={"memory": 100}) as vm:
        vm.run("full", "add", ARGUMENTS)
        vm.run("free", "add", ARGUMENTS)
        assert {state(vm, "full"), state(vm, "free")} == {State.READY}


def test_a_pinned_service_is_never_evicted_and_its_room_is_refused_at_once() -> None:
    """Waiting cannot help."""
    keep, new = sized("keep", 60), sized("new", 60)
    with VModel([{"package": keep.module, "pin": True}, new.module], budget={"memory": 100}) as vm:
        vm.load("keep")
        with pytest.raises(NoRoom, match=r"'new': it lacks 20 B of memory, held by 'keep' \(pinned\)") as refused:
            vm.run("new", "add", ARGUMENTS)
        assert not refused.value.retryable
        assert new.steps == ["prepare"]


def test_a_service_that_could_not_be_unloaded_stays_charged() -> None:
    """Its room is not given to somebody else, and the error names it."""
    bad, new = sized("bad", 60), sized("new", 60)
    bad.on("unload", lambda: False)
    with VModel([bad.module, new.module], budget={"memory": 100}) as vm:
        vm.load("bad")
        with pytest.raises(NoRoom, match=r"held by 'bad' \(stuck\)"):
            vm.run("new", "add", ARGUMENTS)
        assert state(vm, "bad") is State.STUCK


def test_where_one_victim_cannot_be_stopped_another_one_goes() -> None:
    """The failed unload is logged, and the search goes on."""
    bad, good, new = sized("bad", 40), sized("good", 40), sized("new", 50)
    bad.on("unload", lambda: False)
    with VModel([bad.module, good.module, new.module], budget={"memory": 100}) as vm:
        vm.run("bad", "add", ARGUMENTS)
        vm.run("good", "add", ARGUMENTS)
        assert vm.run("new", "add", ARGUMENTS) == 3
        assert [state(vm, name) for name in ("bad", "good", "new")] == [State.STUCK, State.PREPARED, State.READY]


def test_a_busy_service_is_drained_and_never_killed() -> None:
    """llama.cpp#21678: its call ends with its result, then it goes."""
    busy, new, gate = sized("busy", 60), sized("new", 60), Gate()
    busy.methods["call"] = gate
    with VModel([busy.module, new.module], budget={"memory": 100}) as vm, Threads() as threads:
        threads.go(vm.run, "busy", "call", {"argument": "whole"})
        assert gate.inside.wait(10)
        threads.go(vm.run, "new", "add", ARGUMENTS)
        queued(vm, 1)
        assert state(vm, "busy") is State.READY
        gate.go.set()
        threads.join()
        assert sorted(map(str, threads.results)) == ["3", "whole"]
        assert state(vm, "busy") is State.PREPARED


@pytest.mark.usefixtures("impatient")
def test_an_overdue_caller_shuts_the_gate_of_the_service_that_it_waits_for() -> None:
    """A stream of short calls does not keep it waiting for ever: the later caller comes after it."""
    busy, new, gate = sized("busy", 60), sized("new", 60), Gate()
    busy.methods["call"] = gate
    order: list[str] = []
    busy.methods["add"] = lambda a, b: order.append("busy")
    new.methods["add"] = lambda a, b: order.append("new")
    with VModel([{"package": busy.module, "max_concurrency": 4}, new.module], budget={"memory": 100}) as vm:
        with Threads() as threads:
            threads.go(vm.run, "busy", "call")
            assert gate.inside.wait(10)
            threads.go(vm.run, "new", "add", ARGUMENTS)
            queued(vm, 1)
            threads.go(vm.run, "busy", "add", ARGUMENTS)
            queued(vm, 2)
            gate.go.set()
    assert order == ["new", "busy"]


def test_a_patient_caller_lets_others_into_the_service_that_it_waits_for() -> None:
    """Before it is overdue the gate stays open."""
    busy, new, gate = sized("busy", 60), sized("new", 60), Gate()
    busy.methods["call"] = gate
    with VModel([{"package": busy.module, "max_concurrency": 4}, new.module], budget={"memory": 100}) as vm:
        with Threads() as threads:
            threads.go(vm.run, "busy", "call")
            assert gate.inside.wait(10)
            threads.go(vm.run, "new", "add", ARGUMENTS)
            queued(vm, 1)
            assert vm.run("busy", "add", ARGUMENTS) == 3
            gate.go.set()


def test_a_victim_is_not_resurrected_while_the_loader_waits() -> None:
    """ollama#17408: a call to the victim comes during its unload; the room goes to the one it was made for."""
    old, new = sized("old", 60), sized("new", 60)
    order: list[str] = []
    with VModel([old.module, new.module], budget={"memory": 100}) as vm, Threads() as threads:
        vm.load("old")

        def unload() -> bool:
            threads.go(vm.run, "old", "add", ARGUMENTS)
            queued(vm, 1)
            return True

        old.on("unload", unload)
        new.methods["add"] = lambda a, b: order.append("new")
        old.methods["add"] = lambda a, b: order.append("old")
        vm.run("new", "add", ARGUMENTS)
        old.on("unload", lambda: True)
        threads.join()
    assert order == ["new", "old"]


def test_a_small_service_starts_while_a_large_one_waits_where_it_cannot_delay_it() -> None:
    """ollama#14578: no head-of-line blocking."""
    busy, large, small, gate = sized("busy", 60), sized("large", 70), sized("small", 30), Gate()
    busy.methods["call"] = gate
    with VModel([each.module for each in (busy, large, small)], budget={"memory": 100}) as vm:
        with Threads() as threads:
            threads.go(vm.run, "busy", "call")
            assert gate.inside.wait(10)
            threads.go(vm.run, "large", "add", ARGUMENTS)
            queued(vm, 1)
            assert vm.run("small", "add", ARGUMENTS) == 3
            gate.go.set()


def test_a_late_small_caller_does_not_slip_past_an_older_one() -> None:
    """Where it would take what the older one waits for, it waits behind it."""
    busy, large, small, gate = sized("busy", 60), sized("large", 90), sized("small", 30), Gate()
    busy.methods["call"] = gate
    order: list[str] = []
    large.methods["add"] = lambda a, b: order.append("large")
    small.methods["add"] = lambda a, b: order.append("small")
    with VModel([each.module for each in (busy, large, small)], budget={"memory": 100}) as vm:
        with Threads() as threads:
            threads.go(vm.run, "busy", "call")
            assert gate.inside.wait(10)
            threads.go(vm.run, "large", "add", ARGUMENTS)
            queued(vm, 1)
            threads.go(vm.run, "small", "add", ARGUMENTS)
            queued(vm, 2)
            gate.go.set()
    assert order == ["large", "small"]


def test_a_call_to_a_ready_service_never_waits_behind_the_load_of_another() -> None:
    """Ray PR#37700: there is no global lock around a load."""
    warm, cold, gate = sized("warm", 10), sized("cold", 10), Gate()
    cold.on("load", lambda: gate(True))
    with VModel([warm.module, cold.module], budget={"memory": 100}) as vm, Threads() as threads:
        vm.load("warm")
        threads.go(vm.load, "cold")
        assert gate.inside.wait(10)
        assert vm.run("warm", "add", ARGUMENTS) == 3
        assert vm.run_and_dump("warm", "add", ARGUMENTS) == 3
        gate.go.set()


def test_services_that_fit_together_load_side_by_side() -> None:
    """Each waits in its load for the other one."""
    one, two, meeting = sized("one", 40), sized("two", 40), threading.Barrier(2)
    for made in (one, two):
        made.on("load", lambda: meeting.wait(10) >= 0)
    with VModel([one.module, two.module], budget={"memory": 100}) as vm, Threads() as threads:
        threads.go(vm.load, "one")
        threads.go(vm.load, "two")


def test_a_download_holds_no_room_and_blocks_nobody() -> None:
    """What comes meanwhile loads and runs."""
    slow, other, gate = sized("slow", 90), sized("other", 90), Gate()
    slow.on("prepare", lambda: gate(True))
    with VModel([slow.module, other.module], budget={"memory": 100}) as vm, Threads() as threads:
        threads.go(vm.run, "slow", "add", ARGUMENTS)
        assert gate.inside.wait(10)
        assert vm.run("other", "add", ARGUMENTS) == 3
        gate.go.set()
        threads.join()
        assert threads.results == [3]


def test_a_call_whose_callers_hold_the_room_is_refused_at_once() -> None:
    """ray#54201, Triton: composed calls must not hang; the message has the cycle."""
    outer, inner = sized("outer", 60), sized("inner", 60)
    outer.methods["call"] = lambda _: vmodel.current().run("inner", "add", ARGUMENTS)
    with VModel([outer.module, inner.module], budget={"memory": 100}) as vm:
        with pytest.raises(WouldDeadlock, match="'outer' > 'inner'"):
            vm.run("outer", "call")
        assert vm.run("outer", "add", ARGUMENTS) == vm.run("inner", "add", ARGUMENTS) == 3


def test_two_services_that_call_each_other_do_not_hang() -> None:
    """Each is inside its own and wants the other's one seat: the second one to ask is refused."""
    left, right, meeting = Made("left"), Made("right"), threading.Barrier(2)

    def calls(other: str) -> Callable[[object], object]:
        def call(_: object) -> object:
            meeting.wait(10)
            return vmodel.current().run(other, "add", ARGUMENTS)

        return call

    left.methods["call"], right.methods["call"] = calls("right"), calls("left")
    with VModel([left.module, right.module]) as vm:
        threads = Threads()
        threads.go(vm.run, "left", "call")
        threads.go(vm.run, "right", "call")
        threads.join()
    assert threads.results == [3]
    assert [type(error) for error in threads.errors] == [WouldDeadlock]


def test_a_hook_that_needs_a_service_which_waits_for_it_does_not_hang() -> None:
    """`b` is inside and wants `a`, whose load wants the seat of `b`."""
    a, b, gate = Made("a"), Made("b"), Gate()
    a.on("load", lambda: gate(True) and vmodel.current().run("b", "add", ARGUMENTS) == 3)
    with VModel([a.module, b.module]) as vm:
        b.methods["call"] = lambda _: (gate.go.set(), vmodel.current().run("a", "add", ARGUMENTS))[1]
        threads = Threads()
        threads.go(vm.load, "a")
        assert gate.inside.wait(10)
        threads.go(vm.run, "b", "call")
        threads.join()
    assert len(threads.errors) >= 1
    assert any(isinstance(error, WouldDeadlock) or "WouldDeadlock" in str(error) for error in threads.errors)


def test_cores_stay_booked_until_another_service_needs_them() -> None:
    """Both stay READY; the cores go to and fro."""
    one, two = Made("one", resources={"cpu": 1}), Made("two", resources={"cpu": 1})
    with VModel([one.module, two.module], budget={"cpu": 1}) as vm:
        for _ in range(3):
            assert vm.run("one", "add", ARGUMENTS) == vm.run("two", "add", ARGUMENTS) == 3
        assert (one.steps, two.steps) == (UP, UP)


def test_a_service_waits_for_the_cores_of_a_busy_one() -> None:
    """And gets them when the call is over."""
    busy, other, gate = Made("busy", resources={"cpu": 1}), Made("other", resources={"cpu": 1}), Gate()
    busy.methods["call"] = gate
    with VModel([busy.module, other.module], budget={"cpu": 1}) as vm, Threads() as threads:
        vm.load("other")
        threads.go(vm.run, "busy", "call")
        assert gate.inside.wait(10)
        threads.go(vm.run, "other", "add", ARGUMENTS)
        queued(vm, 1)
        assert vm.status().services["other"].inside == 0
        gate.go.set()


def test_a_caller_that_waits_for_its_call_lends_its_cores() -> None:
    """One core is enough for a chain of services that ask for one each."""
    made = [Made(name, resources={"cpu": 1}) for name in ("one", "two", "three")]
    made[0].methods["call"] = lambda _: vmodel.current().run("two", "call")
    made[1].methods["call"] = lambda _: vmodel.current().run("three", "add", ARGUMENTS)
    with VModel([each.module for each in made], budget={"cpu": 1}) as vm:
        for _ in range(2):
            assert vm.run("one", "call") == 3


class FakeProbe:
    """A machine as a test wants it."""

    def __init__(self, *, available: int = 1000, cards: tuple[CardReading, ...] = ()) -> None:
        self.available = available
        self.seen = cards

    def cpu(self) -> CpuReading:
        return CpuReading(4.0)

    def memory(self) -> MemoryReading:
        return MemoryReading(1000, self.available, 0)

    def cards(self) -> CardsReading:
        return CardsReading(self.seen)


def on_machine(monkeypatch: pytest.MonkeyPatch, **machine: object) -> FakeProbe:
    """Let every VModel find that machine."""
    probe = FakeProbe(**machine)
    monkeypatch.setattr("vmodel.vmodel.MachineProbe", lambda: probe)
    return probe


def test_room_that_others_on_the_machine_use_is_a_shortage_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fits the machine, but not beside what runs there now."""
    probe = on_machine(monkeypatch, available=100)
    with VModel([sized("one", 500).module]) as vm:
        with pytest.raises(NoRoom, match="which others on this machine use") as refused:
            vm.run("one", "add", ARGUMENTS)
        assert refused.value.retryable
        probe.available = 900
        assert vm.run("one", "add", ARGUMENTS) == 3


def two_cards(first_free: int = 1000) -> tuple[CardReading, ...]:
    """Return two cards of 1000 bytes, the first partly used by others."""
    return (
        CardReading(0, "GPU-0", "fake", "00", 1000, first_free, ours=0),
        CardReading(1, "GPU-1", "fake", "01", 1000, 1000, ours=0),
    )


def test_any_card_is_the_one_with_most_room_and_current_tells_which(monkeypatch: pytest.MonkeyPatch) -> None:
    """`{"count": 1, "memory": …}` is placed; the service asks `devices()`."""
    on_machine(monkeypatch, cards=two_cards(first_free=300))
    one = sized("one", gpu={"count": 1, "memory": 500})
    one.methods["call"] = lambda _: vmodel.current().devices()
    with VModel([one.module]) as vm:
        assert vm.run("one", "call") == ("cuda:1",)
        assert vm.status().services["one"].cards == (1,)


def test_a_whole_card_is_nobody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A card without declared bytes is taken whole: the other service takes the other card, the third evicts."""
    on_machine(monkeypatch, cards=two_cards())
    made = [sized("whole", gpu=0), sized("any", gpu={"count": 1, "memory": 100}), sized("both", gpu="0,1")]
    with VModel([each.module for each in made]) as vm:
        vm.run("whole", "add", ARGUMENTS)
        vm.run("any", "add", ARGUMENTS)
        assert (vm.status().services["whole"].cards, vm.status().services["any"].cards) == ((0,), (1,))
        vm.run("both", "add", ARGUMENTS)
        assert [state(vm, name) for name in ("whole", "any")] == [State.PREPARED, State.PREPARED]


def test_with_a_warning_a_service_gets_what_there_is() -> None:
    """limits="warn" clamps: it is charged with all that there is, so that the others go for it."""
    small, huge = sized("small", 10), sized("huge", 1000)
    with VModel([small.module, huge.module], budget={"memory": 100}, limits="warn") as vm:
        vm.run("small", "add", ARGUMENTS)
        assert vm.run("huge", "add", ARGUMENTS) == 3
        assert state(vm, "small") is State.PREPARED


@pytest.mark.parametrize("seed", [1, 2])
def test_three_services_of_60_percent_and_random_failures_in_every_hook(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """2 000 calls by 8 threads: each ends in one result or one typed error, the budget holds, the ledger ends empty."""
    monkeypatch.setattr("vmodel._tenant.COOL_DOWN", 0.0005)
    monkeypatch.setattr("vmodel._tenant.LONGEST_COOL_DOWN", 0.001)
    chance, loaded, most = random.Random(seed), set(), [0]

    def hook(name: str, step: str) -> Callable[[], object]:
        def act() -> object:
            if step == "load":
                loaded.add(name)
                most[0] = max(most[0], 60 * len(loaded))
            if step == "unload":
                loaded.discard(name)
            return chance.random() >= (0.02 if step == "unload" else 0.1)

        return act

    made = [sized(name, 60) for name in ("one", "two", "three")]
    for each in made:
        for step in each.hooks:
            each.on(step, hook(each.name, step))
        each.methods["add"] = lambda a, b, name=each.name: (name in loaded, a + b)[1]
    vm, results, errors = VModel([each.module for each in made], budget={"memory": 100}), [], []

    def calls(start: int) -> None:
        for turn in range(start, 2000, 8):
            name = ("one", "two", "three")[turn % 3]
            try:
                results.append(vm.run(name, "add", ARGUMENTS))
            except VModelError as error:
                errors.append(error)
                if error.code == "service_unusable":
                    revive(vm, name)

    with Threads(limit=60) as threads:
        for start in range(8):
            threads.go(calls, start)
    for each in made:
        for step in each.hooks:
            each.on(step, lambda: True)  # what is stuck by now can be unloaded again
        vm.unload(each.name)
    vm.close()
    assert len(results) + len(errors) == 2000
    assert set(results) == {3}
    assert most[0] == 60
    assert all(status.inside == status.waiting == 0 for status in vm.status().services.values())
    assert vm._orchestrator.queue.ledger.holders() == ()


def revive(vm: VModel, name: str) -> None:
    """Ask by name until the service is out of memory and its failed test is forgotten."""
    for _ in range(50):
        try:
            vm.unload(name)
            vm.load(name)
        except VModelError:
            continue
        return


def test_what_was_clamped_is_not_refused_for_what_others_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """limits="warn" runs it regardless: all of a machine is never free."""
    on_machine(monkeypatch, available=300)
    with VModel([sized("huge", 5000).module], limits="warn") as vm:
        assert vm.run("huge", "add", ARGUMENTS) == 3


def test_the_configuration_pins_a_service_to_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its number, whatever the author asked for; the status and `devices()` show it."""
    on_machine(monkeypatch, cards=two_cards())
    one = sized("one", gpu={"count": 1, "memory": 500})
    one.methods["call"] = lambda _: vmodel.current().devices()
    with VModel([{"package": one.module, "resources": {"gpu": 1, "gpu_memory": "500B"}}]) as vm:
        assert vm.run("one", "call") == ("cuda:1",)
        assert vm.status().services["one"].cards == (1,)
        assert [holding.amounts for holding in vm.machine().holdings] == [{1: 500}]
